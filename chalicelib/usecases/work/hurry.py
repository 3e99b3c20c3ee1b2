"""What does not wait for the next tick: critical cases, messages to workers."""

from chalicelib.deps import Deps
from chalicelib.domain.cases.case import Case
from chalicelib.domain.helpline.outbound import Outbound
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


def hurry_outbound(message: Outbound, *, deps: Deps) -> None:
    """Ask for a message to be sent now. Only a hint: it is due, and the tick finds it."""
    if message.due_at is None:
        return
    try:
        deps.queues.send_outbound([(message.grievance_id, message.outbound_id)])
    except Unavailable:
        return
