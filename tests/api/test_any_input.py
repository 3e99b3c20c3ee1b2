"""Fuzz targets: each parser of the front door, of the pictures and of the verifier.

Whatever comes, a parser gives a value or refuses in the words it promises; anything else fails. A
normal run tries a few dozen inputs a parser, `HANDSHAKE_FUZZ_EXAMPLES` as many as one likes. The
parsers of disclosed lists have theirs in `tests/channels/disclosure`, those of names and places in
`tests/matching`.
"""

import copy
import inspect
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from chalicelib.api import parsing
from chalicelib.api.cursors import Cursors
from chalicelib.api.description.story import request_of
from chalicelib.api.endpoint import OPERATIONS, Operation
from chalicelib.api.parsing import (
    parse_body,
    parse_idempotency_key,
    parse_if_match,
    parse_query,
)
from chalicelib.api.progress import progress_of
from chalicelib.channels import kobo, qq, rapidpro, wechat
from chalicelib.channels.form_fields import FormDefaults, filing_as_told, filing_of, words_of
from chalicelib.channels.image_process import Refused
from chalicelib.channels.images import anew
from chalicelib.channels.shared_secret import carries
from chalicelib.channels.sounds import anew as sound_anew
from chalicelib.channels.twilio import parse as parse_message
from chalicelib.channels.twilio import read_form, verify
from chalicelib.channels.twilio_voice import parse as parse_call
from chalicelib.domain.admission.key_text import is_key_text
from chalicelib.domain.cases.facts import Filing
from chalicelib.domain.helpline.helpline_line import FormField, Provider
from chalicelib.domain.helpline.poster import poster_code_in
from chalicelib.domain.limits import network_of
from chalicelib.domain.references import normalise_receipt_code
from chalicelib.domain.vocabulary import AudioType, Channel, ImageType
from chalicelib.errors import HandshakeError
from tests.channels import test_kobo, test_qq, test_rapidpro, test_wechat
from tests.channels.twilio import line_of
from tests.domain.values import case
from tests.service import START
from tests.usecases import pictures, sounds
from verifier.reading import Malformed, parsed

fuzzed = settings(
    max_examples=int(os.environ.get("HANDSHAKE_FUZZ_EXAMPLES", "40")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

REFUSALS = tuple(HandshakeError.__subclasses__())
"""What may be said to a caller; the base class stands for a fault of ours."""

WITH_BODY = [operation for operation in OPERATIONS if operation.body]
WITH_QUERY = [operation for operation in OPERATIONS if operation.query]

TEXTS = st.text(max_size=40) | st.sampled_from(
    [
        *("", " ", "\u0000", "\u202e", "\ud800", "é", "e\u0301", "９", "null", "-0", "1e999"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-14:00", "2026-02-29"),
        *("5739-12-14T08:38:45+22:29", "2026-11-22T08:00:60Z", "C3", "CN", "g_0", "a" * 10_001),
    ]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


PICTURES = {
    ImageType.JPEG: pictures.photo(),
    ImageType.PNG: pictures.png(),
    ImageType.WEBP: pictures.webp(),
}

LINE = line_of(Provider.TWILIO_MESSAGES, account=None, address=None)


def names(operation: Operation) -> str:
    return operation.name


def places(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of everything in a JSON value."""
    steps: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        steps = value.items()
    elif isinstance(value, list):
        steps = enumerate(value)
    for step, inner in steps:
        yield (*before, step)
        yield from places(inner, (*before, step))


def with_changes(value: Any, changes: list[tuple[int, Any]]) -> bytes:
    """The documented body with other things in some of its places, as JSON."""
    changed = copy.deepcopy(value)
    paths = list(places(value))
    for number, anything in changes if paths else ():
        *way, last = paths[number % len(paths)]
        inner = changed
        with suppress(KeyError, IndexError, TypeError):  # what was there has been replaced
            for step in way:
                inner = inner[step]
            inner[last] = anything
    return json.dumps(changed).encode()


def taken_or_refused(parse: Callable[[], Any]) -> Any:
    """What a parser of the front door gives; None where it refuses."""
    with suppress(*REFUSALS):
        return parse()
    return None


@pytest.mark.parametrize("operation", WITH_BODY, ids=names)
def test_a_body_is_a_value_that_can_be_told_again_or_refused(operation: Operation) -> None:
    model, documented = operation.body, request_of(operation.name)
    assert model is not None

    @fuzzed
    @given(st.lists(st.tuples(st.integers(0, 99), ANYTHING), max_size=3))
    @example([])
    def tried(changes: list[tuple[int, Any]]) -> None:
        body = taken_or_refused(lambda: parse_body(model, with_changes(documented, changes)))
        if body is not None:
            assert model.model_validate_json(body.model_dump_json()) == body
        else:
            assert changes, "the documented body is refused"

    tried()


@pytest.mark.parametrize("operation", WITH_BODY[:1], ids=names)
@fuzzed
@given(raw=st.binary(max_size=200))
@example(raw=b"\xef\xbb\xbf{}")
@example(raw=b"[" * 10_000)
@example(raw=b'{"a":' * 10_000)
def test_any_bytes_are_a_body_or_refused(operation: Operation, raw: bytes) -> None:
    assert operation.body is not None
    model: type[BaseModel] = operation.body
    taken_or_refused(lambda: parse_body(model, raw))


@pytest.mark.parametrize("operation", WITH_QUERY, ids=names)
def test_a_query_is_a_value_or_refused(operation: Operation) -> None:
    model = operation.query
    assert model is not None

    @fuzzed
    @given(
        st.dictionaries(
            st.sampled_from(sorted(model.model_fields)) | TEXTS,
            st.lists(TEXTS | st.integers().map(str), min_size=1, max_size=2),
            max_size=4,
        )
    )
    def tried(query: dict[str, list[str]]) -> None:
        taken_or_refused(lambda: parse_query(model, query))

    tried()


@fuzzed
@given(TEXTS | st.from_regex(r'(W/)?"?[0-9]{1,20}"?'))
def test_headers_are_values_or_refused(header: str) -> None:
    version = taken_or_refused(lambda: parse_if_match(header))
    assert version is None or 0 <= version < 10**15
    key = taken_or_refused(lambda: parse_idempotency_key(header))
    assert key in (None, header)
    assert progress_of(case(), header)
    assert network_of(header)


@fuzzed
@given(TEXTS | st.from_regex(r"[\w-]{0,120}"))
def test_a_cursor_that_was_not_given_out_is_refused(cursor: str) -> None:
    cursors = Cursors(b"k" * 32, tenant="ngo", query={})
    assert taken_or_refused(lambda: cursors.read(cursor, START)) is None


@fuzzed
@given(TEXTS | st.from_regex(r"hsk_[0-9A-Za-z]{40,46}") | st.from_regex(r"[0-9 -]{10,24}"))
def test_a_key_and_a_receipt_code_are_recognised_or_not(text: str) -> None:
    assert is_key_text(text) in (True, False)
    code = normalise_receipt_code(text)
    assert code is None or normalise_receipt_code(code) == code


@fuzzed
@given(TEXTS | st.from_regex(r"[0-9A-Za-z]{4}[ -]?[0-9A-Za-z]{4}.{0,9}"))
def test_a_posters_code_is_found_or_not(text: str) -> None:
    found = poster_code_in(text)
    assert found is None or poster_code_in(found[0]) == (found[0], "")


@fuzzed
@given(st.binary(max_size=200) | TEXTS.map(lambda text: text.encode("utf-8", "replace")), TEXTS)
@example(b"Body=%ff", "x")
@example(b"CallSid=CA1&CallSid=CA2", "x")
@example(b"&=" * 600, "x")
def test_a_webhook_of_twilios_is_read_or_refused(body: bytes, signature: str) -> None:
    url = "https://handshake.test/v1/channels/twilio/ln"
    assert not taken_or_refused(lambda: verify(url, body, signature, "a token"))
    params = taken_or_refused(lambda: read_form(body))
    if params is not None:
        taken_or_refused(lambda: parse_message(params, LINE))
        taken_or_refused(lambda: parse_call(params))


@fuzzed
@given(
    st.sampled_from(list(ImageType)),
    st.sampled_from(list(ImageType)),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=8),
    st.integers(0, 10**6),
)
def test_a_damaged_picture_is_made_anew_or_refused(
    kind: ImageType, announced: ImageType, flips: list[tuple[int, int]], cut: int
) -> None:
    content = bytearray(PICTURES[kind])
    for place, byte in flips:
        content[place % len(content)] = byte
    with suppress(Refused):
        assert anew(bytes(content[: cut % len(content) + 1]), announced)


@fuzzed
@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=8),
    st.integers(0, 10**6),
)
def test_a_damaged_recording_is_made_anew_or_refused(
    flips: list[tuple[int, int]], cut: int
) -> None:
    content = bytearray(sounds.telling())
    for place, byte in flips:
        content[place % 100] = byte
    with suppress(Refused):
        assert sound_anew(bytes(content[: -1 - cut % 2_000]), AudioType.WAV)


VOICE_NOTES = {
    "opus": (sounds.recording("spoken.opus.ogg"), AudioType.OGG),
    "vorbis": (sounds.recording("spoken.vorbis.ogg"), AudioType.OGG),
    "mp3": (sounds.recording("spoken.mp3"), AudioType.MP3),
    "amr": (sounds.amr(), AudioType.AMR),
    "amr-wb": (sounds.amr(sounds.amr_frame(), mark=b"#!AMR-WB\n"), AudioType.AMR_WB),
}


@fuzzed
@given(
    st.sampled_from(sorted(VOICE_NOTES)),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=8),
    st.integers(0, 10**6),
    st.booleans(),
)
def test_a_damaged_voice_note_is_made_anew_or_refused(
    name: str, flips: list[tuple[int, int]], cut: int, sums_are_right: bool
) -> None:
    """With the sums of Ogg's pages as they were, and as somebody makes them who means harm."""
    told, announced = VOICE_NOTES[name]
    content = bytearray(told)
    for place, byte in flips:
        content[place % len(content)] = byte
    damaged = bytes(content[: cut % len(content) + 1])
    if sums_are_right and announced is AudioType.OGG:
        damaged = sounds.with_right_sums(damaged)
    with suppress(Refused):
        clean = sound_anew(damaged, announced)
        assert sound_anew(clean, announced) == clean


@fuzzed
@given(st.binary(max_size=200) | ANYTHING.map(lambda value: json.dumps(value).encode()))
@example(b"[" * 100_000)
@example(b'{"a":1,"a":2}')
@example(b"NaN")
def test_a_file_for_the_verifier_is_a_value_or_malformed(content: bytes) -> None:
    with suppress(Malformed):
        assert json.dumps(parsed(content))


CHANGES = st.lists(st.tuples(st.integers(0, 99), ANYTHING), max_size=3)


@fuzzed
@given(st.sampled_from([test_qq.event(), test_qq.ADDRESS_CHECK]), CHANGES)
def test_an_event_of_qq_is_read_or_refused(documented: dict[str, Any], changes: Any) -> None:
    body = with_changes(documented, changes)
    asked = taken_or_refused(lambda: qq.parse(body))
    if isinstance(asked, qq.AddressCheck):
        assert json.loads(qq.check_reply(asked, "a secret"))["plain_token"] == asked.plain_token


@fuzzed
@given(
    st.dictionaries(
        st.sampled_from(["MsgType", "Content", "MsgId", "FromUserName", "Event", "CreateTime"]),
        st.none() | TEXTS.map(lambda text: text.replace("]]>", "")),
    )
    | st.sampled_from([{"MsgType": kind, "MediaId": "1"} for kind in ("image", "voice", "event")]),
    st.binary(max_size=3),
    st.integers(0, 10**6),
)
def test_xml_of_wechat_is_read_or_refused(
    elements: dict[str, str | None], damage: bytes, place: int
) -> None:
    encodable = {n: v and v.encode("utf-8", "ignore").decode() for n, v in elements.items()}
    body = test_wechat.xml(**encodable)
    cut = place % (len(body) + 1)
    taken_or_refused(lambda: wechat.parse(body, test_wechat.LINE))
    taken_or_refused(lambda: wechat.parse(body[:cut] + damage + body[cut:], test_wechat.LINE))


@fuzzed
@given(st.sampled_from([test_rapidpro.default_body(), test_rapidpro.words_alone()]), CHANGES)
def test_a_flow_is_a_message_or_a_filing_or_refused(
    documented: dict[str, Any], changes: Any
) -> None:
    body, line = with_changes(documented, changes), test_rapidpro.LINE
    post = taken_or_refused(lambda: rapidpro.parse(body, line))
    if post is not None and taken_or_refused(lambda: rapidpro.message_in(post, line)) is None:
        form = taken_or_refused(lambda: rapidpro.filing_in(post, line))
        assert form is None or words_of(form.filing)


@fuzzed
@given(CHANGES)
def test_a_submission_of_kobo_is_a_filing_or_refused(changes: Any) -> None:
    body, line = with_changes(test_kobo.submission(), changes), test_kobo.LINE
    submission = taken_or_refused(lambda: kobo.parse(body, line))
    if submission is not None:
        form = taken_or_refused(lambda: kobo.filing_in(submission, line))
        assert form is None or words_of(form.filing)


@fuzzed
@given(st.dictionaries(st.sampled_from([*FormField, "another"]), ANYTHING, max_size=5))
def test_values_of_a_form_are_a_filing_or_errors_of_our_fields(values: dict[str, Any]) -> None:
    defaults = FormDefaults(Channel.WEB)
    taken_or_refused(lambda: filing_as_told(values, defaults))
    read = taken_or_refused(lambda: filing_of(values, defaults))
    if read is not None:
        assert Filing.model_validate_json(read.filing.model_dump_json()) == read.filing


@fuzzed
@given(TEXTS | st.from_regex(r"(Basic|Token|token) [\w=:]{0,40}"), TEXTS)
def test_whatever_is_sent_as_a_secret_is_none(authorization: str, header: str) -> None:
    sent = {"authorization": authorization, "x-handshake-secret": header}
    assert not carries(sent, {})
    assert not carries(sent, {"header_secret": "s" * 50, "basic_user": "u", "basic_password": "p"})


def test_each_parser_of_the_front_door_is_a_target() -> None:
    """A new one is found here."""
    parsers = {
        name
        for name, _ in inspect.getmembers(parsing, inspect.isfunction)
        if name.startswith("parse_")
    }
    assert parsers == {"parse_body", "parse_query", "parse_if_match", "parse_idempotency_key"}


def test_what_is_changed_in_a_body_is_really_sent() -> None:
    """A positive control of the fuzzing itself."""
    documented = request_of("submit_grievance")
    sent = Counter(
        with_changes(documented, [(number, "x")]) for number in range(len(list(places(documented))))
    )
    assert len(sent) == sum(sent.values()) > 20
