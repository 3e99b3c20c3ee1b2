"""From a query to its few best candidates with their features."""

import math
from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final, Protocol

from rapidfuzz import fuzz

from .entries import FIELD, Entry, Fields, entry_of, joined_words
from .index import Index, Reach
from .keys import key, query_keys, slips
from .names import ParsedName, parse_name
from .pairs import Asked, pair_features
from .places import ParsedPlace, parse_place
from .records import Query
from .scripts import fold, squeezed
from .sounds import skeleton, sound
from .vocabulary import TRADE_FAMILIES

_BEHIND: Final = 1.2  # rough likeness that a further one may lack
_OTHER_COUNTRY: Final = 0.5
_PLACE_SHARE: Final = 0.6
_ROUNDING: Final = 1e-9  # more than sums of a few shares can be off
_NAME, _COUNTRY, _WORDS, _JOINED, _PLACE = 1, 2, 3, 10, 13  # fields of a packed entry


class _Scorer(Protocol):
    def __call__(self, s1: str, s2: str, /, *, score_cutoff: float | None) -> float: ...


@dataclass(slots=True, eq=False, repr=False)
class Found:
    """A candidate with its features, in the order of `pairs.FEATURES`."""

    entry: Entry
    features: Sequence[float]


def parse_query(query: Query) -> tuple[ParsedName, ParsedPlace, str]:
    """Name, place and country of a query; a country word in the name stands in for the field."""
    name = parse_name(query.name)
    place = parse_place(" ".join(part for part in (query.address, query.city) if part))
    country = query.country.strip().upper()
    said = name.located or name.countries
    if not country and len(said) == 1:
        country = next(iter(said))
    return name, place, country


@dataclass(slots=True, eq=False, repr=False)
class _Sketch:
    """What a query looks like from afar."""

    written: str
    joined: tuple[str, ...]
    words: str
    place: str
    country: str

    def cheap(self, share: float, fields: Fields) -> float:
        """What the rarity of shared keys, the joined name and the country say."""
        likeness = share + max([fuzz.ratio(text, fields[_JOINED]) for text in self.joined]) / 100
        abroad = self.country and fields[_COUNTRY] and self.country != fields[_COUNTRY]
        return likeness - _OTHER_COUNTRY if abroad else likeness

    def likeness(self, cheap: float, fields: Fields, least: float) -> float | None:
        """A rough likeness that decides which entries are worth the full comparison.

        `None` for an entry that is found to stay below `least` before all of it is compared.
        """
        likeness = cheap + fuzz.token_set_ratio(self.words, fields[_WORDS]) / 200
        there = fields[_PLACE] if self.place else ""
        if likeness + 1.0 + (_PLACE_SHARE if there else 0.0) < least:
            return None
        if there:
            likeness += _PLACE_SHARE * fuzz.token_set_ratio(self.place, there) / 100
            if likeness + 1.0 < least:
                return None
        # Names as they are written: the parser may have taken them apart in two ways.
        name = fields[_NAME].lower() if fields[_NAME].isascii() else fold(fields[_NAME])
        likeness += _half(fuzz.token_set_ratio, self.written, name, least - likeness - 0.5)
        if likeness + 0.5 < least:
            return None
        return likeness + _half(fuzz.partial_ratio, self.written, name, least - likeness)

    def best(self, pool: Iterable[tuple[str, float]], reach: Reach) -> Iterator[Fields]:
        """The entries that look most like the query, the most promising compared first."""
        split = [(share, packed.split(FIELD)) for packed, share in pool]
        cheap = [(self.cheap(share, fields), fields) for share, fields in split]
        cheap.sort(key=itemgetter(0), reverse=True)
        room = 1.5 + (_PLACE_SHARE if self.place else 0.0)
        best = _Best(reach)
        for value, fields in cheap:
            if value + room < best.least:
                break
            likeness = self.likeness(value, fields, best.least)
            if likeness is not None:
                best.add(likeness, fields)
        return best.kept()


def _half(scorer: _Scorer, text: str, other: str, least: float) -> float:
    """Half a likeness, from 0 to 0.5; 0 for one below `least`, which is found out sooner."""
    return scorer(text, other, score_cutoff=200 * least if least > 0 else None) / 200


class _Best:
    """The entries that look most like the query, as they come."""

    def __init__(self, reach: Reach) -> None:
        self._most, self._always = reach.kept, reach.always
        self._rough: list[tuple[float, Fields]] = []
        self._values: list[float] = []  # of the best that are kept, in ascending order
        self.least = -math.inf  # an entry below this is not going to be kept

    def add(self, likeness: float, fields: Fields) -> None:
        self._rough.append((likeness, fields))
        values = self._values
        insort(values, likeness)
        if len(values) > self._most:
            del values[0]
        if len(values) >= self._always:
            far = min(values[-self._always], values[-1] - _BEHIND)
            is_full = len(values) == self._most
            self.least = (max(far, values[0]) if is_full else far) - _ROUNDING

    def kept(self) -> Iterator[Fields]:
        """At most as many as are kept, best first, without those that are far behind."""
        rough = sorted(self._rough, reverse=True)[: self._most]
        least = rough[0][0] - _BEHIND if rough else 0.0
        return (
            one for rank, (value, one) in enumerate(rough) if rank < self._always or value > least
        )


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
    """The entries that deserve a full comparison, as many as the index reaches, best first.

    Facilities in `hidden` are left out of the first index: a newer index has them, or none.
    """
    weights, spelt = query_keys(name, place), slips(name)
    sketch = _sketch(text, name, place, country)
    pool = indexes[0].pool(weights, spelt, country)
    if hidden:
        pool = [one for one in pool if one[0].partition(FIELD)[0] not in hidden]
    for newer in indexes[1:]:
        pool += newer.pool(weights, spelt, country)
    return [entry_of(fields) for fields in sketch.best(pool, indexes[0].reach)]


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
