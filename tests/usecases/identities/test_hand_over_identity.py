"""Who the worker is, told to a brand that she has named: on record, and nowhere in what leaves."""

from typing import Any

import pytest

from chalicelib.domain.alerting.alert_message import email_text
from chalicelib.domain.cases.facts import Filing
from chalicelib.domain.record.ledger import canonical
from chalicelib.domain.references import keyed_hash
from chalicelib.domain.vocabulary import Role
from chalicelib.store.keyring import Purpose
from chalicelib.texts import catalogue
from infra.local.gateway import Answer
from tests.service import Caller, Service, filing
from tests.usecases.cases.test_change_consent import published
from tests.usecases.stories import (
    alerted,
    case_of,
    consented,
    covered,
    ended,
    engaged_again,
    fields,
    refusal,
    submitted,
    walked,
)

WORKER = {"name": "Wrk-Canary-Name", "wechat": "Wrk-Canary-WeChat"}
NAMED: dict[str, Any] = {
    "level": "C4",
    "recipients": ["acme"],
    "cross_border": True,
    "script_version": "helpline-zh-4",
}
C3 = {"level": "C3", "cross_border": True, "script_version": "helpline-zh-4"}


def handed(caller: Caller, grievance_id: str, recipient: str = "acme") -> Answer:
    body = {"recipient": recipient, "reason": "pay_worker"}
    return caller.post(f"/v1/grievances/{grievance_id}/identity/hand-overs", body)


def hand_overs(caller: Caller, grievance_id: str) -> list[dict[str, Any]]:
    return walked(caller, f"/v1/grievances/{grievance_id}/identity/hand-overs?limit=1")


def named(service: Service, *brands: str, **changes: Any) -> tuple[Caller, str]:
    """A case whose worker has named a brand, which was told of it; at version 2."""
    covered(service, *brands)
    partner = service.partner()
    facts = {"consent": NAMED, "worker": WORKER, **changes}
    return partner, alerted(service, partner, **facts)


def version_of(partner: Caller, grievance_id: str) -> int:
    return int(case_of(partner, grievance_id)["version"])


# The consent names them


def test_the_brands_that_she_named_are_in_her_consent(service: Service) -> None:
    partner, grievance_id = named(service)

    assert case_of(partner, grievance_id)["consent"]["recipients"] == ["acme"]


@pytest.mark.parametrize(
    ("consent", "field", "code"),
    [
        ({**NAMED, "recipients": []}, "recipients", "missing"),
        ({**NAMED, "recipients": ["acme", "nobody"]}, "recipients.1", "unknown_brand"),
        ({**NAMED, "recipients": ["Acme!"]}, "recipients.0", "string_pattern_mismatch"),
        ({**NAMED, "recipients": ["acme"] * 11}, "recipients", "too_long"),
        ({**NAMED, "recipients": ["acme", "acme"]}, "", "value_error"),
        ({**C3, "recipients": ["acme"]}, "", "value_error"),
        ({"level": "C0", "recipients": ["acme"]}, "", "value_error"),
    ],
    ids=["none", "unknown", "no id", "too many", "twice", "for C3", "for C0"],
)
def test_a_consent_that_names_them_wrongly_is_refused_with_the_field(
    service: Service, consent: dict[str, Any], field: str, code: str
) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = submitted(partner)
    before = service.all_items()

    posted = partner.post("/v1/grievances", filing(consent=consent), Idempotency_Key="k-2")
    put = consented(partner, grievance_id, 1, **consent)

    in_filing = f"consent.{field}" if field else "consent"
    assert fields(posted) == {in_filing: code}
    assert fields(put) == {field or "body": code}
    assert service.all_items() == before


def test_whom_she_named_is_in_the_ledger_for_her_partner_alone(service: Service) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = submitted(partner)

    consented(partner, grievance_id, 1, **NAMED)

    entry = walked(partner, f"/v1/grievances/{grievance_id}/history")[-1]
    assert entry["private"]["recipients"] == [[], ["acme"]]
    none, committed = entry["data"]["recipients"]
    assert none is None
    assert set(committed) == {"commitment"}


def test_what_was_posted_before_recipients_were_named_is_read_and_repeated_as_it_was(
    service: Service,
) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = submitted(partner, consent=NAMED)
    body = filing(consent={**NAMED, "recipients": []})
    _as_stored_before(service, grievance_id, body)

    again = partner.post("/v1/grievances", body, Idempotency_Key="k-1")
    other = partner.post("/v1/grievances", {**body, "language": "bn"}, Idempotency_Key="k-1")
    new = partner.post("/v1/grievances", body, Idempotency_Key="k-2")

    assert (again.status, again.json()["grievance_id"]) == (200, grievance_id)
    assert refusal(other) == (422, "idempotency_key_reused")
    assert fields(new) == {"consent.recipients": "missing"}
    kept = case_of(partner, grievance_id)["consent"]
    assert (kept["level"], kept["recipients"]) == ("C4", [])


def _as_stored_before(service: Service, grievance_id: str, body: dict[str, Any]) -> None:
    """The head as it was stored when a consent had no recipients, with the fingerprint of then."""
    posted = Filing.model_validate(body).model_dump(
        mode="json", exclude={"links": True, "consent": {"recipients"}}
    )
    key = service.deps.keyring.key(Purpose.FINGERPRINT)
    consent = {name: value for name, value in body["consent"].items() if name != "recipients"}
    service.set_attributes(
        grievance_id, "CASE", consent=consent, fingerprint=keyed_hash(key, canonical(posted))
    )


# The hand-over


def test_a_hand_over_is_on_record_and_sends_nothing(service: Service) -> None:
    partner, grievance_id = named(service)
    published(service)
    service.clock.forward(minutes=5)

    answer = handed(partner, grievance_id)
    service.tick()

    (entry,) = walked(partner, f"/v1/grievances/{grievance_id}/history")[2:]
    assert answer.status == 201
    assert answer.json() == {
        "grievance_id": grievance_id,
        "recipient": "acme",
        "reason": "pay_worker",
        "handed_over_at": "2026-11-22T08:05:00.000Z",
        "by": entry["actor"],
        "entry": 3,
    }
    assert hand_overs(partner, grievance_id) == [answer.json()]
    assert (entry["action"], entry["private"]) == ("identity_handed_over", {"recipient": "acme"})
    assert entry["data"]["reason"] == "pay_worker"
    assert set(entry["data"]["recipient"]) == {"commitment"}
    assert published(service) == []


def test_each_is_listed_for_the_partner_alone(service: Service) -> None:
    partner, grievance_id = named(service)
    made = [handed(partner, grievance_id).json() for _ in range(3)]
    intake = service.caller(Role.PARTNER_INTAKE, "handshake-gz")

    assert hand_overs(intake, grievance_id) == made
    assert [row["entry"] for row in made] == [3, 4, 5]
    other = service.partner("other-ngo")
    path = f"/v1/grievances/{grievance_id}/identity/hand-overs"
    assert refusal(other.get(path)) == (404, "not_found")
    assert refusal(handed(other, grievance_id)) == (404, "not_found")


def test_intake_staff_hands_nothing_over(service: Service) -> None:
    _, grievance_id = named(service)

    answer = handed(service.caller(Role.PARTNER_INTAKE, "handshake-gz"), grievance_id)

    assert refusal(answer) == (403, "forbidden")


def test_without_her_agreement_to_this_very_thing_it_is_refused_and_the_answer_says_why(
    service: Service,
) -> None:
    partner, grievance_id = named(service)
    service.brand("bolt")
    service.brand("mill")

    for consent, recipient, why in (
        (NAMED, "mill", "has not named this brand"),
        ({**NAMED, "recipients": ["acme", "bolt"]}, "bolt", "has no alert that stands"),
        (C3, "acme", "consent C4"),
        ({**NAMED, "cross_border": False}, "acme", "`cross_border`"),
        ({"level": "C0"}, "acme", "consent C4"),
        (NAMED, "acme", "has no alert that stands"),  # recalled; the update is not sent yet
    ):
        consented(partner, grievance_id, version_of(partner, grievance_id), **consent)
        before = service.all_items()
        answer = handed(partner, grievance_id, recipient)
        assert refusal(answer) == (409, "state_conflict"), why
        assert why in answer.json()["detail"]
        assert service.all_items() == before
    service.tick()
    assert handed(partner, grievance_id).status == 201


def test_a_brand_that_is_not_engaged_now_is_told_no_name_and_once_it_is_again_it_may_be(
    service: Service,
) -> None:
    partner, grievance_id = named(service)
    service.brand_desk()
    ended(service)
    before = service.all_items()

    answer = handed(partner, grievance_id)

    assert refusal(answer) == (409, "brand_not_engaged")
    assert "acme" not in answer.json()["detail"]
    assert service.all_items() == before
    assert hand_overs(partner, grievance_id) == []
    engaged_again(service)
    assert handed(partner, grievance_id).status == 201


@pytest.mark.parametrize(
    "scope",
    [
        {"countries": ["BD"]},
        {"received_from": "2026-11-23"},
        {"received_to": "2026-11-21"},
        {"valid_from": "2026-12-01T00:00:00Z"},
        {"valid_until": "2026-11-22T08:00:00Z"},
    ],
    ids=["another country", "later alerts", "earlier alerts", "not begun", "run out"],
)
def test_an_engagement_under_which_its_desk_does_not_read_the_case_is_none(
    service: Service, scope: dict[str, Any]
) -> None:
    partner, grievance_id = named(service)
    service.engage("acme", **scope)

    assert refusal(handed(partner, grievance_id)) == (409, "brand_not_engaged")


def test_an_engagement_that_covers_its_old_alerts_is_enough(service: Service) -> None:
    partner, grievance_id = named(service)
    service.engage("acme", received_to="2026-11-22")
    service.clock.forward(days=3)

    assert handed(partner, grievance_id).status == 201


def test_where_no_identity_is_held_or_it_was_erased_none_is_handed_over(service: Service) -> None:
    partner, grievance_id = named(service, worker=None)
    assert refusal(handed(partner, grievance_id)) == (409, "state_conflict")
    partner.put(f"/v1/grievances/{grievance_id}/identity", WORKER)
    public_ref = case_of(partner, grievance_id)["public_ref"]
    erasure = {"scope": "identity", "reason": "worker_request", "confirm": public_ref}
    service.caller(Role.DPO, "privacy-office").post(
        f"/v1/grievances/{grievance_id}/erasure", erasure
    )

    assert refusal(handed(partner, grievance_id)) == (410, "identity_erased")
    assert hand_overs(partner, grievance_id) == []


@pytest.mark.parametrize(
    "body",
    [
        {"recipient": "acme"},
        {"reason": "pay_worker"},
        {"recipient": "acme", "reason": "they asked"},
        {"recipient": "", "reason": "pay_worker"},
    ],
    ids=["no reason", "no recipient", "another reason", "nobody"],
)
def test_a_hand_over_names_a_brand_and_one_of_the_reasons(
    service: Service, body: dict[str, str]
) -> None:
    partner, grievance_id = named(service)

    answer = partner.post(f"/v1/grievances/{grievance_id}/identity/hand-overs", body)

    assert refusal(answer) == (422, "validation_failed")
    assert hand_overs(partner, grievance_id) == []


# Taken back


@pytest.mark.parametrize(
    ("consent", "withdrawn"),
    [
        (C3, []),
        ({**NAMED, "recipients": ["bolt"]}, []),
        ({**C3, "level": "C2"}, ["factory"]),
        ({"level": "C0"}, ["everything"]),
        ({**NAMED, "cross_border": False}, ["everything"]),
    ],
    ids=["C3", "another brand", "C2", "C0", "border"],
)
def test_who_was_told_who_she_is_is_asked_to_delete_it_when_she_takes_that_back(
    service: Service, consent: dict[str, Any], withdrawn: list[str]
) -> None:
    partner, grievance_id = named(service, "acme", "bolt")
    handed(partner, grievance_id)
    published(service)
    (first,) = [a for a in service.alert_rows(grievance_id) if a.brand_id == "acme"]

    answer = consented(partner, grievance_id, 3, **consent)
    service.tick()

    assert answer.status == 200
    (recall,) = published(service)
    assert (recall["kind"], recall["identity_was_handed_over"]) == ("recall", True)
    assert recall["withdrawn"] == withdrawn
    assert recall["recalls"] == ([first.alert_id] if withdrawn else [])
    assert recall["actions_required"] == ["acknowledge", "delete"]
    others = [r for r in published(service, "bolt") if r["kind"] == "recall"]
    assert [("identity_was_handed_over" in r) for r in others] == ([False] if withdrawn else [])


def test_its_mail_asks_for_that_in_words(service: Service) -> None:
    partner, grievance_id = named(service)
    handed(partner, grievance_id)
    service.received_alerts()

    consented(partner, grievance_id, 3, **C3)

    (recall,) = [a for a in service.alert_rows(grievance_id) if a.is_recall]
    for language in ("en", "bn", "hi", "vi", "zh", "zh-hant"):
        texts = catalogue(language)
        mail = email_text(recall.payload, texts)
        assert texts["alert.withdrawn_identity"] in mail
        assert texts["alert.recalls"] not in mail
        assert "Wrk-Canary" not in mail


def test_what_it_knows_of_the_case_stays_where_only_who_she_is_was_taken_back(
    service: Service,
) -> None:
    partner, grievance_id = named(service)
    handed(partner, grievance_id)

    consented(partner, grievance_id, 3, **C3)
    service.tick()

    rows = walked(service.brand_desk(), "/v1/alerts")
    shown = {row["kind"]: service.brand_desk().get(f"/v1/alerts/{row['alert_id']}") for row in rows}
    assert sorted(shown) == ["new", "recall"]
    assert shown["new"].json()["alert"]["factory"]["name"] == "Yi Chang Tai Garment Factory"
    recall = shown["recall"].json()["alert"]
    path = f"/v1/alerts/{recall['alert_id']}/acknowledgement"
    assert service.brand_desk().post(path).status == 200


def test_it_is_asked_once_for_each_time_it_was_told(service: Service) -> None:
    partner, grievance_id = named(service)
    handed(partner, grievance_id)
    consented(partner, grievance_id, 3, **C3)
    consented(partner, grievance_id, 4, **NAMED)
    consented(partner, grievance_id, 5, **C3)
    assert len([a for a in service.alert_rows(grievance_id) if a.is_recall]) == 1

    consented(partner, grievance_id, 6, **NAMED)
    handed(partner, grievance_id)
    consented(partner, grievance_id, 8, **C3)

    assert len([a for a in service.alert_rows(grievance_id) if a.is_recall]) == 2


def test_a_correction_that_brings_a_border_into_play_takes_it_back_as_well(
    service: Service,
) -> None:
    service.brand()
    service.link(service.factory(country="BD", city="Dhaka"))
    partner = service.partner()
    reported = {"name": "Yi Chang Tai Garment Factory", "city": "Dhaka", "country": "BD"}
    consent = {**NAMED, "cross_border": False}
    grievance_id = alerted(
        service, partner, factory_reported=reported, consent=consent, worker=WORKER
    )
    assert handed(partner, grievance_id).status == 201
    published(service)

    moved = partner.patch(f"/v1/grievances/{grievance_id}", {"jurisdiction": "CN"}, If_Match='"3"')
    service.tick()

    assert moved.status == 200
    (recall,) = published(service)
    assert (recall["withdrawn"], recall["identity_was_handed_over"]) == (["everything"], True)
