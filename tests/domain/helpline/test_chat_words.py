"""What a message is taken for, in every language; and what it is not taken for."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.helpline.chat_words import LANGUAGE_NAMES, Said, Understood, bare, understood
from chalicelib.domain.references import receipt_code
from chalicelib.texts import for_workers

CODE = receipt_code("g_1", b"key")
DIGITS = CODE.replace("-", "")

ONE_WORD = [
    ("STOP", Said.STOP), (" stop. ", Said.STOP), ("Unsubscribe", Said.STOP), ("ARRÊT", Said.STOP),
    ("arret!", Said.STOP), ("停止", Said.STOP), ("退订。", Said.STOP), ("বন্ধ।", Said.STOP),
    ("dừng", Said.STOP), ("DUNG", Said.STOP), ("बंद।", Said.STOP), ("ရပ်။", Said.STOP),
    ("หยุด", Said.STOP), ("Berhenti", Said.STOP),
    ("TD", Said.STOP), ("t", Said.STOP), ("退出", Said.STOP), ("不要再发了！", Said.STOP),
    ("別聯繫我", Said.STOP), ("বন্ধ করুন", Said.STOP), ("থামুন।", Said.STOP),
    ("Đừng nhắn nữa", Said.STOP), ("HUY", Said.STOP), ("बंद करो", Said.STOP), ("रुको", Said.STOP),
    ("ရပ်ပါ။", Said.STOP), ("မပို့ပါနဲ့", Said.STOP), ("หยุดส่ง", Said.STOP), ("ยกเลิก", Said.STOP),
    ("jangan hubungi saya", Said.STOP), ("Please stop!", Said.STOP),
    ("Don’t write to me.", Said.STOP), ("Do not contact me", Said.STOP),
    ("start", Said.START), ("开始", Said.START), ("শুরু", Said.START), ("bắt đầu", Said.START),
    ("status??", Said.STATUS), ("进度", Said.STATUS), ("查询", Said.STATUS),
    ("tien do", Said.STATUS),
    ("help", Said.HELP), ("“帮助”", Said.HELP), ("সাহায্য", Said.HELP), ("bantuan", Said.HELP),
    ("语言", Said.LANGUAGES), ("LANGUAGE", Said.LANGUAGES), ("ngôn ngữ", Said.LANGUAGES),
    ("brands", Said.BRANDS), ("品牌", Said.BRANDS), ("merek", Said.BRANDS),
    ("1", Said.FACTORY_TOO), ("1.", Said.FACTORY_TOO), ("１", Said.FACTORY_TOO),
    ("১", Said.FACTORY_TOO), ("१", Said.FACTORY_TOO), ("၁", Said.FACTORY_TOO),
    ("๑", Said.FACTORY_TOO), ("1\ufe0f\u20e3", Said.FACTORY_TOO), ("(2)", Said.FACTORY_NOT),
    ("3", Said.NO_BRANDS), ("4", Said.MAY_WRITE), ("5", Said.MAY_NOT_WRITE),
    ("Yes", Said.YES), ("可以", Said.YES), ("হ্যাঁ", Said.YES), ("có", Said.YES),
    ("हाँ", Said.YES), ("ဟုတ်ကဲ့။", Said.YES), ("ใช่", Said.YES), ("ya", Said.YES),
    ("No!", Said.NO), ("不可以", Said.NO), ("না", Said.NO), ("không", Said.NO),
    ("नहीं", Said.NO), ("ไม่ได้", Said.NO), ("tidak", Said.NO),
    # Without signs, or in Latin letters, as people have them on their telephones.
    ("Bondho", Said.STOP), ("band", Said.STOP), ("roko!", Said.STOP), ("dung lai", Said.STOP),
    ("shuru", Said.START), ("bat dau", Said.START), ("obostha?", Said.STATUS),
    ("tinh trang", Said.STATUS), ("sthiti", Said.STATUS), ("perkembangan", Said.STATUS),
    ("sahajjo", Said.HELP), ("madad", Said.HELP), ("giup do", Said.HELP), ("tolong", Said.HELP),
    ("bhasha", Said.LANGUAGES), ("ngon ngu", Said.LANGUAGES), ("nhan hang", Said.BRANDS),
    ("haan ji", Said.YES), ("Iya", Said.YES), ("dong y", Said.YES), ("ได้ค่ะ", Said.YES),
    ("nahi", Said.NO), ("na", Said.NO), ("ko", Said.NO), ("gak", Said.NO), ("不要", Said.NO),
    ("", Said.NOTHING), (" \n\u3000", Said.NOTHING),
]  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), ONE_WORD)
def test_a_word_that_stands_alone_is_known_in_every_language(text: str, meant: Said) -> None:
    assert understood(text).said is meant


@pytest.mark.parametrize(
    "text",
    [
        "stop shouting at us", "老板停了我的工", "取消了我们的奖金", "please stop the overtime",
        "yes they hit us", "no pay", "1 month", "11", "6", "0", "1 2",
        "ha", "k", "ok", "da", "tak", "好的", "band tha", "na na", "gate band hai", "tolong saya",
        "I say yes", "不同意加班", "help me", "🙂", "।", "?", "4 of us", "二", "Ⅱ", "½",
    ],
)  # fmt: skip
def test_what_does_not_stand_alone_is_her_words(text: str) -> None:
    assert understood(text) == Understood(Said.WORDS, words=text)


def test_no_two_words_are_the_same() -> None:
    """Else one of them would never be understood."""
    from chalicelib.domain.helpline import chat_words

    written = [bare(word) for words in chat_words._WORDS.values() for word in words.split(",")]
    names = [*map(bare, chat_words._OTHER_NAMES), *map(bare, LANGUAGE_NAMES.values())]
    assert len({*written, *names}) == len(written) + len(names)


@pytest.mark.parametrize("number", range(1, 10))
def test_while_a_language_is_chosen_a_number_is_one(number: int) -> None:
    language = list(LANGUAGE_NAMES)[number - 1]

    chosen = Understood(Said.LANGUAGE, language=language)
    assert understood(str(number), choosing_language=True) == chosen
    assert understood(LANGUAGE_NAMES[language]) == chosen
    assert understood(str(number)).said is not Said.LANGUAGE


IN_LATIN_LETTERS = {
    "bn": "obostha bondho shuru brand sahajjo bhasha hyan na",
    "hi": "sthiti band shuru brand madad bhasha haan nahi",
    "id": "status berhenti mulai merek bantuan bahasa ya tidak",
}


@pytest.mark.parametrize("language", IN_LATIN_LETTERS)
def test_every_word_is_understood_in_latin_letters(language: str) -> None:
    meant = [understood(word).said for word in IN_LATIN_LETTERS[language].split()]

    assert meant == [
        Said.STATUS, Said.STOP, Said.START, Said.BRANDS, Said.HELP, Said.LANGUAGES, Said.YES,
        Said.NO,
    ]  # fmt: skip


def test_what_is_known_with_signs_is_known_without_them() -> None:
    """A telephone without Vietnamese signs; `dung` is also `right`, and taken for the safer one."""
    from chalicelib.domain.helpline import chat_words

    words = [*chat_words._KNOWN, *chat_words._LANGUAGES]
    vietnamese = [word for word in words if word.isalpha() or " " in word]
    unsigned = {word: _unsigned(word) for word in vietnamese}
    lost = [
        word
        for word, plain in unsigned.items()
        if word != plain and plain.isascii() and understood(plain) != understood(word)
    ]

    assert lost == []


def _unsigned(word: str) -> str:
    plain = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join(each for each in plain if not unicodedata.combining(each))


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("Bengali", "bn"),
        ("英文", "en"),
        ("繁體", "zh-hant"),
        ("tieng anh", "en"),
        ("Myanmar", "my"),
    ],
)
def test_a_language_has_more_names_than_its_own(name: str, language: str) -> None:
    assert understood(name) == Understood(Said.LANGUAGE, language=language)


def test_the_names_are_those_of_the_languages_that_there_are_texts_in() -> None:
    assert LANGUAGE_NAMES.keys() == for_workers.languages()


@pytest.mark.parametrize("written", [CODE, DIGITS, f" {CODE}. ", CODE.replace("-", " ")])
def test_a_receipt_code_alone_is_one_however_it_is_written(written: str) -> None:
    assert understood(written)[:3] == (Said.CODE, None, DIGITS)


def test_a_receipt_code_in_another_scripts_digits_is_the_same() -> None:
    bengali = "".join(chr(0x09E6 + int(digit)) for digit in DIGITS)
    assert understood(bengali).code == DIGITS


def test_words_around_a_code_are_kept_without_it() -> None:
    meant = understood(f"My code: {CODE}\nthey hit me again")

    assert meant.said is Said.CODE_AND_WORDS
    assert (meant.code, DIGITS in meant.words) == (DIGITS, False)
    assert meant.words.split() == ["My", "code:", "they", "hit", "me", "again"]


def test_a_mistyped_code_alone_is_a_wrong_one_and_a_number_in_a_story_is_words() -> None:
    wrong = DIGITS[:-1] + str((int(DIGITS[-1]) + 1) % 10)

    assert understood(wrong).said is Said.WRONG_CODE
    assert understood(f"card {wrong} was taken").said is Said.WORDS
    assert understood("call me 13800138000").said is Said.WORDS


@given(st.text(max_size=60))
def test_any_text_is_understood_as_something(text: str) -> None:
    meant = understood(text)

    assert meant.said is not Said.WORDS or meant.words == text
    assert bare(bare(text)) == bare(text)
