"""What a reviewer's word does to later reports of the same spelling, and how it is taken back."""

import pytest

from chalicelib.store.clients import client
from tests.service import Service
from tests.usecases.reviewers import SPELLED, refused, resolved
from tests.usecases.stories import alerted, case_of, covered, refusal, submitted, walked


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


def test_a_spelling_that_shall_not_be_remembered_is_not(service: Service) -> None:
    factory_id = covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, factory_reported=SPELLED)
    resolved(partner, grievance_id, factory_id, remember_spelling=False)

    later = alerted(service, partner, "k-2", factory_reported=SPELLED)

    assert case_of(partner, grievance_id)["state"] == "brand_notified"
    assert case_of(partner, later)["routing"] == "needs_review"


def test_an_alias_holds_for_its_country_only(service: Service) -> None:
    factory_id = covered(service)
    partner = service.partner()
    resolved(partner, alerted(service, partner, factory_reported=SPELLED), factory_id)

    elsewhere = {**SPELLED, "country": "VN"}
    later = alerted(service, partner, "k-2", factory_reported=elsewhere)

    assert case_of(partner, later)["routing"] == "needs_review"


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
