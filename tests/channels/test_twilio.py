"""Twilio's signature, held against Twilio's own validators; its forms; TwiML."""

import base64
import hashlib
import hmac
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from chalicelib.channels.twilio import (
    LONGEST_MESSAGE,
    Params,
    messages_reply,
    parse,
    read_form,
    verify,
)
from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from chalicelib.domain.helpline.inbound import InboundMedia
from chalicelib.domain.vocabulary import Channel
from chalicelib.errors import SignatureRefused, ValidationFailed
from tests.channels.twilio import ACCOUNT, NUMBER, TOKEN, WORKER, line_of

# What Twilio publishes (twilio.com/docs/usage/security).
PUBLISHED_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
PUBLISHED = (
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
)
PUBLISHED_SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
PUBLISHED_BODY = b'{"property": "value", "boolean": true}'
PUBLISHED_HASH = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
PUBLISHED_BODY_SIGNATURE = "a9nBmqA0ju/hNViExpshrM61xv4="

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "",
        " ",
        "扣了两个月工资",
        "😡😡",
        "বেতন দেয়নি",
        "a&b=c",
        "+",
        "%41",
        "\u2028",
        "é",
        "e\u0301",
        "\x00",
    ]
)
NAMES = st.sampled_from(["Body", "From", "To", "MessageSid", "NumMedia", ""]) | WORDS
FORMS = st.lists(st.tuples(NAMES, WORDS), max_size=6).map(tuple)
PORTS = st.sampled_from(["", ":443", ":80", ":8443"])
QUERIES = st.lists(st.tuples(WORDS, WORDS), max_size=3).map(lambda pairs: urlencode(pairs))
URLS = st.builds(
    lambda scheme, port, query: f"{scheme}://hotline.example{port}/a/b" + (query and f"?{query}"),
    st.sampled_from(["https", "http"]),
    PORTS,
    QUERIES,
).filter(lambda url: "bodySHA256" not in url)

tried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Fields(dict[str, str]):
    """A form as frameworks hand it to Twilio's validator: a name may have several values."""

    def __init__(self, params: Params) -> None:
        super().__init__(params)
        self._params = params

    def getlist(self, name: str) -> list[str]:
        return [value for given, value in self._params if given == name]


def vendor_signature(url: str, params: Params, token: str = TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, Fields(params)))


def vendor_accepts(url: str, params: Params, signature: str, token: str = TOKEN) -> bool:
    return bool(RequestValidator(token).validate(url, Fields(params), signature))


def body_of(params: Params) -> bytes:
    return urlencode(params).encode()


def line(**fields: object) -> HelplineLine:
    return line_of(Provider.TWILIO_MESSAGES, **fields)


MESSAGE = {
    "MessageSid": "SM1",
    "AccountSid": ACCOUNT,
    "From": WORKER,
    "To": NUMBER,
    "Body": "wages",
}


def form(**fields: str | None) -> Params:
    """A message; a field given as None is left out."""
    said = {**MESSAGE, **fields}
    return tuple((name, value) for name, value in said.items() if value is not None)


# The signature


def test_the_published_form_is_accepted() -> None:
    assert verify(PUBLISHED_URL, body_of(PUBLISHED), PUBLISHED_SIGNATURE, "12345")
    assert vendor_accepts(PUBLISHED_URL, PUBLISHED, PUBLISHED_SIGNATURE, "12345")


def test_the_published_json_body_is_accepted_by_the_hash_in_its_url() -> None:
    url = f"{PUBLISHED_URL}&bodySHA256={PUBLISHED_HASH}"

    assert verify(url, PUBLISHED_BODY, PUBLISHED_BODY_SIGNATURE, "12345")
    assert RequestValidator("12345").validate(
        url, PUBLISHED_BODY.decode(), PUBLISHED_BODY_SIGNATURE
    )


def mutations(text: bytes) -> Iterator[bytes]:
    """The bytes with each one changed, and each one left out."""
    for place, byte in enumerate(text):
        yield text[:place] + bytes([byte ^ 1]) + text[place + 1 :]
        yield text[:place] + text[place + 1 :]


def test_one_changed_byte_of_url_body_signature_or_token_is_refused() -> None:
    """But for a `=` that is left out: Twilio signs names and values run together, so that a field
    without it is signed alike. It is then another name, which says nothing to us."""
    good = [PUBLISHED_URL.encode(), body_of(PUBLISHED), PUBLISHED_SIGNATURE.encode(), b"12345"]
    accepted_too = []
    for part in range(len(good)):
        for changed in mutations(good[part]):
            parts: list[bytes] = [*good[:part], changed, *good[part + 1 :]]
            url, body, signature, token = parts
            try:
                said = read_form(body)
                accepted = verify(url.decode(), body, signature.decode(), token.decode())
                expected = vendor_accepts(url.decode(), said, signature.decode(), token.decode())
            except (ValidationFailed, ValueError):  # no form, or no URL, any more
                accepted = expected = False
            assert accepted is expected
            accepted_too += [changed] if accepted else []
    body = good[1]
    places = [place for place, byte in enumerate(body) if byte == ord("=")]
    assert accepted_too == [body[:place] + body[place + 1 :] for place in places]


def test_each_field_that_is_changed_renamed_added_doubled_or_left_out_is_refused() -> None:
    signature = vendor_signature(PUBLISHED_URL, PUBLISHED)
    for number, (name, value) in enumerate(PUBLISHED):
        before, after = PUBLISHED[:number], PUBLISHED[number + 1 :]
        for instead in (
            [(name, value + "x")],
            [(name, "")],
            [(name.lower(), value)],
            [(name, value), (name, "x")],
            [(name, value), ("Another", "")],
            [],
        ):
            changed = (*before, *instead, *after)
            assert not verify(PUBLISHED_URL, body_of(changed), signature, TOKEN)
            assert not vendor_accepts(PUBLISHED_URL, changed, signature)


def test_the_order_of_the_fields_is_not_signed_and_that_of_the_query_is() -> None:
    signature = vendor_signature(PUBLISHED_URL, PUBLISHED)
    turned = "https://mycompany.com/myapp.php?bar=2&foo=1"

    assert verify(PUBLISHED_URL, body_of(PUBLISHED[::-1]), signature, TOKEN)
    assert not verify(turned, body_of(PUBLISHED), signature, TOKEN)


@tried
@given(URLS, FORMS)
@example("https://hotline.example/a?q=", (("Body", ""), ("Body", "x"), ("Body", "x")))
def test_what_twilio_signs_is_accepted(url: str, params: Params) -> None:
    assume(all(name or value for name, value in params))  # a form has no way to write such a pair
    assert verify(url, body_of(params), vendor_signature(url, params), TOKEN) is vendor_accepts(
        url, params, vendor_signature(url, params)
    )


@tried
@given(URLS, FORMS, FORMS, PORTS, st.sampled_from([TOKEN, "another"]))
def test_twilios_validator_and_ours_never_disagree(
    url: str, signed: Params, sent: Params, port: str, token: str
) -> None:
    """Another form, another port, another token than was signed."""
    sent = tuple(pair for pair in sent if any(pair))
    elsewhere = url.replace("hotline.example", f"hotline.example{port}").replace(port * 2, port)
    for params in (sent, signed):
        params = tuple(pair for pair in params if any(pair))
        for signed_url in (url, elsewhere):
            if signed_url.count(":") > 2:  # two ports
                continue
            signature = vendor_signature(signed_url, params, token)
            assert verify(url, body_of(sent), signature, TOKEN) is vendor_accepts(
                url, sent, signature
            )


@tried
@given(st.text(max_size=30).filter(str.isprintable), st.booleans(), st.sampled_from(["", "x"]))
def test_a_body_is_accepted_by_its_hash_as_twilios_validator_does(
    text: str, whole: bool, more: str
) -> None:
    stated = hashlib.sha256((text if whole else text + "x").encode()).hexdigest()
    url = f"https://hotline.example/a?bodySHA256={stated}"
    signature = vendor_signature(url + more, ())

    accepted = verify(url, text.encode(), signature, TOKEN)

    assert accepted is bool(RequestValidator(TOKEN).validate(url, text, signature))
    assert accepted is (whole and not more)


@pytest.mark.parametrize("signature", ["", "x", "é", "\ud800", PUBLISHED_SIGNATURE[:-1], "=" * 999])
def test_what_is_no_signature_is_refused(signature: str) -> None:
    assert not verify(PUBLISHED_URL, body_of(PUBLISHED), signature, "12345")


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_a_digest_of_another_kind_is_refused(algorithm: str) -> None:
    signed = PUBLISHED_URL + "".join(name + value for name, value in PUBLISHED)
    digest = hmac.new(b"12345", signed.encode(), algorithm).digest()

    signature = base64.b64encode(digest).decode()

    assert not verify(PUBLISHED_URL, body_of(PUBLISHED), signature, "12345")


# Twilio's validator for Node: what it said of made-up requests is kept in a file. The library is
# asked only where it is there; the script that makes the file is run then, too.

NODE_MODULES = os.environ.get("HANDSHAKE_TWILIO_NODE", "")
HERE = Path(__file__).parent
KEPT: dict[str, Any] = json.loads((HERE / "twilio_node_vectors.json").read_text("utf-8"))

with_node = pytest.mark.skipif(
    not (NODE_MODULES and shutil.which("node")),
    reason="HANDSHAKE_TWILIO_NODE names no node_modules with `npm install twilio`",
)


def node(script: str, *arguments: str, given: bytes = b"") -> bytes:
    """What a script beside this one writes, with Twilio's library for Node."""
    ran = subprocess.run(
        ["node", str(HERE / script), *arguments],
        input=given,
        env={**os.environ, "NODE_PATH": NODE_MODULES},
        capture_output=True,
        check=True,
    )
    return ran.stdout


def verdicts(request: dict[str, Any]) -> tuple[bool, bool]:
    """Ours, and that of Twilio's validator for Python."""
    url, body, signature = request["url"], request["body"], request["signature"]
    form = Fields(tuple(parse_qsl(body, keep_blank_values=True)))
    sent = body if "bodySHA256" in url else form
    return (
        verify(url, body.encode(), signature, KEPT["token"]),
        bool(RequestValidator(KEPT["token"]).validate(url, sent, signature)),
    )


def test_ours_and_both_of_twilios_validators_take_and_refuse_the_same_kept_requests() -> None:
    plain = [request for request in KEPT["requests"] if "apart" not in request]

    assert [
        request["claim"] for request in plain if set(verdicts(request)) != {request["accepted"]}
    ] == []
    assert sum(request["accepted"] for request in plain) > 200
    assert sum(not request["accepted"] for request in plain) > 200


def test_where_twilios_two_validators_differ_ours_is_with_the_one_for_python() -> None:
    """Each has its reason; no address that we give to Twilio is among them."""
    apart = [request for request in KEPT["requests"] if "apart" in request]

    assert len(apart) == 6
    assert [
        request["claim"] for request in apart if set(verdicts(request)) != {not request["accepted"]}
    ] == []


@with_node
def test_the_kept_requests_are_what_twilios_library_for_node_says_now(tmp_path: Path) -> None:
    made = tmp_path / "vectors.json"

    node("twilio_node_vectors.js", str(made))

    anew = json.loads(made.read_text("utf-8"))
    assert {**anew, "provenance": KEPT["provenance"]} == KEPT


@with_node
@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(URLS, FORMS, FORMS, st.booleans()), min_size=20, max_size=20))
def test_twilios_validator_for_node_and_ours_never_disagree(
    requests: list[tuple[str, Params, Params, bool]],
) -> None:
    """A name once: Node sorts values by UTF-16, Python by code points. The URL without what Node
    would encode anew."""
    asked, ours = [], []
    for url, signed, other, changed in requests:
        fields, instead = ({n: v for n, v in f if n} for f in (signed, other))
        sent = instead if changed else fields
        signature = vendor_signature(url, tuple(fields.items()))
        asked.append(
            {"token": TOKEN, "signature": signature, "url": url, "params": sent, "body": None}
        )
        ours.append(verify(url, body_of(tuple(sent.items())), signature, TOKEN))
        stated = hashlib.sha256(b"{}").hexdigest()
        hashed = f"https://hotline.example/a?bodySHA256={stated}"
        body = "{}" if changed else "{ }"
        signature = vendor_signature(hashed, ())
        asked.append(
            {"token": TOKEN, "signature": signature, "url": hashed, "params": {}, "body": body}
        )
        ours.append(verify(hashed, body.encode(), signature, TOKEN))

    said = node("validate_with_twilio.js", given=json.dumps(asked).encode())

    assert json.loads(said) == ours


# The form


@tried
@given(FORMS)
def test_a_form_is_read_as_it_was_written_blank_values_included(params: Params) -> None:
    written = tuple(pair for pair in params if any(pair))
    assert read_form(body_of(written)) == written


@pytest.mark.parametrize(
    "body", [b"Body=%ff", b"Body=%E4%B8", b"Body=\xff", b"Body=%zz", b"Body=%", b"a=1&" * 600]
)
def test_what_is_no_form_in_utf8_is_refused_without_an_echo(body: bytes) -> None:
    with pytest.raises(ValidationFailed) as refused:
        read_form(body)

    assert [(error.field, error.code) for error in refused.value.errors] == [
        ("body", "form_invalid")
    ]


# The message


def test_a_text_message_is_read() -> None:
    message = parse(form(FromCountry="BD", Body="মজুরি দেয়নি 😡"), line())

    assert message.model_dump() == {
        "message_id": "SM1",
        "channel": Channel.SMS,
        "sender": WORKER,
        "text": "মজুরি দেয়নি 😡",
        "media": (),
        "language": None,
        "country": "BD",
        "sent_at": None,
        "named_by_content": False,
    }


def test_a_whatsapp_message_is_read_without_her_name_and_her_place() -> None:
    message = parse(
        form(
            From=f"whatsapp:{WORKER}",
            To=f"whatsapp:{NUMBER}",
            ProfileName="Somebody",
            WaId="15550100",
            Latitude="23.8",
            Longitude="90.4",
            Body="",
        ),
        line(),
    )

    assert (message.channel, message.sender, message.text) == (Channel.WHATSAPP, WORKER, "")
    told = repr(message.model_dump())
    assert "Somebody" not in told
    assert "23.8" not in told


def test_pictures_are_named_and_not_fetched() -> None:
    url = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME"
    pictures = {
        "NumMedia": "2",
        "MediaUrl0": f"{url}0",
        "MediaContentType0": "image/jpeg",
        "MediaUrl1": f"{url}1",
    }

    assert parse(form(**pictures), line()).media == (
        InboundMedia(reference=f"{url}0", content_type="image/jpeg"),
        InboundMedia(reference=f"{url}1"),
    )


def test_what_no_text_may_hold_is_left_out_of_her_words() -> None:
    """She cannot be asked to write anew; WhatsApp itself isolates names by such characters."""
    assert parse(form(Body="a\x00b\u2068c\u2069\nd"), line()).text == "abc\nd"
    assert len(parse(form(Body="x" * 20_000), line()).text) == 10_000


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"MessageSid": None}, "MessageSid"),
        ({"MessageSid": ""}, "MessageSid"),
        ({"MessageSid": "SM 1"}, "MessageSid"),
        ({"MessageSid": "x" * 65}, "MessageSid"),
        ({"From": None}, "From"),
        ({"From": ""}, "From"),
        ({"From": "whatsapp:"}, "From"),
        ({"From": "+1555\n0100"}, "From"),
        ({"From": "x" * 41}, "From"),
        ({"NumMedia": "many"}, "NumMedia"),
        ({"NumMedia": "-1"}, "NumMedia"),
        ({"NumMedia": "1"}, "MediaUrl0"),
        ({"NumMedia": "1", "MediaUrl0": "file:///etc/passwd"}, "MediaUrl0"),
        ({"NumMedia": "1", "MediaUrl0": "http://insecure.example/a"}, "MediaUrl0"),
        ({"To": "+15550198"}, "To"),
        ({"To": "whatsapp:+15550198"}, "To"),
    ],
)
def test_what_twilio_does_not_send_is_refused_by_its_name(
    fields: dict[str, str | None], field: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        parse(form(**fields), line())

    assert [error.field for error in refused.value.errors] == [field]


def test_a_field_that_says_two_things_is_refused_and_one_said_twice_is_not() -> None:
    assert parse((*form(), ("Body", "wages")), line()).text == "wages"
    with pytest.raises(ValidationFailed):
        parse((*form(), ("Body", "more")), line())


@pytest.mark.parametrize("account", ["AC2", "", None])
def test_another_account_is_refused_whatever_it_signs_with(account: str | None) -> None:
    with pytest.raises(SignatureRefused):
        parse(form(AccountSid=account), line())


def test_a_line_that_names_neither_account_nor_number_takes_what_is_signed() -> None:
    anybody = line(account=None, address=None)

    assert parse(form(AccountSid="AC2", To="+15550198"), anybody).text == "wages"


@tried
@given(FORMS)
def test_any_form_is_a_message_or_refused(params: Params) -> None:
    try:
        message = parse((*params, *form().__iter__()), line())
    except (ValidationFailed, SignatureRefused):
        return
    assert message.message_id


# The reply


def texts_of(twiml: str) -> list[str | None]:
    response = ElementTree.fromstring(twiml.encode())
    assert response.tag == "Response"
    assert {child.tag for child in response} <= {"Message"}
    return [child.text for child in response]


def test_a_reply_is_one_message() -> None:
    assert messages_reply("Receipt <1> & 收到") == (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        "<Response><Message>Receipt &lt;1&gt; &amp; 收到</Message></Response>"
    )


@pytest.mark.parametrize("nothing", [None, "", " \n"])
def test_nothing_to_say_is_an_empty_response(nothing: str | None) -> None:
    assert messages_reply(nothing) == ("<?xml version='1.0' encoding='utf-8'?>\n<Response />")


@tried
@given(st.text(max_size=60))
@example("a\x00b\x1b\ufffe\ud800c")
def test_any_reply_is_xml_that_says_the_same_but_for_what_xml_cannot_say(text: str) -> None:
    read = "".join(part or "" for part in texts_of(messages_reply(text)))

    can_be_said = "".join(
        c
        for c in text
        if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff")
    )
    assert read == (can_be_said.replace("\r\n", "\n").replace("\r", "\n") if text.strip() else "")


def test_a_long_reply_goes_as_several_messages_cut_between_words() -> None:
    words = " ".join(["workers"] * 500)

    parts = texts_of(messages_reply(words))

    assert all(part and len(part) <= LONGEST_MESSAGE for part in parts)
    assert " ".join(part or "" for part in parts) == words
    assert texts_of(messages_reply("工" * 2000)) == ["工" * LONGEST_MESSAGE, "工" * 400]


def test_an_address_in_a_query_is_signed_as_it_is_written() -> None:
    url = f"https://hotline.example/a?language={quote('zh-hant')}"
    signature = vendor_signature(url, PUBLISHED)

    assert verify(url, body_of(PUBLISHED), signature, TOKEN)
    assert not verify(url.replace("-", "%2D"), body_of(PUBLISHED), signature, TOKEN)
