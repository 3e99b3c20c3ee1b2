"""R1: killed before and after each AWS call, then run once more: nothing lost, nothing twice.

Every acknowledged case exists once, its chain verifies, every alert arrives at least once at a
subscribed queue, and the ledger says so exactly once.
"""

from collections.abc import Callable

import pytest

from tests.faults.kills import Killed, Scenario, calls_of, killed_at
from tests.faults.scenarios import SCENARIOS
from tests.faults.scenarios.steps import post, registry
from tests.service import Caller, Service

MOMENTS = ("before-call", "after-call")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_kill_at_any_call_loses_nothing(
    scenario: Scenario, fresh: Callable[[], Service], counts: dict[str, int]
) -> None:
    calls = calls_of(scenario, fresh())
    assert calls >= scenario.at_least_calls, "the work makes fewer calls than it did: look why"
    for moment in MOMENTS:
        for position in range(1, calls + 1):
            service = fresh()
            world = scenario.prepare(service)
            with killed_at(position, moment):
                scenario.act(service, world)
            scenario.again(service, world)
            scenario.verify(service, world)
            counts["kills"] = counts.get("kills", 0) + 1


@pytest.mark.parametrize(
    "scenario", [s for s in SCENARIOS if s.name == "check, alert and publish"], ids=lambda s: s.name
)
def test_two_kills_in_a_row_lose_nothing(
    scenario: Scenario, fresh: Callable[[], Service], counts: dict[str, int]
) -> None:
    calls = calls_of(scenario, fresh())
    for first in range(9, calls + 1, 3):
        for second in range(10, calls + 1, 4):
            service = fresh()
            world = scenario.prepare(service)
            for position, moment in ((first, "after-call"), (second, "before-call")):
                with killed_at(position, moment):
                    scenario.act(service, world)
            scenario.again(service, world)
            scenario.verify(service, world)
            counts["double kills"] = counts.get("double kills", 0) + 1


def test_the_harness_really_kills(service: Service) -> None:
    partner = registry(service)
    with pytest.raises(Killed):
        _raise_when_killed(service, partner)
    assert partner.get("/v1/grievances").json()["items"] == []


def _raise_when_killed(service: Service, partner: Caller) -> None:
    with killed_at(2, "before-call"):
        post(key="k-1")(service, partner)
        return
    raise Killed
