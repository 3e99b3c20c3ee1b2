"""The log of calls: what was asked, what was said, and to which calls an answer was given."""

from typing import Annotated

from pydantic import Field, StringConstraints

from chalicelib import errors
from chalicelib.api.audiences import STAFF
from chalicelib.api.endpoint import Audience, Call, Header, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.api.parsing import parse_idempotency_key
from chalicelib.api.views import shown
from chalicelib.domain.helpline.call import CallFields, CallOutcome, Deviation, LoggedCall
from chalicelib.domain.helpline.call_statistics import CallStatistics
from chalicelib.domain.helpline.standard_answer import GivenAnswer
from chalicelib.domain.text import CountryCode, LanguageTag
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import Channel, IntakeType
from chalicelib.usecases.helpline.count_calls import count_calls as use_count_calls
from chalicelib.usecases.helpline.log_call import log_call as use_log_call
from chalicelib.usecases.helpline.read_answers import GivenCall
from chalicelib.usecases.helpline.read_answers import list_answer_given as use_list_answer_given

audience = Audience(__name__, "Standard answers")
blueprint = audience.blueprint

IDEMPOTENCY_KEY = Header(
    "Idempotency-Key",
    "A key of your own for this call, 1 to 255 printable ASCII characters. It must be there: a "
    "repeat with the same body gets the same answer again.",
    pattern=r"^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$",
)


class CallView(Value):
    """A call as its partner sees it."""

    call_id: str
    logged_by: Annotated[str, Field(description="The `user_id` of the officer.")]
    logged_at: Moment
    intake_type: IntakeType
    topic: str
    jurisdiction: CountryCode
    language: LanguageTag
    channel: Channel
    grievance_id: str | None
    given: GivenAnswer | None
    deviation: Deviation | None
    duration_seconds: int
    outcome: CallOutcome


class GivenCallView(CallView):
    """A call in which a version was given, and whether to call back."""

    contact_back: Annotated[
        bool,
        Field(
            description="Whether she has agreed to be contacted, as her case says now; false where "
            "the call had no case."
        ),
    ]
    newest_version: Annotated[
        int, Field(description="Of the answer, now: where it is another one, she heard an old one.")
    ]


Month = Annotated[
    str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$"), Field(examples=["2026-11"])
]


class CallQuery(Paging):
    """Which calls to list."""

    month: Month


class StatisticsQuery(Value):
    """Which calls to count."""

    month: Month


@audience.route(
    "POST",
    "/v1/calls",
    roles=STAFF,
    body=CallFields,
    headers=[IDEMPOTENCY_KEY],
    replies={201: CallView, 200: CallView},
    raises=[
        errors.MissingIdempotencyKey,
        errors.InvalidIdempotencyKey,
        errors.IdempotencyConflict,
        errors.NotFound,
        errors.VersionConflict,
    ],
    example={
        "intake_type": "enquiry",
        "topic": "overtime-pay",
        "jurisdiction": "CN",
        "language": "zh-CN",
        "channel": "phone",
        "duration_seconds": 340,
        "outcome": "no_answer_known",
    },
    reply_headers=["Idempotent-Replayed"],
)
def log_call(call: Call) -> Reply:
    """Log a call: what it was about, which answer was given, why something else was said.

    Nothing says who called. Where it was about a case of yours and an answer was given, the case
    and its history say so.
    """
    key = parse_idempotency_key(call.headers.get("idempotency-key"))
    logged = use_log_call(call.body, idempotency_key=key, by=call.by, deps=call.deps)
    view = _view(logged.call)
    if logged.replayed:
        return Reply(view, 200, {"Idempotent-Replayed": "true"})
    return Reply(view, 201)


@audience.route(
    "GET",
    "/v1/calls",
    roles=STAFF,
    query=CallQuery,
    replies={200: Listing[CallView]},
    raises=[errors.InvalidCursor],
)
def list_calls(call: Call) -> Reply:
    """List your organisation's calls of a month (UTC), newest first."""
    return list_reply(
        call,
        Listing[CallView],
        lambda limit, start: call.deps.calls.of_month(
            call.by.organisation, call.query.month, limit, start
        ),
        _view,
        "/v1/calls",
    )


@audience.route(
    "GET", "/v1/call-statistics", roles=STAFF, query=StatisticsQuery, replies={200: CallStatistics}
)
def count_calls(call: Call) -> Reply:
    """Count your organisation's calls of a month (UTC): topics, consistency, what had no answer.

    `consistency` is the share of the calls with a standard answer on the officer's screen in which
    it was what she said. `unanswered` says what to write an answer for next.
    """
    return Reply(use_count_calls(call.query.month, by=call.by, deps=call.deps))


@audience.route(
    "GET",
    "/v1/answers/{answer_id}/versions/{answer_version}/given",
    roles=STAFF,
    query=Paging,
    replies={200: Listing[GivenCallView]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def list_answer_given(call: Call) -> Reply:
    """List your organisation's calls in which a version was given, to call back; newest first.

    Once the law has changed, these are the people who were told what held before. Call those whose
    `contact_back` is true, and nobody else.
    """
    answer_id, version = call.path["answer_id"], int(call.path["answer_version"])
    return list_reply(
        call,
        Listing[GivenCallView],
        lambda limit, start: use_list_answer_given(
            answer_id, version, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        _given_view,
        f"/v1/answers/{answer_id}/versions/{version}/given",
    )


def _given_view(given: GivenCall) -> GivenCallView:
    return shown(
        GivenCallView,
        given.call,
        contact_back=given.contact_back,
        newest_version=given.newest_version,
    )


def _view(logged: LoggedCall) -> CallView:
    return shown(CallView, logged)
