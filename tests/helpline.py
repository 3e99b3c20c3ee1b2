"""A helpline's lines as tests need them: connected, with secrets, and a worker who writes."""

from datetime import timedelta
from typing import Any

from chalicelib.carriers.carriers import Carriers
from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from chalicelib.domain.helpline.inbound import Inbound
from chalicelib.domain.helpline.outbound import Outbound
from chalicelib.domain.references import derive_id
from chalicelib.domain.vocabulary import Channel, Role
from chalicelib.store.clients import client
from chalicelib.usecases.helpline.hear import hear
from chalicelib.usecases.helpline.hearing.said_back import Heard
from tests.carriers.lines import SECRETS, line_of
from tests.recorded import Recorded
from tests.service import Service

CHANNEL_OF = {
    Provider.TWILIO_MESSAGES: Channel.SMS,
    Provider.QQ: Channel.QQ,
    Provider.WECHAT: Channel.WECHAT,
}
SENDER_ON = {
    Channel.SMS: "+15550199",
    Channel.WHATSAPP: "+15550199",
    Channel.QQ: "OPENID-OF-NOBODY",
    Channel.WECHAT: "o-openid-of-nobody",
}


def connected(service: Service, provider: Provider, **changes: Any) -> HelplineLine:
    """A line of `handshake-gz` that is there with its secrets."""
    service.caller(Role.PARTNER_SUPERVISOR, "handshake-gz")
    line = line_of(provider, **changes)
    client("dynamodb").transact_write_items(TransactItems=service.deps.lines.rows(line))
    service.deps.line_secrets.put(line.line_id, SECRETS)
    return line


def answering(service: Service, *answers: Any) -> Recorded:
    """The providers, from a record."""
    providers = Recorded(*answers)
    service.deps.carriers = Carriers(providers)
    return providers


def on_its_way(service: Service, case_id: str) -> Outbound:
    """A message to the worker of a case that is still to be sent, on no line."""
    message = Outbound(
        outbound_id=derive_id("o", case_id, "on its way"),
        grievance_id=case_id,
        text="Please call us.",
        created_at=service.clock.now,
        changed_at=service.clock.now,
        due_at=service.clock.now + timedelta(hours=8),
    )
    assert service.deps.outbound.add(message)
    return message


def written(
    service: Service, line: HelplineLine, text: str, message_id: str = "m-1", **changes: Any
) -> tuple[Inbound, Heard]:
    """What a worker writes on a line, and what is heard of it."""
    channel = changes.pop("channel", CHANNEL_OF[line.provider])
    message = Inbound(
        message_id=message_id,
        channel=channel,
        sender=changes.pop("sender", SENDER_ON[channel]),
        text=text,
        **changes,
    )
    return message, hear(message, line, deps=service.deps)
