"""The model can fail: defects that are planted are found, by the steps that lead to them and, asked
for with `HANDSHAKE_MODEL_PLANTED=1` (it takes minutes), by the machine alone."""

import os

import pytest

from chalicelib import deps
from infra.local.gateway import Gateway
from tests.model.machine import Life, run
from tests.model.planted import DEFECTS, Defect


def _lived(gateway: Gateway, defect: Defect) -> None:
    life = Life(gateway)
    try:
        life.who_sources_where()
        defect.steps(life)
    finally:
        deps.use(None)


@pytest.mark.usefixtures("_aws")
@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_planted_defect_is_found_and_nothing_without_it(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, defect: Defect
) -> None:
    _lived(gateway, defect)

    defect.plant(monkeypatch)

    with pytest.raises(AssertionError):
        _lived(gateway, defect)


@pytest.mark.skipif(
    "HANDSHAKE_MODEL_PLANTED" not in os.environ, reason="HANDSHAKE_MODEL_PLANTED=1 asks for it"
)
@pytest.mark.usefixtures("_aws")
@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_the_machine_finds_a_planted_defect_by_itself(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, defect: Defect
) -> None:
    defect.plant(monkeypatch)

    with pytest.raises(AssertionError):
        run(gateway, examples=300, steps=30, shrink=False)
