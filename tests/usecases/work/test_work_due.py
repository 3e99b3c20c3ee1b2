"""The check: who is told, who is not, what a case waits for; nothing is lost or doubled."""

import json
import re
from collections import Counter
from typing import Any

import pytest

from chalicelib.store import keys
from chalicelib.store.clients import client
from chalicelib.store.work import WorkRow
from chalicelib.usecases.work.work_due import work_rows
from tests.calls import counted_calls
from tests.service import Caller, Service, filing
from tests.usecases.stories import consented


def submitted(partner: Caller, key: str = "k-1", **changes: Any) -> str:
    """Post a grievance; its id."""
    answer = partner.post("/v1/grievances", filing(**changes), Idempotency_Key=key)
    assert answer.status == 201, answer.body
    return str(answer.json()["grievance_id"])


def read(partner: Caller, grievance_id: str) -> dict[str, Any]:
    """The case as its partner sees it."""
    answer = partner.get(f"/v1/grievances/{grievance_id}")
    assert answer.status == 200, answer.body
    case: dict[str, Any] = answer.json()
    return case


def payloads(service: Service, brand_id: str = "acme") -> list[dict[str, Any]]:
    """What the brand's queue received, as the JSON meant for machines."""
    return [json.loads(envelope["Message"]) for envelope in service.received_alerts(brand_id)]


def test_every_brand_that_sources_from_the_factory_is_alerted(service: Service) -> None:
    for brand in ("acme", "bolt", "cove"):
        service.brand(brand)
    factory = service.factory()
    service.link(factory, "acme")
    service.link(factory, "bolt")
    partner = service.partner()
    grievance_id = submitted(partner)

    service.tick()

    case = read(partner, grievance_id)
    assert (case["state"], case["routing"], case["factory_id"]) == (
        "brand_notified",
        "alerted",
        factory,
    )
    assert case["brand_notified_at"] == case["acknowledged_at"] == "2026-11-22T08:00:00.000Z"
    assert case["clocks"]["alert_brand"]["met_at"] == "2026-11-22T08:00:00.000Z"
    assert case["clocks"]["brand_first_reply"]["due_at"] == "2026-12-07T08:00:00.000Z"
    assert [len(payloads(service, brand)) for brand in ("acme", "bolt", "cove")] == [1, 1, 0]


def test_the_alert_says_what_a_brand_needs_and_nothing_about_the_worker(
    service: Service,
) -> None:
    service.brand(
        code_of_conduct={
            "version": "2025-03",
            "clauses": [{"category": "compensation", "clause": "4.2 Wages are paid on time"}],
        }
    )
    factory = service.factory(address="48 Kangzheng Road", os_id="CN2019303BQ3FZP")
    service.link(factory, valid_from="2024-01-01")
    partner = service.partner()
    submitted(partner, summary="Two months of wages are outstanding.")

    service.tick()

    (envelope,) = service.received_alerts()
    payload = json.loads(envelope["Message"])
    alert_id, public_ref = payload["alert_id"], payload["public_ref"]
    content_hash = payload.pop("content_hash")
    assert len(content_hash) == 64
    assert payload == {
        "alert_id": alert_id,
        "schema_version": "1.0",
        "kind": "new",
        "public_ref": public_ref,
        "brand_id": "acme",
        "consent_level": "C3",
        "factory": {
            "factory_id": factory,
            "name": "Yi Chang Tai Garment Factory",
            "address": "48 Kangzheng Road",
            "city": "Shenzhen",
            "identifiers": {"os_id": "CN2019303BQ3FZP"},
        },
        "country": "CN",
        "category": "compensation",
        "categories": ["compensation"],
        "ilo_indicators": [],
        "severity": "S3",
        "received_month": "2026-11",
        "workers_band": "11-50",
        "acknowledge_by": "2026-11-27T08:00:00.000Z",
        "respond_by": "2026-12-07T08:00:00.000Z",
        "actions_required": ["acknowledge", "reply"],
        "link_dates_known": True,
        "code_clause": "4.2 Wages are paid on time",
        "code_version": "2025-03",
        "link": f"https://handshake.test/v1/alerts/{alert_id}",
        "sequence": 1,
    }
    assert envelope["Subject"] == f"[S3] new grievance alert {public_ref}: compensation"
    assert {k: v["Value"] for k, v in envelope["MessageAttributes"].items()} == {
        "brand_id": "acme",
        "kind": "new",
        "severity": "S3",
        "category": "compensation",
        "country": "CN",
    }
    for secret in ("Wages for September", "handshake-gz", "Two months", "zh-CN"):
        assert secret not in json.dumps(envelope)


def test_the_summary_goes_along_only_where_the_worker_agreed_to_publish_it(
    service: Service,
) -> None:
    service.brand()
    service.link(service.factory())
    consent = {
        "level": "C3",
        "cross_border": True,
        "publish_summary": True,
        "script_version": "helpline-zh-3",
    }
    submitted(service.partner(), summary="Two months of wages are outstanding.", consent=consent)

    service.tick()

    assert payloads(service)[0]["summary"] == "Two months of wages are outstanding."


def test_at_c2_the_factory_is_not_named_anywhere_in_the_message(service: Service) -> None:
    service.brand()
    service.link(service.factory(address="48 Kangzheng Road", os_id="CN2019303BQ3FZP"))
    submitted(
        service.partner(),
        consent={"level": "C2", "cross_border": True, "script_version": "helpline-zh-3"},
    )

    service.tick()

    (envelope,) = service.received_alerts()
    assert json.loads(envelope["Message"])["consent_level"] == "C2"
    for name in ("Yi Chang Tai", "Shenzhen", "Kangzheng", "CN2019303BQ3FZP", "f_"):
        assert name not in json.dumps(envelope)


@pytest.mark.parametrize(
    ("consent", "reason"),
    [
        ({}, "consent_c0_nothing_may_be_shared"),
        ({"level": "C1", "script_version": "helpline-zh-3"}, "consent_c1_aggregates_only"),
        (
            {"level": "X", "cross_border": True, "script_version": "helpline-zh-3"},
            "consent_x_held_in_escrow",
        ),
        ({"level": "C3", "script_version": "helpline-zh-3"}, "cross_border_consent_missing"),
    ],
)
def test_without_consent_the_case_is_held_and_says_why(
    service: Service, consent: dict[str, Any], reason: str
) -> None:
    service.brand()
    service.link(service.factory())
    partner = service.partner()
    grievance_id = submitted(partner, consent=consent)

    service.tick()

    case = read(partner, grievance_id)
    assert (case["state"], case["routing"], case["routing_reason"]) == (
        "admissible",
        "held",
        reason,
    )
    assert service.received_alerts() == []


def test_outside_china_no_separate_consent_to_cross_borders_is_asked_for(
    service: Service,
) -> None:
    service.brand()
    service.link(service.factory("Fair Design Printing", country="BD", city="Gazipur"))
    reported = {"name": "Fair Design Printing", "city": "Gazipur", "country": "BD"}
    submitted(
        service.partner(),
        factory_reported=reported,
        consent={"level": "C3", "script_version": "helpline-zh-3"},
    )

    service.tick()

    assert len(payloads(service)) == 1


def test_consent_given_later_sends_the_held_case_out(service: Service) -> None:
    service.brand()
    service.link(service.factory())
    partner = service.partner()
    grievance_id = submitted(partner, consent={})
    service.tick()

    given = {"level": "C3", "cross_border": True, "script_version": "helpline-zh-3"}
    answer = consented(partner, grievance_id, 2, **given)
    service.tick()

    assert answer.status == 200
    assert read(partner, grievance_id)["state"] == "brand_notified"
    assert len(payloads(service)) == 1


def test_consent_withdrawn_between_writing_and_publishing_suppresses_the_alert(
    service: Service,
) -> None:
    service.brand()
    service.link(service.factory())
    partner = service.partner()
    grievance_id = submitted(partner)
    client("sns").delete_topic(TopicArn=service.deps.topics.arn("acme"))
    service.tick()
    withdrawn = consented(partner, grievance_id, 2, level="C0")
    service.deps.topics.ensure("acme")
    service.subscribe("acme")
    service.clock.forward(hours=1)

    service.tick()
    service.tick()

    assert withdrawn.status == 200
    assert service.received_alerts() == []
    (row,) = service.alert_rows(grievance_id)
    assert (row.status, row.due_at) == ("suppressed", None)
    desk = service.brand_desk()
    assert desk.get("/v1/alerts").json()["items"] == []
    assert desk.get(f"/v1/alerts/{row.alert_id}").status == 404


def test_a_link_that_ended_before_the_incident_does_not_count(service: Service) -> None:
    service.brand()
    factory = service.factory()
    service.link(factory, valid_from="2020-01-01", valid_to="2026-08-31")
    partner = service.partner()
    before = submitted(partner, "k-1", incident_from="2026-09", incident_to="2026-10")
    during = submitted(partner, "k-2", incident_from="2026", incident_to="2026-10")

    service.tick()

    case = read(partner, before)
    assert (case["state"], case["routing_reason"]) == ("not_covered", "no_brand_link")
    assert read(partner, during)["state"] == "brand_notified"


def test_a_link_that_appears_later_routes_the_uncovered_case_after_all(
    service: Service,
) -> None:
    service.brand()
    factory = service.factory()
    partner = service.partner()
    grievance_id = submitted(partner)
    service.tick()
    assert read(partner, grievance_id)["state"] == "not_covered"

    service.clock.forward(days=200)
    service.link(factory)
    service.tick()
    service.tick()

    (payload,) = payloads(service)
    assert payload["kind"] == "retro"
    assert read(partner, grievance_id)["state"] == "brand_notified"


def test_a_link_that_appears_while_the_check_runs_is_not_overlooked(service: Service) -> None:
    """The check read the registry, then the link came, then the check puts the case to rest."""
    service.brand()
    factory = service.factory()
    partner = service.partner()
    grievance_id = submitted(partner)

    with service.before_call(
        "TransactWriteItems", lambda: service.link_and_wake(factory, grievance_id)
    ):
        service.tick()
    service.tick()

    assert read(partner, grievance_id)["state"] == "brand_notified"
    assert len(payloads(service)) == 1


@pytest.mark.parametrize("others", [(), ("bolt",)], ids=["uncovered", "told to another"])
def test_nor_is_one_that_was_followed_up_before_the_check_wrote_what_it_found(
    service: Service, others: tuple[str, ...]
) -> None:
    """The check read the registry, the link came, its note was worked off, and found no case."""
    for brand in ("acme", *others):
        service.brand(brand)
    factory = service.factory()
    for brand in others:
        service.link(factory, brand)
    service.clock.forward(minutes=2)
    service.tick()
    partner = service.partner()
    grievance_id = submitted(partner)

    def linked_and_followed_up() -> None:
        service.link(factory)
        note = WorkRow(keys.watched_factory(factory), keys.WATCH)
        work_rows([note], seconds_left=lambda: 300, deps=service.deps)

    with service.before_call("TransactWriteItems", linked_and_followed_up):
        service.tick()
    assert payloads(service) == []
    for _ in range(2):
        service.clock.forward(minutes=1)
        service.tick()

    assert read(partner, grievance_id)["state"] == "brand_notified"
    assert len(payloads(service)) == 1


def test_a_second_tick_changes_nothing(service: Service) -> None:
    service.brand()
    service.link(service.factory())
    partner = service.partner()
    for number, consent in enumerate(
        ({}, {"level": "C3", "cross_border": True, "script_version": "helpline-zh-3"})
    ):
        submitted(partner, f"k-{number}", consent=consent)
    submitted(partner, "k-unknown", factory_reported={"name": "Nobody knows it", "country": "CN"})
    service.tick()
    service.clock.forward(minutes=1)
    service.tick()  # the note of the link, once more
    before = service.all_items()
    assert len(payloads(service)) == 1

    service.clock.forward(minutes=1)
    service.tick()

    assert service.all_items() == before
    assert payloads(service) == []


def test_a_quiet_tick_costs_the_same_over_many_cases_as_over_none(service: Service) -> None:
    with counted_calls() as empty:
        service.look_for_due_work()
    partner = service.partner()
    for number in range(30):
        submitted(partner, f"k-{number}", intake_type="enquiry")

    with counted_calls() as full:
        service.look_for_due_work()

    assert empty == full == [*["dynamodb.Query"] * 12, "dynamodb.PutItem"]  # the run is noted


def test_a_hundred_cases_cost_a_call_each_and_few_beside(service: Service) -> None:
    service.brand()
    service.link(service.factory())
    partner = service.partner()
    for number in range(40):
        submitted(partner, f"k-{number}")

    with counted_calls() as calls:
        service.tick()

    transactions = calls.count("dynamodb.TransactWriteItems")
    assert len(payloads(service)) == 40
    assert transactions <= 40 + 8
    assert calls.count("sns.PublishBatch") <= 8 + 4
    # four a shard, and three for the link's own note: who is with brands, is anyone to be told?
    assert calls.count("dynamodb.BatchGetItem") <= 8 * 4 + 3


def test_a_poisoned_case_is_put_off_and_its_neighbours_go_through(
    service: Service, counts: Counter[str]
) -> None:
    service.brand()
    service.link(service.factory())
    partner = service.partner()
    ids = [submitted(partner, f"k-{number}") for number in range(20)]
    for poisoned in (ids[0], ids[7], ids[19]):
        service.poison(poisoned)

    service.tick()

    assert len(payloads(service)) == 17
    assert sorted(service.failed_attempts(i) for i in ids) == [0] * 17 + [1] * 3
    counts["poisoned cases"] += 3


def test_a_case_that_fails_eight_times_is_put_aside_for_the_operator(service: Service) -> None:
    service.brand()
    partner = service.partner()
    grievance_id = submitted(partner)
    service.poison(grievance_id)

    for _ in range(12):
        service.tick()
        service.clock.forward(hours=7)

    assert service.failed_attempts(grievance_id) == 8
    assert service.work_queue_of(grievance_id).startswith("quarantine#")


def test_a_brand_whose_topic_is_gone_does_not_hold_up_another(service: Service) -> None:
    service.brand("acme")
    service.brand("bolt")
    factory = service.factory()
    service.link(factory, "acme")
    service.link(factory, "bolt")
    client("sns").delete_topic(TopicArn=service.deps.topics.arn("acme"))
    grievance_id = submitted(service.partner())

    service.tick()

    assert len(payloads(service, "bolt")) == 1
    rows = {row.brand_id: row for row in service.alert_rows(grievance_id)}
    assert (rows["bolt"].status, rows["bolt"].due_at) == ("sent", None)
    assert (rows["acme"].status, rows["acme"].last_error) == ("pending", "NoSuchThing")

    service.deps.topics.ensure("acme")
    service.subscribe("acme")
    service.clock.forward(minutes=2)
    service.tick()
    assert len(payloads(service, "acme")) == 1


def test_more_brands_than_one_transaction_holds_are_all_told_once(service: Service) -> None:
    factory = service.factory()
    brands = [f"brand-{number:03d}" for number in range(120)]
    for brand in brands:
        service.brand(brand, subscribe=brand in (brands[0], brands[-1]))
        service.link(factory, brand)
    grievance_id = submitted(service.partner())

    service.tick()

    rows = service.alert_rows(grievance_id)
    assert sorted(row.brand_id for row in rows) == brands
    assert {row.status for row in rows} == {"sent"}
    assert [len(payloads(service, brand)) for brand in (brands[0], brands[-1])] == [1, 1]


def test_what_was_missed_for_45_days_is_found_like_what_was_missed_for_a_minute(
    service: Service, counts: Counter[str]
) -> None:
    service.brand()
    service.link(service.factory())
    submitted(service.partner())

    service.clock.forward(days=45)
    service.tick()

    assert len(payloads(service)) == 1
    counts["ticks missed"] += 45 * 24 * 60


def test_a_worker_that_runs_out_of_time_leaves_the_rest_due(service: Service) -> None:
    service.brand()
    service.link(service.factory())
    partner = service.partner()
    for number in range(5):
        submitted(partner, f"k-{number}")

    service.tick(seconds=10)
    assert payloads(service) == []

    service.tick()
    assert len(payloads(service)) == 5


def test_the_partner_sees_which_brands_were_told_and_what_they_answered(
    service: Service,
) -> None:
    service.brand("acme")
    service.brand("bolt")
    factory = service.factory()
    service.link(factory, "acme")
    service.link(factory, "bolt")
    partner = service.partner()
    grievance_id = submitted(partner)
    service.tick()
    alert_id = service.brand_desk("acme").get("/v1/alerts").json()["items"][0]["alert_id"]
    service.clock.forward(hours=3)
    service.brand_desk("acme").post(f"/v1/alerts/{alert_id}/replies", {"text": "We ask."})

    answer = partner.get(f"/v1/grievances/{grievance_id}/alerts")

    by_brand = {item["brand_id"]: item for item in answer.json()["items"]}
    assert sorted(by_brand) == ["acme", "bolt"]
    assert by_brand["acme"] == {
        "alert_id": alert_id,
        "brand_id": "acme",
        "kind": "new",
        "consent_level": "C3",
        "status": "sent",
        "attempts": 1,
        "outcome": "sent",
        "alerted_at": "2026-11-22T08:00:00.000Z",
        "sent_at": "2026-11-22T08:00:00.000Z",
        "acknowledge_by": "2026-11-27T08:00:00.000Z",
        "respond_by": "2026-12-07T08:00:00.000Z",
        "acknowledged_at": "2026-11-22T11:00:00.000Z",
        "first_reply_at": "2026-11-22T11:00:00.000Z",
        "recalled_at": None,
        "replies": [
            {
                "at": "2026-11-22T11:00:00.000Z",
                "by": by_brand["acme"]["replies"][0]["by"],
                "text": "We ask.",
            }
        ],
    }
    assert re.fullmatch(r"brand:acme:k_[0-9a-z]{26}", by_brand["acme"]["replies"][0]["by"])
    assert (by_brand["bolt"]["status"], by_brand["bolt"]["replies"]) == ("sent", [])
    stranger = service.partner("other-ngo")
    assert stranger.get(f"/v1/grievances/{grievance_id}/alerts").status == 404


def test_a_broken_factory_record_holds_up_only_its_own_cases(service: Service) -> None:
    service.brand()
    service.link(service.factory())
    broken = service.factory("Fair Design Printing", country="BD", city="Gazipur")
    service.link(broken)
    client("dynamodb").update_item(
        TableName=service.deps.settings.registry_table,
        Key={"pk": {"S": f"FACTORY#{broken}"}, "sk": {"S": "FACTORY"}},
        UpdateExpression="SET country = :nonsense",
        ExpressionAttributeValues={":nonsense": {"S": "nowhere"}},
    )
    partner = service.partner()
    reported = {"name": "Fair Design Printing", "city": "Gazipur", "country": "BD"}
    stuck = submitted(partner, "k-1", factory_reported=reported)
    submitted(partner, "k-2")

    service.tick()

    assert len(payloads(service)) == 1
    assert service.failed_attempts(stuck) == 1


def test_alerts_written_ahead_of_their_case_wait_until_it_has_moved(service: Service) -> None:
    """More brands than a transaction holds, and a kill before the case itself is written."""
    factory = service.factory()
    for number in range(95):
        service.brand(f"brand-{number:03d}", subscribe=False)
        service.link(factory, f"brand-{number:03d}")
    service.subscribe("brand-094")
    partner = service.partner()
    grievance_id = submitted(partner)
    with service.refusing("TransactWriteItems"):
        service.tick()
    moved = partner.patch(
        f"/v1/grievances/{grievance_id}",
        {"factory_reported": {"name": "Quite another one", "country": "CN"}},
        If_Match='"1"',
    )

    service.clock.forward(minutes=1)
    service.tick()

    assert moved.status == 200
    assert payloads(service, "brand-094") == []
    assert {row.last_error for row in service.alert_rows(grievance_id)} == {"CaseNotRouted"}


def test_a_factory_in_china_asks_for_the_separate_consent_whatever_law_was_named(
    service: Service,
) -> None:
    service.brand()
    service.link(service.factory())
    partner = service.partner()
    grievance_id = submitted(
        partner, jurisdiction="HK", consent={"level": "C3", "script_version": "helpline-zh-3"}
    )

    service.tick()

    assert read(partner, grievance_id)["routing_reason"] == "cross_border_consent_missing"
    assert service.received_alerts() == []


def test_the_longest_summary_in_any_script_still_fits_a_message(service: Service) -> None:
    service.brand()
    service.link(service.factory())
    consent = {
        "level": "C3",
        "cross_border": True,
        "publish_summary": True,
        "script_version": "helpline-zh-3",
    }
    partner = service.partner()
    for key, letter in (("k-1", "工"), ("k-2", '"'), ("k-3", "👩")):
        submitted(partner, key, summary=letter * 20_000, consent=consent)

    service.tick()

    assert len(payloads(service)) == 3
