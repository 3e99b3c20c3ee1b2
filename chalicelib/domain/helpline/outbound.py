"""What is sent to a worker: a message on its way, and what has become of it.

`due_at` says that it is still to be sent, or its copy at the carrier still to be deleted. It is
written before the carrier is asked and taken away after it has answered, so that a message is sent
once more rather than not at all.
"""

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field

from chalicelib.domain.calendars import zone_of
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.facts import Consent
from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from chalicelib.domain.helpline.their_copy import HELD_UNTIL_DELETED, TheirCopy
from chalicelib.domain.identities.identity import WorkerIdentity
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import Channel, IdentityState

QUIET_FROM = time(21)
QUIET_UNTIL = time(8)
"""At night nobody's telephone rings because of us: it may lie beside somebody else."""

STILL_AWAKE = timedelta(hours=1)
"""How long after she wrote an answer rings at any time."""

LONGEST = 1_500
"""Characters of one message: Twilio takes 1,600, an answer has a few words around it."""

_CARRIED = {
    Provider.TWILIO_MESSAGES: frozenset({Channel.SMS, Channel.WHATSAPP}),
    Provider.QQ: frozenset({Channel.QQ}),
    Provider.WECHAT: frozenset({Channel.WECHAT}),
}
"""The providers through which we can send, and on which channels."""

_ADDRESS = {
    Channel.SMS: "phone",
    Channel.WHATSAPP: "whatsapp",
    Channel.QQ: "qq",
    Channel.WECHAT: "wechat",
}


class DeliveryStatus(StrEnum):
    """What has become of a message."""

    QUEUED = "queued"
    SENT = "sent"  # the carrier has taken it
    DELIVERED = "delivered"  # the carrier says that it has arrived
    FAILED = "failed"
    WITHHELD = "withheld"  # it may not be sent


class NotSent(StrEnum):
    """Why a message was not sent, or did not arrive."""

    CONTACT_BACK_NOT_GIVEN = "contact_back_not_given"
    NO_LINE = "no_line"
    LINE_ENDED = "line_ended"
    NO_ADDRESS = "no_address"
    TEXT_ERASED = "text_erased"
    REFUSED_BY_CARRIER = "refused_by_carrier"
    GAVE_UP = "gave_up"
    NOT_DELIVERED = "not_delivered"


class Delivery(Value):
    """What the officer who wrote a message is told of it."""

    status: DeliveryStatus
    because: Annotated[
        NotSent | None, Field(description="Why it was not sent, or did not arrive.")
    ] = None
    channel: Channel | None = None
    at: Annotated[Moment, Field(description="Since when it is so.")]
    carrier_code: Annotated[
        str | None, Field(description="The carrier's own code for what went wrong.")
    ] = None


class Outbound(Value):
    """One message on its way. `text` is there until it is sent, and no longer."""

    outbound_id: str
    grievance_id: str
    line_id: str | None = None
    channel: Channel | None = None
    text: str | None = None
    answers: Annotated[
        str | None,
        Field(description="The provider's id of the message that it directly answers."),
    ] = None
    status: DeliveryStatus = DeliveryStatus.QUEUED
    because: NotSent | None = None
    carrier_id: str | None = None
    carrier_code: str | None = None
    their_copy: TheirCopy | None = None
    created_at: Moment
    changed_at: Moment
    due_at: Moment | None = None
    attempts: int = 0
    version: int = 1

    @property
    def delivery(self) -> Delivery:
        """What is shown of it."""
        return Delivery(
            status=self.status,
            because=self.because,
            channel=self.channel,
            at=self.changed_at,
            carrier_code=self.carrier_code,
        )

    def next(self, **updates: Any) -> "Outbound":
        """The next version of it."""
        return self.model_copy(update={"version": self.version + 1, **updates})

    def put_off(self, until: datetime) -> "Outbound":
        """Not now."""
        return self.next(due_at=until)

    def taken_up(self, until: datetime) -> "Outbound":
        """Somebody sends it; if nothing is heard of that, it is taken up again at `until`."""
        return self.next(due_at=until, attempts=self.attempts + 1)

    def sent(self, carrier_id: str, at: datetime) -> "Outbound":
        """The carrier has it."""
        return self._settled(DeliveryStatus.SENT, at, carrier_id=carrier_id)

    def failed(self, because: NotSent, at: datetime, *, code: str | None = None) -> "Outbound":
        """It cannot be sent, or has not arrived."""
        return self._settled(DeliveryStatus.FAILED, at, because=because, carrier_code=code)

    def withheld(self, because: NotSent, at: datetime) -> "Outbound":
        """It may not be sent."""
        return self._settled(DeliveryStatus.WITHHELD, at, because=because)

    def delivered(self, at: datetime) -> "Outbound":
        """It has arrived."""
        return self._settled(DeliveryStatus.DELIVERED, at)

    @property
    def held_as(self) -> str | None:
        """What its carrier knows the copy by."""
        return self.carrier_id

    @property
    def is_held_there(self) -> bool:
        """Whether its carrier holds it until it is told to delete it, and it was not told yet."""
        held = self.channel in HELD_UNTIL_DELETED and self.carrier_id is not None
        return held and self.their_copy is not TheirCopy.TO_DELETE

    def to_delete_there(self, at: datetime) -> "Outbound":
        """Its worker is erased: the carrier's copy has to go, too."""
        return self.next(their_copy=TheirCopy.TO_DELETE, due_at=at, attempts=0)

    def copy_settled(self, copy: TheirCopy, at: datetime) -> "Outbound":
        """Its carrier has deleted it, or will not. That changes nothing of what became of it."""
        known = None if copy is TheirCopy.DELETED else self.carrier_id
        return self.next(their_copy=copy, due_at=None, carrier_id=known)

    def _settled(self, status: DeliveryStatus, at: datetime, **updates: Any) -> "Outbound":
        to_delete = self.their_copy is TheirCopy.TO_DELETE
        due_at = self.due_at if to_delete else None
        return self.next(status=status, changed_at=at, due_at=due_at, text=None, **updates)


def outbound_of(
    *,
    outbound_id: str,
    case: Case,
    text: str,
    line: HelplineLine | None,
    channel: Channel | None,
    at: datetime,
    answers: str | None = None,
) -> Outbound:
    """A new message to the worker of a case: queued, or withheld where it may not be sent."""
    queued = Outbound(
        outbound_id=outbound_id,
        grievance_id=case.grievance_id,
        line_id=line.line_id if line else None,
        channel=channel,
        text=text,
        answers=answers,
        created_at=at,
        changed_at=at,
        due_at=at,
    )
    because = may_not_be_sent(queued, case, line)
    if because is None:
        return queued
    shown = {"status": DeliveryStatus.WITHHELD, "because": because, "due_at": None, "text": None}
    return queued.model_copy(update=shown)


def may_not_be_sent(message: Outbound, case: Case, line: HelplineLine | None) -> NotSent | None:
    """Why a message may not be sent as things stand; None where it may.

    What answers her own message directly needs no more consent than her having written it.
    """
    if line is None or message.channel not in _CARRIED.get(line.provider, ()):
        return NotSent.NO_LINE
    if line.ended_at is not None:
        return NotSent.LINE_ENDED
    if case.identity is not IdentityState.HELD:
        return NotSent.NO_ADDRESS
    if message.answers is None and not _agrees_to_contact(case.agreed):
        return NotSent.CONTACT_BACK_NOT_GIVEN
    return None


def _agrees_to_contact(consent: Consent) -> bool:
    return consent.contact_back


def address_on(channel: Channel | None, worker: WorkerIdentity) -> str | None:
    """Where the worker is reached on a channel."""
    field = _ADDRESS.get(channel) if channel else None
    return getattr(worker, field) if field else None


def may_ring_at(message: Outbound, country: str | None, now: datetime) -> datetime:
    """`now`, or the end of the quiet hours where she is. A direct answer finds her awake, unless it
    comes late."""
    if message.answers is not None and now < message.created_at + STILL_AWAKE:
        return now
    there = now.astimezone(ZoneInfo(zone_of(country)))
    if QUIET_UNTIL <= there.time() < QUIET_FROM:
        return now
    morning = there.replace(hour=QUIET_UNTIL.hour, minute=0, second=0, microsecond=0)
    if there.time() >= QUIET_FROM:
        morning += timedelta(days=1)
    return morning.astimezone(now.tzinfo)
