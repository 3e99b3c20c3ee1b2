"""Intake: one case for one post, the same bytes for a repeat, a clear refusal for the rest."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.domain.references import (
    derive_id,
    normalise_receipt_code,
    public_ref,
    secret_id,
)
from chalicelib.store.clients import client
from chalicelib.store.keyring import Purpose
from tests.calls import counted_calls, one_at_a_time
from tests.service import Service, filing


def test_a_grievance_is_received_with_a_receipt_and_its_deadlines(service: Service) -> None:
    answer = service.partner().post("/v1/grievances", filing(), Idempotency_Key="k-1")

    receipt = answer.json()
    assert answer.status == 201
    assert answer.headers["Location"] == f"/v1/grievances/{receipt['grievance_id']}"
    assert re.fullmatch(r"g_[0-9a-z]{26}", receipt.pop("grievance_id"))
    assert re.fullmatch(r"2026(-[0-9A-HJKMNP-TV-Z]{4}){3}", receipt.pop("public_ref"))
    assert normalise_receipt_code(receipt.pop("receipt_code")) is not None
    assert receipt == {
        "state": "received",
        "severity": "S3",
        "received_at": "2026-11-22T08:00:00.000Z",
        "respond_by": {
            "acknowledge": "2026-11-29T08:00:00.000Z",
            "alert_brand": "2026-11-25T08:00:00.000Z",
            "feedback": "2027-02-20T08:00:00.000Z",
            "hard_stop": "2027-05-21T08:00:00.000Z",
            "screening": "2026-12-02T08:00:00.000Z",
        },
    }


def test_what_was_filed_is_stored_as_it_was_given(service: Service) -> None:
    partner = service.partner()
    narrative = "工资拖欠两个月。\r\n\tÅ vs Å, 👩‍🏭"
    given = filing(
        narrative=narrative, partner_ref="GZ-17", sub_codes=["compensation.unpaid_wages"]
    )

    grievance_id = partner.post("/v1/grievances", given).json()["grievance_id"]

    read = partner.get(f"/v1/grievances/{grievance_id}").json()
    assert read["narrative"] == narrative
    assert read["partner_ref"] == "GZ-17"
    assert read["sub_codes"] == ["compensation.unpaid_wages"]
    assert read["factory_reported"]["name"] == "Yi Chang Tai Garment Factory"
    assert (read["incident_from"], read["incident_from_precision"]) == ("2026-09", "month")
    assert (read["incident_to"], read["incident_to_precision"]) == ("ongoing", "ongoing")
    assert read["consent"]["publish_summary"] is False


def test_a_second_post_with_the_same_key_returns_the_first_receipt(service: Service) -> None:
    partner = service.partner()
    first = partner.post("/v1/grievances", filing(), Idempotency_Key="k-1")
    service.clock.forward(days=400)

    second = partner.post("/v1/grievances", filing(), Idempotency_Key="k-1")

    assert (second.status, second.body) == (200, first.body)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert len(partner.get("/v1/grievances").json()["items"]) == 1


def test_a_repeat_gets_the_first_receipt_even_after_the_case_has_moved_on(
    service: Service,
) -> None:
    service.brand()
    service.link(service.factory())
    partner = service.partner()
    first = partner.post("/v1/grievances", filing(), Idempotency_Key="k-1")
    service.tick()

    assert partner.post("/v1/grievances", filing(), Idempotency_Key="k-1").body == first.body


def test_white_space_and_the_order_of_fields_make_no_other_body(service: Service) -> None:
    partner = service.partner()
    first = partner.post("/v1/grievances", b'{"categories":["other"],"partner_ref":"r-1"}')
    second = partner.post("/v1/grievances", b'{ "partner_ref": "r-1",\n"categories": ["other"]}')

    assert (first.status, second.status) == (201, 200)
    assert second.body == first.body


def test_the_same_key_with_another_body_is_refused(service: Service) -> None:
    partner = service.partner()
    partner.post("/v1/grievances", filing(), Idempotency_Key="k-1")

    answer = partner.post("/v1/grievances", filing(workers_affected=35), Idempotency_Key="k-1")

    assert answer.status == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:problem-type:handshake:idempotency_key_reused",
        "title": "Idempotency key reused with another body",
        "status": 422,
        "detail": "This key already stands for another request. Use a new key for a new "
        "grievance; to change the first one, PATCH it.",
        "code": "idempotency_key_reused",
    }
    assert len(partner.get("/v1/grievances").json()["items"]) == 1


def test_a_post_without_any_key_is_refused_with_what_to_do(service: Service) -> None:
    answer = service.partner().post("/v1/grievances", filing())

    assert (answer.status, answer.json()["code"]) == (400, "idempotency_key_missing")
    assert "partner_ref" in answer.json()["detail"]


@pytest.mark.parametrize("key", ["", " k", "k ", "ключ", "a" * 256, "a\x7f"])
def test_a_key_that_is_not_printable_ascii_of_1_to_255_is_refused(
    service: Service, key: str
) -> None:
    answer = service.partner().post("/v1/grievances", filing(), Idempotency_Key=key)

    assert (answer.status, answer.json()["code"]) == (400, "idempotency_key_invalid")


def test_the_partner_ref_alone_is_a_key(service: Service) -> None:
    partner = service.partner()
    first = partner.post("/v1/grievances", filing(partner_ref="GZ-1"))
    again = partner.post("/v1/grievances", filing(partner_ref="GZ-1"))
    other = partner.post("/v1/grievances", filing(partner_ref="GZ-1", workers_affected=1))

    assert (first.status, again.status, other.status) == (201, 200, 422)
    assert again.body == first.body


def test_with_both_keys_either_of_them_recognises_the_repeat(service: Service) -> None:
    partner = service.partner()
    body = filing(partner_ref="GZ-1")
    first = partner.post("/v1/grievances", body, Idempotency_Key="k-1")

    same = partner.post("/v1/grievances", body, Idempotency_Key="k-1")
    by_ref = partner.post("/v1/grievances", body)
    by_ref_with_new_key = partner.post("/v1/grievances", body, Idempotency_Key="k-2")

    assert first.status == 201
    assert [a.body for a in (same, by_ref, by_ref_with_new_key)] == [first.body] * 3
    assert len(partner.get("/v1/grievances").json()["items"]) == 1


def test_with_both_keys_either_of_them_refuses_another_body(service: Service) -> None:
    partner = service.partner()
    partner.post("/v1/grievances", filing(partner_ref="GZ-1"), Idempotency_Key="k-1")

    key_taken = partner.post("/v1/grievances", filing(partner_ref="GZ-2"), Idempotency_Key="k-1")
    ref_taken = partner.post(
        "/v1/grievances", filing(partner_ref="GZ-1", workers_affected=1), Idempotency_Key="k-2"
    )

    assert [a.json()["code"] for a in (key_taken, ref_taken)] == ["idempotency_key_reused"] * 2
    assert len(partner.get("/v1/grievances").json()["items"]) == 1


def test_another_partners_equal_key_is_another_grievance(service: Service) -> None:
    first = service.partner("ngo-a").post("/v1/grievances", filing(), Idempotency_Key="k-1")
    second = service.partner("ngo-b").post("/v1/grievances", filing(), Idempotency_Key="k-1")

    assert (first.status, second.status) == (201, 201)
    assert first.json()["grievance_id"] != second.json()["grievance_id"]
    assert first.json()["receipt_code"] != second.json()["receipt_code"]


def test_an_enquiry_is_kept_but_never_due_for_the_check(service: Service) -> None:
    service.brand()
    service.link(service.factory())
    partner = service.partner()
    receipt = partner.post(
        "/v1/grievances", filing(intake_type="enquiry"), Idempotency_Key="k-1"
    ).json()

    service.tick()

    read = partner.get(f"/v1/grievances/{receipt['grievance_id']}").json()
    assert (read["state"], read["routing"]) == ("received", "not_routed")
    assert set(receipt["respond_by"]) == {"acknowledge", "feedback"}
    assert service.received_alerts() == []


def test_a_critical_case_does_not_wait_for_the_tick(service: Service) -> None:
    service.brand()
    service.link(service.factory())
    body = filing(ilo_indicators=["retention_of_documents"])

    receipt = service.partner().post("/v1/grievances", body, Idempotency_Key="k-1").json()
    service.drain()

    assert receipt["severity"] == "S1"
    assert receipt["respond_by"]["alert_brand"] == "2026-11-22T09:00:00.000Z"
    assert len(service.received_alerts()) == 1


def test_intake_is_one_call_to_aws_and_one_that_counts_it(service: Service) -> None:
    partner = service.partner()
    partner.post("/v1/grievances", filing(), Idempotency_Key="warm-up")

    with counted_calls() as calls:
        answer = partner.post("/v1/grievances", filing(), Idempotency_Key="k-1")

    assert answer.status == 201
    assert calls == [
        *("dynamodb.BatchGetItem", "dynamodb.UpdateItem"),  # the authorizer's: whose key, its count
        *("dynamodb.UpdateItem", "dynamodb.PutItem"),  # ours: the partner's quota, the case
    ]


def test_the_item_holds_no_receipt_code_and_no_key_in_clear(service: Service) -> None:
    partner = service.partner()
    receipt = partner.post("/v1/grievances", filing(), Idempotency_Key="key-in-clear").json()

    items = client("dynamodb").scan(TableName=service.deps.settings.cases_table)["Items"]

    assert len(items) == 1
    assert receipt["receipt_code"] not in str(items)
    assert receipt["receipt_code"].replace("-", "") not in str(items)
    assert "key-in-clear" not in str(items)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"categories": []}, "categories", "too_short"),
        ({"categories": ["wages"]}, "categories.0", "enum"),
        ({"categories": ["other", "other"]}, "categories", "value_error"),
        ({"sub_codes": ["compensation.unheard_of"]}, "sub_codes", "value_error"),
        ({"incident_from": "2026-02-30"}, "incident_from", "value_error"),
        ({"incident_from": "2026-13"}, "incident_from", "string_pattern_mismatch"),
        ({"incident_from": "2026-09", "incident_to": "2026-08"}, "body", "value_error"),
        ({"workers_affected": 0}, "workers_affected", "greater_than_equal"),
        ({"language": "Chinese!"}, "language", "string_pattern_mismatch"),
        ({"jurisdiction": "China"}, "jurisdiction", "string_pattern_mismatch"),
        ({"consent": {"level": "C9"}}, "consent.level", "enum"),
        ({"consent": {"given_by": "x"}}, "consent", "extra_forbidden"),
        ({"severity": "S1"}, "body", "extra_forbidden"),
        ({"state": "closed"}, "body", "extra_forbidden"),
        ({"factory_reported": {"name": " "}}, "factory_reported.name", "value_error"),
        ({"factory_reported": {"name": "a\nb"}}, "factory_reported.name", "value_error"),
        ({"narrative": "bidi \u202e override"}, "narrative", "value_error"),
        ({"narrative": "nul \u0000"}, "narrative", "value_error"),
        ({"narrative": "x" * 20_001}, "narrative", "string_too_long"),
    ],
)
def test_a_field_that_breaks_a_rule_is_named_and_nothing_is_kept(
    service: Service, changes: dict[str, object], field: str, code: str
) -> None:
    partner = service.partner()

    answer = partner.post("/v1/grievances", filing(**changes), Idempotency_Key="k-1")

    assert (answer.status, answer.json()["code"]) == (422, "validation_failed")
    assert (field, code) in {(e["field"], e["code"]) for e in answer.json()["errors"]}
    assert partner.get("/v1/grievances").json()["items"] == []


def test_sixteen_threads_with_one_key_open_one_case(service: Service, counts: Counter[str]) -> None:
    """40 rounds: everybody gets the same receipt, whoever was first."""
    partner = service.partner()
    with one_at_a_time(), ThreadPoolExecutor(16) as pool:
        for number in range(40):
            posted = [
                pool.submit(partner.post, "/v1/grievances", filing(), Idempotency_Key=f"{number}")
                for _ in range(16)
            ]
            answers = [future.result() for future in posted]
            assert sorted(a.status for a in answers) == [200] * 15 + [201]
            assert len({a.body for a in answers}) == 1
            counts["posts of threads with one key"] += len(answers)


@pytest.mark.parametrize("kind", ["key", "ref"])
def test_who_knows_the_partner_and_its_numbering_cannot_tell_an_id_or_a_reference(
    service: Service, kind: str
) -> None:
    named = {"Idempotency_Key": "GZ-1"} if kind == "key" else {}
    body = filing() if kind == "key" else filing(partner_ref="GZ-1")

    receipt = service.partner().post("/v1/grievances", body, **named).json()

    guessed = derive_id("g", "handshake-gz", kind, "GZ-1")
    assert receipt["grievance_id"] != guessed
    assert receipt["public_ref"] != public_ref(guessed, 2026)
    secret = service.deps.keyring.key(Purpose.GRIEVANCE_ID)
    assert receipt["grievance_id"] == secret_id("g", secret, "handshake-gz", kind, "GZ-1")


@pytest.mark.parametrize(
    ("sent", "kept"), [(1e-200, 0.0), (-5e-324, 0.0), (22.1234567891234, 22.123456789), (90, 90.0)]
)
def test_a_coordinate_is_kept_to_nine_decimals(service: Service, sent: float, kept: float) -> None:
    partner = service.partner()
    place = {"name": "Vina Sewing", "country": "VN", "latitude": sent, "longitude": 107.0}

    answer = partner.post("/v1/grievances", filing(factory_reported=place), Idempotency_Key="k-1")

    assert answer.status == 201
    case = partner.get(f"/v1/grievances/{answer.json()['grievance_id']}").json()
    assert case["factory_reported"]["latitude"] == kept
    again = partner.post("/v1/grievances", filing(factory_reported=place), Idempotency_Key="k-1")
    assert (again.status, again.body) == (200, answer.body)
