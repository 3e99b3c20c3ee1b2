"""Due work: found whatever its age, taken off once, and never lost to whoever was quicker."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.cases.case import Case
from chalicelib.domain.references import derive_id
from chalicelib.domain.vocabulary import Routing, State
from chalicelib.errors import VersionConflict
from chalicelib.store import keys
from chalicelib.store.paging import Page, Start
from chalicelib.store.work import SHARDS, Progress, Work, WorkRow, head_row
from tests.domain.values import AT, GRIEVANCE_ID, case
from tests.service import Service

LATER = AT + timedelta(minutes=5)


@pytest.fixture
def work(service: Service) -> Work:
    return service.deps.work


def stored(service: Service, number: int = 0, **progress: Any) -> Case:
    """A case in the store."""
    given = case(grievance_id=derive_id("g", str(number)), **progress)
    assert service.deps.cases.create(given) is None
    return given


def all_due(work: Work, limit: int = 100, *, at: datetime = AT) -> list[WorkRow]:
    """Everything due at a time, in all shards."""
    found: list[WorkRow] = []
    for shard in range(SHARDS):
        start: Start | None = None
        while True:
            page: Page[WorkRow] = work.due(shard, at, limit=limit, start=start)
            found += page.items
            if (start := page.next_start) is None:
                break
    return found


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_every_due_case_is_in_one_shard_once_whatever_its_age(
    work: Work, service: Service, limit: int
) -> None:
    due = [
        stored(service, number, check_due_at=AT - timedelta(days=number)) for number in range(15)
    ]
    stored(service, 30, check_due_at=AT + timedelta(milliseconds=1))
    stored(service, 31, check_due_at=None)

    found = all_due(work, limit)

    assert sorted(found) == sorted(head_row(one.grievance_id) for one in due)
    assert {shard for shard in range(SHARDS) if work.anything_due(shard, AT)} == {
        keys.shard_of(one.grievance_id, SHARDS) for one in due
    }


def test_in_a_shard_what_is_longest_due_comes_first(work: Work, service: Service) -> None:
    days = {
        one.grievance_id: one.check_due_at
        for one in (
            stored(service, n, check_due_at=AT - timedelta(days=n % 5, hours=n)) for n in range(16)
        )
    }

    for shard in range(SHARDS):
        rows = work.due(shard, AT, limit=100, start=None).items
        moments = [days[row.case_id] for row in rows]
        assert moments == sorted(moments, key=str)


def test_a_row_says_what_it_is() -> None:
    rows = {
        "case": head_row("g_1"),
        "alert": WorkRow("g_1", keys.alert("a_1_2")),
        "factory": WorkRow(keys.watched_factory("f_1"), keys.WATCH),
        "brand": WorkRow(keys.watched_brand("h-m"), keys.WATCH),
    }

    assert {name: (row.is_case, row.is_alert, row.watched) for name, row in rows.items()} == {
        "case": (True, False, None),
        "alert": (False, True, None),
        "factory": (False, False, ("factory", "f_1")),
        "brand": (False, False, ("brand", "h-m")),
    }


# Sending a case back to the check


def test_a_case_that_is_made_due_is_due_and_says_so_itself(work: Work, service: Service) -> None:
    rested = stored(service, check_due_at=None, state=State.NOT_COVERED, routing=Routing.NO_BRAND)

    work.make_due(rested.grievance_id, AT)

    assert all_due(work) == [head_row(rested.grievance_id)]
    again = service.deps.cases.head(rested.grievance_id)
    assert again == rested.model_copy(update={"check_due_at": AT, "wakes": 1})


def test_a_case_that_is_not_there_is_not_made_by_making_it_due(
    work: Work, service: Service
) -> None:
    work.make_due(GRIEVANCE_ID, AT)

    assert all_due(work) == []
    assert service.all_items() == []


def test_a_check_that_read_before_a_case_was_made_due_cannot_put_it_to_rest(
    work: Work, service: Service
) -> None:
    """check reads · link comes, case made due · check writes: it must lose, or the link is lost."""
    read = stored(service)
    work.make_due(read.grievance_id, LATER)

    service.deps.cases.rest(read.model_copy(update={"check_due_at": None}))
    changed = read.recorded(read.first_entry.action, by="system", at=AT, data={}, check_due_at=None)
    with pytest.raises(VersionConflict):
        service.deps.cases.save(changed.case, changed.entry)

    now = service.deps.cases.head(read.grievance_id)
    assert now is not None
    assert (now.check_due_at, now.version, now.wakes) == (LATER, 1, 1)


def test_a_check_that_read_after_it_may(work: Work, service: Service) -> None:
    stored_case = stored(service)
    work.make_due(stored_case.grievance_id, AT)
    read = service.deps.cases.head(stored_case.grievance_id)
    assert read is not None

    service.deps.cases.rest(read.model_copy(update={"check_due_at": None}))

    assert all_due(work) == []


# Notes that links have changed


def test_a_note_is_due_until_it_is_worked_off(work: Work) -> None:
    work.watch("f_1", AT)
    work.watch_brand("acme", AT)
    rows = all_due(work)

    assert sorted(row.watched for row in rows if row.watched) == [
        ("brand", "acme"),
        ("factory", "f_1"),
    ]
    for row in rows:
        work.unwatch(row, work.progress(row).renewals)
    assert all_due(work) == []


def test_a_note_that_was_renewed_while_it_was_worked_off_stays(
    work: Work, service: Service
) -> None:
    work.watch("f_1", AT)
    (row,) = all_due(work)
    seen = work.progress(row).renewals

    work.watch("f_1", AT)  # in the same millisecond
    work.unwatch(row, seen)

    (item,) = service.all_items()
    assert (item["due_at"], item["renewals"]) == ("2026-11-22T08:00:00.000Z", 2)


def test_a_note_that_is_worked_off_is_due_once_more_and_then_gone(work: Work) -> None:
    later = AT + timedelta(minutes=1)
    work.watch("f_1", AT)
    (row,) = all_due(work)

    work.watch_once_more(row, work.progress(row), later)
    assert all_due(work) == []
    assert all_due(work, at=later) == [row]

    work.watch_once_more(row, work.progress(row), later + timedelta(minutes=1))
    assert all_due(work, at=later + timedelta(days=1)) == []


def test_a_note_that_is_renewed_is_worked_off_twice_anew(work: Work, service: Service) -> None:
    work.watch("f_1", AT)
    (row,) = all_due(work)
    before = work.progress(row)
    work.watch_once_more(row, before, AT + timedelta(minutes=1))

    work.watch("f_1", AT + timedelta(seconds=1))
    assert work.progress(row) == Progress(2, None, once=False)
    work.watch_once_more(row, before, AT + timedelta(minutes=5))

    (item,) = service.all_items()
    assert (item["due_at"], item["renewals"]) == ("2026-11-22T08:00:01.000Z", 2)


def test_many_changes_of_a_factorys_links_are_one_note(work: Work) -> None:
    for _ in range(5):
        work.watch("f_1", AT)

    assert len(all_due(work)) == 1


def test_a_note_that_is_gone_already_may_be_taken_away_again(work: Work) -> None:
    work.watch("f_1", AT)
    (row,) = all_due(work)

    work.unwatch(row, 1)
    work.unwatch(row, 1)

    assert all_due(work) == []


# Rows that fail


def test_a_row_that_failed_is_due_again_later_and_counts_its_failures(
    work: Work, service: Service
) -> None:
    row = head_row(stored(service).grievance_id)
    assert work.attempts(row) == 0

    work.postpone(row, attempts=1, until=LATER, error="KeyError", give_up=False)

    assert (work.attempts(row), all_due(work)) == (1, [])
    head = service.head_item(row.case_id)
    assert (head["due_at"], head["check_due_at"], head["last_error"]) == (
        "2026-11-22T08:05:00.000Z",
        "2026-11-22T08:05:00.000Z",
        "KeyError",
    )


def test_a_row_that_failed_too_often_is_put_aside(work: Work, service: Service) -> None:
    row = head_row(stored(service).grievance_id)

    work.postpone(row, attempts=8, until=AT, error="KeyError", give_up=True)

    assert all_due(work) == []
    assert service.work_queue_of(row.case_id) == keys.quarantine(row.case_id)


def test_a_note_that_failed_has_no_check_to_put_off(work: Work, service: Service) -> None:
    work.watch("f_1", AT)
    (row,) = all_due(work)

    work.postpone(row, attempts=1, until=LATER, error="KeyError", give_up=False)

    (item,) = service.all_items()
    assert (item["due_at"], "check_due_at" in item) == ("2026-11-22T08:05:00.000Z", False)


def test_a_row_that_somebody_finished_meanwhile_is_not_put_back(
    work: Work, service: Service
) -> None:
    rested = stored(service, check_due_at=None)
    row = head_row(rested.grievance_id)

    work.postpone(row, attempts=1, until=LATER, error="KeyError", give_up=False)
    work.postpone(head_row(GRIEVANCE_ID), attempts=1, until=LATER, error="x", give_up=False)

    assert (work.attempts(row), service.work_queue_of(rested.grievance_id)) == (0, "")
    assert len(service.all_items()) == 1
