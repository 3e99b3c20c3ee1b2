"""A reviewer says which factory is meant: what follows, and when it is too late."""

import pytest

from tests.service import Service
from tests.usecases.reviewers import QUEUE, SPELLED, namesakes, queued, resolved
from tests.usecases.stories import alerted, case_of, covered, fields, refusal, submitted


def test_a_reviewers_choice_routes_the_case_and_takes_it_off_the_queue(service: Service) -> None:
    factory_id = covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, factory_reported=SPELLED)
    service.clock.forward(hours=1)

    answer = resolved(partner, grievance_id, factory_id)

    case = answer.json()
    assert (answer.status, answer.headers["ETag"]) == (200, '"3"')
    assert (case["routing"], case["routing_reason"], case["factory_id"]) == (
        "pending",
        None,
        factory_id,
    )
    assert (case["match"]["method"], case["match"]["score"]) == ("reviewer", 1.0)
    assert case["match"]["evidence"] == ["chosen by a reviewer"]
    assert queued(partner) == []
    service.tick()
    assert case_of(partner, grievance_id)["state"] == "brand_notified"
    assert len(service.received_alerts()) == 1
    entry = partner.get(f"/v1/grievances/{grievance_id}/history").json()["items"][2]
    assert (entry["action"], entry["private"] | {"was": entry["data"]["was"]}) == (
        "factory_resolved",
        {"factory_id": factory_id, "was": "factory_unknown"},
    )


def test_the_evidence_that_was_on_the_table_stays_with_the_choice(service: Service) -> None:
    first, _ = namesakes(service)
    partner = service.partner()
    grievance_id = alerted(service, partner)
    (review,) = partner.get(QUEUE).json()["items"]

    match = resolved(partner, grievance_id, first).json()["match"]

    assert match["evidence"] == ["chosen by a reviewer", *review["candidates"][0]["evidence"]]


def test_nothing_overrules_a_reviewer_not_even_a_better_match(service: Service) -> None:
    chosen, other = namesakes(service)
    service.brand()
    service.link(chosen)
    service.link(other)
    partner = service.partner()
    grievance_id = alerted(service, partner)
    resolved(partner, grievance_id, chosen)
    service.operator().put(
        f"/v1/factories/{chosen}", {"name": "Renamed", "country": "CN"}, If_Match='"1"'
    )

    service.tick()

    assert case_of(partner, grievance_id)["factory_id"] == chosen


def test_a_critical_case_goes_out_as_soon_as_its_factory_is_known(service: Service) -> None:
    factory_id = covered(service)
    partner = service.partner()
    grievance_id = alerted(
        service, partner, factory_reported=SPELLED, ilo_indicators=["debt_bondage"]
    )

    resolved(partner, grievance_id, factory_id)
    service.drain()

    assert len(service.received_alerts()) == 1


def test_a_choice_can_be_changed_as_long_as_nobody_was_told(service: Service) -> None:
    wrong, right = namesakes(service)
    service.brand()
    service.link(right)
    partner = service.partner()
    grievance_id = alerted(service, partner)
    resolved(partner, grievance_id, wrong)
    service.tick()
    assert case_of(partner, grievance_id)["state"] == "not_covered"

    answer = resolved(partner, grievance_id, right, if_match='"4"')
    service.tick()

    assert answer.status == 200
    assert case_of(partner, grievance_id)["state"] == "brand_notified"


@pytest.mark.parametrize(
    "way",
    [
        [{"to": "closed", "outcome": "withdrawn", "root_cause": "unknown"}],
        [{"to": "on_hold", "reason": "Ill.", "until": "2026-12-01T00:00:00Z"}],
        [{"to": "inadmissible", "inadmissible_reason": "not_about_work"}],
        [{"to": "referred"}],
    ],
    ids=lambda way: way[-1]["to"],
)
def test_a_case_that_no_longer_waits_for_its_factory_is_a_conflict_and_not_in_the_queue(
    service: Service, way: list[dict[str, str]]
) -> None:
    factory_id = service.factory()
    partner = service.partner()
    grievance_id = alerted(service, partner, factory_reported=SPELLED)
    for step in way:
        answer = partner.post(f"/v1/grievances/{grievance_id}/transitions", step)
        assert answer.status == 200, answer.body

    answer = resolved(partner, grievance_id, factory_id)

    assert refusal(answer) == (409, "state_conflict")
    assert queued(partner) == []


def test_a_case_that_brands_were_told_about_is_a_conflict(service: Service) -> None:
    factory_id = covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner)
    before = service.head_item(grievance_id)

    assert refusal(resolved(partner, grievance_id, factory_id)) == (409, "state_conflict")
    assert service.head_item(grievance_id) == before


def test_an_enquiry_waits_for_no_factory(service: Service) -> None:
    factory_id = service.factory()
    partner = service.partner()
    grievance_id = submitted(partner, intake_type="enquiry")

    assert refusal(resolved(partner, grievance_id, factory_id)) == (409, "state_conflict")


def test_a_stale_choice_is_refused(service: Service) -> None:
    factory_id = service.factory()
    partner = service.partner()
    grievance_id = alerted(service, partner, factory_reported=SPELLED)

    answer = resolved(partner, grievance_id, factory_id, if_match='"1"')

    assert refusal(answer) == (412, "precondition_failed")
    assert queued(partner) == [grievance_id]


def test_a_factory_that_is_not_there_is_named_as_the_problem(service: Service) -> None:
    partner = service.partner()
    grievance_id = alerted(service, partner, factory_reported=SPELLED)

    answer = resolved(partner, grievance_id, "f_" + "0" * 26)

    assert fields(answer) == {"factory_id": "unknown_factory"}
    assert fields(resolved(partner, grievance_id, "f_1")) == {
        "factory_id": "string_pattern_mismatch"
    }
    assert case_of(partner, grievance_id)["version"] == 2


def test_another_partners_case_is_not_there(service: Service) -> None:
    factory_id = service.factory()
    grievance_id = alerted(service, service.partner(), factory_reported=SPELLED)

    answer = resolved(service.partner("other-ngo"), grievance_id, factory_id)

    assert refusal(answer) == (404, "not_found")
