"""Vetoes, and the ranking of candidates before the decision model sees them."""

from collections.abc import Iterator, Sequence

from .geography import distance_km
from .identifiers import QueryIdentifiers, scheme_of
from .pairs import AT, Asked
from .reasons import FAR_KM
from .records import Query
from .search import Found

_LONGEST_NAME = 160  # characters; more is a letter, not a name
_TELLING = 3.0  # rarity of a word of the record that tells sister firms in one town apart
_ADDRESS = 3  # words of an address, from which on it is one site's rather than a town's
_WHOLE = 0.999  # of the weight of what was said of a place
_AS_GOOD = 0.02  # a rival whose score is nearer than this fits equally well


def ranked_by_facility(
    found: Sequence[Found], scores: Sequence[float]
) -> list[tuple[Found, float]]:
    """Candidates best first, each facility once, under the name that fits best."""
    ranked: dict[str, tuple[Found, float]] = {}
    pairs = zip(found, scores, strict=True)
    for one, score in sorted(pairs, key=lambda pair: (-pair[1], pair[0].entry.facility_id)):
        ranked.setdefault(one.entry.facility_id, (one, score))
    return list(ranked.values())


def _of_the_name(asked: Asked) -> bool:
    """Whether the query has at least one word that is a factory's own."""
    return bool(set(asked.name.proper) - asked.name.hinted)


def _same_address(value: Sequence[float]) -> bool:
    """Whether the address that was given is the record's, numbers included if both have any."""
    return (
        value[AT["place_set"]] > 0.85
        and value[AT["place_back"]] > 0.5
        and not value[AT["numbers_conflict"]]
    )


def _place_agrees(value: Sequence[float]) -> bool:
    """Whether a place that was said is in the record's address."""
    return bool(value[AT["place_bits"]] or value[AT["place_shared"]])


def _whole_place(value: Sequence[float]) -> bool:
    """Whether all that was said of the place is in the record's address."""
    if value[AT["places"]]:
        return value[AT["place_covered"]] > _WHOLE
    return bool(value[AT["place_bits"]]) and not value[AT["hint_missed"]]


def same_name_and_place(ranked: Sequence[tuple[Found, float]]) -> bool:
    """Whether only the best record has the very name, in the country that was said, and all that
    was said of the place.

    Where no more was said than a town, legal form and spelling are part of the name. Without an
    index the same is enough (`exact`); where other sites of a company are missing, as in small
    registries, one in the same town would have to bear the same name to the letter. Where an
    address was said, what is left of the name without its legal form is enough, unless another
    plant or trade of that name is there, too.
    """
    best, value = ranked[0][0], ranked[0][0].features
    if not (value[AT["exact"]] and value[AT["country_equal"]] and _whole_place(value)):
        return False
    others = [found for found, _ in ranked[1:] if found.features[AT["country_equal"]]]
    if value[AT["verbatim"]] and not any(other.features[AT["exact"]] for other in others):
        return True
    return value[AT["place_shared"]] >= _ADDRESS and not any(
        other.entry.joined == best.entry.joined and _place_agrees(other.features)
        for other in others
    )


def _another_country_in_words(asked: Asked, best: Found) -> bool:
    """A country word that neither the country field nor the record's own name bears out."""
    value = best.features
    return bool(
        value[AT["country_word_conflict"]]
        and not value[AT["country_equal"]]
        and not asked.name.countries & best.entry.countries
    )


def _has_namesake(asked: Asked, ranked: Sequence[tuple[Found, float]]) -> bool:
    """Whether another record has the very name, and only a country word inside it is for the best.

    "… USA, LLC" stands over its plants in other countries, too.
    """
    best = ranked[0][0].entry
    inside = asked.name.countries and asked.name.countries == best.countries
    if not inside or asked.place.words or asked.name.hinted:
        return False
    return any(
        other.entry.joined == best.joined
        and other.entry.trades == best.trades
        and other.entry.units == best.units
        and other.entry.countries == best.countries
        for other, _ in ranked[1:]
    )


def rivals(ranked: Sequence[tuple[Found, float]]) -> list[tuple[Found, float]]:
    """The candidates behind the best one that may be meant as well.

    Where the best one is written as it was said to the Chinese sign, those that only sound so are
    none.
    """
    best = ranked[0][0].features
    if best[AT["native"]] < 1.0:
        return list(ranked[1:])
    return [
        (found, score)
        for found, score in ranked[1:]
        if not found.features[AT["han_both"]] or found.features[AT["native"]] == 1.0
    ]


def vetoes(asked: Asked, ranked: Sequence[tuple[Found, float]]) -> Iterator[str]:
    """Codes of what forbids an automatic match whatever the models say."""
    best, score = ranked[0]
    value = best.features
    if value[AT["unit_conflict"]]:
        yield "unit_differs"
    if value[AT["unit_only_query"]]:
        yield "unit_unknown"
    if value[AT["unit_only_entry"]]:
        yield "unit_not_given"
    if value[AT["country_conflict"]] or _another_country_in_words(asked, best):
        yield "country_differs"
    if value[AT["family_conflict"]]:
        yield "trade_differs"
    if (
        value[AT["country_words_lacking"]]
        and not value[AT["places"]]
        and not value[AT["place_bits"]]
    ):
        yield "country_not_in_name"
    if value[AT["missed_entry"]] > _TELLING and value[AT["place_bits"]]:
        yield "word_not_given"
    if not _of_the_name(asked) and not _same_address(value):
        yield "only_general_words"
    others = rivals(ranked)
    if (others and score - others[0][1] < _AS_GOOD) or _has_namesake(asked, ranked):
        yield "factory_ambiguous"


def query_vetoes(
    query: Query, identifiers: QueryIdentifiers, best: Found, *, refused: bool
) -> Iterator[str]:
    """Codes of what forbids a match besides the names: identifiers, distance, a person's no."""
    entry = best.entry
    schemes = {scheme_of(one) for one in identifiers.valid}
    if any(scheme_of(one) in schemes and one not in identifiers.valid for one in entry.identifiers):
        yield "identifier_differs"
    if identifiers.broken:
        yield "identifier_broken"
    apart = distance_km(query.latitude, query.longitude, entry.latitude, entry.longitude)
    if apart is not None and apart > FAR_KM:
        yield "far_apart"
    if refused:
        yield "refused_before"
    if len(query.name) > _LONGEST_NAME:
        yield "too_long"
