"""The standard answers of this process, to be searched: SQLite's FTS5, in memory.

Made on first use, and anew whenever a version was published: one call says whether. How much a word
weighs follows from how rare it is, so each language of each jurisdiction is searched by itself:
what is published in Indonesian makes no common word of English rare.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain
from math import log
from typing import NamedTuple

from chalicelib.domain.helpline.answer_words import (
    is_half_a_word,
    words,
    words_asked_for,
    words_that_tell,
)
from chalicelib.domain.helpline.standard_answer import StandardAnswer, in_force
from chalicelib.store.paging import Page, Start
from chalicelib.store.standard_answers import KeptVersion, StandardAnswers

_MOST_HITS = 50
_VERSIONS = 20

_MEASURED = 38
"""How many answers a language had where it was measured what a score means."""

# The words are made by `domain.helpline.answer_words`; FTS5 splits at the spaces between them, and
# takes English endings off. Marks belong to words: they are the vowels of Bengali and Hindi.
_SCHEMA = """
CREATE VIRTUAL TABLE answers USING fts5(
    title, question, text, answer_id UNINDEXED, version UNINDEXED,
    effective_from UNINDEXED, expires_on UNINDEXED,
    detail = 'full',
    tokenize = "porter unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
)
"""
_FOUND = """
SELECT answer_id, version, -bm25(answers, 4.0, 3.0, 1.0) AS score
FROM answers
WHERE answers MATCH ? AND effective_from <= ? AND expires_on > ?
ORDER BY score DESC, answer_id LIMIT ?
"""
_IN_QUESTION = "SELECT 1 FROM answers WHERE answers MATCH ? AND rowid = ?"
_NEVER = "9999-99-99"


class Hit(NamedTuple):
    """An answer in force that has some of the words; a higher score is a better answer.

    A score means the same however many answers there are: the weight of a rare word grows with
    their number, and is taken out again beyond the number that was measured.
    """

    answer: StandardAnswer
    score: float


class SearchedAnswers:
    """Some answers, ready to be searched. Made once, never changed.

    Those of a jurisdiction are read when its law is asked about for the first time: of thousands of
    answers a process needs few.
    """

    def __init__(self, versions: Iterable[KeptVersion]) -> None:
        self._kept: dict[str, list[KeptVersion]] = defaultdict(list)
        for version in versions:
            self._kept[version.jurisdiction].append(version)
        self._read: dict[str, _Jurisdiction] = {}

    def search(self, text: str, jurisdiction: str, on: date) -> list[Hit]:
        """The best answers of a jurisdiction that are in force on a day, best first."""
        return self._of(jurisdiction).search(text, on)

    def share(self, text: str, answer: StandardAnswer) -> float:
        """Of the words that tell what is asked, how many stand in an answer's title or question:
        from 0 to 1, and 0 where no word tells anything. Whole words count alone."""
        return self._of(answer.jurisdiction).share(text, answer)

    def translations(self, answer: StandardAnswer, on: date) -> list[StandardAnswer]:
        """What is in force on the same topic in the same jurisdiction, in every language."""
        return self._of(answer.jurisdiction).translations(answer, on)

    def _of(self, jurisdiction: str) -> "_Jurisdiction":
        known = self._read.get(jurisdiction)
        if known is None:
            known = _Jurisdiction([kept.read() for kept in self._kept.get(jurisdiction, ())])
            if jurisdiction in self._kept:
                self._read[jurisdiction] = known
        return known


class _Jurisdiction:
    """The answers of one jurisdiction."""

    def __init__(self, versions: Iterable[StandardAnswer]) -> None:
        self._versions: dict[str, list[StandardAnswer]] = defaultdict(list)
        self._of_topic: dict[str, set[str]] = defaultdict(set)
        told: dict[str, list[StandardAnswer]] = defaultdict(list)
        for answer in versions:
            self._versions[answer.answer_id].append(answer)
            self._of_topic[answer.topic].add(answer.answer_id)
            told[_primary(answer.language)].append(answer)
        self._shelves = {language: _Shelf(answers) for language, answers in told.items()}

    def search(self, text: str, on: date) -> list[Hit]:
        asked = words_that_tell(text) or words_asked_for(text)
        if not asked:
            return []
        found = chain.from_iterable(shelf.search(asked, on) for shelf in self._shelves.values())
        best = sorted(found, key=lambda each: (-each.score, each.answer_id))[:_MOST_HITS]
        hits = [(in_force(self._versions[each.answer_id], on), each) for each in best]
        return [
            Hit(answer, each.score)
            for answer, each in hits
            if answer is not None and answer.version == each.version
        ]

    def share(self, text: str, answer: StandardAnswer) -> float:
        asked = words_that_tell(text)
        shelf = self._shelves[_primary(answer.language)]
        return shelf.count_in_question(asked, answer) / len(asked) if asked else 0.0

    def translations(self, answer: StandardAnswer, on: date) -> list[StandardAnswer]:
        ids = sorted(self._of_topic[answer.topic])
        found = (in_force(self._versions[answer_id], on) for answer_id in ids)
        return [each for each in found if each is not None]


class _Found(NamedTuple):
    answer_id: str
    version: int
    score: float


class _Shelf:
    """The answers of a jurisdiction in one language."""

    def __init__(self, answers: Sequence[StandardAnswer]) -> None:
        import sqlite3  # a library that nobody loads who does not search

        # Read by several threads of a local server; SQLite serialises them itself.
        self._index = sqlite3.connect(":memory:", check_same_thread=False)
        self._index.execute(_SCHEMA)
        self._index.executemany(
            "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)", map(_row, answers)
        )
        self._row_of = {
            (answer.answer_id, answer.version): row for row, answer in enumerate(answers, 1)
        }
        self._scale = log(_MEASURED) / log(max(len(answers), _MEASURED))

    def search(self, asked: Sequence[str], on: date) -> list[_Found]:
        day = on.isoformat()
        found = self._index.execute(_FOUND, (_any_of(asked), day, day, _MOST_HITS)).fetchall()
        return [
            _Found(answer_id, version, score * self._scale) for answer_id, version, score in found
        ]

    def count_in_question(self, asked: Sequence[str], answer: StandardAnswer) -> int:
        row = self._row_of[answer.answer_id, answer.version]
        found = (
            self._index.execute(_IN_QUESTION, (f'{{title question}} : "{word}"', row)).fetchone()
            for word in asked
        )
        return sum(each is not None for each in found)


class _BeingRead(NamedTuple):
    """How far the answers of a revision are read. Never changed: threads read at the same time."""

    revision: int
    answers: tuple[KeptVersion, ...] = ()
    next_start: Start | None = None
    complete: bool = False

    def and_a(self, page: Page[KeptVersion]) -> "_BeingRead":
        answers = (*self.answers, *page.items)
        return _BeingRead(self.revision, answers, page.next_start, page.next_start is None)


class AnswerIndex:
    """The searched answers of this process, as new as the last published version."""

    def __init__(self, answers: StandardAnswers) -> None:
        self._answers = answers
        self._searched: tuple[int, SearchedAnswers] | None = None
        self._being_read: _BeingRead | None = None

    def current(self, today: date) -> SearchedAnswers:
        """One call; some more when a version was published since the last time.

        Whoever has no time for all of them raises Unavailable, and the next one goes on from there.
        """
        # The number first: what is published while the answers are read is read once more.
        revision = self._answers.revision()
        if self._searched is None or self._searched[0] != revision:
            newest = self._newest(revision)
            self._searched = (revision, SearchedAnswers(self._and_older(newest, today)))
            self._being_read = None
        return self._searched[1]

    def _newest(self, revision: int) -> Sequence[KeptVersion]:
        read = self._being_read
        if read is None or read.revision != revision:
            read = _BeingRead(revision)
        if not read.complete:
            for page in self._answers.everything(read.next_start):
                read = self._being_read = read.and_a(page)
        return read.answers

    def _and_older(self, newest: Iterable[KeptVersion], today: date) -> Iterator[KeptVersion]:
        """The newest versions; of those that have not begun yet, those before as well."""
        for kept in newest:
            yield kept
            if kept.effective_from > today and kept.version > 1:
                yield from self._before(kept, today)

    def _before(self, kept: KeptVersion, today: date) -> Iterator[KeptVersion]:
        for version in self._answers.kept_versions(kept.answer_id, _VERSIONS):
            if version.version < kept.version:
                yield version
            if version.effective_from <= today:
                return


def _row(answer: StandardAnswer) -> Sequence[str | int]:
    return (
        _spaced(answer.title),
        _spaced(answer.question),
        _spaced(answer.text),
        answer.answer_id,
        answer.version,
        answer.effective_from.isoformat(),
        answer.expires_on.isoformat() if answer.expires_on else _NEVER,
    )


def _primary(language: str) -> str:
    return language.lower().partition("-")[0]


def _spaced(text: str) -> str:
    return " ".join(words(text))


def _any_of(asked: Sequence[str]) -> str:
    """An FTS5 query. Words are letters and digits alone, so that quotes hold them."""
    return " OR ".join(f'"{word}"' + "*" * is_half_a_word(word) for word in asked)
