"""The published schema of a digest: kept as that of an alert is."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from chalicelib.api.description import digest_schema
from chalicelib.domain.alerting.digest import SCHEMA_VERSION
from infra import openapi
from tests.api.test_alert_schema import GOLDEN, breaks
from tests.published import Published, is_digest
from tests.service import Service
from tests.usecases.digests import MONDAY, digesting
from tests.usecases.stories import alerted


def test_anybody_reads_the_schema_that_the_code_says(service: Service) -> None:
    answer = service.public().get("/v1/schemas/digest")

    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/schema+json")
    assert answer.json() == digest_schema.digest_schema()
    assert openapi.DIGEST_SCHEMA_FILE.read_text("utf-8") == digest_schema.text()


def test_the_schema_is_one_and_names_its_version() -> None:
    schema = digest_schema.digest_schema()

    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:handshake:schemas:digest:{SCHEMA_VERSION}"
    assert schema["properties"]["schema_version"]["const"] == SCHEMA_VERSION


def test_nothing_that_was_promised_within_a_version_is_taken_back() -> None:
    """Never edit the file of a version that was published."""
    file = GOLDEN / f"digest-{SCHEMA_VERSION}.schema.json"
    released: dict[str, Any] = json.loads(file.read_text("utf-8"))

    assert breaks(released, digest_schema.digest_schema()) == [], "this needs a new SCHEMA_VERSION"


def test_a_digest_is_one_and_half_of_it_is_none(service: Service, published: Published) -> None:
    digesting(service)
    alerted(service, service.partner())
    published.clear()
    service.clock.now = MONDAY
    service.tick()
    (payload,) = published.payloads()

    is_digest(payload)
    for name in digest_schema.digest_schema()["required"]:
        with pytest.raises(ValidationError):
            is_digest({key: value for key, value in payload.items() if key != name})
    for wrong in ({"kind": "digest_hourly"}, {"left_out": None}, {"alerts": [{"kind": "new"}]}):
        with pytest.raises(ValidationError):
            is_digest({**payload, **wrong})
    is_digest({**payload, "a_field_of_next_year": 1})
