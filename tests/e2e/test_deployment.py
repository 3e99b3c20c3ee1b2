"""What only a deployment that runs can show, apart from the journey."""

import json
from typing import Any

import pytest
import requests

from infra.e2e.deployment import Deployed

pytestmark = pytest.mark.e2e


def test_the_api_answers(deployed: Deployed, http: requests.Session) -> None:
    answer = http.get(f"{deployed.base_url}/health", timeout=30)
    assert answer.status_code == 200


def test_without_a_key_api_gateway_refuses(deployed: Deployed, http: requests.Session) -> None:
    answer = http.get(f"{deployed.base_url}/v1/grievances", timeout=30)
    assert answer.status_code == 401


def test_each_queue_reader_is_connected_to_its_queue(deployed: Deployed) -> None:
    mappings = deployed.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert sorted(
        (m["FunctionArn"].split(":")[6], m["EventSourceArn"].split(":")[5]) for m in mappings
    ) == [
        ("handshake-e2e-clean_attachment", "handshake-e2e-attachments"),
        ("handshake-e2e-run_job", "handshake-e2e-jobs"),
        ("handshake-e2e-send_outbound", "handshake-e2e-outbound"),
        ("handshake-e2e-work_due", "handshake-e2e-work"),
    ]
    assert all(m["FunctionResponseTypes"] == ["ReportBatchItemFailures"] for m in mappings)


def test_the_schedules_call_their_functions(
    deployed: Deployed,
) -> None:
    events = deployed.client("events")
    called = {}
    for rule in events.list_rules()["Rules"]:
        (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        assert rule["State"] == "ENABLED"
        assert target["DeadLetterConfig"]["Arn"].endswith(":handshake-e2e-schedule-dead-letters")
        called[target["Arn"].rsplit(":", 1)[1]] = rule["ScheduleExpression"]
    assert called == {
        "handshake-e2e-check_grievances": "rate(1 minute)",
        "handshake-e2e-build_match_index": "rate(5 minutes)",
        "handshake-e2e-apply_retention": "rate(1 day)",
        "handshake-e2e-enforce_deadlines": "rate(10 minutes)",
        "handshake-e2e-seal_ledger": "rate(1 hour)",
    }


def test_every_function_runs_under_a_role_of_its_own(deployed: Deployed) -> None:
    functions: list[dict[str, Any]] = deployed.client("lambda").list_functions()["Functions"]
    assert len(functions) == 12
    assert len({function["Role"] for function in functions}) == 12


def test_whoever_comes_to_the_files_without_tls_is_refused(deployed: Deployed) -> None:
    policy = deployed.client("s3").get_bucket_policy(Bucket=deployed.outputs["FilesBucket"])
    (statement,) = json.loads(policy["Policy"])["Statement"]
    assert (statement["Effect"], statement["Sid"]) == ("Deny", "TlsOnly")
