"""A reader that knows only what is published reads a brand's queue, whatever happens to a case."""

import ast
import sys
from pathlib import Path
from typing import Any

from tests.service import Service
from tests.usecases import queue_reader
from tests.usecases.queue_reader import QueueReader
from tests.usecases.stories import submitted

LEAST = {"level": "C0", "script_version": "withdrawal-zh-2"}
ITS_OWN = {"boto3", "jsonschema"}


def reader_of(service: Service, brand_id: str = "acme") -> QueueReader:
    """A reader with the schema as anybody gets it."""
    schema: dict[str, Any] = service.public().get("/v1/schemas/alert").json()
    return QueueReader(service.topics[brand_id], schema)


def told(service: Service, key: str = "k-1", **changes: Any) -> str:
    """A case that acme was told about."""
    grievance_id = submitted(service.partner(), key, **changes)
    service.tick()
    return grievance_id


def test_the_reader_knows_nothing_of_the_service() -> None:
    tree = ast.parse(Path(queue_reader.__file__).read_text("utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else
                     [alias.name for alias in node.names])
    }  # fmt: skip

    assert imported <= ITS_OWN | sys.stdlib_module_names


def test_it_reads_alerts_and_forgets_what_is_recalled(service: Service) -> None:
    service.brand(language="bn")
    service.link(service.factory())
    reader = reader_of(service)
    grievance_id = told(service)
    told(service, "k-2", categories=["forced_labour"], ilo_indicators=["debt_bondage"])

    assert reader.read() == 2
    assert sorted(alert["severity"] for alert in reader.alerts.values()) == ["S1", "S3"]
    (first,) = [a for a in reader.alerts.values() if a["severity"] == "S3"]

    partner = service.partner()
    etag = partner.get(f"/v1/grievances/{grievance_id}").headers["ETag"]
    partner.put(f"/v1/grievances/{grievance_id}/consent", LEAST, If_Match=etag)
    service.tick()

    assert reader.read() == 1
    assert reader.forgotten == {first["alert_id"]}
    assert sorted(alert["kind"] for alert in reader.alerts.values()) == ["new", "recall"]


def test_it_knows_a_repeat_by_the_alerts_id(service: Service) -> None:
    service.brand()
    service.link(service.factory())
    reader = reader_of(service)
    told(service)
    reader.read()
    (alert_id,) = reader.alerts

    service.operator().post(f"/v1/alerts/{alert_id}/redeliver")
    service.tick()

    assert reader.read() == 1
    assert (reader.repeats, list(reader.alerts)) == (1, [alert_id])


def test_an_alert_that_names_no_factory_is_read_like_any_other(service: Service) -> None:
    service.brand()
    service.link(service.factory())
    reader = reader_of(service)
    consent = {"level": "C2", "cross_border": True, "script_version": "helpline-zh-3"}
    told(service, consent=consent)

    assert reader.read() == 1
    (alert,) = reader.alerts.values()
    assert "factory" not in alert
