"""Twilio's webhooks: whether Twilio has signed one, what an SMS or a WhatsApp message says.

Twilio's own library is the measure of the tests, not a dependency: 24 MB and an HTTP client, for
the thirty lines of a signature (twilio.com/docs/usage/security, "Validating requests").
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from urllib.parse import SplitResult, parse_qs, parse_qsl, urlsplit
from xml.etree import ElementTree

from chalicelib.domain.helpline.helpline_line import HelplineLine
from chalicelib.domain.helpline.inbound import LONGEST_TEXT, Inbound, InboundMedia
from chalicelib.domain.text import in_parts, printable
from chalicelib.domain.vocabulary import Channel
from chalicelib.errors import FieldError, SignatureRefused, ValidationFailed

XML = "text/xml; charset=utf-8"

Params = tuple[tuple[str, str], ...]
"""The fields of a form in their order, blank ones included."""

LONGEST_MESSAGE = 1_600
"""What Twilio takes as one message (error 21617); longer replies go as several."""

_MOST_FIELDS = 500
_MOST_MEDIA = 10  # as many as Twilio sends

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_SID = re.compile(r"[0-9A-Za-z]{1,64}")
_SENDER = re.compile(r"[!-~]{1,40}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_WHATSAPP = "whatsapp:"
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def verify(url: str, body: bytes, signature: str, auth_token: str) -> bool:
    """Whether Twilio has signed this body for this very URL.

    `url` is the one that Twilio was given, its query included. Twilio signs it at times with the
    standard port and at times without: either will do. Where the query has a `bodySHA256`, the
    signature covers the URL alone and the hash covers the body. ValidationFailed for a form that
    cannot be read.
    """
    parts = urlsplit(url)
    stated_hash = parse_qs(parts.query).get("bodySHA256")
    if stated_hash is not None:
        is_whole = _equal(hashlib.sha256(body).hexdigest(), stated_hash[0])
        fields = ""
    else:
        is_whole, fields = True, _signed_fields(read_form(body))
    signed = (_signature(form + fields, auth_token) for form in _with_and_without_port(parts))
    return any(_equal(signature, expected) for expected in signed) and is_whole


def read_form(body: bytes) -> Params:
    """The fields of a form. ValidationFailed where it is not UTF-8, or not a form."""
    if _BROKEN_ESCAPE.search(body):
        raise _no_form()
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:  # not UTF-8, or too many fields
        raise _no_form() from None
    return tuple(pairs)


def parse(params: Params, line: HelplineLine) -> Inbound:
    """The message in a form that was verified.

    Where a worker is (`Latitude`, `Longitude`) and what she calls herself (`ProfileName`) are left
    out: nobody asked her. Raises SignatureRefused for another account, ValidationFailed.
    """
    refuse_others(params, line)
    sender, text = required(params, "From"), field(params, "Body") or ""
    by_whatsapp = sender.startswith(_WHATSAPP)
    sender = sender.removeprefix(_WHATSAPP)
    if not _SENDER.fullmatch(sender):
        raise invalid("From")
    country = field(params, "FromCountry") or ""
    return Inbound(
        message_id=sid(params, "MessageSid"),
        channel=Channel.WHATSAPP if by_whatsapp else Channel.SMS,
        sender=sender,
        text=printable(text)[:LONGEST_TEXT],
        media=tuple(_media(params)),
        country=country if _COUNTRY.fullmatch(country) else None,
    )


def messages_reply(text: str | None) -> str:
    """TwiML that says this, in as many messages as it takes; nothing for None."""
    response = ElementTree.Element("Response")
    for part in in_parts(text or "", LONGEST_MESSAGE):
        ElementTree.SubElement(response, "Message").text = part
    return written(response)


# What the telephone needs, too


def refuse_others(params: Params, line: HelplineLine) -> None:
    """Refuse what is for another account or another number than the line's.

    Twilio tells the number with all but a recording's status. Raises SignatureRefused for the
    account (its secret is not this line's), ValidationFailed for the number: the wrong number was
    pointed here.
    """
    refuse_another_account(params, line)
    called = field(params, "To")
    if line.address is None or called is None:
        return
    if called.removeprefix(_WHATSAPP) != line.address:
        raise ValidationFailed(
            errors=[FieldError("To", "not_this_line", "This address is for another number.")]
        )


def refuse_another_account(params: Params, line: HelplineLine) -> None:
    """Refuse what is for another account than the line's. Raises SignatureRefused."""
    if line.account is not None and field(params, "AccountSid") != line.account:
        raise SignatureRefused()


def field(params: Params, name: str) -> str | None:
    """A field; None where it is not there. ValidationFailed where it says two things."""
    values = {value for given, value in params if given == name}
    if len(values) > 1:
        raise invalid(name)
    return values.pop() if values else None


def required(params: Params, name: str) -> str:
    """A field that is there. ValidationFailed."""
    value = field(params, name)
    if value is None:
        raise ValidationFailed(errors=[FieldError(name, "missing", "This field is required.")])
    return value


def sid(params: Params, name: str) -> str:
    """An id that Twilio gave. ValidationFailed."""
    value = required(params, name)
    if not _SID.fullmatch(value):
        raise invalid(name)
    return value


def invalid(name: str) -> ValidationFailed:
    """The error for a field that cannot be what Twilio sends."""
    return ValidationFailed(errors=[FieldError(name, "value_error", "Twilio does not send this.")])


def written(response: ElementTree.Element) -> str:
    """TwiML as a document, without the characters that XML 1.0 has no way to write."""
    for element in response.iter():
        if element.text:
            element.text = _NOT_IN_XML.sub("", element.text)
    document: bytes = ElementTree.tostring(response, encoding="utf-8", xml_declaration=True)
    return document.decode("utf-8")


def _no_form() -> ValidationFailed:
    detail = "Send a form, percent-encoded, in UTF-8."
    return ValidationFailed(errors=[FieldError("body", "form_invalid", detail)])


def _signed_fields(params: Params) -> str:
    """Each name with each of its distinct values, in the order of names and values."""
    return "".join(name + value for name, value in sorted(set(params)))


def _signature(signed: str, auth_token: str) -> str:
    digest = hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode("ascii")


def _equal(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())


def _with_and_without_port(parts: SplitResult) -> tuple[str, str]:
    host = parts.netloc.rsplit(":", 1)[0] if parts.port else parts.netloc
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return (
        parts._replace(netloc=host).geturl(),
        parts._replace(netloc=f"{host}:{port}").geturl(),
    )


def _media(params: Params) -> Iterator[InboundMedia]:
    stated = field(params, "NumMedia") or "0"
    if not re.fullmatch("[0-9]{1,2}", stated):
        raise invalid("NumMedia")
    for number in range(min(int(stated), _MOST_MEDIA)):
        name = f"MediaUrl{number}"
        url = required(params, name)
        if not re.fullmatch(r"https://[!-~]{1,1900}", url):
            raise invalid(name)
        kind = field(params, f"MediaContentType{number}")
        yield InboundMedia(reference=url, content_type=kind and printable(kind)[:100])
