"""Each provider is answered within the time that it waits, however slow or silent AWS is.

The limits are the providers' own (docs/channels.md). What AWS takes is reckoned on a clock that
only it moves (`tests/slow_aws.py`); what the service itself computes is milliseconds beside it.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from chalicelib.api.endpoint import OPERATIONS
from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from chalicelib.store.keys import LISTING_SHARDS
from infra.local.gateway import Answer
from tests.channels import test_kobo, test_qq, test_rapidpro, test_wechat
from tests.channels.lines import cases_of
from tests.channels.phone import Phone
from tests.channels.twilio import NUMBER, Twilio, opened_line
from tests.service import Service
from tests.slow_aws import SlowAws, slow_aws
from tests.usecases.answers import published

SECONDS = {"qq": 3, "wechat": 5, "twilio": 15, "voice": 15, "rapidpro": 15, "kobo": 29}
"""Kobo waits longer than API Gateway, which is therefore the limit."""


class Message(NamedTuple):
    """What a provider sends: the first message of worker number 0, 1, … on a line.

    `cold` is how many calls of AWS it takes a process that has just begun, `warm` any other.
    """

    provider: str
    line_of: Callable[[Service], Any]
    sent: Callable[[Service, Any, int], Answer]
    cold: int
    warm: int


def _on_qq(service: Service, line: HelplineLine, number: int) -> Answer:
    author = {"user_openid": f"{number:032X}"}
    return test_qq.posted(service, line, test_qq.event(id=f"ROBOT1.0_{number}", author=author))


def _on_wechat(service: Service, line: HelplineLine, number: int) -> Answer:
    body = test_wechat.xml(MsgId=str(number), FromUserName=f"o-{number}")
    return test_wechat.posted(service, line, body)


def _sms(service: Service, line: HelplineLine, number: int) -> Answer:
    fields = {
        "AccountSid": str(line.account),
        "MessageSid": f"SM{number:032x}",
        "From": f"+1555010{number}",
        "To": NUMBER,
        "Body": "No wages.",
    }
    return Twilio(service, line).send(fields)


def _at_the_recorder(service: Service) -> Phone:
    line = opened_line(service, Provider.TWILIO_VOICE, language="zh")
    return Phone(Twilio(service, line)).at_the_recorder()


def _recorded(_: Service, phone: Phone, number: int) -> Answer:
    phone.call_id = f"CA{number:032x}"
    recorded = {"RecordingSid": f"RE{number:032x}", "RecordingDuration": "42", "Digits": "#"}
    return phone.tell(phone._attribute("Record", "action"), **recorded)


def _flow(service: Service, line: HelplineLine, number: int) -> Answer:
    run = {"uuid": f"00000000-0000-4000-8000-{number:012}"}
    return test_rapidpro.posted(service, line, test_rapidpro.resthook_body(run=run))


def _submission(service: Service, line: HelplineLine, number: int) -> Answer:
    instance = f"uuid:00000000-0000-4000-8000-{number:012}"
    ids = {"meta/instanceID": instance, "meta/rootUuid": instance}
    return test_kobo.posted(service, line, test_kobo.submission(**ids))


def _messages_line(service: Service) -> HelplineLine:
    return opened_line(service, Provider.TWILIO_MESSAGES, jurisdiction="CN")


MESSAGES = {
    "QQ": Message("qq", lambda s: test_qq.line_of(s, jurisdiction="CN"), _on_qq, 13, 7),
    "WeChat": Message(
        "wechat", lambda s: test_wechat.line_of(s, jurisdiction="CN"), _on_wechat, 12, 6
    ),
    "SMS": Message("twilio", _messages_line, _sms, 12, 6),
    "a recorded call": Message("voice", _at_the_recorder, _recorded, 5, 3),
    "RapidPro": Message("rapidpro", test_rapidpro.line_of, _flow, 5, 3),
    "Kobo": Message("kobo", test_kobo.line_of, _submission, 5, 3),
}


@pytest.fixture(params=MESSAGES)
def message(request: pytest.FixtureRequest) -> Message:
    return MESSAGES[request.param]


def timed(service: Service, aws: SlowAws, message: Message, line: Any) -> tuple[Answer, float]:
    """The answer of a process that has just begun, and after how many seconds it came."""
    service.forget_secrets()
    aws.calls.clear()
    began = aws.now
    return message.sent(service, line, 0), aws.now - began


def test_every_webhook_says_how_long_its_provider_waits() -> None:
    promised = {
        operation.path: operation.answered_within
        for operation in OPERATIONS
        if operation.path.startswith("/v1/channels/")
    }
    limits = {path: SECONDS[path.split("/")[3]] for path in promised}

    assert {path for path in promised if promised[path] > limits[path]} == set()
    assert {path.split("/")[3] for path in promised} == SECONDS.keys()


def test_a_message_takes_so_many_calls_and_no_more(
    service: Service, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    with slow_aws(monkeypatch) as aws:
        line = message.line_of(service)
        answer, seconds = timed(service, aws, message, line)
        cold = list(aws.calls)
        aws.calls.clear()
        later = message.sent(service, line, 1)

    assert (answer.status, later.status) == (200, 200), answer.body
    assert (len(cold), len(aws.calls)) == (message.cold, message.warm), (cold, aws.calls)
    assert seconds == pytest.approx(message.cold * aws.seconds)


@pytest.mark.parametrize("lost", [False, True], ids=["never arrives", "is done, unanswered"])
def test_where_aws_falls_silent_the_provider_hears_so_in_time_and_its_message_is_heard_later(
    service: Service,
    fresh: Callable[[], Service],
    message: Message,
    lost: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for position in range(1, message.cold + 1):
        service = fresh()
        with slow_aws(monkeypatch) as aws:
            line = message.line_of(service)
            aws.silent_from, aws.lost = position, lost
            answer, seconds = timed(service, aws, message, line)
            assert seconds <= SECONDS[message.provider], (position, aws.calls)
            assert answer.status in (200, 503), answer.body
            assert answer.status == 200 or answer.headers["Retry-After"] == "5"

            aws.silent_from = None
            again, _ = timed(service, aws, message, line)

        assert again.status == 200, (position, again.body)
        assert len(cases_of(service)) == 1, position


@pytest.mark.parametrize("each", [0.3, 0.7])
def test_where_aws_is_slow_the_provider_is_answered_in_time(
    service: Service, message: Message, each: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tenth of what it takes on a bad day is usual."""
    with slow_aws(monkeypatch) as aws:
        line = message.line_of(service)
        aws.seconds = each
        answer, seconds = timed(service, aws, message, line)

        assert seconds <= SECONDS[message.provider], aws.calls
        assert answer.status in (200, 503)

        aws.seconds = 0.02
        again, _ = timed(service, aws, message, line)

    assert again.status == 200
    assert len(cases_of(service)) == 1


def test_many_answers_are_read_over_several_messages_and_no_case_waits_for_them(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(service)
    line = test_wechat.line_of(service, jurisdiction="CN")
    queries = []
    with slow_aws(monkeypatch) as aws:
        aws.seconds = 0.35
        service.forget_secrets()
        for number in range(3):
            aws.answered.clear()
            assert _on_wechat(service, line, number).status == 200
            queries.append(aws.answered.count("Query"))

    first, second, third = queries
    assert 0 < first < LISTING_SHARDS
    assert (first + second, third) == (LISTING_SHARDS, 0)
    assert len(cases_of(service)) == 3
