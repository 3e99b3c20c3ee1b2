"""The brand's desk: its alerts and nobody else's, acknowledged once, answered on the record."""

from typing import Any

import pytest

from chalicelib.usecases.alerting.reply_to_alert import MOST_REPLIES
from infra.local.gateway import Answer
from tests.service import Caller, Service, but_for_the_count
from tests.usecases.stories import alerted, case_of, covered, fields, refusal, submitted, walked

ALERTS = "/v1/alerts"


def alerts_of(desk: Caller, query: str = "") -> list[str]:
    return [item["alert_id"] for item in walked(desk, f"{ALERTS}{query}")]


def one_alert(service: Service) -> tuple[Caller, str, str]:
    """A partner, its case that two brands were told about, and acme's alert."""
    covered(service, "acme", "bolt")
    partner = service.partner()
    grievance_id = alerted(service, partner)
    (alert_id,) = alerts_of(service.brand_desk())
    return partner, grievance_id, alert_id


def everything(answer: Answer) -> tuple[int, str, bytes]:
    alike = but_for_the_count(answer)
    return alike.status, str(sorted(alike.headers.items())), alike.body


def test_a_row_says_what_it_is_about_and_until_when(service: Service) -> None:
    partner, grievance_id, alert_id = one_alert(service)

    answer = service.brand_desk().get(ALERTS)

    assert answer.json() == {
        "items": [
            {
                "alert_id": alert_id,
                "kind": "new",
                "public_ref": case_of(partner, grievance_id)["public_ref"],
                "severity": "S3",
                "category": "compensation",
                "country": "CN",
                "alerted_at": "2026-11-22T08:00:00.000Z",
                "respond_by": "2026-12-07T08:00:00.000Z",
                "acknowledged_at": None,
                "first_reply_at": None,
                "recalled_at": None,
                "sequence": 1,
            }
        ],
        "next_cursor": None,
    }


def test_an_alert_reads_as_it_was_sent(service: Service) -> None:
    _, _, alert_id = one_alert(service)
    (envelope,) = service.received_alerts()

    read = service.brand_desk().get(f"{ALERTS}/{alert_id}").json()

    sent = Answer(200, {}, envelope["Message"].encode()).json()
    alert = read.pop("alert")
    assert {name: value for name, value in alert.items() if value is not None} == {
        **sent,
        "factory": {**sent["factory"], "address": None},
    }
    assert read == {
        "alert_id": alert_id,
        "alerted_at": "2026-11-22T08:00:00.000Z",
        "acknowledged_at": None,
        "first_reply_at": None,
        "recalled_at": None,
        "replies": [],
    }


def test_nothing_on_the_desk_says_who_filed_or_what_was_told(service: Service) -> None:
    _, _, alert_id = one_alert(service)
    desk = service.brand_desk()

    shown = desk.get(ALERTS).body + desk.get(f"{ALERTS}/{alert_id}").body

    for secret in (b"handshake-gz", b"Wages for September", b"zh-CN", b"narrative"):
        assert secret not in shown


def test_alerts_come_newest_first_and_in_pages(service: Service) -> None:
    covered(service)
    partner = service.partner()
    for number in range(5):
        alerted(service, partner, f"k-{number}")
        service.clock.forward(minutes=1)
    desk = service.brand_desk()

    pages = alerts_of(desk, "?limit=2")

    times = [row["alerted_at"] for row in walked(desk, f"{ALERTS}?limit=2")]
    assert times == sorted(times, reverse=True)
    assert pages == alerts_of(desk)
    assert len(set(pages)) == 5
    assert 'rel="next"' in desk.get(f"{ALERTS}?limit=2").headers["Link"]


def test_open_only_leaves_out_what_was_answered_and_keeps_what_was_only_seen(
    service: Service,
) -> None:
    covered(service)
    partner = service.partner()
    for number in range(3):
        alerted(service, partner, f"k-{number}")
        service.clock.forward(minutes=1)
    desk = service.brand_desk()
    newest, middle, oldest = alerts_of(desk)

    desk.post(f"{ALERTS}/{newest}/acknowledgement")
    desk.post(f"{ALERTS}/{middle}/replies", {"text": "We ask."})

    assert alerts_of(desk, "?open_only=true") == [newest, oldest]
    assert alerts_of(desk, "?open_only=true&limit=1") == [newest, oldest]
    assert alerts_of(desk, "?open_only=false") == [newest, middle, oldest]
    assert fields(desk.get(f"{ALERTS}?open_only=1")) == {"open_only": "bool_parsing"}


def test_a_cursor_of_another_brand_or_filter_is_refused(service: Service) -> None:
    covered(service, "acme", "bolt")
    partner = service.partner()
    for number in range(2):
        alerted(service, partner, f"k-{number}")
    cursor = service.brand_desk().get(f"{ALERTS}?limit=1").json()["next_cursor"]

    for caller, query in (
        (service.brand_desk("bolt"), f"limit=1&cursor={cursor}"),
        (service.brand_desk(), f"open_only=true&cursor={cursor}"),
    ):
        assert refusal(caller.get(f"{ALERTS}?{query}")) == (400, "cursor_invalid")
    assert service.brand_desk().get(f"{ALERTS}?cursor={cursor}").status == 200


# Acknowledgement


def test_an_acknowledgement_stops_the_brands_first_clock(service: Service) -> None:
    partner, grievance_id, alert_id = one_alert(service)
    service.clock.forward(hours=30)

    answer = service.brand_desk().post(f"{ALERTS}/{alert_id}/acknowledgement")

    at = "2026-11-23T14:00:00.000Z"
    assert answer.status == 200
    assert answer.json()["acknowledged_at"] == at
    assert answer.json() == service.brand_desk().get(f"{ALERTS}/{alert_id}").json()
    case = case_of(partner, grievance_id)
    assert case["brand_acknowledged_at"] == at
    assert case["clocks"]["brand_acknowledges"]["met_at"] == at
    assert case["clocks"]["brand_first_reply"]["met_at"] is None
    assert (case["version"], case["state"]) == (3, "brand_notified")


def test_a_second_acknowledgement_changes_nothing(service: Service) -> None:
    _, grievance_id, alert_id = one_alert(service)
    desk = service.brand_desk()
    first = desk.post(f"{ALERTS}/{alert_id}/acknowledgement")
    before = service.all_items()
    service.clock.forward(days=1)

    second = desk.post(f"{ALERTS}/{alert_id}/acknowledgement", {"anything": "at all"})

    assert everything(second) == everything(first)
    assert service.all_items() == before
    assert service.head_item(grievance_id)["version"] == 3


def test_each_brand_acknowledges_for_itself_and_the_first_one_counts_for_the_case(
    service: Service,
) -> None:
    partner, grievance_id, _ = one_alert(service)
    for brand in ("bolt", "acme"):
        service.clock.forward(hours=1)
        desk = service.brand_desk(brand)
        (own,) = alerts_of(desk)
        assert desk.post(f"{ALERTS}/{own}/acknowledgement").status == 200

    case = case_of(partner, grievance_id)
    seen = {a.brand_id: a.acknowledged_at for a in service.alert_rows(grievance_id)}
    assert case["brand_acknowledged_at"] == "2026-11-22T09:00:00.000Z"
    assert seen["acme"] is not None
    assert seen["bolt"] is not None
    assert (seen["acme"] - seen["bolt"]).total_seconds() == 3600


# Replies


def test_the_first_reply_stops_both_clocks_and_reaches_the_partner(service: Service) -> None:
    partner, grievance_id, alert_id = one_alert(service)
    service.clock.forward(days=2)
    text = "We have asked the factory for its payroll.\n我们已联系工厂。"

    answer = service.brand_desk().post(f"{ALERTS}/{alert_id}/replies", {"text": text})

    at = "2026-11-24T08:00:00.000Z"
    view = answer.json()
    assert answer.status == 201
    assert (view["acknowledged_at"], view["first_reply_at"]) == (at, at)
    assert [(reply["at"], reply["text"]) for reply in view["replies"]] == [(at, text)]
    assert view["replies"][0]["by"].startswith("brand:acme:")
    assert view == service.brand_desk().get(f"{ALERTS}/{alert_id}").json()
    case = case_of(partner, grievance_id)
    assert (case["brand_acknowledged_at"], case["brand_first_reply_at"]) == (at, at)
    for clock in ("brand_acknowledges", "brand_first_reply"):
        assert case["clocks"][clock]["met_at"] == at
    (message,) = partner.get(f"/v1/grievances/{grievance_id}/messages").json()["items"]
    assert (message["text"], message["visibility"], message["by"]) == (
        text,
        "brand",
        view["replies"][0]["by"],
    )


def test_later_replies_are_kept_in_order_and_move_no_clock(service: Service) -> None:
    partner, grievance_id, alert_id = one_alert(service)
    desk = service.brand_desk()
    desk.post(f"{ALERTS}/{alert_id}/acknowledgement")
    for number in range(3):
        service.clock.forward(days=1)
        answer = desk.post(f"{ALERTS}/{alert_id}/replies", {"text": f"reply {number}"})
        assert answer.json() == desk.get(f"{ALERTS}/{alert_id}").json()

    view = desk.get(f"{ALERTS}/{alert_id}").json()
    assert [reply["text"] for reply in view["replies"]] == ["reply 0", "reply 1", "reply 2"]
    assert (view["acknowledged_at"], view["first_reply_at"]) == (
        "2026-11-22T08:00:00.000Z",
        "2026-11-23T08:00:00.000Z",
    )
    case = case_of(partner, grievance_id)
    assert case["clocks"]["brand_first_reply"]["met_at"] == "2026-11-23T08:00:00.000Z"
    assert case["version"] == 6


def test_the_ledger_holds_a_commitment_to_the_reply_and_not_its_words(service: Service) -> None:
    partner, grievance_id, alert_id = one_alert(service)
    service.brand_desk().post(f"{ALERTS}/{alert_id}/replies", {"text": "Talk to Mr Wu."})

    history = partner.get(f"/v1/grievances/{grievance_id}/history")

    entry = history.json()["items"][-1]
    assert entry["action"] == "alert_replied"
    assert set(entry["data"]) == {"alert_id", "message_id", "text"}
    assert set(entry["data"]["text"]) == {"commitment"}
    assert b"Mr Wu" not in history.body


def test_an_alert_takes_so_many_replies_and_no_more(service: Service) -> None:
    _, grievance_id, alert_id = one_alert(service)
    desk = service.brand_desk()
    reply = {"at": "2026-11-22T08:00:00.000Z", "by": "brand:acme:k", "text": "again"}
    service.set_attributes(grievance_id, f"ALERT#{alert_id}", replies=[reply] * (MOST_REPLIES - 1))

    last = desk.post(f"{ALERTS}/{alert_id}/replies", {"text": "the last"})
    next_one = desk.post(f"{ALERTS}/{alert_id}/replies", {"text": "one more"})

    assert last.status == 201
    assert refusal(next_one) == (409, "state_conflict")
    assert len(desk.get(f"{ALERTS}/{alert_id}").json()["replies"]) == MOST_REPLIES


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, {"text": "missing"}),
        ({"text": ""}, {"text": "string_too_short"}),
        ({"text": "x" * 20_001}, {"text": "string_too_long"}),
        ({"text": "a\u202eb"}, {"text": "value_error"}),
        ({"text": "x", "at": "2020-01-01T00:00:00Z"}, {"body": "extra_forbidden"}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_reply_that_breaks_a_rule_is_refused_and_stops_no_clock(
    service: Service, body: dict[str, Any], problem: dict[str, str]
) -> None:
    partner, grievance_id, alert_id = one_alert(service)

    answer = service.brand_desk().post(f"{ALERTS}/{alert_id}/replies", body)

    assert fields(answer) == problem
    assert case_of(partner, grievance_id)["clocks"]["brand_first_reply"]["met_at"] is None


def test_of_two_replies_at_one_moment_the_overtaken_one_is_a_conflict_and_not_lost(
    service: Service,
) -> None:
    _, _, alert_id = one_alert(service)
    desk = service.brand_desk()
    path = f"{ALERTS}/{alert_id}/replies"

    def overtake() -> None:
        desk.post(path, {"text": "first"})

    with service.before_call("TransactWriteItems", overtake):
        answer = desk.post(path, {"text": "second"})
    again = desk.post(path, {"text": "second"})

    assert refusal(answer) == (409, "version_conflict")
    assert [reply["text"] for reply in again.json()["replies"]] == ["first", "second"]


# Whose alert it is


def test_another_brands_alert_and_one_that_is_not_there_answer_byte_for_byte_alike(
    service: Service,
) -> None:
    _, _, alert_id = one_alert(service)
    absent_case = "a_" + "0" * 26 + alert_id[28:]
    absent_alert = alert_id[:29] + "0" * 26
    before = service.all_items()
    stranger = service.brand_desk("bolt")

    for method, tail, body in (
        ("GET", "", None),
        ("POST", "/acknowledgement", None),
        ("POST", "/replies", {"text": "We ask."}),
    ):
        answers = [
            stranger.send(method, f"{ALERTS}/{wanted}{tail}", body, {})
            for wanted in (alert_id, absent_case, absent_alert)
        ]
        assert refusal(answers[0]) == (404, "not_found")
        assert len({everything(answer) for answer in answers}) == 1
    assert service.all_items() == before


def test_a_brand_that_was_told_about_nothing_has_an_empty_desk(service: Service) -> None:
    one_alert(service)
    service.brand("cove")

    answer = service.brand_desk("cove").get(ALERTS)

    assert answer.json() == {"items": [], "next_cursor": None}


def test_a_case_that_nobody_was_told_about_is_on_no_desk(service: Service) -> None:
    covered(service)
    submitted(service.partner(), consent={})
    service.tick()

    assert alerts_of(service.brand_desk()) == []
