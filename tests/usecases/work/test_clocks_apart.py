"""Two processes whose clocks are five minutes apart: nothing is lost, nothing done twice."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from chalicelib import deps
from chalicelib.deps import Deps
from tests.service import Service, filing
from tests.usecases.stories import case_of, covered, submitted

APART = timedelta(minutes=5)
ALERTS = "/v1/alerts"


class Two:
    """The same service in two processes; the second one's clock is ahead (or behind)."""

    def __init__(self, service: Service, apart: timedelta) -> None:
        self.first = service.deps
        self.second = Deps(
            service.deps.settings, now=lambda: service.clock() + apart, token=service.deps.token
        )

    def turn(self, number: int) -> None:
        """Whatever is asked next, this one of the two does it."""
        deps.use((self.first, self.second)[number % 2])


@pytest.fixture(params=[APART, -APART], ids=["ahead", "behind"])
def two(service: Service, request: pytest.FixtureRequest) -> Two:
    return Two(service, request.param)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_a_case_goes_its_way_through_both(service: Service, two: Two) -> None:
    partner, desk = service.partner(), service.brand_desk()
    covered(service)

    for start in (0, 1):
        key = f"k-{start}"
        two.turn(start)
        grievance_id = submitted(partner, key)
        two.turn(start + 1)
        repeat = partner.post("/v1/grievances", filing(), Idempotency_Key=key)
        assert (repeat.status, repeat.json()["grievance_id"]) == (200, grievance_id)
        for number in range(4):  # whose clock is behind finds it due when that has come
            two.turn(start + number)
            service.tick()
            service.clock.forward(minutes=3)
        (alert,) = service.received_alerts()
        assert alert["Message"]

        (row, *_) = [r for r in desk.get(ALERTS).json()["items"] if r["acknowledged_at"] is None]
        path = f"{ALERTS}/{row['alert_id']}/acknowledgement"
        two.turn(start)
        first = desk.post(path)
        two.turn(start + 1)
        assert desk.post(path).json() == first.json()

        case = case_of(partner, grievance_id)
        assert (case["state"], case["version"]) == ("brand_notified", 3)
        assert case["clocks"]["brand_acknowledges"]["met_at"] == first.json()["acknowledged_at"]
        history = partner.get(f"/v1/grievances/{grievance_id}/history").json()["items"]
        assert len(history) == 3
        assert [entry["seq"] for entry in history] in ([1, 2, 3], [3, 2, 1])
        assert len(service.alert_rows(grievance_id)) == 1


def test_both_look_at_once_and_a_brand_is_told_once(service: Service, two: Two) -> None:
    covered(service)
    partner = service.partner()
    for number in range(4):
        two.turn(number)
        submitted(partner, f"k-{number}")
    service.clock.forward(minutes=6)

    for number in range(4):
        two.turn(number)
        service.look_for_due_work()
    for number in range(2):
        two.turn(number)
        service.drain()

    assert len(service.received_alerts()) == 4
    two.turn(0)
    queued = [item["case_id"] for item in service.all_items() if item.get("work_queue")]
    # The note of the link, to be looked at once more; and what is looked for at night.
    assert sorted(case_id.split("#")[1] for case_id in queued) == ["factory", "signals"]


def test_deadlines_are_told_by_less_than_the_clocks_are_apart(service: Service, two: Two) -> None:
    partner = service.partner()
    cases = []
    for number in range(2):
        two.turn(number)
        cases.append(case_of(partner, submitted(partner, f"k-{number}")))

    one, other = ({k: moment(c["due_at"]) for k, c in case["clocks"].items()} for case in cases)
    assert set(one) == set(other)
    for kind, due in one.items():
        assert abs(other[kind] - due) <= APART, kind
    for case in (one, other):  # the steps keep their order
        steps = ["alert_brand", "acknowledge", "screening", "feedback", "hard_stop"]
        assert all(case[before] < case[after] for before, after in pairwise(steps))


def test_nothing_is_due_before_its_time_by_more_than_the_clocks_are_apart(
    service: Service, two: Two
) -> None:
    covered(service)
    two.turn(0)
    grievance_id = submitted(service.partner())
    service.poison(grievance_id)
    for _ in range(5):  # waits of 1, 2, 4, 8, 16 minutes
        service.tick()
        due = moment(service.head_item(grievance_id)["due_at"])
        told, service.clock.now = service.clock.now, due
    assert due - told > 2 * APART
    failed = service.failed_attempts(grievance_id)

    def tried_by_both(now: datetime) -> int:
        service.clock.now = now
        for number in range(2):
            two.turn(number)
            service.tick()
        return service.failed_attempts(grievance_id) - failed

    assert tried_by_both(due - APART - timedelta(seconds=1)) == 0
    assert tried_by_both(due + APART) == 1  # once, though it was due by either clock
