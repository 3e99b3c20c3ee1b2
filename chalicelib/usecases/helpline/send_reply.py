"""Send a reply that came through the queue."""

from chalicelib import log
from chalicelib.carriers.carrier import Parcel, RefusedByCarrier
from chalicelib.deps import Deps
from chalicelib.usecases.helpline.sealed_reply import opened


def send_reply(line_id: str, reply: str, *, deps: Deps) -> None:
    """Hand a sealed reply to the line's carrier. What is refused is not tried again.

    Raises Unavailable where the carrier or one of our stores does not answer: the queue tries
    again. At least once, then: QQ itself drops a second reply to the same message.
    """
    line = deps.lines.get(line_id)
    said = opened(reply, line_id, deps.keyring)
    if line is None or line.ended_at is not None or said is None:
        _tell(line_id, "dropped")
        return
    parcel = Parcel(
        text=said.text,
        to=said.to,
        line=line,
        secrets=deps.line_secrets.get(line_id),
        answers=said.answers,
        tell=deps.settings.public_url,
    )
    try:
        deps.carriers.on(said.channel).send(parcel)
    except RefusedByCarrier:
        _tell(line_id, "refused")
    else:
        _tell(line_id, "sent")


def _tell(line_id: str, status: str) -> None:
    log.info(log.Event.REPLY_LOOKED_AFTER, line_id=line_id, status=status)
