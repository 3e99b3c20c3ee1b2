"""WeChat: who knows the token is heard, once, and answered in the same breath."""

import hashlib
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from chalicelib.channels import wechat
from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from chalicelib.domain.helpline.inbound import Inbound, InboundMedia
from chalicelib.domain.vocabulary import Channel
from chalicelib.errors import SignatureRefused, ValidationFailed
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

TOKEN = "a-token-of-tests"
ACCOUNT = "gh_0123456789ab"
OPENID = "oExample_openid-of-nobody-00"
QUERY = {"timestamp": "1795420800", "nonce": "486452656"}


def signature_of(timestamp: str, nonce: str, token: str = TOKEN) -> str:
    return hashlib.sha1("".join(sorted([token, timestamp, nonce])).encode()).hexdigest()


SIGNED = {"signature": signature_of(**QUERY), **QUERY}


def xml(**elements: str | None) -> bytes:
    """A message as WeChat writes it; None leaves an element out."""
    whole = {
        "ToUserName": ACCOUNT,
        "FromUserName": OPENID,
        "CreateTime": "1795420800",
        "MsgType": "text",
        "Content": "工资两个月没有发",
        "MsgId": "1234567890123456",
        **elements,
    }
    inner = "".join(f"<{n}><![CDATA[{v}]]></{n}>" for n, v in whole.items() if v is not None)
    return f"<xml>{inner}</xml>".encode()


def line_of(service: Service, **fields: Any) -> HelplineLine:
    secrets = {"token": TOKEN, "app_secret": "unused"}
    return open_line(service, Provider.WECHAT, secrets, **{"account": ACCOUNT, **fields})


LINE = HelplineLine(
    line_id="ln_" + "1" * 26,
    partner_id="handshake-gz",
    provider=Provider.WECHAT,
    name="test",
    account=ACCOUNT,
    created_at=START,
)


def posted(
    service: Service, line: HelplineLine, body: bytes, query: dict[str, str] | None = None
) -> Answer:
    asked = urlencode(SIGNED if query is None else query)
    path = f"/v1/channels/wechat/{line.line_id}?{asked}"
    return service.public().send("POST", path, body, {"content-type": "text/xml"})


def checked(service: Service, line: HelplineLine, **query: str) -> Answer:
    return service.public().get(f"/v1/channels/wechat/{line.line_id}?{urlencode(query)}")


def said_back(answer: Answer) -> dict[str, str | None]:
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    return {element.tag: element.text for element in ElementTree.fromstring(answer.body)}


def is_success(answer: Answer) -> bool:
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    return (answer.status, answer.body) == (200, b"success")


# The signature


def test_the_signature_is_the_hash_of_what_is_sorted_and_joined() -> None:
    """By hand: sha1 of `1795420800`, `486452656`, `a-token-of-tests`, in this order."""
    digest = hashlib.sha1(b"1795420800486452656a-token-of-tests").hexdigest()
    assert wechat.verify(digest, "1795420800", "486452656", TOKEN)
    assert wechat.verify(signature_of("9", "10"), "9", "10", TOKEN)


def test_the_check_of_an_address_is_answered_with_its_own_words(service: Service) -> None:
    answer = checked(service, line_of(service), **SIGNED, echostr="5837397576500011341")

    assert (answer.status, answer.body) == (200, b"5837397576500011341")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("echo", [None, "", "x" * 201, "é", "a\nb", " "])
def test_a_check_without_words_is_refused(service: Service, echo: str | None) -> None:
    words = {} if echo is None else {"echostr": echo}
    answer = checked(service, line_of(service), **SIGNED, **words)
    assert refused(answer) == (422, "validation_failed", {"echostr"})


@pytest.mark.parametrize("name", ["signature", "timestamp", "nonce"])
def test_whatever_is_changed_in_what_was_signed_is_refused(service: Service, name: str) -> None:
    line = line_of(service)
    changed = [SIGNED[name] + "0", SIGNED[name][:-1], "", "é", "\u202e"]
    for place, sign in enumerate(SIGNED[name]):
        other = "0" if sign != "0" else "1"
        changed.append(SIGNED[name][:place] + other + SIGNED[name][place + 1 :])
    queries = [{**SIGNED, name: value} for value in changed]
    queries.append({k: v for k, v in SIGNED.items() if k != name})

    for query in queries:
        assert refused(checked(service, line, **query, echostr="1")) == NOT_SIGNED, query
        assert refused(posted(service, line, xml(), query)) == NOT_SIGNED, query
    assert service.everything() == []


@pytest.mark.parametrize("secrets", [{}, {"token": ""}, {"app_secret": TOKEN}])
def test_a_line_without_its_token_hears_nobody(service: Service, secrets: dict[str, str]) -> None:
    line = open_line(service, Provider.WECHAT, secrets, account=ACCOUNT)
    query = {"signature": signature_of(**QUERY, token=""), **QUERY}
    assert refused(posted(service, line, xml(), query)) == NOT_SIGNED


def test_a_message_to_another_account_is_refused(service: Service) -> None:
    line = line_of(service)
    for account in ("gh_another", None, ""):
        assert refused(posted(service, line, xml(ToUserName=account))) == NOT_SIGNED
    assert service.everything() == []


# Messages


def test_a_text_becomes_a_case_and_is_answered_at_once(service: Service) -> None:
    line = line_of(service, language="zh", jurisdiction="CN")

    said = said_back(posted(service, line, xml()))

    (case,) = cases_of(service)
    assert (case["channel"], case["narrative"], case["language"], case["jurisdiction"]) == (
        "wechat",
        "工资两个月没有发",
        "zh",
        "CN",
    )
    assert identity_of(service, case["grievance_id"]) == {"wechat": OPENID}
    assert OPENID not in repr(service.everything())
    assert said.pop("Content")
    assert said == {
        "ToUserName": OPENID,
        "FromUserName": ACCOUNT,
        "CreateTime": str(int(START.timestamp())),
        "MsgType": "text",
    }


def test_a_message_that_comes_again_gets_the_same_answer_and_makes_nothing(
    service: Service,
) -> None:
    line = line_of(service)
    first = posted(service, line, xml())
    before = service.everything()

    again = posted(service, line, xml(), {**SIGNED, "openid": OPENID, "encrypt_type": "raw"})

    assert again == first
    assert service.everything() == before


def test_what_a_reply_says_can_hold_anything() -> None:
    text = "a]]>b]]]>c<d>&amp;]]\x0b\ud800e"
    to = Inbound(message_id="1", channel=Channel.WECHAT, sender=OPENID)
    written = wechat.reply(text, to=to, line=LINE, at=START)
    assert written is not None
    assert ElementTree.fromstring(written).findtext("Content") == "a]]>b]]]>c<d>&amp;]]e"


def test_a_reply_that_does_not_fit_is_none() -> None:
    to = Inbound(message_id="1", channel=Channel.WECHAT, sender=OPENID)
    assert wechat.reply("工" * 682, to=to, line=LINE, at=START)
    assert wechat.reply("工" * 683, to=to, line=LINE, at=START) is None


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [
        ("image", "image/jpeg"),
        ("voice", "audio/amr"),
        ("video", "video/mp4"),
        ("shortvideo", "video/mp4"),
    ],
)
def test_a_picture_or_a_voice_is_told_with_its_id(kind: str, content_type: str) -> None:
    body = xml(MsgType=kind, MediaId="media-1", Content=None, PicUrl="http://example.test/1")
    assert wechat.parse(body, LINE) == Inbound(
        message_id="1234567890123456",
        channel=Channel.WECHAT,
        sender=OPENID,
        media=(InboundMedia(reference="media-1", content_type=content_type),),
        sent_at=datetime.fromtimestamp(1795420800, UTC),
    )


def test_a_link_is_its_words_and_where_a_worker_is_is_not_looked_at() -> None:
    link = xml(MsgType="link", Title="A notice", Description="", Url="https://example.test/1")
    place = xml(MsgType="location", Location_X="23.1", Location_Y="113.3", Label="a place")
    read = [wechat.parse(body, LINE) for body in (link, place)]
    assert [each and each.text for each in read] == ["A notice\nhttps://example.test/1", ""]


@pytest.mark.parametrize(("event", "word"), [("subscribe", "start"), ("unsubscribe", "stop")])
def test_following_and_leaving_say_what_a_worker_could_have_written(event: str, word: str) -> None:
    body = xml(MsgType="event", Event=event, Content=None, MsgId=None, EventKey="")
    first, again = wechat.parse(body, LINE), wechat.parse(body, LINE)
    later = wechat.parse(body.replace(b"1795420800", b"1795420801"), LINE)

    assert first is not None
    assert later is not None
    assert (first, first.text) == (again, word)
    assert first.message_id != later.message_id
    assert OPENID not in first.message_id


@pytest.mark.parametrize(
    "body",
    [
        xml(MsgType="event", Event="CLICK", EventKey="help", MsgId=None),
        xml(MsgType="event", Event="LOCATION", MsgId=None),
        xml(MsgType="event", Event=None, MsgId=None),
        xml(MsgType="hologram"),
        xml(MsgType=None),
    ],
)
def test_what_nobody_has_written_is_answered_and_dropped(service: Service, body: bytes) -> None:
    assert is_success(posted(service, line_of(service), body))
    assert service.everything() == []


def test_encrypted_mode_is_refused_with_what_to_do(service: Service) -> None:
    body = f"<xml><ToUserName>{ACCOUNT}</ToUserName><Encrypt>bm90aGluZw==</Encrypt></xml>"
    answer = posted(service, line_of(service), body.encode())

    assert refused(answer) == (422, "validation_failed", {"Encrypt"})
    assert answer.json()["errors"][0]["code"] == "encrypted_mode"
    assert "plaintext mode" in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"MsgId": None}, "MsgId"),
        ({"MsgId": "x"}, "MsgId"),
        ({"MsgId": "1" * 33}, "MsgId"),
        ({"FromUserName": None}, "FromUserName"),
        ({"FromUserName": "ü"}, "FromUserName"),
        ({"MsgType": "image", "MediaId": None}, "MediaId"),
    ],
)
def test_a_message_without_what_it_must_have_names_the_field(
    service: Service, changes: dict[str, str | None], field: str
) -> None:
    answer = posted(service, line_of(service), xml(**changes))
    assert refused(answer) == (422, "validation_failed", {field})
    assert service.everything() == []


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<xml><ToUserName>&b;</ToUserName></xml>"""
OUTSIDE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><Content>&e;</Content></xml>'
HOSTILE = [
    *(b"", b"<", b"<xml>", b"{}", b"\xff\xfe", BOMB, OUTSIDE, b"<!DOCTYPE xml><xml/>"),
    *(b"<a>" * 80_000, b'<?xml version="1.0" encoding="gb18030"?><xml/>'),
    *(b'<?xml version="1.0" encoding="nonsense"?><xml/>', b"<xml>\x00</xml>"),
]


@pytest.mark.parametrize("body", HOSTILE)
def test_what_is_no_xml_or_more_than_that_is_refused(service: Service, body: bytes) -> None:
    answer = posted(service, line_of(service), body)
    assert refused(answer) == (422, "validation_failed", {"body"})


def test_deep_xml_is_read_without_harm() -> None:
    with pytest.raises(SignatureRefused):
        wechat.parse(b"<a>" * 30_000 + b"</a>" * 30_000, LINE)


def test_a_time_that_is_none_is_not_told() -> None:
    for created in ("", "x", "-1", "9" * 12):
        heard = wechat.parse(xml(CreateTime=created), LINE)
        assert heard is not None
        assert heard.sent_at is None


def test_another_media_type_is_refused_before_anything(service: Service) -> None:
    line = line_of(service)
    path = f"/v1/channels/wechat/{line.line_id}?{urlencode(SIGNED)}"
    answer = service.public().send("POST", path, xml(), {"content-type": "application/json"})
    assert answer.status == 415


# Lines and outages


def test_a_line_that_is_unknown_or_ended_or_anothers_is_not_there(service: Service) -> None:
    ended = line_of(service, name="ended", ended_at=START)
    others = open_line(service, Provider.QQ, {"token": TOKEN}, account=ACCOUNT)
    unknown = ended.model_copy(update={"line_id": "ln_" + "0" * 26})
    answers = [
        answer
        for line in (ended, others, unknown)
        for answer in (posted(service, line, xml()), checked(service, line, **SIGNED, echostr="1"))
    ]

    assert [refused(answer) for answer in answers] == [NOT_THERE] * 6
    assert len({answer.body for answer in answers}) == 1


@pytest.mark.parametrize("operation", ["GetItem", "GetSecretValue", "TransactWriteItems"])
def test_in_an_outage_it_is_asked_to_come_again_and_then_heard(
    service: Service, operation: str
) -> None:
    line = line_of(service)
    with service.refusing(operation):
        assert refused(posted(service, line, xml())) == LATER

    assert said_back(posted(service, line, xml()))["Content"]
    assert len(cases_of(service)) == 1


def test_a_parser_refuses_in_its_own_words() -> None:
    with pytest.raises(ValidationFailed):
        wechat.parse(xml(MsgId=None), LINE)
