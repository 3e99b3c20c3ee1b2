"""Catalogues of texts in a folder, one JSON file a language, each with the same keys."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

FALLBACK = "en"

Texts = Mapping[str, str]

_CHINESE = {"zh-tw": "zh-hant", "zh-hk": "zh-hant", "zh-mo": "zh-hant"}


class Catalogues:
    """The catalogues of one folder of this package. Each is read once in a process."""

    def __init__(self, folder: str) -> None:
        """`folder` is seen from `chalicelib/texts`."""
        self._folder = resources.files("chalicelib.texts") / folder
        self.languages = cache(self._languages)
        self.catalogue = cache(self._catalogue)

    def best_language(self, *tags: str) -> str:
        """The first of the tags that there is a catalogue for, or for something broader; else
        English.

        `zh-hant-hk` falls back to `zh-hant`, then to `zh` (RFC 4647, section 3.4).
        """
        return next(filter(None, map(self.known_language, tags)), FALLBACK)

    def known_language(self, tag: str) -> str | None:
        """What a tag, or something broader, has a catalogue for; None where nothing has."""
        return next((each for each in _broader(tag.lower()) if each in self.languages()), None)

    def _languages(self) -> frozenset[str]:
        names = [file.name for file in self._folder.iterdir()]
        return frozenset(n.removesuffix(".json") for n in names if n.endswith(".json"))

    def _catalogue(self, language: str) -> Texts:
        texts: dict[str, str] = json.loads(
            self._folder.joinpath(f"{language}.json").read_text("utf-8")
        )
        return texts


def _broader(tag: str) -> list[str]:
    parts = _CHINESE.get(tag, tag).split("-")
    return ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]
