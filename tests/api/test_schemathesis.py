"""Requests that the description allows, and ones that it forbids, made up from it by Schemathesis.

Each answer must be one the description knows: no server error, no other status, header, content
type or schema. `HANDSHAKE_SCHEMATHESIS_EXAMPLES` asks for more than the few examples of a normal
run, `HANDSHAKE_SCHEMATHESIS_SEED` repeats a run.
"""

import json
import os
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from moto.backends import get_backend
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished

from chalicelib import deps
from chalicelib.api import openapi
from chalicelib.api.endpoint import OPERATIONS, Operation
from chalicelib.api.openapi_story import operation_named
from infra.local.gateway import Gateway
from tests.api.told import caller_for, tell
from tests.conftest import BACKENDS
from tests.service import Service

EXAMPLES = int(os.environ.get("HANDSHAKE_SCHEMATHESIS_EXAMPLES", "3"))
SEED = int(os.environ.get("HANDSHAKE_SCHEMATHESIS_SEED") or secrets.randbits(32))

CONFIG: dict[str, Any] = {
    "seed": SEED,
    "base-url": "http://handshake.test",
    "generation": {"max-examples": EXAMPLES, "database": "none"},
    "phases": {
        "examples": {"enabled": True},
        "coverage": {"enabled": True},
        "fuzzing": {"enabled": True},
        "stateful": {"enabled": False},
    },
    "checks": {
        # it resends with an argument that a WSGI client does not know; keys are tried elsewhere
        "ignored_auth": {"enabled": False},
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "400", "403", "404", "409", "412", "422", "428"]
        },
        "negative_data_rejection": {
            "expected-statuses": ["400", "401", "403", "404", "405", "412", "415", "422", "428"]
        },
        "missing_required_header": {"expected-statuses": ["400", "401", "404", "415", "428"]},
    },
}


@pytest.fixture(scope="module")
def described(_aws: None, gateway: Gateway) -> Iterator[Any]:
    """The description, and behind it one service in which its story has happened."""
    for backend in BACKENDS:
        get_backend(backend).reset()
    service = Service.start(gateway)
    tell(service, until="staffed")
    tell(service)
    schema = schemathesis.openapi.from_dict(
        json.loads(openapi.text()), config=SchemathesisConfig.from_dict(CONFIG)
    )
    schema.app = gateway
    schema.auth(refresh_interval=None)(_keys_of(service))
    yield schema
    deps.use(None)


def _keys_of(service: Service) -> type:
    """Each operation is called by somebody of the story who may call it."""

    class Keys:
        def get(self, case: Any, context: Any) -> str | None:
            name = case.operation.definition.raw["operationId"]
            return caller_for(service, operation_named(name)).key

        def set(self, case: Any, data: str | None, context: Any) -> None:
            if data is not None:
                case.headers["Authorization"] = f"Bearer {data}"

    return Keys


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")  # long texts, on purpose
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_answer_is_one_that_the_description_knows(
    described: Any, operation: Operation
) -> None:
    asked, found = 0, []
    for event in from_schema(described.include(operation_id=operation.name)).execute():
        if isinstance(event, ScenarioFinished):
            asked += len(event.recorder.interactions)
            found += _failures(event)
        elif isinstance(event, FatalError | NonFatalError):
            found.append(str(event.info if isinstance(event, NonFatalError) else event.exception))
    assert not found, "\n\n".join([f"HANDSHAKE_SCHEMATHESIS_SEED={SEED}", *found])
    assert asked > 0


def _failures(event: ScenarioFinished) -> list[str]:
    checks = [check for of_case in event.recorder.checks.values() for check in of_case]
    failed = [check.failure_info for check in checks if check.failure_info is not None]
    return [f"{f.failure.title}: {f.failure.message}\n{f.code_sample}" for f in failed]
