"""What people read: the same texts in every language, in that language's own letters.

Brands have one catalogue, workers another one, in more languages.
"""

import json
import re
import unicodedata
from pathlib import Path
from string import Formatter

import pytest

import chalicelib.texts
from chalicelib.domain.alerting.alert import Withdrawn
from chalicelib.domain.helpline.chat_words import Said, bare, understood
from chalicelib.domain.vocabulary import AlertKind, Category, IloIndicator, Severity, State
from chalicelib.texts import FALLBACK, best_language, for_workers, languages

FOLDER = Path(chalicelib.texts.__path__[0])
WORKERS = FOLDER / "workers"
SCRIPTS = {
    "bn": "BENGALI",
    "en": "LATIN",
    "hi": "DEVANAGARI",
    "vi": "LATIN",
    "zh": "CJK",
    "zh-hant": "CJK",
}
WORKERS_SCRIPTS = {**SCRIPTS, "id": "LATIN", "my": "MYANMAR", "th": "THAI"}
BOTH = [(FOLDER, language) for language in SCRIPTS]
BOTH += [(WORKERS, language) for language in WORKERS_SCRIPTS]
SENTENCES = {f"{kind}.{state}" for kind in ("progress", "next") for state in State}
WORDS = {
    *(f"{group}.{kind}" for group in ("kind", "alert.headline", "sms") for kind in AlertKind),
    *(f"severity.{severity}" for severity in Severity),
    *(f"category.{category}" for category in Category),
    *(f"ilo.{indicator}" for indicator in IloIndicator),
    *(f"alert.withdrawn_{what}" for what in Withdrawn),
}
NOT_OF_ANY_SCRIPT = re.compile(r"{[a-z_]+}|S[1-4]|UTC")
SENTENCE_ENDS = (".", "。", "।", "။")
LONGEST_CHAT = 300
"""Characters: what a worker pays for, or reads on a small screen, at one time."""


def catalogue(language: str, folder: Path = FOLDER) -> dict[str, str]:
    """The texts of a language as they stand in its file."""
    texts: dict[str, str] = json.loads((folder / f"{language}.json").read_text("utf-8"))
    return texts


def receipts(language: str) -> dict[str, str]:
    """Those that say how a case stands."""
    texts = catalogue(language, WORKERS)
    return {key: text for key, text in texts.items() if key in SENTENCES}


def chats(language: str) -> dict[str, str]:
    """Those that a line of a helpline says."""
    texts = catalogue(language, WORKERS)
    return {key: text for key, text in texts.items() if key.startswith("chat.")}


def placeholders(text: str) -> list[str]:
    """What is filled in, in any order."""
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def letters(text: str) -> list[str]:
    return [character for character in text if character.isalpha()]


def test_the_languages_are_those_that_have_a_catalogue() -> None:
    assert languages() == set(SCRIPTS) == {path.stem for path in FOLDER.glob("*.json")}
    assert for_workers.languages() == set(WORKERS_SCRIPTS)
    assert for_workers.languages() == {path.stem for path in WORKERS.glob("*.json")}
    assert FALLBACK in languages() & for_workers.languages()


@pytest.mark.parametrize("language", WORKERS_SCRIPTS)
def test_every_catalogue_says_of_every_state_how_it_stands_and_what_is_next(language: str) -> None:
    assert set(receipts(language)) == SENTENCES


@pytest.mark.parametrize(("folder", "language"), BOTH)
def test_every_catalogue_has_the_same_texts_with_the_same_placeholders(
    folder: Path, language: str
) -> None:
    texts, english = catalogue(language, folder), catalogue("en", folder)

    assert texts.keys() == english.keys()
    assert set(texts) >= (WORDS if folder is FOLDER else SENTENCES)
    for key, text in texts.items():
        assert placeholders(text) == placeholders(english[key]), key
        assert all(re.fullmatch("[a-z_]+", name) for name in placeholders(text)), key


@pytest.mark.parametrize("language", SCRIPTS)
def test_no_word_of_the_field_is_missing_or_left_over(language: str) -> None:
    groups = ("kind.", "severity.", "category.", "ilo.", "sms.", "alert.headline.")

    assert {key for key in catalogue(language) if key.startswith(groups)} <= WORDS


@pytest.mark.parametrize("language", SCRIPTS)
def test_two_words_of_a_group_are_never_the_same(language: str) -> None:
    texts = catalogue(language)
    for group in ("kind.", "severity.", "category.", "ilo.", "alert.label.", "alert.headline."):
        words = [text for key, text in texts.items() if key.startswith(group)]

        assert len(words) == len(set(words)), group


@pytest.mark.parametrize(("folder", "language"), BOTH)
def test_every_text_is_in_the_languages_own_script(folder: Path, language: str) -> None:
    for key, text in catalogue(language, folder).items():
        own = letters(NOT_OF_ANY_SCRIPT.sub("", text))
        script = WORKERS_SCRIPTS[language]
        strange = [c for c in own if not unicodedata.name(c).startswith(script)]

        assert strange == [], key
        assert text == text.strip(), key
        assert unicodedata.is_normalized("NFC", text) or language in ("bn", "hi"), key


@pytest.mark.parametrize("language", sorted(set(WORKERS_SCRIPTS) - {"th"}))  # Thai has no full stop
def test_what_a_worker_reads_is_sentences_without_a_placeholder(language: str) -> None:
    assert [t for t in receipts(language).values() if set("{}%$<>[]_") & set(t)] == []
    assert [t for t in receipts(language).values() if not t.endswith(SENTENCE_ENDS)] == []


@pytest.mark.parametrize(("folder", "language"), [each for each in BOTH if each[1] != "en"])
def test_nothing_was_left_in_english(folder: Path, language: str) -> None:
    english = catalogue("en", folder)

    left = [key for key, text in catalogue(language, folder).items() if text == english[key]]
    assert left == [], left


def test_traditional_chinese_is_not_simplified_chinese() -> None:
    simplified, traditional = catalogue("zh"), catalogue("zh-hant")
    hers, theirs = catalogue("zh", WORKERS), catalogue("zh-hant", WORKERS)

    assert sum(hers[key] == theirs[key] for key in hers) <= 2
    assert sum(simplified[key] == traditional[key] for key in WORDS) <= 12


@pytest.mark.parametrize("language", WORKERS_SCRIPTS)
def test_the_states_read_differently(language: str) -> None:
    texts = catalogue(language, WORKERS)

    assert len({texts[f"progress.{state}"] for state in State}) == len(State)


@pytest.mark.parametrize("language", WORKERS_SCRIPTS)
def test_a_text_is_short_enough_to_be_read_out(language: str) -> None:
    assert max(map(len, receipts(language).values())) <= 120
    assert max(map(len, chats(language).values())) <= LONGEST_CHAT


@pytest.mark.parametrize("language", WORKERS_SCRIPTS)
def test_a_question_names_its_answers_and_only_those(language: str) -> None:
    """The number of one question is never an answer to the other one."""
    texts = chats(language)

    for key in ("chat.ask_brands", "chat.ask_brands_abroad"):
        assert [d for d in map(_digit, texts[key]) if d is not None] == [1, 2, 3], key
    assert [d for d in map(_digit, texts["chat.ask_contact"]) if d is not None] == [4, 5]
    assert texts["chat.ask_brands"] != texts["chat.ask_brands_abroad"]


def _digit(character: str) -> int | None:
    return int(character) if character.isdecimal() else None


@pytest.mark.parametrize("language", WORKERS_SCRIPTS)
def test_the_words_a_text_tells_her_to_send_are_understood(language: str) -> None:
    """Read off the texts themselves: after a colon, a dash, in quotes, in capitals, at the end."""
    texts = chats(language)
    for key, meant in (("chat.contact_yes", Said.STOP), ("chat.stopped", Said.START)):
        words = {bare(word) for word in re.split(r"[\s:“”「」]+", texts[key])}
        words |= {bare(" ".join(texts[key].split()[-2:]))}
        assert meant in {understood(word).said for word in words}, key
    helped = texts["chat.help"]
    found = {understood(bare(word)).said for word in re.split(r"[:.。।။“”：；-]|\s+-", helped)}
    found |= {understood(bare(word)).said for word in helped.split()}
    assert {Said.STATUS, Said.BRANDS, Said.LANGUAGES, Said.STOP} <= found


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"),
        ("EN-gb", "en"),
        ("zh-CN", "zh"),
        ("zh-Hans-CN", "zh"),
        ("zh-TW", "zh-hant"),
        ("zh-Hant-HK", "zh-hant"),
        ("bn-BD", "bn"),
        ("de", "en"),
    ],
)
def test_a_language_without_a_catalogue_falls_back_to_a_broader_one(
    tag: str, language: str
) -> None:
    assert best_language(tag) == language


def test_of_several_languages_the_first_that_there_is_counts() -> None:
    assert best_language("de", "vi-VN", "en") == "vi"
