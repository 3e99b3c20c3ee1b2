"""Fresh services by the hundred."""

from collections.abc import Callable

import pytest

from chalicelib import deps
from infra.local.gateway import Gateway
from tests.conftest import empty_aws
from tests.faults.scenarios.alerts import SCENARIOS
from tests.service import Service


@pytest.fixture
def fresh(service: Service, gateway: Gateway) -> Callable[[], Service]:
    """Makes an empty service in place of the one before."""

    def make() -> Service:
        empty_aws()
        return Service.start(gateway)

    return make


@pytest.fixture(scope="session")
def warm(_aws: None, gateway: Gateway) -> None:
    """Cases have been filed, worked and read in this process before: what boto3, moto and pydantic
    make at first use is not made anew in each fork, where it is half of the time."""
    empty_aws()
    service = Service.start(gateway)
    scenario = next(s for s in SCENARIOS if s.name == "check, alert and publish")
    world = scenario.prepare(service)
    for step in (scenario.act, scenario.again, scenario.verify):
        step(service, world)
    deps.use(None)
