"""The review queue: which cases wait for a reviewer, and what she is shown."""

from chalicelib.domain.vocabulary import Role
from tests.service import Service
from tests.usecases.reviewers import QUEUE, SPELLED, namesakes, queued
from tests.usecases.stories import alerted, case_of, submitted, walked


def test_a_case_with_several_factories_waits_with_their_names_and_the_reasons(
    service: Service,
) -> None:
    first, second = namesakes(service)
    partner = service.partner()
    grievance_id = alerted(service, partner)

    answer = partner.get(QUEUE)

    (review,) = answer.json()["items"]
    assert answer.json()["next_cursor"] is None
    assert [candidate["factory_id"] for candidate in review["candidates"]] == [first, second]
    for candidate in review["candidates"]:
        read = service.operator().get(f"/v1/factories/{candidate['factory_id']}").json()
        shown = {name: candidate[name] for name in ("name", "address", "city", "country")}
        assert shown == {name: read[name] for name in shown}
        assert 0 < candidate["score"] <= 1
        assert candidate["evidence"]
        assert candidate["method"] == "exact_name"
    case = case_of(partner, grievance_id)
    assert {name: value for name, value in review.items() if name != "candidates"} == {
        "grievance_id": grievance_id,
        "public_ref": case["public_ref"],
        "severity": "S3",
        "received_at": "2026-11-22T08:00:00.000Z",
        "reason": "factory_ambiguous",
        "factory_reported": case["factory_reported"],
        "refused_factories": [],
        "version": 2,
    }
    assert (case["state"], case["routing"], case["routing_reason"]) == (
        "screening",
        "needs_review",
        "factory_ambiguous",
    )


def test_a_factory_nobody_knows_waits_without_candidates(service: Service) -> None:
    partner = service.partner()
    alerted(service, partner, factory_reported=SPELLED)

    (review,) = partner.get(QUEUE).json()["items"]

    assert (review["reason"], review["candidates"]) == ("factory_unknown", [])


def test_the_longest_waiting_comes_first_page_by_page_and_only_ones_own(
    service: Service,
) -> None:
    partner = service.partner()
    ids = []
    for number in range(5):
        ids.append(submitted(partner, f"k-{number}", factory_reported=SPELLED))
        service.clock.forward(minutes=1)
    submitted(service.partner("other-ngo"), factory_reported=SPELLED)
    service.tick()

    intake = service.caller(Role.PARTNER_INTAKE, "handshake-gz")
    assert [item["grievance_id"] for item in walked(intake, f"{QUEUE}?limit=2")] == ids
    assert len(queued(service.partner("other-ngo"))) == 1
