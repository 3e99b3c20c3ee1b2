"""Every Lambda function, started the way Lambda starts it: its handler, in a fresh interpreter."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app import app

ROOT = Path(__file__).resolve().parents[1]
BARE = {
    "PATH": os.environ["PATH"],
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    "PYTHONWARNINGS": "ignore",
}


def handler_strings() -> list[str]:
    """What Chalice writes into the template as the handlers of all functions."""
    registered: list[Any] = [
        *app.builtin_auth_handlers,
        *app.event_sources,
        *app.pure_lambda_functions,
    ]
    return sorted({"app.app", *(function.handler_string for function in registered)})


def message(body: dict[str, Any], message_id: str = "m-1") -> dict[str, Any]:
    return {"messageId": message_id, "receiptHandle": "r", "body": json.dumps(body)}


GET_HEALTH = {
    "resource": "/health",
    "path": "/health",
    "httpMethod": "GET",
    "headers": {},
    "multiValueQueryStringParameters": None,
    "pathParameters": None,
    "stageVariables": None,
    "requestContext": {"resourcePath": "/health", "httpMethod": "GET"},
    "body": None,
    "isBase64Encoded": False,
}
METHOD = "arn:aws:execute-api:eu-central-1:123456789012:abc/api/GET/v1/grievances"
UNKNOWN_KEY = {
    "type": "TOKEN",
    "authorizationToken": "Bearer hsk_nobody_0123456789",
    "methodArn": METHOD,
}
TICK = {
    "version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events",
    "account": "123456789012", "time": "2026-11-22T08:00:00Z", "region": "eu-central-1",
    "resources": [], "detail": {},
}  # fmt: skip
NOBODY = {
    "principalId": "nobody",
    "context": {},
    "policyDocument": {
        "Version": "2012-10-17",
        "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": []}],
    },
}

# handler → (an event, what it answers)
INVOCATIONS: dict[str, tuple[Any, Any]] = {
    "app.app": (GET_HEALTH, 200),
    "chalicelib.api.authorizer.authorize": (UNKNOWN_KEY, NOBODY),
    "app.check_grievances": (TICK, None),
    "app.apply_retention": (TICK, None),
    "app.enforce_deadlines": (TICK, None),
    "app.build_match_index": (TICK, None),
    "app.vault_handler": (GET_HEALTH, 200),
    "app.seal_ledger": (TICK, None),
    "app.work_due": (
        {"Records": [message({"shard": 3}), message({"nonsense": 1}, "m-2")]},
        {"batchItemFailures": [{"itemIdentifier": "m-2"}]},
    ),
    "app.clean_attachment": (
        {"Records": [message({"case_id": "g_unknown", "attachment_id": "at_unknown"})]},
        {"batchItemFailures": []},
    ),
    "app.send_outbound": (
        {"Records": [message({"case_id": "g_unknown", "outbound_id": "m_unknown"})]},
        {"batchItemFailures": []},
    ),
    "app.run_job": ({"Records": [message({"job_id": "j_unknown"})]}, {"batchItemFailures": []}),
}


def in_a_fresh_interpreter(*arguments: str, given: str = "", **environment: str) -> Any:
    """What a new Python prints, as JSON."""
    done = subprocess.run(
        [sys.executable, *arguments],
        input=given,
        cwd=ROOT,
        env={**BARE, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_function_is_invoked_here() -> None:
    assert handler_strings() == sorted(INVOCATIONS)


@pytest.mark.parametrize("handler", handler_strings())
def test_a_handler_can_be_imported_by_itself_and_answers(handler: str) -> None:
    event, answer = INVOCATIONS[handler]

    outcome = in_a_fresh_interpreter(
        "-m", "tests.handler_process", handler, given=json.dumps([event])
    )

    (answered,) = outcome["answers"]
    http = handler in ("app.app", "app.vault_handler")
    assert (answered["statusCode"] if http else answered) == answer
    assert outcome["imported_app"] is handler.startswith("app.")


WATCH_THE_ENVIRONMENT = """
import json, os, sys
from collections.abc import MutableMapping

class Watched(MutableMapping):
    def __init__(self, real): self.real, self.read = real, set()
    def __getitem__(self, key): self.read.add(key); return self.real[key]
    def __setitem__(self, key, value): self.real[key] = value
    def __delitem__(self, key): del self.real[key]
    def __iter__(self): self.read.add("*"); return iter(self.real)
    def __len__(self): return len(self.real)
    def copy(self): self.read.add("*"); return self.real.copy()

os.environ = watched = Watched(os.environ)
import app
print(json.dumps(sorted(watched.read)))
"""


def test_importing_the_app_reads_nothing_of_ours_and_no_region_from_the_environment() -> None:
    """Packaging imports it where there is no environment at all."""
    read = in_a_fresh_interpreter("-c", WATCH_THE_ENVIRONMENT, HANDSHAKE_STAGE="x")

    assert "POWERTOOLS_LOG_LEVEL" in read  # the log's own: so the watch does see
    assert "*" not in read
    assert [name for name in read if name.startswith(("HANDSHAKE_", "AWS_DEFAULT"))] == []


def test_importing_the_app_makes_no_client() -> None:
    code = (
        "import app, json, sys\n"
        "from chalicelib.store import clients\n"
        "print(json.dumps([clients.client.cache_info().currsize, clients._session"
        ".cache_info().currsize]))"
    )

    assert in_a_fresh_interpreter("-c", code) == [0, 0]


def test_nothing_is_collected_while_the_app_loads_and_all_as_ever_afterwards() -> None:
    code = (
        "import gc, json\n"
        "before = [each['collections'] for each in gc.get_stats()]\n"
        "import app\n"
        "since = [each['collections'] for each in gc.get_stats()]\n"
        "print(json.dumps([sum(since) - sum(before), gc.isenabled(), gc.get_freeze_count()]))"
    )

    collections, is_enabled, left_alone = in_a_fresh_interpreter("-c", code)

    assert collections < 60, "those while chalice itself loads"
    assert is_enabled
    assert left_alone > 100_000


WAIT_FOR_ONE_FUNCTION = {
    "chalicelib.matching": {"chalicelib.matching", "chalicelib.matching.exact"},
    "chalicelib.channels.disclosure": set(),
    "rapidfuzz": set(),
    "anyascii": set(),
    "charset_normalizer": set(),
    "python_calamine": set(),
    "phonenumbers": set(),
    "holidays": set(),
    "cryptography": set(),
    "PIL": set(),
}
"""What costs a start much, and what of it is light enough for everybody."""


def test_importing_the_app_loads_neither_the_matcher_nor_what_only_one_function_needs() -> None:
    code = "import app, json, sys\nprint(json.dumps(sorted(sys.modules)))"

    loaded = in_a_fresh_interpreter("-c", code)

    for package, light in WAIT_FOR_ONE_FUNCTION.items():
        inside = {name for name in loaded if name == package or name.startswith(f"{package}.")}
        assert inside == light, package
