"""An evaluation is not lost overnight: not by a kill, not by a stop."""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from infra.local.banner import FIRST_FILING
from infra.local.environment import AWS
from infra.local.running import Running

pytestmark = pytest.mark.timeout(300)  # it starts two stacks, which a busy machine makes slow

SAVES_OFTEN = {"SAVE_SECONDS": "0.5", "TICK_SECONDS": "3600"}


def _grievances(stack: Running) -> list[dict[str, Any]]:
    document = stack.document()
    found: list[dict[str, Any]] = requests.get(
        f"{document['base_url']}/v1/grievances",
        headers={"Authorization": f"Bearer {document['keys']['partner']}"},
        timeout=60,
    ).json()["items"]
    return found


def _file_one(stack: Running) -> None:
    document = stack.document()
    answer = requests.post(
        f"{document['base_url']}/v1/grievances",
        headers={"Authorization": f"Bearer {document['keys']['partner']}"},
        json={**FIRST_FILING, "partner_ref": "kept"},
        timeout=60,
    )
    assert answer.status_code == 201, answer.text


def _sqs(document: dict[str, Any]) -> Any:
    make: Any = boto3.client
    keys = {name.lower(): AWS[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    endpoint, region = document["aws_endpoint"], document["region"]
    return make("sqs", endpoint_url=endpoint, region_name=region, **keys)


def _until(condition: Callable[[], Any], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert condition()


def _is_running(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def test_what_was_filed_is_there_after_a_kill_and_a_stop_leaves_nothing_running(
    tmp_path: Path,
) -> None:
    """One story, because each start takes seconds."""
    snapshot = tmp_path / "state" / "snapshot.json.gz"

    first = Running(tmp_path, ["--empty"], SAVES_OFTEN)
    document = first.wait_until_ready()
    before_filing = snapshot.stat().st_mtime if snapshot.exists() else 0
    _file_one(first)
    sqs = _sqs(document)
    url = sqs.create_queue(QueueName="a-desk-of-my-own")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="still waiting")
    filed = _grievances(first)
    _until(lambda: snapshot.exists() and snapshot.stat().st_mtime > before_filing)
    time.sleep(1.5)  # two more saves at least, the last of them after the last call
    assert first.stop(signal.SIGKILL) == -signal.SIGKILL
    _until(lambda: not any(map(_is_running, document["processes"].values())))

    second = Running(tmp_path, ["--empty"], SAVES_OFTEN)
    restored = second.wait_until_ready()
    assert "Restored: cases 1, files 0, waiting messages 1." in second.said()
    assert restored["keys"] == document["keys"]
    assert _grievances(second) == filed
    sqs = _sqs(restored)
    url = sqs.get_queue_url(QueueName="a-desk-of-my-own")["QueueUrl"]
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "still waiting"
    for number in (signal.SIGINT, signal.SIGINT):
        second.process.send_signal(number)
    assert second.stop(signal.SIGINT) == 0
    assert second.said().rstrip().endswith(f"Stopped. State is kept in {snapshot.parent}.")
    assert "Traceback" not in second.said()
    assert not any(map(_is_running, restored["processes"].values()))
    assert not (tmp_path / "stack.json").exists()
