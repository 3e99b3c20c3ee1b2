"""ministack as a process of ours: on the loopback interface, over TLS, with IAM enforced.

TLS because the template's own policies refuse everything else; IAM because a policy that lacks an
action is found in no other way short of AWS.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
import trustme

HOST = "127.0.0.1"
ACCOUNT = "123456789012"
REGION = "us-east-1"

_READY_WITHIN = 60  # seconds


class NotReady(Exception):
    """ministack ended or did not answer in time; the end of its log is the message."""


@dataclass(frozen=True)
class Ministack:
    """A running one: where it is, which certificates to trust for it, and where its log is."""

    endpoint: str
    ca: Path
    log: Path


@contextmanager
def running(python: Path, scratch: Path) -> Iterator[Ministack]:
    """Start it, wait until it answers, and end it with all the functions it started.

    `python` is the interpreter that has it installed, and that the functions will run under.
    Raises NotReady.
    """
    port = _free_port()
    stack = Ministack(f"https://{HOST}:{port}", scratch / "ca.pem", scratch / "ministack.log")
    environment = _environment(port, scratch)
    with stack.log.open("wb") as log:
        process = subprocess.Popen(
            [str(python), "-m", "ministack"],
            cwd=scratch,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_ready(process, stack)
        yield stack
    finally:
        _end(process)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def _environment(port: int, scratch: Path) -> dict[str, str]:
    """Nothing of the caller's environment but where programs are: no credentials, no proxies."""
    certificate, key = _certificate(scratch)
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "AUTH": "true",
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(certificate),
        "MINISTACK_SSL_KEY": str(key),
        "AWS_CA_BUNDLE": str(scratch / "ca.pem"),  # the functions inherit this
        "LAMBDA_EXECUTOR": "local",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }


def _certificate(scratch: Path) -> tuple[Path, Path]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(scratch / "ca.pem"))
    issued = authority.issue_cert(HOST, "localhost")
    certificate, key = scratch / "cert.pem", scratch / "key.pem"
    issued.cert_chain_pems[0].write_to_path(str(certificate))
    issued.private_key_pem.write_to_path(str(key))
    return certificate, key


def _wait_until_ready(process: subprocess.Popen[bytes], stack: Ministack) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        if _answers(stack):
            return
        time.sleep(0.1)
    raise NotReady(stack.log.read_text("utf-8", errors="replace")[-2000:])


def _answers(stack: Ministack) -> bool:
    try:
        return requests.get(
            f"{stack.endpoint}/_ministack/ready", verify=str(stack.ca), timeout=5
        ).ok
    except requests.ConnectionError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the whole group: the functions' processes are in it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=15)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
