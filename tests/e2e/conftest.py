"""The deployment that `make e2e` made. Without one, nothing here is collected."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from chalicelib import deps
from chalicelib.store import clients
from infra.e2e.__main__ import STACK_FILE
from infra.e2e.deployment import Deployed
from infra.local.gateway import Gateway
from tests.service import Service

PATIENCE = clients.Patience(connect=30, read=60)
"""ministack answers one call at a time and sorts a whole partition for a query: with 100,000 cases
that takes it longer than the service waits for AWS."""

if STACK_FILE not in os.environ:
    collect_ignore_glob = ["*"]


@pytest.fixture(scope="session")
def deployed() -> Deployed:
    return Deployed.read(Path(os.environ[STACK_FILE]))


@pytest.fixture(scope="session")
def http(deployed: Deployed) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False  # REQUESTS_CA_BUNDLE would come before verify
        session.verify = str(deployed.ca)
        yield session


def _forget_clients() -> None:
    clients.client.cache_clear()
    clients._session.cache_clear()


@pytest.fixture(scope="session")
def service(deployed: Deployed, gateway: Gateway) -> Iterator[Service]:
    """A service in this process whose AWS is ministack."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", deployed.endpoint)
        environment.setenv("AWS_CA_BUNDLE", str(deployed.ca))
        environment.setenv("AWS_ACCESS_KEY_ID", "test")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        environment.setattr(clients, "QUICK", PATIENCE)
        environment.setattr(clients, "UNHURRIED", PATIENCE)
        environment.setattr(clients, "in_time", lambda made, patience: None)  # nobody waits here
        _forget_clients()
        yield Service.start(gateway)
        deps.use(None)
    _forget_clients()
