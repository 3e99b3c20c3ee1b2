"""Identifiers of factories and companies, checked offline.

A check says that a string is well formed and that its check symbol fits. It never proves that the
identifier was issued, nor that it belongs to the factory beside which it stands. A failing one is
kept and marked: people mistype, and registers have issued numbers that break their own rule.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module


class IdentifierKind(StrEnum):
    """`os_id` Open Supply Hub · `uscc` GB 32100-2015 · `lei` ISO 17442 · `gln` GS1."""

    OS_ID = "os_id"
    USCC = "uscc"
    LEI = "lei"
    GLN = "gln"


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier in its normal form (upper case, no separators) and whether its check holds.

    No pydantic model: the matcher makes them by the dozen, and loads without pydantic.
    """

    kind: IdentifierKind
    value: str
    valid: bool


def check(kind: IdentifierKind, raw: str) -> Identifier:
    """Normalise `raw` and test it as `kind`. Accepts any text and never raises."""
    value = compact(raw)
    return Identifier(kind=kind, value=value, valid=_CHECKS[kind](value))


def find_in(text: str) -> tuple[Identifier, ...]:
    """The valid identifiers that stand in free text, in reading order, each once.

    Stricter than `check`, because free text also holds numbers of people: a GLN counts only beside
    the letters GLN (one telephone number in ten passes its check), and 18 digits around a date of
    birth are a Chinese identity card, never a USCC.
    """
    text = unicodedata.normalize("NFKC", text).upper()
    found = [
        (match.start(), check(kind, match["id"]))
        for kind, pattern in _IN_TEXT.items()
        for match in pattern.finditer(text)
    ]
    in_order = [identifier for _, identifier in sorted(found, key=lambda pair: pair[0])]
    return tuple(dict.fromkeys(i for i in in_order if i.valid))


def compact(raw: str) -> str:
    """`raw` in upper-case compatibility form without blanks, dashes and invisible characters."""
    return "".join(c for c in unicodedata.normalize("NFKC", raw).upper() if not _separates(c))


def _separates(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in {"Pd", "Cf", "Cc"}


# Crockford's base 32: no I, L, O, U
_OS_ID_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_OS_ID = re.compile(rf"[A-Z]{{2}}[0-9]{{7}}[{_OS_ID_SYMBOLS}]{{6}}", re.ASCII)


def _is_os_id(value: str) -> bool:
    """Country (2), day `YYYYDDD`, 5 random symbols, check symbol.

    The check is (ord c1 + ord c2 + sum of the 12 values) mod 32. It is unweighted, so two symbols
    that swapped places still pass (opensupplyhub/open-supply-hub, `api/os_id.py`).
    """
    if not _OS_ID.fullmatch(value):
        return False
    total = ord(value[0]) + ord(value[1]) + sum(map(_OS_ID_SYMBOLS.index, value[2:14]))
    return _OS_ID_SYMBOLS[total % 32] == value[14]


def _is_uscc(value: str) -> bool:
    return bool(_USCC.fullmatch(value)) and _passes("stdnum.cn.uscc", value)


def _is_lei(value: str) -> bool:
    # stdnum checks the remainder only; ISO 17442 fixes 20 characters, the last two digits
    return bool(_LEI.fullmatch(value)) and _passes("stdnum.lei", value)


def _is_gln(value: str) -> bool:
    # stdnum.ean also takes the shorter and longer GS1 keys
    return bool(_GLN.fullmatch(value)) and _passes("stdnum.ean", value)


def _passes(module: str, value: str) -> bool:
    """Ask python-stdnum; imported on first use, for it pulls in ssl and pydoc (50 ms)."""
    return bool(import_module(module).is_valid(value))


# the alphabet of GB 32100-2015 leaves out I, O, S, V, Z
_USCC = re.compile(r"[0-9]{8}[0-9A-HJ-NPQRTUWXY]{10}", re.ASCII)
_LEI = re.compile(r"[A-Z0-9]{18}[0-9]{2}", re.ASCII)
_GLN = re.compile(r"[0-9]{13}", re.ASCII)

_CHECKS = {
    IdentifierKind.OS_ID: _is_os_id,
    IdentifierKind.USCC: _is_uscc,
    IdentifierKind.LEI: _is_lei,
    IdentifierKind.GLN: _is_gln,
}

_GAP = r"[ -]?"
_IN_TEXT = {
    IdentifierKind.OS_ID: re.compile(
        rf"(?<![A-Z0-9])(?P<id>[A-Z]{{2}}{_GAP}[0-9]{{7}}{_GAP}"
        rf"[{_OS_ID_SYMBOLS}]{{5}}{_GAP}[{_OS_ID_SYMBOLS}])(?![A-Z0-9])",
        re.ASCII,
    ),
    IdentifierKind.USCC: re.compile(
        r"(?<![A-Z0-9])(?![0-9]{6}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))"
        rf"(?P<id>{_USCC.pattern})(?![A-Z0-9])",
        re.ASCII,
    ),
    IdentifierKind.LEI: re.compile(rf"(?<![A-Z0-9])(?P<id>{_LEI.pattern})(?![A-Z0-9])", re.ASCII),
    IdentifierKind.GLN: re.compile(
        rf"(?<![A-Z0-9])GLN[ :#.]*(?P<id>{_GLN.pattern})(?![A-Z0-9])", re.ASCII
    ),
}
