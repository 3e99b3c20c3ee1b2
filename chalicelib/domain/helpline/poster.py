"""Posters: a short code on the wall of a factory says which factory a message is about."""

import unicodedata
from typing import Annotated

from pydantic import Field, StringConstraints

from chalicelib.domain.admission.access import OrganisationId
from chalicelib.domain.factories.registry import FactoryId
from chalicelib.domain.references import CROCKFORD, is_poster_code
from chalicelib.domain.values import Moment, Value

_SYMBOLS = 8
_LONGEST_WRITING = 40
_TAKEN_FOR = {"O": "0", "I": "1", "L": "1"}
_BETWEEN = ("Z", "Pd", "Cf", "Cc")
_AFTERWARDS = (*_BETWEEN, "Po")

PosterCodeText = Annotated[str, StringConstraints(pattern=f"^[{CROCKFORD}]{{{_SYMBOLS}}}$")]


class PosterCode(Value):
    """A code, which factory it names, and whose posters carry it. An ended one names nothing."""

    code: Annotated[
        PosterCodeText,
        Field(
            description="Print it in two groups: `7KQ4-9XZM`. It never comes to mean anything else."
        ),
    ]
    factory_id: FactoryId
    partner_id: OrganisationId
    created_at: Moment
    created_by: Annotated[str, Field(description="The `user_id` of who made it.")]
    ended_at: Moment | None = None


def poster_code_in(text: str) -> tuple[str, str] | None:
    """The code at the beginning of a message, and what follows it; None where there is none.

    It is read as people write: in any case, any script's digits, full width, with spaces and
    hyphens wherever they like, and with the letters that are taken for digits (Crockford). Its
    check symbol is right, so it is a code; whether anybody has printed it, only the store knows.
    """
    symbols = ""
    for place, character in enumerate(text[:_LONGEST_WRITING]):
        symbol = _symbol(character)
        if symbol is not None:
            symbols += symbol
            if len(symbols) == _SYMBOLS:
                return _code_and_rest(symbols, text[place + 1 :])
        elif not unicodedata.category(character).startswith(_BETWEEN):
            return None
    return None


def _code_and_rest(symbols: str, rest: str) -> tuple[str, str] | None:
    runs_on = bool(rest) and _letter_or_digit(rest[0]).isalnum()
    if runs_on or not is_poster_code(symbols):
        return None
    begins = next(
        (i for i, c in enumerate(rest) if not unicodedata.category(c).startswith(_AFTERWARDS)),
        len(rest),
    )
    return symbols, rest[begins:]


def _symbol(character: str) -> str | None:
    read = _letter_or_digit(character)
    read = _TAKEN_FOR.get(read, read)
    return read if read and read in CROCKFORD else None


def _letter_or_digit(character: str) -> str:
    """A Latin letter in upper case or a Western digit; empty for everything else."""
    if character.isdecimal():
        return str(int(character))
    read = unicodedata.normalize("NFKC", character).upper()
    return read if len(read) == 1 and read.isascii() and read.isalpha() else ""
