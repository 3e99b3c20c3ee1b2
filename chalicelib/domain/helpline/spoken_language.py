"""The language of a message, where its letters tell, or its words.

A script of its own, or Vietnamese signs, tell at once. What is written in Latin letters is told by
common words, and only where they are clear: a worker who is answered in a language that she does
not read may be lost, one who is answered as before is not. Hindi and Bengali are told so, too, and
answered in their own letters.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

from chalicelib.domain.helpline.common_words import ELSEWHERE, LANGUAGE_OF

LEAST_WORDS = 2
"""How many different common words of a language a message has to have."""

LEAST_LEAD = 2
"""How many times as many as of any other language; of twice as many, more than that."""

LEAST_SHARE = 0.2
"""How many of all its words these are at least."""

_SCRIPTS: Mapping[str, re.Pattern[str]] = {
    "bn": re.compile("[\u0980-\u09ff]"),
    "hi": re.compile("[\u0900-\u0963\u0966-\u097f]"),  # not the danda, which Bengali has as well
    "my": re.compile("[\u1000-\u109f\uaa60-\uaa7f]"),
    "th": re.compile("[\u0e01-\u0e5b]"),
    "zh": re.compile("[\u3400-\u9fff]"),
    "vi": re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9]"),
}

# Characters that are written in one way only, frequent in what people tell of their work.
# Chinese characters that one way of writing alone has are told by the character sets of the two: GB
# 2312 has the simplified ones, Big5 the traditional ones. These few stand in the other set as well.
_SIMPLIFIED_TOO = frozenset("万与价优体厂后离适")
_TRADITIONAL_TOO = frozenset("後夥")

_WORD = re.compile("[a-z]+")


def spoken_language(text: str, *, known: str | None = None) -> str | None:
    """The language most letters of a text belong to, or most of its common words; else None.

    `known` is what she was taken to write until now: Chinese that may be either is that.
    """
    plain = unicodedata.normalize("NFC", text)
    found = {language: len(pattern.findall(plain)) for language, pattern in _SCRIPTS.items()}
    language = max(found, key=lambda each: found[each])
    if not found[language]:
        return _by_words(plain)
    return _chinese(plain, known) if language == "zh" else language


def _by_words(text: str) -> str | None:
    written = set(_WORD.findall(_without_signs(text)))
    counted = Counter(LANGUAGE_OF[word] for word in written if word in LANGUAGE_OF)
    (language, count), (_, second) = [*counted.most_common(2), ("", 0), ("", 0)][:2]
    clear = (
        count >= LEAST_WORDS and count > LEAST_LEAD * second and count >= LEAST_SHARE * len(written)
    )
    return language if clear and language != ELSEWHERE else None


def _without_signs(text: str) -> str:
    """In lower case, its letters alone: `Tôi không` is `toi khong`, `don't` is `dont`."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return re.sub("['\u2019\u0300-\u036f]", "", plain)


def _chinese(text: str, known: str | None) -> str:
    ways = Counter(map(_way_of_writing, text))
    if ways["zh"] == ways["zh-hant"]:
        return "zh-hant" if known == "zh-hant" else "zh"
    return "zh" if ways["zh"] > ways["zh-hant"] else "zh-hant"


def _way_of_writing(character: str) -> str | None:
    simplified, traditional = _is_in("gb2312", character), _is_in("big5", character)
    if character in _SIMPLIFIED_TOO or (simplified and not traditional):
        return "zh"
    if character in _TRADITIONAL_TOO or (traditional and not simplified):
        return "zh-hant"
    return None


def _is_in(character_set: str, character: str) -> bool:
    try:
        character.encode(character_set)
    except UnicodeEncodeError:
        return False
    return True
