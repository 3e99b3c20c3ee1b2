"""What both sides of a case have said and asked, for its partner and for a brand that was told."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.alerting.alert import allowed_now
from chalicelib.domain.cases.question import Question
from chalicelib.domain.cases.statement import Statement, statement_of, statement_to
from chalicelib.store.paging import Page, Start
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.remedies.own_plan import read_alert_to_work_on


def list_case_statements(
    grievance_id: str, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[Statement]:
    """A page of what all sides have said, oldest first; notes are left out, so that a page may be
    shorter than asked. NotFound."""
    case = own_case(grievance_id, by=by, deps=deps)
    page = deps.cases.messages(case.grievance_id, limit, start)
    found = (statement_of(message) for message in page.items)
    return Page([each for each in found if each is not None], page.next_start)


def list_alert_statements(
    alert_id: str, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[Statement]:
    """A page of what the brand has said and what it may read of the partner's, oldest first.

    Raises NotFound, EngagementNotActive, ConsentWithdrawn, StateConflict (a recall, or a
    coalition).
    """
    alert, case = read_alert_to_work_on(alert_id, by=by, deps=deps)
    allowed = allowed_now(case, alert.payload).detail
    page = deps.cases.messages(case.grievance_id, limit, start)
    found = (statement_to(by.organisation, message, allowed) for message in page.items)
    return Page([each for each in found if each is not None], page.next_start)


def list_case_questions(
    grievance_id: str, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[Question]:
    """A page of what brands have asked about the case, newest first. NotFound."""
    case = own_case(grievance_id, by=by, deps=deps)
    return deps.questions.page(case.grievance_id, limit, start)


def list_alert_questions(
    alert_id: str, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[Question]:
    """A page of the brand's own questions about the case of an alert, newest first.

    Raises NotFound, EngagementNotActive, ConsentWithdrawn, StateConflict (a recall, or a
    coalition).
    """
    alert, case = read_alert_to_work_on(alert_id, by=by, deps=deps)
    allowed = allowed_now(case, alert.payload).detail
    page = deps.questions.page(case.grievance_id, limit, start, brand_id=by.organisation)
    return Page([each.shown_while(allowed) for each in page.items], page.next_start)
