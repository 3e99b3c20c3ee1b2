"""A brand asks for more time, the partner's supervisor decides, both read what became of it."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.deadlines import signal_of_extension
from chalicelib.domain.cases.extension import (
    Extension,
    NewDecision,
    NewExtension,
    asked_for,
    case_with_request,
    decided,
)
from chalicelib.domain.remedies.remedy import refuse_ended
from chalicelib.errors import NotFound
from chalicelib.store.paging import Page, Start
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.remedies.own_plan import alert_to_work_on, read_alert_to_work_on
from chalicelib.usecases.work.retried import retried


def request_extension(alert_id: str, wish: NewExtension, *, by: Principal, deps: Deps) -> Extension:
    """Ask for more time on a clock of the alert's case; until it is granted the clock runs on.

    Raises NotFound, EngagementNotActive, ConsentWithdrawn, ValidationFailed (no rule allows it),
    StateConflict (the case has ended, a recall, the clock does not run, a request is open, too
    many), VersionConflict.
    """
    return retried(lambda: _requested(alert_id, wish, by, deps))


def _requested(alert_id: str, wish: NewExtension, by: Principal, deps: Deps) -> Extension:
    _, case = alert_to_work_on(alert_id, by=by, deps=deps)
    refuse_ended(case)
    at = deps.now()
    extension = asked_for(
        case,
        wish,
        deps.extensions.all_of(case.grievance_id),
        alert_id=alert_id,
        brand_id=by.organisation,
        at=at,
    )
    changed = case_with_request(
        case,
        extension,
        by=ledger_actor(by, deps.keyring),
        commit=committer(case, deps.keyring),
    )
    rows = [
        deps.extensions.new_row(extension),
        deps.signals.row(signal_of_extension(changed.case, extension.clock, at)),
    ]
    deps.cases.save(changed.case, changed.entry, rows)
    return extension


def decide_extension(
    grievance_id: str, extension_id: str, wish: NewDecision, *, by: Principal, deps: Deps
) -> Extension:
    """Grant a request, or refuse it.

    Raises NotFound, StateConflict (decided before, the case has ended, the clock does not run any
    more, too many, over all the same), VersionConflict.
    """
    return retried(lambda: _decided(grievance_id, extension_id, wish, by, deps))


def _decided(
    grievance_id: str, extension_id: str, wish: NewDecision, by: Principal, deps: Deps
) -> Extension:
    case = own_case(grievance_id, by=by, deps=deps)
    extensions = deps.extensions.all_of(grievance_id)
    asked = next((each for each in extensions if each.extension_id == extension_id), None)
    if asked is None:
        raise NotFound()
    refuse_ended(case)
    after, changed = decided(
        case,
        asked,
        wish,
        extensions,
        by=ledger_actor(by, deps.keyring),
        at=deps.now(),
        commit=committer(case, deps.keyring),
    )
    deps.cases.save(changed.case, changed.entry, [deps.extensions.changed_row(after)])
    return after


def list_case_extensions(
    grievance_id: str, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[Extension]:
    """A page of all requests about the case, newest first. NotFound."""
    case = own_case(grievance_id, by=by, deps=deps)
    return deps.extensions.page(case.grievance_id, limit, start)


def list_alert_extensions(
    alert_id: str, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[Extension]:
    """A page of the brand's own requests about the case of an alert, newest first.

    Raises NotFound, EngagementNotActive, ConsentWithdrawn, StateConflict (a recall, or a
    coalition).
    """
    _, case = read_alert_to_work_on(alert_id, by=by, deps=deps)
    return deps.extensions.page(case.grievance_id, limit, start, brand_id=by.organisation)
