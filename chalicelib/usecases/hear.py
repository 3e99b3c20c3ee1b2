"""Hear what a worker says on a line, and tell what to answer her."""

from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.facts import Filing
from chalicelib.domain.helpline_line import HelplineLine
from chalicelib.domain.identity import WorkerIdentity
from chalicelib.domain.inbound import Inbound
from chalicelib.domain.vocabulary import Category, Channel, IntakeType
from chalicelib.usecases.submit_grievance import submit_grievance


class Heard(NamedTuple):
    """What is said back (None: nothing), on which case, and whether it was heard before."""

    reply: str | None
    language: str
    grievance_id: str | None
    replayed: bool


def hear(message: Inbound, line: HelplineLine, *, deps: Deps) -> Heard:
    """Take a message in, once, however often it is sent.

    The sender goes to the vault, and a keyed hash of her finds her conversation. Raises
    Unavailable, VersionConflict (only under heavy traffic): the provider sends it again.
    """
    language = message.language or line.language
    filing = Filing(
        intake_type=IntakeType.ENQUIRY,
        channel=message.channel,
        categories=(Category.OTHER,),
        narrative=message.text or None,
        language=language,
        jurisdiction=line.jurisdiction or message.country,
    )
    submitted = submit_grievance(
        filing,
        worker=_identity(message),
        idempotency_key=f"{line.line_id}:{message.message_id}",
        by=line.principal,
        deps=deps,
    )
    receipt = submitted.receipt
    return Heard(receipt.receipt_code, language, receipt.grievance_id, submitted.replayed)


_FIELD = {
    Channel.SMS: "phone",
    Channel.PHONE: "phone",
    Channel.WHATSAPP: "whatsapp",
    Channel.QQ: "qq",
    Channel.WECHAT: "wechat",
}


def _identity(message: Inbound) -> WorkerIdentity | None:
    field = _FIELD.get(message.channel)
    return WorkerIdentity.model_validate({field: message.sender}) if field else None
