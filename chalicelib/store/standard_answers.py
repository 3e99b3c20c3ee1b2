"""Standard answers, their versions and drafts: rows of the `registry` table (ADR 28).

The newest version of each answer also lies in a few partitions of its own, so that lists and the
search are read with strong consistency, without an index.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from chalicelib.domain.helpline.standard_answer import AnswerDraft, StandardAnswer
from chalicelib.errors import VersionConflict
from chalicelib.store import keys
from chalicelib.store.codec import Item, dump, encode, load
from chalicelib.store.faults import ConditionFailed, Contended, TransactionRefused
from chalicelib.store.paging import Page, Start, every_sharded_page, read_sharded_page
from chalicelib.store.table import Table

NOT_THERE_YET = "attribute_not_exists(pk)"
THERE = "attribute_exists(pk)"
STILL_THAT_VERSION = "version = :expected"

_NEWEST = "ANSWERS"
_DRAFTS = {"pk": "ANSWER_DRAFTS"}
_REVISION = {"pk": "ANSWERS_REVISION", "sk": "REVISION"}
_PAGE = 500


class AnswerFilter(NamedTuple):
    """What a list of answers is narrowed to."""

    jurisdiction: str | None = None
    language: str | None = None
    topic: str | None = None


class KeptVersion:
    """A version as it lies in the table, not read yet: thousands are loaded, few are asked for."""

    __slots__ = ("_item",)

    def __init__(self, item: Item) -> None:
        self._item = item

    @property
    def answer_id(self) -> str:
        return str(self._item["answer_id"]["S"])

    @property
    def jurisdiction(self) -> str:
        return str(self._item["jurisdiction"]["S"])

    @property
    def version(self) -> int:
        return int(self._item["version"]["N"])

    @property
    def effective_from(self) -> date:
        return date.fromisoformat(self._item["effective_from"]["S"])

    def read(self) -> StandardAnswer:
        """The version."""
        return load(StandardAnswer, self._item)


class StandardAnswers:
    """The answers in the `registry` table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add_draft(self, draft: AnswerDraft) -> None:
        """Write a new draft."""
        self._table.put(encode({**_draft_key(draft.draft_id), **dump(draft)}), NOT_THERE_YET)

    def draft(self, draft_id: str) -> AnswerDraft | None:
        """An open draft; None when there is none."""
        item = self._table.get(_draft_key(draft_id))
        return load(AnswerDraft, item) if item else None

    def drafts(self, limit: int, start: Start | None) -> Page[AnswerDraft]:
        """A page of the open drafts."""
        page = self._table.page(_DRAFTS, limit, start)
        return Page([load(AnswerDraft, item) for item in page.items], page.next_start)

    def discard(self, draft_id: str) -> None:
        """Delete a draft. VersionConflict when it has gone meanwhile."""
        try:
            self._table.delete(_draft_key(draft_id), THERE)
        except ConditionFailed as refused:
            raise VersionConflict() from refused

    def publish(self, answer: StandardAnswer, draft: AnswerDraft) -> None:
        """Write the version that a draft becomes, all or nothing. VersionConflict."""
        stored = dump(answer)
        replaced = NOT_THERE_YET if answer.version == 1 else STILL_THAT_VERSION
        expected = {} if answer.version == 1 else {"expected": answer.version - 1}
        version_key = _version_key(answer.answer_id, answer.version)
        rows = [
            self._table.delete_row(_draft_key(draft.draft_id), THERE),
            self._table.put_row(encode({**version_key, **stored}), NOT_THERE_YET),
            self._table.put_row(
                encode({**_newest_key(answer.answer_id), **stored}), replaced, **expected
            ),
            self._table.update_row(_REVISION, "ADD revision :one", None, one=1),
        ]
        try:
            self._table.transact(rows)
        except (TransactionRefused, Contended) as refused:
            raise VersionConflict() from refused

    def newest(self, answer_id: str) -> StandardAnswer | None:
        """The newest version of an answer, in force or not; None when there is none."""
        return self._one(_newest_key(answer_id))

    def version(self, answer_id: str, version: int) -> StandardAnswer | None:
        """A version of an answer; None when there is none."""
        return self._one(_version_key(answer_id, version))

    def versions(self, answer_id: str, limit: int, start: Start | None) -> Page[StandardAnswer]:
        """A page of an answer's versions, newest first."""
        partition = {"pk": _version_key(answer_id, 1)["pk"]}
        return _loaded(self._table.page(partition, limit, start, descending=True))

    def newest_of_all(
        self, wanted: AnswerFilter, limit: int, start: Start | None
    ) -> Page[StandardAnswer]:
        """A page of the newest versions of all answers that are asked for."""
        asked = {name: value for name, value in wanted._asdict().items() if value is not None}
        narrowed: dict[str, Any] = {
            "filters": " AND ".join(f"#{name} = :{name}" for name in asked),
            "names": {f"#{name}": name for name in asked},
            "values": asked,
        }

        def page_of(shard: int, limit: int, start: Start | None) -> Page[Item]:
            partition = {"pk": keys.listing_shard(_NEWEST, shard)}
            return self._table.page(partition, limit, start, **narrowed)

        return _loaded(read_sharded_page(page_of, keys.LISTING_SHARDS, limit, start))

    def everything(self, start: Start | None = None) -> Iterator[Page[KeptVersion]]:
        """The newest version of every answer, a read at a time, from the first or a start on."""

        def page_of(shard: int, start: Start | None) -> Page[KeptVersion]:
            partition = {"pk": keys.listing_shard(_NEWEST, shard)}
            page = self._table.page(partition, _PAGE, start)
            return Page(list(map(KeptVersion, page.items)), page.next_start)

        return every_sharded_page(page_of, keys.LISTING_SHARDS, start)

    def kept_versions(self, answer_id: str, limit: int) -> Iterator[KeptVersion]:
        """An answer's newest versions, newest first."""
        partition = {"pk": _version_key(answer_id, 1)["pk"]}
        page = self._table.page(partition, limit, None, descending=True)
        return map(KeptVersion, page.items)

    def revision(self) -> int:
        """A number that grows whenever a version is published."""
        item = self._table.get(_REVISION)
        return int(item["revision"]["N"]) if item else 0

    def _one(self, key: dict[str, str]) -> StandardAnswer | None:
        item = self._table.get(key)
        return load(StandardAnswer, item) if item else None


def _loaded(page: Page[Item]) -> Page[StandardAnswer]:
    return Page([load(StandardAnswer, item) for item in page.items], page.next_start)


def _draft_key(draft_id: str) -> dict[str, str]:
    return {**_DRAFTS, "sk": draft_id}


def _version_key(answer_id: str, version: int) -> dict[str, str]:
    return {"pk": f"ANSWER#{answer_id}", "sk": f"VERSION#{version:06d}"}


def _newest_key(answer_id: str) -> dict[str, str]:
    return {"pk": keys.listing(_NEWEST, answer_id), "sk": answer_id}
