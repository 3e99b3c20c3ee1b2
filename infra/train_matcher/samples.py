"""What the models learn from: queries laid beside the candidates that the search brings up."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zlib import crc32

from rapidfuzz import fuzz

from bench.matching.files import Case, case_of, facilities, read_cases
from bench.matching.generate import twins_of, with_twins
from bench.matching.queries import Row, questions
from chalicelib.matching.index import Index
from chalicelib.matching.index_build import build_index
from chalicelib.matching.names import parse_name
from chalicelib.matching.pairs import AT, Asked
from chalicelib.matching.places import parse_place
from chalicelib.matching.search import Found, find
from chalicelib.matching.uniqueness import uniqueness

FOLDS = 5
REMOVALS = 2  # registries from which half of the asked factories is missing
SEED = 20260101
MADE_WEIGHT, NATURAL_WEIGHT = 0.5, 2.5
_LIKELY = 6  # candidates of a query that may come out best
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

    @property
    def fold(self) -> int:
        return crc32(self.case.fid.encode()) % FOLDS

    @property
    def counts(self) -> bool:
        """Whether figures and thresholds are about it: a row of the query file as it stands."""
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


def sample(index: Index, case: Case, *, gone: bool, made: bool) -> Sample | None:
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
    return Sample(case, asked, small, right, unique, weight, made, gone)


def _doubles(rows: Sequence[Row]) -> dict[str, frozenset[str]]:
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
    index = Index.open(path)
    for case, made in asked:
        one = sample(index, case, gone=bool(gone), made=made)
        if one:
            yield one
    index.close()


def samples(rows: Sequence[Row], cases: Sequence[Case], made: Sequence[Case]) -> list[Sample]:
    """Every case against the whole registry, and against one without its factory."""
    every = [(case, False) for case in cases if not case.kind.startswith("osid")]
    every += [(case, True) for case in made]
    doubles = _doubles(rows)
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
