"""What a provider holds goes there once it is ours, or once who sent it is erased here."""

import logging
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.carriers.carriers import Carriers
from chalicelib.domain.helpline.helpline_line import Provider
from chalicelib.domain.helpline.inbound import InboundMedia
from chalicelib.domain.helpline.media import MediaRefusal, MediaStatus
from chalicelib.domain.helpline.outbound import DeliveryStatus
from chalicelib.domain.helpline.their_copy import TheirCopy
from chalicelib.domain.retry import GIVE_UP
from chalicelib.usecases.helpline.fetch_media import LOOK_AGAIN, fetch_media
from tests.channels.phone import RECORDING, Phone
from tests.channels.twilio import ACCOUNT, Twilio, opened_line
from tests.helpline import answering, connected, written
from tests.recorded import GONE, TWILIO_TOOK_IT, WECHAT_TOKEN, WECHAT_TOOK_IT, Recorded
from tests.service import Service
from tests.usecases import sounds
from tests.usecases.helpline.test_fetch_media import PHOTO, SMS, TWO, Sent, sent
from tests.usecases.helpline.test_send_outbound import agreed, kept, on_a_line, to_worker
from tests.usecases.identities.test_erase import erased

_ITS = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}"
_ITS_MESSAGE = f"{_ITS}/Messages/{SMS['MessageSid']}.json"


def _deleted(providers: Recorded) -> list[str]:
    return [asked.url for asked in providers.deletes]


def _told(caplog: pytest.LogCaptureFixture) -> set[tuple[str, str]]:
    told = {(record.levelname, record.getMessage()) for record in caplog.records}
    return {(level, message) for level, message in told if message.startswith("copy_")}


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Any:
    caplog.set_level(logging.DEBUG, logger="handshake")
    logger = logging.getLogger("handshake")
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)


def test_a_picture_is_deleted_at_twilio_once_it_is_clean_and_not_before(service: Service) -> None:
    story = sent(service, PHOTO, fields=TWO)
    story.ticks()  # fetched
    assert {m.status for m in story.media} == {MediaStatus.FETCHED}
    for media in story.media:  # nobody has cleaned it yet
        waits = fetch_media(story.case_id, media.media_id, deps=service.deps)
        assert waits is not None
        assert waits.due_at == service.clock.now + LOOK_AGAIN
    assert story.providers.deletes == []
    service.clock.forward(minutes=2)

    story.ticks(3)

    assert [a["status"] for a in story.attachments] == ["clean"]
    assert sorted(_deleted(story.providers)) == [f"{TWO[f'MediaUrl{n}']}.json" for n in (0, 1)]
    rows = [(m.their_copy, m.reference, m.due_at) for m in story.media]
    assert rows == [(TheirCopy.DELETED, None, None)] * 2
    story.ticks(3)
    assert len(story.providers.deletes) == 2


def test_a_recording_of_a_call_is_deleted_by_its_id(service: Service) -> None:
    providers = answering(service, (200, sounds.telling()))
    phone = Phone(Twilio(service, opened_line(service, Provider.TWILIO_VOICE)))
    phone.at_the_recorder().speak()
    story = Sent(service, phone.twilio, providers)

    story.ticks(4)

    assert _deleted(providers) == [f"{_ITS}/Recordings/{RECORDING}.json"]
    assert [(m.their_copy, m.held_as) for m in story.media] == [(TheirCopy.DELETED, None)]


def test_what_cleaning_refuses_stays_there_for_nobody_else_has_it(service: Service) -> None:
    story = sent(service, (200, b"\xff\xd8\xff" + b"no picture"))

    story.ticks(5)

    (media,) = story.media
    assert (media.their_copy, media.due_at) == (None, None)
    assert (media.reference, story.providers.deletes) == (SMS["MediaUrl0"], [])


@pytest.mark.parametrize("answer", [None, (401, b""), (409, b""), (500, b"")])
def test_twilio_is_asked_again_until_it_has_deleted_it(service: Service, answer: Any) -> None:
    story = sent(service, PHOTO)
    story.providers.answers_to_deletes = [answer, answer, (404, b"")]

    story.ticks(12)

    assert len(story.providers.deletes) == 3
    assert [(m.their_copy, m.due_at) for m in story.media] == [(TheirCopy.DELETED, None)]


def test_after_so_many_tries_it_is_left_and_the_log_says_so(service: Service, log: Any) -> None:
    story = sent(service, PHOTO)
    story.providers.answers_to_deletes = [None]

    story.ticks(3 * GIVE_UP, hours=5)

    (media,) = story.media
    assert (media.status, media.their_copy, media.due_at) == (
        MediaStatus.KEPT,
        TheirCopy.LEFT,
        None,
    )
    assert len(story.providers.deletes) == GIVE_UP
    assert _told(log) == {("ERROR", "copy_left_at_provider")}
    assert not any(SMS["MediaUrl0"] in str(vars(record)) for record in log.records)


def test_a_line_that_has_lost_its_secret_leaves_it_at_once(service: Service, log: Any) -> None:
    story = sent(service, PHOTO)
    story.ticks()
    service.deps.line_secrets.put(story.twilio.line.line_id, {})

    story.ticks(3)

    assert [m.their_copy for m in story.media] == [TheirCopy.LEFT]
    assert (story.providers.deletes, _told(log)) == ([], {("ERROR", "copy_left_at_provider")})


def test_what_wechat_holds_ends_by_itself(service: Service) -> None:
    providers, _, grievance_id = on_a_line(service, Provider.WECHAT, WECHAT_TOKEN, WECHAT_TOOK_IT)
    to_worker(service.partner(), grievance_id)
    service.drain()

    assert erased(service, grievance_id, "identity").status == 200
    service.tick()

    (row,) = kept(service, grievance_id)
    assert (row.their_copy, row.due_at, providers.deletes) == (None, None, [])


@pytest.mark.parametrize("scope", ["identity", "texts"])
@pytest.mark.parametrize("ticks", [0, 1, 4])
def test_with_her_identity_the_whole_message_goes_whatever_became_of_its_pictures(
    service: Service, ticks: int, scope: str
) -> None:
    story = sent(service, PHOTO, fields=TWO)
    case_id = story.case_id
    story.ticks(ticks)
    before = len(story.providers.deletes)

    assert erased(service, case_id, scope).status == 200
    story.ticks(4)

    assert _deleted(story.providers)[before:] == [_ITS_MESSAGE] * 2
    rows = service.deps.media.all_of_case(case_id)
    assert [(m.because, m.their_copy) for m in rows] == [
        (MediaRefusal.ERASED, TheirCopy.DELETED)
    ] * 2
    assert [(m.reference, m.came_with, m.due_at) for m in rows] == [(None, None, None)] * 2


def test_what_was_not_taken_goes_with_her_identity_too(service: Service) -> None:
    story = sent(service, (200, b"\x00\x00\x00\x18ftypM4A " + bytes(100)))
    case_id = story.case_id
    story.ticks(3)
    assert story.providers.deletes == []

    erased(service, case_id, "identity")
    story.ticks()

    assert _deleted(story.providers) == [_ITS_MESSAGE]


def _written_to(service: Service) -> tuple[Recorded, str]:
    providers, _, grievance_id = on_a_line(service, Provider.TWILIO_MESSAGES, TWILIO_TOOK_IT)
    to_worker(service.partner(), grievance_id)
    service.drain()
    return providers, grievance_id


def _of_outbound(providers: Recorded) -> list[str]:
    return [url.rpartition("/")[2] for url in _deleted(providers)]


@pytest.mark.parametrize("scope", ["identity", "texts"])
def test_what_was_sent_to_her_is_deleted_at_its_carrier_with_her_identity(
    service: Service, scope: str
) -> None:
    providers, grievance_id = _written_to(service)
    (sent_before,) = kept(service, grievance_id)

    assert erased(service, grievance_id, scope).status == 200
    (waits,) = kept(service, grievance_id)
    service.tick()
    service.tick()

    assert (waits.their_copy, waits.due_at) == (TheirCopy.TO_DELETE, service.clock.now)
    assert _of_outbound(providers) == [f"{sent_before.carrier_id}.json"]
    (row,) = kept(service, grievance_id)
    assert (row.status, row.their_copy) == (DeliveryStatus.SENT, TheirCopy.DELETED)
    assert (row.carrier_id, row.due_at) == (None, None)
    assert erased(service, grievance_id, "texts").status == 200
    service.tick()
    assert len(providers.deletes) == 1


def test_a_report_between_erasure_and_deletion_takes_nothing_out_of_the_queue(
    service: Service,
) -> None:
    providers, grievance_id = _written_to(service)
    erased(service, grievance_id, "identity")
    (waits,) = kept(service, grievance_id)
    service.deps.outbound.save(waits.delivered(service.clock.now))

    service.tick()

    (row,) = kept(service, grievance_id)
    assert (row.status, row.their_copy) == (DeliveryStatus.DELIVERED, TheirCopy.DELETED)
    assert len(providers.deletes) == 1


def test_a_message_that_is_still_on_its_way_there_is_deleted_later(service: Service) -> None:
    providers, grievance_id = _written_to(service)
    providers.answers_to_deletes = [(409, b""), GONE]
    erased(service, grievance_id, "identity")

    for _ in range(4):
        service.tick()
        service.clock.forward(minutes=1)

    assert len(providers.deletes) == 2
    assert [row.their_copy for row in kept(service, grievance_id)] == [TheirCopy.DELETED]


class _ErasedMeanwhile(Recorded):
    """A carrier that takes a message just as its worker is erased."""

    def __init__(self, service: Service, grievance_id: str) -> None:
        super().__init__(TWILIO_TOOK_IT)
        self.service, self.grievance_id = service, grievance_id

    def post(self, *given: Any, **also: Any) -> Any:
        erased(self.service, self.grievance_id, "identity")
        return super().post(*given, **also)


def test_what_is_sent_while_she_is_being_erased_is_deleted_as_well(service: Service) -> None:
    _, _, grievance_id = on_a_line(service, Provider.TWILIO_MESSAGES, TWILIO_TOOK_IT)
    to_worker(service.partner(), grievance_id)
    carrier = _ErasedMeanwhile(service, grievance_id)
    service.deps.carriers = Carriers(carrier)

    service.drain()
    service.tick()

    assert _of_outbound(carrier) == ["SM00000000000000000000000000000001.json"]


@dataclass
class _Unheard:
    """A message that was handed over, and nothing came back."""

    story: Sent

    def reported(self, status: str) -> None:
        (row,) = kept(self.story.service, self.story.case_id)
        query = f"?grievance={self.story.case_id}&message={row.outbound_id}"
        report = {"MessageSid": "SM9", "AccountSid": ACCOUNT, "MessageStatus": status}
        path = f"{self.story.twilio.path}/status{query}"
        assert self.story.twilio.send(report, path=path).status == 204


def _unheard(service: Service) -> _Unheard:
    story = sent(service, None, fields={**SMS, "NumMedia": "0"})
    agreed(story.partner, story.case_id)
    to_worker(story.partner, story.case_id)
    service.drain()
    return _Unheard(story)


def test_a_report_says_by_what_a_message_is_known_whose_sender_heard_nothing(
    service: Service,
) -> None:
    unheard = _unheard(service)
    unheard.reported("delivered")
    case_id = unheard.story.case_id
    (known,) = kept(service, case_id)

    erased(service, case_id, "identity")
    service.tick()

    assert (known.carrier_id, known.status) == ("SM9", DeliveryStatus.DELIVERED)
    assert _of_outbound(unheard.story.providers) == ["SM9.json"]


def test_a_report_after_the_erasure_has_its_message_deleted(service: Service) -> None:
    unheard = _unheard(service)
    erased(service, unheard.story.case_id, "identity")

    for status in ("delivered", "read"):
        unheard.reported(status)
        service.tick()

    assert _of_outbound(unheard.story.providers) == ["SM9.json"]


def test_a_picture_of_another_line_is_asked_for_with_its_own_login(service: Service) -> None:
    providers = answering(service, PHOTO)
    line = connected(service, Provider.TWILIO_MESSAGES)
    url = f"https://api.twilio.com/2010-04-01/Accounts/{line.account}/Messages/MM1/Media/ME1"
    written(service, line, "Look.", media=(InboundMedia(reference=url),))
    for _ in range(4):
        service.tick()
        service.clock.forward(minutes=2)

    assert _deleted(providers) == [f"{url}.json"]
