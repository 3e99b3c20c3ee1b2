"""Ways in which a factory's name gets written differently; each takes a text and a random."""

import random
import re
import string
from collections.abc import Callable
from functools import cache
from typing import Final

from anyascii import anyascii

from chalicelib.matching import vocabulary
from chalicelib.matching.scripts import fold

Noise = Callable[[str, random.Random], str]

_SPELLED_OUT: Final = (
    ("Ltd.", "Limited"), ("Ltd", "Limited"), ("Co.", "Company"), ("Inds.", "Industries"),
    ("Pvt.", "Private"), ("Corp.", "Corporation"), ("Mfg.", "Manufacturing"), ("&", "and"),
    ("Int'l", "International"), ("Inc.", "Incorporated"), ("Intl", "International"),
)  # fmt: skip
_SHORTENED: Final = (
    ("garments", "gmts"), ("garment", "gmt"), ("apparels", "app"), ("apparel", "app"),
    ("limited", "ltd"), ("manufacturing", "mfg"), ("industries", "inds"), ("industrial", "ind"),
    ("international", "intl"), ("company", "co"), ("textile", "tex"), ("textiles", "tex"),
    ("factory", "fty"), ("technology", "tech"), ("enterprise", "ent"), ("private", "pvt"),
)  # fmt: skip
_HEARD: Final = (
    ("ph", "f"), ("sh", "s"), ("ck", "k"), ("c", "k"), ("q", "k"), ("z", "j"), ("v", "b"),
    ("ee", "i"), ("oo", "u"), ("y", "i"), ("th", "t"), ("ou", "u"), ("x", "ks"), ("ch", "c"),
    ("au", "o"), ("w", "u"),
)  # fmt: skip


def typo(text: str, rng: random.Random) -> str:
    """One slip of the finger: a letter swapped, left out, doubled by another, or wrong."""
    spots = [i for i, c in enumerate(text) if c.isalpha()]
    if len(spots) < 3:
        return text
    i = rng.choice(spots)
    letter = rng.choice(string.ascii_lowercase)
    return rng.choice(
        (
            text[:i] + text[i + 1 : i + 2] + text[i] + text[i + 2 :],
            text[:i] + text[i + 1 :],
            text[:i] + letter + text[i:],
            text[:i] + letter + text[i + 1 :],
        )
    )


def two_typos(text: str, rng: random.Random) -> str:
    return typo(typo(text, rng), rng)


def spacing(text: str, rng: random.Random) -> str:
    """Two words in one, or one word in two."""
    words = text.split()
    if len(words) > 1 and rng.random() < 0.6:
        i = rng.randrange(len(words) - 1)
        return " ".join([*words[:i], words[i] + words[i + 1].lower(), *words[i + 2 :]])
    i = max(range(len(words)), key=lambda n: len(words[n]), default=0)
    if not words or len(words[i]) < 5:
        return text
    cut = rng.randrange(2, len(words[i]) - 2)
    return " ".join([*words[:i], words[i][:cut], words[i][cut:], *words[i + 1 :]])


def as_heard(text: str, rng: random.Random) -> str:
    """One sound spelled as somebody hears it, or doubled letters once."""
    text = text.lower()
    options = [(written, heard) for written, heard in _HEARD if written in text]
    if not options or rng.random() < 0.25:
        return re.sub(r"([a-z])\1", r"\1", text)
    written, heard = rng.choice(options)
    return text.replace(written, heard) if rng.random() < 0.7 else text.replace(written, heard, 1)


def reordered(text: str, rng: random.Random) -> str:
    words = text.split()
    if len(words) < 2:
        return text
    i = rng.randrange(len(words) - 1)
    words[i], words[i + 1] = words[i + 1], words[i]
    return " ".join(words)


def spelled_out(text: str, rng: random.Random) -> str:
    for short, long in _SPELLED_OUT:
        if short in text:
            return text.replace(short, long, 1)
    return text


def shortened(text: str, rng: random.Random) -> str:
    for long, short in _SHORTENED:
        if re.search(rf"\b{long}\b", text, re.IGNORECASE):
            return re.sub(rf"\b{long}\b", short, text, count=1, flags=re.IGNORECASE)
    return text


def other_case(text: str, rng: random.Random) -> str:
    return rng.choice((text.lower(), text.upper(), text.title()))


def dropped(text: str, rng: random.Random) -> str:
    """The legal form, "and" or brackets left out."""
    words = [
        w for w in text.split() if fold(w).strip(".,()") not in vocabulary.LEGAL_FORMS and w != "&"
    ]
    return " ".join(words) if words else text


KINDS: Final[dict[str, Noise]] = {
    "typo": typo,
    "typo2": two_typos,
    "space": spacing,
    "phon": as_heard,
    "ord": reordered,
    "exp": spelled_out,
    "abbr": shortened,
    "case": other_case,
    "drop": dropped,
}


def noisy(text: str, rng: random.Random) -> tuple[str, str]:
    """The text after one to three kinds of noise, and their names joined by "+"."""
    kinds = rng.sample(sorted(KINDS), rng.choice((1, 1, 2, 2, 3)))
    for kind in kinds:
        text = KINDS[kind](text, rng)
    return text, "+".join(kinds)


_BENGALI: Final = (
    ("sh", "শ"), ("ch", "চ"), ("kh", "খ"), ("gh", "ঘ"), ("th", "থ"), ("dh", "ধ"), ("ph", "ফ"),
    ("bh", "ভ"), ("ng", "ং"), ("x", "ক্স"), ("b", "ব"), ("c", "ক"), ("d", "ড"), ("f", "ফ"),
    ("g", "গ"), ("h", "হ"), ("j", "জ"), ("k", "ক"), ("l", "ল"), ("m", "ম"), ("n", "ন"),
    ("p", "প"), ("q", "ক"), ("r", "র"), ("s", "স"), ("t", "ট"), ("v", "ভ"), ("w", "ও"),
    ("y", "ি"), ("z", "জ"),
)  # fmt: skip
_BENGALI_SIGNS: Final = {
    "aa": "া",
    "a": "া",
    "i": "ি",
    "ee": "ি",
    "u": "ু",
    "oo": "ু",
    "e": "ে",
    "o": "ো",
}
_BENGALI_VOWELS: Final = {
    "aa": "আ",
    "a": "আ",
    "i": "ই",
    "ee": "ই",
    "u": "উ",
    "oo": "উ",
    "e": "এ",
    "o": "ও",
}
_BENGALI_RX = re.compile("aa|ee|oo|[aeiou]|" + "|".join(k for k, _ in _BENGALI))


@cache
def _bengali_trade_words() -> dict[str, list[str]]:
    words: dict[str, list[str]] = {}
    for bengali, latin in vocabulary.bengali_words().items():
        words.setdefault(latin, []).append(bengali)
    return words


def _bengali_word(word: str, rng: random.Random) -> str:
    known = _bengali_trade_words().get(vocabulary.TRADE_WORDS.get(word, word))
    if known:
        return rng.choice(known)
    if len(word) <= 3 and not re.search("[aeiou]", word):
        names = {letter: name for name, letter in vocabulary.bengali_letters().items()}
        return "".join(names.get(letter, letter) for letter in word)
    out, after_consonant = "", False
    consonants = dict(_BENGALI)
    for piece in _BENGALI_RX.findall(word):
        vowel = piece in _BENGALI_SIGNS
        if vowel:
            silent = piece in "ao" and after_consonant and rng.random() < 0.25
            table = _BENGALI_SIGNS if after_consonant else _BENGALI_VOWELS
            out += "" if silent else table[piece]
        else:
            out += consonants[piece]
        after_consonant = not vowel
    return out


def in_bengali(text: str, rng: random.Random) -> str:
    """A Latin name as somebody writes it in Bengali letters."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return " ".join(_bengali_word(w, rng) if w.isalpha() else w for w in words)


_VIETNAMESE_FORMS: Final = ("Công ty TNHH", "Công ty Cổ phần", "Cty TNHH", "Công ty")
_VIETNAMESE_TRADES: Final = {
    "garment": "May", "apparel": "May mặc", "shoe": "Giày", "textile": "Dệt",
    "fashion": "Thời trang",
    "export": "Xuất khẩu", "sport": "Thể thao", "bag": "Túi xách", "packaging": "Bao bì",
    "industry": "Công nghiệp", "international": "Quốc tế", "trading": "Thương mại",
}  # fmt: skip


def in_vietnamese(text: str, rng: random.Random) -> str:
    """An English company name the Vietnamese way: form first, trade before the proper name."""
    trades, own = [], []
    for word in re.findall(r"[\w'&-]+", text):
        low = word.lower()
        trade = vocabulary.TRADE_WORDS.get(low)
        if trade in _VIETNAMESE_TRADES:
            trades.append(_VIETNAMESE_TRADES[trade])
        elif low not in vocabulary.LEGAL_FORMS and low not in {"viet", "nam", "vietnam"}:
            own.append(word.title() if word.isupper() and len(word) > 3 else word)
    tail = ["Việt Nam"] if "viet" in text.lower() else []
    return " ".join([rng.choice(_VIETNAMESE_FORMS), *trades, *own, *tail])


@cache
def _syllables() -> dict[str, list[str]]:
    """Pinyin syllable -> common simplified characters that sound so."""
    table: dict[str, list[str]] = {}
    for code in range(0x4E00, 0x9FA6):
        char = chr(code)
        try:
            char.encode("gb2312")
        except UnicodeEncodeError:
            continue
        table.setdefault(anyascii(char).lower(), []).append(char)
    return table


def _cut_pinyin(word: str) -> list[str] | None:
    """The word as pinyin syllables, longest first; `None` when it is no pinyin."""
    if not word:
        return []
    for size in range(min(6, len(word)), 0, -1):
        if word[:size] in _syllables():
            rest = _cut_pinyin(word[size:])
            if rest is not None:
                return [word[:size], *rest]
    return None


def in_chinese(text: str, rng: random.Random) -> str | None:
    """A pinyin company name in Chinese characters; `None` when a word is not pinyin."""
    places = {latin: han for han, latin in vocabulary.PLACES.words.items()}
    trades = {english: han for han, english in vocabulary.CHINESE.words.items() if english}
    out = ""
    for word in re.findall(r"[a-z]+", fold(text)):
        if word in vocabulary.LEGAL_FORMS:
            continue
        trade = trades.get(vocabulary.TRADE_WORDS.get(word, ""))
        syllables = [word] if word in places or trade else _cut_pinyin(word)
        if syllables is None:
            return None
        out += (
            trade or places.get(word) or "".join(rng.choice(_syllables()[s][:8]) for s in syllables)
        )
    return out + rng.choice(("有限公司", "有限公司", "厂", "")) if len(out) > 2 else None


def homophone(text: str, rng: random.Random) -> str:
    """One character of a Chinese name replaced by another that sounds the same."""
    i = rng.randrange(min(3, len(text)))
    same = _syllables().get(anyascii(text[i]).lower(), [text[i]])
    return text[:i] + rng.choice(same) + text[i + 1 :]


def in_pinyin(text: str) -> str:
    """A Chinese company name in pinyin, trade words cut off as words of their own."""
    core = re.sub("(股份)?有限公司", "", fold(text))
    spaced = re.sub(
        "|".join(
            sorted((k for k, v in vocabulary.CHINESE.words.items() if v), key=len, reverse=True)
        ),
        lambda m: f" {m.group(0)} ",
        core,
    )
    words = ["".join(anyascii(char).lower() for char in word) for word in spaced.split()]
    return " ".join(word.capitalize() for word in words) + " Co., Ltd."
