"""A picture that came with a message: kept once, or refused, or forgotten with the rest."""

from chalicelib.domain.helpline.helpline_line import Provider
from chalicelib.domain.helpline.media import MediaRefusal, MediaStatus
from chalicelib.domain.helpline.outbound import DeliveryStatus
from chalicelib.domain.helpline.their_copy import TheirCopy
from chalicelib.domain.retry import GIVE_UP
from chalicelib.store import keys
from tests.channels.twilio import ACCOUNT, NUMBER, PARTNER, WORKER, Twilio, opened_line
from tests.faults.kills import Scenario
from tests.faults.scenarios.steps import case_id_of, chain_verifies
from tests.helpline import answering
from tests.recorded import TWILIO_TOOK_IT
from tests.service import Service
from tests.usecases import pictures, sounds
from tests.usecases.identities.test_erase import erased
from tests.usecases.work.test_reconcile import reconciled, without

_MMS = {
    "MessageSid": "MM1",
    "AccountSid": ACCOUNT,
    "From": WORKER,
    "To": NUMBER,
    "Body": "My payslip.",
    "NumMedia": "1",
    "MediaUrl0": f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME1",
}


def _line(service: Service) -> Twilio:
    answering(service, (200, pictures.photo()))
    return Twilio(service, opened_line(service, Provider.TWILIO_MESSAGES))


def _heard(service: Service) -> Twilio:
    twilio = _line(service)
    twilio.send(_MMS)
    return twilio


def _cleaned(service: Service) -> Twilio:
    twilio = _fetched(service)
    service.tick()
    service.clock.forward(minutes=1)
    return twilio


def _silent(service: Service) -> Twilio:
    twilio = _cleaned(service)
    _no_deletes(service)
    for _ in range(GIVE_UP):
        service.tick()
        service.clock.forward(hours=7)
    return twilio


def _no_deletes(service: Service) -> None:
    answering(service, (200, pictures.photo())).answers_to_deletes = [None]


def _heard_a_recording(service: Service) -> Twilio:
    twilio = _heard(service)
    answering(service, (200, sounds.recording("spoken.m4a")), TWILIO_TOOK_IT)
    return twilio


def _fetched(service: Service) -> Twilio:
    twilio = _heard(service)
    _fetch(service, twilio)
    service.clock.forward(minutes=2)
    return twilio


def _heard_a_damaged_one(service: Service) -> Twilio:
    twilio = _heard(service)
    answering(service, (200, b"\xff\xd8\xff no picture"), TWILIO_TOOK_IT)
    for _ in range(2):  # fetched, and refused by the cleaner
        service.tick()
        service.clock.forward(minutes=1)
    return twilio


def _lost(service: Service) -> Twilio:
    twilio = _heard(service)
    case_id = case_id_of(service.partner(PARTNER))
    (media,) = service.deps.media.all_of_case(case_id)
    without(service, case_id, keys.media(media.media_id), "work_queue")
    return twilio


def _erase(service: Service, _: Twilio) -> None:
    erased(service, case_id_of(service.partner(PARTNER)), "texts")


def _erase_and_ticks(service: Service, twilio: Twilio) -> None:
    _erase(service, twilio)
    _ticks(service, twilio)


def _repair(service: Service, _: Twilio) -> None:
    reconciled(service, repair=True)


def _repair_and_ticks(service: Service, twilio: Twilio) -> None:
    _repair(service, twilio)
    _ticks(service, twilio)


def _send(service: Service, twilio: Twilio) -> None:
    twilio.send(_MMS)


def _send_and_ticks(service: Service, twilio: Twilio) -> None:
    _send(service, twilio)
    _ticks(service, twilio)


def _fetch(service: Service, _: Twilio) -> None:
    service.tick()


def _ticks(service: Service, _: Twilio) -> None:
    for _number in range(4):
        service.clock.forward(minutes=15)
        service.tick()


def _one_picture(service: Service, _: Twilio) -> None:
    partner = service.partner(PARTNER)
    case_id = case_id_of(partner)
    chain_verifies(service, partner, case_id, routed=0)
    (media,) = service.deps.media.all_of_case(case_id)
    assert (media.status, media.reference) == (MediaStatus.KEPT, None)
    (row,) = partner.get(f"/v1/grievances/{case_id}/attachments").json()["items"]
    assert (row["attachment_id"], row["status"]) == (media.attachment_id, "clean")
    assert media.their_copy is TheirCopy.DELETED
    assert service.deps.attachment_files.of_case(case_id).uploads == frozenset()


def _left_there(service: Service, _: Twilio) -> None:
    (media,) = service.deps.media.all_of_case(case_id_of(service.partner(PARTNER)))
    assert (media.their_copy, media.due_at) == (TheirCopy.LEFT, None)
    assert media.reference is not None


def _one_note(service: Service, _: Twilio) -> None:
    case_id = case_id_of(service.partner(PARTNER))
    (media,) = service.deps.media.all_of_case(case_id)
    assert media.status is MediaStatus.REFUSED
    (note,) = service.deps.cases.messages(case_id, 10, None).items
    assert str(media.because) in (note.text or "")
    (told,) = service.deps.outbound.all_of_case(case_id)
    assert (told.status, told.text) == (DeliveryStatus.SENT, None)


def _forgotten(service: Service, _: Twilio) -> None:
    case_id = case_id_of(service.partner(PARTNER))
    (media,) = service.deps.media.all_of_case(case_id)
    assert (media.because, media.held_as) == (MediaRefusal.ERASED, None)
    assert media.their_copy is TheirCopy.DELETED
    assert service.deps.attachment_files.of_case(case_id) == (frozenset(), frozenset())


SCENARIOS = [
    Scenario("hear a message with a picture", _line, _send, _send_and_ticks, _one_picture, 3),
    Scenario("fetch a picture", _heard, _fetch, _ticks, _one_picture, 8),
    Scenario("see that a picture is clean", _fetched, _fetch, _ticks, _one_picture, 4),
    Scenario("delete a picture at its provider", _cleaned, _fetch, _ticks, _one_picture, 6),
    Scenario("leave a picture at a silent provider", _silent, _fetch, _ticks, _left_there, 4),
    Scenario("refuse what is no picture", _heard_a_recording, _fetch, _ticks, _one_note, 8),
    Scenario("refuse what is damaged", _heard_a_damaged_one, _fetch, _ticks, _one_note, 8),
    Scenario("forget a picture", _heard, _erase, _erase_and_ticks, _forgotten, 8),
    Scenario("find a lost picture", _lost, _repair, _repair_and_ticks, _one_picture, 8),
]
