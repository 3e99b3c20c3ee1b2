"""Messages to workers: sent once on the line that she used, and only if they may be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.helpline.helpline_line import Provider
from chalicelib.domain.helpline.outbound import DeliveryStatus, NotSent, Outbound, may_ring_at
from chalicelib.domain.retry import GIVE_UP
from chalicelib.domain.vocabulary import Channel, Role
from chalicelib.store.clients import client
from tests.helpline import SENDER_ON, answering, connected, written
from tests.recorded import (
    TWILIO_TOOK_IT,
    TWILIO_UNSUBSCRIBED,
    Recorded,
)
from tests.service import START, Caller, Service
from tests.usecases.stories import case_of, submitted, walked

TEXT = "工资已经补发了吗?"


def agreed(partner: Caller, grievance_id: str, **consent: Any) -> None:
    """The worker agrees to be contacted."""
    version = case_of(partner, grievance_id)["version"]
    given = {"level": "C0", "contact_back": True, "script_version": "chat-en-1", **consent}
    path = f"/v1/grievances/{grievance_id}/consent"
    assert partner.put(path, given, If_Match=f'"{version}"').status == 200


def on_a_line(service: Service, provider: Provider, *answers: Any) -> tuple[Recorded, str, str]:
    """The providers, the line's id and a case of a worker who agrees to be contacted."""
    providers = answering(service, *answers)
    line = connected(service, provider)
    _, heard = written(service, line, "Our wages were not paid.")
    assert heard.grievance_id is not None
    agreed(service.partner(), heard.grievance_id)
    return providers, line.line_id, heard.grievance_id


def to_worker(partner: Caller, grievance_id: str, text: str = TEXT) -> Any:
    """The delivery of a message that an officer writes."""
    path = f"/v1/grievances/{grievance_id}/messages"
    answer = partner.post(path, {"text": text, "visibility": "worker"})
    assert answer.status == 201
    return answer.json()


def kept(service: Service, grievance_id: str) -> list[Outbound]:
    return service.deps.outbound.all_of_case(grievance_id)


def openings(partner: Caller, grievance_id: str) -> int:
    history = walked(partner, f"/v1/grievances/{grievance_id}/history")
    return sum(entry["action"] == "identity_opened" for entry in history)


def test_an_officers_message_goes_out_on_the_line_that_the_worker_used(service: Service) -> None:
    providers, _, grievance_id = on_a_line(service, Provider.TWILIO_MESSAGES, TWILIO_TOOK_IT)
    partner = service.partner()

    message = to_worker(partner, grievance_id)
    service.drain()

    (asked,) = providers.asked
    assert asked.form["To"] == SENDER_ON[Channel.SMS]
    assert asked.form["Body"] == TEXT
    assert message["delivery"] == {
        "status": "queued",
        "because": None,
        "channel": "sms",
        "at": "2026-11-22T08:00:00.000Z",
        "carrier_code": None,
    }
    (row,) = kept(service, grievance_id)
    assert row.status is DeliveryStatus.SENT
    assert row.carrier_id == "SM00000000000000000000000000000001"
    assert row.text is None  # the message itself is the case's
    (listed,) = [
        m
        for m in walked(partner, f"/v1/grievances/{grievance_id}/messages")
        if m["visibility"] == "worker"
    ]
    assert listed == {**message, "delivery": {**message["delivery"], "status": "sent"}}


def test_a_message_is_sent_once_however_often_it_is_asked_for(service: Service) -> None:
    providers, _, grievance_id = on_a_line(service, Provider.TWILIO_MESSAGES, TWILIO_TOOK_IT)
    to_worker(service.partner(), grievance_id)

    service.tick()
    service.drain()
    service.tick()
    service.drain()

    assert len(providers.asked) == 1


def test_the_ledger_says_that_her_identity_was_opened_before_it_is_sent(service: Service) -> None:
    providers, _, grievance_id = on_a_line(service, Provider.TWILIO_MESSAGES, TWILIO_TOOK_IT)
    partner = service.partner()
    to_worker(partner, grievance_id)
    assert openings(partner, grievance_id) == 0

    service.drain()

    assert openings(partner, grievance_id) == 1
    history = walked(partner, f"/v1/grievances/{grievance_id}/history")
    (entry,) = [entry for entry in history if entry["action"] == "identity_opened"]
    assert entry["data"] == {"reason": "contact_worker"}
    assert len(providers.asked) == 1


def test_nothing_is_sent_where_she_does_not_agree_to_be_contacted(service: Service) -> None:
    providers, _, grievance_id = on_a_line(service, Provider.TWILIO_MESSAGES, TWILIO_TOOK_IT)
    partner = service.partner()
    agreed(partner, grievance_id, contact_back=False, share_with_union=True)

    message = to_worker(partner, grievance_id)
    service.drain()

    assert message["delivery"] == {
        "status": "withheld",
        "because": "contact_back_not_given",
        "channel": "sms",
        "at": "2026-11-22T08:00:00.000Z",
        "carrier_code": None,
    }
    assert (providers.asked, openings(partner, grievance_id)) == ([], 0)


def test_nothing_is_sent_once_she_has_taken_it_back(service: Service) -> None:
    """It was queued while she agreed; what counts is what she says when it goes out."""
    providers, _, grievance_id = on_a_line(service, Provider.TWILIO_MESSAGES, TWILIO_TOOK_IT)
    partner = service.partner()
    to_worker(partner, grievance_id)
    agreed(partner, grievance_id, contact_back=False, share_with_union=True)

    service.drain()

    (row,) = kept(service, grievance_id)
    assert (row.status, row.because) == (DeliveryStatus.WITHHELD, NotSent.CONTACT_BACK_NOT_GIVEN)
    assert (row.text, providers.asked) == (None, [])


def test_a_case_that_came_on_no_line_has_nothing_to_answer_on(service: Service) -> None:
    providers = answering(service, TWILIO_TOOK_IT)
    partner = service.partner()
    grievance_id = submitted(partner)

    message = to_worker(partner, grievance_id)
    service.drain()

    assert message["delivery"]["because"] == "no_line"
    assert providers.asked == []


def test_nothing_goes_out_on_a_line_that_has_ended(service: Service) -> None:
    providers, line_id, grievance_id = on_a_line(service, Provider.TWILIO_MESSAGES, TWILIO_TOOK_IT)
    _ended(service, line_id)

    message = to_worker(service.partner(), grievance_id)
    service.drain()

    assert (message["delivery"]["because"], providers.asked) == ("line_ended", [])


def _ended(service: Service, line_id: str) -> None:
    line = service.deps.lines.get(line_id)
    assert line is not None
    over = line.changed(ended_at=service.clock.now, version=line.version + 1)
    client("dynamodb").transact_write_items(TransactItems=service.deps.lines.rows(over))


def test_nothing_goes_out_once_her_identity_is_erased(service: Service) -> None:
    providers, _, grievance_id = on_a_line(service, Provider.TWILIO_MESSAGES, TWILIO_TOOK_IT)
    partner = service.partner()
    to_worker(partner, grievance_id)
    officer = service.caller(Role.DPO, "privacy-office")
    wish = {
        "scope": "texts",
        "reason": "worker_request",
        "confirm": case_of(partner, grievance_id)["public_ref"],
    }
    assert officer.post(f"/v1/grievances/{grievance_id}/erasure", wish).status == 200

    service.drain()

    (row,) = kept(service, grievance_id)
    assert (row.status, row.because) == (DeliveryStatus.WITHHELD, NotSent.TEXT_ERASED)
    assert (row.text, providers.asked) == (None, [])


def test_what_a_carrier_refuses_is_failed_with_the_carriers_own_code(service: Service) -> None:
    providers, _, grievance_id = on_a_line(service, Provider.TWILIO_MESSAGES, TWILIO_UNSUBSCRIBED)
    to_worker(service.partner(), grievance_id)

    service.drain()
    service.clock.forward(hours=2)
    service.tick()
    service.drain()

    (row,) = kept(service, grievance_id)
    assert row.delivery.model_dump(mode="json") == {
        "status": "failed",
        "because": "refused_by_carrier",
        "channel": "sms",
        "at": "2026-11-22T08:00:00.000Z",
        "carrier_code": "21610",
    }
    assert len(providers.asked) == 1


def test_a_carrier_that_is_silent_is_asked_again_later(service: Service) -> None:
    providers, _, grievance_id = on_a_line(
        service, Provider.TWILIO_MESSAGES, None, (503, b""), TWILIO_TOOK_IT
    )
    to_worker(service.partner(), grievance_id)

    service.drain()
    service.tick()
    service.drain()  # not yet
    assert len(providers.asked) == 1
    for _ in range(2):
        service.clock.forward(minutes=3)
        service.tick()
        service.drain()

    (row,) = kept(service, grievance_id)
    assert (row.status, row.attempts, len(providers.asked)) == (DeliveryStatus.SENT, 3, 3)


def test_after_so_many_silences_it_is_given_up_and_says_so(service: Service) -> None:
    providers, _, grievance_id = on_a_line(service, Provider.TWILIO_MESSAGES, None)
    to_worker(service.partner(), grievance_id)

    for _ in range(3 * GIVE_UP):
        service.tick()
        service.drain()
        service.clock.forward(hours=5)

    (row,) = kept(service, grievance_id)
    assert (row.status, row.because) == (DeliveryStatus.FAILED, NotSent.GAVE_UP)
    assert len(providers.asked) == GIVE_UP


def test_at_night_nobody_is_written_to_and_in_the_morning_she_is(service: Service) -> None:
    providers, _, grievance_id = on_a_line(service, Provider.TWILIO_MESSAGES, TWILIO_TOOK_IT)
    service.clock.forward(hours=15)  # 23:00 UTC; the case has no country
    to_worker(service.partner(), grievance_id)

    service.drain()
    service.clock.forward(hours=8, minutes=59)
    service.tick()
    service.drain()
    assert providers.asked == []
    service.clock.forward(minutes=1)
    service.tick()
    service.drain()

    assert len(providers.asked) == 1


@pytest.mark.parametrize(
    ("country", "now", "then"),
    [
        ("CN", "2026-11-22T12:59", "2026-11-22T12:59"),  # 20:59 in Shanghai
        ("CN", "2026-11-22T13:00", "2026-11-23T00:00"),
        ("CN", "2026-11-22T23:59", "2026-11-23T00:00"),
        ("CN", "2026-11-23T00:00", "2026-11-23T00:00"),
        ("BD", "2026-11-22T20:00", "2026-11-23T02:00"),  # 02:00 in Dhaka
        ("IN", "2026-11-22T02:29", "2026-11-22T02:30"),
        (None, "2026-11-22T20:59", "2026-11-22T20:59"),
    ],
)
def test_quiet_hours_are_those_of_where_she_is(country: str | None, now: str, then: str) -> None:
    message = Outbound(outbound_id="m_1", grievance_id="g_1", created_at=START, changed_at=START)
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)

    assert may_ring_at(message, country, moment) == datetime.fromisoformat(then).replace(tzinfo=UTC)


def test_a_direct_answer_does_not_wait_for_the_morning() -> None:
    midnight = START + timedelta(hours=8)
    message = Outbound(
        outbound_id="o_1", grievance_id="g_1", created_at=midnight, changed_at=START, answers="hers"
    )

    assert may_ring_at(message, "CN", midnight) == midnight
    late = midnight + timedelta(hours=1)
    assert may_ring_at(message, "CN", late) == midnight + timedelta(hours=8)


def test_a_message_to_a_worker_is_no_longer_than_a_carrier_takes(service: Service) -> None:
    _, _, grievance_id = on_a_line(service, Provider.TWILIO_MESSAGES, TWILIO_TOOK_IT)
    path = f"/v1/grievances/{grievance_id}/messages"

    refused = service.partner().post(path, {"text": "x" * 1_501, "visibility": "worker"})

    assert (refused.status, refused.json()["errors"][0]["code"]) == (422, "too_long")
    assert kept(service, grievance_id) == []
