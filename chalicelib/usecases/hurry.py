"""Critical cases do not wait for the next tick."""

from chalicelib.deps import Deps
from chalicelib.domain.case import Case
from chalicelib.domain.vocabulary import Severity
from chalicelib.errors import Unavailable


def hurry(case: Case, *, deps: Deps) -> None:
    """Ask for a critical case that is due to be checked now.

    Only a hint: the case is due in any case, so where the queue does not answer the tick finds it.
    """
    if case.severity is not Severity.S1 or case.check_due_at is None:
        return
    try:
        deps.queues.send_case(case.grievance_id)
    except Unavailable:
        return
