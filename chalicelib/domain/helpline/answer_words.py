"""The words that standard answers are found by, in scripts with spaces and without them.

Where a script has no spaces between words, every two neighbouring characters are a word, as in
Lucene's CJKAnalyzer: most Chinese words are of two characters, and nothing has to know them.
"""

import re
import unicodedata
from collections.abc import Iterator

MOST_WORDS = 64
"""How much of a question is looked at: the words after these tell nothing new."""

# What stands in nearly every message, and so tells nothing of what it is about: words of grammar,
# and who works for whom. Chosen by hand, in the two languages that there are answers in.
_EMPTY = """
a about after again all also am an and any anybody anything are as at be because been before being
but by can cannot cant could did didn do does doesn doing don dont every for from get gets go goes
going got had has have having he her here him his how i if im in into is isn it its just let like ll
long made make many may me might more most much must my myself no nobody not nothing now of off on
once only or other our out over own please re s say says she should sir so some still t tell than
that the their them then there these they this those to told too up us ve very want wants was we
were what when where which while who whom whose why will with without won would yes you your
boss company employer factory
厂里 工厂 老板 公司 一个 个月 现在 可以 没有 合法 时候
"""
_EMPTY_WORDS = frozenset(_EMPTY.split())
_EMPTY_CHARACTERS = frozenset(
    "的了吗呢吧啊么我你他她它们这那就都也还是在和跟把被让给着过呀请问怎什哪几多少"
)

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


def words_that_tell(text: str) -> list[str]:
    """Those of them that tell what the question is about; none, where it is all grammar."""
    return [word for word in words_asked_for(text) if not _is_empty(word)]


def is_half_a_word(word: str) -> bool:
    """Whether it is a single character of a script without spaces, which may begin many words."""
    return len(word) == 1 and _RUN_OF_UNSPACED.match(word) is not None


def _is_empty(word: str) -> bool:
    return word in _EMPTY_WORDS or not _EMPTY_CHARACTERS.isdisjoint(word)


def _pairs(run: str) -> Iterator[str]:
    if len(run) == 1:
        yield run
    for position in range(len(run) - 1):
        yield run[position : position + 2]
