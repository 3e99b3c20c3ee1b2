"""One stack as somebody who tries it out meets it: from the banner's commands to a killed app."""

import gzip
import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from infra.local.banner import FIRST_FILING
from infra.local.environment import AWS
from infra.local.options import ROOT
from infra.local.running import ANY_PORT, Running, running

pytestmark = pytest.mark.timeout(300)  # the first one starts a stack

Document = dict[str, Any]

UNFIT = gzip.compress(json.dumps({"format": 1, "state": {"tables": {}}}).encode())
"""A snapshot in good order whose state is not what this version keeps."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A stack that ticks every second, and found a snapshot it could not use."""
    directory = tmp_path_factory.mktemp("stack")
    (directory / "state").mkdir()
    (directory / "state" / "snapshot.json.gz").write_bytes(UNFIT)
    with running(directory, environment={"TICK_SECONDS": "1"}) as started:
        yield started


@pytest.fixture
def document(stack: Running) -> Document:
    return stack.document()


def _client(document: Document, service: str) -> Any:
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=document["aws_endpoint"],
        region_name=document["region"],
        aws_access_key_id=AWS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=AWS["AWS_SECRET_ACCESS_KEY"],
    )


def _call(document: Document, role: str, method: str, path: str, **request: Any) -> Any:
    answer = requests.request(
        method,
        document["base_url"] + path,
        headers={"Authorization": f"Bearer {document['keys'][role]}", **request.pop("headers", {})},
        timeout=60,
        **request,
    )
    assert answer.ok, (answer.status_code, answer.text)
    return answer.json()


def _until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found
    return found


def _shell(command: str) -> str:
    return subprocess.run(
        ["/bin/sh", "-c", command], capture_output=True, text=True, check=True, timeout=60
    ).stdout


def _pasted(stack: Running, start: str) -> str:
    """A command of the banner, from its first words to the next empty line."""
    said = stack.said()
    return said[said.index(start) :].split("\n\n", 1)[0]


def test_stack_json_is_for_this_user_alone_and_complete(stack: Running, document: Document) -> None:
    path = stack.directory / "stack.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert document["pid"] == stack.process.pid
    assert set(document) == {
        "base_url",
        "aws_endpoint",
        "alerts_url",
        "region",
        "account",
        "keys",
        "organisations",
        "brands",
        "tables",
        "bucket",
        "ledger_bucket",
        "attachments_bucket",
        "queues",
        "root_secret_arn",
        "brand_topic_arn_prefix",
        "pid",
        "processes",
    }
    assert set(document["tables"]) == {"cases", "registry", "access", "jobs", "ledger"}
    assert list(document["brands"]) == ["acme-outdoor", "blue-lantern", "tall-oak"]
    for brand_id, brand in document["brands"].items():
        assert brand["topic_arn"] == document["brand_topic_arn_prefix"] + brand_id
        assert brand["key"] in document["keys"].values()


def test_a_snapshot_that_does_not_fit_is_moved_aside_and_said_so(stack: Running) -> None:
    (kept,) = (stack.directory / "state").glob("snapshot.json.gz.unreadable-*")
    assert kept.read_bytes() == UNFIT
    said = stack.said()
    why = "it does not fit this version (KeyError)"
    reason = f"The kept state could not be used: {why}. It is now {kept}."
    assert said.index(reason) < said.index("handshake is running.")


def test_every_name_in_stack_json_is_there_in_aws(document: Document) -> None:
    dynamodb, sqs, s3 = (_client(document, name) for name in ("dynamodb", "sqs", "s3"))
    assert set(document["tables"].values()) <= set(dynamodb.list_tables()["TableNames"])
    buckets = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    assert buckets == {document[f"{of_what}bucket"] for of_what in ("", "ledger_", "attachments_")}
    urls = [*document["queues"].values(), *(b["queue_url"] for b in document["brands"].values())]
    assert set(urls) <= set(sqs.list_queues()["QueueUrls"])


def test_nothing_listens_beyond_this_machine(document: Document) -> None:
    urls = (document["base_url"], document["aws_endpoint"], document["alerts_url"])
    assert [url.rpartition(":")[0] for url in urls] == ["http://127.0.0.1"] * 3


def test_the_first_command_of_the_banner_leads_to_an_alert(
    stack: Running, document: Document
) -> None:
    receipt = json.loads(_shell(_pasted(stack, "curl -sS")))
    brand = document["brands"]["acme-outdoor"]
    alert = _until(lambda: _alert_about(receipt["public_ref"], document, brand["queue_url"]))
    assert alert["factory"]["name"] == FIRST_FILING["factory_reported"]["name"]  # type: ignore[index]
    expected = ("acme-outdoor", alert)
    _until(lambda: expected in _shown_by_the_sink(document))
    line = f"alert {receipt['public_ref']} (S3, compensation) reached acme-outdoor"
    _until(lambda: line in stack.said())


def _shown_by_the_sink(document: Document) -> list[tuple[str, Any]]:
    shown = requests.get(document["alerts_url"], timeout=30).json()
    return [(found["brand_id"], found["alert"]) for found in shown]


def _alert_about(reference: str, document: Document, queue_url: str) -> dict[str, Any] | None:
    found = _client(document, "sqs").receive_message(QueueUrl=queue_url, WaitTimeSeconds=1)
    alerts = [json.loads(json.loads(m["Body"])["Message"]) for m in found.get("Messages", [])]
    return next((alert for alert in alerts if alert["public_ref"] == reference), None)


def test_the_banners_export_can_be_fetched_with_curl(stack: Running, document: Document) -> None:
    export = json.loads(_shell(_pasted(stack, "EXPORT=$(curl")))
    path = f"/v1/exports/{export['export_id']}"
    done = _until(lambda: (e := _call(document, "auditor", "GET", path))["status"] == "done" and e)
    rows = _shell(f"curl -sS '{done['download_url']}'").split("\n")
    assert len(rows) == done["manifest"]["row_count"] + 2  # the heading, and the end
    assert rows[0].strip().split(",") == done["manifest"]["columns"]


def test_the_terminal_shows_patterns_and_no_key_that_was_sent(stack: Running) -> None:
    said = stack.said()
    requests_part = said[said.index("Requests follow.") :]
    lines = [line for line in requests_part.splitlines()[1:] if line[:1].isdigit()]
    form = r"\d\d:\d\d:\d\d  \d{3}  (GET|POST) +/[\w/{}.-]+  \d+ ms"
    assert [line for line in lines if not re.fullmatch(form, line)] == []
    assert "hsk_" not in requests_part


def test_the_functions_logs_are_json_in_the_log_file(stack: Running) -> None:
    def events() -> set[str]:
        lines = (stack.directory / "handshake.log").read_text("utf-8").splitlines()
        return {json.loads(line)["message"] for line in lines}

    _until(lambda: events() >= {"check_started", "shard_worked", "job_finished"})


def test_a_browser_page_of_another_site_cannot_read_what_moto_holds(document: Document) -> None:
    answer = requests.get(
        document["aws_endpoint"], headers={"Origin": "https://elsewhere.example"}, timeout=30
    )
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_long_poll_of_a_brand_holds_nobody_up(document: Document) -> None:
    sqs = _client(document, "sqs")
    url = document["brands"]["tall-oak"]["queue_url"]
    waiting = threading.Thread(
        target=sqs.receive_message, kwargs={"QueueUrl": url, "WaitTimeSeconds": 3}
    )
    waiting.start()
    started = time.monotonic()
    _call(document, "partner", "GET", "/v1/grievances")
    took = time.monotonic() - started
    waiting.join()
    assert took < 2.5


def test_a_taken_port_is_named_with_the_way_out(document: Document, tmp_path: Path) -> None:
    port = document["base_url"].rpartition(":")[2]
    ended = subprocess.run(
        [sys.executable, "-m", "infra.local", "--ephemeral", "--directory", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, **ANY_PORT, "PORT": port},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (1, "")
    assert ended.stdout.splitlines()[-1] == (
        f"Port {port} is taken. Choose another one: make run PORT={int(port) + 1}"
    )


def test_an_app_that_is_killed_comes_back_with_all_its_data(
    stack: Running, document: Document
) -> None:
    filing = {**FIRST_FILING, "partner_ref": "before the crash"}
    filed = _call(document, "partner_3", "POST", "/v1/grievances", json=filing)
    os.kill(document["processes"]["app"], signal.SIGKILL)
    _until(lambda: "The app ended (signal SIGKILL). Starting it anew" in stack.said())
    again = _call(document, "partner_3", "POST", "/v1/grievances", json=filing)
    assert again == filed
    back = _until(lambda: "The app is back." in stack.said() and stack.document())
    assert back["processes"]["app"] != document["processes"]["app"]
    assert {**back, "processes": {}} == {**document, "processes": {}}


def test_the_schedules_still_tick_after_that(document: Document) -> None:
    receipt = _call(
        document,
        "partner_2",
        "POST",
        "/v1/grievances",
        json={**FIRST_FILING, "partner_ref": "after the crash"},
    )
    path = f"/v1/grievances/{receipt['grievance_id']}"
    _until(lambda: _call(document, "partner_2", "GET", path)["state"] == "brand_notified")
