"""Text of cells: cleaned of what no one typed on purpose, and folded for comparison."""

from __future__ import annotations

import re
import unicodedata

# Invisible marks without meaning in a name; U+200C and U+200D stay, Bengali and Hindi need them.
_INVISIBLE = "\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\uffff"
# What programs print where a character was lost: replacement character, boxes, object marks.
_BOXES = "\ufffc\ufffd\u25a0\u25a1\u25af\u2610"
_BLANKS = re.compile(r"\s+")
_DROPPED = re.compile(f"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f{_INVISIBLE}{_BOXES}\ue000-\uf8ff]")
_WORD_BREAK = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
# Letters with a stroke do not decompose into letter and accent
_STROKES = str.maketrans("\u0131\u0110\u0111\u0141\u0142\u00d8\u00f8", "iddlloo")
_SPELT = re.compile("[&%#]")
_ASCII_WORDS = re.compile("[a-z0-9]+")
_ACCENTS = re.compile("[\u0300-\u036f]")


def clean(text: str) -> str:
    """`text` on one line: no control characters, no lost-character boxes, single blanks, trimmed.

    Spelling, case, punctuation and script stay as they were written.
    """
    return _BLANKS.sub(" ", _DROPPED.sub("", text)).strip()


def fold(text: str) -> str:
    """A comparison key: compatibility form, lower case, no accents, words parted by one blank.

    Only European accents go; the vowel and voicing marks of Asian scripts are letters.
    """
    text = _WORD_BREAK.sub(" ", text)
    if text.isascii() and not _SPELT.search(text):
        return " ".join(_ASCII_WORDS.findall(text.lower()))
    text = text.translate(_STROKES).casefold()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    spelt = bare.replace("&", " and ").replace("%", " percent ").replace("#", " no ")
    words = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in spelt)
    return unicodedata.normalize("NFC", " ".join(words.split()))
