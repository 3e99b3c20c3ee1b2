"""What the models learn from: queries laid beside the candidates that the search brings up."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zlib import crc32

from rapidfuzz import fuzz

from bench.matching.files import Case, case_of, facilities, read_cases
from bench.matching.generate import twins_of, with_twins
from bench.matching.queries import Row, questions
from bench.matching.small import drawn
from chalicelib.matching.background import NOTHING, Background
from chalicelib.matching.entries import joined_words
from chalicelib.matching.index import Index
from chalicelib.matching.index_build import build_index
from chalicelib.matching.keys import key, name_pieces, slips
from chalicelib.matching.names import parse_name
from chalicelib.matching.pairs import AT, Asked
from chalicelib.matching.places import parse_place
from chalicelib.matching.search import Found, find
from chalicelib.matching.uniqueness import uniqueness

FOLDS = 5
REMOVALS = 2  # registries from which half of the asked factories is missing
SEED = 20260101
# Facilities of registries that are smaller than the whole one -> how many of them.
SMALL = {10: 8, 100: 6, 500: 4, 2_000: 2, 10_000: 2, 30_000: 2}
MADE_WEIGHT, NATURAL_WEIGHT = 0.5, 2.5
_LIKELY = 6  # candidates of a query that may come out best
_RESEMBLES = 0.6  # what is less like every record of a small registry is no question to it
_STARTED = time.monotonic()


@dataclass(frozen=True)
class Sample:
    """One query against one registry: its candidates, and which of them are right."""

    case: Case
    asked: Asked
    found: list[Found]
    right: frozenset[str]
    unique: dict[str, array[float]]  # `uniqueness` of the candidates that may come out best
    weight: float
    made: bool  # by the generator, not from the query file
    gone: bool  # its factory was taken out of the registry
    size: int = 0  # facilities of a small registry; 0 for the whole one

    @property
    def fold(self) -> int:
        return crc32(self.case.fid.encode()) % FOLDS

    @property
    def counts(self) -> bool:
        """Whether figures and thresholds are about it: a row of the query file."""
        return not self.made and not self.gone


def said(text: str) -> None:
    """One line of progress on the standard error stream."""
    print(f"{time.monotonic() - _STARTED:7.0f} s  {text}", file=sys.stderr, flush=True)


def made_cases(rows: Sequence[Row], count: int) -> list[Case]:
    """Questions of the generator about `count` factories of the registry.

    Latin names are asked more often than native Chinese ones: they have more ways to go wrong.
    """
    rng = random.Random(SEED)  # noqa: S311
    latin = [row for row in rows if row.name.isascii()]
    han = [row for row in rows if not row.name.isascii()]
    chosen = rng.sample(latin, min(len(latin), count * 2 // 3))
    chosen += rng.sample(han, min(len(han), count // 3))
    twins = twins_of(rows)
    return [
        with_twins(case_of(question, f"made{i}-{j}", present=True), row, twins)
        for i, row in enumerate(chosen)
        for j, question in enumerate(questions(row, rng, 2))
    ]


def decided(path: Path) -> list[Case]:
    """Reviewers' decisions as cases; the factory they chose says which fold they lie in."""
    return [
        replace(case, kind="decision", fid=min(case.truth, default=case.fid))
        for case in read_cases(path)
    ]


def sample(
    index: Index, case: Case, *, gone: bool = False, made: bool = False, size: int = 0
) -> Sample | None:
    """A case against an index; `None` when nothing can be learnt from it."""
    if not case.query.name or case.soft:
        return None
    asked, found = find((index,), case.query)
    if not found:
        return None
    right = frozenset() if gone or not case.answerable else case.truth
    likely = sorted(found, key=lambda one: -one.features[AT["joined"]])[:_LIKELY]
    unique = {
        one.entry.facility_id: array("d", uniqueness(index, asked, one.entry)) for one in likely
    }
    natural = case.kind.startswith("nat")
    weight = MADE_WEIGHT if made else NATURAL_WEIGHT if natural else 1.0
    small = [replace(one, features=array("d", one.features)) for one in found]
    return Sample(case, asked, small, right, unique, weight, made, gone, size)


def doubles_of(rows: Sequence[Row]) -> dict[str, frozenset[str]]:
    """Ids of rows that repeat another row's name at what looks like the same address."""
    by_name: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        place = " ".join(parse_place(row.address).words)
        name = parse_name(row.name)
        by_name.setdefault(f"{''.join(name.proper)}|{row.country}", []).append((row.id, place))
    return {
        one: frozenset(
            other
            for other, there in group
            if other != one and fuzz.token_set_ratio(place, there) > 75
        )
        for group in by_name.values()
        if len(group) > 1
        for one, place in group
    }


def _removal_group(case: Case) -> int:
    return crc32(b"gone" + case.fid.encode()) % REMOVALS


def _against(
    rows: Sequence[Row], gone: frozenset[str], asked: Iterable[tuple[Case, bool]], folder: str
) -> Iterator[Sample]:
    """Cases against the registry without the facilities in `gone`."""
    path = Path(folder) / f"without{len(gone)}"
    build_index(facilities(rows, gone), path, version="train")
    index = Index.open(path, NOTHING)
    for case, made in asked:
        one = sample(index, case, gone=bool(gone), made=made)
        if one:
            yield one
    index.close()


@dataclass(frozen=True)
class _Small:
    """A registry of few of the facilities that are asked about."""

    index: Index
    kept: frozenset[str]
    keys: frozenset[int]  # of its names' words, sounds and signs

    def asked(
        self, case: Case, keys: frozenset[int], doubles: Mapping[str, frozenset[str]]
    ) -> Sample | None:
        """A case against it; another record of a missing factory is neither right nor wrong."""
        truth = case.truth & self.kept
        if not truth and keys.isdisjoint(self.keys):
            return None
        also = case.also.union(*(doubles.get(one, frozenset()) for one in case.truth)) & self.kept
        known = case.answerable and bool(truth)
        here = replace(case, truth=truth, also=also, answerable=known)
        one = sample(self.index, here, size=len(self.kept))
        if one is None or truth:
            return one
        likest = max(found.features[AT["joined"]] for found in one.found)
        return one if likest >= _RESEMBLES else None


def _word_keys(text: str) -> frozenset[int]:
    """Keys of which a name shares at least one with any name that resembles it."""
    name = parse_name(text)
    pieces = name_pieces(name, joined_words(name)[-1])
    return frozenset(key(piece) for piece in pieces if piece[0] in "wkezo").union(*slips(name))


def _small(
    rows: Sequence[Row], cases: Sequence[Case], background: Background, folder: str
) -> Iterator[_Small]:
    """Small registries (`drawn`).

    Every second one borrows from a reference that has none of those that are asked about.
    """
    rng = random.Random(SEED)  # noqa: S311
    asked = sorted(frozenset[str]().union(*(case.truth for case in cases if case.answerable)))
    others = sorted({row.id for row in rows}.difference(asked))
    strange = Background.of(facilities(rows, frozenset(asked)))
    for size, count in SMALL.items():
        for number in range(count if size < len(rows) else 0):
            kept = drawn(asked, others, size, rng)
            path = Path(folder) / f"small{size}-{number}"
            few = [row for row in rows if row.id in kept]
            build_index(facilities(few), path, version="train")
            keys = frozenset[int]().union(*(_word_keys(row.name) for row in few))
            yield _Small(Index.open(path, strange if number % 2 else background), kept, keys)


def small_samples(
    rows: Sequence[Row],
    cases: Sequence[Case],
    doubles: Mapping[str, frozenset[str]],
    background: Background,
) -> list[Sample]:
    """Every case against small registries, in most of which its factory is missing."""
    with tempfile.TemporaryDirectory() as folder:
        registries = list(_small(rows, cases, background, folder))
        asked = [case for case in cases if not case.kind.startswith("osid")]
        found = [
            one.asked(case, keys, doubles)
            for case in asked
            for keys in [_word_keys(case.query.name)]
            for one in registries
        ]
        for one in registries:
            one.index.close()
    out = [one for one in found if one]
    said(f"{len(out)} samples of {len(registries)} small registries")
    return out


def samples(
    rows: Sequence[Row],
    cases: Sequence[Case],
    made: Sequence[Case],
    doubles: Mapping[str, frozenset[str]],
) -> list[Sample]:
    """Every case against the whole registry, and against one without its factory."""
    every = [(case, False) for case in cases if not case.kind.startswith("osid")]
    every += [(case, True) for case in made]
    with tempfile.TemporaryDirectory() as folder:
        out = list(_against(rows, frozenset(), every, folder))
        said(f"{len(out)} samples of the whole registry")
        for group in range(REMOVALS):
            asked = [(c, m) for c, m in every if c.answerable and _removal_group(c) == group]
            named = frozenset(i for case, _ in asked for i in case.truth | case.also)
            gone = named.union(*(doubles.get(one, frozenset()) for one in named))
            out += _against(rows, gone, asked, folder)
            said(f"{len(out)} samples after taking out {len(gone)} facilities")
    return out
