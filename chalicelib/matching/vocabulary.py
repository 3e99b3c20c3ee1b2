"""The reviewed word lists in `tables/`: those for every name are read on import, others when the
first text in their script comes.
"""

from collections.abc import Iterator
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Final

from rapidfuzz.distance import OSA

from .scripts import fold, latin_words

TABLES: Final = Path(__file__).parent / "tables"
_BENGALI_PLURALS: Final = ("্স", "স")
_BENGALI_SHORTEST: Final = 3  # signs of a word that is found inside another
FUZZY_LENGTH: Final = 7  # shorter words are too close to each other to be guessed


def rows(table: str) -> Iterator[list[str]]:
    """The tab-separated rows of a table, without its comment lines."""
    for line in (TABLES / table).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def _words(table: str) -> frozenset[str]:
    return frozenset(word for row in rows(table) for word in row[0].split())


def _pairs(table: str) -> dict[str, str]:
    return {fold(row[0]): row[1] if len(row) > 1 else "" for row in rows(table)}


class Phrases:
    """Phrases and what each stands for, found in running text; the longest one wins."""

    def __init__(self, table: str) -> None:
        self._table = table

    @cached_property
    def words(self) -> dict[str, str]:
        return _pairs(self._table)

    @cached_property
    def _by_first(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for phrase in sorted(self.words, key=len, reverse=True):
            found.setdefault(phrase[0], []).append(phrase)
        return found

    def at(self, text: str, start: int = 0) -> str | None:
        """The phrase that begins at `start`."""
        for phrase in self._by_first.get(text[start], ()):
            if text.startswith(phrase, start):
                return phrase
        return None

    def replaced(self, text: str) -> str:
        """The text with what each phrase stands for, between blanks, in its place."""
        if self._by_first.keys().isdisjoint(text):
            return text
        out, start = [], 0
        while start < len(text):
            phrase = self.at(text, start)
            out.append(text[start] if phrase is None else f" {self.words[phrase]} ")
            start += len(phrase or " ")
        return "".join(out)


@cache
def _chinese_sounds() -> dict[str, str]:
    """How a trade word of two signs sounds -> the word, unless two sound the same."""
    found: dict[str, set[str]] = {}
    for word, english in CHINESE.words.items():
        if english and len(word) == 2:
            found.setdefault("".join(latin_words(word)), set()).add(word)
    return {sound: words.pop() for sound, words in found.items() if len(words) == 1}


def chinese_by_sound(signs: str) -> str | None:
    """The trade word that sounds like these signs."""
    return _chinese_sounds().get("".join(latin_words(signs)))


@cache
def bengali_words() -> dict[str, str]:
    return _pairs("bengali_words.tsv")


@lru_cache(maxsize=4096)
def bengali_word(word: str) -> str | None:
    """What a Bengali word stands for: as it is, without an English plural, or two known words
    written in one (`ফ্যাশনওয়্যার`). `None` for one that is not known.
    """
    words = bengali_words()
    if word in words:
        return words[word]
    for plural in _BENGALI_PLURALS:
        if word.endswith(plural) and word.removesuffix(plural) in words:
            return words[word.removesuffix(plural)]
    for cut in range(_BENGALI_SHORTEST, len(word) - _BENGALI_SHORTEST + 1):
        head, tail = words.get(word[:cut]), words.get(word[cut:])
        if head and tail:
            return f"{head} {tail}"
    return None


@cache
def bengali_letters() -> dict[str, str]:
    return _pairs("bengali_letters.tsv")


@cache
def vietnamese_phrases() -> list[tuple[str, str]]:
    """Phrases and what they stand for in English, the longest ones first."""
    return sorted(_pairs("vietnamese_phrases.tsv").items(), key=lambda item: -len(item[0]))


def _trade_words() -> tuple[dict[str, str], dict[str, str]]:
    canonical, family = {}, {}
    for word, group, spellings in rows("trade_words.tsv"):
        family[word] = group
        canonical.update(dict.fromkeys(spellings.split(), word))
    return canonical, family


def _country_words() -> dict[str, str]:
    return {word: code for code, words in rows("countries.tsv") for word in words.split()}


def one_deletions(word: str) -> Iterator[str]:
    """The word and every word that is one letter shorter."""
    yield word
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]


def _spelling_net(words: Iterator[str]) -> dict[str, str]:
    """Deletion variant -> known word; two words sharing a variant are one typing slip apart."""
    net: dict[str, str] = {}
    for word in words:
        if len(word) >= FUZZY_LENGTH and word.isascii():
            for variant in one_deletions(word):
                net.setdefault(variant, word)
    return net


LEGAL_FORMS: Final = _words("legal_forms.txt")
ADDRESS_WORDS: Final = _words("address_words.txt")
TRADE_WORDS, TRADE_FAMILIES = _trade_words()
CHINESE: Final = Phrases("chinese_words.tsv")
PLACES: Final = Phrases("chinese_places.tsv")
NATIVE: Final = Phrases("native_words.tsv")
COUNTRY_WORDS: Final = _country_words()


@cache
def _net() -> dict[str, str]:
    return _spelling_net(iter([*TRADE_WORDS, *COUNTRY_WORDS, "limited", "company", "private"]))


@lru_cache(maxsize=16384)
def known_word_near(word: str) -> str | None:
    """The trade, country or legal word that `word` is one slip away from, if it is long enough."""
    if len(word) < FUZZY_LENGTH - 1 or not word.isalpha():
        return None
    net = _net()
    for variant in one_deletions(word):
        known = net.get(variant)
        if known and OSA.distance(known, word, score_cutoff=1) == 1:
            return known
    return None
