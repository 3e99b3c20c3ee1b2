"""What has happened to a case: its ledger, its messages, whom it was told."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.alerting.alert import Alert
from chalicelib.domain.record.ledger import Entry
from chalicelib.domain.vocabulary import Visibility
from chalicelib.store.paging import Page, Start
from chalicelib.usecases.cases.add_message import Added
from chalicelib.usecases.cases.own_case import own_case


def read_history(
    grievance_id: str, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[Entry]:
    """A page of the case's ledger, oldest first. Raises NotFound."""
    return deps.cases.entries(own_case(grievance_id, by=by, deps=deps), limit, start)


def list_messages(
    grievance_id: str, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[Added]:
    """A page of the case's messages, oldest first, those to the worker with what has become of
    them. Raises NotFound."""
    case = own_case(grievance_id, by=by, deps=deps)
    page = deps.cases.messages(case.grievance_id, limit, start)
    to_worker = [m.message_id for m in page.items if m.visibility is Visibility.WORKER]
    sent = deps.outbound.those_of(case.grievance_id, to_worker)
    return Page([Added(m, sent.get(m.message_id)) for m in page.items], page.next_start)


def list_case_alerts(
    grievance_id: str, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[Alert]:
    """A page of the alerts about the case, with what became of each. Raises NotFound."""
    case = own_case(grievance_id, by=by, deps=deps)
    return deps.alerts.of_case(case.grievance_id, limit, start)
