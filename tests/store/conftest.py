"""Stores without a service around them, and waiting that takes no time."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import botocore.endpoint
import pytest

from chalicelib.store import clients
from chalicelib.store.table import Table
from tests.service import Service


@pytest.fixture
def table(service: Service) -> Table:
    """A table with a partition key, a sort key and indexes: the registry's."""
    return Table(clients.client("dynamodb"), service.deps.settings.registry_table)


@pytest.fixture
def fresh_client(service: Service) -> Callable[[str], Any]:
    """Makes clients like the process's own, with nothing hooked up and no retries used up."""
    made: Callable[[str], Any] = clients.client.__wrapped__
    return made


@pytest.fixture
def short_pages(fresh_client: Callable[[str], Any]) -> Any:
    """A DynamoDB client whose reads end after one item, as they do after a megabyte."""
    client = fresh_client("dynamodb")

    def one_at_most(params: dict[str, Any], **_: Any) -> None:
        params["Limit"] = 1

    client.meta.events.register("provide-client-params.dynamodb.Query", one_at_most)
    return client


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that botocore waits between attempts, written down instead of waited."""
    seconds: list[float] = []
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=seconds.append))
    return seconds
