"""A partner hands a worker's identity to a brand that she has named: here it goes on record."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.identities import hand_over
from chalicelib.domain.identities.hand_over import HandOver, NewHandOver
from chalicelib.domain.record.ledger import Action
from chalicelib.store.paging import Page, Start
from chalicelib.usecases.alerting.recall_alerts import alerts_of
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.work.retried import retried


def hand_over_identity(
    grievance_id: str, wish: NewHandOver, *, by: Principal, deps: Deps
) -> HandOver:
    """Record that a brand is told who the worker is. Nothing of the identity is read, or sent.

    Raises NotFound, IdentityErased, StateConflict (no identity is held; the worker does not agree,
    to this brand or to the border; the brand has no alert that stands), BrandNotEngaged (at
    present), VersionConflict (only under heavy traffic).
    """
    return retried(lambda: _recorded(grievance_id, wish, by, deps))


def _recorded(grievance_id: str, wish: NewHandOver, by: Principal, deps: Deps) -> HandOver:
    case, at = own_case(grievance_id, by=by, deps=deps), deps.now()
    alerts = alerts_of(case, deps)
    hand_over.refuse_unless_agreed(case, wish.recipient, alerts)
    engagements = deps.access.all_engagements(wish.recipient)
    hand_over.refuse_unless_engaged(case, wish.recipient, alerts, engagements, at)
    changed = hand_over.handed_over(
        case,
        wish,
        by=ledger_actor(by, deps.keyring),
        at=at,
        commit=committer(case, deps.keyring),
    )
    deps.cases.save(changed.case, changed.entry)
    return hand_over.hand_over_of(changed.case, changed.entry)


def list_hand_overs(
    grievance_id: str, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[HandOver]:
    """A page of the case's hand-overs, oldest first, as its ledger has them. NotFound."""
    case = own_case(grievance_id, by=by, deps=deps)
    page = deps.cases.later_entries(case, Action.IDENTITY_HANDED_OVER, limit, start)
    return Page([hand_over.hand_over_of(case, entry) for entry in page.items], page.next_start)
