"""A worker's identity, handed to a brand that she has named: by her partner, outside of the service
(ADR 44). Here it is only decided, and put on record."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from chalicelib.domain.admission.engagement import Engagement
from chalicelib.domain.alerting.alert import Alert, allowed_now
from chalicelib.domain.cases.case import Case, Changed
from chalicelib.domain.cases.consent import borders
from chalicelib.domain.factories.registry import BrandId
from chalicelib.domain.record.ledger import Action, Commit, Entry, commitment
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import ConsentLevel, HandOverReason, IdentityState
from chalicelib.errors import BrandNotEngaged, IdentityErased, StateConflict


class NewHandOver(Value):
    """To whom a worker's identity is handed, and why."""

    recipient: Annotated[BrandId, Field(description="A brand of the consent's `recipients`.")]
    reason: HandOverReason


class HandOver(NewHandOver):
    """A hand-over that is on record."""

    grievance_id: str
    handed_over_at: Moment
    by: str
    entry: Annotated[int, Field(description="Number of the entry in the case's history.")]


def may_know(case: Case, alert: Alert) -> bool:
    """Whether the brand of an alert may know who the worker is: she agrees to it now, by name, and
    to its crossing the borders in its way."""
    level = allowed_now(case, alert.payload).level
    return level is ConsentLevel.C4 and alert.brand_id in case.consent.recipients


def refuse_unless_agreed(case: Case, brand_id: str, alerts: Iterable[Alert]) -> None:
    """Raises StateConflict, in words that say what is missing; IdentityErased."""
    if case.identity is IdentityState.ERASED:
        raise IdentityErased()
    if case.identity is None:
        raise StateConflict("This case holds no identity.")
    if case.consent.level is not ConsentLevel.C4:
        raise StateConflict("The worker does not agree to it: that is consent C4.")
    if brand_id not in case.consent.recipients:
        raise StateConflict("The worker has not named this brand in `recipients` of her consent.")
    known = [alert for alert in alerts if alert.brand_id == brand_id]
    countries = (case.law, case.factory_reported.country, *(a.payload.country for a in known))
    if borders(*countries) and not case.consent.cross_border:
        raise StateConflict("The worker does not agree to its crossing the border: `cross_border`.")
    if not any(_is_live(case, alert) for alert in known):
        raise StateConflict("This brand knows nothing of the case: it has no alert that stands.")


def refuse_unless_engaged(
    case: Case,
    brand_id: str,
    alerts: Iterable[Alert],
    engagements: Sequence[Engagement],
    at: datetime,
) -> None:
    """Raises BrandNotEngaged unless the brand's desk may read an alert of the case now: whom nobody
    has engaged, or has any more, is told no one's name either (ADR 43)."""
    live = [alert for alert in alerts if alert.brand_id == brand_id and _is_live(case, alert)]
    active = [engagement for engagement in engagements if engagement.is_active(at)]
    if not any(
        engagement.covers_alert(alert.alerted_at, alert.payload.country)
        for engagement in active
        for alert in live
    ):
        raise BrandNotEngaged()


def _is_live(case: Case, alert: Alert) -> bool:
    tells = not alert.is_recall and alert.asks_for is None
    return (
        tells and alert.sent_at is not None and alert.recalled_at is None and may_know(case, alert)
    )


def handed_over(case: Case, wish: NewHandOver, *, by: str, at: datetime, commit: Commit) -> Changed:
    """The case with one more hand-over: its ledger names the brand to the partner alone."""
    return case.recorded(
        Action.IDENTITY_HANDED_OVER,
        by=by,
        at=at,
        data={
            "recipient": commitment("recipient", wish.recipient, commit),
            "reason": wish.reason,
        },
        private={"recipient": wish.recipient},
        identity_handed_to=tuple(sorted({*case.identity_handed_to, wish.recipient})),
    )


def hand_over_of(case: Case, entry: Entry) -> HandOver:
    """The hand-over that an entry records."""
    return HandOver(
        grievance_id=case.grievance_id,
        recipient=entry.private["recipient"],
        reason=entry.data["reason"],
        handed_over_at=entry.at,
        by=entry.actor,
        entry=entry.seq,
    )


def to_be_forgotten(case: Case, alerts: Iterable[Alert]) -> dict[str, Alert]:
    """By brand, an alert of each that was told who the worker is and may no longer know: its newest
    one that told it of the case."""
    newest: dict[str, Alert] = {}
    for alert in sorted(alerts, key=lambda alert: (alert.alerted_at, alert.alert_id)):
        if alert.brand_id in case.identity_handed_to and not alert.is_recall:
            newest[alert.brand_id] = alert
    return {brand: alert for brand, alert in newest.items() if not may_know(case, alert)}


def asked_to_forget(case: Case, brands: Iterable[str]) -> Case:
    """The case once these brands are asked to forget who the worker is."""
    left = tuple(brand for brand in case.identity_handed_to if brand not in {*brands})
    return case.model_copy(update={"identity_handed_to": left})
