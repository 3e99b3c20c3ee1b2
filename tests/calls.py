"""What a piece of work asked of AWS: every call, in order, seen where botocore makes it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.store import clients

SERVICES = ("dynamodb", "sns", "sqs", "s3", "secretsmanager", "kms", "cloudwatch")


@contextmanager
def counted_calls() -> Iterator[list[str]]:
    """The calls made inside the block, as `service.Operation`."""
    calls: list[str] = []

    def note(model: Any, **_: Any) -> None:
        calls.append(f"{model.service_model.endpoint_prefix}.{model.name}")

    with on_every_call("before-call", note):
        yield calls


@contextmanager
def on_every_call(moment: str, hook: Any) -> Iterator[None]:
    """Let `hook(model=…, params=…)` see every call of the service's clients."""
    made = [clients.client(service) for service in SERVICES]
    for client in made:
        client.meta.events.register(f"{moment}.*.*", hook)
    try:
        yield
    finally:
        for client in made:
            client.meta.events.unregister(f"{moment}.*.*", hook)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Calls of all threads take turns: moto is no witness for what happens at the same time."""
    lock = threading.RLock()
    made = [clients.client(service) for service in SERVICES]
    originals = {client: client._make_api_call for client in made}

    def in_turn(call: Any) -> Any:
        def locked(*args: Any, **kwargs: Any) -> Any:
            with lock:
                return call(*args, **kwargs)

        return locked

    for client, call in originals.items():
        client._make_api_call = in_turn(call)
    try:
        yield
    finally:
        for client in made:
            del client._make_api_call
