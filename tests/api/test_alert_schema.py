"""The published schema of an alert: what it promises is kept, and not taken back in silence."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from chalicelib.api.description import alert_schema
from chalicelib.domain.alerting.alert import SCHEMA_VERSION
from infra import openapi
from tests.published import Published, is_alert
from tests.service import Service
from tests.usecases.stories import submitted

GOLDEN = Path(__file__).with_name("golden")
Schema = dict[str, Any]


def as_released(version: str) -> Schema:
    """The schema as it was when its version was first published. Never edit these files."""
    schema: Schema = json.loads((GOLDEN / f"alert-{version}.schema.json").read_text("utf-8"))
    return schema


def test_anybody_reads_the_schema_that_the_code_says(service: Service) -> None:
    answer = service.public().get("/v1/schemas/alert")

    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/schema+json")
    assert answer.json() == alert_schema.alert_schema()
    assert openapi.SCHEMA_FILE.read_text("utf-8") == alert_schema.text()


def test_the_schema_is_one_and_names_its_version() -> None:
    schema = alert_schema.alert_schema()

    Draft202012Validator.check_schema(schema)
    assert schema["$id"].rsplit(":", 1)[1] == SCHEMA_VERSION
    assert schema["properties"]["schema_version"]["const"] == SCHEMA_VERSION


def test_an_alert_of_a_case_is_one_and_half_of_it_is_none(
    service: Service, published: Published
) -> None:
    service.brand()
    service.link(service.factory())
    submitted(service.partner())
    service.tick()
    (payload,) = published.payloads()

    is_alert(payload)
    for name in alert_schema.alert_schema()["required"]:
        with pytest.raises(ValidationError):
            is_alert({key: value for key, value in payload.items() if key != name})
    for wrong in ({"kind": "rumour"}, {"severity": 1}, {"respond_by": None}):
        with pytest.raises(ValidationError):
            is_alert({**payload, **wrong})
    is_alert({**payload, "a_field_of_next_year": 1})


# What a reader of the published schema may rely on


def breaks(released: Schema, now: Schema) -> list[str]:
    """Where a reader of the one may trip over what the other allows."""
    models = {"": released, **released["$defs"]}
    return [
        f"{name}.{broken}"
        for name, model in models.items()
        for broken in _broken(model, now["$defs"].get(name, {}) if name else now)
    ]


def _broken(released: Schema, now: Schema) -> list[str]:
    found = [f"{name} is not always there" for name in _lost(released, now, "required")]
    for name, shape in released.get("properties", {}).items():
        if _shape(now.get("properties", {}).get(name)) != _shape(shape):
            found.append(f"{name} is another")
    for keyword in ("type", "enum", "const"):
        if released.get(keyword) != now.get(keyword):
            found.append(keyword)
    return found


def _lost(released: Schema, now: Schema, keyword: str) -> list[str]:
    return sorted(set(released.get(keyword, [])) - set(now.get(keyword, [])))


def _shape(value: Any) -> Any:
    return {k: v for k, v in value.items() if k != "description"} if value else value


def test_nothing_that_was_promised_within_a_version_is_taken_back() -> None:
    released = as_released(SCHEMA_VERSION)

    assert breaks(released, alert_schema.alert_schema()) == [], "this needs a new SCHEMA_VERSION"


def _change(path: str, value: Any) -> Callable[[Schema], None]:
    def change(schema: Schema) -> None:
        *parents, last = path.split("/")
        for parent in parents:
            schema = schema[parent]
        if value is None:
            del schema[last]
        else:
            schema[last] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        _change("properties/link", None),
        _change("properties/sequence", {"type": "string"}),
        _change("required", ["alert_id"]),
        _change("$defs/AlertKind/enum", ["new", "recall", "rumour"]),
        _change("$defs/AlertFactory/properties/name", None),
        _change("$defs/AlertFactory/required", ["factory_id"]),
        _change("properties/schema_version", {"const": "2.0", "type": "string"}),
    ],
    ids=lambda change: "",
)
def test_a_change_that_breaks_readers_is_noticed(change: Callable[[Schema], None]) -> None:
    changed = copy.deepcopy(as_released("1.0"))
    change(changed)

    assert breaks(as_released("1.0"), changed)


@pytest.mark.parametrize(
    "change",
    [
        _change("properties/a_new_field", {"type": "string"}),
        _change("properties/link/description", "Better words."),
        _change("$defs/AlertFactory/properties/region", {"type": "string"}),
    ],
    ids=["field", "words", "field of the factory"],
)
def test_a_new_field_breaks_nobody(change: Callable[[Schema], None]) -> None:
    changed = copy.deepcopy(as_released("1.0"))
    change(changed)

    assert breaks(as_released("1.0"), changed) == []
