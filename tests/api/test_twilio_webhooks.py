"""SMS and WhatsApp through the front door: whose line, who signed, one case for one message."""

import hashlib
import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from infra.local.gateway import Answer
from tests.channels.twilio import (
    ACCOUNT,
    FORM,
    HOST,
    NUMBER,
    PARTNER,
    TOKEN,
    WORKER,
    Twilio,
    opened_line,
    signature,
)
from tests.helpline import answering
from tests.recorded import TWILIO_TOOK_IT
from tests.service import START, Service, but_for_the_count
from tests.usecases.helpline.test_send_outbound import agreed, to_worker
from tests.usecases.stories import case_of, refusal

WORDS = "Kanari-Words-Qx7 扣了两个月工资"
SMS = {
    "MessageSid": "SM" + "0" * 31 + "1",
    "AccountSid": ACCOUNT,
    "From": WORKER,
    "To": NUMBER,
    "Body": WORDS,
    "NumMedia": "0",
    "FromCountry": "US",
}


@pytest.fixture
def twilio(service: Service) -> Twilio:
    return Twilio(service, opened_line(service, Provider.TWILIO_MESSAGES))


def said(answer: Answer) -> list[str | None]:
    """The messages that Twilio would send."""
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    return [message.text for message in ElementTree.fromstring(answer.body)]


def cases(service: Service) -> list[dict[str, Any]]:
    rows = service.partner(PARTNER).get("/v1/grievances").json()["items"]
    return [case_of(service.partner(PARTNER), row["grievance_id"]) for row in rows]


def test_a_text_message_is_a_case_of_the_lines_partner_and_is_answered(twilio: Twilio) -> None:
    service = twilio.service

    answer = twilio.send(SMS)

    assert len(said(answer)) == 1
    (case,) = cases(service)
    assert (case["channel"], case["narrative"]) == ("sms", WORDS)
    path = f"/v1/grievances/{case['grievance_id']}/identity/openings"
    opened = service.partner(PARTNER).post(path, {"reason": "contact_worker"}).json()
    assert opened["worker"]["phone"] == WORKER


def test_a_whatsapp_message_is_of_that_channel(twilio: Twilio) -> None:
    twilio.send({**SMS, "From": f"whatsapp:{WORKER}", "To": f"whatsapp:{NUMBER}"})

    (case,) = cases(twilio.service)
    assert case["channel"] == "whatsapp"


def test_the_same_message_again_makes_nothing_new_and_gets_the_same_answer(twilio: Twilio) -> None:
    first = twilio.send(SMS)
    before = twilio.service.everything()
    twilio.service.clock.forward(hours=3)

    again = twilio.send(SMS)

    assert but_for_the_count(again) == but_for_the_count(first)
    assert twilio.service.everything() == before


def test_an_empty_message_is_taken_in(twilio: Twilio) -> None:
    """A picture without words, or nothing at all: blank fields are signed, too."""
    assert twilio.send({**SMS, "Body": ""}).status == 200


@pytest.mark.parametrize(
    "content_type", [FORM, f"{FORM}; charset=UTF-8", FORM.upper(), f"{FORM};charset=utf-8"]
)
def test_the_content_type_may_be_spelled_as_http_allows(twilio: Twilio, content_type: str) -> None:
    assert twilio.send(SMS, Content_Type=content_type).status == 200


def test_json_is_not_what_twilio_sends(twilio: Twilio) -> None:
    answer = twilio.send(SMS, Content_Type="application/json")

    assert refusal(answer) == (415, "unsupported_media_type")


# Who has signed


def test_each_field_that_is_changed_on_the_way_is_refused(twilio: Twilio) -> None:
    signed = signature(twilio.path, SMS)
    for name, value in SMS.items():
        for changed in (
            {**SMS, name: value + "x"},
            {**SMS, name: ""},
            {field: text for field, text in SMS.items() if field != name},
            {**SMS, name + "x": value},
        ):
            answer = twilio.send(changed, X_Twilio_Signature=signed)
            assert refusal(answer) == (403, "signature_refused"), (name, changed)
    assert cases(twilio.service) == []


def test_a_query_that_was_not_signed_is_refused(twilio: Twilio) -> None:
    signed, body = signature(twilio.path, SMS), urlencode(SMS).encode()
    path = f"{twilio.path}?bodySHA256={hashlib.sha256(body).hexdigest()}"

    answer = twilio.send(SMS, path=path, X_Twilio_Signature=signed)

    assert refusal(answer) == (403, "signature_refused")


def test_a_query_that_no_address_of_ours_has_is_refused(twilio: Twilio) -> None:
    answer = twilio.send(SMS, path=f"{twilio.path}?foo=1")

    assert refusal(answer) == (422, "validation_failed")
    assert [error["code"] for error in answer.json()["errors"]] == ["extra_forbidden"]


def test_a_body_is_taken_by_the_hash_that_was_signed_in_its_url(twilio: Twilio) -> None:
    body = urlencode(SMS).encode()
    path = f"{twilio.path}?bodySHA256={hashlib.sha256(body).hexdigest()}"
    headers = {"Content-Type": FORM, "X-Twilio-Signature": signature(path, {})}

    assert refusal(twilio.post(body + b"x", path, headers)) == (403, "signature_refused")
    assert twilio.post(body, path, headers).status == 200
    (case,) = cases(twilio.service)
    assert case["narrative"] == WORDS


@pytest.mark.parametrize("given", ["", "x", "=" * 28, "\xe9"])
def test_what_is_no_signature_is_refused(twilio: Twilio, given: str) -> None:
    assert refusal(twilio.send(SMS, X_Twilio_Signature=given)) == (403, "signature_refused")


def test_another_lines_token_and_another_lines_address_are_refused(twilio: Twilio) -> None:
    other = opened_line(
        twilio.service, Provider.TWILIO_MESSAGES, line_id="ln_" + "1" * 26, name="other"
    )
    elsewhere = Twilio(twilio.service, other)
    twilio.service.deps.line_secrets.put(other.line_id, {"auth_token": "another"})

    with_our_token = elsewhere.send(SMS)
    for_our_address = elsewhere.send(SMS, X_Twilio_Signature=signature(twilio.path, SMS))

    assert refusal(with_our_token) == refusal(for_our_address) == (403, "signature_refused")


def test_without_a_signature_or_without_a_secret_nothing_is_taken(twilio: Twilio) -> None:
    body = b"MessageSid=SM1"
    unsigned = twilio.post(body, twilio.path, {"Content-Type": FORM})
    twilio.service.deps.line_secrets.put(twilio.line.line_id, {"another": TOKEN})

    assert refusal(unsigned) == refusal(twilio.send(SMS)) == (403, "signature_refused")


def test_the_host_header_has_no_say_in_what_was_signed(twilio: Twilio) -> None:
    assert twilio.send(SMS, Host="somewhere-else.example").status == 200


def test_another_account_is_a_403_and_another_number_a_422_that_names_it(twilio: Twilio) -> None:
    account = twilio.send({**SMS, "AccountSid": "AC2"})
    number = twilio.send({**SMS, "To": "+15550198"})

    assert refusal(account) == (403, "signature_refused")
    assert refusal(number) == (422, "validation_failed")
    assert [error["field"] for error in number.json()["errors"]] == ["To"]


# Which line


def ended(line: HelplineLine) -> dict[str, Any]:
    return {"ended_at": START}


def other_provider(line: HelplineLine) -> dict[str, Any]:
    return {"provider": Provider.TWILIO_VOICE}


@pytest.mark.parametrize("change", [ended, other_provider])
def test_a_line_that_has_ended_is_another_providers_or_unknown_is_not_there(
    twilio: Twilio, change: Callable[[HelplineLine], dict[str, Any]]
) -> None:
    line_id = "ln_" + "2" * 26
    opened_line(
        twilio.service,
        **{"provider": Provider.TWILIO_MESSAGES, "line_id": line_id, **change(twilio.line)},
    )

    answer = twilio.send(SMS, path=f"/v1/channels/twilio/{line_id}")
    unknown = twilio.send(SMS, path="/v1/channels/twilio/ln_" + "3" * 26)

    assert refusal(answer) == (404, "not_found")
    assert answer.body == unknown.body


# What is broken


@pytest.mark.parametrize("body", [b"Body=%ff", b"Body=%zz", b"Body=\xff\xfe", b"a&" * 900])
def test_what_is_no_form_is_a_422_and_no_500(twilio: Twilio, body: bytes) -> None:
    sent = {"Content-Type": FORM, "X-Twilio-Signature": "x"}

    answer = twilio.post(body, twilio.path, sent)

    assert refusal(answer) == (422, "validation_failed")


@pytest.mark.parametrize("operation", ["GetItem", "PutItem", "TransactWriteItems"])
def test_an_outage_is_a_503_after_which_the_same_message_is_taken(
    twilio: Twilio, operation: str
) -> None:
    with twilio.service.refusing(operation):
        refused = twilio.send(SMS)
    if refused.status == 200:  # not a call that this message needs
        return

    assert refusal(refused) == (503, "unavailable")
    assert refused.headers["Retry-After"] == "5"
    assert len(said(twilio.send(SMS))) == 1
    assert len(cases(twilio.service)) == 1


def test_an_outage_of_the_secrets_is_a_503(twilio: Twilio) -> None:
    twilio.service.forget_secrets()
    with twilio.service.refusing("GetSecretValue"):
        refused = twilio.send(SMS)

    assert refusal(refused) == (503, "unavailable")


def test_her_number_and_her_words_are_in_no_log_and_in_no_problem(
    twilio: Twilio, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="handshake")
    logging.getLogger("handshake").addHandler(caplog.handler)
    url = f"https://files.example/{WORDS}"
    refused = [
        twilio.send({**SMS, "NumMedia": "1", "MediaUrl0": url}),
        twilio.send({**SMS, "To": WORDS}),
        twilio.send({**SMS, "MessageSid": WORDS}),
        twilio.send({**SMS, "From": f"{WORKER} {WORDS}"}),
        twilio.send(SMS, X_Twilio_Signature="x"),
    ]
    with twilio.service.refusing("TransactWriteItems"):
        refused.append(twilio.send(SMS))
    twilio.send(SMS)
    logging.getLogger("handshake").removeHandler(caplog.handler)

    assert [answer.status for answer in refused] == [422, 422, 422, 422, 403, 503]
    told = [str(vars(record)) for record in caplog.records]
    told += [json.dumps(answer.json()) + str(answer.headers) for answer in refused]
    assert len(told) > len(refused)
    for text in told:
        assert WORKER not in text
        assert "Kanari" not in text


# What becomes of what goes out


def gone_out(twilio: Twilio) -> tuple[str, str]:
    """A message that Twilio took: the case, and the address that Twilio was told to report to."""
    service = twilio.service
    taken = answering(service, TWILIO_TOOK_IT)
    twilio.send(SMS)
    (case,) = cases(service)
    partner = service.partner(PARTNER)
    agreed(partner, case["grievance_id"])
    service.clock.forward(hours=8)  # day where she is
    to_worker(partner, case["grievance_id"])
    service.drain()
    (asked,) = taken.asked
    return case["grievance_id"], asked.form["StatusCallback"].removeprefix(HOST)


def delivery(twilio: Twilio, grievance_id: str) -> tuple[str, str | None]:
    (sent,) = twilio.service.deps.outbound.all_of_case(grievance_id)
    return sent.status, sent.carrier_code


REPORT = {"MessageSid": "SM2", "AccountSid": ACCOUNT, "From": NUMBER, "To": WORKER}


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        ({"MessageStatus": "sent"}, ("sent", None)),
        ({"MessageStatus": "delivered"}, ("delivered", None)),
        ({"MessageStatus": "undelivered", "ErrorCode": "30003"}, ("failed", "30003")),
    ],
)
def test_what_becomes_of_a_message_is_noted_where_its_address_says(
    twilio: Twilio, reported: dict[str, str], expected: tuple[str, str | None]
) -> None:
    grievance_id, path = gone_out(twilio)

    for _ in range(2):
        answer = twilio.send({**REPORT, **reported}, path=path)
        assert (answer.status, answer.body) == (204, b"")
    assert delivery(twilio, grievance_id) == expected


def test_a_status_that_was_not_signed_for_this_message_is_refused(twilio: Twilio) -> None:
    grievance_id, path = gone_out(twilio)
    fields = {**REPORT, "MessageStatus": "delivered"}
    signed = signature(path + "x", fields)

    assert refusal(twilio.send(fields, path=path, X_Twilio_Signature=signed)) == (
        403,
        "signature_refused",
    )
    assert refusal(twilio.send({**fields, "AccountSid": "AC2"}, path=path)) == (
        403,
        "signature_refused",
    )
    assert refusal(twilio.send(REPORT, path=path)) == (422, "validation_failed")
    assert delivery(twilio, grievance_id) == ("sent", None)


def test_a_status_of_no_message_is_taken_and_changes_nothing(twilio: Twilio) -> None:
    fields = {**REPORT, "MessageStatus": "delivered"}
    before = twilio.service.everything()
    for query in ("", "?grievance=g_1&message=o_1", "?message=o_1"):
        assert twilio.send(fields, path=f"{twilio.path}/status{query}").status == 204
    assert twilio.service.everything() == before
