"""Lines of partners' helplines: what is set up here before a provider can send anything."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from chalicelib import errors
from chalicelib.api.audiences import ADMINISTRATORS, LEAD
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.api.preconditions import IF_MATCH, etag, required_version
from chalicelib.api.views import shown
from chalicelib.channels.shared_secret import HEADER
from chalicelib.domain.admission.access import OrganisationId
from chalicelib.domain.helpline.helpline_line import SECRET_NAMES, HelplineLine, Provider
from chalicelib.usecases.helpline import keep_lines
from chalicelib.usecases.helpline.keep_lines import LineChanges, NewLine, SecretValues

audience = Audience(__name__, "Lines")
blueprint = audience.blueprint

_PATHS: Mapping[Provider, str] = {
    Provider.TWILIO_MESSAGES: "twilio",
    Provider.TWILIO_VOICE: "voice",
    Provider.QQ: "qq",
    Provider.WECHAT: "wechat",
    Provider.RAPIDPRO: "rapidpro",
    Provider.KOBO: "kobo",
}
_HEADER = f"the header `{HEADER}` with your `header_secret`"
_SETUP: Mapping[Provider, str] = {
    Provider.TWILIO_MESSAGES: "Twilio Console, the number's (or the WhatsApp sender's) messaging "
    "settings, \u201ca message comes in\u201d: this URL as a webhook, HTTP POST.",
    Provider.TWILIO_VOICE: "Twilio Console, the number's voice settings, \u201ca call comes "
    "in\u201d: this URL as a webhook, HTTP POST; the same URL for \u201cprimary handler "
    "fails\u201d, or whoever calls while we fail is hung up on.",
    Provider.QQ: "QQ's open platform, the bot's callback settings: this URL, and the event "
    "C2C_MESSAGE_CREATE. Set the secret here first: QQ checks the address at once.",
    Provider.WECHAT: "WeChat's console, basic configuration of the server: this URL, your `token`, "
    "plain text. Set the secrets here first: WeChat checks the address at once.",
    Provider.RAPIDPRO: f"In the flow, \u201ccall a webhook\u201d: POST, this URL, {_HEADER}. Read "
    "`code` and `reply` from the answer. A result called as we call a field needs no `fields`.",
    Provider.KOBO: f"The project's settings, REST services: this URL, JSON, {_HEADER} (or basic "
    "authorisation). Leave the subset of fields empty: all of them are needed. A question called "
    "as we call a field needs no `fields`.",
}


class LineView(HelplineLine):
    """A line: everything but its secrets, which nobody can read."""

    ready: Annotated[
        bool, Field(description="Whether it hears: its secrets are set and it has not ended.")
    ]
    secrets_wanted: Annotated[
        tuple[tuple[str, ...], ...],
        Field(description="Which secrets it takes: one of these sets, whole."),
    ]
    webhook_url: Annotated[str, Field(description="What the provider is to call.")]
    setup: Annotated[str, Field(description="Where to paste it, at the provider.")]


class LinesQuery(Paging):
    """Whose lines."""

    organisation_id: Annotated[
        OrganisationId | None, Field(description="A partner; your own organisation if absent.")
    ] = None


def line_view(line: HelplineLine, public_url: str) -> LineView:
    """A line for who looks after it."""
    return shown(
        LineView,
        line,
        ready=line.is_ready,
        secrets_wanted=tuple(tuple(sorted(names)) for names in SECRET_NAMES[line.provider]),
        webhook_url=f"{public_url}/v1/channels/{_PATHS[line.provider]}/{line.line_id}",
        setup=_SETUP[line.provider],
    )


def _line_reply(call: Call, line: HelplineLine, status: int = 200) -> Reply:
    location = {"Location": f"/v1/lines/{line.line_id}"} if status == 201 else {}
    view = line_view(line, call.deps.settings.public_url)
    return Reply(view, status, {**etag(line.version), **location})


@audience.route(
    "POST",
    "/v1/lines",
    roles=LEAD,
    body=NewLine,
    replies={201: LineView},
    raises=[errors.VersionConflict],
    example={
        "provider": "kobo",
        "name": "Interviews at the gate",
        "language": "bn",
        "jurisdiction": "BD",
        "fields": {"text": "complaint/what", "factory_name": "complaint/factory"},
    },
    reply_headers=["ETag", "Location"],
)
def add_line(call: Call) -> Reply:
    """Add a line: a number, an account or a form through which workers reach you.

    It refuses everything until its secrets are set (`ready`). If the answer is lost, the list has
    the line.
    """
    return _line_reply(call, keep_lines.add_line(call.body, by=call.by, deps=call.deps), 201)


@audience.route(
    "GET",
    "/v1/lines",
    roles=ADMINISTRATORS,
    query=LinesQuery,
    replies={200: Listing[LineView]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def list_lines(call: Call) -> Reply:
    """List an organisation's lines, those that have ended included."""
    query: LinesQuery = call.query
    return list_reply(
        call,
        Listing[LineView],
        lambda limit, start: keep_lines.list_lines(
            query.organisation_id or call.by.organisation,
            limit=limit,
            start=start,
            by=call.by,
            deps=call.deps,
        ),
        lambda line: line_view(line, call.deps.settings.public_url),
        "/v1/lines",
    )


@audience.route(
    "GET",
    "/v1/lines/{line_id}",
    roles=ADMINISTRATORS,
    replies={200: LineView},
    raises=[errors.NotFound],
    reply_headers=["ETag"],
)
def read_line(call: Call) -> Reply:
    """Read a line, and what to do at its provider."""
    return _line_reply(call, keep_lines.own_line(call.path["line_id"], by=call.by, deps=call.deps))


@audience.route(
    "PATCH",
    "/v1/lines/{line_id}",
    roles=LEAD,
    body=LineChanges,
    headers=[IF_MATCH],
    replies={200: LineView},
    raises=[
        errors.NotFound,
        errors.PreconditionRequired,
        errors.PreconditionFailed,
        errors.StateConflict,
        errors.VersionConflict,
    ],
    example={"name": "Interviews at the north gate"},
    reply_headers=["ETag"],
)
def change_line(call: Call) -> Reply:
    """Change a line. Provider and account stay: those of another one are another line."""
    version = required_version(call)
    return _line_reply(
        call,
        keep_lines.change_line(
            call.path["line_id"],
            call.body,
            expected_version=version,
            by=call.by,
            deps=call.deps,
        ),
    )


@audience.route(
    "DELETE",
    "/v1/lines/{line_id}",
    roles=ADMINISTRATORS,
    replies={204: ""},
    raises=[errors.NotFound, errors.VersionConflict],
)
def end_line(call: Call) -> Reply:
    """End a line, for good: nothing more comes in, and its secrets are deleted."""
    keep_lines.end_line(call.path["line_id"], by=call.by, deps=call.deps)
    return Reply(status=204)


@audience.route(
    "PUT",
    "/v1/lines/{line_id}/secrets",
    roles=LEAD,
    body=SecretValues,
    replies={200: LineView},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
    example={"header_secret": "an-example-that-nobody-uses"},
    reply_headers=["ETag"],
)
def set_line_secrets(call: Call) -> Reply:
    """Set a line's secrets: exactly those of its provider, instead of all that were set before.

    Nobody can read them again: the answer names them, and says since when. Wherever messages come
    in, the old ones go on working for up to a minute.
    """
    body: SecretValues = call.body
    line = keep_lines.set_secrets(call.path["line_id"], body.given(), by=call.by, deps=call.deps)
    return _line_reply(call, line)
