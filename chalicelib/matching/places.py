"""An address or city in comparable words; Chinese ones are cut at their administrative signs."""

import re
from dataclasses import dataclass
from functools import lru_cache

from . import vocabulary
from .scripts import fold, has_bengali, has_han, latin_words, romanised_bengali

# Patterns that only some scripts need are compiled when the first such text comes.
# Provinces of Vietnam whose names end like the word for a street (đường).
_PROVINCE = r"\b(binh|hai) duong\b"
_BENGALI_WORD = r"[\u0980-\u09ff]+"
# Neighbourhoods (里, 鄰) are left out as often as written; 大里區 and 埔里鎮 are none.
_NEIGHBOURHOOD = r"\d+邻|[^\s县市区镇乡路街段巷弄号]{1,4}里(?=[^巷弄县市区镇乡])"
# What kind of district a name is (區, 鎮) is left out as often, unless the name is one sign long.
_DISTRICT = r"(?<=[a-z] )[省县市区镇]|(?<=[^\s省县市区镇乡]{2})[省县市区镇乡]|(?<=\S)([县市区镇乡])"
_SIGN = r"([村路街段巷弄号楼之])"
_NATIVE = r"[\u3400-\u9fff0-9]"
_HAN_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_TENS = r"([一二三四五六七八九])?十([一二三四五六七八九])?"
_HAN_NUMBER = r"[〇零一二三四五六七八九0-9]+(?=[路街段巷弄号楼邻之]|$)"


@dataclass(slots=True)
class ParsedPlace:
    """The words of an address that tell places apart; like an entry's, nobody changes them."""

    words: tuple[str, ...]
    numbers: frozenset[str]  # house, plot and post numbers without leading zeros
    han: str  # simplified native Chinese, numbers as digits


def _tens(match: re.Match[str]) -> str:
    return (match.group(1) or "一") + (match.group(2) or "〇")


def _arabic(text: str) -> str:
    """Chinese numbers before a street sign as digits: 二０二巷, 二十三號."""
    text = re.sub(_TENS, _tens, text)
    return re.sub(_HAN_NUMBER, lambda m: m.group(0).translate(_HAN_DIGITS), text)


def cut_chinese(text: str) -> str:
    """A Chinese address cut behind its districts and streets, known places spelt out."""
    districts = re.sub(_DISTRICT, r"\1 ", vocabulary.PLACES.replaced(text))
    return re.sub(_SIGN, r"\1 ", districts)


def _bengali(text: str) -> str:
    return re.sub(
        _BENGALI_WORD,
        lambda m: vocabulary.bengali_word(m.group(0)) or romanised_bengali(m.group(0)),
        text,
    )


def _latin_words(folded: str) -> list[str]:
    words = latin_words(folded)
    if "duong" in words:
        return re.sub(_PROVINCE, r"\1duong", " ".join(words)).split()
    return words


@lru_cache(maxsize=4096)
def parse_place(text: str) -> ParsedPlace:
    """Take an address apart; never raises, whatever the text."""
    folded = fold(text)
    native = ""
    if has_han(folded):
        folded = re.sub(_NEIGHBOURHOOD, "", _arabic(folded))
        native = "".join(re.findall(_NATIVE, folded))
        folded = cut_chinese(folded)
    if has_bengali(folded):
        folded = _bengali(folded)
    words = [
        word
        for word in _latin_words(folded)
        if word not in vocabulary.ADDRESS_WORDS and word not in vocabulary.COUNTRY_WORDS
    ]
    numbers = frozenset(
        re.sub(r"\D", "", word).lstrip("0") for word in words if any(map(str.isdigit, word))
    )
    return ParsedPlace(tuple(dict.fromkeys(words)), numbers - {""}, native)
