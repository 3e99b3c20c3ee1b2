"""From a query to its few best candidates with their features."""

import math
from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from rapidfuzz import fuzz

from .entries import FIELD, Entry, joined_words, unpacked
from .index import Index
from .keys import key, query_keys, slips
from .names import ParsedName, parse_name
from .pairs import Asked, pair_features
from .places import ParsedPlace, parse_place
from .records import Query
from .scripts import fold, squeezed
from .sounds import skeleton, sound
from .vocabulary import TRADE_FAMILIES

KEPT: Final = 16  # candidates that get the full comparison
_ALWAYS: Final = 6  # of them however far they are behind the best
_BEHIND: Final = 1.2  # rough likeness that a further one may lack
_OTHER_COUNTRY: Final = 0.5
_PLACE_SHARE: Final = 0.6
_ROUNDING: Final = 1e-9  # more than sums of a few shares can be off


class _Scorer(Protocol):
    def __call__(self, s1: str, s2: str, /, *, score_cutoff: float | None) -> float: ...


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate with its features, in the order of `pairs.FEATURES`."""

    entry: Entry
    features: Sequence[float]


def parse_query(query: Query) -> tuple[ParsedName, ParsedPlace, str]:
    """Name, place and country of a query; a country word in the name stands in for the field."""
    name = parse_name(query.name)
    place = parse_place(" ".join(part for part in (query.address, query.city) if part))
    country = query.country.strip().upper()
    if not country and len(name.countries) == 1:
        country = next(iter(name.countries))
    return name, place, country


@dataclass(frozen=True, slots=True)
class _Sketch:
    """What a query looks like from afar."""

    written: str
    joined: tuple[str, ...]
    words: str
    place: str
    country: str

    def likeness(self, packed: str, share: float, least: float) -> float | None:
        """A cheap likeness that decides which entries are worth the full comparison.

        `None` for an entry that is found to stay below `least` before all of it is compared.
        """
        fields = packed.split(FIELD, 14)
        there = fields[13] if self.place else ""
        abroad = bool(self.country and fields[2] and self.country != fields[2])
        penalty = _OTHER_COUNTRY if abroad else 0.0
        most = (_PLACE_SHARE if there else 0.0) - penalty
        likeness = share + max([fuzz.ratio(text, fields[10]) for text in self.joined]) / 100
        if likeness + 1.5 + most < least:
            return None
        likeness += fuzz.token_set_ratio(self.words, fields[3]) / 200
        if likeness + 1.0 + most < least:
            return None
        place = _PLACE_SHARE * fuzz.token_set_ratio(self.place, there) / 100 if there else 0.0
        lacking = least - (place - penalty)
        if likeness + 1.0 < lacking:
            return None
        # Names as they are written: the parser may have taken them apart in two ways.
        name = fields[1].lower() if fields[1].isascii() else fold(fields[1])
        likeness += _half(fuzz.token_set_ratio, self.written, name, lacking - likeness - 0.5)
        if likeness + 0.5 < lacking:
            return None
        likeness += _half(fuzz.partial_ratio, self.written, name, lacking - likeness)
        return likeness + place - penalty


def _half(scorer: _Scorer, text: str, other: str, least: float) -> float:
    """Half a likeness, from 0 to 0.5; 0 for one below `least`, which is found out sooner."""
    return scorer(text, other, score_cutoff=200 * least if least > 0 else None) / 200


class _Best:
    """The entries that look most like the query, as they come."""

    def __init__(self) -> None:
        self._rough: list[tuple[float, str]] = []
        self._values: list[float] = []  # of the best `KEPT`, in ascending order
        self.least = -math.inf  # an entry below this is not going to be kept

    def add(self, likeness: float, packed: str) -> None:
        self._rough.append((likeness, packed))
        values = self._values
        insort(values, likeness)
        if len(values) > KEPT:
            del values[0]
        if len(values) >= _ALWAYS:
            far = min(values[-_ALWAYS], values[-1] - _BEHIND)
            self.least = (max(far, values[0]) if len(values) == KEPT else far) - _ROUNDING

    def kept(self) -> Iterator[str]:
        """At most `KEPT` entries, best first, without those that are far behind."""
        rough = sorted(self._rough, reverse=True)[:KEPT]
        least = rough[0][0] - _BEHIND if rough else 0.0
        return (text for rank, (value, text) in enumerate(rough) if rank < _ALWAYS or value > least)


def _sketch(text: str, name: ParsedName, place: ParsedPlace, country: str) -> _Sketch:
    return _Sketch(
        written=fold(text),
        joined=joined_words(name),
        words=" ".join(name.proper),
        place=" ".join(place.words) or " ".join(sorted(name.hinted)),
        country=country,
    )


def candidates(
    indexes: tuple[Index, ...],
    text: str,
    name: ParsedName,
    place: ParsedPlace,
    country: str,
    hidden: frozenset[str],
) -> list[Entry]:
    """The entries that deserve a full comparison, at most `KEPT`, roughly best first.

    Facilities in `hidden` are left out of the first index: a newer index has them, or none.
    """
    weights, spelt = query_keys(name, place), slips(name)
    sketch = _sketch(text, name, place, country)
    best = _Best()
    for number, index in enumerate(indexes):
        for packed, share in index.pool(weights, spelt, country):
            if number or not hidden or packed.partition(FIELD)[0] not in hidden:
                likeness = sketch.likeness(packed, share, best.least)
                if likeness is not None:
                    best.add(likeness, packed)
    return [unpacked(packed) for packed in best.kept()]


def asked_of(
    index: Index,
    text: str,
    name: ParsedName,
    place: ParsedPlace,
    country: str,
    entries: Iterable[Entry],
) -> Asked:
    """Weigh the words of a query and of its candidates by their rarity in the index."""
    words = {*name.proper, *(word for entry in entries for word in entry.proper)}
    keys = {word: key("w:" + word) for word in words}
    place_keys = {word: key("a:" + word) for word in place.words}
    lengths = index.lengths([*keys.values(), *place_keys.values()])
    joined = joined_words(name)[0]
    return Asked(
        name=name,
        place=place,
        country=country,
        squeezed=squeezed(text),
        joined=joined,
        heard=sound(joined),
        bones=skeleton(joined),
        rarity={word: index.rarity(lengths.get(k, 0)) for word, k in keys.items()},
        known={word: lengths.get(keys[word], 0) for word in name.proper},
        place_rarity={word: index.rarity(lengths.get(k, 0)) for word, k in place_keys.items()},
        place_words=frozenset(place.words),
        families=frozenset(TRADE_FAMILIES[trade] for trade in name.trades),
    )


def find(
    indexes: tuple[Index, ...], query: Query, hidden: frozenset[str] = frozenset()
) -> tuple[Asked, list[Found]]:
    """Candidates of all indexes with their features; words are weighed by the first index."""
    name, place, country = parse_query(query)
    entries = candidates(indexes, query.name, name, place, country, hidden)
    asked = asked_of(indexes[0], query.name, name, place, country, entries)
    return asked, [Found(entry, pair_features(asked, entry)) for entry in entries]
