"""Plans in pages, newest first: a partner's of its case, a brand's own."""

from tests.service import Service
from tests.usecases.plans import PLAN, Remedied
from tests.usecases.stories import refusal, walked


def test_plans_come_newest_first_and_in_pages(service: Service) -> None:
    told = Remedied(service, "acme", "bolt")
    other = service.brand_desk("bolt")
    for number in range(4):
        service.clock.forward(minutes=1)
        told.submit({**PLAN, "statement": f"Version {number}."})
        other.post(f"/v1/alerts/{told.alert_id('bolt')}/plans", PLAN)

    whole, own = f"{told.case}/plans?limit=3", f"{told.alert}/plans?limit=3"

    times = [plan["submitted_at"] for plan in walked(told.partner, whole)]
    assert len(times) == 8
    assert times == sorted(times, reverse=True)
    assert [plan["number"] for plan in walked(told.desk, own)] == [4, 3, 2, 1]
    assert 'rel="next"' in told.partner.get(whole).headers["Link"]
    assert 'rel="next"' in told.desk.get(own).headers["Link"]


def test_a_cursor_of_another_list_is_refused(service: Service) -> None:
    told = Remedied(service)
    for _ in range(2):
        service.clock.forward(minutes=1)
        told.submit()
    cursor = told.partner.get(f"{told.case}/plans?limit=1").json()["next_cursor"]

    answer = told.partner.get(f"{told.case}/messages?limit=1&cursor={cursor}")

    assert refusal(answer) == (400, "cursor_invalid")


def test_a_case_without_plans_has_an_empty_list(service: Service) -> None:
    told = Remedied(service)

    for answer in (told.partner.get(f"{told.case}/plans"), told.desk.get(f"{told.alert}/plans")):
        assert answer.json() == {"items": [], "next_cursor": None}
