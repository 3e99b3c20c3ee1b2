"""A consent that turns out too narrow: the partner hears of it, and she is asked once more."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any
from xml.etree import ElementTree

import pytest

from chalicelib.domain.helpline.conversation import Step
from chalicelib.domain.helpline.helpline_line import Provider
from chalicelib.texts import for_workers
from tests.channels.twilio import ACCOUNT, NUMBER, PARTNER, WORKER, Twilio, opened_line
from tests.helpline import answering
from tests.recorded import TWILIO_TOOK_IT, TWILIO_UNSUBSCRIBED, Recorded
from tests.service import Caller, Service
from tests.usecases.cases.test_correct_grievance import corrected
from tests.usecases.identities.test_erase import erased
from tests.usecases.stories import alerted, case_of, consented, covered, refusal, submitted, walked

ENGLISH = for_workers.catalogue("en")
QUESTION = f"{ENGLISH['chat.ask_again']} {ENGLISH['chat.ask_brands_abroad']}"


@dataclass
class Chat:
    """A worker who writes by SMS, and the officers of her helpline."""

    service: Service
    twilio: Twilio
    providers: Recorded
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def says(self, text: str) -> str:
        """What she is answered by the way."""
        sms = {"MessageSid": f"SM{next(self.numbers)}", "AccountSid": ACCOUNT, "NumMedia": "0"}
        answer = self.twilio.send({**sms, "From": WORKER, "To": NUMBER, "Body": text})
        assert answer.status == 200, answer.body
        return " ".join(each.text or "" for each in ElementTree.fromstring(answer.body))

    @property
    def partner(self) -> Caller:
        return self.service.partner(PARTNER)

    @property
    def case_id(self) -> str:
        rows = self.partner.get("/v1/grievances").json()["items"]
        case_id: str = rows[-1]["grievance_id"]
        return case_id

    @property
    def case(self) -> dict[str, Any]:
        return case_of(self.partner, self.case_id)

    @property
    def step(self) -> Step:
        conversation = self.service.deps.conversations.of_case(self.case_id)
        assert conversation is not None
        return conversation.step

    def is_about(self, factory_id: str) -> None:
        """An officer says that it is a grievance, and which factory is meant."""
        corrected(self.partner, self.case_id, self.case["version"], intake_type="grievance")
        path = f"/v1/grievances/{self.case_id}/factory"
        wish = {"factory_id": factory_id}
        assert self.partner.post(path, wish).status == 200
        self.service.tick()

    def asked_again(self) -> Any:
        return self.partner.post(f"/v1/grievances/{self.case_id}/consent-questions")


def talked(service: Service, *answers: Any, consent: str = "1", contact: str = "4") -> Chat:
    """She has told her story and answered both questions; nobody knows yet where it was."""
    providers = answering(service, *(answers or (TWILIO_TOOK_IT,)))
    chat = Chat(service, Twilio(service, opened_line(service, Provider.TWILIO_MESSAGES)), providers)
    chat.says("Our wages were not paid.")
    chat.says(consent)
    chat.says(contact)
    return chat


def held(service: Service, *answers: Any) -> Chat:
    """It turns out that the factory is in China."""
    chat = talked(service, *answers)
    chat.is_about(covered(service))
    return chat


def signals(partner: Caller) -> list[dict[str, Any]]:
    return walked(partner, "/v1/signals?kind=cross_border_consent_missing")


def test_a_factory_that_turns_out_to_be_in_china_is_signalled_once(service: Service) -> None:
    chat = held(service)
    service.tick()

    case = chat.case
    assert (case["routing"], case["routing_reason"]) == ("held", "cross_border_consent_missing")
    (signal,) = signals(chat.partner)
    assert signal == {
        "signal_id": signal["signal_id"],
        "grievance_id": chat.case_id,
        "public_ref": case["public_ref"],
        "factory_id": None,
        "category": None,
        "kind": "cross_border_consent_missing",
        "clock": None,
        "level": None,
        "due_at": signal["at"],
        "at": signal["at"],
    }
    assert signals(service.partner("other-ngo")) == []
    assert service.received_alerts() == []


def test_a_correction_that_brings_a_border_into_play_after_the_alert_is_signalled(
    service: Service,
) -> None:
    service.brand()
    service.link(service.factory("Fair Design Printing", country="BD", city="Gazipur"))
    partner = service.partner()
    grievance_id = alerted(
        service,
        partner,
        factory_reported={"name": "Fair Design Printing", "city": "Gazipur", "country": "BD"},
        jurisdiction=None,
        consent={"level": "C3", "script_version": "helpline-bn-1"},
    )
    assert signals(partner) == []
    version = case_of(partner, grievance_id)["version"]

    corrected(partner, grievance_id, version, jurisdiction="CN")

    assert [s["grievance_id"] for s in signals(partner)] == [grievance_id]


@pytest.mark.parametrize("level", ["C0", "C1"])
def test_who_agrees_to_nothing_that_leaves_is_not_to_be_asked(service: Service, level: str) -> None:
    covered(service)
    partner = service.partner()
    alerted(service, partner, consent={"level": level, "script_version": "helpline-zh-3"})

    assert signals(partner) == []


def test_an_officer_asks_with_one_call_and_her_yes_tells_the_brand(service: Service) -> None:
    chat = held(service)

    asked = chat.asked_again()
    service.drain()

    assert asked.status == 201
    told = asked.json()
    assert (told["text"], told["visibility"]) == (QUESTION, "worker")
    assert (told["delivery"]["status"], told["delivery"]["channel"]) == ("queued", "sms")
    (sent,) = chat.providers.asked
    assert (sent.form["To"], sent.form["Body"]) == (WORKER, QUESTION)

    assert chat.says("1") == ENGLISH["chat.agreed_factory"]
    service.tick()

    consent = chat.case["consent"]
    assert (consent["level"], consent["cross_border"]) == ("C3", True)
    assert (consent["script_version"], consent["contact_back"]) == ("chat-en-1-abroad", True)
    assert chat.case["state"] == "brand_notified"
    assert len(service.received_alerts()) == 1
    assert chat.step is Step.OPEN


@pytest.mark.parametrize(
    ("answer", "level", "crosses"), [("2", "C2", True), ("3", "C0", False), ("no", "C0", False)]
)
def test_whatever_she_answers_is_her_consent_as_the_script_says(
    service: Service, answer: str, level: str, crosses: bool
) -> None:
    chat = held(service)
    chat.asked_again()
    service.drain()

    chat.says(answer)

    consent = chat.case["consent"]
    assert (consent["level"], consent["cross_border"]) == (level, crosses)


@pytest.mark.parametrize("words", ["yes", "Which factory do you mean?"])
def test_what_is_no_answer_agrees_to_nothing(service: Service, words: str) -> None:
    chat = held(service)
    chat.asked_again()
    service.drain()
    before = chat.case["consent"]

    assert chat.says(words) == ENGLISH["chat.added"]
    assert chat.case["consent"] == before


def test_nothing_is_an_answer_before_the_question_has_gone_out(service: Service) -> None:
    chat = held(service, None, TWILIO_TOOK_IT)
    chat.asked_again()
    service.drain()  # its carrier is silent
    before = chat.case["consent"]

    assert chat.says("1") == ENGLISH["chat.added"]
    assert (chat.case["consent"], chat.step) == (before, Step.OPEN)

    service.clock.forward(minutes=2)
    service.tick()
    assert chat.says("1") == ENGLISH["chat.agreed_factory"]
    assert chat.case["consent"]["cross_border"] is True


def test_a_question_that_her_carrier_refused_is_never_answered(service: Service) -> None:
    chat = held(service, TWILIO_UNSUBSCRIBED)
    chat.asked_again()
    service.drain()
    before = chat.case["consent"]

    chat.says("1")

    assert chat.case["consent"] == before


def test_who_does_not_want_to_be_written_to_is_not_asked_and_the_officer_reads_why(
    service: Service,
) -> None:
    chat = talked(service, contact="5")
    chat.is_about(covered(service))
    before = chat.case["consent"]

    delivery = chat.asked_again().json()["delivery"]
    service.drain()
    chat.says("1")

    assert (delivery["status"], delivery["because"]) == ("withheld", "contact_back_not_given")
    assert (chat.providers.asked, chat.case["consent"]) == ([], before)


def test_she_who_asks_to_be_asked_reads_that_it_crosses_the_border_too(service: Service) -> None:
    chat = held(service)

    assert chat.says("brands") == ENGLISH["chat.ask_brands_abroad"]
    chat.says("1")

    assert chat.case["consent"]["cross_border"] is True


def test_a_yes_to_a_border_stays_one_when_she_is_asked_later(service: Service) -> None:
    """The factory that was found says so, whatever was reported."""
    chat = held(service)
    chat.asked_again()
    service.drain()
    chat.says("1")
    service.tick()

    chat.says("brands")
    chat.says("1")
    service.tick()

    assert chat.case["consent"]["cross_border"] is True
    assert len(service.received_alerts()) == 1


def test_an_answer_about_contact_is_no_answer_about_the_border(service: Service) -> None:
    """A late answer to the first question is one to the words that she has read."""
    providers = answering(service, TWILIO_TOOK_IT)
    line = opened_line(service, Provider.TWILIO_MESSAGES)
    chat = Chat(service, Twilio(service, line), providers)
    chat.says("Our wages were not paid.")
    corrected(chat.partner, chat.case_id, chat.case["version"], jurisdiction="CN")
    chat.says("2")
    chat.says("1")

    consent = chat.case["consent"]
    assert (consent["level"], consent["cross_border"]) == ("C3", False)


def test_it_is_asked_once_at_a_time(service: Service) -> None:
    chat = held(service)
    assert chat.asked_again().status == 201

    again = chat.asked_again()
    service.drain()
    later = chat.asked_again()

    assert refusal(again) == (409, "state_conflict")
    assert later.status == 201


def test_where_it_began_on_no_line_she_cannot_be_asked_there(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)

    refused = partner.post(f"/v1/grievances/{grievance_id}/consent-questions")

    assert refusal(refused) == (409, "state_conflict")
    assert service.deps.outbound.all_of_case(grievance_id) == []


def test_an_answer_is_about_the_case_that_she_writes_about(service: Service) -> None:
    chat = held(service)
    first = chat.case_id
    closing = {"to": "closed", "outcome": "withdrawn", "root_cause": "unknown"}
    assert chat.partner.post(f"/v1/grievances/{first}/transitions", closing).status == 200

    service.clock.forward(days=31)
    over = chat.partner.post(f"/v1/grievances/{first}/consent-questions")
    chat.says("It happened again.")
    moved_on = chat.partner.post(f"/v1/grievances/{first}/consent-questions")

    assert refusal(over) == refusal(moved_on) == (409, "state_conflict")


def test_after_an_erasure_nobody_is_asked(service: Service) -> None:
    chat = held(service)
    assert erased(service, chat.case_id, "identity").status == 200

    assert refusal(chat.asked_again()) == (409, "state_conflict")


def test_a_consent_that_an_officer_records_frees_the_case_as_before(service: Service) -> None:
    chat = held(service)
    given = {"level": "C3", "cross_border": True, "script_version": "helpline-en-2"}

    assert consented(chat.partner, chat.case_id, chat.case["version"], **given).status == 200
    service.tick()

    assert chat.case["state"] == "brand_notified"
    assert len(signals(chat.partner)) == 1
