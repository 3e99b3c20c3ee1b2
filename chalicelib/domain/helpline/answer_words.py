"""The words that standard answers are found by, in scripts with spaces and without them.

Where a script has no spaces between words, every two neighbouring characters are a word, as in
Lucene's CJKAnalyzer: most Chinese words are of two characters, and nothing has to know them.
"""

import re
import unicodedata
from collections.abc import Iterator

MOST_WORDS = 64
"""How much of a question is looked at: the words after these tell nothing new."""

# Han with its extensions, kana, Thai, Lao, Myanmar, Khmer.
_UNSPACED = (
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u3040-\u30ff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
)
_RUNS = re.compile(f"[{_UNSPACED}]+|[^\\W_{_UNSPACED}]+(?:[\u0300-\u036f\u0900-\u0dff]+\\w*)*")
_RUN_OF_UNSPACED = re.compile(f"[{_UNSPACED}]")


def words(text: str) -> Iterator[str]:
    """The words of a text, in order, each time they occur."""
    for run in _RUNS.findall(unicodedata.normalize("NFKC", text).casefold()):
        yield from _pairs(run) if _RUN_OF_UNSPACED.match(run) else (run,)


def words_asked_for(text: str) -> list[str]:
    """The distinct words of a question, at most `MOST_WORDS` of them."""
    return list(dict.fromkeys(words(text)))[:MOST_WORDS]


def is_half_a_word(word: str) -> bool:
    """Whether it is a single character of a script without spaces, which may begin many words."""
    return len(word) == 1 and _RUN_OF_UNSPACED.match(word) is not None


def _pairs(run: str) -> Iterator[str]:
    if len(run) == 1:
        yield run
    for position in range(len(run) - 1):
        yield run[position : position + 2]
