"""How alike a query and one registry entry are: numbers a model weighs and a person can read."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Final

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, JaroWinkler

from .entries import Entry
from .names import ParsedName
from .places import ParsedPlace
from .scripts import squeezed
from .sounds import skeleton, sound
from .vocabulary import TRADE_FAMILIES

_WORD = (
    "query_covered", "entry_covered", "bits", "exact_bits", "missed_query", "missed_entry",
    "fuzzy_words", "shortest_fuzzy", "fuzzy_known", "place_bits", "hint_missed", "hints_found",
    "hints_missed", "first_word",
)  # fmt: skip
_SHAPE = (
    "joined", "joined_start", "word_set", "word_sort", "edits", "edit_share", "heard", "bones",
    "bones_equal", "partial", "query_length", "entry_length", "length_gap", "exact", "guessed",
    "forms", "forms_conflict", "verbatim", "whole",
)  # fmt: skip
_TRADE = ("trades", "families", "family_conflict", "trade_only_query", "trade_only_entry")
_UNIT = ("unit_equal", "unit_conflict", "unit_only_query", "unit_only_entry")
_COUNTRY = (
    "country_equal", "country_conflict", "country_unknown", "country_word_conflict",
    "country_words_equal", "country_words_lacking",
)  # fmt: skip
_PLACE = (
    "places", "place_set", "place_covered", "place_back", "numbers", "numbers_conflict",
    "han_place", "rarest_place", "place_shared", "place_held", "place_alike", "place_alike_back",
    "town_share", "numbers_shared", "place_text",
)  # fmt: skip
_HAN = ("han_both", "han", "native", "homophone", "script_crossed", "native_edits", "company")
FEATURES: Final = _WORD + _SHAPE + _TRADE + _UNIT + _COUNTRY + _PLACE + _HAN
AT: Final = {name: i for i, name in enumerate(FEATURES)}

_CLOSE = 0.75  # two words of a name are the same, misspelt
_CLOSE_PLACE = 84.0
_TORN: Final = 5  # letters of a place name that may be written in two words
_WORKS: Final = frozenset({"factory"})
# By law a company's name is the only one in its country, a firm's (企業社, 行) in its county.
_COMPANY: Final = frozenset({"ltd", "jsc"})


@dataclass(eq=False, repr=False)
class Asked:
    """A query, parsed and weighed once, before it meets its candidates; nobody changes it."""

    name: ParsedName
    place: ParsedPlace
    country: str
    squeezed: str
    joined: str
    heard: str
    bones: str
    rarity: Mapping[str, float]  # of each proper word, of the query and of its candidates
    known: Mapping[str, float]  # how many entries have each proper word of the query
    place_rarity: Mapping[str, float]
    place_words: frozenset[str]
    families: frozenset[str]

    @cached_property
    def trades(self) -> frozenset[str]:
        return frozenset(self.name.trades)

    @cached_property
    def place_text(self) -> str:
        return " ".join(self.place.words)

    @cached_property
    def torn(self) -> Mapping[str, list[str]]:
        """For each word behind the name the one word that it and its neighbour may be."""
        whole: dict[str, list[str]] = {}
        for one, other in pairwise(w for w in self.name.proper if w in self.name.hinted):
            if len(one) + len(other) >= _TORN:
                whole.setdefault(one, []).append(one + other)
                whole.setdefault(other, []).append(one + other)
        return whole

    @cached_property
    def place_pairs(self) -> list[tuple[str, str, str]]:
        """Neighbouring words of the address with the one word that they may be."""
        both = [(one, other, one + other) for one, other in pairwise(self.place.words)]
        return [pair for pair in both if len(pair[2]) >= _TORN and pair[2].isalpha()]

    @cached_property
    def long_places(self) -> list[str]:
        """Words of the address that may be written in two elsewhere."""
        return [word for word in self.place.words if len(word) >= _TORN]

    @cached_property
    def common(self) -> list[float]:
        """How much each word of the place is a town's rather than a house's."""
        rarity = self.place_rarity
        return [0.0 if word.isdigit() else 1 / (1 + rarity[word] ** 2) for word in self.place.words]

    def with_words(self, words: Iterable[str]) -> "Asked":
        """The same query, ready to meet an entry that the search by name did not bring up."""
        unknown = max(self.rarity.values(), default=1.0)
        return replace(self, rarity={**dict.fromkeys(words, unknown), **self.rarity})


@dataclass(slots=True, eq=False, repr=False)
class _Words:
    """The running sums while the words of a query are laid beside an entry's."""

    total: float = 0.0
    bits: float = 0.0
    exact_bits: float = 0.0
    missed: float = 0.0
    fuzzy: int = 0
    shortest: int = 20
    known: float = 0.0
    place: float = 0.0
    hint_missed: float = 0.0
    hints_found: int = 0
    hints_missed: int = 0


def _best_word(word: str, entry: Entry) -> tuple[float, str]:
    """How well a word of the query is found in an entry's name, and as which word."""
    best, found = 0.0, ""
    for other in entry.proper:
        likeness = fuzz.ratio(word, other) / 100
        if likeness > best:
            best, found = likeness, other
    if best < 0.88 and len(word) >= 4:
        heard, bones = sound(word), skeleton(word)
        for other in entry.proper:
            if sound(other) == heard:
                return 0.92, other
            if best < 0.82 and len(bones) >= 2 and skeleton(other) == bones:
                best, found = 0.82, other
        if best < 0.8 and word in entry.joined:
            return 0.9, ""
    return best, found


def _is_place(word: str, asked: Asked, entry: Entry) -> bool:
    if word in entry.place_words or not entry.place_words.isdisjoint(asked.torn.get(word, ())):
        return True
    if word not in asked.name.hinted or len(word) < 4:
        return False
    heard = sound(word)
    return any(
        fuzz.ratio(word, other) >= _CLOSE_PLACE or sound(other) == heard
        for other in entry.place.words
        if len(other) >= 4
    )


def _lay_words(asked: Asked, entry: Entry) -> tuple[_Words, set[str], list[str]]:
    """Sums, the entry's words that were found, and the query's words that are not a place."""
    sums = _Words()
    found: set[str] = set()
    own: list[str] = []
    for word in asked.name.proper:
        weight = asked.rarity[word]
        likeness, other = (1.0, word) if word in entry.words else _best_word(word, entry)
        if likeness >= _CLOSE:
            own.append(word)
            found.add(other)
            if word in asked.name.repeated and word in entry.place_words:
                sums.place += weight
                sums.hints_found += 1
            sums.total += weight
            sums.bits += weight * likeness
            if likeness == 1.0:
                sums.exact_bits += weight
            else:
                sums.fuzzy += 1
                sums.shortest = min(sums.shortest, len(word))
                sums.known = max(sums.known, asked.known.get(word, 0.0))
        elif _is_place(word, asked, entry):
            sums.place += weight
            sums.hints_found += 1
        elif word in asked.name.hinted:
            sums.hint_missed = max(sums.hint_missed, weight)
            sums.hints_missed += 1
        else:
            own.append(word)
            sums.total += weight
            sums.missed = max(sums.missed, weight)
    return sums, found, own


def _lay_back(asked: Asked, entry: Entry, found: set[str]) -> tuple[float, float, list[str]]:
    """Share of the entry's words that the query has, the rarest it lacks, its non-place words."""
    total = held = missed = 0.0
    own: list[str] = []
    for word in entry.proper:
        weight = asked.rarity[word]
        if word in found or (len(word) >= 4 and word in asked.joined):
            total += weight
            held += weight
        elif word in asked.place_words:
            continue
        else:
            total += weight
            close = max([fuzz.ratio(word, other) for other in asked.name.proper], default=0.0)
            if close >= 78:
                held += weight * close / 100
            else:
                missed = max(missed, weight)
        own.append(word)
    return (held / total if total else 0.0), missed, own


def _word_features(
    asked: Asked, entry: Entry
) -> tuple[tuple[float, ...], str, str, list[str], list[str]]:
    sums, found, own = _lay_words(asked, entry)
    back, missed_entry, entry_own = _lay_back(asked, entry, found)
    first = fuzz.ratio(asked.name.proper[0], entry.proper[0]) / 100 if own and entry.proper else 0.0
    values = (
        sums.bits / sums.total if sums.total else 0.0,
        back,
        sums.bits,
        sums.exact_bits,
        sums.missed,
        missed_entry,
        float(sums.fuzzy),
        float(sums.shortest),
        sums.known,
        sums.place,
        sums.hint_missed,
        float(sums.hints_found),
        float(sums.hints_missed),
        first,
    )
    mine = "".join(own) or asked.joined
    theirs = "".join(entry_own) or entry.joined
    return values, mine, theirs, own, entry_own


def _shape_features(
    asked: Asked, entry: Entry, mine: str, theirs: str, own: list[str], entry_own: list[str]
) -> tuple[float, ...]:
    words, entry_words = " ".join(own), " ".join(entry_own)
    heard, bones = (asked.heard, asked.bones) if mine == asked.joined else (
        sound(mine), skeleton(mine),
    )  # fmt: skip
    their_heard, their_bones = (entry.heard, entry.bones) if theirs == entry.joined else (
        sound(theirs), skeleton(theirs),
    )  # fmt: skip
    edits = OSA.distance(mine, theirs)
    my_trades, their_trades = _trades(asked, entry)
    exact = (
        mine == theirs
        and bool(own)
        and (not asked.name.native or not entry.native or asked.name.han == entry.han)
        and their_trades == my_trades
        and entry.units == asked.name.units
    )
    longest = max(len(mine), len(theirs), 1)
    written = squeezed(entry.name)
    return (
        fuzz.ratio(mine, theirs) / 100,
        JaroWinkler.similarity(mine, theirs),
        fuzz.token_set_ratio(words, entry_words) / 100,
        fuzz.token_sort_ratio(words, entry_words) / 100,
        float(edits),
        edits / longest,
        fuzz.ratio(heard, their_heard) / 100,
        fuzz.ratio(bones, their_bones) / 100,
        float(bones == their_bones and len(bones) >= 3),
        fuzz.partial_ratio(mine, theirs) / 100,
        float(min(len(mine), 40)),
        float(min(len(theirs), 40)),
        abs(len(mine) - len(theirs)) / longest,
        float(exact),
        float(asked.name.guessed),
        *_form_features(asked.name.forms, entry.forms),
        float(exact and written == asked.squeezed),
        fuzz.ratio(asked.squeezed, written) / 100,
    )


def _form_features(mine: frozenset[str], theirs: frozenset[str]) -> tuple[float, float]:
    if not mine or not theirs:
        return 0.5, 0.0
    return len(mine & theirs) / len(mine | theirs), float(not mine & theirs)


def _trades(asked: Asked, entry: Entry) -> tuple[frozenset[str], frozenset[str]]:
    """Trade words of both. A Chinese company is called a works (厂) for short, whatever its name in
    English says.
    """
    if asked.name.native and not entry.native:
        return asked.trades - _WORKS, entry.trades - _WORKS
    return asked.trades, entry.trades


def _trade_features(asked: Asked, entry: Entry) -> tuple[float, ...]:
    mine, theirs = _trades(asked, entry)
    families = asked.families if mine is asked.trades else _families(mine)
    groups = _families(theirs)
    union, both = mine | theirs, families & groups
    all_groups = families | groups
    return (
        len(mine & theirs) / len(union) if union else 1.0,
        len(both) / len(all_groups) if all_groups else 1.0,
        float(bool(families) and bool(groups) and not both),
        float(len(mine - theirs)),
        float(len(theirs - mine)),
    )


def _families(trades: Iterable[str]) -> frozenset[str]:
    return frozenset([TRADE_FAMILIES[trade] for trade in trades])


def _unit_features(asked: Asked, entry: Entry) -> tuple[float, ...]:
    mine, theirs = asked.name.units, entry.units
    return (
        float(bool(mine) and mine == theirs),
        float(bool(mine) and bool(theirs) and mine != theirs),
        float(bool(mine) and not theirs),
        float(bool(theirs) and not mine),
    )


def _country_features(asked: Asked, entry: Entry) -> tuple[float, ...]:
    known = bool(asked.country and entry.country)
    words, said = asked.name.countries, asked.name.countries | asked.name.located
    return (
        float(known and asked.country == entry.country),
        float(known and asked.country != entry.country),
        float(not known),
        float(bool(said) and bool(entry.country) and entry.country not in said),
        float(words <= entry.countries <= said),
        float(bool(words - entry.countries)),
    )


_NO_PLACE: Final = (0.0,) * len(_PLACE)


def _alike_words(word: str, others: Collection[str]) -> float:
    """How well an address word is found among others: a slip or another spelling counts less."""
    if word in others:
        return 1.0
    if len(word) < 4 or word.isdigit():
        return 0.0
    near = process.extractOne(word, others, scorer=fuzz.ratio, score_cutoff=_CLOSE_PLACE)
    return 0.8 if near else 0.0


def _torn(asked: Asked, entry: Entry) -> set[str]:
    """Words of the query's address that the record's has in one word, or in two (`Jiang Su`)."""
    torn: set[str] = set()
    for one, other, whole in asked.place_pairs:
        if whole in entry.place_words:
            torn |= {one, other}
    whole_words = [word for word in asked.long_places if word not in entry.place_words]
    if whole_words:
        pairs = {one + other for one, other in pairwise(entry.place.words)}
        torn.update(word for word in whole_words if word in pairs)
    return torn


def _place_features(asked: Asked, entry: Entry) -> tuple[float, ...]:
    mine, theirs = asked.place, entry.place
    if not mine.words or not theirs.words:
        return _NO_PLACE
    rarity = asked.place_rarity
    torn = _torn(asked, entry)
    known = entry.place_words | torn if torn else entry.place_words
    shared = [word for word in mine.words if word in known]
    alike = [_alike_words(word, known) for word in mine.words]
    total = sum(rarity.values())
    held = sum(rarity[word] for word in shared)
    close = sum(rarity[word] * share for word, share in zip(mine.words, alike, strict=True))
    common = asked.common
    towns = sum(weight * share for weight, share in zip(common, alike, strict=True))
    smaller = min(len(mine.numbers), len(theirs.numbers))
    same = mine.numbers & theirs.numbers
    text, their_text = asked.place_text, " ".join(theirs.words)
    return (
        1.0,
        fuzz.token_set_ratio(text, their_text) / 100,
        held / total if total else 0.0,
        len(shared) / len(theirs.words),
        len(same) / smaller if smaller else 0.0,
        float(smaller > 0 and not same),
        fuzz.ratio(mine.han, theirs.han) / 100 if mine.han and theirs.han else 0.0,
        max((rarity[word] for word in shared), default=0.0),
        float(len(shared)),
        held,
        close / total if total else 0.0,
        sum(share > 0 for share in alike) / len(theirs.words),
        towns / sum(common) if any(common) else 0.0,
        float(sum(map(len, same))),
        fuzz.token_sort_ratio(text, their_text) / 100,
    )


def _han_features(asked: Asked, entry: Entry) -> tuple[float, ...]:
    mine, theirs = asked.name, entry
    if not mine.native or not theirs.native:
        return 0.0, 0.0, 0.0, 0.0, float(bool(mine.native) != bool(theirs.native)), 0.0, 0.0
    return (
        1.0,
        fuzz.ratio(mine.han, theirs.han) / 100,
        fuzz.ratio(mine.native, theirs.native) / 100,
        float(mine.han != theirs.han and asked.joined == theirs.joined),
        0.0,
        float(OSA.distance(mine.han, theirs.han)),
        float(not theirs.forms.isdisjoint(_COMPANY)),
    )


def pair_features(asked: Asked, entry: Entry) -> list[float]:
    """The values of `FEATURES` for a query and one candidate."""
    words, mine, theirs, own, entry_own = _word_features(asked, entry)
    return [
        *words,
        *_shape_features(asked, entry, mine, theirs, own, entry_own),
        *_trade_features(asked, entry),
        *_unit_features(asked, entry),
        *_country_features(asked, entry),
        *_place_features(asked, entry),
        *_han_features(asked, entry),
    ]
