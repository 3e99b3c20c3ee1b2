"""Pictures that workers send: fetched once from their provider alone, cleaned as any upload is."""

import logging
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.channels.sounds import anew
from chalicelib.domain.cases.attachment import LARGEST, MOST_OF_A_CASE
from chalicelib.domain.helpline.conversation import MOST_AN_HOUR
from chalicelib.domain.helpline.helpline_line import Provider
from chalicelib.domain.helpline.inbound import Inbound, InboundMedia
from chalicelib.domain.helpline.media import MOST_OF_A_MESSAGE, Media, MediaRefusal, MediaStatus
from chalicelib.domain.references import receipt_code
from chalicelib.domain.retry import GIVE_UP
from chalicelib.domain.vocabulary import AudioType, Channel, Role
from chalicelib.store import keys
from chalicelib.store.keyring import Purpose
from chalicelib.texts import for_workers
from chalicelib.usecases.helpline.fetch_media import fetch_media
from chalicelib.usecases.helpline.hear import hear
from tests.channels.twilio import ACCOUNT, NUMBER, PARTNER, WORKER, Twilio, opened_line
from tests.helpline import answering, connected, written
from tests.recorded import QQ_TOKEN, TWILIO_TOOK_IT, WECHAT_TOKEN, Recorded
from tests.service import Caller, Service
from tests.usecases import pictures, sounds
from tests.usecases.cases.test_attachments import objects
from tests.usecases.identities.test_erase import erased
from tests.usecases.stories import walked
from tests.usecases.work.test_reconcile import reconciled, without

MEDIA_URL = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/"
STORED_AT = "https://media.twiliocdn.com/AC1/kanari-signature"
SMS = {
    "MessageSid": "MM" + "0" * 31 + "1",
    "AccountSid": ACCOUNT,
    "From": WORKER,
    "To": NUMBER,
    "Body": "My payslips of May and June.",
    "NumMedia": "1",
    "MediaUrl0": f"{MEDIA_URL}ME1",
    "MediaContentType0": "image/jpeg",
}
TWO = {**SMS, "NumMedia": "2", "MediaUrl1": f"{MEDIA_URL}ME2", "MediaContentType1": "image/png"}
PHOTO = (200, pictures.photo())
ENGLISH = for_workers.catalogue("en")


@dataclass
class Sent:
    """A message with pictures that Twilio has told of, and the providers that are asked."""

    service: Service
    twilio: Twilio
    providers: Recorded

    @property
    def partner(self) -> Caller:
        return self.service.partner(PARTNER)

    @property
    def case_id(self) -> str:
        (row,) = self.partner.get("/v1/grievances").json()["items"]
        case_id: str = row["grievance_id"]
        return case_id

    @property
    def media(self) -> list[Media]:
        return self.service.deps.media.all_of_case(self.case_id)

    @property
    def attachments(self) -> list[dict[str, Any]]:
        return walked(self.partner, f"/v1/grievances/{self.case_id}/attachments")

    @property
    def notes(self) -> list[str]:
        return [m["text"] for m in walked(self.partner, f"/v1/grievances/{self.case_id}/messages")]

    def ticks(self, number: int = 1, **span: float) -> None:
        for _ in range(number):
            self.service.tick()
            self.service.clock.forward(**(span or {"minutes": 2}))


def sent(service: Service, *answers: Any, fields: dict[str, str] = SMS) -> Sent:
    providers = answering(service, *answers)
    twilio = Twilio(service, opened_line(service, Provider.TWILIO_MESSAGES))
    assert twilio.send(fields).status == 200
    return Sent(service, twilio, providers)


def test_pictures_of_a_message_become_clean_attachments_of_her_case(service: Service) -> None:
    story = sent(service, PHOTO, (200, pictures.png()), fields=TWO)
    assert (story.attachments, story.providers.asked) == ([], [])

    story.ticks(3)

    assert [asked.url for asked in story.providers.asked] == [TWO["MediaUrl0"], TWO["MediaUrl1"]]
    listed = story.attachments
    assert {(a["kind"], a["status"]) for a in listed} == {("photo", "clean")}
    assert {a["content_type"] for a in listed} == {"image/jpeg", "image/png"}
    assert [(m.status, m.reference, m.due_at) for m in story.media] == [
        (MediaStatus.KEPT, None, None)
    ] * 2
    assert {m.attachment_id for m in story.media} == {a["attachment_id"] for a in listed}
    story.ticks(3, minutes=15)
    kept = objects(service)
    assert {key.partition("/")[0] for key in kept} == {"clean"}
    assert not any(canary in content for content in kept.values() for canary in pictures.CANARIES)


def test_twilio_gets_our_login_and_where_it_sends_us_on_to_does_not(service: Service) -> None:
    story = sent(service, (307, STORED_AT), PHOTO)

    story.ticks()

    first, second = story.providers.asked
    assert first.headers["Authorization"].startswith("Basic ")
    assert (second.url, second.headers) == (STORED_AT, {})


def test_a_message_that_comes_again_fetches_nothing_again(service: Service) -> None:
    story = sent(service, PHOTO)
    story.twilio.send(SMS)
    story.ticks(2)
    story.twilio.send(SMS)

    story.ticks(2)

    assert (len(story.providers.asked), len(story.media), len(story.attachments)) == (1, 1, 1)


def test_the_same_picture_twice_is_one_attachment(service: Service) -> None:
    story = sent(service, PHOTO, fields=TWO)

    story.ticks(3)

    (attachment,) = story.attachments
    assert {m.attachment_id for m in story.media} == {attachment["attachment_id"]}


def test_a_picture_that_comes_later_joins_her_case(service: Service) -> None:
    story = sent(service, PHOTO, fields={**SMS, "NumMedia": "0"})
    story.twilio.send({**SMS, "MessageSid": "MM2", "Body": ""})

    story.ticks(3)

    assert [a["status"] for a in story.attachments] == ["clean"]
    assert story.notes == ["[1 pictures or recordings, without words]"]


@pytest.mark.parametrize(
    "url",
    [
        "https://files.example/ME1",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://user@api.twilio.com/x",
        "https://api.twilio.com:8443/x",
        "https://api.twilio.com.evil.example/x",
        "https://media.twiliocdn.com/x",  # only where Twilio itself sends us on to
        "https://api.twilio.com\\@evil.example/x",
    ],
)
def test_nobody_else_is_asked_whoever_names_them(service: Service, url: str) -> None:
    story = sent(service, PHOTO, fields={**SMS, "MediaUrl0": url})

    story.ticks(2)

    (media,) = story.media
    assert (media.because, story.providers.fetched) == (MediaRefusal.HOST_NOT_ALLOWED, [])
    assert story.attachments == []


@pytest.mark.parametrize(
    "leads_to", ["http://media.twiliocdn.com/x", "https://files.example/x", "https://10.0.0.1/x"]
)
def test_no_redirect_is_followed_elsewhere(service: Service, leads_to: str) -> None:
    story = sent(service, (302, leads_to))

    story.ticks(2)

    assert [m.because for m in story.media] == [MediaRefusal.HOST_NOT_ALLOWED]
    assert len(story.providers.fetched) == 1


def test_a_circle_of_redirects_ends(service: Service) -> None:
    story = sent(service, (302, STORED_AT))

    story.ticks(2)

    assert [m.because for m in story.media] == [MediaRefusal.REFUSED_BY_CARRIER]
    assert len(story.providers.fetched) == 4


@pytest.mark.parametrize(
    ("answer", "because"),
    [
        ((200, b"\xff\xd8\xff" + bytes(LARGEST)), MediaRefusal.TOO_LARGE),
        ((200, sounds.recording("spoken.m4a")), MediaRefusal.TYPE_NOT_TAKEN),
        ((200, b""), MediaRefusal.TYPE_NOT_TAKEN),
        ((200, b"<svg/>"), MediaRefusal.TYPE_NOT_TAKEN),
        ((404, b""), MediaRefusal.REFUSED_BY_CARRIER),
    ],
)
def test_what_is_not_kept_is_told_to_the_officer_and_not_asked_for_again(
    service: Service, answer: Any, because: MediaRefusal
) -> None:
    story = sent(service, answer)

    story.ticks(3)

    (media,) = story.media
    assert (media.status, media.because) == (MediaStatus.REFUSED, because)
    assert media.due_at is None
    (note,) = story.notes
    assert f"could not be kept here: {because}." in note
    assert "http" not in note
    assert (len(story.providers.fetched), story.attachments) == (1, [])


def test_what_begins_like_a_picture_and_is_none_is_refused_by_the_cleaner(service: Service) -> None:
    story = sent(service, (200, b"\xff\xd8\xff" + b"no picture"))

    story.ticks(3)

    assert [a["status"] for a in story.attachments] == ["refused"]
    (media,) = story.media
    assert (media.status, media.because) == (MediaStatus.REFUSED, MediaRefusal.NOT_CLEANED)
    assert ["not_cleaned" in note for note in story.notes] == [True]
    assert [sent.form["Body"] for sent in story.providers.sent] == [ENGLISH["chat.not_kept"]]


def test_a_picture_that_an_officer_removed_at_once_is_no_refusal(service: Service) -> None:
    story = sent(service, PHOTO)
    story.ticks(1, seconds=30)
    story.ticks(1, seconds=1)
    (row,) = story.attachments
    path = f"/v1/grievances/{story.case_id}/attachments/{row['attachment_id']}"
    assert service.caller(Role.PARTNER_SUPERVISOR, PARTNER).delete(path).status == 204

    story.ticks(2)

    (media,) = story.media
    assert (media.status, story.notes) == (MediaStatus.KEPT, [])


def test_what_is_not_cleaned_yet_is_looked_at_again(service: Service) -> None:
    story = sent(service, PHOTO)
    story.ticks(1, minutes=2)
    (media,) = story.media
    assert media.status is MediaStatus.FETCHED

    again = fetch_media(story.case_id, media.media_id, deps=service.deps)

    assert again is not None
    assert (again.status, again.attachment_id) == (MediaStatus.FETCHED, media.attachment_id)
    story.ticks(2)
    assert [m.status for m in story.media] == [MediaStatus.KEPT]


def test_a_voice_note_of_whatsapp_is_kept_as_a_recording(service: Service) -> None:
    """She says nothing in writing: the voice note alone opens her case."""
    note = sounds.recording("spoken.opus.ogg")
    fields = {**SMS, "From": f"whatsapp:{WORKER}", "To": f"whatsapp:{NUMBER}", "Body": ""}
    story = sent(service, (200, note), fields={**fields, "MediaContentType0": "audio/ogg"})

    story.ticks(3)

    (kept,) = story.attachments
    told = (kept["kind"], kept["content_type"], kept["status"])
    assert told == ("recording", "audio/ogg", "clean")
    (content,) = objects(service).values()
    assert content == anew(note, AudioType.OGG)
    assert story.providers.sent == []


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (sounds.amr(), "audio/amr"),
        (sounds.recording("spoken.mp3"), "audio/mpeg"),
        (sounds.recording("spoken.vorbis.ogg"), "audio/ogg"),
    ],
    ids=["amr", "mp3", "vorbis"],
)
@pytest.mark.parametrize("announced", ["image/jpeg", "application/octet-stream"])
def test_a_recording_is_known_by_its_content_whatever_its_sender_says(
    service: Service, content: bytes, content_type: str, announced: str
) -> None:
    story = sent(service, (200, content), fields={**SMS, "MediaContentType0": announced})

    story.ticks(3)

    assert [(a["content_type"], a["status"]) for a in story.attachments] == [
        (content_type, "clean")
    ]


NOT_TAKEN = (200, sounds.recording("spoken.m4a"))


def test_she_is_told_in_her_language_to_write_or_to_call(service: Service) -> None:
    body = "আমাদের দুই মাসের মজুরি দেওয়া হয়নি।"
    story = sent(service, NOT_TAKEN, TWILIO_TOOK_IT, fields={**SMS, "Body": body})

    story.ticks(3)

    (told,) = story.providers.sent
    assert (told.form["To"], told.form["From"]) == (WORKER, NUMBER)
    assert told.form["Body"] == for_workers.catalogue("bn")["chat.not_kept"]
    assert [m.answers for m in story.media] == [None]
    assert len(story.notes) == 1  # and her case stands, with what she wrote


def test_she_is_told_once_for_a_message(service: Service) -> None:
    story = sent(service, NOT_TAKEN, NOT_TAKEN, TWILIO_TOOK_IT, fields=TWO)

    story.ticks(4)

    assert [m.because for m in story.media] == [MediaRefusal.TYPE_NOT_TAKEN] * 2
    assert (len(story.notes), len(story.providers.sent)) == (2, 1)


def test_who_has_said_stop_is_not_told(service: Service) -> None:
    story = sent(service, NOT_TAKEN, TWILIO_TOOK_IT, fields={**SMS, "NumMedia": "0"})
    story.twilio.send({**SMS, "MessageSid": "MM2", "Body": "STOP", "NumMedia": "0"})
    story.twilio.send({**SMS, "MessageSid": "MM3"})

    story.ticks(3)

    assert [m.because for m in story.media] == [MediaRefusal.TYPE_NOT_TAKEN]
    assert (len(story.providers.fetched), story.providers.sent) == (1, [])


def test_who_joined_a_case_is_not_told_for_its_address_is_anothers(service: Service) -> None:
    line = connected(service, Provider.TWILIO_MESSAGES)
    providers = answering(service, NOT_TAKEN, TWILIO_TOOK_IT)
    _, began = written(service, line, "They owe us two months.")
    key = service.deps.keyring.key(Purpose.RECEIPT_CODE)
    code = receipt_code(began.grievance_id or "", key)
    media = (InboundMedia(reference=f"{MEDIA_URL}ME1"),)
    _, joined = written(service, line, code, "m-2", sender="+15550177", media=media)
    assert joined.grievance_id == began.grievance_id

    for _ in range(3):
        service.tick()
        service.clock.forward(minutes=2)

    assert (len(providers.fetched), providers.sent) == (1, [])


def test_who_sends_more_than_is_answered_is_not_told(service: Service) -> None:
    line = connected(service, Provider.TWILIO_MESSAGES)
    providers = answering(service, NOT_TAKEN, TWILIO_TOOK_IT)
    for number in range(MOST_AN_HOUR):
        written(service, line, f"They owe us {number} months.", f"m-{number}")
    media = (InboundMedia(reference=f"{MEDIA_URL}ME1"),)
    written(service, line, "", "m-last", media=media)

    for _ in range(3):
        service.tick()
        service.clock.forward(minutes=2)

    assert (len(providers.fetched), providers.sent) == (1, [])


def test_a_recording_that_comes_with_a_message_is_kept_as_one(service: Service) -> None:
    story = sent(service, (200, sounds.telling()))

    story.ticks(3)

    (kept,) = story.attachments
    told = (kept["kind"], kept["content_type"], kept["status"])
    assert told == ("recording", "audio/wav", "clean")


def test_a_provider_that_is_silent_is_asked_again_later(service: Service) -> None:
    story = sent(service, None, (503, b""), PHOTO)

    story.ticks(1, seconds=1)
    story.ticks(1, seconds=1)  # not yet
    assert len(story.providers.asked) == 1
    story.ticks(4, minutes=3)

    assert [a["status"] for a in story.attachments] == ["clean"]
    assert len(story.providers.asked) == 3


def test_after_so_many_silences_it_is_given_up_and_says_so(service: Service) -> None:
    story = sent(service, None)

    story.ticks(3 * GIVE_UP, hours=5)

    assert [m.because for m in story.media] == [MediaRefusal.GAVE_UP]
    assert len(story.providers.fetched) == GIVE_UP
    assert len(story.notes) == 1


def test_no_more_of_a_message_is_fetched_than_there_may_be(service: Service) -> None:
    answering(service, PHOTO)
    line = connected(service, Provider.TWILIO_MESSAGES)
    many = tuple(InboundMedia(reference=f"{MEDIA_URL}ME{n}") for n in range(20))

    _, heard = written(service, line, "Look at these.", media=many)

    assert heard.grievance_id is not None
    assert len(service.deps.media.all_of_case(heard.grievance_id)) == MOST_OF_A_MESSAGE


def test_a_case_has_no_more_attachments_than_by_hand(service: Service) -> None:
    story = sent(service, PHOTO)
    for number in range(MOST_OF_A_CASE):
        pictures.asked(story.partner, story.case_id, b"\x89PNG" + bytes([number]))

    story.ticks()

    assert [m.because for m in story.media] == [MediaRefusal.CASE_IS_FULL]


@pytest.mark.parametrize("scope", ["identity", "texts"])
def test_after_an_erasure_nothing_is_fetched_and_no_address_is_kept(
    service: Service, scope: str
) -> None:
    story = sent(service, PHOTO, fields=TWO)
    case_id = story.case_id
    assert erased(service, case_id, scope).status == 200

    story.ticks(2)

    rows = service.deps.media.all_of_case(case_id)
    assert [(m.because, m.reference) for m in rows] == [(MediaRefusal.ERASED, None)] * 2
    assert (story.providers.asked, objects(service)) == ([], {})


def test_a_wechat_picture_is_asked_for_by_its_id(service: Service) -> None:
    providers = answering(service, WECHAT_TOKEN, (200, {"errcode": -1}), PHOTO)
    line = connected(service, Provider.WECHAT)
    _, heard = written(service, line, "", media=(InboundMedia(reference="id/1"),))
    assert heard.grievance_id is not None

    for _ in range(3):
        service.tick()
        service.clock.forward(minutes=3)

    url = "https://api.weixin.qq.com/cgi-bin/media/get?access_token=a-wechat-token&media_id=id%2F1"
    assert [asked.url for asked in providers.asked[1:]] == [url, url]
    (media,) = service.deps.media.all_of_case(heard.grievance_id)
    assert media.status is MediaStatus.KEPT


def test_what_wechat_does_not_have_is_refused(service: Service) -> None:
    answering(service, WECHAT_TOKEN, (200, {"errcode": 40007, "errmsg": "invalid media_id"}))
    line = connected(service, Provider.WECHAT)
    _, heard = written(service, line, "", media=(InboundMedia(reference="id/1"),))
    assert heard.grievance_id is not None

    service.tick()

    (media,) = service.deps.media.all_of_case(heard.grievance_id)
    assert media.because is MediaRefusal.REFUSED_BY_CARRIER


@pytest.mark.parametrize(
    ("url", "is_asked"),
    [
        ("https://multimedia.nt.qq.com.cn/download?fileid=1", True),
        ("https://gchat.qpic.cn/x", True),
        ("https://grouptalk.c2c.qq.com/x", True),
        ("https://qq.com.evil.example/x", False),
        ("https://evilqq.com/x", False),
        ("http://gchat.qpic.cn/x", False),
    ],
)
def test_qq_pictures_are_fetched_from_qq_without_a_token(
    service: Service, url: str, is_asked: bool
) -> None:
    providers = answering(service, PHOTO)
    line = connected(service, Provider.QQ)
    written(service, line, "看", media=(InboundMedia(reference=url),))

    service.tick()

    assert [(a.url, a.headers) for a in providers.asked] == ([(url, {})] if is_asked else [])
    assert QQ_TOKEN not in providers.answers


def test_other_providers_name_hosts_that_nobody_has_vouched_for(service: Service) -> None:
    line = connected(service, Provider.TWILIO_MESSAGES)
    flows = line.model_copy(update={"provider": Provider.RAPIDPRO})
    message = Inbound(
        message_id="m-1",
        channel=Channel.SMS,
        sender=WORKER,
        text="Look.",
        media=(InboundMedia(reference="https://api.twilio.com/x"),),
    )

    heard = hear(message, flows, deps=service.deps)

    assert heard.grievance_id is not None
    assert service.deps.media.all_of_case(heard.grievance_id) == []


def test_what_is_not_there_or_not_due_is_left_alone(service: Service) -> None:
    story = sent(service, PHOTO)
    (media,) = story.media
    story.ticks(4)

    assert fetch_media(story.case_id, media.media_id, deps=service.deps) is None
    assert fetch_media("g_nobody", "mf_nothing", deps=service.deps) is None


def test_where_a_picture_lies_is_in_no_log_and_shown_to_nobody(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="handshake")
    logging.getLogger("handshake").addHandler(caplog.handler)
    url = f"{MEDIA_URL}ME-kanari"
    story = sent(service, None, (302, STORED_AT), (404, b""), fields={**SMS, "MediaUrl0": url})

    story.ticks(6, minutes=3)

    logging.getLogger("handshake").removeHandler(caplog.handler)
    told = [str(vars(record)) for record in caplog.records]
    told += [str(walked(story.partner, f"/v1/grievances/{story.case_id}/history")), *story.notes]
    assert any("media_looked_after" in text for text in told)
    assert not any("kanari" in text.casefold() for text in told)
    assert "kanari" not in str(service.all_items())  # and the row has forgotten it


def test_a_picture_that_nobody_comes_by_for_is_found_and_made_due(service: Service) -> None:
    story = sent(service, PHOTO)
    (media,) = story.media
    without(service, story.case_id, keys.media(media.media_id), "work_queue")
    story.ticks()
    assert story.providers.asked == []

    report = reconciled(service, repair=True)
    story.ticks(2)

    (finding,) = report["findings"]
    assert (finding["kind"], finding["id"]) == ("media_misplaced", media.media_id)
    assert finding["repaired"] is True
    assert [a["status"] for a in story.attachments] == ["clean"]
