"""Writing systems: one folded form for every text, native Chinese kept, all else in Latin."""

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

LONGEST_TEXT: Final = 400  # characters that are looked at; a letter instead of a name is cut here

_NOT_WORD = re.compile(r"[^a-z0-9]+")
_NO_APOSTROPHES = str.maketrans(dict.fromkeys("'`\""))
_INITIALS = re.compile(r"(?<=\b[a-z])\.(?=\s?[a-z]\b)")
_LETTER_AND_LETTER = r"(?<![a-z0-9])([a-z]) ?& ?([a-z])(?![a-z0-9])"
# Patterns that only some texts need are compiled when the first such text comes.
_HAN = r"[\u3400-\u9fff]+"
_BENGALI = r"[\u0980-\u09ff]"
_INVISIBLE = r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]"
_ONLY_ALNUM = {code: None for code in range(128) if not chr(code).isalnum()}
# Vowel signs and consonants of Bengali as a Latin-script name would spell them; the inherent
# vowel is left out, because writers of English names leave out the sign that would cancel it.
_BENGALI_LATIN = str.maketrans(
    {
        "অ": "o", "আ": "a", "ই": "i", "ঈ": "i", "উ": "u", "ঊ": "u", "ঋ": "ri", "এ": "e",
        "ঐ": "oi", "ও": "o", "ঔ": "ou", "া": "a", "ি": "i", "ী": "i", "ু": "u", "ূ": "u",
        "ৃ": "ri", "ে": "e", "ৈ": "oi", "ো": "o", "ৌ": "ou", "ক": "k", "খ": "kh", "গ": "g",
        "ঘ": "gh", "ঙ": "ng", "চ": "ch", "ছ": "chh", "জ": "j", "ঝ": "jh", "ঞ": "n", "ট": "t",
        "ঠ": "th", "ড": "d", "ঢ": "dh", "ণ": "n", "ত": "t", "থ": "th", "দ": "d", "ধ": "dh",
        "ন": "n", "প": "p", "ফ": "f", "ব": "b", "ভ": "v", "ম": "m", "য": "j", "র": "r",
        "ল": "l", "শ": "sh", "ষ": "sh", "স": "s", "হ": "h", "ং": "ng", "ঃ": "h", "ঁ": "",
        "্": "", "ৎ": "t", "\u09bc": "",
    }
)  # fmt: skip


# Letters with a dot below come as two code points after NFKC; a ya-phala is not spoken.
_BENGALI_PAIRS: Final = (
    ("\u09a1\u09bc", "r"),
    ("\u09a2\u09bc", "rh"),
    ("\u09af\u09bc", "y"),
    ("\u09cd\u09af", ""),
)


@cache
def _simplified() -> dict[int, str]:
    lines = (Path(__file__).parent / "tables" / "simplified_han.tsv").read_text(encoding="utf-8")
    body = [line for line in lines.splitlines() if not line.startswith("#")]
    table: dict[int, str] = {}
    for traditional, simplified in zip(body[::2], body[1::2], strict=True):
        table.update(zip(map(ord, traditional), simplified, strict=True))
    return table


def fold(text: str) -> str:
    """NFKC, lower case, simplified Chinese, no invisible characters, at most LONGEST_TEXT long."""
    if text.isascii():
        return text[:LONGEST_TEXT].lower()
    return _folded(text)


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text[:LONGEST_TEXT])
    return re.sub(_INVISIBLE, "", plain).translate(_simplified()).lower()


def squeezed(text: str) -> str:
    """Letters and digits of a text, folded: what is left of it when spelling is all that counts."""
    if text.isascii():
        return text[:LONGEST_TEXT].lower().translate(_ONLY_ALNUM)
    return "".join(filter(str.isalnum, fold(text)))


def has_han(text: str) -> bool:
    return not text.isascii() and re.search(_HAN, text) is not None


def only_han(text: str) -> str:
    return "".join(re.findall(_HAN, text))


def has_bengali(text: str) -> bool:
    return not text.isascii() and re.search(_BENGALI, text) is not None


def romanised_bengali(word: str) -> str:
    """A Bengali word in Latin letters, near to how the same name is written in English lists."""
    for written, spoken in _BENGALI_PAIRS:
        word = word.replace(written, spoken)
    return word.translate(_BENGALI_LATIN)


def _transliterated(text: str) -> str:
    from anyascii import anyascii  # here, as it loads half of importlib and most names are ASCII

    return anyascii(text).lower()


def latin_words(folded: str) -> list[str]:
    """Words of a folded text in ASCII, initials joined (`o.b.a.` -> `oba`, `o & b` -> `ob`)."""
    plain = folded if folded.isascii() else _transliterated(folded)
    plain = _INITIALS.sub("", plain.translate(_NO_APOSTROPHES))
    if "&" in plain:
        plain = re.sub(_LETTER_AND_LETTER, r"\1\2", plain).replace("&", " and ")
    return _NOT_WORD.sub(" ", plain).split()
