"""What Twilio tells: a message, a recorded call, and a call that is told of in pieces."""

from collections.abc import Callable

from chalicelib.domain.helpline.helpline_line import Provider
from chalicelib.domain.helpline.outbound import DeliveryStatus
from chalicelib.domain.helpline.their_copy import TheirCopy
from tests.channels.phone import RECORDING, Phone
from tests.channels.twilio import ACCOUNT, NUMBER, PARTNER, WORKER, Twilio, opened_line
from tests.faults.kills import Scenario
from tests.faults.scenarios.steps import case_id_of, chain_verifies
from tests.helpline import answering
from tests.recorded import TWILIO_TOOK_IT
from tests.service import Service
from tests.usecases.helpline.test_send_outbound import agreed, to_worker
from tests.usecases.identities.test_erase import erased
from tests.usecases.stories import case_of

_SMS = {
    "MessageSid": "SM1",
    "AccountSid": ACCOUNT,
    "From": WORKER,
    "To": NUMBER,
    "Body": "They have kept back two months' wages.",
}


def _messages(service: Service) -> Twilio:
    return Twilio(service, opened_line(service, Provider.TWILIO_MESSAGES))


def _recorder(service: Service) -> Phone:
    line = opened_line(service, Provider.TWILIO_VOICE)
    return Phone(Twilio(service, line)).at_the_recorder()


def _hung_up(service: Service) -> Phone:
    phone = _recorder(service)
    phone.status()
    return phone


def _heard_before(service: Service) -> Phone:
    phone = _recorder(service)
    _say(phone, RECORDING)
    return phone


def _heard(service: Service) -> Twilio:
    answering(service, TWILIO_TOOK_IT)
    twilio = _messages(service)
    twilio.send(_SMS)
    return twilio


def _written_to(service: Service) -> Twilio:
    twilio = _heard(service)
    partner = service.partner(PARTNER)
    case_id = case_id_of(partner)
    agreed(partner, case_id)
    to_worker(partner, case_id)
    return twilio


def _gone_out(service: Service) -> Twilio:
    twilio = _written_to(service)
    service.drain()
    return twilio


def _erased(service: Service) -> Twilio:
    twilio = _gone_out(service)
    erased(service, case_id_of(service.partner(PARTNER)), "identity")
    return twilio


def _erase(service: Service, _: Twilio) -> None:
    erased(service, case_id_of(service.partner(PARTNER)), "identity")


def _erase_and_ticks(service: Service, twilio: Twilio) -> None:
    _erase(service, twilio)
    _ticks(service, twilio)


def _tick(service: Service, _: Twilio) -> None:
    service.tick()


def _deleted_there(service: Service, _: Twilio) -> None:
    (sent,) = service.deps.outbound.all_of_case(case_id_of(service.partner(PARTNER)))
    assert (sent.their_copy, sent.carrier_id) == (TheirCopy.DELETED, None)


def _drain(service: Service, _: Twilio) -> None:
    service.drain()


def _ticks(service: Service, _: Twilio) -> None:
    for _minutes in range(3):
        service.clock.forward(minutes=15)
        service.tick()


def _report(service: Service, twilio: Twilio) -> None:
    case_id = case_id_of(service.partner(PARTNER))
    (sent,) = service.deps.outbound.all_of_case(case_id)
    query = f"?grievance={case_id}&message={sent.outbound_id}"
    reported = {"MessageSid": "SM2", "AccountSid": ACCOUNT, "MessageStatus": "delivered"}
    twilio.send(reported, path=f"{twilio.path}/status{query}")


def _one_message(status: DeliveryStatus) -> Callable[[Service, Twilio], None]:
    def verify(service: Service, twilio: Twilio) -> None:
        case_id = case_id_of(service.partner(PARTNER))
        (sent,) = service.deps.outbound.all_of_case(case_id)
        assert sent.status is status

    return verify


def _send(service: Service, twilio: Twilio) -> None:
    twilio.send(_SMS)


def _speak(service: Service, phone: Phone) -> None:
    _say(phone, RECORDING)


def _speak_again(service: Service, phone: Phone) -> None:
    _say(phone, "RE2")


def _say(phone: Phone, recording: str) -> None:
    action = phone.heard[1].get("action")
    assert action is not None
    phone.tell(action, RecordingSid=recording)


def _status(service: Service, phone: Phone) -> None:
    phone.status()


def _one_case(service: Service) -> str:
    partner = service.partner(PARTNER)
    case_id = case_id_of(partner)
    chain_verifies(service, partner, case_id, routed=0)
    return case_id


def _one_message_one_case(service: Service, twilio: Twilio) -> None:
    assert case_of(service.partner(PARTNER), _one_case(service))["narrative"] == _SMS["Body"]


def _one_call_one_case(service: Service, phone: Phone) -> None:
    case_id = _one_case(service)
    assert RECORDING in case_of(service.partner(PARTNER), case_id)["narrative"]
    assert service.deps.cases.messages(case_id, 10, None).items == []
    assert _to_be_fetched(service, case_id) == [RECORDING]


def _to_be_fetched(service: Service, case_id: str) -> list[str]:
    return sorted(media.reference or "" for media in service.deps.media.all_of_case(case_id))


def _and_her_number(service: Service, phone: Phone) -> None:
    _one_call_one_case(service, phone)
    key = service.deps.vault.key_row(case_id_of(service.partner(PARTNER)))
    assert key is not None
    assert key.person


def _and_one_note(service: Service, phone: Phone) -> None:
    case_id = _one_case(service)
    (note,) = service.deps.cases.messages(case_id, 10, None).items
    assert "RE2" in (note.text or "")
    assert _to_be_fetched(service, case_id) == [RECORDING, "RE2"]


SCENARIOS = [
    Scenario("hear a text message", _messages, _send, _send, _one_message_one_case, 3),
    Scenario(
        "send a message to a worker",
        _written_to,
        _drain,
        _ticks,
        _one_message(DeliveryStatus.SENT),
        5,
    ),
    Scenario(
        "note what became of a message",
        _gone_out,
        _report,
        _report,
        _one_message(DeliveryStatus.DELIVERED),
        3,
    ),
    Scenario("erase what was sent to her", _gone_out, _erase, _erase_and_ticks, _deleted_there, 8),
    Scenario("delete at its carrier", _erased, _tick, _ticks, _deleted_there, 5),
    Scenario("take a recorded call", _recorder, _speak, _speak, _and_her_number, 3),
    Scenario("take a call by its status", _recorder, _speak, _status, _one_call_one_case, 3),
    Scenario("take a call after its status", _hung_up, _speak, _speak, _and_her_number, 5),
    Scenario(
        "take what is said later", _heard_before, _speak_again, _speak_again, _and_one_note, 5
    ),
]
