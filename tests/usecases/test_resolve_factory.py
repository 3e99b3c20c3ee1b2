"""The review queue, and a reviewer's word: what is offered, what is remembered, when it is late."""

from typing import Any

import pytest

from chalicelib.domain.vocabulary import Role
from chalicelib.store.clients import client
from infra.local.gateway import Answer
from tests.service import Caller, Service
from tests.usecases.stories import alerted, case_of, covered, fields, refusal, submitted, walked

QUEUE = "/v1/review-queue"
SPELLED = {"name": "易昌泰（深圳）制衣厂", "country": "CN"}
NAME = "Yi Chang Tai Garment Factory"


def resolved(partner: Caller, grievance_id: str, factory_id: str, **wish: Any) -> Answer:
    headers = {"If_Match": wish.pop("if_match")} if "if_match" in wish else {}
    body = {"factory_id": factory_id, **wish}
    return partner.post(f"/v1/grievances/{grievance_id}/factory", body, **headers)


def queued(partner: Caller) -> list[str]:
    return [item["grievance_id"] for item in walked(partner, QUEUE)]


def namesakes(service: Service) -> list[str]:
    """Two factories of one name in one country; their ids in order."""
    return sorted(
        service.factory(NAME, city=city, address=address)
        for city, address in (("Shenzhen", "48 Kangzheng Road"), ("Dongguan", "7 Changan Road"))
    )


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


def test_a_confirmed_spelling_is_an_alias_for_every_later_case(service: Service) -> None:
    factory_id = covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, factory_reported=SPELLED)
    resolved(partner, grievance_id, factory_id)
    service.tick()

    other = service.partner("other-ngo")
    spelled = {"name": " 易昌泰(深圳)制衣厂 ", "country": "CN"}
    later = alerted(service, other, "k-2", factory_reported=spelled)

    case = case_of(other, later)
    assert (case["state"], case["factory_id"]) == ("brand_notified", factory_id)
    assert case["match"]["method"] == "alias"
    assert len(service.received_alerts()) == 2


def test_a_confirmed_spelling_routes_the_cases_that_wait_with_the_same_one(
    service: Service,
) -> None:
    factory_id = covered(service)
    partner = service.partner()
    waiting = alerted(service, service.partner("other-ngo"), "k-1", factory_reported=SPELLED)
    first = alerted(service, partner, "k-2", factory_reported=SPELLED)

    resolved(partner, first, factory_id)
    service.tick()
    service.tick()

    case = case_of(service.partner("other-ngo"), waiting)
    assert (case["state"], case["factory_id"]) == ("brand_notified", factory_id)


@pytest.mark.parametrize(
    "reported",
    [
        {"name": "garment factory", "country": "CN"},
        {"name": "制衣厂", "country": "CN"},
        {"name": "易昌泰（深圳）制衣厂"},
        {"city": "Shenzhen", "country": "CN"},
    ],
    ids=["general", "general in Chinese", "no country", "no name"],
)
def test_what_could_mean_many_factories_is_not_remembered(
    service: Service, reported: dict[str, str]
) -> None:
    factory_id = covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, factory_reported=reported)

    answer = resolved(partner, grievance_id, factory_id)

    assert answer.status == 200
    assert service.operator().get("/v1/judgements").json()["items"] == []
    later = alerted(service, partner, "k-2", factory_reported=reported)
    assert case_of(partner, later)["routing"] == "needs_review"


# Not meant


def refused(partner: Caller, grievance_id: str, *factory_ids: str, **wish: Any) -> Answer:
    headers = {"If_Match": wish.pop("if_match")} if "if_match" in wish else {}
    body = {"factory_ids": factory_ids, **wish}
    return partner.post(f"/v1/grievances/{grievance_id}/refused-factories", body, **headers)


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
    case = case_of(partner, grievance_id)
    cities = {first: "Dongguan", second: "Shenzhen"}
    expected = second if cities[second] == "Shenzhen" and case["factory_id"] else None
    assert case["factory_id"] in (expected, second)
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


def test_a_refused_spelling_is_a_veto_for_every_later_case(service: Service) -> None:
    wrong = covered(service)
    partner = service.partner()
    waiting = submitted(partner)
    service.deps.cases.head(waiting)
    grievance_id = alerted(service, service.partner("other-ngo"), "k-2", consent={})
    assert case_of(service.partner("other-ngo"), grievance_id)["factory_id"] == wrong

    refused(service.partner("other-ngo"), grievance_id, wrong)
    service.tick()
    later = alerted(service, partner, "k-3")

    assert case_of(service.partner("other-ngo"), grievance_id)["factory_id"] is None
    assert case_of(partner, later)["routing"] == "needs_review"


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
    wrong = {"name": "Yi Chang Tai Garment Factory", "city": "Shenzhen", "country": "CN"}
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


# Taken back


def test_the_operator_sees_every_judgement_and_takes_a_wrong_one_back(service: Service) -> None:
    factory_id = covered(service)
    partner, operator = service.partner(), service.operator()
    grievance_id = alerted(service, partner, factory_reported=SPELLED)
    resolved(partner, grievance_id, factory_id)
    refused(partner, submitted(partner, "k-2", factory_reported=SPELLED), factory_id)

    judgements = walked(operator, "/v1/judgements?limit=1")

    assert {j["verdict"] for j in judgements} == {"same", "different"}
    confirmed = next(j for j in judgements if j["verdict"] == "same")
    assert confirmed == {
        "judgement_id": confirmed["judgement_id"],
        "verdict": "same",
        "factory_id": factory_id,
        "reported": case_of(partner, grievance_id)["factory_reported"],
        "spelling_key": confirmed["spelling_key"],
        "judged_by": "handshake-gz",
        "judged_at": "2026-11-22T08:00:00.000Z",
    }
    for judgement in judgements:
        path = f"/v1/judgements/{judgement['judgement_id']}"
        assert operator.delete(path).status == 204
        assert refusal(operator.delete(path)) == (404, "not_found")
    assert walked(operator, "/v1/judgements") == []
    later = alerted(service, partner, "k-3", factory_reported=SPELLED)
    assert case_of(partner, later)["routing_reason"] == "factory_unknown"


def test_the_same_judgement_twice_is_one(service: Service) -> None:
    factory_id = covered(service)
    partner = service.partner()
    for number in range(2):
        grievance_id = submitted(partner, f"k-{number}", factory_reported=SPELLED)
        resolved(partner, grievance_id, factory_id)

    assert len(service.operator().get("/v1/judgements").json()["items"]) == 1


def test_nothing_that_was_reported_stands_in_a_key_of_the_registry(service: Service) -> None:
    factory_id = covered(service)
    partner = service.partner()
    told = {"name": "Canary Sewing Hall", "city": "Canarytown", "country": "CN"}
    resolved(partner, alerted(service, partner, factory_reported=told), factory_id)

    table = service.deps.settings.registry_table
    keys = [item["pk"]["S"] for item in client("dynamodb").scan(TableName=table)["Items"]]

    assert any(key.startswith("JUDGEMENT#") for key in keys)
    assert not [key for key in keys if "canary" in key.casefold()]


def test_an_alias_holds_for_its_country_only(service: Service) -> None:
    factory_id = covered(service)
    partner = service.partner()
    resolved(partner, alerted(service, partner, factory_reported=SPELLED), factory_id)

    elsewhere = {**SPELLED, "country": "VN"}
    later = alerted(service, partner, "k-2", factory_reported=elsewhere)

    assert case_of(partner, later)["routing"] == "needs_review"


def test_a_spelling_that_shall_not_be_remembered_is_not(service: Service) -> None:
    factory_id = covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, factory_reported=SPELLED)
    resolved(partner, grievance_id, factory_id, remember_spelling=False)

    later = alerted(service, partner, "k-2", factory_reported=SPELLED)

    assert case_of(partner, grievance_id)["state"] == "brand_notified"
    assert case_of(partner, later)["routing"] == "needs_review"


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


def test_the_spelling_of_a_factory_that_was_deleted_means_nothing_any_more(
    service: Service,
) -> None:
    """An alias outlives the factory it was given to; it must not hold up who uses it again."""
    wrong = service.factory("Fair Design Printing", country="CN")
    partner = service.partner()
    first = alerted(service, partner, factory_reported=SPELLED)
    resolved(partner, first, wrong)
    tag = f'"{case_of(partner, first)["version"]}"'
    partner.patch(f"/v1/grievances/{first}", {"factory_reported": {"name": "X"}}, If_Match=tag)
    service.tick()
    deleted = service.operator().delete(f"/v1/factories/{wrong}", If_Match='"1"')
    assert deleted.status == 204

    second = alerted(service, partner, "k-2", factory_reported=SPELLED)

    case = case_of(partner, second)
    assert (case["routing"], case["routing_reason"]) == ("needs_review", "factory_unknown")
    assert service.failed_attempts(second) == 0
