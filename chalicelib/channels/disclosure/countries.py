"""Countries as lists write them, read as ISO 3166-1 alpha-2. Asks rather than guesses.

Names in 45 languages come from the Unicode CLDR (`country_names.json`), further spellings from
`country_aliases.toml`. A search for a known word inside the text is left out on purpose: it reads
Alemania as Albania and Guinea Ecuatorial as Guinea.
"""

from __future__ import annotations

import json
import re
import tomllib
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from chalicelib.channels.disclosure.text import clean, fold


class Reading(StrEnum):
    """How sure a reading is: `corrected` and `assumed` deserve a note, the last two a question."""

    EXACT = "exact"
    CORRECTED = "corrected"
    ASSUMED = "assumed"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


class CountryReading(NamedTuple):
    """`code` is set for the first three readings; `candidates` are alpha-2 codes for a question."""

    how: Reading
    code: str | None = None
    candidates: tuple[str, ...] = ()


class _Tables(NamedTuple):
    alpha2: frozenset[str]
    alpha3: dict[str, str]
    english: dict[str, str]
    names: dict[str, str]
    by_length: dict[int, list[str]]
    assumed: dict[str, str]
    ambiguous: dict[str, tuple[str, ...]]
    territories: dict[str, frozenset[str]]


@lru_cache(maxsize=4096)
def read_country(text: str) -> CountryReading:
    """The country that `text` names in any of the usual ways; never raises."""
    text = clean(text)
    found = _asked(text) or _code(text) or _named(text) or _assumed(text)
    return found or _compound(text) or _misspelt(text)


def english_name(code: str) -> str:
    """The English short name of an alpha-2 code that `read_country` gave."""
    return _tables().english[code]


def _exactly(code: str | None) -> CountryReading | None:
    return CountryReading(Reading.EXACT, code) if code else None


def _asked(text: str) -> CountryReading | None:
    candidates = _tables().ambiguous.get(fold(text))
    return CountryReading(Reading.AMBIGUOUS, candidates=candidates) if candidates else None


def _code(text: str) -> CountryReading | None:
    """An alpha-2 or alpha-3 code. `Nga` in title case is Vietnamese for Russia, not Nigeria."""
    if not (text.isupper() or text.islower()):
        return None
    upper = text.upper()
    return _exactly(upper if upper in _tables().alpha2 else _tables().alpha3.get(upper))


def _named(text: str) -> CountryReading | None:
    names = _tables().names
    keys = (fold(text), fold(text.replace(".", "")), _without_form_of_state(fold(text)))
    return _exactly(next((names[key] for key in keys if key in names), None))


def _assumed(text: str) -> CountryReading | None:
    code = _tables().assumed.get(fold(text))
    return CountryReading(Reading.ASSUMED, code) if code else None


_FORM_OF_STATE = re.compile(
    r"(?:the )?(?:(?:federal|federative|democratic|people s|peoples|socialist|islamic|oriental"
    r"|co operative|arab) )*(?:republic|kingdom|sultanate|principality|grand duchy|commonwealth)"
    r" of (?:the )?|the "
)


def _without_form_of_state(key: str) -> str:
    return _FORM_OF_STATE.sub("", key, count=1) if _FORM_OF_STATE.match(key) else key


_SEPARATORS = re.compile(r"[()\[\],/|;:\u2013\u2014\uff08\uff09\uff0c\u3001]+|\s-+\s")
# 中国 China: a blank between a Latin and another script parts two names
_SCRIPT_CHANGE = re.compile(r"(?<=[a-zA-Z.]) (?=[^\x00-\u036f])|(?<=[^\x00-\u036f]) (?=[a-zA-Z])")


def _compound(text: str) -> CountryReading | None:
    """Several names in one cell: `Türkiye (Turkey)`, `VN - Vietnam`, `Korea, Republic of`."""
    parted = _SEPARATORS.split(_SCRIPT_CHANGE.sub("/", text))
    parts = [part.strip() for part in parted if part.strip()]
    if not 2 <= len(parts) <= 3:
        return None
    return _named(" ".join(reversed(parts))) or _agreed(parts)


def _agreed(parts: list[str]) -> CountryReading | None:
    readings = [_code(part) or _named(part) or _assumed(part) for part in parts]
    codes = {reading.code for reading in readings if reading and reading.code}
    if None in readings or not codes:
        return None
    if len(codes) == 1:
        return _exactly(codes.pop())
    for state, territories in _tables().territories.items():
        if len(inside := codes - {state}) == 1 and state in codes and inside <= territories:
            return _exactly(inside.pop())
    return CountryReading(Reading.AMBIGUOUS, candidates=tuple(sorted(codes)))


def _misspelt(text: str) -> CountryReading:
    """One slip in a short name, two in a long one, if no other country is nearly as close."""
    key = fold(text)
    if not 5 <= len(key) <= 60:
        return CountryReading(Reading.UNKNOWN)
    allowed = 1 if len(key) < 9 else 2
    near = _near(key, allowed + 1)
    best = min(near.values(), default=allowed + 1)
    if best > allowed:
        return CountryReading(Reading.UNKNOWN)
    close = tuple(sorted(code for code, distance in near.items() if distance <= best + 1))
    if len(close) == 1:
        return CountryReading(Reading.CORRECTED, close[0])
    return CountryReading(Reading.UNKNOWN, candidates=close)


def _near(key: str, limit: int) -> dict[str, int]:
    """Countries with a name at most `limit` slips from `key`, each with the fewest slips."""
    tables = _tables()
    near: dict[str, int] = {}
    for length in range(len(key) - limit, len(key) + limit + 1):
        for name, distance, _ in process.extract(
            key, tables.by_length.get(length, ()), scorer=OSA.distance, score_cutoff=limit
        ):
            code = tables.names[name]
            near[code] = min(int(distance), near.get(code, limit))
    return near


_FOLDER = Path(__file__).parent


@cache
def _tables() -> _Tables:
    cldr = json.loads((_FOLDER / "country_names.json").read_text(encoding="utf-8"))
    own = tomllib.loads((_FOLDER / "country_aliases.toml").read_text(encoding="utf-8"))
    assumed = _by_spelling(own["assumed"])
    ambiguous = {fold(name): tuple(codes) for name, codes in own["ambiguous"].items()}
    names = _by_spelling(cldr["names"]) | _by_spelling(own["spellings"])
    for name in assumed.keys() | ambiguous.keys():
        names.pop(name, None)
    return _Tables(
        alpha2=frozenset(cldr["english"]),
        alpha3=cldr["alpha3"],
        english=cldr["english"],
        names=names,
        by_length=_by_length(names),
        assumed=assumed,
        ambiguous=ambiguous,
        territories={state: frozenset(codes) for state, codes in own["territories"].items()},
    )


def _by_spelling(spellings: dict[str, list[str]]) -> dict[str, str]:
    return {fold(name): code for code, names in spellings.items() for name in names}


def _by_length(names: dict[str, str]) -> dict[int, list[str]]:
    grouped: dict[int, list[str]] = {}
    for name in names:
        grouped.setdefault(len(name), []).append(name)
    return grouped
