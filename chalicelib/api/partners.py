"""What partner NGOs reach: their grievances, from intake to the ledger."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from chalicelib import errors
from chalicelib.api.endpoint import Audience, Call, Header, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.api.parsing import parse_idempotency_key, parse_if_match
from chalicelib.api.views import (
    CaseAlertView,
    EntryView,
    GrievanceRow,
    GrievanceView,
    ReviewView,
    case_alert_view,
    grievance_row,
    grievance_view,
    review_view,
    shown,
)
from chalicelib.domain.case import Case
from chalicelib.domain.dates import PartialDate, PartialDateOrOngoing
from chalicelib.domain.facts import Consent, FactoryReported, Facts, Filing
from chalicelib.domain.message import Message
from chalicelib.domain.registry import FactoryId
from chalicelib.domain.text import CountryCode, LanguageTag, Prose
from chalicelib.domain.transitions import Transition
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import (
    Category,
    IloIndicator,
    Role,
    Severity,
    State,
    Visibility,
    WorkersBand,
)
from chalicelib.store.cases import PartnerFilter
from chalicelib.usecases.add_message import add_message as use_add_message
from chalicelib.usecases.correct_grievance import correct_grievance as use_correct_grievance
from chalicelib.usecases.list_grievances import list_grievances as use_list_grievances
from chalicelib.usecases.own_case import own_case
from chalicelib.usecases.read_history import list_case_alerts as use_list_case_alerts
from chalicelib.usecases.read_history import list_messages as use_list_messages
from chalicelib.usecases.read_history import read_history as use_read_history
from chalicelib.usecases.resolve_factory import resolve_factory as use_resolve_factory
from chalicelib.usecases.review_factories import review_queue as use_review_queue
from chalicelib.usecases.submit_grievance import Receipt
from chalicelib.usecases.submit_grievance import submit_grievance as use_submit_grievance
from chalicelib.usecases.transition_grievance import transition_grievance as use_transition

audience = Audience(__name__, "Partners")
blueprint = audience.blueprint

STAFF = (Role.PARTNER_INTAKE, Role.PARTNER_SUPERVISOR)
LEAD = (Role.PARTNER_SUPERVISOR,)

IDEMPOTENCY_KEY = Header(
    "Idempotency-Key",
    "A key of your own for this grievance, 1 to 255 printable ASCII characters. A repeat with the "
    "same body gets the first receipt again, whenever it comes. May be left out where the body has "
    "a `partner_ref`.",
    pattern=r"^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$",
)
IF_MATCH = Header("If-Match", "The `ETag` of the version the change is based on.", required=True)
IF_MATCH_OPTIONAL = Header("If-Match", "The `ETag` the change is based on, to be safe.")


class GrievanceQuery(Paging):
    """Narrows a list of grievances."""

    state: State | None = None
    severity: Severity | None = None
    category: Category | None = None
    factory_id: FactoryId | None = None
    received_from: Annotated[Moment | None, Field(description="Inclusive, RFC 3339.")] = None
    received_to: Annotated[Moment | None, Field(description="Inclusive, RFC 3339.")] = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        # DynamoDB refuses such a BETWEEN
        if self.received_from and self.received_to and self.received_to < self.received_from:
            raise ValueError("received_to must not lie before received_from")
        return self


class Correction(Value):
    """Fields to replace, as in JSON merge patch: what is left out stays, `null` clears.

    `factory_reported` and `consent` are replaced as a whole. `severity` can be raised by a
    supervisor.
    """

    workers_affected: (
        Annotated[int, Field(strict=True, ge=1, le=10_000_000)] | WorkersBand | None
    ) = None
    factory_reported: FactoryReported | None = None
    incident_from: PartialDate | None = None
    incident_to: PartialDateOrOngoing | None = None
    categories: Annotated[tuple[Category, ...] | None, Field(min_length=1, max_length=10)] = None
    sub_codes: Annotated[tuple[str, ...] | None, Field(max_length=20)] = None
    ilo_indicators: Annotated[tuple[IloIndicator, ...] | None, Field(max_length=11)] = None
    narrative: Prose | None = None
    summary: Prose | None = None
    requested_remedy: Prose | None = None
    language: LanguageTag | None = None
    jurisdiction: CountryCode | None = None
    consent: Consent | None = None
    severity: Severity | None = None

    def corrections(self) -> dict[str, Any]:
        """Fields by name; one that was sent as null gets its default."""
        given = {name: getattr(self, name) for name in self.model_fields_set - {"severity"}}
        defaults = {
            name: Facts.model_fields[name].get_default()
            for name, value in given.items()
            if value is None and not Facts.model_fields[name].is_required()
        }
        raised = {"severity_raised_to": self.severity} if self.severity else {}
        return {**given, **defaults, **raised}


class NewMessage(Value):
    """A note or a message to add to a case."""

    text: Prose
    visibility: Annotated[
        Visibility, Field(description="`partner`: only your organisation reads it.")
    ] = Visibility.PARTNER


class FactoryChoice(Value):
    """Which factory is meant."""

    factory_id: FactoryId
    remember_spelling: Annotated[
        bool, Field(description="Let this spelling mean this factory from now on.")
    ] = True


_FILING_EXAMPLE = {
    "partner_ref": "GZ-2026-0417",
    "channel": "phone",
    "filed_by": "group",
    "workers_affected": 34,
    "factory_reported": {
        "name": "Yi Chang Tai (Shenzhen) Garment Factory",
        "city": "Shenzhen",
        "country": "CN",
    },
    "incident_from": "2026-09",
    "incident_to": "ongoing",
    "categories": ["compensation"],
    "sub_codes": ["compensation.unpaid_wages"],
    "ilo_indicators": ["withholding_of_wages"],
    "narrative": "Wages for September and October were not paid.",
    "summary": "Two months of wages outstanding for a group of workers.",
    "requested_remedy": "Payment of the outstanding wages.",
    "language": "zh-CN",
    "consent": {"level": "C3", "cross_border": True, "contact_back": True},
}


@audience.route(
    "POST",
    "/v1/grievances",
    roles=STAFF,
    body=Filing,
    headers=[IDEMPOTENCY_KEY],
    replies={201: Receipt, 200: Receipt},
    raises=[
        errors.MissingIdempotencyKey,
        errors.InvalidIdempotencyKey,
        errors.IdempotencyConflict,
    ],
    example=_FILING_EXAMPLE,
    reply_headers=["Location", "Idempotent-Replayed"],
)
def submit_grievance(call: Call) -> Reply:
    """Submit a grievance.

    201 with the receipt for a new one. The same key with the same body answers 200 with the same
    bytes and `Idempotent-Replayed: true`. Give the worker the `receipt_code`: with it she can ask
    for progress. Within minutes the brands that source from the factory are alerted, as far as
    `consent` allows; its default is nothing.
    """
    key = parse_idempotency_key(call.headers.get("idempotency-key"))
    submitted = use_submit_grievance(call.body, idempotency_key=key, by=call.by, deps=call.deps)
    location = {"Location": f"/v1/grievances/{submitted.receipt.grievance_id}"}
    if submitted.replayed:
        return Reply(submitted.receipt, 200, {**location, "Idempotent-Replayed": "true"})
    return Reply(submitted.receipt, 201, location)


@audience.route(
    "GET",
    "/v1/grievances",
    roles=STAFF,
    query=GrievanceQuery,
    replies={200: Listing[GrievanceRow]},
    raises=[errors.InvalidCursor],
)
def list_grievances(call: Call) -> Reply:
    """List your grievances, newest first.

    A page that filters may be shorter than `limit` and still have a next one: follow `next_cursor`.
    """
    query: GrievanceQuery = call.query
    filters = query.model_dump(mode="json", exclude={"limit", "cursor"})
    wanted = PartnerFilter(**filters)
    return list_reply(
        call,
        Listing[GrievanceRow],
        lambda limit, start: use_list_grievances(
            wanted, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        grievance_row,
        "/v1/grievances",
    )


@audience.route(
    "GET",
    "/v1/grievances/{grievance_id}",
    roles=STAFF,
    replies={200: GrievanceView},
    raises=[errors.NotFound],
    reply_headers=["ETag"],
)
def read_grievance(call: Call) -> Reply:
    """Read a grievance. The `ETag` is what a change needs as `If-Match`."""
    return _case_reply(own_case(call.path["grievance_id"], by=call.by, deps=call.deps))


@audience.route(
    "PATCH",
    "/v1/grievances/{grievance_id}",
    roles=STAFF,
    body=Correction,
    headers=[IF_MATCH],
    replies={200: GrievanceView},
    raises=[
        errors.NotFound,
        errors.PreconditionRequired,
        errors.PreconditionFailed,
        errors.StateConflict,
    ],
    example={"workers_affected": 41, "incident_from": "2026-09-01"},
    reply_headers=["ETag"],
)
def correct_grievance(call: Call) -> Reply:
    """Correct what was filed.

    A change of factory, dates or consent sends a case that no brand was told about back to the
    check.
    """
    correction: Correction = call.body
    case = use_correct_grievance(
        call.path["grievance_id"],
        correction.corrections(),
        expected_version=parse_if_match(call.headers.get("if-match")),
        by=call.by,
        deps=call.deps,
    )
    return _case_reply(case)


@audience.route(
    "POST",
    "/v1/grievances/{grievance_id}/transitions",
    roles=STAFF,
    body=Transition,
    headers=[IF_MATCH_OPTIONAL],
    replies={200: GrievanceView},
    raises=[
        errors.NotFound,
        errors.PreconditionFailed,
        errors.IllegalTransition,
        errors.VersionConflict,
    ],
    example={"to": "acknowledged"},
    reply_headers=["ETag"],
)
def transition_grievance(call: Call) -> Reply:
    """Move a grievance to another state. An illegal step is a 409 that names the legal ones."""
    case = use_transition(
        call.path["grievance_id"],
        call.body,
        expected_version=_optional_version(call),
        by=call.by,
        deps=call.deps,
    )
    return _case_reply(case)


@audience.route(
    "POST",
    "/v1/grievances/{grievance_id}/messages",
    roles=STAFF,
    body=NewMessage,
    replies={201: Message},
    raises=[errors.NotFound, errors.VersionConflict],
    example={"text": "Called back, wages for September have been paid.", "visibility": "partner"},
)
def add_message(call: Call) -> Reply:
    """Add a note or a message to a grievance."""
    wish: NewMessage = call.body
    message = use_add_message(
        call.path["grievance_id"], wish.text, wish.visibility, by=call.by, deps=call.deps
    )
    return Reply(message, 201)


@audience.route(
    "GET",
    "/v1/grievances/{grievance_id}/messages",
    roles=STAFF,
    query=Paging,
    replies={200: Listing[Message]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def list_messages(call: Call) -> Reply:
    """List the messages on a grievance, oldest first."""
    grievance_id = call.path["grievance_id"]
    return list_reply(
        call,
        Listing[Message],
        lambda limit, start: use_list_messages(
            grievance_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        lambda message: message,
        f"/v1/grievances/{grievance_id}/messages",
    )


@audience.route(
    "GET",
    "/v1/grievances/{grievance_id}/history",
    roles=STAFF,
    query=Paging,
    replies={200: Listing[EntryView]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def read_history(call: Call) -> Reply:
    """Read the ledger of a grievance, oldest entry first: who changed what, chained by hashes."""
    grievance_id = call.path["grievance_id"]
    return list_reply(
        call,
        Listing[EntryView],
        lambda limit, start: use_read_history(
            grievance_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        lambda entry: shown(EntryView, entry),
        f"/v1/grievances/{grievance_id}/history",
    )


@audience.route(
    "GET",
    "/v1/grievances/{grievance_id}/alerts",
    roles=STAFF,
    query=Paging,
    replies={200: Listing[CaseAlertView]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def list_case_alerts(call: Call) -> Reply:
    """List the brands that were alerted about a grievance, and what they answered."""
    grievance_id = call.path["grievance_id"]
    return list_reply(
        call,
        Listing[CaseAlertView],
        lambda limit, start: use_list_case_alerts(
            grievance_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        case_alert_view,
        f"/v1/grievances/{grievance_id}/alerts",
    )


@audience.route(
    "GET",
    "/v1/review-queue",
    roles=STAFF,
    query=Paging,
    replies={200: Listing[ReviewView]},
    raises=[errors.InvalidCursor],
)
def review_queue(call: Call) -> Reply:
    """List your grievances whose factory is not certain, longest waiting first."""
    return list_reply(
        call,
        Listing[ReviewView],
        lambda limit, start: use_review_queue(limit=limit, start=start, by=call.by, deps=call.deps),
        lambda review: review_view(review.case, review.factories),
        "/v1/review-queue",
    )


@audience.route(
    "POST",
    "/v1/grievances/{grievance_id}/factory",
    roles=LEAD,
    body=FactoryChoice,
    headers=[IF_MATCH_OPTIONAL],
    replies={200: GrievanceView},
    raises=[
        errors.NotFound,
        errors.PreconditionFailed,
        errors.StateConflict,
        errors.VersionConflict,
    ],
    example={"factory_id": "f_6caetacqsm0fajjakb08karrfe", "remember_spelling": True},
    reply_headers=["ETag"],
)
def resolve_factory(call: Call) -> Reply:
    """Say which factory is meant. The spelling becomes an alias; the case goes on at once."""
    choice: FactoryChoice = call.body
    case = use_resolve_factory(
        call.path["grievance_id"],
        choice.factory_id,
        remember_spelling=choice.remember_spelling,
        expected_version=_optional_version(call),
        by=call.by,
        deps=call.deps,
    )
    return _case_reply(case)


def _case_reply(case: Case) -> Reply:
    return Reply(grievance_view(case), headers={"ETag": f'"{case.version}"'})


def _optional_version(call: Call) -> int | None:
    header = call.headers.get("if-match")
    return None if header is None else parse_if_match(header)
