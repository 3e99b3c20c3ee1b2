"""Grievances as their partner NGO reaches them: intake, lists, corrections, transitions."""

from chalicelib import errors
from chalicelib.api.audiences import LEAD, STAFF
from chalicelib.api.cases.partner_bodies import Correction, GrievanceQuery, NewGrievance
from chalicelib.api.endpoint import Audience, Call, Header, Reply
from chalicelib.api.listing import Listing, list_reply
from chalicelib.api.parsing import parse_idempotency_key
from chalicelib.api.preconditions import (
    IF_MATCH,
    IF_MATCH_OPTIONAL,
    etag,
    optional_version,
    required_version,
)
from chalicelib.api.views import (
    GrievanceRow,
    GrievanceView,
    ProposalView,
    grievance_row,
    grievance_view,
    proposal_view,
)
from chalicelib.domain.cases.agreement import Decided
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.transitions import Transition
from chalicelib.domain.remedies.provided import RemedyRecord
from chalicelib.store.cases import PartnerFilter
from chalicelib.usecases.cases import decide_proposal
from chalicelib.usecases.cases.correct_grievance import correct_grievance as use_correct_grievance
from chalicelib.usecases.cases.list_grievances import list_grievances as use_list_grievances
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.cases.submit_grievance import Receipt
from chalicelib.usecases.cases.submit_grievance import submit_grievance as use_submit_grievance
from chalicelib.usecases.cases.transition_grievance import transition_grievance as use_transition
from chalicelib.usecases.remedies.record_remedy import record_remedy as use_record_remedy

audience = Audience(__name__, "Partners")
blueprint = audience.blueprint

IDEMPOTENCY_KEY = Header(
    "Idempotency-Key",
    "A key of your own for this grievance, 1 to 255 printable ASCII characters. A repeat with the "
    "same body gets the first receipt again, whenever it comes. May be left out where the body has "
    "a `partner_ref`.",
    pattern=r"^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$",
)

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
    "consent": {
        "level": "C3",
        "cross_border": True,
        "contact_back": True,
        "script_version": "helpline-zh-3",
    },
    "worker": {"name": "Example Worker", "wechat": "example-worker"},
}


def case_reply(case: Case) -> Reply:
    """A case for its partner, with its ETag."""
    return Reply(grievance_view(case), headers=etag(case.version))


def decided_reply(decided: Decided) -> Reply:
    """The case as it was decided; 202 with the proposal where a second person must agree."""
    if decided.proposal is None:
        return case_reply(decided.case)
    return Reply(proposal_view(decided.proposal), 202, etag(decided.case.version))


@audience.route(
    "POST",
    "/v1/grievances",
    roles=STAFF,
    body=NewGrievance,
    headers=[IDEMPOTENCY_KEY],
    replies={201: Receipt, 200: Receipt},
    raises=[
        errors.MissingIdempotencyKey,
        errors.InvalidIdempotencyKey,
        errors.IdempotencyConflict,
        errors.VersionConflict,
    ],
    example=_FILING_EXAMPLE,
    reply_headers=["Location", "Idempotent-Replayed"],
    files=True,
)
def submit_grievance(call: Call) -> Reply:
    """Submit a grievance.

    201 with the receipt for a new one. The same key with the same body answers 200 with the same
    bytes and `Idempotent-Replayed: true`. Give the worker the `receipt_code`: with it she can ask
    for progress. Within minutes the brands that source from the factory are alerted, as far as
    `consent` allows; its default is nothing. A case of reprisals names the one a worker was
    punished for in `links`, whatever became of that: brands that know of it are told so.
    """
    key = parse_idempotency_key(call.headers.get("idempotency-key"))
    grievance: NewGrievance = call.body
    submitted = use_submit_grievance(
        grievance.filing(),
        worker=grievance.worker,
        idempotency_key=key,
        by=call.by,
        deps=call.deps,
    )
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
    return case_reply(own_case(call.path["grievance_id"], by=call.by, deps=call.deps))


@audience.route(
    "PATCH",
    "/v1/grievances/{grievance_id}",
    roles=STAFF,
    body=Correction,
    headers=[IF_MATCH],
    replies={200: GrievanceView, 202: ProposalView},
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

    A change of factory or dates sends a case that no brand was told about back to the check.
    Lowering a severity from `S1` is only proposed (202): a second supervisor confirms it.
    """
    correction: Correction = call.body
    decided = use_correct_grievance(
        call.path["grievance_id"],
        correction.corrections(),
        expected_version=required_version(call),
        by=call.by,
        deps=call.deps,
        severity_reason=correction.severity_reason,
    )
    return decided_reply(decided)


@audience.route(
    "POST",
    "/v1/grievances/{grievance_id}/transitions",
    roles=STAFF,
    body=Transition,
    headers=[IF_MATCH_OPTIONAL],
    replies={200: GrievanceView, 202: ProposalView},
    raises=[
        errors.NotFound,
        errors.PreconditionFailed,
        errors.IllegalTransition,
        errors.StateConflict,
        errors.VersionConflict,
    ],
    example={"to": "acknowledged"},
    reply_headers=["ETag"],
)
def transition_grievance(call: Call) -> Reply:
    """Move a grievance to another state. An illegal step is a 409 that names the legal ones.

    Closing as `resolved` is only proposed (202): a second supervisor confirms it. Who closes a case
    may say what the worker got (`remedy`).
    """
    decided = use_transition(
        call.path["grievance_id"],
        call.body,
        expected_version=optional_version(call),
        by=call.by,
        deps=call.deps,
    )
    return decided_reply(decided)


@audience.route(
    "PUT",
    "/v1/grievances/{grievance_id}/remedy",
    roles=LEAD,
    body=RemedyRecord,
    headers=[IF_MATCH_OPTIONAL],
    replies={200: GrievanceView},
    raises=[errors.NotFound, errors.PreconditionFailed, errors.VersionConflict],
    example={"remedy": {"types": ["apology", "restitution"], "amount_band": "1-to-3"}},
    reply_headers=["ETag"],
)
def record_remedy(call: Call) -> Reply:
    """Say what the worker got, or say it anew.

    Possible in every state, also long after the end: it replaces what was said at the closing, or
    when an action of a plan was verified. No brand reads it. Auditors read the types, and the band
    of the amount; nobody asks for a sum.
    """
    body: RemedyRecord = call.body
    case = use_record_remedy(
        call.path["grievance_id"],
        body.remedy,
        expected_version=optional_version(call),
        by=call.by,
        deps=call.deps,
    )
    return case_reply(case)


@audience.route(
    "POST",
    "/v1/grievances/{grievance_id}/proposals/{proposal_id}/confirmation",
    roles=LEAD,
    replies={200: GrievanceView},
    raises=[
        errors.NotFound,
        errors.StateConflict,
        errors.IllegalTransition,
        errors.VersionConflict,
    ],
    reply_headers=["ETag"],
)
def confirm_proposal(call: Call) -> Reply:
    """Confirm what another supervisor has proposed; now it happens. Needs no body."""
    case = decide_proposal.confirm_proposal(
        call.path["grievance_id"], call.path["proposal_id"], by=call.by, deps=call.deps
    )
    return case_reply(case)


@audience.route(
    "DELETE",
    "/v1/grievances/{grievance_id}/proposals/{proposal_id}",
    roles=LEAD,
    replies={204: ""},
    raises=[errors.NotFound, errors.VersionConflict],
)
def refuse_proposal(call: Call) -> Reply:
    """Refuse what another supervisor has proposed, or take your own proposal back."""
    decide_proposal.refuse_proposal(
        call.path["grievance_id"], call.path["proposal_id"], by=call.by, deps=call.deps
    )
    return Reply(status=204)
