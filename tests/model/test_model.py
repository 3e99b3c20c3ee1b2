"""R10: whatever happens in whatever order, the service does what a dict says it must."""

import pytest

from infra.local.gateway import Gateway
from tests.model.machine import run


@pytest.mark.usefixtures("_aws")
def test_the_service_does_what_the_model_says(gateway: Gateway) -> None:
    run(gateway)
