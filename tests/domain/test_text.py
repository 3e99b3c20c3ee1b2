"""Text that people wrote: what is refused, and that the rest is kept to the letter."""

import re
import unicodedata
from itertools import chain

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from chalicelib.domain.text import (
    CountryCode,
    LanguageTag,
    Line,
    Prose,
    in_parts,
    readable,
    readable_line,
)

LINE: TypeAdapter[str] = TypeAdapter(Line)
PROSE: TypeAdapter[str] = TypeAdapter(Prose)
COUNTRY: TypeAdapter[str] = TypeAdapter(CountryCode)
LANGUAGE: TypeAdapter[str] = TypeAdapter(LanguageTag)

CONTROLS = [
    chr(code) for code in chain(range(0x20), range(0x7F, 0xA0)) if chr(code) not in "\t\n\r"
]
BIDI = [chr(code) for code in chain(range(0x202A, 0x202F), range(0x2066, 0x206A))]
NO_CHARACTERS = ["\ufffe", "\uffff"]
BREAKS = ["\t", "\n", "\r", "\u2028", "\u2029"]
KEPT = [
    "Å vs A\u030a",  # composed and decomposed stay different
    "ＡＢＣ　１２３",
    "👩‍🏭 ",
    "a\u200bb",
    "د\u200fعوى",
    "x" + "\u0301" * 400,
    "\U0010ffff",
    "'; DROP TABLE--",
    "{{7*7}}",
    "%00",
    "=1+1",
]


def accepts(kind: TypeAdapter[str], text: str) -> bool:
    try:
        return kind.validate_python(text) == text
    except ValidationError:
        return False


@pytest.mark.parametrize("kind", [LINE, PROSE], ids=["line", "prose"])
def test_controls_and_bidirectional_overrides_are_refused_wherever_they_stand(
    kind: TypeAdapter[str],
) -> None:
    refused = [*CONTROLS, *BIDI, *NO_CHARACTERS, "\ud800"]

    accepted = [c for c in refused for text in (c, f"a{c}", f"{c}a") if accepts(kind, text)]

    assert accepted == []


def test_line_breaks_are_refused_in_a_line_and_kept_in_prose() -> None:
    assert [c for c in BREAKS if accepts(LINE, f"a{c}b")] == []
    assert [c for c in BREAKS if accepts(PROSE, f"a{c}b")] == BREAKS


@pytest.mark.parametrize("text", KEPT)
@pytest.mark.parametrize("kind", [LINE, PROSE], ids=["line", "prose"])
def test_everything_else_is_kept_to_the_letter(kind: TypeAdapter[str], text: str) -> None:
    assert kind.validate_python(text) == text


@pytest.mark.parametrize(("kind", "longest"), [(LINE, 500), (PROSE, 20_000)], ids=["line", "prose"])
def test_text_has_a_length(kind: TypeAdapter[str], longest: int) -> None:
    assert accepts(kind, "工" * longest)
    assert not accepts(kind, "工" * (longest + 1))
    assert not accepts(kind, "")


def test_a_line_of_blanks_is_refused() -> None:
    blanks = [chr(c) for c in range(0x10000) if unicodedata.category(chr(c)) == "Zs"]

    assert len(blanks) == 17
    assert [c for c in blanks if accepts(LINE, c) or accepts(LINE, c * 3)] == []
    assert [c for c in blanks if not accepts(LINE, f"{c}a{c}")] == []


def test_an_error_says_what_is_wrong_and_not_what_was_written() -> None:
    with pytest.raises(ValidationError) as refused:
        LINE.validate_python("secret\u202e")

    (error,) = refused.value.errors(include_input=False)
    assert error["msg"] == (
        "Value error, must not contain control characters or bidirectional overrides"
    )


ODD = st.text(
    st.sampled_from([*CONTROLS, *BIDI, *NO_CHARACTERS, *BREAKS, *" \u00a0\u3000a工😀"]), max_size=5
)


@given(st.one_of(st.text(max_size=20), ODD))
@example("0\n")
def test_the_patterns_of_the_schema_say_the_same_as_the_rules(text: str) -> None:
    for kind in (LINE, PROSE):
        schema = kind.json_schema()
        within = schema["minLength"] <= len(text) <= schema["maxLength"]
        # JSON Schema's `$` (ECMA-262) is the very end; Python's may stand before a last line feed.
        pattern = schema["pattern"].removesuffix("$") + r"\Z"
        by_schema = within and re.search(pattern, text) is not None

        assert by_schema is accepts(kind, text)


@pytest.mark.parametrize("text", ["cn", "CHN", "C", "", "C1", "ＣＮ", "CN\n", " CN"])
def test_a_country_is_two_capital_letters(text: str) -> None:
    assert accepts(COUNTRY, "CN")
    assert not accepts(COUNTRY, text)


@pytest.mark.parametrize("text", ["en", "zh-Hant-TW", "es-419", "sl-rozaj-biske", "ZH-cn"])
def test_a_language_is_a_tag(text: str) -> None:
    assert accepts(LANGUAGE, text)


@pytest.mark.parametrize(
    "text", ["", "e", "engl", "en_US", "en-", "-en", "zh-普通", "en-" + "a" * 33, "en\n"]
)
def test_what_is_no_tag_is_refused(text: str) -> None:
    assert not accepts(LANGUAGE, text)


@pytest.mark.parametrize("text", ["a\x00b", "a\u202eb", "a\ud800b", "\ufffeab\x7f", " ab\n"])
def test_words_that_nobody_can_mend_lose_what_is_refused_and_no_more(text: str) -> None:
    assert readable(text) == "ab"
    assert accepts(PROSE, readable(text))


def test_they_keep_their_lines_and_one_line_has_single_blanks() -> None:
    assert readable("a\r\nb\rc\n\nd") == "a\nb\nc\n\nd"
    assert readable_line(" a\r\n\u2028b\t c\u3000") == "a b c"
    assert readable("\u200c\u200dক্ষ é 怡") == "\u200c\u200dক্ষ é 怡"


@pytest.mark.parametrize(
    ("text", "most", "parts"),
    [
        ("", 5, []),
        ("  \n", 5, []),
        ("abc", 5, ["abc"]),
        ("abc def", 5, ["abc", "def"]),
        ("abc\ndef ghi", 8, ["abc\ndef", "ghi"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
    ],
)
def test_a_text_is_cut_between_words_where_there_are_any(
    text: str, most: int, parts: list[str]
) -> None:
    assert list(in_parts(text, most)) == parts


def test_a_text_can_be_cut_by_its_bytes_and_no_character_is_torn() -> None:
    parts = list(in_parts("工资没有发", 7, lambda part: len(part.encode())))

    assert parts == ["工资", "没有", "发"]
