"""The deployment that `make e2e` made. Without one, nothing here is collected."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from infra.e2e.__main__ import STACK_FILE
from infra.e2e.deployment import Deployed

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
