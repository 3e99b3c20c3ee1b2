"""Fresh services by the hundred."""

from collections.abc import Callable

import pytest

from infra.local.gateway import Gateway
from tests.conftest import empty_aws
from tests.service import Service


@pytest.fixture
def fresh(service: Service, gateway: Gateway) -> Callable[[], Service]:
    """Makes an empty service in place of the one before."""

    def make() -> Service:
        empty_aws()
        return Service.start(gateway)

    return make
