"""In which language a message is written; and where that cannot be told, that it is not."""

import re
import unicodedata
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.helpline import common_words
from chalicelib.domain.helpline.common_words import ELSEWHERE, LANGUAGE_OF
from chalicelib.domain.helpline.spoken_language import spoken_language
from chalicelib.texts import for_workers

WRITTEN: dict[str, list[str]] = yaml.safe_load(
    Path(__file__).with_name("messages_by_language.yaml").read_text("utf-8")
)
IN_OWN_SCRIPT = ("zh", "zh-hant", "bn", "hi", "my", "th", "vi")
IN_LATIN_LETTERS = ("en", "id", "vi-Latn", "hi-Latn", "bn-Latn")
TOLD_AT_LEAST = {"en": 18, "id": 20, "vi-Latn": 24, "hi-Latn": 22, "bn-Latn": 20}
"""Of 25 messages each, as many as were told when they were new."""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("老板不给我们工资", "zh"), ("老闆不給我們工資", "zh-hant"), ("加班费", "zh"),
        ("平日加班費怎麼算", "zh-hant"), ("厂里罚款吗", "zh"),
        ("बेतन नहीं मिला", "hi"), ("বেতন পাইনি।", "bn"), ("လစာ မရသေးဘူး", "my"),
        ("ยังไม่ได้ค่าจ้าง", "th"), ("Tôi chưa được trả lương", "vi"), ("lương", "vi"),
        ("They do not pay us", "en"), ("gaji belum dibayar", "id"), ("TOI CHUA CO LUONG", "vi"),
        ("tôi không có tiên", "vi"), ("mera paisa nahi mila", "hi"),
        ("amar beton dey nai", "bn"), ("I don\u2019t want it, they can\u2019t", "en"),
        ("He said 加班 again", "zh"), ("हमें overtime का पैसा do not pay they", "hi"),
    ],
)  # fmt: skip
def test_a_language_is_known_by_its_letters_or_its_words(text: str, language: str) -> None:
    assert spoken_language(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "café", "123 🙂", "", "ok", "hello", "salary problem", "overtime", "Nguyen Van A",
        "hindi pa kami binabayaran ng amo", "thank you", "mera they", "gaji they will",
        "Sunrise Textiles Unit 2, Plot 14, Gazipur, the one behind our mosque by Road 7 and Gate 3",
    ],
)  # fmt: skip
def test_what_is_not_clear_is_not_told(text: str) -> None:
    """One word, a name, another language, two languages at once."""
    assert spoken_language(text) is None


@pytest.mark.parametrize("language", IN_OWN_SCRIPT)
def test_a_script_of_its_own_is_always_told(language: str) -> None:
    told = [spoken_language(text, known=language) for text in WRITTEN[language]]

    assert told == [language] * len(told)


@pytest.mark.parametrize("written", IN_LATIN_LETTERS)
def test_most_of_what_is_written_in_latin_letters_is_told_and_nothing_wrongly(
    written: str,
) -> None:
    told = [spoken_language(text) for text in WRITTEN[written]]
    language = written.removesuffix("-Latn")

    assert set(told) <= {language, None}
    assert told.count(language) >= TOLD_AT_LEAST[written]


def test_other_languages_and_names_are_not_taken_for_ours() -> None:
    told = {text: spoken_language(text) for text in WRITTEN["other"]}

    malay = "gaji saya tak bayar lagi bos kejam"  # its speakers read Indonesian
    assert {text: found for text, found in told.items() if found} == {malay: "id"}


@pytest.mark.parametrize("language", ["en", "id", "vi"])
def test_none_of_our_own_sentences_is_taken_for_another_language(language: str) -> None:
    """Texts that somebody else wrote than the lists; Vietnamese is read without its signs."""
    texts = for_workers.catalogue(language).values()
    sentences = [each for text in texts for each in re.split(r"[.:?!;]", text) if each.strip()]

    told = [spoken_language(_unsigned(each)) for each in sentences]

    assert set(told) == {language, None}
    assert told.count(language) > len(told) / 2


def _unsigned(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(each for each in plain if not unicodedata.combining(each))


def test_chinese_that_may_be_written_either_way_is_what_it_was() -> None:
    assert spoken_language("加班", known="zh-hant") == "zh-hant"
    assert spoken_language("加班", known="en") == "zh"
    assert spoken_language("我们加班", known="zh-hant") == "zh"


@pytest.mark.parametrize("language", ["zh", "zh-hant"])
def test_no_text_of_ours_has_a_character_of_the_other_way_of_writing(language: str) -> None:
    other = "zh" if language == "zh-hant" else "zh-hant"
    text = "".join(for_workers.catalogue(language).values())

    assert [each for each in set(text) if spoken_language(each, known=language) == other] == []


def test_no_word_is_in_two_lists_and_each_is_as_it_is_looked_up() -> None:
    lists = [word for words in common_words._WORDS.values() for word in words.split()]

    assert len(lists) == len(set(lists)) == len(LANGUAGE_OF)
    assert [word for word in lists if not re.fullmatch("[a-z]{2,}", word)] == []
    assert set(LANGUAGE_OF.values()) - {ELSEWHERE} <= for_workers.languages()


@given(st.text(max_size=80), st.sampled_from(["en", "zh-hant", "bn"]))
def test_any_text_has_a_language_of_ours_or_none(text: str, known: str) -> None:
    told = spoken_language(text, known=known)

    assert told is None or told in for_workers.languages()
