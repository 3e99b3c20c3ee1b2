"""A worker who writes to a line of a helpline, as a test sees her."""

from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from chalicelib.domain.cases.case import Case
from chalicelib.domain.helpline.helpline_line import HelplineLine
from chalicelib.domain.helpline.inbound import Inbound
from chalicelib.domain.helpline.standard_answer import draft_of
from chalicelib.domain.references import derive_id
from chalicelib.domain.vocabulary import Channel
from chalicelib.usecases.helpline.hear import hear
from chalicelib.usecases.helpline.hearing.said_back import Heard
from infra.answers import answers_under
from tests.service import START, Service

STARTER = Path("data/answers")
SENDER = "+15550100"


def line_of(partner_id: str = "handshake-gz", name: str = "one", **fields: Any) -> HelplineLine:
    """A line that nobody had to make first: whoever calls `hear` has it already."""
    return HelplineLine.model_validate(
        {
            "line_id": derive_id("ln", partner_id, name),
            "partner_id": partner_id,
            "provider": "twilio_messages",
            "name": name,
            "created_at": START,
            **fields,
        }
    )


@dataclass
class Worker:
    """Somebody with a telephone. Each of her messages has an id of its own."""

    service: Service
    line: HelplineLine
    sender: str = SENDER
    channel: Channel = Channel.SMS
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def message(self, text: str, message_id: str | None = None, **fields: Any) -> Inbound:
        """A message of hers, not sent yet."""
        message_id = message_id or f"SM-{self.sender}-{next(self._numbers)}"
        named = {"message_id": message_id, "channel": self.channel, "sender": self.sender}
        return Inbound.model_validate({**named, "text": text, **fields})

    def hears(self, message: Inbound) -> Heard:
        """A message arrives."""
        return hear(message, self.line, deps=self.service.deps)

    def says(self, text: str, **fields: Any) -> str | None:
        """She writes; what she is answered."""
        return self.hears(self.message(text, **fields)).reply

    def case(self) -> Case:
        """The partner's only case."""
        (row,) = self.service.partner(self.line.partner_id).get("/v1/grievances").json()["items"]
        case = self.service.deps.cases.head(row["grievance_id"])
        assert case is not None
        return case

    def messages(self) -> list[str]:
        """What officers read on it, besides its narrative."""
        path = f"/v1/grievances/{self.case().grievance_id}/messages"
        answer = self.service.partner(self.line.partner_id).get(path)
        assert answer.status == 200, answer.body
        return [message["text"] for message in answer.json()["items"]]


def publish_starter_set(service: Service) -> None:
    """The starter set of standard answers, as if two people had agreed on each."""
    store = service.deps.standard_answers
    for _, stated in answers_under(STARTER):
        begun = stated.model_copy(update={"effective_from": date(2026, 11, 1)})
        draft_id = derive_id("d", stated.topic, stated.language)
        draft = draft_of(begun, draft_id=draft_id, supersedes=0, by="u_a", at=START)
        store.add_draft(draft)
        store.publish(draft.approved(by="u_b", at=START), draft)
