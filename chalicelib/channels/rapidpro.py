"""What a flow of RapidPro or TextIt posts: its own body, a resthook's, or one its author wrote.

Nothing is signed and nothing is sent again (rapidpro.io, "Webhooks"): a flow reads our answer, and
says to the worker what came of it.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from chalicelib.channels.form_fields import (
    FormDefaults,
    FormFiling,
    filing_as_told,
    text_of,
    values_at,
)
from chalicelib.channels.json_body import json_object
from chalicelib.domain.helpline.helpline_line import FormField, HelplineLine
from chalicelib.domain.helpline.inbound import LONGEST_TEXT, Inbound, InboundMedia
from chalicelib.domain.identities.identity import WorkerIdentity
from chalicelib.domain.text import readable
from chalicelib.domain.vocabulary import Channel


class Sender(NamedTuple):
    """Who a flow talks to, where that is a telephone: a number in E.164."""

    channel: Channel
    number: str


class FlowPost(NamedTuple):
    """What a flow says, under our names. `key` is the same for all that one run says, `content` for
    what is the same to the letter."""

    key: str
    content: str
    values: Mapping[str, Any]
    sender: Sender | None
    media: tuple[InboundMedia, ...]


_OF_A_MESSAGE = {FormField.TEXT.value, FormField.LANGUAGE.value}
_RESULTS: Mapping[str, str] = {name.value: f"results.{name}" for name in FormField}
_LAST_INPUT = "input.text"
_URN = re.compile(r"(?:tel:\+|whatsapp:\+?)([1-9][0-9]{4,14})")
_RUN = re.compile(r"[0-9A-Za-z-]{8,64}")
_LANGUAGE = re.compile(r"[a-z]{3}")
_ATTACHMENT = re.compile(r"([\w.+/-]{1,100}):(https://[!-~]{1,1900})")
_MOST_MEDIA = 10


def parse(raw: bytes, line: HelplineLine) -> FlowPost:
    """What a body says. ValidationFailed where it is no JSON object.

    A field stands where the line's `fields` say, else in the result of the flow that has our name
    for it; what was written last is the text of a flow that has none.
    """
    body = json_object(raw)
    values = values_at({**_RESULTS, **line.fields}, body)
    if FormField.TEXT not in values and FormField.TEXT not in line.fields:
        values |= values_at({FormField.TEXT: _LAST_INPUT}, body)
    language = _at(body, "contact.language")
    if FormField.LANGUAGE not in values and _LANGUAGE.fullmatch(language):
        values[FormField.LANGUAGE] = language
    media = tuple(_media(body))[:_MOST_MEDIA]
    return FlowPost(_key(body), _hashed(body), values, _sender(body), media)


def message_in(post: FlowPost, line: HelplineLine) -> Inbound | None:
    """The message, where it is nothing but words or pictures from a telephone: no form, but part of
    a conversation. One run may go on asking and hearing, so it is no message's id: what it says is.
    """
    text = readable(text_of(post.values.get(FormField.TEXT)))
    if post.sender is None or not post.values.keys() <= _OF_A_MESSAGE or not (text or post.media):
        return None
    language = post.values.get(FormField.LANGUAGE)
    read: dict[str, Any] = {FormField.TEXT: "-", FormField.LANGUAGE: language}
    return Inbound(
        message_id=post.content,
        named_by_content=True,
        channel=post.sender.channel,
        sender=post.sender.number,
        text=text[:LONGEST_TEXT],
        media=post.media,
        language=filing_as_told(read, _defaults(post, line)).filing.language if language else None,
    )


def filing_in(post: FlowPost, line: HelplineLine) -> FormFiling:
    """The filing in what a flow says, from whom it talks to. ValidationFailed."""
    form = filing_as_told(post.values, _defaults(post, line))
    return form._replace(worker=_with_number(form.worker, post.sender))


def _defaults(post: FlowPost, line: HelplineLine) -> FormDefaults:
    channel = post.sender.channel if post.sender else Channel.APP
    return FormDefaults(channel, language=line.language, jurisdiction=line.jurisdiction)


def _with_number(worker: WorkerIdentity | None, sender: Sender | None) -> WorkerIdentity | None:
    """A number that she gave in the flow counts, and not the one that she calls from."""
    if sender is None:
        return worker
    field = "whatsapp" if sender.channel is Channel.WHATSAPP else "phone"
    given = worker.model_dump(exclude_none=True) if worker else {}
    return WorkerIdentity.model_validate({field: sender.number, **given})


def _key(body: Mapping[str, Any]) -> str:
    """One run of a flow tells of one thing. Where the run has no name, equal answers of one contact
    in one flow are the same."""
    run = _at(body, "run.uuid")
    if _RUN.fullmatch(run):
        return f"run:{run}"
    named = [body.get(name) for name in ("contact", "flow", "results")]
    told = named if any(each is not None for each in named) else body
    return _hashed(told)


def _hashed(told: Any) -> str:
    return f"sha256:{hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()}"


def _sender(body: Mapping[str, Any]) -> Sender | None:
    """What else a contact may be (`telegram:`, `facebook:`, …) is no telephone."""
    for path in ("contact.urn", "input.urn"):
        urn = _at(body, path)
        if match := _URN.fullmatch(urn):
            channel = Channel.SMS if urn.startswith("tel:") else Channel.WHATSAPP
            return Sender(channel, f"+{match[1]}")
    return None


def _media(body: Mapping[str, Any]) -> Iterator[InboundMedia]:
    """Written `image/jpeg:https://…`."""
    found = body.get("input")
    attachments = found.get("attachments") if isinstance(found, dict) else None
    for each in attachments if isinstance(attachments, list) else ():
        if isinstance(each, str) and (match := _ATTACHMENT.fullmatch(each)):
            yield InboundMedia(reference=match[2], content_type=match[1])


def _at(body: Mapping[str, Any], path: str) -> str:
    found = values_at({"it": path}, body).get("it")
    return found if isinstance(found, str) else ""
