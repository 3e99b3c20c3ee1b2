"""Outside of an engagement an auditor and a brand see nothing; inside of it, what it covers."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.references import derive_id
from chalicelib.domain.vocabulary import Role
from infra.local.gateway import Answer
from tests.calls import counted_calls
from tests.service import START, Caller, Service, but_for_the_count, user_id
from tests.usecases.people import logged
from tests.usecases.stories import alerted, case_of, covered, fields, refusal, submitted, walked

TODAY = {"received_from": "2026-11-22", "received_to": "2026-11-22"}
HOUSE = "linden-audit"


def auditor(service: Service, **limits: Any) -> Caller:
    """An auditor with one engagement, limited as said."""
    service.engage(HOUSE, **limits)
    return service.caller(Role.AUDITOR, HOUSE)


def refs(service: Service, caller: Caller, **wish: Any) -> set[str]:
    """The cases in an export."""
    asked = caller.post("/v1/exports", {**TODAY, **wish})
    assert asked.status == 202, asked.body
    service.drain()
    export_id = asked.json()["export_id"]
    assert caller.get(f"/v1/exports/{export_id}").json()["status"] == "done"
    content = service.deps.files.get(f"exports/{export_id}/cases.csv")
    assert content is not None
    return {row["public_ref"] for row in csv.DictReader(io.StringIO(content.decode()))}


# Time

ENDED = {
    "not begun": {"valid_from": START + timedelta(days=1)},
    "run out": {"valid_until": START},
    "ended": {"ended_at": START},
}


@pytest.mark.parametrize("limits", ENDED.values(), ids=ENDED)
def test_an_engagement_that_does_not_hold_opens_nothing(
    service: Service, limits: dict[str, Any]
) -> None:
    caller = auditor(service, **limits)
    engagement_id = derive_id("e", HOUSE, "test")

    for wish in (TODAY, {**TODAY, "engagement_id": engagement_id}):
        assert refusal(caller.post("/v1/exports", wish)) == (403, "engagement_not_active")
    assert caller.get("/v1/exports").json()["items"] == []


@pytest.mark.parametrize("limits", ENDED.values(), ids=ENDED)
def test_a_brands_desk_is_shut_then_too(service: Service, limits: dict[str, Any]) -> None:
    covered(service)
    grievance_id = alerted(service, service.partner())
    (alert,) = service.alert_rows(grievance_id)
    service.engage("acme", **limits)
    desk = service.brand_desk()

    for answer in _at_the_desk(desk, alert.alert_id):
        assert refusal(answer) == (403, "engagement_not_active")
    assert service.alert_rows(grievance_id) == [alert]


def _at_the_desk(desk: Caller, alert_id: str) -> list[Answer]:
    path = f"/v1/alerts/{alert_id}"
    return [
        desk.get("/v1/alerts"),
        desk.get(path),
        desk.post(f"{path}/acknowledgement"),
        desk.post(f"{path}/replies", {"text": "We ask."}),
    ]


def test_an_export_is_not_fetched_once_its_engagement_is_over(service: Service) -> None:
    caller = auditor(service, valid_until=START + timedelta(days=1))
    export_id = caller.post("/v1/exports", TODAY).json()["export_id"]
    service.drain()
    assert caller.get(f"/v1/exports/{export_id}").json()["status"] == "done"

    service.clock.forward(days=1)

    answer = caller.get(f"/v1/exports/{export_id}")
    assert refusal(answer) == (403, "engagement_not_active")


def test_an_engagement_that_ends_before_the_export_is_written_ends_it(service: Service) -> None:
    caller = auditor(service)
    caller.post("/v1/exports", TODAY)
    path = f"/v1/organisations/{HOUSE}/engagements/{derive_id('e', HOUSE, 'test')}"
    assert service.operator().delete(path).status == 204

    service.drain()

    (export,) = caller.get("/v1/exports").json()["items"]
    assert (export["status"], export["error"]) == ("failed", "engagement_not_active")
    assert service.deps.files.get(f"exports/{export['export_id']}/cases.csv") is None


# Which one


def test_of_several_one_must_be_named(service: Service) -> None:
    caller = auditor(service)
    second = service.engage(HOUSE, "second")

    assert fields(caller.post("/v1/exports", TODAY)) == {"engagement_id": "ambiguous"}
    answer = caller.post("/v1/exports", {**TODAY, "engagement_id": second})
    assert (answer.status, answer.json()["engagement_id"]) == (202, second)


def test_one_that_is_over_is_not_taken_for_one_of_several(service: Service) -> None:
    caller = auditor(service)
    service.engage(HOUSE, "second", valid_until=START)

    assert caller.post("/v1/exports", TODAY).status == 202


def test_anothers_engagement_is_none(service: Service) -> None:
    caller = auditor(service)
    theirs = service.engage("other-audit")

    answer = caller.post("/v1/exports", {**TODAY, "engagement_id": theirs})

    assert refusal(answer) == (403, "engagement_not_active")


# Which cases


def test_an_export_outside_of_the_engagement_is_refused_by_field(service: Service) -> None:
    caller = auditor(
        service, received_from="2026-11-01", received_to="2026-11-30", countries=["CN"]
    )

    for wish, problem in (
        ({"received_from": "2026-10-31"}, {"received_from": "outside_engagement"}),
        ({"received_to": "2026-12-01"}, {"received_to": "outside_engagement"}),
        ({"countries": ["CN", "BD"]}, {"countries": "outside_engagement"}),
    ):
        assert fields(caller.post("/v1/exports", {**TODAY, **wish})) == problem
    assert caller.get("/v1/exports").json()["items"] == []


def test_without_a_filter_an_export_holds_the_engagements_countries(service: Service) -> None:
    partner = service.partner()
    named = {
        country: case_of(
            partner,
            submitted(partner, country, factory_reported={"name": "Nobody", "country": country}),
        )["public_ref"]
        for country in ("CN", "BD", "VN")
    }
    caller = auditor(service, countries=["CN", "BD"])

    assert refs(service, caller) == {named["CN"], named["BD"]}
    assert refs(service, caller, countries=["BD"]) == {named["BD"]}


def test_an_engagement_for_brands_shows_the_cases_they_were_told_of(service: Service) -> None:
    first = service.factory()
    second = service.factory("Fair Design Printing", country="BD", city="Gazipur")
    for brand, factory_id in (("acme", first), ("bolt", first), ("oak", second)):
        service.brand(brand)
        service.link(factory_id, brand)
    partner = service.partner()
    at_second = {"name": "Fair Design Printing", "city": "Gazipur", "country": "BD"}
    unheard = {"name": "Nobody", "country": "CN"}
    ids = {
        "both": submitted(partner, "both"),
        "oak": submitted(partner, "oak", factory_reported=at_second),
        "nobody": submitted(partner, "nobody", factory_reported=unheard),
        "silent": submitted(partner, "silent", consent={"level": "C0"}),
    }
    service.tick()
    named = {name: case_of(partner, case_id)["public_ref"] for name, case_id in ids.items()}

    for brands, found in (
        (["acme"], {"both"}),
        (["oak"], {"oak"}),
        (["acme", "oak"], {"both", "oak"}),
        (["elm"], set()),
    ):
        house = f"audit-{'-'.join(brands)}"
        service.engage(house, brands=brands)
        caller = service.caller(Role.AUDITOR, house)
        assert refs(service, caller) == {named[name] for name in found}, brands


def test_a_case_whose_worker_has_withdrawn_is_no_brands_case_any_more(service: Service) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner)
    version = case_of(partner, grievance_id)["version"]
    withdrawn = partner.put(
        f"/v1/grievances/{grievance_id}/consent", {"level": "C0"}, If_Match=f'"{version}"'
    )
    assert withdrawn.status == 200

    caller = auditor(service, brands=["acme"])

    assert refs(service, caller) == set()


def test_narrowing_to_brands_asks_no_more_of_the_store(service: Service) -> None:
    first = submitted(service.partner(), intake_type="enquiry")
    service.set_attributes(first, "CASE", alerted_brands=["acme"])
    service.multiply(first, 120)
    _ = service.deps.signer.key_id  # the public key is fetched once
    counts = []
    for name, brands in (("wide", None), ("narrow", ["acme"])):
        house = f"audit-{name}"
        service.engage(house, brands=brands)
        service.caller(Role.AUDITOR, house).post("/v1/exports", TODAY)
        with counted_calls() as calls:
            service.drain()
        counts.append(sorted(calls))

    assert counts[0] == counts[1]
    assert counts[0].count("dynamodb.GetItem") == 2  # the job, and its engagement


def test_a_brand_reads_the_alerts_that_its_engagement_covers(service: Service) -> None:
    covered(service)
    grievance_id = alerted(service, service.partner())
    (alert,) = service.alert_rows(grievance_id)
    service.engage("acme", countries=["BD"])
    desk = service.brand_desk()
    answers = _at_the_desk(desk, alert.alert_id)

    assert answers[0].json() == {"items": [], "next_cursor": None}
    absent = desk.get(f"/v1/alerts/a_{'0' * 26}_{'0' * 26}")
    assert {refusal(answer) for answer in answers[1:]} == {(404, "not_found")}
    assert but_for_the_count(answers[1]) == but_for_the_count(absent)

    service.engage("acme", "second", countries=["CN"])

    assert [row["alert_id"] for row in walked(desk, "/v1/alerts")] == [alert.alert_id]
    assert desk.get(f"/v1/alerts/{alert.alert_id}").status == 200


def test_a_recall_reaches_a_brand_that_is_engaged_no_more(service: Service) -> None:
    service.engage("acme", valid_until=START + timedelta(hours=1))
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner)
    service.clock.forward(hours=1)
    version = case_of(partner, grievance_id)["version"]
    path = f"/v1/grievances/{grievance_id}/consent"
    assert partner.put(path, {"level": "C0"}, If_Match=f'"{version}"').status == 200
    service.tick()
    (recall,) = [a for a in service.alert_rows(grievance_id) if a.is_recall]
    (first,) = [a for a in service.alert_rows(grievance_id) if not a.is_recall]
    desk = service.brand_desk()

    assert desk.post(f"/v1/alerts/{recall.alert_id}/acknowledgement").status == 200
    answer = desk.get(f"/v1/alerts/{first.alert_id}")
    assert refusal(answer) == (403, "engagement_not_active")


def test_a_brand_reads_alerts_of_the_days_of_its_engagement(service: Service) -> None:
    covered(service)
    partner = service.partner()
    alerted(service, partner)
    service.clock.forward(days=1)
    alerted(service, partner, "k-2")
    service.engage("acme", received_to="2026-11-22")
    desk = service.brand_desk()

    assert len(walked(desk, "/v1/alerts")) == 1


# On record


def test_every_request_and_every_reading_is_on_record_with_its_purpose(service: Service) -> None:
    caller = auditor(service, purpose="legal_obligation")
    export_id = caller.post("/v1/exports", TODAY).json()["export_id"]
    service.drain()
    for _ in range(2):
        caller.get(f"/v1/exports/{export_id}")

    entries = logged(service)

    assert sorted(str(e.event) for e in entries) == [
        "export_read",
        "export_read",
        "export_requested",
    ]
    assert {
        (e.by_user, e.organisation, e.subject, e.engagement_id, e.purpose) for e in entries
    } == {
        (
            user_id(Role.AUDITOR, HOUSE),
            HOUSE,
            export_id,
            derive_id("e", HOUSE, "test"),
            "legal_obligation",
        )
    }


def test_what_is_refused_is_not_on_record_as_read(service: Service) -> None:
    export_id = auditor(service).post("/v1/exports", TODAY).json()["export_id"]
    before = logged(service)

    service.auditor().get(f"/v1/exports/{export_id}")

    assert logged(service) == before


def test_a_log_that_cannot_be_written_keeps_the_export_shut(service: Service) -> None:
    caller = auditor(service)
    with service.refusing("PutItem"):
        answer = caller.post("/v1/exports", TODAY)

    assert refusal(answer) == (503, "unavailable")
    assert caller.get("/v1/exports").json()["items"] == []
