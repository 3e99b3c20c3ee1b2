"""Send a reply on a line whose provider takes none in its answer."""

from chalicelib.deps import Deps
from chalicelib.domain.helpline_line import HelplineLine
from chalicelib.domain.inbound import Inbound
from chalicelib.domain.outbound import LONGEST, Outbound, outbound_of
from chalicelib.domain.references import derive_id
from chalicelib.usecases.hear import Heard
from chalicelib.usecases.hurry import hurry_outbound


def queue_reply(heard: Heard, *, to: Inbound, line: HelplineLine, deps: Deps) -> Outbound | None:
    """Keep what is to be said, and have it sent; None where there is nothing to say.

    The same message has the same reply: its id is derived from hers, so that a repeat is sent once.
    Raises Unavailable (then the provider sends her message again).
    """
    if heard.reply is None or heard.grievance_id is None:
        return None
    case = deps.cases.head(heard.grievance_id)
    if case is None:
        return None
    reply = outbound_of(
        outbound_id=derive_id("o", line.line_id, to.message_id),
        case=case,
        text=heard.reply[:LONGEST],
        line=line,
        channel=to.channel,
        answers=to.message_id,
        at=deps.now(),
    )
    if deps.outbound.add(reply):
        hurry_outbound(reply, deps=deps)
    return reply
