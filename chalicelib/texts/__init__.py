"""Message catalogues, one file a language. Keys are the same in all of them; a test says so.

Receipts (`progress.`, `next.`), alerts (`alert.`, `sms.`), digests (`digest.`) and explanations of
subscriptions (`filter.`) are in one catalogue, with the words of the field (`kind.`, `severity.`,
`category.`, `ilo.`). What stands in braces is filled in with `str.format`. Alerts' texts are drafts
until somebody who speaks the language has read them: docs/messages.md says which are.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

FALLBACK = "en"

Texts = Mapping[str, str]

_CHINESE = {"zh-tw": "zh-hant", "zh-hk": "zh-hant", "zh-mo": "zh-hant"}


@cache
def languages() -> frozenset[str]:
    """The languages there is a catalogue for."""
    files = resources.files("chalicelib.texts").iterdir()
    return frozenset(f.name.removesuffix(".json") for f in files if f.name.endswith(".json"))


@cache
def catalogue(language: str) -> Texts:
    """The texts of one of `languages`."""
    text = resources.files("chalicelib.texts").joinpath(f"{language}.json").read_text("utf-8")
    texts: dict[str, str] = json.loads(text)
    return texts


def best_language(*tags: str) -> str:
    """The first of the tags that there is a catalogue for, or for something broader; else English.

    `zh-hant-hk` falls back to `zh-hant`, then to `zh` (RFC 4647, section 3.4).
    """
    for tag in tags:
        for candidate in _broader(tag.lower()):
            if candidate in languages():
                return candidate
    return FALLBACK


def _broader(tag: str) -> list[str]:
    parts = _CHINESE.get(tag, tag).split("-")
    return ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]
