"""Send a reply on a line whose provider takes none in its answer."""

from chalicelib.carriers.carrier import Parcel, RefusedByCarrier
from chalicelib.deps import Deps
from chalicelib.domain.helpline.helpline_line import HelplineLine
from chalicelib.domain.helpline.inbound import Inbound
from chalicelib.domain.helpline.outbound import Outbound, outbound_of
from chalicelib.domain.references import derive_id
from chalicelib.usecases.helpline.hear import Heard
from chalicelib.usecases.work.hurry import hurry_outbound


def queue_reply(heard: Heard, *, to: Inbound, line: HelplineLine, deps: Deps) -> Outbound | None:
    """Keep what is to be said, and have it sent; None where there is nothing to say.

    The same message has the same reply: its id is derived from hers, so that a repeat is sent once.
    Who wrote without a case of her own there is answered at once, for no case keeps her address.
    Raises Unavailable (then the provider sends her message again).
    """
    if heard.reply is None:
        return None
    if heard.grievance_id is None or not heard.began_here:
        _answered_at_once(heard.reply, to, line, deps)
        return None
    case = deps.cases.head(heard.grievance_id)
    if case is None:
        return None
    reply = outbound_of(
        outbound_id=derive_id("o", line.line_id, to.message_id),
        case=case,
        text=heard.reply,
        line=line,
        channel=to.channel,
        answers=to.message_id,
        at=deps.now(),
    )
    if deps.outbound.add(reply):
        hurry_outbound(reply, deps=deps)
    return reply


def _answered_at_once(reply: str, to: Inbound, line: HelplineLine, deps: Deps) -> None:
    """To whoever it was that wrote, and nowhere else; what is refused is not tried again."""
    parcel = Parcel(
        text=reply,
        to=to.sender,
        line=line,
        secrets=deps.line_secrets.get(line.line_id),
        answers=to.message_id,
        tell=deps.settings.public_url,
    )
    try:
        deps.carriers.on(to.channel).send(parcel)
    except RefusedByCarrier:
        return
