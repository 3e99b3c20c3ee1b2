"""The demo endpoint keeps what it receives, and refuses what is no notification."""

import io
import json
import socket
import wave
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from PIL import Image

from chalicelib.carriers.carriers import Carriers
from chalicelib.carriers.http import Internet
from chalicelib.domain.helpline.helpline_line import Provider
from chalicelib.domain.vocabulary import Channel
from infra.local.ports import listen
from infra.local.sink import CARRIERS, MOST_KEPT, Sink
from tests.carriers.lines import parcel

ALERT = {"public_ref": "2026-A", "severity": "S1", "category": "compensation"}
NOTIFICATION = {"Subject": "[S1] new grievance alert", "Message": json.dumps(ALERT)}


@pytest.fixture
def announced() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def sink(announced: list[dict[str, Any]]) -> Iterator[Sink]:
    made = Sink(listen(0, "ALERTS_PORT"), announced.append, announced.append)
    made.start()
    yield made
    made.close()


def _post(sink: Sink, path: str, body: bytes) -> int:
    return requests.post(sink.url + path, data=body, timeout=30).status_code


def test_a_notification_is_shown_and_announced(sink: Sink, announced: list[Any]) -> None:
    assert _post(sink, "/sns/acme-outdoor", json.dumps(NOTIFICATION).encode()) == 200
    (shown,) = requests.get(f"{sink.url}/", timeout=30).json()
    assert announced == [shown]
    del shown["received_at"]
    assert shown == {
        "brand_id": "acme-outdoor",
        "subject": "[S1] new grievance alert",
        "alert": ALERT,
    }


def test_a_provider_lets_go_of_what_it_holds(sink: Sink) -> None:
    gone = requests.delete(f"{sink.url}{CARRIERS}api.twilio.com/x", timeout=30)
    elsewhere = requests.delete(f"{sink.url}/sns/acme-outdoor", timeout=30)

    assert (gone.status_code, elsewhere.status_code) == (204, 404)


def test_the_newest_comes_first_and_old_ones_go(sink: Sink) -> None:
    for number in range(MOST_KEPT + 1):
        alert = json.dumps({**ALERT, "public_ref": str(number)})
        sink.take("acme-outdoor", {"Message": alert})
    shown = requests.get(f"{sink.url}/", timeout=30).json()
    assert len(shown) == MOST_KEPT
    assert [shown[0]["alert"]["public_ref"], shown[-1]["alert"]["public_ref"]] == ["200", "1"]


@pytest.mark.parametrize("body", [b"", b"text", b"[]", b"{}", b'{"Message": "text"}'])
def test_what_is_no_notification_is_refused(sink: Sink, announced: list[Any], body: bytes) -> None:
    assert (_post(sink, "/sns/acme-outdoor", body), announced) == (400, [])


def test_there_is_nothing_else_to_see(sink: Sink) -> None:
    assert requests.get(f"{sink.url}/etc/passwd", timeout=30).status_code == 404


def test_one_that_was_never_started_can_be_closed() -> None:
    listening = listen(0, "ALERTS_PORT")
    Sink(listening, lambda received: None, lambda sent: None).close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        listening.getsockname()
    assert isinstance(listening, socket.socket)


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.WHATSAPP, Channel.QQ, Channel.WECHAT])
def test_every_carrier_takes_messages_here_and_shows_them(
    sink: Sink, announced: list[Any], channel: Channel
) -> None:
    """The carriers' own code, spoken to over HTTP."""
    provider = {Channel.QQ: Provider.QQ, Channel.WECHAT: Provider.WECHAT}.get(
        channel, Provider.TWILIO_MESSAGES
    )
    carrier = Carriers(Internet(sink.url + CARRIERS)).on(channel)

    carrier.send(parcel(provider, to="+15550199"))

    (shown,) = requests.get(f"{sink.url}/messages", timeout=30).json()
    assert announced == [shown]
    del shown["sent_at"]
    assert shown == {"channel": channel, "to": "+15550199", "text": "工资已经补发了吗?"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("api.twilio.com/2010-04-01/Accounts/AC/Messages.json", b"From=1"),
        ("api.sgroup.qq.com/v2", b"{}"),
        ("api.sgroup.qq.com/v2/users/o/messages", b"no json"),
        ("api.weixin.qq.com/cgi-bin/message/custom/send", b"[]"),
        ("example.com/elsewhere", b"{}"),
    ],
)
def test_what_no_carrier_knows_is_refused(
    sink: Sink, announced: list[Any], path: str, body: bytes
) -> None:
    assert (_post(sink, CARRIERS + path, body), announced) == (400, [])


def test_a_recording_that_is_asked_for_is_a_second_of_silence(sink: Sink) -> None:
    url = "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1.wav"

    answer = Internet(sink.url + CARRIERS).get(url, headers={}, most=100_000)

    with wave.open(io.BytesIO(answer.body)) as recording:
        assert (recording.getnframes(), recording.getframerate()) == (8_000, 8_000)


def test_whatever_picture_is_asked_for_there_is_one_that_can_be_made_anew(sink: Sink) -> None:
    url = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"

    answer = Internet(sink.url + CARRIERS).get(url, headers={}, most=10_000)

    assert answer.status == 200
    assert Image.open(io.BytesIO(answer.body)).size == (8, 8)
