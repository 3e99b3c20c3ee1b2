"""The AWS of the local stack, as a process: moto's server, the template's storage, kept state.

Started by the supervisor: `python -m infra.local.aws --socket FD --news FD [--snapshot FILE]`.
"""

import argparse
import os
import socket
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import requests
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from waitress import create_server

from infra import template
from infra.local import moto_for_days, moto_state
from infra.local.deliveries import Deliveries
from infra.local.environment import STAGE
from infra.local.parent import Parent
from infra.local.serial import OneAtATime
from infra.local.snapshot import SnapshotFile, Unreadable

THREADS = 24
"""Most of them wait in long polls; calls run one at a time."""

Settings = dict[str, str]


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until the supervisor is done; then save."""
    options = _parser().parse_args(arguments)
    parent = Parent(options.news)
    moto_for_days.prepare(Deliveries())
    aws = OneAtATime(DomainDispatcherApplication(create_backend_app))
    _serve(aws, socket.socket(fileno=options.socket))
    settings, restored = _restored(aws, options.snapshot)
    keeper = Keeper(aws, settings, options.snapshot, parent)
    parent.tell("ready", settings=settings, restored=restored)
    threading.Thread(target=keeper.keep, args=(options.save_seconds,), daemon=True).start()
    for order in parent.orders():
        if order["do"] == "save":
            keeper.save()
    keeper.save()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--news", type=int, required=True)
    parser.add_argument("--snapshot", type=lambda text: SnapshotFile(Path(text)))
    parser.add_argument("--save-seconds", type=float, default=30)
    return parser


def _serve(aws: OneAtATime, listening: socket.socket) -> None:
    server = create_server(aws, sockets=[listening], threads=THREADS, ident=None)
    threading.Thread(target=server.run, daemon=True).start()


def _storage() -> Settings:
    """The storage that the template describes; queue URLs that any client can use as they are."""
    settings = template.create_storage(boto3.client("cloudformation"), stage=STAGE)
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    for name in settings:
        if name.endswith("_QUEUE_URL"):
            settings[name] = endpoint + urlsplit(settings[name]).path
    return settings


def _restored(aws: OneAtATime, snapshot: SnapshotFile | None) -> tuple[Settings, str | None]:
    """A storage with what was kept in it, and a word about that; empty where nothing was."""
    settings = _storage()
    if snapshot is None:
        return settings, None
    try:
        state = snapshot.read()
        if state is None:
            return settings, None
        _write(state, settings, aws)
    except Unreadable as reason:
        kept = snapshot.move_aside(datetime.now(UTC))
        requests.post(f"{os.environ['AWS_ENDPOINT_URL']}/moto-api/reset", timeout=60)
        return _storage(), f"The kept state could not be used: {reason}. It is now {kept}."
    return settings, f"Restored: {_counted(state)}."


def _write(state: dict[str, Any], settings: Settings, aws: OneAtATime) -> None:
    try:
        with aws.lock:
            moto_state.write_state(state, settings)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unreadable(f"it does not fit this version ({type(error).__name__})") from error


def _counted(state: dict[str, Any]) -> str:
    items = state["tables"]["HANDSHAKE_CASES_TABLE"]
    cases = sum(item["sk"] == {"S": "CASE"} and "claims" not in item for item in items)
    waiting = sum(len(queue["messages"]) for queue in state["queues"])
    files = len(state["buckets"]["HANDSHAKE_FILES_BUCKET"])
    return f"cases {cases}, files {files}, waiting messages {waiting}"


class Keeper:
    """Keeps what moto holds in a file, or, without one, nowhere."""

    def __init__(
        self, aws: OneAtATime, settings: Settings, snapshot: SnapshotFile | None, parent: Parent
    ) -> None:
        self._aws = aws
        self._settings = settings
        self._snapshot = snapshot
        self._parent = parent
        self._saving = threading.Lock()

    def keep(self, every_seconds: float) -> None:
        """Save whenever something has changed, for ever."""
        pause = threading.Event()
        while not pause.wait(every_seconds):
            moto_for_days.forget_instances()
            self.save()

    def save(self) -> None:
        """Save if something has changed since the last time. A failure is told, and tried again."""
        with self._saving:
            if self._snapshot is None or not self._aws.changed.is_set():
                return
            with self._aws.lock:
                self._aws.changed.clear()
                state = moto_state.read_state(self._settings)
            try:
                self._snapshot.write(state, datetime.now(UTC))
            except OSError as error:
                self._aws.changed.set()
                self._parent.tell("say", text=f"State could not be saved: {error.strerror}.")


if __name__ == "__main__":
    main()
