"""Remediation plans: rows in the item collection of the case they are about."""

from collections.abc import Sequence
from typing import Any

from chalicelib.domain.remediation import RemediationPlan
from chalicelib.errors import VersionConflict
from chalicelib.store import keys
from chalicelib.store.cases import NOT_THERE_YET
from chalicelib.store.codec import Item, dump, encode, load
from chalicelib.store.faults import ConditionFailed
from chalicelib.store.paging import Page, Start, every_item
from chalicelib.store.table import Row, Table

_STILL_AS_READ = "revision = :seen"


class Plans:
    """The plans in the `cases` table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, case_id: str, plan_id: str) -> RemediationPlan | None:
        """One plan; None when there is none."""
        item = self._table.get({"case_id": case_id, "sk": keys.plan(plan_id)})
        return load(RemediationPlan, item) if item else None

    def page(
        self, case_id: str, limit: int, start: Start | None, *, brand_id: str | None = None
    ) -> Page[RemediationPlan]:
        """A page of a case's plans, newest first: all, or one brand's."""
        filters: dict[str, Any] = {"filters": "brand_id = :brand"} if brand_id else {}
        page = self._table.page(
            {"case_id": case_id},
            limit,
            start,
            sort="begins_with(sk, :prefix)",
            descending=True,
            values={"prefix": keys.PLAN_PREFIX, **({"brand": brand_id} if brand_id else {})},
            **filters,
        )
        return Page([load(RemediationPlan, item) for item in page.items], page.next_start)

    def all_of(self, case_id: str, *, brand_id: str | None = None) -> Sequence[RemediationPlan]:
        """Every plan of a case, oldest first: all, or one brand's."""
        plans = every_item(lambda start: self.page(case_id, 100, start, brand_id=brand_id))
        return list(plans)[::-1]

    def new_row(self, plan: RemediationPlan) -> Row:
        """Row for `Cases.save`: a plan that was submitted."""
        return self._table.put_row(_item(plan), NOT_THERE_YET)

    def changed_row(self, plan: RemediationPlan) -> Row:
        """Row for `Cases.save`: a plan in its next revision, if it is as it was read."""
        return self._table.put_row(_item(plan), _STILL_AS_READ, seen=plan.revision - 1)

    def rewrite(self, plan: RemediationPlan) -> None:
        """Write the next revision by itself. VersionConflict where it is not as it was read."""
        try:
            self._table.put(_item(plan), _STILL_AS_READ, seen=plan.revision - 1)
        except ConditionFailed as changed:
            raise VersionConflict() from changed


def _item(plan: RemediationPlan) -> Item:
    return encode({**dump(plan), "case_id": plan.grievance_id, "sk": keys.plan(plan.plan_id)})
