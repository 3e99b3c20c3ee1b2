"""What an engineer would build in a day, asked the same questions."""

import math
import sqlite3
import time
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from rapidfuzz import fuzz, process

from chalicelib.matching.names import parse_name
from chalicelib.matching.scripts import fold, latin_words

from .files import Case
from .measure import percentile, say
from .queries import Row
from .score import Answer, recall_at_precision, tallies

Ranking = list[tuple[str, float]]
_LIMIT: Final = 10


class Baseline(Protocol):
    """Ranks the registry for a query; `certain` is its own idea of when to match."""

    name: str

    def rank(self, case: Case) -> Ranking: ...

    def certain(self, ranking: Ranking) -> bool: ...


def _plain(text: str) -> str:
    return " ".join(latin_words(fold(text)))


def _text(case: Case) -> str:
    return _plain(f"{case.query.name} {case.query.address}")


class ExactName:
    """The cleaned name, legal forms removed, is the only one of its country."""

    name = "exact normalised name"

    def __init__(self, rows: Sequence[Row]) -> None:
        self._ids: dict[str, list[str]] = {}
        for row in rows:
            for key in (f"{self._key(row.name)}|{row.country}", f"{self._key(row.name)}|"):
                self._ids.setdefault(key, []).append(row.id)

    @staticmethod
    def _key(name: str) -> str:
        parsed = parse_name(name)
        return "|".join((" ".join(parsed.proper), " ".join(parsed.trades), *sorted(parsed.units)))

    def rank(self, case: Case) -> Ranking:
        ids = self._ids.get(f"{self._key(case.query.name)}|{case.query.country}", [])
        return [(one, 1.0 / len(ids)) for one in ids[:_LIMIT]]

    def certain(self, ranking: Ranking) -> bool:
        return len(ranking) == 1


class BruteForce:
    """RapidFuzz over every name of the registry."""

    def __init__(self, rows: Sequence[Row], scorer: str) -> None:
        self.name = f"RapidFuzz {scorer}, brute force"
        self._ids = [row.id for row in rows]
        self._names = [_plain(row.name) for row in rows]
        self._scorer = getattr(fuzz, scorer)

    def rank(self, case: Case) -> Ranking:
        found = process.extract(
            _plain(case.query.name), self._names, scorer=self._scorer, limit=_LIMIT
        )
        return [(self._ids[i], score / 100) for _, score, i in found]

    def certain(self, ranking: Ranking) -> bool:
        return _leads(ranking, 0.95, 0.05)


def _leads(ranking: Ranking, least: float, lead: float) -> bool:
    """The usual rule: good enough, and clearly before the second."""
    if not ranking or ranking[0][1] < least:
        return False
    return len(ranking) == 1 or ranking[0][1] - ranking[1][1] >= lead


class FullText:
    """SQLite's FTS5 with trigrams finds a hundred, RapidFuzz ranks them."""

    name = "SQLite FTS5 trigram + RapidFuzz"

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = [(row.id, _plain(row.name), _plain(row.address)) for row in rows]
        self._db = sqlite3.connect(":memory:")
        self._db.execute("create virtual table names using fts5(name, tokenize='trigram')")
        self._db.executemany(
            "insert into names(rowid, name) values (?, ?)",
            ((i, row[1]) for i, row in enumerate(self._rows)),
        )

    def rank(self, case: Case) -> Ranking:
        words = [w for w in _plain(case.query.name).split() if len(w) >= 3]
        pieces = {w[i : i + 3] for w in words for i in range(len(w) - 2)}
        if not pieces:
            return []
        asked = " OR ".join(f'"{piece}"' for piece in sorted(pieces))
        numbers = self._db.execute(
            "select rowid from names where names match ? order by rank limit 100", (asked,)
        ).fetchall()
        name, place = _plain(case.query.name), _plain(case.query.address)
        scored = [(self._rows[i][0], self._likeness(name, place, i)) for (i,) in numbers]
        return sorted(scored, key=lambda pair: -pair[1])[:_LIMIT]

    def _likeness(self, name: str, place: str, i: int) -> float:
        likeness = fuzz.token_sort_ratio(name, self._rows[i][1]) / 100
        if not place:
            return likeness
        return 0.7 * likeness + 0.3 * fuzz.token_set_ratio(place, self._rows[i][2]) / 100

    def certain(self, ranking: Ranking) -> bool:
        return _leads(ranking, 0.95, 0.05)


def _grams(text: str) -> Iterator[str]:
    padded = f" {text} "
    for size in (2, 3, 4):
        for i in range(len(padded) - size + 1):
            yield padded[i : i + size]


class TfIdf:
    """Cosine of TF-IDF weighted character 2- to 4-grams of name and address."""

    name = "TF-IDF character 2-4-grams"

    def __init__(self, rows: Sequence[Row]) -> None:
        self._ids = [row.id for row in rows]
        counts = [Counter(_grams(_plain(f"{row.name} {row.address}"))) for row in rows]
        held = Counter(gram for count in counts for gram in count)
        self._rarity = {gram: math.log(len(rows) / n) + 1 for gram, n in held.items()}
        self._found: dict[str, tuple[array[int], array[float]]] = {}
        for i, count in enumerate(counts):
            weights = {gram: n * self._rarity[gram] for gram, n in count.items()}
            length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
            for gram, weight in weights.items():
                rows_of, weights_of = self._found.setdefault(gram, (array("I"), array("f")))
                rows_of.append(i)
                weights_of.append(weight / length)

    def rank(self, case: Case) -> Ranking:
        weights = {g: n * self._rarity.get(g, 0.0) for g, n in Counter(_grams(_text(case))).items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        sums: dict[int, float] = {}
        for gram, weight in weights.items():
            for i, other in zip(*self._found.get(gram, ((), ())), strict=True):
                sums[i] = sums.get(i, 0.0) + weight * other
        best = sorted(sums.items(), key=lambda pair: -pair[1])[:_LIMIT]
        return [(self._ids[i], total / length) for i, total in best]

    def certain(self, ranking: Ranking) -> bool:
        return _leads(ranking, 0.9, 0.1)


def _answer(baseline: Baseline, case: Case) -> Answer:
    start = time.perf_counter()
    ranking = baseline.rank(case)
    ms = (time.perf_counter() - start) * 1000
    certain = baseline.certain(ranking)
    return Answer(
        status="matched" if certain else "review" if ranking else "unmatched",
        facility_id=ranking[0][0] if certain else None,
        candidates=tuple(one for one, _ in ranking),
        score=ranking[0][1] if ranking else 0.0,
        ms=ms,
    )


def _builders(rows: Sequence[Row]) -> Iterator[Baseline]:
    yield ExactName(rows)
    yield BruteForce(rows, "token_sort_ratio")
    yield BruteForce(rows, "token_set_ratio")
    yield FullText(rows)
    yield TfIdf(rows)


def run_baselines(rows: Sequence[Row], cases: Sequence[Case]) -> dict[str, object]:
    """Every baseline's figures on the same cases, each built, asked and let go."""
    report: dict[str, object] = {}
    for baseline in _builders(rows):
        say(f"baseline: {baseline.name}, {len(cases):,} queries")
        answers = [_answer(baseline, case) for case in cases]
        figures = tallies(cases, answers)["all"].figures()
        figures["recall_at_99_5"] = recall_at_precision(cases, answers, 0.995)
        times = [answer.ms for answer in answers]
        figures |= {"p50_ms": percentile(times, 0.5), "p99_ms": percentile(times, 0.99)}
        report[baseline.name] = figures
    return report
