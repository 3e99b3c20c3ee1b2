"""Send a message to a worker, if it may be sent; say what has become of it."""

from chalicelib import log
from chalicelib.carriers.carrier import Parcel, RefusedByCarrier
from chalicelib.deps import Deps
from chalicelib.domain.cases.case import Case
from chalicelib.domain.helpline.helpline_line import HelplineLine
from chalicelib.domain.helpline.outbound import (
    NotSent,
    Outbound,
    address_on,
    may_not_be_sent,
    may_ring_at,
)
from chalicelib.domain.helpline.their_copy import TheirCopy
from chalicelib.domain.retry import GIVE_UP, backoff
from chalicelib.domain.vocabulary import Channel, OpeningReason
from chalicelib.errors import IdentityErased, NotFound, Unavailable, VersionConflict
from chalicelib.usecases.helpline.delete_copy import copy_goes_with, delete_copy_of_message
from chalicelib.usecases.identities.open_identity import open_identity


def send_outbound(case_id: str, outbound_id: str, *, deps: Deps) -> Outbound | None:
    """Send what is due, or have its carrier delete what is due to go there; None when nothing is,
    or somebody else is at it.

    State first, effect second, mark third: who is killed in between sends it again, for no carrier
    can tell a repeat. Whether it may be sent is asked anew each time. Raises Unavailable where our
    own stores do not answer; what a carrier does not answer is due again later.
    """
    message = deps.outbound.get(case_id, outbound_id)
    if message is None or message.due_at is None or message.due_at > deps.now():
        return None
    try:
        if message.their_copy is TheirCopy.TO_DELETE:
            return delete_copy_of_message(message, deps=deps)
        return _looked_after(message, deps)
    except VersionConflict:  # somebody was quicker
        return None


def _looked_after(message: Outbound, deps: Deps) -> Outbound:
    case = deps.cases.head(message.grievance_id)
    line = deps.lines.get(message.line_id) if message.line_id else None
    if case is None:
        return _kept(message.withheld(NotSent.TEXT_ERASED, deps.now()), deps)
    if (because := may_not_be_sent(message, case, line)) is not None:
        return _kept(message.withheld(because, deps.now()), deps)
    if (morning := may_ring_at(message, case.law, deps.now())) > deps.now():
        return _kept(message.put_off(morning), deps)
    if message.attempts >= GIVE_UP:
        return _kept(message.failed(NotSent.GAVE_UP, deps.now()), deps)
    later = deps.now() + backoff(message.attempts + 1, of=message.outbound_id)
    taken = _kept(message.taken_up(later), deps)
    return _sent(taken, case, line, deps)


def _sent(taken: Outbound, case: Case, line: HelplineLine | None, deps: Deps) -> Outbound:
    if line is None or taken.text is None or taken.channel is None:
        return _kept(taken.withheld(NotSent.TEXT_ERASED, deps.now()), deps)
    address = _address(case, line, taken.channel, deps)
    if address is None:
        return _kept(taken.withheld(NotSent.NO_ADDRESS, deps.now()), deps)
    parcel = Parcel(
        text=taken.text,
        to=address,
        line=line,
        secrets=deps.line_secrets.get(line.line_id),
        answers=taken.answers,
        tell=status_url(taken, line, deps.settings.public_url),
    )
    try:
        carrier_id = deps.carriers.on(taken.channel).send(parcel)
    except RefusedByCarrier as refused:
        why = NotSent.REFUSED_BY_CARRIER
        return _kept(taken.failed(why, deps.now(), code=refused.code), deps)
    except Unavailable:
        _tell(taken)
        return taken
    sent = _kept(taken.sent(carrier_id, deps.now()), deps)
    return copy_goes_with(deps.cases.head(case.grievance_id), sent, deps)


def _address(case: Case, line: HelplineLine, channel: Channel, deps: Deps) -> str | None:
    """Where she is reached. The ledger says first that her identity was opened for it."""
    try:
        opened = open_identity(
            case.grievance_id,
            OpeningReason.CONTACT_WORKER,
            None,
            by=line.principal,
            deps=deps,
        )
    except (IdentityErased, NotFound):
        return None
    return address_on(channel, opened.worker)


def status_url(message: Outbound, line: HelplineLine, public_url: str) -> str:
    """Where the carrier says what has become of a message: ids, nobody's data."""
    named = f"grievance={message.grievance_id}&message={message.outbound_id}"
    return f"{public_url}/v1/channels/twilio/{line.line_id}/status?{named}"


def _kept(message: Outbound, deps: Deps) -> Outbound:
    deps.outbound.save(message)
    if message.due_at is None:
        _tell(message)
    return message


def _tell(message: Outbound) -> None:
    log.info(
        log.Event.OUTBOUND_LOOKED_AFTER,
        case_id=message.grievance_id,
        outbound_id=message.outbound_id,
        status=message.status,
        because=message.because,
        attempts=message.attempts,
    )
