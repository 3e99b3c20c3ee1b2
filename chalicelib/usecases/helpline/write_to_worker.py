"""An officer writes to the worker of a case, on the line that the worker used."""

from chalicelib.deps import Deps
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.message import Message
from chalicelib.domain.helpline.outbound import Outbound, outbound_of


def outbound_to_worker(case: Case, message: Message, *, deps: Deps) -> Outbound:
    """The message on its way, to be written with the case: queued, or withheld and why."""
    conversation = deps.conversations.of_case(case.grievance_id)
    line = deps.lines.get(conversation.line_id) if conversation else None
    return outbound_of(
        outbound_id=message.message_id,
        case=case,
        text=message.text or "",
        line=line,
        channel=conversation.channel if conversation and line else None,
        at=message.at,
    )
