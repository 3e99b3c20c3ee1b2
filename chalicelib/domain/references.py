"""Identifiers that are derived, never counted: the same post always gets the same ones.

A counter would be a hot key, and would tell everybody how many cases there are.
"""

import hashlib
import hmac
import itertools
import re
from datetime import datetime

from stdnum.iso7064 import mod_11_10, mod_37_36

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so that it can be read over the phone."""

_REF_SYMBOLS = 11
_CODE_DIGITS = 15
_TIME_SYMBOLS = 10
_POSTER_SYMBOLS = 7


def _symbols(digest: bytes, count: int) -> str:
    number = int.from_bytes(digest, "big")
    return "".join(CROCKFORD[(number >> (5 * i)) & 31] for i in range(count))


def _joined(label: str, *parts: str) -> bytes:
    """Length-prefixed parts, so that no two lists of parts read the same."""
    encoded = [part.encode() for part in parts]
    return label.encode() + b"".join(len(data).to_bytes(4, "big") + data for data in encoded)


def _digest(label: str, *parts: str) -> bytes:
    return hashlib.sha256(_joined(label, *parts)).digest()


def derive_id(prefix: str, *parts: str) -> str:
    """`<prefix>_` and 26 lower-case Crockford symbols (130 bits) derived from `parts`."""
    return f"{prefix}_{_symbols(_digest(prefix, *parts), 26).lower()}"


def timed_id(prefix: str, at: datetime, *parts: str) -> str:
    """The same form, but ten of the symbols are the time: such ids lie in its order."""
    number = int(at.timestamp() * 1000)
    time = "".join(CROCKFORD[(number >> (5 * i)) & 31] for i in reversed(range(_TIME_SYMBOLS)))
    rest = _symbols(_digest(prefix, *parts), 26 - _TIME_SYMBOLS)
    return f"{prefix}_{(time + rest).lower()}"


def secret_id(prefix: str, key: bytes, *parts: str) -> str:
    """The same for parts that somebody may know or guess, who shall not know the id by that."""
    digest = hmac.digest(key, _joined(prefix, *parts), "sha256")
    return f"{prefix}_{_symbols(digest, 26).lower()}"


def public_ref(grievance_id: str, year: int) -> str:
    """`2026-7KQ4-9XZM-3T8H`: the year, 11 derived symbols (55 bits) and a check symbol.

    The check is ISO 7064's hybrid scheme over these 32 symbols: one wrong symbol is noticed, and
    499 of 500 swapped neighbours. Says nothing about the partner: the id is a secret one.
    """
    body = _symbols(_digest("public_ref", grievance_id), _REF_SYMBOLS)
    body += mod_37_36.calc_check_digit(body, alphabet=CROCKFORD)
    return f"{year}-{body[:4]}-{body[4:8]}-{body[8:]}"


def receipt_code(grievance_id: str, key: bytes) -> str:
    """The worker's receipt: 15 digits and an ISO 7064 check digit (MOD 11,10), in groups of four.

    Derived with a secret key, so that a repeated post repeats it although nothing stores it.
    """
    digest = hmac.digest(key, grievance_id.encode(), "sha256")
    digits = f"{int.from_bytes(digest[:16], 'big') % 10**_CODE_DIGITS:0{_CODE_DIGITS}d}"
    digits += mod_11_10.calc_check_digit(digits)
    return "-".join(digits[i : i + 4] for i in range(0, 16, 4))


def normalise_receipt_code(text: str) -> str | None:
    """The 16 digits of a code as somebody typed or read it out, or None when it cannot be one."""
    digits = "".join(str(int(c)) for c in text[:64] if c.isdecimal())
    if len(digits) != _CODE_DIGITS + 1 or not mod_11_10.is_valid(digits):
        return None
    return digits


def poster_code(randomness: str) -> str:
    """`7KQ49XZM`: seven symbols and a check symbol, as in `public_ref`.

    Always one that `is_poster_code`: what random symbols do not give is drawn from them again.
    """
    draws = (_digest("poster_code", randomness, str(draw)) for draw in itertools.count())
    bodies = (_symbols(digest, _POSTER_SYMBOLS) for digest in draws)
    codes = (body + mod_37_36.calc_check_digit(body, alphabet=CROCKFORD) for body in bodies)
    return next(code for code in codes if is_poster_code(code))


def is_poster_code(symbols: str) -> bool:
    """Whether upper-case symbols are a poster's code.

    One has a letter, so that it is never the beginning of a receipt code; and one of the digits
    that no letter is taken for, so that words alone are never a code.
    """
    has_both = re.search("[A-Z]", symbols) and re.search("[2-9]", symbols)
    return bool(
        has_both
        and re.fullmatch(f"[{CROCKFORD}]{{{_POSTER_SYMBOLS + 1}}}", symbols)
        and mod_37_36.is_valid(symbols, alphabet=CROCKFORD)
    )


def keyed_hash(key: bytes, text: str) -> str:
    """HMAC-SHA-256 in hex: what is stored instead of a secret or a guessable value."""
    return hmac.digest(key, text.encode(), "sha256").hex()
