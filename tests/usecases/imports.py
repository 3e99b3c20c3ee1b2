"""Uploading supplier lists through the front door."""

import csv
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests

from infra.local.gateway import Answer
from tests.service import Service

LISTS = Path(__file__).parents[2] / "data" / "lists"
HEADINGS = ("Factory Name", "Address", "City", "Country", "OS ID", "Tier")

Row = tuple[str, ...]


def as_csv(*rows: Row) -> bytes:
    """A list with `HEADINGS`; cells left out at the end are empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    writer.writerows([*row, *[""] * (len(HEADINGS) - len(row))] for row in rows)
    return text.getvalue().encode()


def upload(
    service: Service, content: bytes | None, content_type: str = "text/csv", **params: Any
) -> Answer:
    """Post a list of acme's; `params` change what it says about itself."""
    query = {
        "brand_id": "acme",
        "disclosed_at": "2026-06-30",
        "source": "factory-list",
        **params,
    }
    path = f"/v1/imports?{urlencode({k: v for k, v in query.items() if v is not None})}"
    return service.operator().send("POST", path, content, {"content-type": content_type})


def imported(
    service: Service, content: bytes, content_type: str = "text/csv", **params: Any
) -> dict[str, Any]:
    """The import of a list, worked to its end."""
    answer = upload(service, content, content_type, **params)
    assert answer.status == 202, answer.body
    service.drain()
    return read_import(service, answer.json()["import_id"])


def read_import(service: Service, import_id: str) -> dict[str, Any]:
    """An import as its operator sees it."""
    answer = service.operator().get(f"/v1/imports/{import_id}")
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json()
    return found


def report_of(view: dict[str, Any]) -> dict[str, Any]:
    """The report, fetched by its link."""
    answer = requests.get(view["report_url"], timeout=5)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="report.json"'
    report: dict[str, Any] = json.loads(answer.content)
    return report


def links(service: Service, brand_id: str = "acme") -> dict[str, dict[str, Any]]:
    """A brand's links by the name of the factory, as stored."""
    found = list(service.deps.registry.links_of_brand(brand_id))
    factories = service.deps.registry.factories(link.factory_id for link in found)
    return {factories[k.factory_id].name: k.model_dump(mode="json") for k in found}


def counts(**changed: int) -> dict[str, int]:
    """What an import changed; what is not named is none."""
    names = ("facilities", "factories_created", "factories_updated")
    links_changed = ("links_created", "links_updated", "links_closed")
    return {**dict.fromkeys((*names, *links_changed), 0), **changed}
