"""What the rules erase next, found by when it is due; and their plans, with what became of them.

One row beside each case that has ended (`RETENTION`), in the sparse work index: first by when its
rule falls due, then, announced, by when it is carried out.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chalicelib.domain.dates import timestamp
from chalicelib.domain.identities.retention import Outlook, Plan, PlanLine, Scheduled
from chalicelib.store import keys
from chalicelib.store.codec import Item, dump, encode, load, readable
from chalicelib.store.faults import ConditionFailed, Contended, TransactionRefused
from chalicelib.store.paging import Page, Start
from chalicelib.store.table import Row, Table

AS_SCHEDULED = "due_at = :seen AND attribute_not_exists(plan_id)"
SAME_PLAN = "plan_id = :seen"
THE_SAME_END = "attribute_not_exists(case_id) OR ended_at = :ended"
NO_PLAN = "attribute_not_exists(plan_id)"


class Retention:
    """The rows in the `cases` table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def row(self, scheduled: Scheduled) -> Row:
        """Row for a transaction: what the rules do next to a case."""
        return self._table.put_row(_item(scheduled))

    def scheduled(self, case_id: str) -> Scheduled | None:
        """What the rules do next to a case; None where nothing."""
        item = self._table.get(_key(case_id))
        return _scheduled(item) if item else None

    def put_back(self, scheduled: Scheduled) -> None:
        """Write a row that was lost, or is in no queue, so that the daily run comes by.

        Does nothing where the case has ended anew since it was read.
        """
        ended = timestamp(scheduled.ended_at)
        try:
            self._table.put(_item(scheduled), THE_SAME_END, ended=ended)
        except ConditionFailed:
            return

    def stopped_rows(self, scheduled: Scheduled | None, at: datetime) -> list[Row]:
        """Rows for a transaction: a case is taken up again, so nothing of it is erased."""
        if scheduled is None:
            return []
        key = _key(scheduled.grievance_id)
        if scheduled.plan_id is None:
            return [self._table.delete_row(key, NO_PLAN)]
        return [
            self._table.delete_row(key, SAME_PLAN, seen=scheduled.plan_id),
            *self._outcome_rows(scheduled, Outlook.DROPPED, at),
        ]

    def due(
        self, shard: int, until: datetime, limit: int, start: Start | None, *, announced: bool
    ) -> Page[Scheduled]:
        """A page of what is due in a shard until then, longest due first."""
        page = self._table.page(
            {"work_queue": keys.retention_shard(shard, announced=announced)},
            limit,
            start,
            index="work",
            sort="due_at <= :until",
            values={"until": timestamp(until)},
        )
        ids = [item["case_id"]["S"] for item in page.items]
        items = self._table.get_many([_key(case_id) for case_id in ids])
        found = {s.grievance_id: s for s in readable(_scheduled, items)}
        rows = [found[case_id] for case_id in ids if case_id in found]
        # the index may be behind: the row itself decides
        still = [r for r in rows if r.due_at <= until and (r.plan_id is not None) == announced]
        return Page(still, page.next_start)

    def announce(self, scheduled: Scheduled, plan: Plan) -> bool:
        """Put a case into a plan, in one transaction; whether it still was as it was read."""
        announced = scheduled.model_copy(
            update={"plan_id": plan.plan_id, "due_at": plan.carry_out_at, "attempts": 0}
        )
        line = PlanLine(
            grievance_id=scheduled.grievance_id, plan_id=plan.plan_id, at=plan.announced_at
        )
        seen = timestamp(scheduled.due_at)
        rows = [
            self._table.put_row(_item(announced), AS_SCHEDULED, seen=seen),
            self._table.put_row(_line_item(line)),
            self._counted(plan, "planned"),
        ]
        try:
            self._table.transact(rows)
        except (TransactionRefused, Contended):
            return False
        return True

    def done_rows(
        self, scheduled: Scheduled, then: Scheduled | None, outcome: Outlook, at: datetime
    ) -> list[Row]:
        """Rows for a transaction: a plan's case is done with, and what the rules do `then`."""
        key = _key(scheduled.grievance_id)
        follows = self._table.delete_row(key) if then is None else self.row(then)
        return [follows, *self._outcome_rows(scheduled, outcome, at)]

    def settle(
        self, scheduled: Scheduled, then: Scheduled | None, outcome: Outlook, at: datetime
    ) -> None:
        """The same by itself, where nothing is erased."""
        self._table.transact(self.done_rows(scheduled, then, outcome, at))

    def postpone(self, scheduled: Scheduled, until: datetime) -> None:
        """Note that a case failed: due again then."""
        expression = "SET due_at = :until, attempts = :attempts"
        try:
            self._table.update(
                _key(scheduled.grievance_id),
                expression,
                "attribute_exists(case_id)",
                until=timestamp(until),
                attempts=scheduled.attempts + 1,
            )
        except ConditionFailed:
            return

    def plan(self, plan_id: str) -> Plan | None:
        """A plan; None when there is none."""
        item = self._table.get({"case_id": keys.RETENTION_PLANS, "sk": plan_id})
        return load(Plan, item) if item else None

    def plans(self, limit: int, start: Start | None) -> Page[Plan]:
        """A page of all plans, newest first."""
        page = self._table.page({"case_id": keys.RETENTION_PLANS}, limit, start, descending=True)
        return Page([load(Plan, item) for item in page.items], page.next_start)

    def lines(self, plan_id: str, limit: int, start: Start | None) -> Page[PlanLine]:
        """A page of a plan's cases."""
        page = self._table.page({"case_id": keys.retention_plan(plan_id)}, limit, start)
        return Page([load(PlanLine, item) for item in page.items], page.next_start)

    def _outcome_rows(self, scheduled: Scheduled, outcome: Outlook, at: datetime) -> Sequence[Row]:
        if scheduled.plan_id is None:
            return []
        line = PlanLine(
            grievance_id=scheduled.grievance_id, plan_id=scheduled.plan_id, outcome=outcome, at=at
        )
        plan_key = {"case_id": keys.RETENTION_PLANS, "sk": scheduled.plan_id}
        return [
            self._table.put_row(_line_item(line)),
            self._table.update_row(plan_key, f"ADD {outcome} :one", None, one=1),
        ]

    def _counted(self, plan: Plan, counter: str) -> Row:
        known = dump(plan)
        named: dict[str, Any] = {
            name: known[name]
            for name in ("plan_id", "rule_id", "erases", "announced_at", "carry_out_at")
        }
        sets = ", ".join(f"{name} = if_not_exists({name}, :{name})" for name in named)
        return self._table.update_row(
            {"case_id": keys.RETENTION_PLANS, "sk": plan.plan_id},
            f"SET {sets} ADD {counter} :one",
            None,
            one=1,
            **named,
        )


def _key(case_id: str) -> dict[str, str]:
    return {"case_id": case_id, "sk": keys.RETENTION}


def _item(scheduled: Scheduled) -> Item:
    case_id = scheduled.grievance_id
    queue = keys.retention_queue(case_id, announced=scheduled.plan_id is not None)
    return encode({**dump(scheduled), **_key(case_id), "work_queue": queue})


def _scheduled(item: Item) -> Scheduled:
    return load(Scheduled, item)


def _line_item(line: PlanLine) -> Item:
    return encode(
        {**dump(line), "case_id": keys.retention_plan(line.plan_id), "sk": line.grievance_id}
    )
