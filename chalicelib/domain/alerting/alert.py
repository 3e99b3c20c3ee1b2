"""What a brand is told: built from a case at the level its consent allows, nothing else."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.consent import Detail, Release, Way, release, told_at
from chalicelib.domain.cases.facts import band_of
from chalicelib.domain.dates import timestamp
from chalicelib.domain.factories.registry import Brand, Factory, SourcingLink
from chalicelib.domain.record import ledger
from chalicelib.domain.references import derive_id
from chalicelib.domain.retry import GIVE_UP, backoff
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import (
    AlertKind,
    AlertStatus,
    Category,
    ConsentLevel,
    DeliveryOutcome,
    EscalationLevel,
    IloIndicator,
    Severity,
    WorkersBand,
)

SCHEMA_VERSION: Final = "1.0"
"""Of the payload. What readers of the schema may trip over needs another one."""


class Withdrawn(StrEnum):
    """What a worker no longer agrees to."""

    EVERYTHING = "everything"
    FACTORY = "factory"
    SUMMARY = "summary"


class AlertFactory(Value):
    """The factory, as the registry knows it."""

    factory_id: str
    name: str
    address: str | None = None
    city: str | None = None
    identifiers: dict[str, str] = {}


class MissedBy(Value):
    """Which clock an alert reminds of, or has escalated: how far, and when it ran, or runs, out."""

    clock: ClockKind
    level: EscalationLevel
    due_at: Moment
    alert_id: Annotated[str, Field(description="The alert that wants to be answered.")]


class AlertPayload(Value):
    """What goes to the brand's topic as JSON. Never a narrative, a worker or the partner."""

    alert_id: str
    schema_version: Literal["1.0"] = SCHEMA_VERSION
    kind: AlertKind
    public_ref: str
    brand_id: str
    consent_level: ConsentLevel
    factory: AlertFactory | None = None
    country: str | None = None
    category: Category
    categories: tuple[Category, ...]
    ilo_indicators: tuple[IloIndicator, ...] = ()
    severity: Severity
    summary: str | None = None
    received_month: str
    workers_band: WorkersBand | None = None
    acknowledge_by: Moment
    respond_by: Moment
    actions_required: tuple[str, ...] = ("acknowledge", "reply")
    link_dates_known: bool = True
    code_clause: str | None = None
    code_version: str | None = None
    link: str
    recalls: Annotated[
        tuple[str, ...] | None, Field(description="The alerts that a `recall` takes back.")
    ] = None
    withdrawn: Annotated[
        tuple[Withdrawn, ...] | None, Field(description="What a `recall` takes back of them.")
    ] = None
    identity_was_handed_over: Annotated[
        Literal[True] | None,
        Field(
            description="Of a `recall`: delete who the worker is, which the partner told you, too."
        ),
    ] = None
    deadline: Annotated[
        MissedBy | None, Field(description="Of what an `update` reminds, or an `escalation` asks.")
    ] = None
    sequence: int
    content_hash: str = ""

    def exceeds(self, allowed: Release) -> bool:
        """Whether it shows more than is allowed."""
        summary = self.summary is not None and not allowed.summary
        return told_at(self.consent_level) > allowed.detail or summary

    def within(self, allowed: Release) -> "AlertPayload":
        """As much of it as may be shown where something may; recalls name nothing anyway."""
        less: dict[str, Any] = {}
        if not allowed.summary:
            less["summary"] = None
        if not allowed.names_factory and self.factory is not None:
            less |= {"factory": None, "consent_level": ConsentLevel.C2}
        reduced = self.model_copy(update=less)
        return self if reduced == self else reduced.sealed()

    def sealed(self) -> "AlertPayload":
        """The payload with the hash of everything else in it."""
        content = self.model_dump(mode="json", exclude={"content_hash"})
        digest = hashlib.sha256(ledger.canonical(content).encode()).hexdigest()
        return self.model_copy(update={"content_hash": digest})


class Reply(Value):
    """What a brand answered."""

    at: Moment
    by: str
    text: str


NO_ANSWER = "Unavailable"
"""`last_error` of an attempt that may have come through all the same."""


class Alert(Value):
    """An alert with its delivery and its answers: one row in the item collection of what it is
    about, whose id is `grievance_id`: a case, or a coalition."""

    alert_id: str
    grievance_id: str
    brand_id: str
    payload: AlertPayload
    language: Annotated[
        str, Field(description="Of its texts: its brand's, when it was written.")
    ] = "en"
    alerted_at: Moment
    status: AlertStatus = AlertStatus.PENDING
    due_at: Moment | None = None
    attempts: int = 0
    attempts_allowed: int = GIVE_UP
    last_error: str | None = None
    redelivery_id: str | None = None
    sent_at: Moment | None = None
    message_id: str | None = None
    acknowledged_at: Moment | None = None
    first_reply_at: Moment | None = None
    replies: tuple[Reply, ...] = ()
    recalled_at: Moment | None = None
    recalled_to: Detail | None = None
    escalation: EscalationLevel | None = None
    """How far one that asks by itself and that its brand does not acknowledge has escalated."""

    @property
    def is_recall(self) -> bool:
        """Whether it takes back what other alerts have told, or asks about one that does: its
        answer is none to the case itself."""
        return self.payload.recalls is not None

    @property
    def asks_by_itself(self) -> bool:
        """Whether it is acknowledged for its own sake, whatever becomes of a case: a recall, or a
        coalition. What any other one asks, the clocks of its case ask."""
        return self.payload.kind in (AlertKind.RECALL, AlertKind.COALITION)

    @property
    def asks_for(self) -> str | None:
        """The alert that a reminder or an escalation wants to have answered; of others None."""
        return self.payload.deadline.alert_id if self.payload.deadline else None

    def shown(self, case: Case) -> AlertPayload | None:
        """What its brand may see of it now; None where that is nothing."""
        if self.is_recall:
            return self.payload
        allowed = allowed_now(case, self.payload)
        if min(allowed.detail, self._left) < Detail.ISSUE:
            return None
        return self.payload.within(allowed)

    def exceeds(self, allowed: Release) -> bool:
        """Whether its brand was told more than what is allowed now, and not yet to forget it."""
        told = self.still_told > Detail.NOTHING
        return told and (self.still_told > allowed.detail or self.payload.exceeds(allowed))

    @property
    def surely_unsent(self) -> bool:
        """Whether its brand cannot have it: suppressed, or tried once and refused for certain.

        An attempt that got no answer, or is being made right now, may have come through; and so may
        one that nobody noted, where the run that wrote the alert was killed: only what that very
        run has noted (by its time) was the first attempt.
        """
        if self.status is AlertStatus.PENDING:
            due_again = self.alerted_at + backoff(1, of=self.alert_id)
            first = self.attempts == 1 and self.due_at == due_again
            return first and self.last_error not in (None, NO_ANSWER)
        return self.status is AlertStatus.SUPPRESSED

    @property
    def still_told(self) -> Detail:
        """What its brand knows and may use, as far as we know."""
        if self.is_recall or self.surely_unsent:
            return Detail.NOTHING
        return min(told_at(self.payload.consent_level), self._left)

    @property
    def _left(self) -> Detail:
        return Detail.FACTORY if self.recalled_to is None else self.recalled_to

    @property
    def outcome(self) -> DeliveryOutcome | None:
        """What came of the last attempt to send it; None before the first."""
        if self.last_error is not None:
            return (
                DeliveryOutcome.UNKNOWN if self.last_error == NO_ANSWER else DeliveryOutcome.FAILED
            )
        return DeliveryOutcome.SENT if self.sent_at is not None else None

    @property
    def may_be_sent_again(self) -> bool:
        """Whether it is for its brand still, and not on its way already."""
        finished = self.status in (AlertStatus.SENT, AlertStatus.QUARANTINED)
        return finished and self.recalled_at is None

    def redelivered(self, redelivery_id: str, at: datetime) -> "Alert":
        """The alert, to be sent anew from now on, with as many attempts as a new one."""
        again = {"status": AlertStatus.PENDING, "due_at": at, "last_error": None}
        allowed = {"attempts_allowed": self.attempts + GIVE_UP, "redelivery_id": redelivery_id}
        return self.model_copy(update={**again, **allowed})

    def suppressed(self) -> "Alert":
        """The alert, not to be sent; one that its brand got earlier stays what it is: sent."""
        status = AlertStatus.SUPPRESSED if self.sent_at is None else AlertStatus.SENT
        return self.model_copy(update={"status": status, "due_at": None})

    @property
    def failures(self) -> int:
        """How many of the attempts it is allowed have been made."""
        return self.attempts - (self.attempts_allowed - GIVE_UP)

    def recalled(self, allowed: Release, at: datetime) -> "Alert":
        """The alert with what is no longer allowed taken out of it."""
        recall = {"recalled_at": at, "recalled_to": min(allowed.detail, self._left)}
        return self.model_copy(update={**recall, "payload": self.payload.within(allowed)})

    def acknowledged(self, at: datetime) -> "Alert":
        """The alert, seen by its brand; the first time counts."""
        return self.model_copy(update={"acknowledged_at": self.acknowledged_at or at})

    def answered(self, reply: Reply) -> "Alert":
        """The alert with one more answer, which acknowledges it, too."""
        answers = {
            "first_reply_at": self.first_reply_at or reply.at,
            "replies": (*self.replies, reply),
        }
        return self.acknowledged(reply.at).model_copy(update=answers)


def alert_id(case: Case, brand_id: str, kind: AlertKind, level: ConsentLevel, sequence: int) -> str:
    """`a_<grievance>_<26 symbols>`: the same case, brand, kind, level (and round) give the same id.

    The first part lets a read find the alert's row by itself; it opens nothing to a brand.
    """
    return _numbered(case, derive_id("a", case.grievance_id, brand_id, kind, level, str(sequence)))


def _numbered(case: Case, derived: str) -> str:
    return f"a_{case.grievance_id.removeprefix('g_')}_{derived.removeprefix('a_')}"


def _beside(alert_id: str, derived: str) -> str:
    """The id of another alert of the same case, or coalition."""
    kind, about, _ = alert_id.split("_")
    return f"{kind}_{about}_{derived.removeprefix('a_')}"


def grievance_of(alert_id: str) -> str:
    """The id of the grievance an alert belongs to, or of its coalition."""
    prefix = "c" if is_of_coalition(alert_id) else "g"
    return f"{prefix}_{alert_id.split('_')[1]}"


OF_COALITION = "ac_"
"""What the id of an alert begins with that belongs to a coalition: `ac_<coalition>_<symbols>`."""


def is_of_coalition(alert_id: str) -> bool:
    """Whether an alert belongs to no grievance, but to a coalition."""
    return alert_id.startswith(OF_COALITION)


def write_alert(
    case: Case,
    brand: Brand,
    factory: Factory,
    link: SourcingLink,
    *,
    kind: AlertKind,
    released: Release,
    desk_url: str,
    at: datetime,
) -> Alert:
    """The alert for one brand. Only call with a release that has a level."""
    if released.level is None:
        raise ValueError("nothing may be released")
    number = alert_id(case, brand.brand_id, kind, released.level, _round(case))
    category = case.categories[0]
    code = brand.code_of_conduct
    payload = AlertPayload(
        alert_id=number,
        kind=kind,
        public_ref=case.public_ref,
        brand_id=brand.brand_id,
        consent_level=released.level,
        factory=named(factory) if released.names_factory else None,
        country=factory.country,
        category=category,
        categories=case.categories,
        ilo_indicators=case.ilo_indicators,
        severity=case.severity,
        summary=case.summary if released.summary else None,
        received_month=f"{case.received_at:%Y-%m}",
        workers_band=band_of(case.workers_affected),
        acknowledge_by=case.started_clock(ClockKind.BRAND_ACKNOWLEDGES, at).due_at,
        respond_by=case.started_clock(ClockKind.BRAND_FIRST_REPLY, at).due_at,
        link_dates_known=link.dates_known(),
        code_clause=code.clause_for(category) if code else None,
        code_version=code.version if code else None,
        link=f"{desk_url}/v1/alerts/{number}",
        sequence=_round(case),
    )
    return _pending(case, payload, brand.language, at)


def write_recall(
    case: Case,
    told: Sequence[Alert],
    *,
    allowed: Release,
    handed_over: bool = False,
    like: Alert | None = None,
    desk_url: str,
    at: datetime,
) -> Alert:
    """What tells one brand that alerts it was sent show more than the worker agrees to now.

    It names nothing: besides the alerts' ids it says what the brand's subscriptions filter on.
    `handed_over` says that the brand was told who the worker is, and no longer may know. Where that
    is all, none are `told`, and it is `like` an alert that stays.
    """
    latest = like or max(told, key=lambda alert: (alert.alerted_at, alert.alert_id))
    newest = latest.payload
    level = allowed.level or ConsentLevel.C0
    number = alert_id(case, newest.brand_id, AlertKind.RECALL, level, _round(case))
    acknowledge_by = case.started_clock(ClockKind.BRAND_ACKNOWLEDGES, at).due_at
    payload = AlertPayload(
        alert_id=number,
        kind=AlertKind.RECALL,
        public_ref=case.public_ref,
        brand_id=newest.brand_id,
        consent_level=level,
        country=newest.country,
        category=newest.category,
        categories=(newest.category,),
        severity=newest.severity,
        received_month=newest.received_month,
        acknowledge_by=acknowledge_by,
        respond_by=acknowledge_by,
        actions_required=("acknowledge", "delete"),
        link=f"{desk_url}/v1/alerts/{number}",
        recalls=tuple(sorted(alert.alert_id for alert in told)),
        withdrawn=_withdrawn(told, allowed),
        identity_was_handed_over=True if handed_over else None,
        sequence=_round(case),
    )
    return _pending(case, payload, latest.language, at)


def write_escalation(
    of: Alert, *, kind: AlertKind, missed: MissedBy, desk_url: str, at: datetime
) -> Alert:
    """What reminds a brand of an alert, or asks its escalation contact about it.

    It says no more than which case or coalition, which clock, and what the brand's subscriptions
    filter on.
    """
    derived = derive_id(
        "a", of.alert_id, kind, missed.clock, missed.level, timestamp(missed.due_at)
    )
    asked = of.payload
    payload = AlertPayload(
        alert_id=_beside(of.alert_id, derived),
        kind=kind,
        public_ref=asked.public_ref,
        brand_id=of.brand_id,
        consent_level=_level_of_asking(of),
        country=asked.country,
        category=asked.category,
        categories=(asked.category,),
        severity=asked.severity,
        received_month=asked.received_month,
        acknowledge_by=asked.acknowledge_by,
        respond_by=asked.respond_by,
        actions_required=asked.actions_required if of.is_recall else (_ASKS_FOR[missed.clock],),
        link=f"{desk_url}/v1/alerts/{of.alert_id}",
        recalls=asked.recalls,
        withdrawn=asked.withdrawn,
        identity_was_handed_over=asked.identity_was_handed_over,
        deadline=missed,
        sequence=asked.sequence,
    )
    return pending(of.grievance_id, payload, of.language, at)


def _level_of_asking(of: Alert) -> ConsentLevel:
    """It names no factory: a coalition is a number then, any other matter an issue."""
    if of.is_recall:
        return of.payload.consent_level
    return ConsentLevel.C1 if is_of_coalition(of.alert_id) else ConsentLevel.C2


def write_test(brand: Brand, *, alert_id: str, desk_url: str, at: datetime) -> AlertPayload:
    """A test alert. There is no case behind it: it says nothing but that, and asks for nothing."""
    payload = AlertPayload(
        alert_id=alert_id,
        kind=AlertKind.TEST,
        public_ref=f"TEST-{alert_id[-8:].upper()}",
        brand_id=brand.brand_id,
        consent_level=ConsentLevel.C0,
        category=Category.OTHER,
        categories=(Category.OTHER,),
        severity=Severity.S4,
        received_month=f"{at:%Y-%m}",
        acknowledge_by=at,
        respond_by=at,
        actions_required=(),
        link=f"{desk_url}/v1/subscriptions",
        sequence=1,
    )
    return payload.sealed()


_ASKS_FOR = {
    ClockKind.BRAND_ACKNOWLEDGES: "acknowledge",
    ClockKind.BRAND_FIRST_REPLY: "reply",
    ClockKind.REMEDIATION_PLAN: "submit_plan",
}


def to_be_asked(case: Case, alerts: Sequence[Alert], clock: ClockKind) -> list[Alert]:
    """Of each brand the newest alert that the clock waits for, where the brand may be asked: it has
    not answered, it was told, and it may still know of the case."""
    newest: dict[str, Alert] = {}
    for alert in sorted(alerts, key=lambda alert: (alert.alerted_at, alert.alert_id)):
        if not alert.is_recall and alert.asks_for is None:
            newest[alert.brand_id] = alert
    return [alert for alert in newest.values() if _is_to_be_asked(case, alert, clock)]


def _is_to_be_asked(case: Case, alert: Alert, clock: ClockKind) -> bool:
    answered = {
        ClockKind.BRAND_ACKNOWLEDGES: alert.acknowledged_at,
        ClockKind.BRAND_FIRST_REPLY: alert.first_reply_at,
    }.get(clock)
    told = alert.status is not AlertStatus.SUPPRESSED
    return answered is None and told and alert.shown(case) is not None


def _withdrawn(told: Sequence[Alert], allowed: Release) -> tuple[Withdrawn, ...]:
    if allowed.detail < Detail.ISSUE:
        return (Withdrawn.EVERYTHING,)
    factory = not allowed.names_factory and any(alert.payload.factory for alert in told)
    summary = not allowed.summary and any(alert.payload.summary for alert in told)
    return (*([Withdrawn.FACTORY] * factory), *([Withdrawn.SUMMARY] * summary))


def allowed_now(case: Case, payload: AlertPayload) -> Release:
    """What the brand of an alert may be shown of its case as consent stands."""
    countries = (case.law, case.factory_reported.country, payload.country)
    return release(case.agreed, Way.BRAND_DESK, *countries)


def _round(case: Case) -> int:
    """Tells alerts of one kind and level apart: cases are reopened, consents given again."""
    return case.reopened_count + case.consent_changes + 1


def _pending(case: Case, payload: AlertPayload, language: str, at: datetime) -> Alert:
    return pending(case.grievance_id, payload, language, at)


def pending(record_id: str, payload: AlertPayload, language: str, at: datetime) -> Alert:
    """An alert that is to be sent, of a case or of a coalition."""
    return Alert(
        alert_id=payload.alert_id,
        grievance_id=record_id,
        brand_id=payload.brand_id,
        language=language,
        payload=payload.sealed(),
        alerted_at=at,
        due_at=at,
    )


def named(factory: Factory) -> AlertFactory:
    """The factory as an alert names it."""
    return AlertFactory(
        factory_id=factory.factory_id,
        name=factory.name,
        address=factory.address,
        city=factory.city,
        identifiers=factory.identifiers,
    )
