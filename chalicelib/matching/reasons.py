"""What speaks for and against a candidate, in codes that stay and words that people read."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from .geography import distance_km
from .pairs import AT, Asked
from .records import Query, Reason
from .search import Found

NEAR_KM: Final = 2.0
FAR_KM: Final = 30.0

TEXTS: Final = {
    "same_name": "same name",
    "same_name_without_form": "same name after removing the legal form",
    "same_words": "same words in another order or with others between them",
    "same_sound": "names that sound the same, spelt differently",
    "same_characters": "same Chinese characters",
    "other_characters": "same sound, other Chinese characters",
    "other_script": "same name in another script",
    "similar_name": "similar name",
    "part_of_name": "only a part of the name",
    "trade_same": "same trade",
    "trade_differs": "another trade in the name",
    "form_differs": "another legal form",
    "unit_same": "same unit",
    "unit_differs": "another unit of the factory",
    "unit_unknown": "the registry does not list this unit",
    "unit_not_given": "the registry names a unit, the report does not",
    "country_same": "same country",
    "country_differs": "another country",
    "country_not_in_name": "the report's name has a country that the registry's name has not",
    "word_not_given": "the registry's name has a rare word that the report lacks",
    "address_same": "same address",
    "place_same": "same district or city",
    "place_in_name": "the place that was named is in the address",
    "place_differs": "another place",
    "numbers_differ": "other numbers in the address",
    "near": "close together",
    "far_apart": "far apart",
    "identifier_same": "same identifier",
    "identifier_differs": "another identifier of the same kind",
    "identifier_broken": "the identifier that was given is mistyped",
    "identifiers_disagree": "the identifiers that were given belong to different factories",
    "identifier_and_name_disagree": "the identifier belongs to a factory with another name",
    "confirmed_alias": "a reviewer has confirmed this spelling",
    "refused_before": "a reviewer has said that this factory is not meant",
    "only_general_words": "the name says what is made, not who makes it",
    "factory_ambiguous": "another factory fits as well",
    "not_certain": "not certain enough to decide without a person",
    "factory_unknown": "nothing in the registry resembles it",
    "too_long": "the text is too long to be a name",
}


@lru_cache(maxsize=1024)
def reason(code: str, detail: str = "") -> Reason:
    """A reason by its code; `detail` is added to the text."""
    return Reason(code, f"{TEXTS[code]}: {detail}" if detail else TEXTS[code])


def _name(value: Sequence[float], asked: Asked, found: Found) -> Iterator[Reason]:
    if value[AT["verbatim"]]:
        yield reason("same_name")
    elif value[AT["exact"]] and not value[AT["script_crossed"]] and not value[AT["homophone"]]:
        yield reason("same_name_without_form")
    elif value[AT["script_crossed"]] and value[AT["heard"]] > 0.9:
        yield reason("other_script")
    elif value[AT["homophone"]]:
        yield reason("other_characters")
    elif value[AT["native"]] == 1.0:
        yield reason("same_characters")
    elif value[AT["word_set"]] == 1.0 and value[AT["entry_covered"]] > 0.9:
        yield reason("same_words")
    elif value[AT["bones_equal"]] or value[AT["heard"]] == 1.0:
        yield reason("same_sound")
    elif value[AT["joined"]] >= 0.75:
        yield reason("similar_name", f"{value[AT['joined']]:.0%}")
    else:
        yield reason("part_of_name")


def _trade_and_unit(value: Sequence[float], asked: Asked, found: Found) -> Iterator[Reason]:
    if value[AT["family_conflict"]]:
        yield reason("trade_differs")
    elif asked.name.trades and value[AT["trades"]] == 1.0:
        yield reason("trade_same", ", ".join(asked.name.trades))
    if value[AT["forms_conflict"]]:
        yield reason("form_differs")
    for feature, code in (
        ("unit_equal", "unit_same"),
        ("unit_conflict", "unit_differs"),
        ("unit_only_query", "unit_unknown"),
        ("unit_only_entry", "unit_not_given"),
    ):
        if value[AT[feature]]:
            yield reason(code)


def _place(value: Sequence[float], asked: Asked, found: Found) -> Iterator[Reason]:
    shared = [
        word
        for word in (*asked.place.words, *sorted(asked.name.hinted))
        if word in found.entry.place_words and not word.isdigit()
    ]
    if value[AT["country_conflict"]] or value[AT["country_word_conflict"]]:
        yield reason("country_differs", found.entry.country)
    elif value[AT["country_equal"]]:
        yield reason("country_same", found.entry.country)
    whole = value[AT["place_set"]] > 0.95 and value[AT["place_back"]] > 0.5
    if whole and not value[AT["numbers_conflict"]]:
        yield reason("address_same")
    elif shared:
        yield reason("place_same", ", ".join(shared[:4]))
    elif value[AT["place_bits"]]:
        yield reason("place_in_name")
    elif value[AT["places"]]:
        yield reason("place_differs")
    if value[AT["numbers_conflict"]]:
        yield reason("numbers_differ")


def _distance(query: Query, found: Found) -> Iterator[Reason]:
    entry = found.entry
    apart = distance_km(query.latitude, query.longitude, entry.latitude, entry.longitude)
    if apart is None:
        return
    if apart > FAR_KM:
        yield Reason("far_apart", f"{apart:.0f} km apart")
    elif apart <= NEAR_KM:
        yield Reason("near", f"{apart:.1f} km apart")


def pair_reasons(query: Query, asked: Asked, found: Found) -> tuple[Reason, ...]:
    """What can be said about one candidate, most telling first."""
    value = found.features
    return (
        *_name(value, asked, found),
        *_trade_and_unit(value, asked, found),
        *_place(value, asked, found),
        *_distance(query, found),
    )
