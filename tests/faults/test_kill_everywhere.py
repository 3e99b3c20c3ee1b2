"""R1: killed before and after each AWS call, then run once more: nothing lost, nothing twice.

Every acknowledged case exists once, its chain verifies, every alert arrives at least once at a
subscribed queue, and the ledger says so exactly once.
"""

from collections import Counter
from typing import Any

import pytest

from tests.faults.kills import Kills, Scenario, killed_everywhere
from tests.faults.scenarios import SCENARIOS
from tests.faults.scenarios.steps import post, registry
from tests.service import Service

pytestmark = pytest.mark.usefixtures("warm")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_kill_at_any_call_loses_nothing(
    scenario: Scenario, service: Service, counts: Counter[str]
) -> None:
    world = scenario.prepare(service)
    kills = killed_everywhere(
        lambda: scenario.act(service, world), lambda: _outlived(scenario, service, world)
    )
    _assert_outlived(kills)
    assert kills.calls >= scenario.at_least_calls, "it makes fewer calls than it did: look why"
    assert kills.died == 2 * kills.calls
    counts["kills"] += kills.died


@pytest.mark.parametrize(
    "scenario", [s for s in SCENARIOS if s.name == "check, alert and publish"], ids=lambda s: s.name
)
def test_two_kills_in_a_row_lose_nothing(
    scenario: Scenario, service: Service, counts: Counter[str]
) -> None:
    world = scenario.prepare(service)

    def act() -> None:
        scenario.act(service, world)

    def killed_anew() -> int:
        kills = killed_everywhere(
            act,
            lambda: _outlived(scenario, service, world),
            moments=["before-call"],
            at=range(10, 1000, 4),
        )
        _assert_outlived(kills)
        return kills.died

    kills = killed_everywhere(act, killed_anew, moments=["after-call"], at=range(9, 1000, 3))
    _assert_outlived(kills)
    assert kills.died > 50
    counts["double kills"] += kills.died


def _outlived(scenario: Scenario, service: Service, world: Any) -> int:
    scenario.again(service, world)
    scenario.verify(service, world)
    return 1


def _assert_outlived(kills: Kills) -> None:
    assert not kills.failures, "\n".join(kills.failures)


def test_the_harness_really_kills(service: Service) -> None:
    partner = registry(service)

    def nothing_arrived() -> int:
        assert partner.get("/v1/grievances").json()["items"] == []
        return 1

    kills = killed_everywhere(
        lambda: post(key="k-1")(service, partner),
        nothing_arrived,
        moments=["before-call"],
        at=[2, 99],
    )
    assert (kills.died, kills.failures) == (1, [])
    assert len(partner.get("/v1/grievances").json()["items"]) == 1


def test_the_harness_tells_what_was_lost_and_where(service: Service) -> None:
    partner = registry(service)

    def it_arrived() -> int:
        assert partner.get("/v1/grievances").json()["items"] != [], "lost"
        return 1

    kills = killed_everywhere(lambda: post(key="k-1")(service, partner), it_arrived)
    assert kills.died == 2 * kills.calls
    (first, *_), last = kills.failures, kills.failures[-1]
    assert first.startswith("Killed before-call 1, ")
    assert "AssertionError: lost" in first
    assert last.startswith("Killed before-call ")
