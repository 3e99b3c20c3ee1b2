"""What brands and partners revise together: rows of a case's item collection, each with a revision.

A row is written anew only as it was read. Its id begins with its time, so that ids sort by it.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from chalicelib.domain.extension import Extension
from chalicelib.domain.question import Question
from chalicelib.domain.remediation import RemediationPlan
from chalicelib.errors import VersionConflict
from chalicelib.store import keys
from chalicelib.store.cases import NOT_THERE_YET
from chalicelib.store.codec import Item, dump, encode, load
from chalicelib.store.faults import ConditionFailed
from chalicelib.store.paging import Page, Start, every_item
from chalicelib.store.table import Row, Table

V = TypeVar("V", RemediationPlan, Question, Extension)

_STILL_AS_READ = "revision = :seen"


class RevisedRows(Generic[V]):
    """The rows of one kind in the `cases` table."""

    def __init__(
        self,
        table: Table,
        model: type[V],
        *,
        prefix: str,
        sort_key: Callable[[str], str],
        id_of: Callable[[V], str],
    ) -> None:
        """`sort_key` makes a row's sort key, which begins with `prefix`, of its id."""
        self._table = table
        self._model: type[V] = model
        self._prefix, self._sort_key = prefix, sort_key
        self._id_of: Callable[[V], str] = id_of

    def get(self, case_id: str, row_id: str) -> V | None:
        """One of them; None when there is none."""
        item = self._table.get({"case_id": case_id, "sk": self._sort_key(row_id)})
        return load(self._model, item) if item else None

    def page(
        self, case_id: str, limit: int, start: Start | None, *, brand_id: str | None = None
    ) -> Page[V]:
        """A page of a case's, newest first: all, or one brand's."""
        filters: dict[str, Any] = {"filters": "brand_id = :brand"} if brand_id else {}
        page = self._table.page(
            {"case_id": case_id},
            limit,
            start,
            sort="begins_with(sk, :prefix)",
            descending=True,
            values={"prefix": self._prefix, **({"brand": brand_id} if brand_id else {})},
            **filters,
        )
        return Page([load(self._model, item) for item in page.items], page.next_start)

    def all_of(self, case_id: str, *, brand_id: str | None = None) -> Sequence[V]:
        """Every one of a case, oldest first: all, or one brand's."""
        found = every_item(lambda start: self.page(case_id, 100, start, brand_id=brand_id))
        return list(found)[::-1]

    def new_row(self, row: V) -> Row:
        """Row for `Cases.save`: a new one."""
        return self._table.put_row(self._item(row), NOT_THERE_YET)

    def changed_row(self, row: V) -> Row:
        """Row for `Cases.save`: one in its next revision, if it is as it was read."""
        return self._table.put_row(self._item(row), _STILL_AS_READ, seen=row.revision - 1)

    def rewrite(self, row: V) -> None:
        """Write the next revision by itself. VersionConflict where it is not as it was read."""
        try:
            self._table.put(self._item(row), _STILL_AS_READ, seen=row.revision - 1)
        except ConditionFailed as changed:
            raise VersionConflict() from changed

    def _item(self, row: V) -> Item:
        sort_key = self._sort_key(self._id_of(row))
        return encode({**dump(row), "case_id": row.grievance_id, "sk": sort_key})


class Plans(RevisedRows[RemediationPlan]):
    """The remediation plans in the `cases` table."""

    def __init__(self, table: Table) -> None:
        super().__init__(
            table,
            RemediationPlan,
            prefix=keys.PLAN_PREFIX,
            sort_key=keys.plan,
            id_of=lambda plan: plan.plan_id,
        )


class Questions(RevisedRows[Question]):
    """The questions in the `cases` table."""

    def __init__(self, table: Table) -> None:
        super().__init__(
            table,
            Question,
            prefix=keys.QUESTION_PREFIX,
            sort_key=keys.question,
            id_of=lambda question: question.question_id,
        )


class Extensions(RevisedRows[Extension]):
    """The extensions in the `cases` table."""

    def __init__(self, table: Table) -> None:
        super().__init__(
            table,
            Extension,
            prefix=keys.EXTENSION_PREFIX,
            sort_key=keys.extension,
            id_of=lambda extension: extension.extension_id,
        )
