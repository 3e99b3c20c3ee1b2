"""What workers read: the same sentences in every language, in that language's own letters."""

import json
import unicodedata
from pathlib import Path

import pytest

import chalicelib.texts
from chalicelib.api.progress import FALLBACK, languages
from chalicelib.domain.vocabulary import State

FOLDER = Path(chalicelib.texts.__path__[0])
SCRIPTS = {
    "bn": "BENGALI",
    "en": "LATIN",
    "hi": "DEVANAGARI",
    "vi": "LATIN",
    "zh": "CJK",
    "zh-hant": "CJK",
}
KEYS = {f"{kind}.{state}" for kind in ("progress", "next") for state in State}
SENTENCE_ENDS = (".", "。", "।")


def catalogue(language: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text("utf-8"))
    return texts


def letters(text: str) -> list[str]:
    return [character for character in text if character.isalpha()]


def test_the_languages_are_those_that_have_a_catalogue() -> None:
    assert languages() == set(SCRIPTS) == {path.stem for path in FOLDER.glob("*.json")}
    assert FALLBACK in languages()


@pytest.mark.parametrize("language", SCRIPTS)
def test_every_catalogue_says_of_every_state_how_it_stands_and_what_is_next(language: str) -> None:
    assert set(catalogue(language)) == KEYS


@pytest.mark.parametrize("language", SCRIPTS)
def test_every_text_is_sentences_in_the_languages_own_script(language: str) -> None:
    for key, text in catalogue(language).items():
        strange = [
            c for c in letters(text) if not unicodedata.name(c).startswith(SCRIPTS[language])
        ]

        assert strange == [], key
        assert text.endswith(SENTENCE_ENDS), key
        assert text == text.strip(), key
        assert unicodedata.is_normalized("NFC", text) or language in ("bn", "hi"), key


@pytest.mark.parametrize("language", SCRIPTS)
def test_no_text_holds_a_placeholder(language: str) -> None:
    assert [t for t in catalogue(language).values() if set("{}%$<>[]_") & set(t)] == []


@pytest.mark.parametrize("language", sorted(set(SCRIPTS) - {"en"}))
def test_nothing_was_left_in_english(language: str) -> None:
    english = catalogue("en")

    assert [key for key, text in catalogue(language).items() if text == english[key]] == []


def test_traditional_chinese_is_not_simplified_chinese() -> None:
    simplified, traditional = catalogue("zh"), catalogue("zh-hant")

    assert sum(simplified[key] == traditional[key] for key in KEYS) <= 2


@pytest.mark.parametrize("language", SCRIPTS)
def test_the_states_read_differently(language: str) -> None:
    texts = catalogue(language)

    assert len({texts[f"progress.{state}"] for state in State}) == len(State)


@pytest.mark.parametrize("language", SCRIPTS)
def test_a_text_is_short_enough_to_be_read_out(language: str) -> None:
    assert max(map(len, catalogue(language).values())) <= 120
