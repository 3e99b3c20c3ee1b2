"""How a name sounds: spellings that ears and other alphabets confuse fall together."""

from functools import lru_cache
from typing import Final

_DIGRAPHS: Final = (
    ("ght", "t"), ("tch", "c"), ("sch", "s"), ("ph", "f"), ("bh", "b"), ("kh", "k"), ("gh", "g"),
    ("th", "t"), ("dh", "d"), ("sh", "s"), ("ch", "c"), ("jh", "j"), ("ck", "k"), ("qu", "k"),
    ("kn", "n"), ("ks", "x"), ("tz", "j"), ("ts", "j"), ("wr", "r"),
)  # fmt: skip
_LETTERS: Final = str.maketrans({"v": "b", "z": "j", "q": "k", "c": "k", "y": "i", "w": "u"})
_VOWEL_LETTERS: Final = str.maketrans({"e": "i", "o": "u", "h": None})
_NO_VOWELS: Final = str.maketrans(dict.fromkeys("aeiouh"))


def _single(word: str) -> str:
    """Doubled letters once."""
    return "".join(c for c, before in zip(word, " " + word, strict=False) if c != before)


@lru_cache(maxsize=65536)
def sound(word: str) -> str:
    """The word with consonants merged that are confused, vowels in three classes kept."""
    for written, heard in _DIGRAPHS:
        if written in word:
            word = word.replace(written, heard)
    return _single(word.translate(_LETTERS).translate(_VOWEL_LETTERS))


@lru_cache(maxsize=65536)
def skeleton(word: str) -> str:
    """The consonants of `sound`; a leading vowel leaves an `a`."""
    heard = sound(word)
    if not heard:
        return ""
    bare = _single(heard.translate(_NO_VOWELS))
    return "a" + bare if heard[0] in "aiu" else bare
