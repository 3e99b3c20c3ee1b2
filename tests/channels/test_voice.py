"""A call from the menu to the receipt code, as Twilio and a caller go through it."""

import hashlib
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels.twilio_voice import (
    VOICES,
    Called,
    Script,
    agreed_to,
    chosen,
    parse,
    spoken,
)
from chalicelib.domain.helpline.helpline_line import Provider
from chalicelib.domain.helpline.media import MediaRefusal
from chalicelib.domain.record.ledger import first_bad_entry
from chalicelib.domain.vocabulary import ConsentLevel
from chalicelib.errors import ValidationFailed
from chalicelib.texts import for_workers
from chalicelib.usecases.helpline.take_call import script_of
from tests.channels.phone import CALL, RECORDING, RECORDING_URL, Phone
from tests.channels.test_twilio import KEPT, tried
from tests.channels.twilio import FORM, PARTNER, WORKER, Twilio, opened_line, signature
from tests.helpline import answering
from tests.service import Service
from tests.usecases import sounds
from tests.usecases.identities.test_erase import erased
from tests.usecases.stories import case_of, refusal, walked

NOTHING = b"<?xml version='1.0' encoding='utf-8'?>\n<Response />"


@pytest.fixture
def twilio(service: Service) -> Twilio:
    return Twilio(service, opened_line(service, Provider.TWILIO_VOICE, language="zh"))


@pytest.fixture
def phone(twilio: Twilio) -> Phone:
    return Phone(twilio)


def only_case(phone: Phone) -> dict[str, Any]:
    (case,) = all_cases(phone)
    return case


def all_cases(phone: Phone) -> list[dict[str, Any]]:
    partner = phone.twilio.service.partner(PARTNER)
    rows = partner.get("/v1/grievances").json()["items"]
    return [case_of(partner, row["grievance_id"]) for row in rows]


def identity_of(phone: Phone, case: dict[str, Any]) -> Any:
    path = f"/v1/grievances/{case['grievance_id']}/identity/openings"
    answer = phone.twilio.service.partner(PARTNER).post(path, {"reason": "contact_worker"})
    return answer.json()["worker"]["phone"] if answer.status == 201 else None


def notes_of(phone: Phone, case: dict[str, Any]) -> list[str]:
    path = f"/v1/grievances/{case['grievance_id']}/messages"
    items = phone.twilio.service.partner(PARTNER).get(path).json()["items"]
    assert {item["visibility"] for item in items} <= {"partner"}
    return [item["text"] for item in items]


def chain_is_whole(phone: Phone, case: dict[str, Any]) -> bool:
    cases = phone.twilio.service.deps.cases
    head = cases.head(case["grievance_id"])
    assert head is not None
    return first_bad_entry(cases.entries(head, 100, None).items) is None


# The whole call


def test_a_call_becomes_a_case_and_its_receipt_code_is_read_out(phone: Phone) -> None:
    code = phone.at_the_recorder().speak().code()

    case = only_case(phone)
    assert {name: case[name] for name in ("channel", "intake_type", "language", "categories")} == {
        "channel": "phone",
        "intake_type": "grievance",
        "language": "zh",
        "categories": ["other"],
    }
    assert RECORDING in case["narrative"]
    assert (case["consent"]["level"], case["consent"]["script_version"]) == ("C3", "voice-zh-1")
    assert identity_of(phone, case) == WORKER
    progress = phone.twilio.service.public().get("/v1/receipts", Receipt_Code=code)
    assert (progress.status, progress.json()["state"]) == (200, "received")


@pytest.mark.parametrize(
    ("key", "level"), [("1", "C3"), ("2", "C2"), ("3", "C0"), ("9", "C0"), ("*", "C0"), ("", "C0")]
)
def test_a_key_agrees_to_what_the_script_says_and_any_other_to_nothing(
    phone: Phone, key: str, level: str
) -> None:
    phone.at_the_recorder(consent=key).speak()

    assert only_case(phone)["consent"]["level"] == level


def test_who_presses_nothing_goes_on_in_the_lines_language_and_agrees_to_nothing(
    phone: Phone,
) -> None:
    phone.dial().wait().wait().speak()

    case = only_case(phone)
    assert (case["language"], case["consent"]["level"]) == ("zh", "C0")


def test_the_menu_says_each_language_in_itself_the_lines_own_first(phone: Phone) -> None:
    said = phone.dial().words()

    assert [language for language, _ in said][:2] == ["cmn-CN", "cmn-TW"]
    assert len(said) == len(VOICES.keys() & for_workers.languages())
    assert all(str(number) in (text or "") for number, (_, text) in enumerate(said, start=1))
    last = str(len(said))
    assert phone.press(last).words()[0][0] == said[-1][0]


def test_each_language_is_spoken_from_the_consent_to_the_code(twilio: Twilio) -> None:
    known = [language for language in VOICES if language in for_workers.languages()]
    for number, language in enumerate(known, start=1):
        phone = Phone(twilio, call_id=f"CA{number}")
        phone.dial()
        for step in (
            phone.press(str(number)),
            phone.press("1"),
            phone.speak(f"RE{number}"),
            phone.press("1"),
        ):
            assert {spoken_as for spoken_as, _ in step.words()} == {VOICES[language].language}
        assert len(phone.code()) == 16


def test_a_line_whose_language_nobody_can_say_begins_in_english(service: Service) -> None:
    line = opened_line(service, Provider.TWILIO_VOICE, language="my")

    said = Phone(Twilio(service, line)).dial().words()

    assert said[0][0] == "en-US"


def test_no_address_holds_anything_of_the_caller(phone: Phone) -> None:
    addresses = phone.dial().addresses()
    addresses += phone.press("1").addresses()
    addresses += phone.press("1").addresses()
    addresses += phone.speak().addresses()

    assert len(addresses) > 6
    asked = [urlsplit(address) for address in addresses]
    assert {(part.scheme, part.netloc) for part in asked} == {("https", "handshake.test")}
    assert {part.path for part in asked} == {
        f"{phone.twilio.path}/{step}"
        for step in ("language", "consent", "recording", "recorded", "receipt")
    }
    assert {part.fragment for part in asked} == {"rc=3&rp=ct,rt,5xx"}
    assert {part.query for part in asked} == {
        "",
        "language=zh",
        "consent=C3&language=zh",
    }


def test_silence_is_asked_once_more_and_then_taken_as_a_goodbye(phone: Phone) -> None:
    heard = [verb.tag for verb in phone.at_the_recorder().heard]

    assert heard == ["Say", "Record", "Say", "Record", "Say", "Hangup"]
    first, second = [verb for verb in phone.heard if verb.tag == "Record"]
    assert first.attrib == second.attrib
    assert (first.get("maxLength"), first.get("finishOnKey")) == ("600", "#")


SCRIPTS = {
    "voice-bn-1": "6064a1f84a4a190f",
    "voice-en-1": "1b73992fcdd88f7f",
    "voice-hi-1": "bcdaa729d54d946c",
    "voice-id-1": "1b2cffe3e52a4255",
    "voice-th-1": "1c8cf414b041dd7e",
    "voice-vi-1": "e8c8299d207ad922",
    "voice-zh-1": "6c8e56a4ac57c888",
    "voice-zh-hant-1": "4eaf1bb54bfb263a",
}
"""What each consent script that was ever read out said. New ones are added, none is changed: the
ledger says by this name what a worker agreed to."""


@pytest.mark.parametrize("language", sorted(VOICES.keys() & for_workers.languages()))
def test_a_consent_script_says_what_it_said_when_it_got_its_name(language: str) -> None:
    said = hashlib.sha256(for_workers.catalogue(language)["voice.consent"].encode()).hexdigest()

    assert SCRIPTS[script_of(language)] == said[:16]


# Who calls


@pytest.mark.parametrize(
    "number",
    ["anonymous", "+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253", "",
     "Restricted", "sip:worker@example.org", "client:worker", "+0155501"],
)  # fmt: skip
def test_a_hidden_number_is_nobodys(twilio: Twilio, number: str) -> None:
    phone = Phone(twilio, number=number)

    phone.at_the_recorder().speak()

    assert identity_of(phone, only_case(phone)) is None


# Told twice, in any order, or only once


def test_a_caller_who_hangs_up_is_heard_by_the_status_of_her_recording(phone: Phone) -> None:
    phone.at_the_recorder()

    answer = phone.status()

    assert (answer.status, answer.body) == (200, NOTHING)
    case = only_case(phone)
    assert RECORDING in case["narrative"]
    assert case["consent"]["level"] == "C3"


def test_the_status_after_the_caller_makes_nothing_new(phone: Phone) -> None:
    phone.at_the_recorder()
    phone.speak()
    before = phone.twilio.service.everything()

    assert Phone(phone.twilio).at_the_recorder().status().status == 200
    assert phone.twilio.service.everything() == before


def test_the_caller_after_the_status_adds_her_number_and_hears_the_same_code(
    phone: Phone,
) -> None:
    phone.at_the_recorder()
    phone.status()
    case = only_case(phone)
    assert identity_of(phone, case) is None

    code = phone.speak().code()

    assert identity_of(phone, case) == WORKER
    assert notes_of(phone, case) == []
    assert Phone(phone.twilio).at_the_recorder().speak().code() == code
    assert chain_is_whole(phone, only_case(phone))


def test_the_same_recording_again_gets_the_same_answer_and_makes_nothing_new(
    phone: Phone,
) -> None:
    first = phone.at_the_recorder().speak().code()
    before = phone.twilio.service.everything()

    assert Phone(phone.twilio).at_the_recorder().speak().code() == first
    assert phone.twilio.service.everything() == before


def test_what_is_recorded_later_in_the_same_call_joins_its_case_once(phone: Phone) -> None:
    """After an error of ours Twilio begins the call anew at its fallback address."""
    first = phone.at_the_recorder().speak().code()
    for _ in range(2):
        later = Phone(phone.twilio).at_the_recorder(consent="2")
        assert later.speak("RE2").code() == first
    assert Phone(phone.twilio).at_the_recorder().status("RE2").status == 200

    case = only_case(phone)
    (note,) = notes_of(phone, case)
    assert "RE2" in note
    assert RECORDING in case["narrative"]
    assert case["consent"]["level"] == "C3"
    assert chain_is_whole(phone, case)


def test_two_calls_are_two_cases(phone: Phone) -> None:
    first = phone.at_the_recorder().speak().code()
    second = Phone(phone.twilio, call_id="CA2").at_the_recorder().speak("RE2").code()

    assert first != second
    assert len(all_cases(phone)) == 2


@pytest.mark.parametrize("status", ["absent", "in-progress", "failed"])
def test_a_recording_that_does_not_exist_opens_no_case(phone: Phone, status: str) -> None:
    answer = phone.at_the_recorder().status(status=status)

    assert (answer.status, answer.body) == (200, NOTHING)
    assert all_cases(phone) == []


def test_a_recorder_that_was_told_of_no_recording_says_goodbye(phone: Phone) -> None:
    url = phone.at_the_recorder().heard[1].get("action")
    assert url is not None
    phone.goes_on(url)

    assert [verb.tag for verb in phone.heard] == ["Say", "Hangup"]
    assert all_cases(phone) == []


def test_a_recording_is_known_by_its_address_where_its_id_is_not_told(phone: Phone) -> None:
    url = phone.at_the_recorder().heard[1].get("action")
    assert url is not None
    phone.goes_on(url, RecordingUrl=RECORDING_URL, RecordingDuration="3")

    assert RECORDING in only_case(phone)["narrative"]


# What was recorded


SPOKEN = (200, sounds.telling())


def attachments_of(phone: Phone) -> list[dict[str, Any]]:
    partner = phone.twilio.service.partner(PARTNER)
    grievance_id = only_case(phone)["grievance_id"]
    return walked(partner, f"/v1/grievances/{grievance_id}/attachments")


def ticks(phone: Phone, number: int, **span: float) -> None:
    for _ in range(number):
        phone.twilio.service.tick()
        phone.twilio.service.clock.forward(**(span or {"minutes": 2}))


def test_a_recording_is_fetched_once_and_its_samples_become_an_attachment(phone: Phone) -> None:
    providers = answering(phone.twilio.service, SPOKEN)
    phone.at_the_recorder().speak()
    assert Phone(phone.twilio).at_the_recorder().status().status == 200
    ticks(phone, 2)
    assert Phone(phone.twilio).at_the_recorder().speak().code()
    ticks(phone, 2)

    (asked,) = providers.asked
    assert asked.url == f"{RECORDING_URL}.wav"
    assert asked.headers["Authorization"].startswith("Basic ")
    (kept,) = attachments_of(phone)
    clean = sounds.spoken()
    assert {name: kept[name] for name in ("kind", "content_type", "status", "clean")} == {
        "kind": "recording",
        "content_type": "audio/wav",
        "status": "clean",
        "clean": {"bytes": len(clean), "sha256": hashlib.sha256(clean).hexdigest()},
    }
    assert notes_of(phone, only_case(phone)) == []
    assert chain_is_whole(phone, only_case(phone))


def test_a_recording_is_downloaded_as_a_file_of_its_type(phone: Phone) -> None:
    answering(phone.twilio.service, SPOKEN)
    phone.at_the_recorder().speak()
    ticks(phone, 3)
    (kept,) = attachments_of(phone)

    path = f"/v1/grievances/{kept['grievance_id']}/attachments/{kept['attachment_id']}"
    link = phone.twilio.service.partner(PARTNER).get(path).json()["download_url"]
    loaded = requests.get(link, timeout=10)

    assert (loaded.status_code, loaded.content) == (200, sounds.spoken())
    assert loaded.headers["Content-Type"] == "audio/wav"
    named = f'attachment; filename="{kept["attachment_id"]}.wav"'
    assert loaded.headers["Content-Disposition"] == named


def test_each_recording_of_a_call_is_an_attachment(phone: Phone) -> None:
    answering(phone.twilio.service, SPOKEN, (200, sounds.spoken(sample=9)))
    phone.at_the_recorder().speak()
    for _ in range(2):
        Phone(phone.twilio).at_the_recorder().speak("RE2")

    ticks(phone, 3)

    assert [kept["status"] for kept in attachments_of(phone)] == ["clean", "clean"]


def test_a_recording_that_is_not_there_yet_is_asked_for_again(phone: Phone) -> None:
    """Twilio tells the caller's next step before the file can be had."""
    providers = answering(phone.twilio.service, (404, b""), SPOKEN)
    phone.at_the_recorder().speak()

    ticks(phone, 4, minutes=3)

    assert len(providers.asked) == 2
    assert [kept["status"] for kept in attachments_of(phone)] == ["clean"]


def test_a_recording_in_another_form_stays_where_it_is_and_the_officer_is_told(
    phone: Phone,
) -> None:
    answering(phone.twilio.service, (200, sounds.recording("spoken.m4a")))
    phone.at_the_recorder().speak()

    ticks(phone, 3)

    (note,) = notes_of(phone, only_case(phone))
    assert "came by phone could not be kept here: type_not_taken." in note
    assert attachments_of(phone) == []


@pytest.mark.parametrize("scope", ["identity", "texts"])
def test_an_erasure_forgets_a_recording_that_was_not_fetched_yet(phone: Phone, scope: str) -> None:
    service = phone.twilio.service
    providers = answering(service, SPOKEN)
    phone.at_the_recorder().speak()
    case_id = only_case(phone)["grievance_id"]
    assert erased(service, case_id, scope).status == 200

    ticks(phone, 3)

    (media,) = service.deps.media.all_of_case(case_id)
    assert (media.because, media.reference, providers.asked) == (MediaRefusal.ERASED, None, [])


def test_a_recording_that_is_told_of_again_after_an_erasure_is_known(phone: Phone) -> None:
    """Its narrative named it and is gone; what was to be fetched still does."""
    service = phone.twilio.service
    answering(service, SPOKEN)
    at_the_recorder = phone.at_the_recorder().heard
    phone.speak()
    case_id = only_case(phone)["grievance_id"]
    assert erased(service, case_id, "texts").status == 200

    phone.heard = at_the_recorder
    assert phone.status().status < 300

    assert notes_of(phone, only_case(phone)) == []
    assert len(service.deps.media.all_of_case(case_id)) == 1


# The code again


def test_the_code_is_read_again_as_often_as_she_likes(phone: Phone) -> None:
    code = phone.at_the_recorder().speak().code()

    assert phone.press("1").code() == code
    assert phone.press("1").code() == code
    assert [verb.tag for verb in phone.press("2").heard] == ["Say", "Hangup"]


def test_a_call_without_a_recording_has_no_code(phone: Phone) -> None:
    phone.goes_on(f"{phone.twilio.path}/receipt?language=zh", Digits="1")

    assert [verb.tag for verb in phone.heard] == ["Say", "Hangup"]


# Who has signed


STEPS = ("", "/language", "/consent", "/recording", "/recorded", "/receipt")


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_twilio_did_not_sign_is_refused(phone: Phone, step: str) -> None:
    fields = {"CallSid": CALL, "RecordingSid": RECORDING, "Digits": "1"}
    path = f"{phone.twilio.path}{step}?consent=C0&language=zh"
    signed = signature(path, fields)
    for other in (
        path.replace("C0", "C3"),
        path.replace("zh", "en"),
        path.replace("consent=C0&", ""),
        path + "&bodySHA256=" + "0" * 64,
        path.partition("?")[0],
    ):
        answer = phone.twilio.send(fields, path=other, X_Twilio_Signature=signed)
        assert refusal(answer) == (403, "signature_refused"), other
    for changed in ({**fields, "Digits": "2"}, {**fields, "CallSid": "CA2"}, {}):
        answer = phone.twilio.send(changed, path=path, X_Twilio_Signature=signed)
        assert refusal(answer) == (403, "signature_refused"), changed
    unsigned = phone.twilio.post(b"CallSid=CA1", path, {"Content-Type": FORM})
    assert refusal(unsigned) == (403, "signature_refused")
    assert all_cases(phone) == []


@pytest.mark.parametrize("step", STEPS)
def test_a_line_for_messages_takes_no_call(service: Service, step: str) -> None:
    line = opened_line(service, Provider.TWILIO_MESSAGES)

    answer = Twilio(service, line).send(
        {"CallSid": CALL}, path=f"/v1/channels/voice/{line.line_id}{step}"
    )

    assert refusal(answer) == (404, "not_found")


@pytest.mark.parametrize("step", STEPS)
def test_a_step_without_a_call_is_a_422(phone: Phone, step: str) -> None:
    answer = phone.tell(f"{phone.twilio.path}{step}", CallSid="")

    assert refusal(answer) == (422, "validation_failed")
    assert [error["field"] for error in answer.json()["errors"]] == ["CallSid"]


def test_another_number_is_refused_where_the_number_is_told(phone: Phone) -> None:
    assert refusal(phone.tell(phone.twilio.path, To="+15550198")) == (422, "validation_failed")


def test_another_account_is_refused_where_no_number_is_told(phone: Phone) -> None:
    path = f"{phone.twilio.path}/recorded"
    fields = {"CallSid": CALL, "AccountSid": "AC2", "RecordingSid": RECORDING}

    assert refusal(phone.twilio.send(fields, path=path)) == (403, "signature_refused")


# When something is down


@pytest.mark.parametrize("operation", ["TransactWriteItems", "GenerateDataKey", "GetItem"])
def test_an_outage_while_a_case_is_opened_is_a_503_and_the_status_opens_it(
    phone: Phone, operation: str
) -> None:
    phone.at_the_recorder()
    url = phone.heard[1].get("action")
    assert url is not None
    with phone.twilio.service.refusing(operation):
        refused = phone.tell(url, RecordingSid=RECORDING)

    assert refusal(refused) == (503, "unavailable")
    assert refused.headers["Retry-After"] == "5"
    assert phone.status().status == 200
    assert RECORDING in only_case(phone)["narrative"]


# Parts


def test_what_is_heard_in_an_address_by_hand_is_english_and_no_consent() -> None:
    assert (spoken(None), spoken("xx"), spoken("my")) == ("en", "en", "en")
    assert agreed_to("C3") is ConsentLevel.C0


def test_a_query_is_signed_as_it_is_written_whatever_it_says(phone: Phone) -> None:
    path = f"{phone.twilio.path}/consent?language=%E5%B7%A5%20x"

    assert phone.goes_on(path, Digits="1").words()[0][0] == "en-US"


def test_a_consent_that_is_no_level_is_no_consent(phone: Phone) -> None:
    phone.goes_on(f"{phone.twilio.path}/recording?consent=C9", RecordingSid=RECORDING)

    case = only_case(phone)
    assert (case["consent"]["level"], case["language"]) == ("C0", "en")


@tried
@given(st.text(max_size=5), st.sampled_from([*VOICES, "my", "xx"]))
def test_any_key_of_the_menu_is_a_language_that_is_spoken(key: str, first: str) -> None:
    assert chosen(key, first) in VOICES.keys() & for_workers.languages()


@tried
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["CallSid", "From", "Digits", "RecordingSid", "RecordingUrl", "RecordingStatus"]
            ),
            st.text(max_size=40) | st.sampled_from(["completed", RECORDING, RECORDING_URL, CALL]),
        ),
        max_size=6,
    ).map(tuple)
)
def test_any_fields_are_a_call_or_refused(params: tuple[tuple[str, str], ...]) -> None:
    try:
        called = parse(params)
    except ValidationFailed:
        return
    assert isinstance(called, Called)
    assert "+" not in (repr(called).replace("\\", ""))


@pytest.mark.parametrize("language", sorted(VOICES.keys() & for_workers.languages()))
def test_the_scripts_are_twiml_in_every_language(language: str) -> None:
    script = Script("https://handshake.test/v1/channels/voice/ln")
    for twiml in (
        script.menu(language),
        script.consent(language),
        script.record(language, ConsentLevel.C0),
        script.receipt(language, "0123-4567-8901-2345"),
        script.goodbye(language),
    ):
        response = ElementTree.fromstring(twiml.encode())
        assert response.tag == "Response"
        assert all(say.text and "{" not in say.text for say in response.iter("Say"))


def test_the_voices_are_ones_that_twilio_lists() -> None:
    listed = KEPT["listed"]

    assert {voice.language for voice in VOICES.values()} <= set(listed["languages"])
    assert {voice.name for voice in VOICES.values()} <= set(listed["voices"])


def test_twilio_lists_none_for_the_one_language_without_a_voice() -> None:
    assert for_workers.languages() - VOICES.keys() == {"my"}
    assert [language for language in KEPT["listed"]["languages"] if language[:2] == "my"] == []
