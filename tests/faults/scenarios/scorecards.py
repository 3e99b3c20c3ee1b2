"""A scorecard that is computed, and answered: killed anywhere, then asked for again."""

from datetime import UTC, datetime

from tests.faults.kills import Scenario
from tests.faults.scenarios.asked import Asked, repeated
from tests.faults.scenarios.steps import later_ticks
from tests.service import Caller, Service
from tests.usecases.many_alerts import copied
from tests.usecases.stories import alerted, covered

PATH = "/v1/scorecards/2026-Q3"
MUCH = "/v1/scorecards/2026-Q4"


def _answer(service: Service) -> Asked:
    service.brand()
    service.clock.now = datetime(2026, 12, 1, tzinfo=UTC)
    desk = service.brand_desk()
    said = {"statements": ["still_at_work"]}
    return Asked(
        lambda: desk.put(f"{PATH}/statements", said),
        lambda: (desk.get(PATH).json()["statements"], desk.get(PATH).json()["computed_at"]),
    )


def _told_of_much(service: Service) -> Caller:
    covered(service)
    copied(service, alerted(service, service.partner()), 100)
    service.clock.now = datetime(2027, 2, 14, tzinfo=UTC)
    return service.brand_desk()


def _ask(service: Service) -> Asked:
    desk = _told_of_much(service)

    def seen() -> int:
        later_ticks(service, None)
        cases: int = desk.get(MUCH).json()["figures"]["cases"]
        return cases

    return Asked(lambda: desk.get(MUCH), seen)


def _asked(service: Service) -> Caller:
    desk = _told_of_much(service)
    desk.get(MUCH)
    return desk


def _computed(service: Service, desk: Caller) -> None:
    card = desk.get(MUCH).json()
    assert card["figures"]["cases"] == 100
    service.clock.forward(days=1)
    assert desk.get(MUCH).json() == card


SCENARIOS = [
    repeated(
        "a brand's answer to its scorecard",
        _answer,
        (["still_at_work"], "2026-12-01T00:00:00.000Z"),
        calls=5,
    ),
    repeated(
        "a scorecard of many alerts is asked for", _ask, 100, calls=6, done={"state_conflict"}
    ),
    Scenario(
        "a scorecard of many alerts is computed",
        _asked,
        lambda service, _: service.drain(),
        later_ticks,
        _computed,
        at_least_calls=8,
    ),
]
