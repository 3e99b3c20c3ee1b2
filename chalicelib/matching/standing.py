"""How the best candidate stands among its rivals: what the decision model weighs."""

import math
from collections.abc import Sequence
from typing import Final

from rapidfuzz import fuzz

from .decision import rivals
from .pairs import AT, FEATURES, Asked
from .search import Found
from .uniqueness import UNIQUENESS

_RIVALRY = (
    "top", "second", "lead", "strong", "weak", "mass", "twins", "near_names", "same_units",
    "twin_countries", "second_written",
)  # fmt: skip
_QUERY = (
    "words", "query_bits", "rarest", "commonest", "has_place", "has_country", "has_han",
    "joined_length", "hinted_words", "unknown_words", "support", "name_margin",
)  # fmt: skip
_OTHERS = (
    "others_joined", "others_covered", "others_whole", "others_place", "covering",
    "covering_country", "countries", "same_words", "twins_place", "best_pair_place", "han_twins",
    "han_near", "others_han",
)  # fmt: skip
_SECOND = (
    "joined", "query_covered", "exact_bits", "place_covered", "place_bits", "missed_query",
    "missed_entry", "trades", "heard",
)  # fmt: skip
STANDING: Final = (
    *(f"best_{name}" for name in FEATURES),
    *_RIVALRY,
    *_QUERY,
    *_OTHERS,
    *UNIQUENESS,
    *(f"behind_{name}" for name in _SECOND),
)
_SECOND_AT: Final = tuple(AT[name] for name in _SECOND)


def log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(bounded / (1 - bounded))


def _rivalry(ranked: Sequence[tuple[Found, float]]) -> tuple[float, ...]:
    best, best_score = ranked[0]
    second_score = ranked[1][1] if len(ranked) > 1 else 0.0
    top, second = log_odds(best_score), log_odds(second_score)
    others = ranked[1:]
    twins = [found for found, _ in others if found.entry.joined == best.entry.joined]
    near = [
        found
        for found, _ in others
        if fuzz.ratio(found.entry.joined, best.entry.joined, score_cutoff=80)
    ]
    return (
        top,
        second,
        top - second,
        float(sum(score > 0.3 for _, score in others)),
        float(sum(score > 0.05 for _, score in others)),
        sum(score for _, score in others),
        float(len(twins)),
        float(len(near)),
        float(sum(found.entry.units == best.entry.units for found in twins)),
        float(len({found.entry.country for found in twins} | {best.entry.country})),
        max([score for _, score in rivals(ranked)], default=0.0),
    )


def _query(asked: Asked, ranked: Sequence[tuple[Found, float]]) -> tuple[float, ...]:
    features = ranked[0][0].features
    rarities = [asked.rarity[word] for word in asked.name.proper]
    others = max((found.features[AT["joined"]] for found, _ in ranked[1:]), default=0.0)
    return (
        float(len(rarities)),
        sum(rarities),
        max(rarities, default=0.0),
        min(rarities, default=0.0),
        float(bool(asked.place.words)),
        float(bool(asked.country)),
        float(bool(asked.name.han)),
        float(min(len(asked.joined), 40)),
        float(len(asked.name.hinted)),
        float(sum(not asked.known[word] for word in asked.name.proper)),
        features[AT["place_bits"]] + 8 * features[AT["place_covered"]],
        features[AT["joined"]] - others,
    )


_NEAR_HAN = 0.6  # one of two or of three characters differs, or one more is there
_COVERED = 0.93  # the query's words are found in a record, but for slips


def _others(ranked: Sequence[tuple[Found, float]]) -> tuple[float, ...]:
    """What speaks for the rivals taken together, whatever the first model makes of each."""
    best, rivals = ranked[0][0], [found for found, _ in ranked[1:]]
    values = [found.features for found in rivals]
    covering = [v for v in values if v[AT["query_covered"]] >= _COVERED]
    here = best.features
    twins = [f.features for f in rivals if f.entry.joined == best.entry.joined]

    def most(name: str) -> float:
        return max((v[AT[name]] for v in values), default=0.0)

    return (
        most("joined"),
        most("query_covered"),
        most("whole"),
        most("place_alike") - here[AT["place_alike"]],
        float(len(covering)),
        float(sum(v[AT["country_equal"]] for v in covering)),
        float(len({found.entry.country for found in rivals[:5]} | {best.entry.country})),
        float(sum(found.entry.words == best.entry.words for found in rivals)),
        max((v[AT["place_alike"]] for v in twins), default=0.0),
        here[AT["place_alike"]] * here[AT["place_alike_back"]],
        *_others_in_han(best, rivals),
    )


def _others_in_han(best: Found, rivals: Sequence[Found]) -> tuple[float, float, float]:
    """Rivals by their characters: what only sounds alike is no rival of what is written."""
    if not best.features[AT["han_both"]]:
        return -1.0, -1.0, 0.0
    written = [found.entry.han for found in rivals if found.entry.han]
    alike = [fuzz.ratio(han, best.entry.han) / 100 for han in written]
    return (
        float(sum(share == 1.0 for share in alike)),
        float(sum(share >= _NEAR_HAN for share in alike)),
        max((found.features[AT["han"]] for found in rivals), default=0.0),
    )


def standing_features(
    asked: Asked, ranked: Sequence[tuple[Found, float]], unique: Sequence[float]
) -> list[float]:
    """The values of `STANDING`; `ranked` holds one entry a facility, best first, never empty.

    `unique` is `uniqueness` of the best entry.
    """
    best = ranked[0][0].features
    behind = ranked[1][0].features if len(ranked) > 1 else None
    return [
        *best,
        *_rivalry(ranked),
        *_query(asked, ranked),
        *_others(ranked),
        *unique,
        *((behind[i] - best[i] for i in _SECOND_AT) if behind else (-1.0,) * len(_SECOND_AT)),
    ]
