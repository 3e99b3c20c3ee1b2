"""Single cells as values. Each reader gives None for a blank and raises `Unreadable` otherwise."""

from __future__ import annotations

import math
import re

from chalicelib.channels.disclosure.text import fold

# What lists write to say that they say nothing
_NOTHING = {
    *(
        "",
        "na",
        "n a",
        "no n a",
        "none",
        "null",
        "nil",
        "nan",
        "tbd",
        "tba",
        "unknown",
        "not available",
    ),
    *("not applicable", "not disclosed", "no supplier group", "no group", "no parent", "no data"),
    *("无", "無", "keine", "ninguno", "aucun", "nessuno", "keine angabe"),
}
_LONGEST_NOTHING = 30


class Unreadable(ValueError):
    """The cell holds something else than what its column is for."""


def says_nothing(text: str) -> bool:
    """Whether a cell is blank, a dash or a word for blank."""
    return len(text) <= _LONGEST_NOTHING and fold(text) in _NOTHING


_GROUPED = re.compile(r"\d{1,3}(?:[ ,.'\u2019]\d{3})+", re.ASCII)
_NUMBER = re.compile(r"\d+(?:[.,]0+)?", re.ASCII)
_BAND = re.compile(r"\D*\d[\d ,.]*\D{0,12}(?:\d[\d ,.]*)?\D{0,20}")


def read_workers(text: str) -> int | None:
    """A head count: `1,251`, `1.251`, `1 251`, `7.0`. None for blanks and bands (`501-1000`)."""
    if says_nothing(text):
        return None
    if _GROUPED.fullmatch(text):
        return _head_count(re.sub(r"\D", "", text))
    if _NUMBER.fullmatch(text):
        return _head_count(re.split("[.,]", text)[0])
    if len(text) <= 60 and _BAND.fullmatch(text):
        return None
    raise Unreadable


def _head_count(digits: str) -> int:
    """At most ten million people; more is a telephone number or a slip."""
    if len(digits) > 9 or int(digits) > 10_000_000:
        raise Unreadable
    return int(digits)


_TIER = re.compile(r"(?:(?:supply chain )?(?:tier|level|t|stufe|rang|nivel)s? ?)?([1-9])(?: 0)?")


def read_tier(text: str) -> int | None:
    """`1`, `Tier 1`, `T2`: the supply-chain tier, 1 to 9."""
    if says_nothing(text):
        return None
    if match := _TIER.fullmatch(fold(text)):
        return int(match[1])
    raise Unreadable


_DEGREES = re.compile(r"([+\-\u2212]?)(\d{1,3}(?:[.,]\d{1,20})?) ?\u00b0? ?([NSEWnsew]?)", re.ASCII)


def read_coordinates(latitude: str, longitude: str) -> tuple[float, float] | None:
    """Decimal degrees (WGS 84), a decimal comma and N/S/E/W allowed; 0, 0 counts as blank."""
    if says_nothing(latitude) and says_nothing(longitude):
        return None
    point = _degrees(latitude, limit=90, axis="NS"), _degrees(longitude, limit=180, axis="EW")
    return None if point == (0, 0) else point


def _degrees(text: str, *, limit: int, axis: str) -> float:
    match = _DEGREES.fullmatch(text)
    if not match or match[3].upper() not in {"", *axis}:
        raise Unreadable
    value = float(match[2].replace(",", "."))
    if not math.isfinite(value) or value > limit:
        raise Unreadable
    return -value if match[1] not in ("", "+") or match[3].upper() in {"S", "W"} else value


def split_point(text: str) -> tuple[str, str]:
    """`23.7, 90.4` in one cell as its two halves."""
    if says_nothing(text):
        return "", ""
    halves = re.split(r"\s*[,;/]\s+|\s*[;/]\s*|\s+", text.strip("()[] "))
    if len(halves) == 1:
        halves = text.strip("()[] ").split(",")
    if len(halves) != 2:
        raise Unreadable
    return halves[0], halves[1]


_LIST = re.compile(r"[,;|\n\u3001\uff0c\uff1b\u2022]+")


def read_kinds(text: str) -> tuple[str, ...]:
    """Several values of one cell: parted by comma, semicolon, bar, line break or bullet."""
    parts = (" ".join(part.split()) for part in _LIST.split(text))
    return tuple(dict.fromkeys(part for part in parts if not says_nothing(part)))
