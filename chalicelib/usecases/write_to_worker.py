"""An officer writes to the worker of a case, on the line that the worker used."""

from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.case import Case
from chalicelib.domain.helpline_line import HelplineLine
from chalicelib.domain.message import Message
from chalicelib.domain.outbound import Outbound, outbound_of
from chalicelib.domain.vocabulary import Channel


class Reached(NamedTuple):
    """The line that a worker used, and how."""

    line: HelplineLine
    channel: Channel


def outbound_to_worker(case: Case, message: Message, *, deps: Deps) -> Outbound:
    """The message on its way, to be written with the case: queued, or withheld and why."""
    reached = _reached(case, deps)
    return outbound_of(
        outbound_id=message.message_id,
        case=case,
        text=message.text or "",
        line=reached.line if reached else None,
        channel=reached.channel if reached else None,
        at=message.at,
    )


def _reached(case: Case, deps: Deps) -> Reached | None:
    conversation = deps.conversations.of_case(case.grievance_id)
    line = deps.lines.get(conversation.line_id) if conversation else None
    return Reached(line, conversation.channel) if conversation and line else None
