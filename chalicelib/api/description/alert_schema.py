"""The JSON Schema of an alert, for those who read them by machine.

A file for each version beside this one; `python -m infra.openapi` writes the current one, and a
test says that it is what this code generates. A change that a reader of the old schema may trip
over needs a new version: another file, and another `schema_version` in the alerts.
"""

import json
from importlib import resources
from typing import Any

from pydantic import BaseModel

from chalicelib.domain.alerting.alert import SCHEMA_VERSION, AlertPayload

FILE = f"alert-{SCHEMA_VERSION}.schema.json"
MEDIA_TYPE = "application/schema+json"


def published_text() -> str:
    """The current schema, as it is committed."""
    return resources.files("chalicelib.api.description").joinpath(FILE).read_text("utf-8")


def text() -> str:
    """The current schema, as the code says."""
    return json.dumps(alert_schema(), indent=1, ensure_ascii=False) + "\n"


def alert_schema() -> dict[str, Any]:
    """The schema of what is sent for each alert."""
    return schema_of(AlertPayload, f"urn:handshake:schemas:alert:{SCHEMA_VERSION}")


def schema_of(payload: type[BaseModel], identifier: str) -> dict[str, Any]:
    """What is sent, seen from its readers: open to fields that are yet to come, never null."""
    schema = payload.model_json_schema()
    definitions = schema.pop("$defs")
    for model in (schema, *definitions.values()):
        _as_it_is_sent(model)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": identifier,
        **schema,
        "$defs": definitions,
    }


def _as_it_is_sent(model: dict[str, Any]) -> None:
    """What has no value is left out; everything else is there, also where it has a default."""
    if "properties" not in model:
        return
    model.pop("additionalProperties", None)
    properties = model["properties"]
    model["required"] = [name for name, value in properties.items() if not _may_be_null(value)]
    model["properties"] = {name: _never_null(value) for name, value in properties.items()}


def _may_be_null(value: dict[str, Any]) -> bool:
    return {"type": "null"} in value.get("anyOf", [])


def _never_null(value: dict[str, Any]) -> dict[str, Any]:
    kept = {name: part for name, part in value.items() if name not in ("anyOf", "default", "title")}
    shapes = [shape for shape in value.get("anyOf", []) if shape != {"type": "null"}]
    if len(shapes) == 1:
        return {**shapes[0], **kept}
    return {**kept, **({"anyOf": shapes} if shapes else {})}
