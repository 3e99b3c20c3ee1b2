"""A carrier says what has become of a message."""

from chalicelib.deps import Deps
from chalicelib.domain.helpline.helpline_line import HelplineLine
from chalicelib.domain.helpline.outbound import DeliveryStatus, NotSent, Outbound
from chalicelib.usecases.helpline.delete_copy import copy_goes_with
from chalicelib.usecases.work.retried import retried

_ARRIVED = frozenset({"delivered", "read"})
_LOST = frozenset({"undelivered", "failed"})
_FINAL = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.FAILED, DeliveryStatus.WITHHELD})


def note_delivery(
    case_id: str,
    outbound_id: str,
    said: str,
    code: str | None,
    *,
    carrier_id: str,
    line: HelplineLine,
    deps: Deps,
) -> Outbound | None:
    """Note what Twilio says (`MessageStatus`) of a message that went out on this line.

    None where there is no such message. What is final stays; what is on its way changes nothing.
    Its report may be here before the mark of who has sent it: then it is known by its `carrier_id`
    from this.
    """

    def noted() -> Outbound | None:
        message = deps.outbound.get(case_id, outbound_id)
        if message is None or message.line_id != line.line_id:
            return None
        if message.status in _FINAL:
            return message
        if said in _ARRIVED:
            changed = message.delivered(deps.now())
        elif said in _LOST:
            changed = message.failed(NotSent.NOT_DELIVERED, deps.now(), code=code)
        else:
            return message
        if changed.carrier_id is not None or changed.their_copy is not None:
            deps.outbound.save(changed)
            return changed
        named = changed.model_copy(update={"carrier_id": carrier_id})
        deps.outbound.save(named)
        return copy_goes_with(deps.cases.head(case_id), named, deps)

    return retried(noted)
