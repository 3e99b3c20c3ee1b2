"""Cases: opened once, changed by one at a time, found from every side."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.cases.case import Case, Changed
from chalicelib.domain.cases.facts import FactoryReported
from chalicelib.domain.cases.message import Message
from chalicelib.domain.record.ledger import Action, Entry, first_bad_entry
from chalicelib.domain.references import derive_id
from chalicelib.domain.vocabulary import Category, Routing, Severity, State, Visibility
from chalicelib.errors import Unavailable, VersionConflict
from chalicelib.store.cases import Cases, Claimed, PartnerFilter
from chalicelib.store.keys import DAY_SHARDS, shard_of
from chalicelib.store.paging import Start
from chalicelib.store.table import Table
from tests.calls import counted_calls
from tests.domain.values import AT, FACTORY_ID, GRIEVANCE_ID, case, opened
from tests.service import Service
from tests.store.answers import Script, refusal

EVERYTHING = PartnerFilter()


@pytest.fixture
def cases(service: Service) -> Cases:
    return service.deps.cases


def numbered(number: int, facts: dict[str, Any] | None = None, **progress: Any) -> Case:
    given = {"grievance_id": derive_id("g", str(number)), "receipt_hash": f"r{number}"}
    return case(facts, **{**given, **progress})


def noted(given: Case, **updates: Any) -> Changed:
    """The case with one more entry."""
    return given.recorded(Action.CORRECTED, by="lead", at=AT, data={"n": given.version}, **updates)


# Opening


def test_a_case_is_opened_in_one_call_and_read_back_equal(cases: Cases) -> None:
    new = opened(narrative="工资\n未付", partner_ref="GZ-1")

    with counted_calls() as calls:
        assert cases.create(new) is None

    assert calls == ["dynamodb.PutItem"]
    assert cases.head(GRIEVANCE_ID) == new
    assert cases.head("g_unknown") is None


def test_a_second_opening_finds_the_first_and_changes_nothing(cases: Cases) -> None:
    cases.create(opened())

    found = cases.create(case(fingerprint="other"))

    assert found == Claimed(GRIEVANCE_ID, "f" * 64)
    assert cases.head(GRIEVANCE_ID) == opened()


def test_a_case_may_claim_a_second_key_and_either_key_finds_it(cases: Cases) -> None:
    assert cases.create(opened(), also_claims="g_ref") is None

    by_first = cases.create(opened(), also_claims="g_ref")
    by_second = cases.create(numbered(7), also_claims="g_ref")
    alone = cases.create(case(grievance_id="g_ref"))

    assert by_first == by_second == alone == Claimed(GRIEVANCE_ID, "f" * 64)
    assert cases.head(derive_id("g", "7")) is None


def test_a_claim_is_not_a_case(cases: Cases) -> None:
    cases.create(opened(), also_claims="g_ref")

    assert cases.head("g_ref") is None


def test_an_opening_that_aws_does_not_take_leaves_nothing(
    cases: Cases, service: Service, fresh_client: Any, waits: list[float]
) -> None:
    client = fresh_client("dynamodb")
    Script(refusal("ThrottlingException")).on(client, "PutItem").on(client, "TransactWriteItems")
    throttled = Cases(Table(client, service.deps.settings.cases_table))

    for also_claims in (None, "g_ref"):
        with pytest.raises(Unavailable):
            throttled.create(opened(), also_claims=also_claims)

    assert service.all_items() == []
    assert len(waits) == 4


# Changing


def test_a_change_is_written_with_its_entry_and_what_goes_with_it(cases: Cases) -> None:
    cases.create(opened())
    message = Message(
        message_id="m_1", grievance_id=GRIEVANCE_ID, at=AT, by="lead",
        visibility=Visibility.BRAND, text="Wir prüfen.",
    )  # fmt: skip
    changed = noted(opened(), state=State.ACKNOWLEDGED)

    cases.save(changed.case, changed.entry, [cases.message_row(message)])

    assert cases.head(GRIEVANCE_ID) == changed.case
    assert cases.entries(changed.case, 10, None).items == [opened().first_entry, changed.entry]
    assert cases.messages(GRIEVANCE_ID, 10, None).items == [message]


def test_of_two_changes_of_one_version_the_second_is_refused_whole(cases: Cases) -> None:
    cases.create(opened())
    first = noted(opened(), state=State.ACKNOWLEDGED)
    second = noted(opened(), state=State.CLOSED)
    cases.save(first.case, first.entry)

    with pytest.raises(VersionConflict):
        cases.save(second.case, second.entry)

    assert cases.head(GRIEVANCE_ID) == first.case
    assert len(cases.entries(first.case, 10, None).items) == 2


@pytest.mark.parametrize(
    ("code", "kind"),
    [("ConditionalCheckFailed", VersionConflict), ("TransactionConflict", VersionConflict),
     ("ThrottlingError", Unavailable)],
)  # fmt: skip
def test_a_change_that_meets_another_is_a_conflict_and_an_outage_is_not(
    code: str, kind: type[Exception], cases: Cases, service: Service, fresh_client: Any
) -> None:
    cases.create(opened())
    client = fresh_client("dynamodb")
    answer = refusal("TransactionCanceledException", CancellationReasons=[{"Code": code}])
    Script(answer).on(client, "TransactWriteItems")
    meeting = Cases(Table(client, service.deps.settings.cases_table))
    changed = noted(opened())

    with pytest.raises(kind):
        meeting.save(changed.case, changed.entry)

    assert cases.head(GRIEVANCE_ID) == opened()


def test_a_case_comes_to_rest_without_an_entry_unless_it_was_changed(cases: Cases) -> None:
    cases.create(opened())
    rested = case(check_due_at=None)
    cases.rest(rested)
    assert cases.head(GRIEVANCE_ID) == rested

    changed = noted(rested, state=State.ACKNOWLEDGED)
    cases.save(changed.case, changed.entry)
    cases.rest(case(check_due_at=None, attempts=9))

    assert cases.head(GRIEVANCE_ID) == changed.case


# The record


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_the_ledger_is_read_in_pages_and_verifies(cases: Cases, limit: int) -> None:
    current = opened()
    cases.create(current)
    for _ in range(12):
        changed = noted(current)
        cases.save(changed.case, changed.entry)
        current = changed.case

    entries: list[Entry] = []
    start: Start | None = None
    while True:
        page = cases.entries(current, limit, start)
        assert len(page.items) <= limit
        entries += page.items
        if (start := page.next_start) is None:
            break

    assert [entry.seq for entry in entries] == list(range(1, 14))
    assert first_bad_entry(entries) is None
    assert entries[-1].hash == current.ledger_hash


def test_messages_come_in_the_order_of_time(cases: Cases) -> None:
    current = opened()
    cases.create(current)
    for minutes in (5, 1, 3):
        message = Message(
            message_id=f"m_{minutes}", grievance_id=GRIEVANCE_ID, by="x", text="t",
            at=AT + timedelta(minutes=minutes), visibility=Visibility.PARTNER,
        )  # fmt: skip
        changed = noted(current)
        cases.save(changed.case, changed.entry, [cases.message_row(message)])
        current = changed.case

    first = cases.messages(GRIEVANCE_ID, 2, None)
    rest = cases.messages(GRIEVANCE_ID, 2, first.next_start)

    assert [m.message_id for m in [*first.items, *rest.items]] == ["m_1", "m_3", "m_5"]


# Finding


def test_many_cases_are_read_a_hundred_a_call_without_those_that_cannot_be_read(
    cases: Cases, service: Service
) -> None:
    stored = [numbered(n) for n in range(6)]
    for one in stored:
        cases.create(one)
    ids = [one.grievance_id for one in stored]
    service.poison(ids[5])
    unknown = [f"g_{number}" for number in range(95)]

    with counted_calls() as calls:
        found = cases.heads([*unknown, *ids, *ids[:3]])

    assert found == {one.grievance_id: one for one in stored[:5]}
    assert calls == ["dynamodb.BatchGetItem"] * 2


def test_a_receipt_leads_to_its_case(cases: Cases) -> None:
    for number in range(3):
        cases.create(numbered(number))

    assert cases.by_receipt("r1") == numbered(1)
    assert cases.by_receipt("r9") is None


def listed(cases: Cases, wanted: PartnerFilter, limit: int = 3) -> list[int]:
    """The numbers of the cases on all pages of a partner's list."""
    found: list[dict[str, Any]] = []
    start: Start | None = None
    while True:
        page = cases.of_partner("handshake-gz", wanted, limit, start)
        assert len(page.items) <= limit
        found += page.items
        if (start := page.next_start) is None:
            break
    numbers = {derive_id("g", str(n)): n for n in range(40)}
    return [numbers[row["grievance_id"]] for row in found]


def received(day: int) -> str:
    return f"2026-11-{22 + day:02d}T08:00:00.000Z"


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (EVERYTHING, [7, 6, 5, 4, 3, 2, 1, 0]),
        (PartnerFilter(state="closed"), [6, 4, 2, 0]),
        (PartnerFilter(severity="S1"), [6, 3, 0]),
        (PartnerFilter(category="other"), [5]),
        (PartnerFilter(factory_id=FACTORY_ID), [7]),
        (PartnerFilter(received_from=received(5)), [7, 6, 5]),
        (PartnerFilter(received_to=received(1)), [1, 0]),
        (PartnerFilter(received_from=received(2), received_to=received(3)), [3, 2]),
        (PartnerFilter(state="closed", severity="S1", received_from=received(1)), [6]),
        (PartnerFilter(state="no_such_state"), []),
    ],
)
def test_a_partners_list_is_newest_first_and_narrowed(
    cases: Cases, wanted: PartnerFilter, numbers: list[int]
) -> None:
    for number in range(8):
        cases.create(
            numbered(
                number,
                {"categories": (Category.COMPENSATION, Category.OTHER)} if number == 5 else None,
                received_at=AT + timedelta(days=number),
                state=State.RECEIVED if number % 2 else State.CLOSED,
                severity=Severity.S3 if number % 3 else Severity.S1,
                factory_id=FACTORY_ID if number == 7 else None,
            )
        )
    cases.create(numbered(30, partner_id="another"))

    assert listed(cases, wanted) == numbers


def test_a_list_row_holds_what_a_list_shows(cases: Cases) -> None:
    cases.create(opened())

    (row,) = cases.of_partner("handshake-gz", EVERYTHING, 10, None).items

    assert row["grievance_id"] == GRIEVANCE_ID
    assert (row["state"], row["severity"], row["factory_name"]) == (
        "received",
        "S3",
        "Posh Garments",
    )
    assert "narrative" not in row


@pytest.mark.parametrize(
    ("progress", "waits_for_review"),
    [
        ({"state": State.SCREENING}, True),
        ({"state": State.ADMISSIBLE}, True),
        ({"state": State.SCREENING, "check_due_at": AT}, False),
        ({"state": State.SCREENING, "routing": Routing.HELD}, False),
        ({"state": State.CLOSED}, False),
        ({"state": State.INADMISSIBLE}, False),
        ({"state": State.REFERRED}, False),
        ({"state": State.ON_HOLD}, False),
    ],
)
def test_the_review_queue_holds_cases_that_a_reviewers_choice_would_move(
    cases: Cases, progress: dict[str, Any], waits_for_review: bool
) -> None:
    waiting = case(**{"routing": Routing.NEEDS_REVIEW, "check_due_at": None, **progress})
    cases.create(waiting)
    cases.create(numbered(1, partner_id="another", routing=Routing.NEEDS_REVIEW, check_due_at=None))

    queue = cases.review_queue("handshake-gz", 10, None).items

    assert queue == ([waiting] if waits_for_review else [])


def test_the_review_queue_is_longest_waiting_first_in_pages(cases: Cases, service: Service) -> None:
    stored = [
        numbered(
            n,
            state=State.SCREENING,
            routing=Routing.NEEDS_REVIEW,
            check_due_at=None,
            received_at=AT - timedelta(days=n),
        )
        for n in range(5)
    ]
    for one in stored:
        cases.create(one)
    service.poison(stored[2].grievance_id)

    first = cases.review_queue("handshake-gz", 3, None)
    rest = cases.review_queue("handshake-gz", 3, first.next_start)

    assert [*first.items, *rest.items] == [stored[4], stored[3], stored[1], stored[0]]


def test_a_factorys_cases_come_with_their_states(cases: Cases) -> None:
    stored = [
        numbered(n, factory_id=FACTORY_ID, received_at=AT + timedelta(days=n)) for n in range(3)
    ]
    for one in [*stored, numbered(3, factory_id="f_other"), numbered(4)]:
        cases.create(one)

    page = cases.of_factory(FACTORY_ID, None)

    assert page.items == [(one.grievance_id, "received") for one in stored]
    assert page.next_start is None


def test_all_cases_of_a_day_are_read_in_batches_and_no_other_day(
    cases: Cases, service: Service
) -> None:
    last_moment = AT.replace(hour=23, minute=59, second=59, microsecond=999_000)
    of_day = [numbered(n, received_at=last_moment if n % 2 else AT) for n in range(12)]
    next_day = numbered(31, received_at=last_moment + timedelta(milliseconds=1))
    for one in [*of_day, next_day]:
        cases.create(one)
    service.poison(of_day[3].grievance_id)

    batches = list(cases.received_on("2026-11-22"))

    found = {one.grievance_id: one for batch in batches for one in batch}
    assert len(found) == sum(map(len, batches)) == 11
    assert found == {o.grievance_id: o for o in of_day if o is not of_day[3]}


def test_a_day_whose_pages_end_early_is_read_whole(
    cases: Cases, service: Service, short_pages: Any
) -> None:
    of_one_shard = [n for n in range(200) if shard_of(derive_id("g", str(n)), DAY_SHARDS) == 2][:22]
    for number in of_one_shard:
        cases.create(numbered(number))
    reader = Cases(Table(short_pages, service.deps.settings.cases_table))

    found = [one for batch in reader.received_on("2026-11-22") for one in batch]

    assert len(found) == 22
    assert {one.grievance_id for one in found} == {derive_id("g", str(n)) for n in of_one_shard}


def test_the_longest_filing_fits_an_item(cases: Cases) -> None:
    """DynamoDB takes 400 KB."""
    prose, line = "工" * 20_000, "工" * 500
    longest = opened(
        narrative=prose,
        summary=prose,
        requested_remedy=prose,
        factory_reported=FactoryReported(
            name=line, address=line, city=line, country="CN", identifiers=(line,) * 10
        ),
        partner_ref="工" * 200,
    )

    assert cases.create(longest) is None
    assert cases.head(GRIEVANCE_ID) == longest
