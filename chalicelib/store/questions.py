"""Questions: rows in the item collection of the case they are about."""

from collections.abc import Sequence
from typing import Any

from chalicelib.domain.question import Question
from chalicelib.errors import VersionConflict
from chalicelib.store import keys
from chalicelib.store.cases import NOT_THERE_YET
from chalicelib.store.codec import Item, dump, encode, load
from chalicelib.store.faults import ConditionFailed
from chalicelib.store.paging import Page, Start, every_item
from chalicelib.store.table import Row, Table

_STILL_AS_READ = "revision = :seen"


class Questions:
    """The questions in the `cases` table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, case_id: str, question_id: str) -> Question | None:
        """One of them; None when there is none."""
        item = self._table.get({"case_id": case_id, "sk": keys.question(question_id)})
        return load(Question, item) if item else None

    def page(
        self, case_id: str, limit: int, start: Start | None, *, brand_id: str | None = None
    ) -> Page[Question]:
        """A page of a case's, newest first: all, or one brand's."""
        filters: dict[str, Any] = {"filters": "brand_id = :brand"} if brand_id else {}
        page = self._table.page(
            {"case_id": case_id},
            limit,
            start,
            sort="begins_with(sk, :prefix)",
            descending=True,
            values={"prefix": keys.QUESTION_PREFIX, **({"brand": brand_id} if brand_id else {})},
            **filters,
        )
        return Page([load(Question, item) for item in page.items], page.next_start)

    def all_of(self, case_id: str, *, brand_id: str | None = None) -> Sequence[Question]:
        """Every one of a case, oldest first: all, or one brand's."""
        found = every_item(lambda start: self.page(case_id, 100, start, brand_id=brand_id))
        return list(found)[::-1]

    def new_row(self, question: Question) -> Row:
        """Row for `Cases.save`: a new one."""
        return self._table.put_row(_item(question), NOT_THERE_YET)

    def changed_row(self, question: Question) -> Row:
        """Row for `Cases.save`: one in its next revision, if it is as it was read."""
        return self._table.put_row(_item(question), _STILL_AS_READ, seen=question.revision - 1)

    def rewrite(self, question: Question) -> None:
        """Write the next revision by itself. VersionConflict where it is not as it was read."""
        try:
            self._table.put(_item(question), _STILL_AS_READ, seen=question.revision - 1)
        except ConditionFailed as changed:
            raise VersionConflict() from changed


def _item(question: Question) -> Item:
    sort_key = keys.question(question.question_id)
    return encode({**dump(question), "case_id": question.grievance_id, "sk": sort_key})
