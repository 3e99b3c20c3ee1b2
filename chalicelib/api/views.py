"""What each audience is shown of a case, an alert, a factory. A field not listed is not shown."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field

from chalicelib.domain.admission.access import Principal
from chalicelib.domain.alerting.alert import Alert, AlertPayload, Reply
from chalicelib.domain.alerting.coalition import Record, shown_to_brand
from chalicelib.domain.cases.case import Case, Clock, Hold, RetentionHold
from chalicelib.domain.cases.case_link import CaseLink
from chalicelib.domain.cases.facts import FactoryReported, Facts
from chalicelib.domain.cases.message import Message
from chalicelib.domain.cases.proposal import Proposal
from chalicelib.domain.cases.transitions import Transition
from chalicelib.domain.dates import Precision, precision_of
from chalicelib.domain.factories.registry import Factory
from chalicelib.domain.factories.resolution import Match
from chalicelib.domain.helpline.outbound import Delivery, Outbound
from chalicelib.domain.helpline.standard_answer import GivenAnswer
from chalicelib.domain.record.ledger import Action, Entry, canonical
from chalicelib.domain.remedies.provided import Remedy
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import (
    AlertKind,
    AlertStatus,
    Category,
    ConsentLevel,
    DeliveryOutcome,
    Finding,
    IdentityState,
    InadmissibleReason,
    IntakeType,
    MatchMethod,
    Outcome,
    ProposalKind,
    RootCause,
    Routing,
    Severity,
    State,
    WorkerVerdict,
)

M = TypeVar("M", bound=BaseModel)


def shown(model: type[M], source: Any, **more: Any) -> M:
    """The view `model` of a value: the fields they share, and `more`."""
    names = set(model.model_fields) - more.keys()
    return model.model_construct(**{name: getattr(source, name) for name in names}, **more)


class MessageView(Message):
    """A note or a message on a case; one to the worker says what has become of it."""

    delivery: Annotated[
        Delivery | None, Field(description="Of a message to the worker; null for others.")
    ] = None


def message_view(message: Message, outbound: Outbound | None) -> MessageView:
    """A message, and its way to the worker."""
    return shown(MessageView, message, delivery=outbound.delivery if outbound else None)


class ProposalView(Value):
    """A decision that one supervisor has made and a second one must confirm, within a week."""

    proposal_id: str
    kind: ProposalKind
    proposed_by: Annotated[str, Field(description="The `user_id` of who cannot confirm it.")]
    proposed_at: Moment
    expires_at: Moment
    from_state: State
    from_severity: Severity
    transition: Annotated[Transition | None, Field(description="The step that would be made.")]
    severity: Annotated[Severity | None, Field(description="What it would be lowered to.")]
    reason: str | None


def proposal_view(proposal: Proposal) -> ProposalView:
    """A proposal for its partner."""
    wish = proposal.transition
    transition = Transition.model_validate_json(canonical(wish)) if wish else None
    return shown(ProposalView, proposal, transition=transition)


class GrievanceView(Facts):
    """A case as its own partner sees it."""

    grievance_id: str
    public_ref: str
    partner_ref: str | None
    links: Annotated[
        tuple[CaseLink, ...],
        Field(description="Cases it was filed with, and those that were filed with it since."),
    ]
    state: State
    severity: Severity
    severity_raised_to: Severity | None
    routing: Routing
    routing_reason: Annotated[str | None, Field(description="Why it waits, as a stable code.")]
    escrow_released_at: Annotated[
        Moment | None,
        Field(description="When enough others had filed the same: from then on `X` is `C3`."),
    ]
    factory_id: str | None
    match: Match | None
    incident_from_precision: Precision | None
    incident_to_precision: Precision | None
    clocks: dict[ClockKind, Clock]
    hold: Hold | None
    proposal: Annotated[
        ProposalView | None, Field(description="What waits for a second supervisor.")
    ]
    inadmissible_reason: InadmissibleReason | None
    finding: Finding | None
    outcome: Outcome | None
    root_cause: RootCause | None
    worker_verdict: WorkerVerdict | None
    remedy: Annotated[
        Remedy | None, Field(description="What the worker got, as you said. No brand reads it.")
    ]
    identity: Annotated[
        IdentityState | None,
        Field(description="Whether the vault holds who the worker is, or held it once."),
    ]
    texts_erased_at: Moment | None
    retention_hold: RetentionHold | None
    received_at: Moment
    acknowledged_at: Moment | None
    brand_notified_at: Moment | None
    brand_acknowledged_at: Moment | None
    brand_first_reply_at: Moment | None
    plan_at: Annotated[
        Moment | None, Field(description="When the first remediation plan was submitted.")
    ]
    closed_at: Moment | None
    reopened_count: int
    standard_answer: Annotated[
        GivenAnswer | None, Field(description="The one that was given last, in a call about it.")
    ]
    taxonomy_version: str
    version: int
    ledger_hash: Annotated[str, Field(description="Hash of the latest ledger entry.")]


def grievance_view(case: Case) -> GrievanceView:
    """A case for its partner."""
    return shown(
        GrievanceView,
        case,
        proposal=proposal_view(case.proposal) if case.proposal else None,
        incident_from_precision=precision_of(case.incident_from) if case.incident_from else None,
        incident_to_precision=precision_of(case.incident_to) if case.incident_to else None,
    )


class GrievanceRow(Value):
    """A case in a list."""

    grievance_id: str
    public_ref: str
    partner_ref: str | None = None
    intake_type: IntakeType
    state: State
    routing: Routing
    severity: Severity
    categories: tuple[Category, ...]
    factory_name: str | None = None
    factory_id: str | None = None
    jurisdiction: str | None = None
    received_at: Moment
    closed_at: Moment | None = None
    version: int


def grievance_row(plain: dict[str, Any]) -> GrievanceRow:
    """A list row from what the index holds."""
    return GrievanceRow.model_validate(
        {name: plain[name] for name in GrievanceRow.model_fields if name in plain}
    )


class EntryView(Value):
    """One entry of a case's ledger."""

    seq: int
    at: Moment
    actor: str
    action: Action
    data: dict[str, Any]
    prev_hash: str
    hash: str
    private: Annotated[
        dict[str, Any],
        Field(description="What commitments in `data` stand for. Not part of the hash."),
    ]
    organisation: Annotated[
        str | None, Field(description="Yours, where `actor` is its pseudonym.")
    ] = None


def entry_view(entry: Entry, by: Principal, own_pseudonym: str) -> EntryView:
    """An entry for the partner of its case."""
    is_own = own_pseudonym in entry.actor.split(":")
    return shown(EntryView, entry, organisation=by.organisation if is_own else None)


class CandidateView(Value):
    """A factory that may be meant, and why."""

    factory_id: str
    name: str | None
    address: str | None
    city: str | None
    country: str | None
    matched_name: Annotated[
        str | None, Field(description="The name or alias in the registry that fits best.")
    ]
    score: float
    method: MatchMethod
    evidence: tuple[str, ...]


class ReviewView(Value):
    """A case whose factory a reviewer must choose."""

    grievance_id: str
    public_ref: str
    severity: Severity
    received_at: Moment
    reason: str | None
    factory_reported: FactoryReported
    candidates: list[CandidateView]
    refused_factories: Annotated[
        tuple[str, ...], Field(description="Factories that a reviewer has said are not meant.")
    ]
    version: int


def review_view(case: Case, factories: dict[str, Factory]) -> ReviewView:
    """A row of the review queue."""
    candidates = [
        CandidateView(
            **{n: getattr(c, n) for n in _FITTING},
            **{n: getattr(factories.get(c.factory_id), n, None) for n in _PLACE},
        )
        for c in case.candidates
    ]
    return shown(ReviewView, case, reason=case.routing_reason, candidates=candidates)


_FITTING = ("factory_id", "matched_name", "score", "method", "evidence")
_PLACE = ("name", "address", "city", "country")


class AlertRow(Value):
    """An alert in a list."""

    alert_id: str
    kind: AlertKind
    public_ref: str
    severity: Annotated[
        Severity | None, Field(description="Null, like `category`, where all was recalled.")
    ] = None
    category: Category | None = None
    country: str | None = None
    alerted_at: Moment
    respond_by: Moment
    acknowledged_at: Moment | None = None
    first_reply_at: Moment | None = None
    recalled_at: Annotated[
        Moment | None, Field(description="When consent to it was withdrawn: a `recall` says what.")
    ] = None
    sequence: int


def alert_row(plain: dict[str, Any]) -> AlertRow:
    """A list row from what the index holds."""
    return AlertRow.model_validate(
        {name: plain[name] for name in AlertRow.model_fields if name in plain}
    )


class CaseAlertView(Value):
    """An alert as the partner of its case sees it: who was told what, and what they answered."""

    alert_id: str
    brand_id: str
    kind: AlertKind
    consent_level: ConsentLevel
    status: Annotated[
        AlertStatus,
        Field(
            description="`suppressed`: consent was withdrawn, or the brand's engagement ended, "
            "before it was sent."
        ),
    ]
    attempts: Annotated[int, Field(description="To send it; repeats have the same `alert_id`.")]
    outcome: Annotated[
        DeliveryOutcome | None, Field(description="Of the last attempt; null before the first.")
    ]
    alerted_at: Moment
    sent_at: Moment | None
    acknowledge_by: Moment
    respond_by: Moment
    acknowledged_at: Moment | None
    first_reply_at: Moment | None
    recalled_at: Moment | None
    replies: tuple[Reply, ...]


def case_alert_view(alert: Alert) -> CaseAlertView:
    """An alert for the partner of its case."""
    told = ("kind", "consent_level", "acknowledge_by", "respond_by")
    return shown(CaseAlertView, alert, **{name: getattr(alert.payload, name) for name in told})


class AlertView(Value):
    """An alert as its brand sees it, with what the brand has answered."""

    alert_id: str
    alert: Annotated[
        AlertPayload | None,
        Field(description="As much of it as consent allows now; null where that is nothing."),
    ]
    alerted_at: Moment
    acknowledged_at: Moment | None
    first_reply_at: Moment | None
    recalled_at: Moment | None
    replies: tuple[Reply, ...]


def alert_view(alert: Alert, record: Record) -> AlertView:
    """An alert for its brand, within what the worker agrees to now."""
    return shown(AlertView, alert, alert=shown_to_brand(alert, record))
