"""Consent given, changed, taken back: recorded, and what brands were told follows it."""

import json
from typing import Any

import pytest

from chalicelib.domain.vocabulary import Role
from chalicelib.store.clients import client
from tests.calls import counted_calls
from tests.faults.kills import killed_at
from tests.service import Caller, Service
from tests.usecases.stories import (
    alerted,
    case_of,
    consented,
    covered,
    fields,
    refusal,
    submitted,
    walked,
)

DESK_QUEUE = "arn:aws:sqs:eu-central-1:123456789012:desk-acme"
FULL = {"level": "C3", "cross_border": True, "script_version": "helpline-zh-3"}


def published(service: Service, brand_id: str = "acme") -> list[dict[str, Any]]:
    """What the brand's queue has received since the last look."""
    return [json.loads(envelope["Message"]) for envelope in service.received_alerts(brand_id)]


def desk(service: Service, brand_id: str = "acme") -> dict[str, dict[str, Any]]:
    """The brand's alerts as its desk reads them, by kind."""
    caller = service.brand_desk(brand_id)
    rows = walked(caller, "/v1/alerts")
    return {
        row["kind"]: {"row": row, **caller.get(f"/v1/alerts/{row['alert_id']}").json()}
        for row in rows
    }


def told(service: Service, **changes: Any) -> tuple[Caller, str]:
    """A case whose brand was told, at version 2."""
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, **changes)
    assert len(published(service)) == 1
    return partner, grievance_id


# The record


def test_a_consent_is_replaced_as_a_whole_and_what_is_left_out_is_a_no(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)

    answer = consented(partner, grievance_id, 1, level="C1", script_version="helpline-bn-1")

    assert (answer.status, answer.headers["ETag"]) == (200, '"2"')
    assert answer.json() == case_of(partner, grievance_id)
    assert answer.json()["consent"] == {
        "level": "C1",
        "recipients": [],
        "publish_summary": False,
        "cross_border": False,
        "contact_back": False,
        "share_with_union": False,
        "script_version": "helpline-bn-1",
    }


def test_who_changed_what_when_and_by_which_script_is_in_the_ledger(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    service.clock.forward(hours=2)

    consented(partner, grievance_id, 1, level="C0", script_version="withdrawal-zh-1")

    entry = walked(partner, f"/v1/grievances/{grievance_id}/history")[-1]
    assert (entry["seq"], entry["action"]) == (2, "consent_changed")
    assert entry["at"] == "2026-11-22T10:00:00.000Z"
    assert entry["actor"].startswith("partner_supervisor:")
    assert {**entry["data"], **entry["private"]} == {
        "level": ["C3", "C0"],
        "cross_border": [True, False],
        "contact_back": [True, False],
        "script_version": ["helpline-zh-3", "withdrawal-zh-1"],
    }


def test_the_same_consent_again_changes_nothing(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, consent=FULL)
    before = service.all_items()

    answer = consented(partner, grievance_id, 1, **FULL)

    assert (answer.status, answer.headers["ETag"]) == (200, '"1"')
    assert service.all_items() == before


def test_a_yes_without_the_script_it_was_given_to_is_refused(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    before = service.all_items()

    answer = consented(partner, grievance_id, 1, level="C4")

    assert fields(answer) == {"body": "value_error"}
    assert service.all_items() == before


def test_a_stale_version_is_refused_and_a_missing_one_asked_for(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    path = f"/v1/grievances/{grievance_id}/consent"

    assert refusal(consented(partner, grievance_id, 7, level="C0")) == (412, "precondition_failed")
    assert refusal(partner.put(path, {"level": "C0"})) == (428, "precondition_required")
    assert case_of(partner, grievance_id)["consent"]["level"] == "C3"


# Withdrawal


def test_a_withdrawal_recalls_what_the_brand_was_told(service: Service) -> None:
    partner, grievance_id = told(service)
    service.clock.forward(hours=5)

    answer = consented(partner, grievance_id, 2, level="C0")
    service.tick()

    assert answer.status == 200
    (recall,) = published(service)
    seen = desk(service)
    assert (recall["kind"], recall["recalls"]) == ("recall", [seen["new"]["alert_id"]])
    assert (recall["withdrawn"], recall["consent_level"]) == (["everything"], "C0")
    assert recall["acknowledge_by"] == "2026-11-27T13:00:00.000Z"
    assert {"factory", "summary"}.isdisjoint(recall)
    assert "Yi Chang Tai" not in json.dumps(recall)


def test_what_was_withdrawn_is_gone_from_the_desk_at_once(service: Service) -> None:
    """Before any recall is published; the row stays, so that the brand finds what to delete."""
    partner, grievance_id = told(service)
    service.clock.forward(hours=5)

    consented(partner, grievance_id, 2, level="C1", script_version="helpline-zh-3")

    original = desk(service)["new"]
    assert original["alert"] is None
    assert original["recalled_at"] == "2026-11-22T13:00:00.000Z"
    row = original["row"]
    assert (row["severity"], row["category"], row["country"]) == (None, None, None)
    assert row["recalled_at"] == "2026-11-22T13:00:00.000Z"
    stored = json.dumps([i for i in service.all_items() if "ALERT#" in i["sk"]], default=str)
    assert "Yi Chang Tai" not in stored


def test_consent_to_the_issue_alone_takes_back_the_factory_and_no_more(service: Service) -> None:
    partner, grievance_id = told(service)

    consented(partner, grievance_id, 2, **{**FULL, "level": "C2"})
    service.tick()

    (recall,) = published(service)
    original = desk(service)["new"]
    assert (recall["withdrawn"], recall["consent_level"]) == (["factory"], "C2")
    assert (original["alert"]["factory"], original["alert"]["consent_level"]) == (None, "C2")
    assert original["row"]["category"] == "compensation"


def test_the_brand_must_acknowledge_a_recall_and_that_is_no_answer_to_the_case(
    service: Service,
) -> None:
    partner, grievance_id = told(service)
    consented(partner, grievance_id, 2, level="C0")
    service.tick()
    recall_id = desk(service)["recall"]["alert_id"]
    brand = service.brand_desk()

    seen = brand.post(f"/v1/alerts/{recall_id}/acknowledgement")
    answered = brand.post(f"/v1/alerts/{recall_id}/replies", {"text": "Deleted everywhere."})

    assert (seen.status, answered.status) == (200, 201)
    case = case_of(partner, grievance_id)
    assert case["clocks"]["brand_acknowledges"]["met_at"] is None
    assert case["clocks"]["brand_first_reply"]["met_at"] is None
    rows = walked(partner, f"/v1/grievances/{grievance_id}/alerts")
    told_of = {row["kind"]: row["acknowledged_at"] for row in rows}
    assert told_of == {"new": None, "recall": "2026-11-22T08:00:00.000Z"}


def test_after_a_withdrawal_no_alert_goes_out_whatever_happens(service: Service) -> None:
    """Not even when another brand turns out to source there."""
    partner, grievance_id = told(service)
    consented(partner, grievance_id, 2, level="C0")
    service.tick()
    published(service)

    service.brand("bolt")
    service.link(service.factory(), "bolt")
    for _ in range(3):
        service.clock.forward(hours=1)
        service.tick()

    assert published(service) == published(service, "bolt") == []


def test_every_brand_that_was_told_is_recalled_and_no_other(service: Service) -> None:
    factory_id = covered(service, "acme", "bolt")
    partner = service.partner()
    grievance_id = alerted(service, partner)
    service.brand("cove")
    service.link(factory_id, "cove")

    consented(partner, grievance_id, 2, level="C0")
    service.tick()

    for brand_id in ("acme", "bolt"):
        assert [message["kind"] for message in published(service, brand_id)] == ["new", "recall"]
    assert published(service, "cove") == []


def test_more_brands_than_a_transaction_holds_are_all_recalled(service: Service) -> None:
    factory_id = service.factory()
    brands = [f"brand-{number:02d}" for number in range(45)]
    for brand_id in brands:
        service.brand(brand_id, subscribe=False)
        service.link(factory_id, brand_id)
    partner = service.partner()
    grievance_id = alerted(service, partner)

    answer = consented(partner, grievance_id, 2, level="C0")

    assert answer.status == 200
    rows = service.alert_rows(grievance_id)
    assert sorted(row.brand_id for row in rows if row.is_recall) == brands
    assert all(row.recalled_at for row in rows if not row.is_recall)


@pytest.mark.parametrize("state", ["on_hold", "closed"])
def test_consent_can_be_withdrawn_whatever_has_become_of_the_case(
    service: Service, state: str
) -> None:
    partner, grievance_id = told(service)
    wish = {
        "on_hold": {"to": "on_hold", "reason": "Ill.", "until": "2026-12-01T00:00:00Z"},
        "closed": {"to": "closed", "outcome": "withdrawn", "root_cause": "unknown"},
    }
    moved = partner.post(f"/v1/grievances/{grievance_id}/transitions", wish[state])
    assert moved.status == 200, moved.body

    answer = consented(partner, grievance_id, 3, level="C0")
    service.tick()

    assert (answer.status, answer.json()["state"]) == (200, state)
    assert [message["kind"] for message in published(service)] == ["recall"]


@pytest.mark.parametrize("checked_before", [True, False])
def test_a_withdrawal_while_the_case_is_screened_again_reaches_the_brand(
    service: Service, checked_before: bool
) -> None:
    """The recall goes out although the case is held now, by that very withdrawal."""
    partner, grievance_id = told(service)
    for step in (
        {"to": "closed", "outcome": "withdrawn", "root_cause": "unknown"},
        {"to": "reopened", "reason": "She called again."},
        {"to": "screening"},
    ):
        moved = partner.post(f"/v1/grievances/{grievance_id}/transitions", step)
        assert moved.status == 200, moved.body
    if checked_before:  # nobody sources there any more: the case waits for a brand
        operator, link = service.operator(), f"/v1/factories/{service.factory()}/links/acme"
        assert operator.delete(link, If_Match='"1"').status == 204
        service.tick()
    version = case_of(partner, grievance_id)["version"]

    consented(partner, grievance_id, version, level="C0")
    service.tick()

    assert case_of(partner, grievance_id)["routing"] in ("held", "no_brand")
    assert [message["kind"] for message in published(service)] == ["recall"]


def test_a_report_that_turns_out_to_be_from_china_recalls_what_was_told_without_consent(
    service: Service,
) -> None:
    service.brand()
    service.link(service.factory("Fair Design Printing", country="BD", city="Gazipur"))
    partner = service.partner()
    reported = {"name": "Fair Design Printing", "city": "Gazipur", "country": "BD"}
    consent = {"level": "C3", "script_version": "helpline-zh-3"}
    grievance_id = alerted(service, partner, factory_reported=reported, consent=consent)
    assert len(published(service)) == 1

    answer = partner.patch(f"/v1/grievances/{grievance_id}", {"jurisdiction": "CN"}, If_Match='"2"')
    service.tick()

    assert answer.status == 200
    (recall,) = published(service)
    assert (recall["kind"], recall["withdrawn"]) == ("recall", ["everything"])
    assert desk(service)["new"]["alert"] is None


def test_an_alert_that_never_went_out_is_suppressed_and_not_recalled(service: Service) -> None:
    covered(service)
    partner = service.partner()
    client("sns").delete_topic(TopicArn=service.deps.topics.arn("acme"))
    grievance_id = alerted(service, partner)
    service.deps.topics.ensure("acme")
    service.subscribe("acme")

    consented(partner, grievance_id, 2, level="C0")
    service.clock.forward(hours=1)
    service.tick()

    assert published(service) == []
    assert walked(service.brand_desk(), "/v1/alerts") == []
    (alert,) = service.alert_rows(grievance_id)
    assert alert.status == "suppressed"


def test_an_alert_that_may_have_gone_out_before_it_was_refused_is_recalled(
    service: Service,
) -> None:
    """The run that wrote and published it was killed before it could note that."""
    partner, _ = told(service)
    submitted(partner, "k-2")
    with counted_calls() as calls:
        service.tick()
    assert len(published(service)) == 1

    grievance_id = submitted(partner, "k-3")
    with killed_at(calls.index("sns.PublishBatch") + 1, "after-call"):
        service.tick()
    assert [alert.attempts for alert in service.alert_rows(grievance_id)] == [0]
    service.clock.forward(minutes=5)
    client("sns").delete_topic(TopicArn=service.deps.topics.arn("acme"))
    service.tick()
    service.deps.topics.ensure("acme")
    client("sns").subscribe(
        TopicArn=service.deps.topics.arn("acme"), Protocol="sqs", Endpoint=DESK_QUEUE
    )
    (known,) = published(service)
    assert known["public_ref"] == case_of(partner, grievance_id)["public_ref"]

    consented(partner, grievance_id, 2, level="C0")
    service.clock.forward(hours=1)
    service.tick()

    (recall,) = published(service)
    assert (recall["kind"], recall["recalls"]) == ("recall", [known["alert_id"]])


# More consent


def test_a_wider_consent_tells_the_brand_what_it_may_now_know(service: Service) -> None:
    partner, grievance_id = told(service, consent={**FULL, "level": "C2"})

    consented(partner, grievance_id, 2, **FULL)
    service.tick()

    (update,) = published(service)
    assert (update["kind"], update["consent_level"]) == ("update", "C3")
    assert update["factory"]["name"] == "Yi Chang Tai Garment Factory"
    assert desk(service)["new"]["alert"]["factory"] is None


def test_a_consent_given_again_after_a_withdrawal_is_news(service: Service) -> None:
    """With an alert of its own; what was recalled stays recalled."""
    partner, grievance_id = told(service)
    consented(partner, grievance_id, 2, level="C0")
    service.tick()
    published(service)

    consented(partner, grievance_id, 3, **FULL)
    service.tick()

    (update,) = published(service)
    assert (update["kind"], update["consent_level"]) == ("update", "C3")
    seen = desk(service)
    assert seen["update"]["alert"]["factory"]["name"] == "Yi Chang Tai Garment Factory"
    assert seen["new"]["alert"] is None


def test_a_second_withdrawal_recalls_what_was_told_in_between(service: Service) -> None:
    partner, grievance_id = told(service)
    consented(partner, grievance_id, 2, level="C0")
    consented(partner, grievance_id, 3, **FULL)
    service.tick()
    published(service)

    consented(partner, grievance_id, 4, level="C0")
    service.tick()

    (recall,) = published(service)
    update = next(a for a in service.alert_rows(grievance_id) if a.payload.kind == "update")
    assert (recall["kind"], recall["recalls"]) == ("recall", [update.alert_id])


def test_consent_given_later_sends_a_held_case_out(service: Service) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, consent={})

    consented(partner, grievance_id, 2, **FULL)
    service.tick()

    assert case_of(partner, grievance_id)["state"] == "brand_notified"
    assert [message["kind"] for message in published(service)] == ["new"]


# Borders


def crossings(service: Service, year: int = 2026) -> dict[str, Any]:
    answer = service.caller(Role.DPO, "operations").get(f"/v1/border-crossings?year={year}")
    assert answer.status == 200, answer.body
    (item,) = answer.json()["items"]
    counted: dict[str, Any] = item
    return counted


def test_people_are_counted_once_when_their_case_first_leaves_china(service: Service) -> None:
    partner, grievance_id = told(service, workers_affected=34)
    alerted(service, partner, "k-2", workers_affected=None)
    alerted(service, partner, "k-3", consent={"level": "C3", "script_version": "helpline-zh-3"})

    consented(partner, grievance_id, 2, level="C0")
    consented(partner, grievance_id, 3, **FULL)
    service.tick()

    assert crossings(service) == {"jurisdiction": "CN", "year": 2026, "people": 35, "cases": 2}
    assert crossings(service, 2025) == {"jurisdiction": "CN", "year": 2025, "people": 0, "cases": 0}


def test_the_count_takes_one_call_to_read(service: Service) -> None:
    told(service)
    officer = service.caller(Role.DPO, "operations")

    with counted_calls() as calls:
        officer.get("/v1/border-crossings?year=2026")

    # whose the key is, its requests, the counters of people
    assert calls == ["dynamodb.BatchGetItem", "dynamodb.UpdateItem", "dynamodb.BatchGetItem"]


def test_a_year_must_be_named(service: Service) -> None:
    answer = service.caller(Role.DPO, "operations").get("/v1/border-crossings")

    assert fields(answer) == {"year": "missing"}


def test_an_exact_count_is_for_the_officer_alone(service: Service) -> None:
    """A year with one case would tell anybody else how many people that one was about."""
    told(service, workers_affected=34)

    answer = service.operator().get("/v1/border-crossings?year=2026")

    assert refusal(answer) == (403, "forbidden")


def test_an_export_holds_no_case_that_may_not_leave_and_says_how_many(service: Service) -> None:
    covered(service)
    partner = service.partner()
    alerted(service, partner)
    alerted(service, partner, "k-2", consent={"level": "C3", "script_version": "helpline-zh-3"})
    auditor = service.auditor()

    today = {"received_from": "2026-11-22", "received_to": "2026-11-22"}
    export_id = auditor.post("/v1/exports", today).json()["export_id"]
    service.drain()

    manifest = auditor.get(f"/v1/exports/{export_id}").json()["manifest"]
    assert manifest["row_count"] == 1
    assert manifest["withheld"] == {"cross_border_consent_missing": 1}
