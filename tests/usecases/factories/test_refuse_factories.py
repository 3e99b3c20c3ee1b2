"""A reviewer says which factories are not meant: for this case, and when it is too late."""

from tests.service import Service
from tests.usecases.reviewers import NAME, QUEUE, SPELLED, namesakes, refused
from tests.usecases.stories import alerted, case_of, covered, fields, refusal, walked


def test_a_factory_that_is_not_meant_is_no_candidate_any_more(service: Service) -> None:
    first, second = namesakes(service)
    partner = service.partner()
    grievance_id = alerted(service, partner)
    service.clock.forward(hours=1)

    answer = refused(partner, grievance_id, first)

    case = answer.json()
    assert (answer.status, answer.headers["ETag"]) == (200, '"3"')
    assert (case["routing"], case["routing_reason"], case["factory_id"]) == ("pending", None, None)
    entry = partner.get(f"/v1/grievances/{grievance_id}/history").json()["items"][2]
    assert (entry["action"], entry["private"] | {"was": entry["data"]["was"]}) == (
        "factories_refused",
        {"factory_ids": [first], "was": "factory_ambiguous"},
    )
    service.tick()
    assert service.head_item(grievance_id)["refused_factories"] == [first]
    assert case_of(partner, grievance_id)["factory_id"] in (None, second)
    assert first not in [c["factory_id"] for r in walked(partner, QUEUE) for c in r["candidates"]]


def test_refusing_every_candidate_leaves_the_case_waiting_without_any(service: Service) -> None:
    both = namesakes(service)
    partner = service.partner()
    grievance_id = alerted(service, partner)

    refused(partner, grievance_id, *both)
    service.tick()

    (review,) = partner.get(QUEUE).json()["items"]
    assert (review["reason"], review["candidates"], review["refused_factories"]) == (
        "factory_unknown",
        [],
        both,
    )


def test_a_refusal_that_shall_not_be_remembered_holds_for_its_case_alone(service: Service) -> None:
    factory_id = covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, consent={})

    refused(partner, grievance_id, factory_id, remember_spelling=False)
    service.tick()
    later = alerted(service, partner, "k-2")

    assert case_of(partner, grievance_id)["routing"] == "needs_review"
    assert case_of(partner, later)["state"] == "brand_notified"
    assert service.operator().get("/v1/judgements").json()["items"] == []


def test_a_corrected_report_is_matched_with_what_was_refused_before(service: Service) -> None:
    factory_id = covered(service)
    partner = service.partner()
    wrong = {"name": NAME, "city": "Shenzhen", "country": "CN"}
    grievance_id = alerted(service, partner, consent={}, factory_reported=wrong)
    refused(partner, grievance_id, factory_id, remember_spelling=False)
    tag = f'"{case_of(partner, grievance_id)["version"]}"'

    right = {**wrong, "address": "Nanshan"}
    partner.patch(f"/v1/grievances/{grievance_id}", {"factory_reported": right}, If_Match=tag)
    service.tick()

    assert case_of(partner, grievance_id)["factory_id"] == factory_id


def test_refusing_what_is_not_there_names_each_of_them(service: Service) -> None:
    factory_id = service.factory()
    partner = service.partner()
    grievance_id = alerted(service, partner, factory_reported=SPELLED)

    answer = refused(partner, grievance_id, factory_id, "f_" + "0" * 26)

    assert fields(answer) == {"factory_ids.1": "unknown_factory"}
    assert fields(refused(partner, grievance_id)) == {"factory_ids": "too_short"}
    assert case_of(partner, grievance_id)["version"] == 2


def test_a_refusal_of_somebody_elses_a_stale_or_a_told_case_is_refused(service: Service) -> None:
    factory_id = covered(service)
    partner = service.partner()
    told = alerted(service, partner)
    waits = alerted(service, partner, "k-2", factory_reported=SPELLED)

    assert refusal(refused(service.partner("other-ngo"), waits, factory_id)) == (404, "not_found")
    assert refusal(refused(partner, waits, factory_id, if_match='"1"')) == (
        412,
        "precondition_failed",
    )
    assert refusal(refused(partner, told, factory_id)) == (409, "state_conflict")
