"""A factory's name taken apart: what is proper to it, what it makes, which unit, which place.

The same parser reads the registry's names and a worker's words, so that both lose the same things.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from . import vocabulary
from .places import cut_chinese
from .scripts import fold, has_bengali, has_han, latin_words, only_han, romanised_bengali

_FILLER = re.compile(
    r"^\W*(?:the )?(?:factory|company)(?: name)?(?: is)? ?[:：]"
    r"|^\W*name of (?:the )?factory ?:?"
    r"|^\W*(?:i|we|he|she|they) works? (?:at|in|for)\b|^\W*workers? (?:from|at|of|in)\b"
    r"|^\W*(?:工厂|厂名|nhà máy|ফ্যাক্টরি) ?[:：]|\bos id\b.*$"
)
_PLACE_CUE = re.compile(
    r";? ?\blocations?\b ?:?|\bfactory near\b|\b(?:located |situated )?(?:near|in|at)\b(?! ltd)"
    r"|\s[-–]\s|[(（\[]|[,，、;]"
)
_VIETNAMESE = re.compile(
    r"\bc[oô]ng ty\b|\b(?:cty|ctcp|tnhh|dntn|htx)\b|nh[aà] m[aá]y|(?:x[ií]|doanh) nghi[eệ]p"
    r"|\bmay\b.*\b(?:việt|nam)\b"
)
# Patterns that only some texts need are compiled when the first such text comes.
# Printing, which is spelt like the English "in" that opens a place.
_VIETNAMESE_PRINTING = r"\b(ty|tnhh|phần|phan|máy|may) in\b"
_HAN_UNIT = r"第?([一二三四五六七八九十]|[a-h]|\d{1,2})(?:工厂|分厂|厂)"
_HAN_WORKS = r"(?<=.)厂(?=$|[\s(（,，、有股]| factory)"
_HAN_AREA = r"[^\s]{1,6}[市县区镇乡](?:[^\s]{0,4}[里村区镇乡])?$"
# A district behind a known city, and the sign of the city itself: 绍兴市柯桥区….
_HAN_DISTRICT = r"(?<=[a-z] )[省市县区镇](?:([^\sa-z]{2,3}?)[区县镇乡])?"
_HAN_END = r"股份|有限|责任|公司|[\s(（]"
_HAN_LONGEST = 4  # characters of a trade word
_HAN_NUMBERS: Final = {n: str(i) for i, n in enumerate("一二三四五六七八九十", start=1)}
_ROMAN: Final = {
    r: str(i)
    for i, r in enumerate(
        ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"], start=1
    )
}
_UNIT_WORDS: Final = frozenset(
    [
        "unit",
        "units",
        "branch",
        "plant",
        "division",
        "div",
        "ext",
        "extension",
        "annex",
        "annexe",
        "workshop",
        "phase",
        "building",
        "bldg",
        "no",
        "nbr",
        "number",
        "factory",
        "fty",
        "hq",
        "u",
    ]
)
_TORN: Final = 6  # letters of a trade word that may be put together from two words
_PLANTS: Final = frozenset("bcdefgh")
# Legal forms that may open a name; any other one there is somebody's initials (SP Apparel Inc.).
_OPENING_FORMS: Final = frozenset(
    ["pt", "cong", "ty", "cty", "tnhh", "co", "company", "ltd", "limited", "pvt", "the", "ms"]
)
_JOINED: Final = (
    ("viet nam", "vietnam"), ("hong kong", "hongkong"), ("sri lanka", "srilanka"),
    ("int l", "intl"), ("co ltd", "ltd"), ("u s a", "usa"),
    ("s de rl", "srl"), ("s de r l", "srl"), ("de c v", "cv"), ("de cv", "cv"), ("sp zoo", "spzoo"),
    ("sp z oo", "spzoo"), ("sp z o o", "spzoo"), ("s p a", "spa"), ("s r l", "srl"), ("s a", "sa"),
    ("societa benefit", "srlsb"),
    ("t shirt", "tshirt"), ("knit wear", "knitwear"), ("foot wear", "footwear"),
    ("ha noi", "hanoi"), ("sai gon", "saigon"), ("da nang", "danang"), ("hai phong", "haiphong"),
    ("binh duong", "binhduong"), ("hai duong", "haiduong"),
)  # fmt: skip
_FORMS: Final = {
    "limited": "ltd", "ltda": "ltd", "lda": "ltd", "coltd": "ltd", "tnhh": "ltd", "private": "pvt",
    "pte": "pvt", "pty": "pvt", "company": "", "co": "", "cong": "", "ty": "", "cty": "",
    "incorporated": "inc", "corporation": "corp", "stock": "jsc", "joint": "jsc", "jsc": "jsc",
    "ltd": "ltd", "pvt": "pvt", "inc": "inc", "corp": "corp", "llc": "llc", "gmbh": "gmbh",
    "sa": "sa", "srl": "srl", "bhd": "bhd", "pt": "pt", "plc": "plc", "cv": "cv", "sas": "sas",
    "spa": "spa", "bv": "bv", "as": "as", "liability": "ltd",
    "spzoo": "ltd", "doo": "ltd", "eood": "ltd", "mbh": "gmbh", "kft": "ltd",
}  # fmt: skip
_HAN_FORMS: Final = (
    ("股份", "jsc"), ("有限公司", "ltd"), ("企业社", "firm"), ("工业社", "firm"), ("行", "firm"),
    ("厂", "works"),
)  # fmt: skip
_SUFFIXES: Final = frozenset(
    ["ltd", "limited", *(word for word in vocabulary.TRADE_WORDS if len(word) >= 5)]
)
_LONGEST_SUFFIX: Final = max(map(len, _SUFFIXES))
# Said of every place, part of no factory's name unless they open it.
_PLACE_KINDS: Final = frozenset(
    "province district city commune road street avenue ward town village hamlet county tp".split()  # noqa: SIM905
)
# A unit word and its number in one, as they are typed on telephones.
_GLUED_UNIT: Final = r"(unit|plant|branch|division|phase|building|factory|fty)(\d{1,2})"
_ORDINAL: Final = r"\d{1,2}(?:st|nd|rd|th)"
# Where a name ends and says its country: "…, Vietnam", "… in China"; not "… (Korea)", "… - Korea",
# which is how companies call their arms.
_LAST_PLACE: Final = r"(?:[,，、;:]|\b(?:in|near|at)\b)\s*([^\W\d][^,，、;:()（）\[\]–]*)\W*$"


@dataclass(frozen=True, slots=True)
class ParsedName:
    """What a name says, in comparable parts."""

    proper: tuple[str, ...]  # words that are the factory's own, in Latin letters, in order
    hinted: frozenset[str]  # those of them that may be a place (after a comma, "near", in brackets)
    trades: tuple[str, ...]  # canonical trade words
    units: frozenset[str]  # "2" for 二廠, Unit-II, (U-2); "unit" for a unit without a number
    forms: frozenset[str]  # canonical legal forms
    countries: frozenset[str]  # ISO codes of country words
    located: frozenset[str]  # ISO codes of country words at the end that only say where it is
    repeated: frozenset[str]  # proper words that were said once more as a place
    han: str  # native Chinese without legal forms and trade words
    native: str  # native Chinese without legal forms only
    guessed: int  # trade words that had to be guessed from a misspelling


def _han_cut(text: str) -> tuple[str, str]:
    """Split a Chinese text at its blanks: the name, and what looks like a place after it."""
    parts = [part for part in re.split(r"[\s,，、]+", text) if part]
    places = [
        part for part in parts[1:] if re.fullmatch(_HAN_AREA, part) or vocabulary.PLACES.at(part)
    ]
    return " ".join(p for p in parts if p not in places), " ".join(places)


def _han_units(text: str) -> tuple[str, set[str]]:
    units = {_HAN_NUMBERS.get(n, n) for n in re.findall(_HAN_UNIT, text)}
    return re.sub(_HAN_UNIT, " factory ", text), units


def _respelt(text: str) -> tuple[str, int]:
    """A Chinese name with its trade words in their own characters, and how many were in others.

    What is typed by its sound comes out in characters that only sound so: 工野 for 工业. They are
    looked for from the end of the name on, where trade words stand, and two signs are left to it.
    """
    form = re.search(_HAN_END, text)
    end, guessed = (form.start() if form else len(text)), 0
    end -= text[:end].endswith("厂")
    while end > 0:
        sizes = range(min(_HAN_LONGEST, end), 0, -1)
        size = next((n for n in sizes if text[end - n : end] in vocabulary.CHINESE.words), 0)
        if not size:
            meant = vocabulary.chinese_by_sound(text[end - 2 : end]) if end >= 4 else None
            if meant is None:
                break
            text, size, guessed = text[: end - 2] + meant + text[end:], 2, guessed + 1
        end -= size
    return text, guessed


def _translated(text: str) -> str:
    """Chinese trade words to English, legal forms to blanks, known places to their spelling."""
    return re.sub(_HAN_WORKS, " factory ", vocabulary.CHINESE.replaced(text))


@cache
def _letter_names() -> re.Pattern[str]:
    names = sorted(map(re.escape, vocabulary.bengali_letters()), key=len, reverse=True)
    return re.compile("|".join(names))


def _bengali_word(word: str) -> str:
    known = vocabulary.bengali_word(word)
    if known is not None:
        return known
    letters = _letter_names().findall(word)
    if letters and "".join(letters) == word:
        return "".join(vocabulary.bengali_letters()[letter] for letter in letters)
    return romanised_bengali(word)


def _from_bengali(text: str) -> str:
    return re.sub(r"[\u0980-\u09ff]+", lambda m: _bengali_word(m.group(0)), text)


def _from_vietnamese(words: list[str]) -> list[str]:
    text = f" {' '.join(words)} "
    for phrase, english in vocabulary.vietnamese_phrases():
        text = text.replace(f" {phrase} ", f" {english} ")
    return text.split()


def _compounds(word: str) -> list[str]:
    """`valiantgarments` -> valiant, garments; `unit2` -> unit, 2; short and known words stay
    whole.
    """
    if word[-1].isdigit() and (glued := re.fullmatch(_GLUED_UNIT, word)):
        return list(glued.groups())
    if len(word) < 8 or word in vocabulary.TRADE_WORDS or not word.isalpha():
        return [word]
    for cut in range(max(3, len(word) - _LONGEST_SUFFIX), len(word) - 2):
        if word[cut:] in _SUFFIXES:
            return [word[:cut], word[cut:]]
    return [word]


def _mended(words: list[str]) -> list[str]:
    """Trade words that were torn in two put together (`garm ents`)."""
    out: list[str] = []
    for word in words:
        torn = bool(out) and len(out[-1] + word) >= _TORN and _is_torn(out[-1], word)
        if torn:
            out[-1] += word
        else:
            out.append(word)
    return out


def _is_torn(head: str, tail: str) -> bool:
    known = vocabulary.TRADE_WORDS
    whole = head + tail
    return (
        head not in known
        and tail not in known
        and (whole in known or vocabulary.known_word_near(whole) in known)
    )


def _joined(words: list[str]) -> list[str]:
    """Fixed pairs and single letters joined (`r r` -> `rr`), compounds cut."""
    text = f" {' '.join(_mended(words))} "
    for apart, together in _JOINED:
        if apart in text:
            text = text.replace(f" {apart} ", f" {together} ")
    out: list[str] = []
    letters = ""
    for word in text.split():
        if len(word) == 1 and word.isalpha():
            letters += word
            continue
        if letters:
            out.append(letters)
            letters = ""
        out.extend(_compounds(word))
    return [*out, letters] if letters else out


def _unit(word: str, before: str, *, first: bool, last: bool) -> str | None:
    """The unit a word stands for, `None` when it stands for none."""
    if first:
        return None
    if word in _ROMAN and (last or before in _UNIT_WORDS) and len(word) < 5:
        return _ROMAN[word]
    if not word.isalpha() and len(word) <= 4:
        if re.fullmatch(_ORDINAL, word):
            return str(int(re.sub(r"\D", "", word)))
        if re.fullmatch(r"u?\d{1,2}", word):
            return str(int(word.removeprefix("u")))
        if re.fullmatch(r"\d+[a-z]|[a-z]{1,3}\d+", word):
            return word
    return word if before in _UNIT_WORDS and re.fullmatch(r"[a-h]", word) else None


class _Sorter:
    """Puts each word of a name into its drawer."""

    def __init__(self) -> None:
        self.proper: list[str] = []
        self.trades: list[str] = []
        self.units: set[str] = set()
        self.forms: set[str] = set()
        self.countries: set[str] = set()
        self.guessed = 0
        self.unit_words = False

    def marks(self) -> set[str]:
        """The units; a unit that is named without a number is one too."""
        return self.units or ({"unit"} if self.unit_words else set())

    def add(self, words: list[str]) -> None:
        before = ""
        end = max((i for i, w in enumerate(words) if w not in vocabulary.LEGAL_FORMS), default=-1)
        for i, word in enumerate(words):
            unit = _unit(word, before, first=i == 0 and not self.proper, last=i >= len(words) - 2)
            if unit is not None or (i == end and self._is_plant(word)):
                self.units.add(unit or word)
            elif word in vocabulary.LEGAL_FORMS and (
                before or self.proper or word in _OPENING_FORMS
            ):
                self.forms.add(_FORMS.get(word, ""))
            elif word in _UNIT_WORDS and word not in vocabulary.TRADE_WORDS:
                self.unit_words |= word in {"unit", "units"}
            else:
                self._sort(word)
            before = word

    def _is_plant(self, word: str) -> bool:
        """Whether a letter at the very end tells plants of one name apart (Gimmill B)."""
        return word in _PLANTS and len(self.proper) + len(self.trades) > 1

    def _sort(self, word: str) -> None:
        known = word
        if word not in vocabulary.TRADE_WORDS and word not in vocabulary.COUNTRY_WORDS:
            near = vocabulary.known_word_near(word)
            self.guessed += near is not None
            known = near or word
        if known in vocabulary.TRADE_WORDS:
            self.trades.append(vocabulary.TRADE_WORDS[known])
        elif known in vocabulary.COUNTRY_WORDS:
            self.countries.add(vocabulary.COUNTRY_WORDS[known])
        elif known == word:
            self.proper.append(word)


def _without_place_kinds(words: list[str]) -> list[str]:
    """Words without those of every address and the numbers that count them (6th Road, Ward 14)."""
    out = []
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        counts = word.isdigit() and before in _PLACE_KINDS
        counted = after in _PLACE_KINDS and re.fullmatch(_ORDINAL, word) is not None
        if word not in _PLACE_KINDS and not counts and not counted:
            out.append(word)
    return out


def _words(text: str) -> list[str]:
    words = latin_words(text)
    if _VIETNAMESE.search(text):
        words = _from_vietnamese(words)
    return _joined(words)


def _name_words(text: str) -> list[str]:
    words = _words(text)
    return words[:1] + _without_place_kinds(words[1:])


def _hint_words(text: str) -> list[str]:
    """The words behind a cue, without the cues and without what is said of every place."""
    return [
        word
        for word in _without_place_kinds(_words(_PLACE_CUE.sub(" , ", text)))
        if word not in vocabulary.ADDRESS_WORDS
        or word in _UNIT_WORDS
        or word in vocabulary.TRADE_WORDS
        or word.isdigit()
    ]


def _hint_at(text: str) -> int:
    """Where the words begin that may be a place; the text's length when none do."""
    cue = _PLACE_CUE.search(text, 1) if len(text) > 1 else None
    return cue.start() if cue else len(text)


def _located(text: str) -> tuple[str, frozenset[str]]:
    """What stands behind the first cue without a country at its end, and that country."""
    last = re.search(_LAST_PLACE, text)
    words = _joined(latin_words(last.group(1))) if last else []
    if last is None or not words or not all(word in vocabulary.COUNTRY_WORDS for word in words):
        return text, frozenset()
    return text[: last.start()], frozenset(vocabulary.COUNTRY_WORDS[word] for word in words)


@lru_cache(maxsize=4096)
def parse_name(text: str) -> ParsedName:
    """Take a name apart; never raises, whatever the text."""
    folded = _FILLER.sub(" ", fold(text)).strip()
    units: set[str] = set()
    forms: set[str] = set()
    han = native = ""
    misheard = 0
    if has_han(folded):
        folded, places = _han_cut(folded)
        forms = {form for sign, form in _HAN_FORMS if sign in folded}
        folded, units = _han_units(folded)
        native = only_han(re.sub("股份|有限|责任|公司", "", folded))
        folded, misheard = _respelt(folded)
        bare = _translated(folded)
        han = only_han(bare)
        folded = re.sub(_HAN_DISTRICT, r" \1 ", vocabulary.PLACES.replaced(bare))
        folded += f" , {cut_chinese(places)}" if places else ""
    if has_bengali(folded):
        folded = _from_bengali(folded)
    if not folded.isascii():
        folded = vocabulary.NATIVE.replaced(folded)
    if _VIETNAMESE.search(folded):
        folded = re.sub(_VIETNAMESE_PRINTING, r"\1 printing", folded)
    cut = _hint_at(folded)
    behind, located = _located(folded[cut:])
    sorter = _Sorter()
    sorter.add(_name_words(folded[:cut]))
    own = tuple(sorter.proper)
    sorter.add(_hint_words(behind))
    placed = sorter.proper[len(own) :]
    hinted = frozenset(placed) - frozenset(own)
    repeated = frozenset(word for word in placed if word in own or placed.count(word) > 1)
    proper = (*own, *(word for word in dict.fromkeys(placed) if word in hinted))
    return ParsedName(
        proper=proper,
        hinted=hinted if own else frozenset(),
        trades=tuple(dict.fromkeys(sorter.trades)),
        units=frozenset(units | sorter.marks()),
        forms=frozenset(forms | sorter.forms) - {""},
        countries=frozenset(sorter.countries),
        located=located,
        repeated=repeated if own else frozenset(),
        han=han,
        native=native,
        guessed=sorter.guessed + misheard,
    )
