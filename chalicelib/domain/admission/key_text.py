"""What a key looks like: a prefix that secret scanners know, randomness, a checksum.

The checksum lets anybody tell a key from a text that resembles one without asking the service: a
scanner raises no false alarm, and the authorizer reads nothing for a typing error.
"""

import hashlib
import re
import zlib

KEY_PREFIX = "hsk_"
"""What every key starts with."""

KEY_PATTERN = r"hsk_[0-9A-Za-z]{39}"
"""The prefix, 33 characters that are random, 6 that check them."""

RANDOM_BYTES = 24
"""192 bits."""

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM_LENGTH = 33
_CHECK_LENGTH = 6
_SHOWN = 4


def key_text(randomness: str) -> str:
    """The key that `RANDOM_BYTES` random bytes, in hex, make."""
    random_part = _base62(int(randomness, 16), _RANDOM_LENGTH)
    return f"{KEY_PREFIX}{random_part}{_check(random_part)}"


def is_key_text(text: str) -> bool:
    """Whether a text has the form of a key, its checksum included."""
    if not re.fullmatch(KEY_PATTERN, text):
        return False
    body = text.removeprefix(KEY_PREFIX)
    return _check(body[:_RANDOM_LENGTH]) == body[_RANDOM_LENGTH:]


def ending(text: str) -> str:
    """The end of a key, by which its holder finds it in a list. Of the checksum, so it gives
    nothing away that 168 random bits would miss."""
    return text[-_SHOWN:]


def digest_of(text: str) -> str:
    """SHA-256 of a key in hex: who was promised a key may hand this over and keep the key."""
    return hashlib.sha256(text.encode()).hexdigest()


def _check(random_part: str) -> str:
    return _base62(zlib.crc32(random_part.encode()), _CHECK_LENGTH)


def _base62(number: int, length: int) -> str:
    digits = ""
    for _ in range(length):
        number, digit = divmod(number, len(_BASE62))
        digits = _BASE62[digit] + digits
    return digits
