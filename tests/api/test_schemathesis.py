"""Requests that the description allows, and ones that it forbids, made up from it by Schemathesis.

Each answer must be one the description knows: no server error, no other status, header, content
type or schema. The first test asks each operation by itself; the second one follows what an answer
gives into the next request: chains that it finds in the description. Both have a small budget in a
normal run: `HANDSHAKE_SCHEMATHESIS_EXAMPLES` and `HANDSHAKE_SCHEMATHESIS_CHAINS` ask for more,
`HANDSHAKE_SCHEMATHESIS_SEED` repeats a run.
"""

import json
import os
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import schemathesis
from moto.backends import get_backend
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished

from chalicelib import deps
from chalicelib.api.description import openapi
from chalicelib.api.description.story import operation_named
from chalicelib.api.endpoint import OPERATIONS, Operation
from infra.local.gateway import Gateway
from tests.api.told import caller_for, tell
from tests.conftest import BACKENDS
from tests.service import Service, Tokens

EXAMPLES = int(os.environ.get("HANDSHAKE_SCHEMATHESIS_EXAMPLES", "3"))
CHAINS = int(os.environ.get("HANDSHAKE_SCHEMATHESIS_CHAINS", "10"))
SEED = int(os.environ.get("HANDSHAKE_SCHEMATHESIS_SEED") or secrets.randbits(32))

ONE_BY_ONE: dict[str, Any] = {
    "examples": {"enabled": True},
    "coverage": {"enabled": True},
    "fuzzing": {"enabled": True},
    "stateful": {"enabled": False},
}
IN_CHAINS: dict[str, Any] = {
    "examples": {"enabled": False},
    "coverage": {"enabled": False},
    "fuzzing": {"enabled": False},
    "stateful": {"enabled": True, "max-steps": 8, "generation": {"max-examples": CHAINS}},
}


CHECKS: dict[str, Any] = {
    # what has ended (a key, an engagement) stays readable, as ended
    "use_after_free": {"enabled": False},
    # it resends with an argument that a WSGI client does not know; keys are tried elsewhere
    "ignored_auth": {"enabled": False},
    "positive_data_acceptance": {
        "expected-statuses": ["2xx", "400", "403", "404", "409", "410", "412", "422", "428"]
    },
    "negative_data_rejection": {
        "expected-statuses": ["400", "401", "403", "404", "405", "412", "415", "422", "428"]
    },
    "missing_required_header": {"expected-statuses": ["400", "401", "404", "415", "428"]},
}


def config(phases: dict[str, Any]) -> SchemathesisConfig:
    """Which phases run, with how much, and which refusals are right."""
    return SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "base-url": "http://handshake.test",
            "generation": {"max-examples": EXAMPLES, "database": "none"},
            "phases": phases,
            "checks": CHECKS,
        }
    )


@pytest.fixture(scope="module")
def described(_aws: None, gateway: Gateway) -> Iterator[Any]:
    """The description, and behind it one service in which its story has happened."""
    yield _described(gateway, ONE_BY_ONE)
    deps.use(None)


@pytest.fixture
def connected(_aws: None, gateway: Gateway) -> Iterator[Any]:
    """The same for chains, with a service of their own: they end what others need."""
    yield _described(gateway, IN_CHAINS)
    deps.use(None)


def _described(gateway: Gateway, phases: dict[str, Any]) -> Any:
    for backend in BACKENDS:
        get_backend(backend).reset()
    service = Service.start(gateway)
    tell(service, until="staffed")
    tell(service)
    service.deps.token = Tokens()
    schema = schemathesis.openapi.from_dict(json.loads(openapi.text()), config=config(phases))
    schema.app = gateway
    schema.auth(refresh_interval=None)(_keys_of(service))
    return schema


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


LONG_TEXTS = pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")


@LONG_TEXTS
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_answer_is_one_that_the_description_knows(
    described: Any, operation: Operation, counts: Counter[str]
) -> None:
    asked = _asked(from_schema(described.include(operation_id=operation.name)).execute())
    assert asked > 0
    counts["requests made up by Schemathesis"] += asked


@LONG_TEXTS
def test_every_answer_in_a_chain_of_requests_is_one_that_the_description_knows(
    connected: Any, counts: Counter[str]
) -> None:
    asked = _asked(from_schema(connected).execute())
    assert asked > CHAINS
    counts["requests in chains by Schemathesis"] += asked


def _asked(events: Iterable[Any]) -> int:
    """How many requests were made; all their answers are as described."""
    asked, found = 0, []
    for event in events:
        if isinstance(event, ScenarioFinished):
            asked += len(event.recorder.interactions)
            found += _failures(event)
        elif isinstance(event, FatalError | NonFatalError):
            found.append(str(event.info if isinstance(event, NonFatalError) else event.exception))
    assert not found, "\n\n".join([f"HANDSHAKE_SCHEMATHESIS_SEED={SEED}", *found])
    return asked


def _failures(event: ScenarioFinished) -> list[str]:
    checks = [check for of_case in event.recorder.checks.values() for check in of_case]
    failed = [check.failure_info for check in checks if check.failure_info is not None]
    return [f"{f.failure.title}: {f.failure.message}\n{f.code_sample}" for f in failed]
