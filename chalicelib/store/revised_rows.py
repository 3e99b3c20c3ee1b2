"""What brands and partners revise together: rows of a case's item collection, each with a revision.

A row is written anew only as it was read. Its id begins with its time, so that ids sort by it.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.extension import Extension
from chalicelib.domain.cases.question import Question
from chalicelib.domain.remedies.remediation import RemediationPlan
from chalicelib.errors import VersionConflict
from chalicelib.store import keys
from chalicelib.store.cases import NOT_THERE_YET, case_in
from chalicelib.store.codec import Item, dump, encode, load, readable
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
        return encode({**dump(row), **self._key(row), **self._listed(row)})

    def _key(self, row: V) -> dict[str, str]:
        return {"case_id": row.grievance_id, "sk": self._sort_key(self._id_of(row))}

    def _listed(self, row: V) -> dict[str, str]:
        """What puts a row into an index besides."""
        return {}


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


class QuestionOfCase(NamedTuple):
    """A question with the case it is about."""

    question: Question
    case: Case


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

    def asked_of(self, factory_id: str, limit: int, start: Start | None) -> Page[QuestionOfCase]:
        """A page of what a factory was asked, newest first, each with its case as it stands.

        The way to the next page names no case. What cannot be read is left out.
        """
        before: dict[str, Any] = {"sort": "received_at < :before", "values": start}
        page = self._table.page(
            {"waiting": keys.asked_of(factory_id)},
            limit,
            None,
            index="by_waiting",
            descending=True,
            **(before if start else {}),
        )
        more = {"before": page.items[-1]["received_at"]["S"]} if page.next_start else None
        return Page(self._with_cases(page.items), more)

    def one_asked_of(self, factory_id: str, question_id: str) -> QuestionOfCase | None:
        """One question that a factory was asked, with its case; None when there is none."""
        page = self._table.page(
            {"waiting": keys.asked_of(factory_id)},
            1,
            None,
            index="by_waiting",
            sort="received_at = :id",
            values={"id": question_id},
        )
        return next(iter(self._with_cases(page.items)), None)

    def put_back(self, question: Question) -> None:
        """List a question anew where the factory looks. Does nothing when it was changed since it
        was read: that has listed it."""
        try:
            self._table.put(self._item(question), _STILL_AS_READ, seen=question.revision)
        except ConditionFailed:
            return

    def _with_cases(self, listed: Sequence[Item]) -> Sequence[QuestionOfCase]:
        """The questions that stand in the index, each with its case, in this order."""
        rows = [{"case_id": item["case_id"]["S"], "sk": item["sk"]["S"]} for item in listed]
        heads = [{"case_id": case_id, "sk": keys.HEAD} for case_id in {r["case_id"] for r in rows}]
        found = self._table.get_many([*rows, *heads])
        cases = {case.grievance_id: case for case in readable(case_in, _under(found, keys.HEAD))}
        asked = _under(found, self._prefix)
        questions = [
            QuestionOfCase(question, cases[question.grievance_id])
            for question in readable(partial(load, Question), asked)
            if question.grievance_id in cases
        ]
        return sorted(questions, key=lambda each: each.question.question_id, reverse=True)

    def _listed(self, row: Question) -> dict[str, str]:
        return asked_entry(row)


def asked_entry(question: Question) -> dict[str, str]:
    """The index entry of a question to a factory. It stays for good: whether the question may be
    seen is asked of its case, whenever somebody looks."""
    if question.factory is None:
        return {}
    partition = keys.asked_of(question.factory.factory_id)
    return {"waiting": partition, "received_at": question.question_id}


def _under(items: Sequence[Item], prefix: str) -> list[Item]:
    return [item for item in items if item["sk"]["S"].startswith(prefix)]


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
