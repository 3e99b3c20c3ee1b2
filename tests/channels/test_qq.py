"""QQ: what it has signed is heard once, all else is refused or acknowledged and dropped."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chalicelib.channels import qq
from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from chalicelib.domain.helpline.inbound import Inbound, InboundMedia
from chalicelib.domain.vocabulary import Channel
from chalicelib.errors import ValidationFailed
from infra.local.gateway import Answer
from tests.channels.lines import (
    LATER,
    NOT_SIGNED,
    NOT_THERE,
    cases_of,
    identity_of,
    open_line,
    refused,
)
from tests.service import START, Service

SECRET = "DG5g3B4j9X2KOErG"
APP_ID = "11111111"
OPENID = "E4F4AEA33253A2797FB897C50B81D7ED"
AT = "1725442341"
ADDRESS_CHECK = {"op": 13, "d": {"plain_token": "Arq0D5A61EgUu4OxUvOp", "event_ts": AT}}
SIGNED_CHECK = (
    "87befc99c42c651b3aac0278e71ada338433ae26fcb24307bdc5ad38c1adc2d0"
    "1bcfcadc0842edac85e85205028a1132afe09280305f13aa6909ffc2d652c706"
)


def event(**changes: Any) -> dict[str, Any]:
    data = {
        "id": "ROBOT1.0_example-1",
        "content": " 工资两个月没有发 ",
        "timestamp": "2026-11-22T16:00:00+08:00",
        "author": {"user_openid": OPENID},
        **changes,
    }
    return {"op": 0, "id": "C2C_MESSAGE_CREATE:x", "t": "C2C_MESSAGE_CREATE", "s": 1, "d": data}


def signed(body: bytes, *, secret: str = SECRET, app_id: str = APP_ID) -> dict[str, str]:
    """The headers as QQ sends them; the signature is made here, by hand."""
    seed = (secret.encode() * 3)[:32]
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(AT.encode() + body)
    return {
        "X-Signature-Ed25519": signature.hex(),
        "X-Signature-Timestamp": AT,
        "X-Bot-Appid": app_id,
        "User-Agent": "QQBot-Callback",
    }


def line_of(service: Service, **fields: Any) -> HelplineLine:
    return open_line(service, Provider.QQ, {"bot_secret": SECRET}, account=APP_ID, **fields)


def posted(service: Service, line: HelplineLine, payload: Any, **headers: str) -> Answer:
    body = json.dumps(payload).encode()
    return service.public().send(
        "POST", f"/v1/channels/qq/{line.line_id}", body, {**signed(body), **headers}
    )


def acknowledged(answer: Answer) -> bool:
    assert answer.headers["Content-Type"] == "application/json"
    return (answer.status, answer.body) == (200, b'{"op":12}')


# The signature


def test_the_public_key_is_the_one_of_qqs_documentation() -> None:
    public = qq._key("naOC0ocQE3shWLAfffVLB1rhYPG7").public_key().public_bytes_raw()
    assert list(public) == [
        *(215, 195, 98, 254, 120, 174, 248, 31, 242, 50, 135, 180, 147, 98, 139, 93),
        *(176, 42, 60, 79, 227, 11, 33, 94, 77, 25, 96, 155, 93, 118, 103, 58),
    ]


def test_the_address_check_is_answered_with_its_token_signed(service: Service) -> None:
    answer = posted(service, line_of(service), ADDRESS_CHECK)

    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json() == {"plain_token": "Arq0D5A61EgUu4OxUvOp", "signature": SIGNED_CHECK}
    assert service.everything() == []


def test_nobody_else_has_anything_signed(service: Service) -> None:
    """Or an event could be had signed: what is signed is laid out alike."""
    line = line_of(service)
    unsigned = service.public().post(f"/v1/channels/qq/{line.line_id}", ADDRESS_CHECK)
    as_event = {"op": 13, "d": {"event_ts": AT, "plain_token": json.dumps(event())}}

    assert refused(unsigned) == NOT_SIGNED
    assert refused(posted(service, line, as_event)) == (
        422,
        "validation_failed",
        {"d.plain_token"},
    )


def mutations() -> Iterator[tuple[str, bytes, dict[str, str]]]:
    """A signed message with one thing changed, one after the other."""
    body = json.dumps(event()).encode()
    whole = signed(body)
    for place in range(len(body)):
        yield f"body {place}", body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :], whole
    yield "body and a blank", body + b" ", whole
    yield "no body", b"", whole
    for name in ("X-Signature-Ed25519", "X-Signature-Timestamp", "X-Bot-Appid"):
        yield f"no {name}", body, {k: v for k, v in whole.items() if k != name}
        yield f"blank {name}", body, {**whole, name: ""}
        for place, sign in enumerate(whole[name]):
            other = "0" if sign != "0" else "1"
            changed = whole[name][:place] + other + whole[name][place + 1 :]
            yield f"{name} {place}", body, {**whole, name: changed}
    yield "no hex", body, {**whole, "X-Signature-Ed25519": "z" * 128}
    yield "twice", body, {**whole, "X-Signature-Ed25519": whole["X-Signature-Ed25519"] * 2}
    yield "cut", body, {**whole, "X-Signature-Ed25519": whole["X-Signature-Ed25519"][:-2]}
    yield "other digits", body, {**whole, "X-Signature-Timestamp": "\u0661" + AT[1:]}
    yield "another secret", body, signed(body, secret="another-secret")
    yield "another bot", body, signed(body, app_id="22222222")


def test_whatever_is_changed_in_what_was_signed_is_refused(service: Service) -> None:
    line = line_of(service)
    for what, body, headers in mutations():
        lowered = {name.lower(): value for name, value in headers.items()}
        assert not qq.verify(body, lowered, line, SECRET), what
    for what, body, headers in list(mutations())[::40]:
        answer = service.public().send("POST", f"/v1/channels/qq/{line.line_id}", body, headers)
        assert refused(answer) == NOT_SIGNED, what
    assert service.everything() == []


def test_a_sign_that_has_moved_from_the_timestamp_into_the_body_makes_no_object(
    service: Service,
) -> None:
    """What is signed is the two joined: the same bytes, parted elsewhere."""
    body, line = json.dumps(event()).encode(), line_of(service)
    moved = {**signed(body), "X-Signature-Timestamp": AT[:-1]}
    answer = service.public().send(
        "POST", f"/v1/channels/qq/{line.line_id}", AT[-1:].encode() + body, moved
    )
    assert refused(answer) == (422, "validation_failed", {"body"})


def test_what_is_not_signed_is_not_read(service: Service) -> None:
    """Nothing of a body is told to who cannot sign one."""
    line = line_of(service)
    answer = service.public().send("POST", f"/v1/channels/qq/{line.line_id}", b"{", {})
    assert refused(answer) == NOT_SIGNED


def test_a_line_without_its_secret_hears_nobody(service: Service) -> None:
    line = open_line(service, Provider.QQ, {}, account=APP_ID)
    assert refused(posted(service, line, event())) == NOT_SIGNED


# Messages


def test_a_message_becomes_a_case_and_its_sender_goes_to_the_vault(service: Service) -> None:
    line = line_of(service, language="zh", jurisdiction="CN")

    assert acknowledged(posted(service, line, event()))

    (case,) = cases_of(service)
    assert (case["channel"], case["narrative"], case["language"], case["jurisdiction"]) == (
        "qq",
        "工资两个月没有发",
        "zh",
        "CN",
    )
    assert case["consent"]["level"] == "C0"
    assert identity_of(service, case["grievance_id"]) == {"qq": OPENID}
    assert OPENID not in repr(service.everything())


def test_a_message_that_comes_again_is_acknowledged_and_makes_nothing(service: Service) -> None:
    line = line_of(service)
    posted(service, line, event())
    before = service.everything()

    for _ in range(2):
        service.clock.forward(hours=3)
        assert acknowledged(posted(service, line, event()))

    assert service.everything() == before


@pytest.mark.parametrize(
    "payload",
    [
        {"op": 0, "t": "GROUP_AT_MESSAGE_CREATE", "d": event()["d"]},
        {"op": 0, "t": "FRIEND_ADD", "d": {"openid": OPENID}},
        {"op": 0, "d": event()["d"]},
        {"op": 1, "d": 7},
        {"op": 0, "t": "C2C_MSG_REJECT", "d": None},
        {"op": "0", "t": "C2C_MESSAGE_CREATE", "d": event()["d"]},
        {},
    ],
)
def test_what_is_no_message_to_the_bot_alone_is_acknowledged_and_dropped(
    service: Service, payload: Any
) -> None:
    assert acknowledged(posted(service, line_of(service), payload))
    assert service.everything() == []


def test_pictures_are_told_with_where_they_lie() -> None:
    attachments = [
        {"url": "https://multimedia.example/1.jpg", "content_type": "image/jpeg", "size": 9},
        {"url": "https://multimedia.example/2", "content_type": 5},
        {"url": "not a url"},
        {"url": None},
        "nothing",
    ]
    assert qq.parse(json.dumps(event(content=None, attachments=attachments)).encode()) == Inbound(
        message_id="ROBOT1.0_example-1",
        channel=Channel.QQ,
        sender=OPENID,
        media=(
            InboundMedia(reference="https://multimedia.example/1.jpg", content_type="image/jpeg"),
            InboundMedia(reference="https://multimedia.example/2"),
        ),
        sent_at=START,
    )


def test_a_voice_is_taken_as_the_wav_that_qq_made_of_it() -> None:
    attachments = [
        {"url": "//multimedia.example/1.amr", "voice_wav_url": "//multimedia.example/1.wav"},
        {"url": "//multimedia.example/2.amr", "voice_wav_url": ""},
    ]
    heard = qq.parse(json.dumps(event(content=None, attachments=attachments)).encode())
    assert isinstance(heard, Inbound)
    assert [medium.reference for medium in heard.media] == [
        "https://multimedia.example/1.wav",
        "https://multimedia.example/2.amr",
    ]


def test_what_a_text_may_not_hold_is_left_out_and_the_rest_is_heard() -> None:
    heard = qq.parse(json.dumps(event(content="a\x00b\u202e\ud800c" + "d" * 10_001)).encode())
    assert isinstance(heard, Inbound)
    assert heard.text == "abc" + "d" * 9_997


@pytest.mark.parametrize(
    "at", [None, 5, "", "yesterday", "2026-11-22T16:00:00", "0001-01-01T00:00:00+14:00"]
)
def test_a_time_that_is_none_is_not_told(at: Any) -> None:
    heard = qq.parse(json.dumps(event(timestamp=at)).encode())
    assert isinstance(heard, Inbound)
    assert heard.sent_at is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": None}, "d.id"),
        ({"id": ""}, "d.id"),
        ({"id": 5}, "d.id"),
        ({"id": "x" * 256}, "d.id"),
        ({"id": "a\nb"}, "d.id"),
        ({"author": None}, "d.author"),
        ({"author": {}}, "d.author.user_openid"),
        ({"author": {"user_openid": "ü"}}, "d.author.user_openid"),
    ],
)
def test_a_signed_message_without_what_it_must_have_names_the_field(
    service: Service, changes: dict[str, Any], field: str
) -> None:
    answer = posted(service, line_of(service), event(**changes))
    assert refused(answer) == (422, "validation_failed", {field})
    assert service.everything() == []


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b'"x"', b"{", b"\xff", b"[" * 100_000, b'{"op":' + b"9" * 5_000 + b"}"],
)
def test_a_signed_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(ValidationFailed) as error:
        qq.parse(body)
    assert error.value.errors[0].field == "body"


# Lines and outages


def test_a_line_that_is_unknown_or_ended_or_anothers_is_not_there(service: Service) -> None:
    ended = line_of(service, name="ended", ended_at=START)
    others = open_line(service, Provider.WECHAT, {"bot_secret": SECRET}, account=APP_ID)
    unknown = ended.model_copy(update={"line_id": "ln_" + "0" * 26})
    answers = [posted(service, line, event()) for line in (ended, others, unknown)]

    assert [refused(answer) for answer in answers] == [NOT_THERE] * 3
    assert len({answer.body for answer in answers}) == 1
    assert service.everything() == []


def test_a_partners_line_files_for_that_partner_alone(service: Service) -> None:
    posted(service, line_of(service, partner_id="other-ngo"), event())
    posted(service, line_of(service), event())

    assert [len(cases_of(service, partner)) for partner in ("other-ngo", "handshake-gz")] == [1, 1]


@pytest.mark.parametrize("operation", ["GetItem", "GetSecretValue", "TransactWriteItems"])
def test_in_an_outage_it_is_asked_to_come_again_and_then_heard(
    service: Service, operation: str
) -> None:
    line = line_of(service)
    with service.refusing(operation):
        answer = posted(service, line, event())
    assert refused(answer) == LATER
    assert answer.headers["Retry-After"] == "5"

    assert acknowledged(posted(service, line, event()))
    assert len(cases_of(service)) == 1
