"""The partner's list: filters, pages, and cursors that fit one caller and one query only."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zlib import compress

from chalicelib.api.cursors import Cursors
from chalicelib.domain.vocabulary import Role
from infra.local.gateway import Answer
from tests.service import START, Caller, Service
from tests.usecases.stories import alerted, case_of, covered, fields, refusal, submitted, walked

LIST = "/v1/grievances"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~"


def filed(service: Service, partner: Caller, number: int, **changes: Any) -> list[str]:
    """So many grievances, a minute apart, oldest first."""
    ids = []
    for position in range(number):
        ids.append(submitted(partner, f"k-{position}", **changes))
        service.clock.forward(minutes=1)
    return ids


def ids_of(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [item["grievance_id"] for item in answer.json()["items"]]


def test_a_row_says_how_a_case_stands_and_nothing_of_what_was_told(service: Service) -> None:
    factory_id = covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, partner_ref="GZ-1", jurisdiction="CN")
    case = case_of(partner, grievance_id)

    answer = partner.get(LIST)

    assert answer.headers["Content-Type"] == "application/json"
    assert "Link" not in answer.headers
    assert answer.json() == {
        "items": [
            {
                "grievance_id": grievance_id,
                "public_ref": case["public_ref"],
                "partner_ref": "GZ-1",
                "intake_type": "grievance",
                "state": "brand_notified",
                "routing": "alerted",
                "severity": "S3",
                "categories": ["compensation"],
                "factory_name": "Yi Chang Tai Garment Factory",
                "factory_id": factory_id,
                "jurisdiction": "CN",
                "received_at": "2026-11-22T08:00:00.000Z",
                "closed_at": None,
                "version": 2,
            }
        ],
        "next_cursor": None,
    }


def test_an_organisation_without_grievances_gets_an_empty_page(service: Service) -> None:
    submitted(service.partner("other-ngo"))

    assert service.partner().get(LIST).json() == {"items": [], "next_cursor": None}


def test_the_newest_comes_first_and_intake_staff_sees_the_same(service: Service) -> None:
    ids = filed(service, service.partner(), 5)
    intake = service.caller(Role.PARTNER_INTAKE, "handshake-gz")

    assert ids_of(service.partner().get(LIST)) == ids_of(intake.get(LIST)) == ids[::-1]


FILTERED: list[tuple[str, set[str]]] = [
    ("state=received", {"plain", "violence", "enquiry"}),
    ("state=brand_notified", {"told"}),
    ("severity=S1", {"violence"}),
    ("severity=S3", {"plain", "told", "enquiry"}),
    ("category=harassment_violence", {"violence"}),
    ("category=working_time", {"violence", "plain"}),
    ("category=working_time&severity=S1", {"violence"}),
    ("category=child_labour", set()),
    ("received_from=2026-11-22T08:01:00Z", {"violence", "plain", "enquiry"}),
    ("received_from=2026-11-22T09:01:00%2B01:00", {"violence", "plain", "enquiry"}),
    ("received_to=2026-11-22T08:01:00Z", {"told", "plain"}),
    (
        "received_from=2026-11-22T08:01:00Z&received_to=2026-11-22T08:02:00.000Z",
        {"plain", "violence"},
    ),
    ("received_from=2026-11-22T08:01:00.001Z&received_to=2026-11-22T08:01:59.999Z", set()),
]


def test_filters_narrow_the_list(service: Service) -> None:
    covered(service)
    partner = service.partner()
    unknown = {"name": "Nobody knows it", "country": "CN"}
    names = {alerted(service, partner): "told"}
    for name, changes in (
        ("plain", {"categories": ["compensation", "working_time"], "factory_reported": unknown}),
        ("violence", {"categories": ["working_time", "harassment_violence"]}),
        ("enquiry", {"intake_type": "enquiry"}),
    ):
        service.clock.forward(minutes=1)
        names[submitted(partner, name, **changes)] = name

    for query, found in FILTERED:
        assert {names[i] for i in ids_of(partner.get(f"{LIST}?{query}"))} == found, query


def test_a_factory_filter_finds_the_cases_of_that_factory(service: Service) -> None:
    factory_id = covered(service)
    partner = service.partner()
    submitted(partner, "k-1", factory_reported={"name": "Nobody knows it", "country": "CN"})
    grievance_id = alerted(service, partner, "k-2")
    absent = "f_" + "0" * 26

    assert ids_of(partner.get(f"{LIST}?factory_id={factory_id}")) == [grievance_id]
    assert ids_of(partner.get(f"{LIST}?factory_id={absent}")) == []


MEANINGLESS = [
    ("state=open", "state", "enum"),
    ("severity=S0", "severity", "enum"),
    ("category=wages", "category", "enum"),
    ("factory_id=1", "factory_id", "string_pattern_mismatch"),
    ("limit=0", "limit", "greater_than_equal"),
    ("limit=201", "limit", "less_than_equal"),
    ("limit=ten", "limit", "int_parsing"),
    ("received_from=yesterday", "received_from", "datetime_parsing"),
    ("received_from=2026-11-22T08:00:00", "received_from", "timezone_aware"),
    ("state=closed&state=received", "query", "repeated_parameter"),
    ("status=closed", "body", "extra_forbidden"),
    (
        "received_from=2026-11-23T00:00:00Z&received_to=2026-11-22T00:00:00Z",
        "body",
        "value_error",
    ),
]


def test_a_query_that_means_nothing_is_refused_with_the_field(service: Service) -> None:
    partner = service.partner()
    for query, field, code in MEANINGLESS:
        assert fields(partner.get(f"{LIST}?{query}")) == {field: code}, query


def test_the_link_header_leads_to_the_next_page_with_the_same_filters(service: Service) -> None:
    partner = service.partner()
    ids = filed(service, partner, 3)

    first = partner.get(f"{LIST}?limit=2&severity=S3")
    link = first.headers["Link"]
    assert link.startswith("<https://handshake.test/v1/grievances?")
    assert link.endswith('>; rel="next"')
    second = partner.get(link[len("<https://handshake.test") : -len('>; rel="next"')])

    assert f"cursor={first.json()['next_cursor']}" in link
    assert "limit=2" in link
    assert "severity=S3" in link
    assert (ids_of(first), ids_of(second)) == ([ids[2], ids[1]], [ids[0]])
    assert second.json()["next_cursor"] is None
    assert "Link" not in second.headers


def test_a_page_of_exactly_the_limit_leads_on_to_an_empty_or_no_page(service: Service) -> None:
    partner = service.partner()
    ids = filed(service, partner, 4)

    assert [row["grievance_id"] for row in walked(partner, f"{LIST}?limit=2")] == ids[::-1]


def test_a_sparse_filter_is_walked_to_its_end(service: Service) -> None:
    """DynamoDB filters after it has read: pages may be short or empty and still lead on."""
    partner = service.partner()
    rare = submitted(partner, "rare", categories=["child_labour"])
    for number in range(45):
        service.clock.forward(seconds=1)
        submitted(partner, f"k-{number}")

    rows = walked(partner, f"{LIST}?limit=1&severity=S1")

    assert [row["grievance_id"] for row in rows] == [rare]


def test_a_walk_over_hundreds_of_cases_misses_and_doubles_nothing_while_others_are_written(
    service: Service,
) -> None:
    partner, stranger = service.partner(), service.partner("other-ngo")
    first = submitted(partner, intake_type="enquiry")
    ids = [first, *service.multiply(first, 200)]
    service.clock.forward(seconds=1)

    seen: list[str] = []
    path, number = f"{LIST}?limit=41", 0
    while True:
        page = partner.get(path).json()
        seen += [row["grievance_id"] for row in page["items"]]
        if page["next_cursor"] is None:
            break
        path, number = f"{LIST}?limit=41&cursor={page['next_cursor']}", number + 1
        service.clock.forward(seconds=1)
        for writer in (partner, stranger):
            submitted(writer, f"later-{number}", intake_type="enquiry")
        for moved in (seen[-1], ids[10]) if number == 2 else ():
            moved_on = partner.post(f"{LIST}/{moved}/transitions", {"to": "acknowledged"})
            assert moved_on.status == 200, moved_on.body

    assert number == 4
    assert len(seen) == len(ids)
    assert sorted(seen) == sorted(ids)


def second_page(service: Service, partner: Caller) -> str:
    """The cursor of a list's second page."""
    filed(service, partner, 3)
    return str(partner.get(f"{LIST}?limit=1&severity=S3").json()["next_cursor"])


def test_a_cursor_with_any_byte_changed_is_refused(service: Service) -> None:
    partner = service.partner()
    cursor = second_page(service, partner)
    path = f"{LIST}?limit=1&severity=S3&cursor="
    assert partner.get(path + cursor).status == 200

    for position, symbol in enumerate(cursor):
        other = ALPHABET[(ALPHABET.index(symbol) + 1) % len(ALPHABET)]
        changed = cursor[:position] + other + cursor[position + 1 :]
        assert refusal(partner.get(path + changed)) == (400, "cursor_invalid"), position


def test_every_other_last_symbol_is_refused_though_base64_has_spare_bits_there(
    service: Service,
) -> None:
    partner = service.partner()
    cursor = second_page(service, partner)

    answers = [
        partner.get(f"{LIST}?limit=1&severity=S3&cursor={cursor[:-1]}{symbol}")
        for symbol in ALPHABET
        if symbol != cursor[-1]
    ]

    assert {refusal(answer) for answer in answers} == {(400, "cursor_invalid")}


SPOILED: list[Callable[[str], str]] = [
    lambda cursor: "",
    lambda cursor: cursor[:-1],
    lambda cursor: cursor + "A",
    lambda cursor: cursor + "=",
    lambda cursor: "." + cursor,
    lambda cursor: cursor[: len(cursor) // 2],
    lambda cursor: cursor[4:],
    lambda cursor: cursor[::-1],
    lambda cursor: "eyJzIjp7fSwiZSI6MX0.c2lnbmVkLWFzLWN1cnNvcnMtb25jZS13ZXJl",
    lambda cursor: cursor + "%00",
    lambda cursor: cursor + "%C3%A9",
    lambda cursor: "%F0%9F%91%A9" * 50,
    lambda cursor: "A" * 4096,
]


def test_something_else_in_place_of_a_cursor_is_refused(service: Service) -> None:
    partner = service.partner()
    cursor = second_page(service, partner)
    for spoil in SPOILED:
        answer = partner.get(f"{LIST}?limit=1&severity=S3&cursor={spoil(cursor)}")
        assert refusal(answer) == (400, "cursor_invalid"), spoil(cursor)


def test_a_cursor_of_another_organisation_role_filter_or_list_is_refused(
    service: Service,
) -> None:
    partner = service.partner()
    cursor = second_page(service, partner)
    intake = service.caller(Role.PARTNER_INTAKE, "handshake-gz")
    (grievance_id, *_) = ids_of(partner.get(LIST))
    own = f"{LIST}?limit=1&severity=S3&cursor={cursor}"

    assert partner.get(own).status == 200
    assert partner.get(f"{LIST}?limit=200&severity=S3&cursor={cursor}").status == 200
    for caller, path in (
        (service.partner("other-ngo"), own),
        (intake, own),
        (partner, f"{LIST}?limit=1&cursor={cursor}"),
        (partner, f"{LIST}?limit=1&severity=S1&cursor={cursor}"),
        (partner, f"{LIST}?limit=1&severity=S3&state=received&cursor={cursor}"),
        (partner, f"{LIST}/{grievance_id}/messages?cursor={cursor}"),
        (partner, f"{LIST}/{grievance_id}/history?cursor={cursor}"),
        (partner, f"/v1/review-queue?cursor={cursor}"),
    ):
        assert refusal(caller.get(path)) == (400, "cursor_invalid"), path


def test_a_cursor_lasts_a_day(service: Service) -> None:
    partner = service.partner()
    filed(service, partner, 3)
    cursor = partner.get(f"{LIST}?limit=1").json()["next_cursor"]
    path = f"{LIST}?limit=1&cursor={cursor}"

    service.clock.forward(hours=24)
    in_time = partner.get(path)
    service.clock.forward(seconds=1)
    too_late = partner.get(path)

    assert in_time.status == 200
    assert refusal(too_late) == (400, "cursor_invalid")


def test_a_cursor_says_nothing_about_another_partner(service: Service) -> None:
    """The way on names the caller's own keys only."""
    submitted(service.partner("other-ngo"), partner_ref="secret-of-another")
    partner = service.partner()
    page = partner.get(f"{LIST}?limit=1").json()
    filed(service, partner, 2)

    first = partner.get(f"{LIST}?limit=1")

    assert page == {"items": [], "next_cursor": None}
    assert "other-ngo" not in json.dumps(first.json())


def test_a_cursor_can_be_read_by_nobody(service: Service) -> None:
    partner = service.partner()
    (shown, *_) = filed(service, partner, 3)[::-1]
    cursor = partner.get(f"{LIST}?limit=1").json()["next_cursor"]

    read = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))

    assert not [
        word for word in (shown, "handshake-gz", "case_id", "2026") if word.encode() in read
    ]
    assert len(compress(read)) >= len(read)  # no word of it comes twice, as in what is random


def test_what_another_query_or_caller_gets_for_the_same_place_has_nothing_in_common() -> None:
    start = {"case_id": "g_0", "received_at": "2026-11-22T08:00:00.000Z"}
    by_state, again, by_severity, of_another, later = (
        Cursors(b"k" * 32, tenant=tenant, query=query).write(start, at)
        for tenant, query, at in (
            ("partner:ngo", {"state": "received"}, START),
            ("partner:ngo", {"state": "received"}, START),
            ("partner:ngo", {"severity": "S1"}, START),
            ("partner:other", {"state": "received"}, START),
            ("partner:ngo", {"state": "received"}, START + timedelta(seconds=1)),
        )
    )

    assert by_state == again
    assert len({by_state, by_severity, of_another, later}) == 4
    assert len({(cursor or "")[:6] for cursor in (by_state, by_severity, of_another, later)}) == 4
