"""Forms: what flows of RapidPro or TextIt and forms of KoboToolbox say."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib import errors
from chalicelib.api.endpoint import Audience, Call, Header, Reply
from chalicelib.api.helpline.line_requests import RAISES, RAPIDPRO_WAITS, sent_again
from chalicelib.channels import kobo, rapidpro
from chalicelib.channels.form_fields import FormFiling, words_of
from chalicelib.channels.shared_secret import HEADER, carries
from chalicelib.domain.helpline.helpline_line import FormField, HelplineLine, Provider
from chalicelib.domain.text import GrievanceId
from chalicelib.domain.values import Value
from chalicelib.usecases.helpline.answering_line import answering_line
from chalicelib.usecases.helpline.hear import hear
from chalicelib.usecases.helpline.hearing.said_back import Heard
from chalicelib.usecases.helpline.take_form import Taken, take_form

audience = Audience(__name__, "Channels")
blueprint = audience.blueprint

SECRET = Header(HEADER, "The line's secret; or the same as `Authorization: Token …`.")

Unread = Annotated[
    tuple[FormField, ...],
    Field(description="What could not be read, and is kept as words under the text."),
]


class FlowTaken(Value):
    """What a flow came to, for the flow to read: it is not sent again."""

    code: Annotated[
        Literal["received", "repeated", "revised", "heard"],
        Field(description="`heard`: words alone, and part of a conversation."),
    ]
    grievance_id: GrievanceId | None = None
    public_ref: str | None = None
    receipt_code: Annotated[
        str | None,
        Field(
            description="For the worker: with it she can ask for progress. `heard`: where this "
            "message opened her case; it is in `reply` as well."
        ),
    ] = None
    reply: Annotated[str | None, Field(description="To be sent to the worker as it is.")] = None
    unread: Unread = ()


class SubmissionTaken(Value):
    """What a submission came to. Kobo keeps it in its log, so no receipt code is in it."""

    code: Literal["received", "repeated", "revised"]
    grievance_id: GrievanceId
    public_ref: str
    unread: Unread = ()


@audience.route(
    "POST",
    "/v1/channels/rapidpro/{line_id}",
    headers=[SECRET],
    replies={200: FlowTaken},
    raises=RAISES,
    answered_within=RAPIDPRO_WAITS,
    example={
        "contact": {
            "uuid": "00000000-0000-4000-8000-000000000001",
            "name": "",
            "urn": "tel:+15550100",
        },
        "flow": {"uuid": "00000000-0000-4000-8000-000000000002", "name": "Grievance"},
        "run": {"uuid": "00000000-0000-4000-8000-000000000003"},
        "results": {
            "text": {"value": "They have kept back two months' wages.", "category": "All"},
            "factory_name": {"value": "Yi Chang Tai Garment Factory", "category": "All"},
            "categories": {"value": "compensation", "category": "Wages"},
        },
    },
)
def take_flow(call: Call) -> Reply:
    """Take in what a flow of RapidPro or TextIt has asked a worker.

    The line's secret is the authorisation. Where the line's `fields` name no place, a result of the
    flow that has our name for a field is that field. The same run again changes nothing; with other
    answers it is a revision. Words alone from a telephone are part of a conversation, and `reply`
    is what to say. Consent is none unless the flow names its level and its script.
    """
    line = _verified(call, Provider.RAPIDPRO)
    post = rapidpro.parse(call.raw_body, line)
    message = rapidpro.message_in(post, line)
    with sent_again():
        if message is not None:
            return Reply(_heard(hear(message, line, deps=call.deps)))
        form = rapidpro.filing_in(post, line)
        taken = _taken(form, post.key, line, call)
    return Reply(
        FlowTaken(
            code=taken.outcome.value,
            grievance_id=taken.receipt.grievance_id,
            public_ref=taken.receipt.public_ref,
            receipt_code=taken.receipt.receipt_code,
            unread=form.unread,
        )
    )


@audience.route(
    "POST",
    "/v1/channels/kobo/{line_id}",
    headers=[SECRET],
    replies={200: SubmissionTaken},
    raises=RAISES,
    example={
        "_id": 1,
        "_uuid": "00000000-0000-4000-8000-000000000004",
        "meta/instanceID": "uuid:00000000-0000-4000-8000-000000000004",
        "meta/rootUuid": "00000000-0000-4000-8000-000000000004",
        "_xform_id_string": "grievance",
        "_submission_time": "2026-11-22T08:00:00",
        "text": "They have kept back two months' wages.",
        "factory_name": "Yi Chang Tai Garment Factory",
        "categories": "compensation working_time",
        "workers_affected": "34",
    },
)
def take_submission(call: Call) -> Reply:
    """Take in a submission of a form in KoboToolbox.

    The line's secret, or its user and password (HTTP Basic), is the authorisation. Where the line's
    `fields` name no place, a question that has our name for a field is that field. The same
    submission again changes nothing; an edited one is a revision. Consent is none unless the form
    names its level and its script.
    """
    line = _verified(call, Provider.KOBO)
    submission = kobo.parse(call.raw_body, line)
    form = kobo.filing_in(submission, line)
    with sent_again():
        taken = _taken(form, submission.key, line, call)
    return Reply(
        SubmissionTaken(
            code=taken.outcome.value,
            grievance_id=taken.receipt.grievance_id,
            public_ref=taken.receipt.public_ref,
            unread=form.unread,
        )
    )


def _verified(call: Call, provider: Provider) -> HelplineLine:
    """The line of the path. Raises NotFound, SignatureRefused, Unavailable."""
    line = answering_line(call.path["line_id"], provider, deps=call.deps)
    if not carries(call.headers, call.deps.line_secrets.get(line.line_id)):
        raise errors.SignatureRefused()
    return line


def _taken(form: FormFiling, key: str, line: HelplineLine, call: Call) -> Taken:
    return take_form(
        form.filing,
        worker=form.worker,
        words=words_of(form.filing),
        key=f"{line.line_id}:{key}",
        by=line.principal,
        deps=call.deps,
    )


def _heard(heard: Heard) -> FlowTaken:
    return FlowTaken(
        code="heard",
        grievance_id=heard.grievance_id,
        receipt_code=heard.receipt_code,
        reply=heard.reply,
    )
