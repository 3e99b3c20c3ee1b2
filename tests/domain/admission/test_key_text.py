"""What a key looks like, to whoever scans for one."""

import re
import zlib

import pytest

from chalicelib.domain.admission.key_text import (
    KEY_PATTERN,
    RANDOM_BYTES,
    digest_of,
    ending,
    is_key_text,
    key_text,
)

KEY = key_text("5a" * RANDOM_BYTES)


def test_a_key_is_a_prefix_randomness_and_a_checksum() -> None:
    assert re.fullmatch(KEY_PATTERN, KEY)
    assert is_key_text(KEY)
    assert len(KEY) == 43


@pytest.mark.parametrize("randomness", ["00" * RANDOM_BYTES, "ff" * RANDOM_BYTES])
def test_the_least_and_the_greatest_randomness_fit(randomness: str) -> None:
    assert is_key_text(key_text(randomness))


def test_keys_of_other_randomness_differ() -> None:
    made = {key_text(f"{number:048x}") for number in range(1000)}
    assert len(made) == 1000


def test_the_checksum_is_the_crc_of_the_random_part_in_base_62() -> None:
    """As docs/api.md tells whoever writes a scanner."""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    number = 0
    for character in KEY[-6:]:
        number = number * 62 + digits.index(character)
    assert number == zlib.crc32(KEY[4:-6].encode())


def test_a_changed_character_is_noticed() -> None:
    for position in range(4, len(KEY)):
        other = "0" if KEY[position] != "0" else "1"
        assert not is_key_text(KEY[:position] + other + KEY[position + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hsk_",
        KEY[:-1],
        KEY + "0",
        KEY + "\n",
        " " + KEY,
        KEY.upper(),
        "ghp_" + KEY[4:],
        "٠" * 43,
    ],
)
def test_what_only_resembles_a_key_is_none(text: str) -> None:
    assert not is_key_text(text)


def test_a_digest_and_an_ending_are_what_may_be_handed_over() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", digest_of(KEY))
    assert ending(KEY) == KEY[-4:]
