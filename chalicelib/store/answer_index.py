"""The standard answers of this process, to be searched: SQLite's FTS5, in memory.

Made on first use, and anew whenever a version was published: one call says whether.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from chalicelib.domain.helpline.answer_words import is_half_a_word, words, words_asked_for
from chalicelib.domain.helpline.standard_answer import StandardAnswer, in_force
from chalicelib.store.standard_answers import StandardAnswers

_MOST_HITS = 50
_VERSIONS = 20

# The words are made by `domain.helpline.answer_words`; FTS5 splits at the spaces between them, and
# takes English endings off. Marks belong to words: they are the vowels of Bengali and Hindi.
_SCHEMA = """
CREATE VIRTUAL TABLE answers USING fts5(
    title, question, text, jurisdiction UNINDEXED, answer_id UNINDEXED, version UNINDEXED,
    effective_from UNINDEXED, expires_on UNINDEXED,
    detail = 'full',
    tokenize = "porter unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
)
"""
_FOUND = """
SELECT answer_id, version, -bm25(answers, 4.0, 3.0, 1.0) AS score
FROM answers
WHERE answers MATCH ? AND jurisdiction = ? AND effective_from <= ? AND expires_on > ?
ORDER BY score DESC, answer_id LIMIT ?
"""
_NEVER = "9999-99-99"


class Hit(NamedTuple):
    """An answer in force that has some of the words; a higher score is a better answer."""

    answer: StandardAnswer
    score: float


class SearchedAnswers:
    """Some answers, ready to be searched. Made once, never changed."""

    def __init__(self, versions: Iterable[StandardAnswer]) -> None:
        import sqlite3  # a library that nobody loads who does not search

        self._versions: dict[str, list[StandardAnswer]] = defaultdict(list)
        self._of_topic: dict[tuple[str, str], set[str]] = defaultdict(set)
        # Read by several threads of a local server; SQLite serialises them itself.
        self._index = sqlite3.connect(":memory:", check_same_thread=False)
        self._index.execute(_SCHEMA)
        self._index.executemany(
            "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self._rows(versions)
        )

    def search(self, text: str, jurisdiction: str, on: date) -> list[Hit]:
        """The best answers of a jurisdiction that are in force on a day, best first."""
        asked = words_asked_for(text)
        if not asked:
            return []
        day = on.isoformat()
        found = self._index.execute(
            _FOUND, (_any_of(asked), jurisdiction, day, day, _MOST_HITS)
        ).fetchall()
        hits = [
            (self._in_force(answer_id, on), version, score) for answer_id, version, score in found
        ]
        return [
            Hit(answer, score)
            for answer, version, score in hits
            if answer is not None and answer.version == version
        ]

    def translations(self, answer: StandardAnswer, on: date) -> list[StandardAnswer]:
        """What is in force on the same topic in the same jurisdiction, in every language."""
        ids = sorted(self._of_topic[answer.topic, answer.jurisdiction])
        found = (self._in_force(answer_id, on) for answer_id in ids)
        return [answer for answer in found if answer is not None]

    def _in_force(self, answer_id: str, on: date) -> StandardAnswer | None:
        return in_force(self._versions[answer_id], on)

    def _rows(self, versions: Iterable[StandardAnswer]) -> Iterator[Sequence[str | int]]:
        for answer in versions:
            self._versions[answer.answer_id].append(answer)
            self._of_topic[answer.topic, answer.jurisdiction].add(answer.answer_id)
            yield (
                _spaced(answer.title),
                _spaced(answer.question),
                _spaced(answer.text),
                answer.jurisdiction,
                answer.answer_id,
                answer.version,
                answer.effective_from.isoformat(),
                answer.expires_on.isoformat() if answer.expires_on else _NEVER,
            )


class AnswerIndex:
    """The searched answers of this process, as new as the last published version."""

    def __init__(self, answers: StandardAnswers) -> None:
        self._answers = answers
        self._searched: tuple[int, SearchedAnswers] | None = None

    def current(self, today: date) -> SearchedAnswers:
        """One call; some more when a version was published since the last time."""
        # The number first: what is published while the answers are read is read once more.
        revision = self._answers.revision()
        if self._searched is None or self._searched[0] != revision:
            self._searched = (revision, SearchedAnswers(self._every_version_to_come(today)))
        return self._searched[1]

    def _every_version_to_come(self, today: date) -> Iterator[StandardAnswer]:
        """The newest versions; of those that have not begun yet, those before as well."""
        for answer in self._answers.everything():
            yield answer
            if answer.effective_from > today and answer.version > 1:
                yield from self._before(answer, today)

    def _before(self, answer: StandardAnswer, today: date) -> Iterator[StandardAnswer]:
        older = self._answers.versions(answer.answer_id, _VERSIONS, None).items
        for version in older:
            if version.version < answer.version:
                yield version
            if version.effective_from <= today:
                return


def _spaced(text: str) -> str:
    return " ".join(words(text))


def _any_of(asked: Sequence[str]) -> str:
    """An FTS5 query. Words are letters and digits alone, so that quotes hold them."""
    return " OR ".join(f'"{word}"' + "*" * is_half_a_word(word) for word in asked)
