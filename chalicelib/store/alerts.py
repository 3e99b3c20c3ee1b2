"""Alerts: rows in the item collection of the case they are about."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from chalicelib.domain.alerting.alert import (
    OF_COALITION,
    Alert,
    Reply,
    grievance_of,
    is_of_coalition,
)
from chalicelib.domain.alerting.coalition import Record
from chalicelib.domain.cases.consent import Detail
from chalicelib.domain.cases.deadlines import alert_looked_at_next
from chalicelib.domain.dates import timestamp
from chalicelib.domain.vocabulary import AlertStatus
from chalicelib.errors import VersionConflict
from chalicelib.store import keys
from chalicelib.store.cases import NOT_THERE_YET, case_in
from chalicelib.store.coalitions import coalition_in
from chalicelib.store.codec import Item, decode, dump, encode, load, readable
from chalicelib.store.faults import ConditionFailed, Contended, TransactionRefused
from chalicelib.store.paging import Page, Start, every_item
from chalicelib.store.table import Row, Table

PER_TRANSACTION = 90
"""Alerts that fit one transaction beside the case and its ledger entry."""

_IDS_READ = 1000

_LIST_FIELDS = (
    "kind",
    "public_ref",
    "severity",
    "category",
    "country",
    "respond_by",
    "sequence",
)


class Alerts:
    """The alerts in the `cases` table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, alert_id: str) -> Alert | None:
        """One alert; None when there is none."""
        item = self._table.get(_key(alert_id))
        return load(Alert, item) if item else None

    def with_case(self, alert_id: str) -> tuple[Alert | None, Record | None]:
        """One alert and the head of its case, or coalition, as far as they are there. One call."""
        key = _key(alert_id)
        sort_key, read = _HEADS[is_of_coalition(alert_id)]
        wanted = [{"case_id": key["case_id"], "sk": sort_key}, key]
        found = {item["sk"]["S"]: item for item in self._table.get_many(wanted)}
        alert, head = found.get(key["sk"]), found.get(sort_key)
        return load(Alert, alert) if alert else None, read(head) if head else None

    def get_many(self, rows: Sequence[tuple[str, str]]) -> list[Alert]:
        """The alerts among (case id, sort key) pairs that exist and can be read, 100 a call."""
        wanted = [{"case_id": case_id, "sk": sort_key} for case_id, sort_key in rows]
        return list(readable(partial(load, Alert), self._table.get_many(wanted)))

    def of_brand(
        self, brand_id: str, *, open_only: bool, limit: int, start: Start | None
    ) -> Page[dict[str, Any]]:
        """A page of a brand's alerts as list rows, newest first; suppressed ones are not its."""
        filters, values = "#status <> :suppressed", {"suppressed": str(AlertStatus.SUPPRESSED)}
        if open_only:
            # A coalition takes no reply: it, and what asks about it, is done with once acknowledged
            filters += (
                " AND attribute_not_exists(first_reply_at)"
                " AND NOT (begins_with(alert_id, :coalition) AND attribute_exists(acknowledged_at))"
            )
            values["coalition"] = OF_COALITION
        page = self._table.page(
            {"brand_id": brand_id},
            limit,
            start,
            index="by_brand",
            descending=True,
            filters=filters,
            names={"#status": "status"},
            values=values,
        )
        return Page([decode(item) for item in page.items], page.next_start)

    def rows_since(
        self, brand_id: str, since: datetime, limit: int, start: Start | None
    ) -> Page[dict[str, Any]]:
        """A page of a brand's alerts since a moment as list rows, newest first."""
        page = self._table.page(
            {"brand_id": brand_id},
            limit,
            start,
            index="by_brand",
            descending=True,
            sort="alerted_at >= :since",
            filters="#status <> :suppressed",
            names={"#status": "status"},
            values={"since": timestamp(since), "suppressed": AlertStatus.SUPPRESSED},
        )
        return Page([decode(item) for item in page.items], page.next_start)

    def alerted_between(
        self, brand_id: str, since: datetime, until: datetime, limit: int, start: Start | None
    ) -> Page[str]:
        """A page of the ids of what a brand was to be told in a time, oldest first."""
        page = self._table.page(
            {"brand_id": brand_id},
            limit,
            start,
            index="by_brand",
            sort="alerted_at BETWEEN :since AND :until",
            values={"since": timestamp(since), "until": timestamp(until)},
        )
        return Page([item["alert_id"]["S"] for item in page.items], page.next_start)

    def ids_between(self, brand_id: str, since: datetime, until: datetime) -> Iterator[str]:
        """The ids of all that a brand was to be told since a moment and before another one, oldest
        first, a thousand a call."""
        before = until - timedelta(milliseconds=1)
        return every_item(
            lambda start: self.alerted_between(brand_id, since, before, _IDS_READ, start)
        )

    def of_case(self, case_id: str, limit: int, start: Start | None) -> Page[Alert]:
        """A page of a case's alerts, in the order of their ids."""
        page = self._table.page(
            {"case_id": case_id},
            limit,
            start,
            sort="begins_with(sk, :prefix)",
            values={"prefix": keys.ALERT_PREFIX},
        )
        return Page([load(Alert, item) for item in page.items], page.next_start)

    def new_row(self, alert: Alert) -> Row:
        """Row for `Cases.save`: a pending alert."""
        return self._table.put_row(_item(alert), NOT_THERE_YET)

    def write_ahead(self, alerts: Sequence[Alert]) -> Sequence[Alert]:
        """Write the alerts that one transaction cannot hold, one by one; return those it can.

        A row that exists already stays as it is: an earlier run wrote it.
        """
        for alert in alerts[PER_TRANSACTION:]:
            try:
                self._table.put(_item(alert), NOT_THERE_YET)
            except ConditionFailed:
                continue
        return alerts[:PER_TRANSACTION]

    def write(self, rows: Sequence[Row]) -> None:
        """Write rows by themselves, all or nothing. Raises VersionConflict."""
        try:
            self._table.transact(rows)
        except (TransactionRefused, Contended) as refused:
            raise VersionConflict() from refused

    def recalled_row(self, alert: Alert) -> Row:
        """Row for `Cases.save`: what its brand must forget is gone from the alert.

        Where that is everything, lists no longer say what the case is about, either.
        """
        expression = "SET recalled_at = :at, recalled_to = :left, payload = :payload"
        if alert.recalled_to is not None and alert.recalled_to < Detail.ISSUE:
            expression += " REMOVE severity, category, country"
        return self._table.update_row(
            _key(alert.alert_id),
            expression,
            "attribute_exists(case_id)",
            at=timestamp(alert.recalled_at or alert.alerted_at),
            left=int(alert.recalled_to or 0),
            payload=dump(alert.payload),
        )

    def acknowledged_row(self, alert_id: str, at: datetime) -> Row:
        """Row for `Cases.save`: the brand has seen the alert."""
        expression = "SET acknowledged_at = if_not_exists(acknowledged_at, :at)" + _NO_DEADLINE
        return self._table.update_row(_key(alert_id), expression, None, at=timestamp(at))

    def reply_row(self, alert_id: str, reply: Reply) -> Row:
        """Row for `Cases.save`: the brand has answered, which acknowledges, too."""
        expression = (
            "SET acknowledged_at = if_not_exists(acknowledged_at, :at), "
            "first_reply_at = if_not_exists(first_reply_at, :at), "
            "replies = list_append(if_not_exists(replies, :nothing), :reply)" + _NO_DEADLINE
        )
        return self._table.update_row(
            _key(alert_id),
            expression,
            None,
            at=timestamp(reply.at),
            nothing=[],
            reply=[dump(reply)],
        )

    def escalated_row(self, alert: Alert) -> Row:
        """Row for `Cases.save`: one that its brand has not acknowledged is at another level.

        The version of its case, or coalition, says that: an acknowledgement changes it, too.
        """
        entry = _deadline_entry(alert)
        gone = "" if entry else _NO_DEADLINE
        sets = "".join(f", {name} = :{name}" for name in entry)
        return self._table.update_row(
            _key(alert.alert_id),
            f"SET escalation = :level{sets}{gone}",
            "attribute_exists(case_id)",
            level=alert.escalation,
            **entry,
        )

    def leave_alone(self, alert_id: str) -> None:
        """An alert asks its brand for nothing any more: its clock is looked at no longer."""
        expression = _NO_DEADLINE.strip()
        try:
            self._table.update(_key(alert_id), expression, "attribute_exists(deadline_queue)")
        except ConditionFailed:
            return

    def watch_clock(self, alert: Alert) -> None:
        """Put an alert that asks by itself where its clock is looked at.

        Does nothing when it was acknowledged, or went a level further, since it was read.
        """
        entry = _deadline_entry(alert)
        if not entry:
            return
        reached = "escalation = :level" if alert.escalation else "attribute_not_exists(escalation)"
        as_seen = (
            f"attribute_exists(case_id) AND attribute_not_exists(acknowledged_at) AND {reached}"
        )
        level = {"level": alert.escalation} if alert.escalation else {}
        expression = "SET deadline_queue = :deadline_queue, deadline_at = :deadline_at"
        try:
            self._table.update(_key(alert.alert_id), expression, as_seen, **entry, **level)
        except ConditionFailed:
            return

    def answered_row(self, alert_id: str, at: datetime) -> Row:
        """Row for `Cases.save`: the brand has answered otherwise than by a reply."""
        expression = (
            "SET acknowledged_at = if_not_exists(acknowledged_at, :at), "
            "first_reply_at = if_not_exists(first_reply_at, :at)"
        )
        return self._table.update_row(_key(alert_id), expression, None, at=timestamp(at))

    def redelivered_row(self, again: Alert, seen: Alert) -> Row:
        """Row for `Cases.save`: the alert is due to be sent again, if it is as it was seen."""
        return self._table.update_row(
            _key(again.alert_id),
            "SET #status = :status, due_at = :due_at, work_queue = :queue, "
            "attempts_allowed = :allowed, redelivery_id = :redelivery REMOVE last_error",
            "#status = :seen AND attempts = :attempts AND attribute_not_exists(recalled_at)",
            status=again.status,
            due_at=timestamp(again.due_at or again.alerted_at),
            queue=keys.due_queue(again.grievance_id),
            allowed=again.attempts_allowed,
            redelivery=again.redelivery_id,
            seen=seen.status,
            attempts=seen.attempts,
        )

    def mark(self, alerts: Sequence[Alert]) -> None:
        """Note what became of alerts (status, message id, last error), a hundred a call.

        Unconditional on purpose: a second note of the same thing is harmless, and what brands
        write (acknowledgements, replies) is not touched.
        """
        for position in range(0, len(alerts), 100):
            batch = alerts[position : position + 100]
            self._table.transact([self._mark_row(alert) for alert in batch])

    def suppressed_row(self, alert: Alert) -> Row:
        """Row for `Cases.save`: the alert is not to be sent any more."""
        return self._mark_row(alert.suppressed())

    def put_back(self, alert: Alert, at: datetime) -> None:
        """Put an alert where its status says that it lies: due, in quarantine, or in no queue.

        Does nothing when it was sent, or anything else became of it, since it was read.
        """
        expression, values = "SET #status = :status", {}
        if alert.status in (AlertStatus.PENDING, AlertStatus.QUARANTINED):
            given_up = alert.status is AlertStatus.QUARANTINED
            queue = keys.quarantine if given_up else keys.due_queue
            expression += ", work_queue = :queue, due_at = if_not_exists(due_at, :at)"
            values = {"queue": queue(alert.grievance_id), "at": timestamp(at)}
        else:
            expression += " REMOVE work_queue, due_at"
        seen = {"status": alert.status, "attempts": alert.attempts}
        as_seen = "#status = :status AND attempts = :attempts"
        try:
            self._table.update(_key(alert.alert_id), expression, as_seen, **seen, **values)
        except ConditionFailed:
            return

    def _mark_row(self, alert: Alert) -> Row:
        values: dict[str, Any] = {"status": alert.status, "attempts": alert.attempts}
        gone = []
        for name in ("sent_at", "message_id", "last_error", "due_at"):
            value = getattr(alert, name)
            if value is None:
                gone.append(name)
            else:
                values[name] = timestamp(value) if isinstance(value, datetime) else value
        if alert.status is AlertStatus.QUARANTINED:
            values["work_queue"] = keys.quarantine(alert.grievance_id)
        if alert.due_at is None:
            gone.append("work_queue")
        sets = ", ".join(f"{'#status' if n == 'status' else n} = :{n}" for n in values)
        remove = f" REMOVE {', '.join(gone)}" if gone else ""
        return self._table.update_row(_key(alert.alert_id), f"SET {sets}{remove}", None, **values)


_HEADS: tuple[tuple[str, Callable[[Item], Record]], ...] = (
    (keys.HEAD, case_in),
    (keys.COALITION, coalition_in),
)
"""Where what an alert belongs to has its head, and how that is read."""

_NO_DEADLINE = " REMOVE deadline_queue, deadline_at"
"""What is acknowledged asks for nothing more."""


def _deadline_entry(alert: Alert) -> dict[str, str]:
    """The sparse index entry of an alert that asks by itself and was not acknowledged."""
    at = alert_looked_at_next(alert)
    if at is None:
        return {}
    return {"deadline_queue": keys.deadline_queue(alert.grievance_id), "deadline_at": timestamp(at)}


def is_watched(alert: Alert, item: Item) -> bool:
    """Whether an alert whose clock is to be looked at is where somebody does. The time may be
    another one: what failed was put off."""
    entry = _deadline_entry(alert)
    if not entry:
        return True
    return "deadline_at" in item and item.get("deadline_queue") == {"S": entry["deadline_queue"]}


def _key(alert_id: str) -> dict[str, str]:
    return {"case_id": grievance_of(alert_id), "sk": keys.alert(alert_id)}


def _item(alert: Alert) -> Item:
    plain = dump(alert)
    listed = {name: plain["payload"].get(name) for name in _LIST_FIELDS}
    return encode(
        {
            **plain,
            **listed,
            "case_id": alert.grievance_id,
            "sk": keys.alert(alert.alert_id),
            "work_queue": keys.due_queue(alert.grievance_id),
            **_deadline_entry(alert),
        }
    )
