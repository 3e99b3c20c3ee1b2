"""From a query to its few best candidates with their features."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz

from .entries import Entry, joined_words, unpacked
from .index import Index
from .keys import key, query_keys
from .names import ParsedName, parse_name
from .pairs import Asked, pair_features
from .places import ParsedPlace, parse_place
from .records import Query
from .scripts import squeezed
from .sounds import skeleton, sound
from .vocabulary import TRADE_FAMILIES

KEPT: Final = 16  # candidates that get the full comparison
_OTHER_COUNTRY: Final = 0.5


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


def _rough(joined: tuple[str, ...], words: str, country: str, packed: str, share: float) -> float:
    """A cheap likeness that decides which entries are worth the full comparison."""
    fields = packed.split("\x1f", 11)
    likeness = share + max(fuzz.ratio(text, fields[10]) for text in joined) / 100
    likeness += fuzz.token_set_ratio(words, fields[3]) / 200
    if country and fields[2] and country != fields[2]:
        likeness -= _OTHER_COUNTRY
    return likeness


def candidates(
    indexes: tuple[Index, ...],
    name: ParsedName,
    place: ParsedPlace,
    country: str,
    hidden: frozenset[str],
) -> list[Entry]:
    """The entries that deserve a full comparison, at most `KEPT`, roughly best first.

    Facilities in `hidden` are left out of the first index: a newer index has them, or none.
    """
    weights = query_keys(name, place)
    joined, words = joined_words(name), " ".join(name.proper)
    rough = [
        (_rough(joined, words, country, packed, share), packed)
        for number, index in enumerate(indexes)
        for packed, share in index.pool(weights)
        if number or not hidden or packed.partition("\x1f")[0] not in hidden
    ]
    rough.sort(reverse=True)
    return [unpacked(packed) for _, packed in rough[:KEPT]]


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
    entries = candidates(indexes, name, place, country, hidden)
    asked = asked_of(indexes[0], query.name, name, place, country, entries)
    return asked, [Found(entry, pair_features(asked, entry)) for entry in entries]
