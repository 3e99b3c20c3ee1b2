"""Each carrier asks its provider as its documentation says, and hears what it answers."""

import base64
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from chalicelib.carriers.carrier import Carrier, RefusedByCarrier, Wanted
from chalicelib.carriers.carriers import Carriers
from chalicelib.carriers.hosts import is_at
from chalicelib.carriers.http import LARGEST_ANSWER, Internet, TooLarge
from chalicelib.carriers.qq import Qq
from chalicelib.carriers.tokens import EARLIER, Lent, Tokens
from chalicelib.domain.helpline.helpline_line import Provider
from chalicelib.domain.vocabulary import Channel
from chalicelib.errors import Unavailable
from tests.carriers.lines import ACCOUNT, SECRETS, line_of, parcel
from tests.recorded import (
    QQ_TOKEN,
    QQ_TOO_LATE,
    QQ_TOOK_IT,
    TWILIO_TOOK_IT,
    TWILIO_UNSUBSCRIBED,
    WECHAT_TOKEN,
    WECHAT_TOO_LATE,
    WECHAT_TOOK_IT,
    Recorded,
)

PROVIDERS = {
    Channel.SMS: Provider.TWILIO_MESSAGES,
    Channel.WHATSAPP: Provider.TWILIO_MESSAGES,
    Channel.QQ: Provider.QQ,
    Channel.WECHAT: Provider.WECHAT,
}


def on(channel: Channel, provider: Recorded) -> Carrier:
    return Carriers(provider).on(channel)


def test_an_sms_is_posted_to_twilio_with_the_lines_account_and_token() -> None:
    provider = Recorded(TWILIO_TOOK_IT)

    taken = on(Channel.SMS, provider).send(parcel(Provider.TWILIO_MESSAGES))

    (asked,) = provider.asked
    login = base64.b64encode(f"{ACCOUNT}:a-twilio-token".encode()).decode()
    assert taken == "SM00000000000000000000000000000001"
    assert asked.url == f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert asked.headers["Authorization"] == f"Basic {login}"
    assert asked.form == {
        "To": "+15550199",
        "From": "+15550100",
        "Body": "工资已经补发了吗?",
        "StatusCallback": "https://handshake.test/status",
    }


@pytest.mark.parametrize("to", ["+15550199", "whatsapp:+15550199"])
def test_a_whatsapp_message_names_both_numbers_with_their_prefix_once(to: str) -> None:
    provider = Recorded(TWILIO_TOOK_IT)

    on(Channel.WHATSAPP, provider).send(parcel(Provider.TWILIO_MESSAGES, to=to))

    assert provider.asked[0].form["To"] == "whatsapp:+15550199"
    assert provider.asked[0].form["From"] == "whatsapp:+15550100"


def test_a_qq_reply_names_the_message_that_it_answers() -> None:
    provider = Recorded(QQ_TOKEN, QQ_TOOK_IT)
    message = parcel(Provider.QQ, to="OPENID/1", answers="ROBOT1.0_hers")

    taken = on(Channel.QQ, provider).send(message)

    token, sent = provider.asked
    assert taken == "ROBOT1.0_reply"
    assert token.url == "https://bots.qq.com/app/getAppAccessToken"
    assert token.json == {"appId": "102000001", "clientSecret": "a-qq-secret"}
    assert sent.url == "https://api.sgroup.qq.com/v2/users/OPENID%2F1/messages"
    assert sent.headers["Authorization"] == "QQBot a-qq-token"
    assert sent.json == {
        "content": "工资已经补发了吗?",
        "msg_type": 0,
        "msg_id": "ROBOT1.0_hers",
        "msg_seq": sent.json["msg_seq"],
    }


def test_another_answer_to_the_same_qq_message_has_another_number_and_a_repeat_the_same() -> None:
    """QQ drops a second one with the same number."""
    provider = Recorded(QQ_TOKEN, QQ_TOOK_IT)
    carrier = on(Channel.QQ, provider)
    for text in ("One.", "Two.", "Two."):
        carrier.send(parcel(Provider.QQ, answers="ROBOT1.0_hers")._replace(text=text))

    one, two, repeat = (sent.json["msg_seq"] for sent in provider.asked[1:])

    assert one != two == repeat
    assert min(one, two) > 0


def test_a_qq_message_of_our_own_answers_none() -> None:
    provider = Recorded(QQ_TOKEN, QQ_TOOK_IT)

    on(Channel.QQ, provider).send(parcel(Provider.QQ))

    assert provider.asked[1].json == {"content": "工资已经补发了吗?", "msg_type": 0}


def test_a_wechat_message_is_a_customer_service_message() -> None:
    provider = Recorded(WECHAT_TOKEN, WECHAT_TOOK_IT)

    taken = on(Channel.WECHAT, provider).send(parcel(Provider.WECHAT, to="o-openid"))

    token, sent = provider.asked
    assert taken == ""
    assert token.url == "https://api.weixin.qq.com/cgi-bin/stable_token"
    assert token.json == {
        "grant_type": "client_credential",
        "appid": "wx-app",
        "secret": "a-wechat-secret",
    }
    assert sent.url == (
        "https://api.weixin.qq.com/cgi-bin/message/custom/send?access_token=a-wechat-token"
    )
    assert sent.json == {
        "touser": "o-openid",
        "msgtype": "text",
        "text": {"content": "工资已经补发了吗?"},
    }
    assert "工资".encode() in sent.body  # WeChat shows \u escapes as they are


def test_a_long_wechat_message_goes_as_several_of_which_each_is_short_enough() -> None:
    provider = Recorded(WECHAT_TOKEN, WECHAT_TOOK_IT)
    text = "\n".join(["工资" * 40] * 12)

    on(Channel.WECHAT, provider).send(parcel(Provider.WECHAT, text=text))

    parts = [asked.json["text"]["content"] for asked in provider.asked[1:]]
    assert len(parts) == 2
    assert all(len(part.encode()) <= 2_048 for part in parts)
    assert "\n".join(parts) == text


@pytest.mark.parametrize(
    ("channel", "answers", "code"),
    [
        (Channel.SMS, [TWILIO_UNSUBSCRIBED], "21610"),
        (Channel.QQ, [QQ_TOKEN, QQ_TOO_LATE], "304027"),
        (Channel.QQ, [(200, {"code": 100007, "message": "appid invalid"})], "100007"),
        (Channel.WECHAT, [WECHAT_TOKEN, WECHAT_TOO_LATE], "45015"),
        (Channel.WECHAT, [(200, {"errcode": 40013, "errmsg": "invalid appid"})], "40013"),
    ],
)
def test_a_refusal_carries_the_providers_own_code(
    channel: Channel, answers: list[tuple[int, object]], code: str
) -> None:
    with pytest.raises(RefusedByCarrier) as refused:
        on(channel, Recorded(*answers)).send(parcel(PROVIDERS[channel]))

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("channel", "answers"),
    [
        (Channel.SMS, [None]),
        (Channel.SMS, [(429, {"code": 20429})]),
        (Channel.SMS, [(503, b"")]),
        (Channel.SMS, [(400, b"<html>a proxy's own page</html>")]),
        (Channel.SMS, [(201, b"[]")]),
        (Channel.QQ, [QQ_TOKEN, None]),
        (Channel.QQ, [QQ_TOKEN, (429, {})]),
        (Channel.QQ, [QQ_TOKEN, (401, {"code": 11244})]),
        (Channel.QQ, [None]),
        (Channel.WECHAT, [WECHAT_TOKEN, (200, {"errcode": -1})]),
        (Channel.WECHAT, [WECHAT_TOKEN, (200, {"errcode": 45009})]),
        (Channel.WECHAT, [WECHAT_TOKEN, (200, {"errcode": 42001})]),
        (Channel.WECHAT, [(502, b"")]),
    ],
)
def test_what_may_pass_is_to_be_tried_again(channel: Channel, answers: list[object]) -> None:
    with pytest.raises(Unavailable):
        on(channel, Recorded(*answers)).send(parcel(PROVIDERS[channel]))  # type: ignore[arg-type]


@pytest.mark.parametrize("channel", list(PROVIDERS))
def test_a_line_without_secrets_sends_nothing(channel: Channel) -> None:
    provider = Recorded((500, {}))

    with pytest.raises(RefusedByCarrier) as refused:
        on(channel, provider).send(parcel(PROVIDERS[channel], secrets={}))

    assert (refused.value.code, provider.asked) == ("secret_missing", [])


def test_a_token_is_asked_for_once_and_again_shortly_before_its_end() -> None:
    clock = iter([0.0, 100.0, 7200.0 - EARLIER, 7200.0 - EARLIER])
    tokens = Tokens(lambda: next(clock))
    lent = iter("ab")

    def ask() -> Lent:
        return Lent(next(lent), 7200)

    tokens.of("ln", ask)
    assert (tokens.of("ln", ask), tokens.of("ln", ask)) == ("a", "b")


def test_a_token_that_was_refused_is_not_used_again() -> None:
    provider = Recorded(QQ_TOKEN, (401, {"code": 11244}), QQ_TOKEN, QQ_TOOK_IT)
    carrier = Qq(provider, Tokens(lambda: 0.0))

    with pytest.raises(Unavailable):
        carrier.send(parcel(Provider.QQ))
    carrier.send(parcel(Provider.QQ))

    assert [asked.url.rsplit("/", 1)[1] for asked in provider.asked] == [
        "getAppAccessToken",
        "messages",
        "getAppAccessToken",
        "messages",
    ]


@pytest.mark.parametrize("channel", [Channel.WEB, Channel.LETTER, Channel.IN_PERSON])
def test_nobody_carries_messages_on_other_channels(channel: Channel) -> None:
    with pytest.raises(KeyError):
        on(channel, Recorded(TWILIO_TOOK_IT))


def test_a_telephone_that_calls_is_not_written_to() -> None:
    provider = Recorded(TWILIO_TOOK_IT)

    with pytest.raises(RefusedByCarrier):
        on(Channel.PHONE, provider).send(parcel(Provider.TWILIO_VOICE))

    assert provider.asked == []


_ITS = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}"


def held(provider: Provider, reference: str) -> Wanted:
    return Wanted(reference, line_of(provider), SECRETS)


@pytest.mark.parametrize(
    ("channel", "reference", "url"),
    [
        (Channel.SMS, "SM1", f"{_ITS}/Messages/SM1.json"),
        (Channel.WHATSAPP, "MM1", f"{_ITS}/Messages/MM1.json"),
        (Channel.SMS, f"{_ITS}/Messages/MM1/Media/ME1", f"{_ITS}/Messages/MM1/Media/ME1.json"),
        (Channel.PHONE, "RE1", f"{_ITS}/Recordings/RE1.json"),
    ],
)
@pytest.mark.parametrize("answer", [(204, b""), (404, {"code": 20404})])
def test_twilio_is_asked_to_delete_its_copy_and_what_is_gone_is_gone(
    channel: Channel, reference: str, url: str, answer: tuple[int, object]
) -> None:
    provider = Recorded((500, b""))
    provider.answers_to_deletes = [answer]
    of = Provider.TWILIO_VOICE if channel is Channel.PHONE else Provider.TWILIO_MESSAGES

    on(channel, provider).delete(held(of, reference))

    (asked,) = provider.deletes
    login = base64.b64encode(f"{ACCOUNT}:a-twilio-token".encode()).decode()
    assert (asked.url, asked.headers) == (url, {"Authorization": f"Basic {login}"})


@pytest.mark.parametrize(
    "reference",
    [
        "https://api.twilio.com/2010-04-01/Accounts/AC9/Messages/MM1/Media/ME1",
        f"{_ITS}/IncomingPhoneNumbers/PN1",
        f"{_ITS}/Messages/MM1/Media/../../../IncomingPhoneNumbers/PN1",
        f"{_ITS}/Messages/MM1/Media/ME1?x=1",
        "https://files.example/ME1",
        "../IncomingPhoneNumbers/PN1",
        "",
    ],
)
def test_nothing_else_is_ever_deleted_whatever_an_address_says(reference: str) -> None:
    provider = Recorded((500, b""))

    for channel, of in (
        (Channel.SMS, Provider.TWILIO_MESSAGES),
        (Channel.PHONE, Provider.TWILIO_VOICE),
    ):
        with pytest.raises(RefusedByCarrier):
            on(channel, provider).delete(held(of, reference))

    assert provider.deletes == []


@pytest.mark.parametrize("answer", [None, (401, b""), (409, b""), (429, b""), (500, b"")])
def test_what_is_not_deleted_may_be_later(answer: tuple[int, object] | None) -> None:
    provider = Recorded((500, b""))
    provider.answers_to_deletes = [answer]

    with pytest.raises(Unavailable):
        on(Channel.SMS, provider).delete(held(Provider.TWILIO_MESSAGES, "SM1"))


def test_without_the_lines_secret_nothing_can_be_deleted() -> None:
    nameless = Wanted("SM1", line_of(Provider.TWILIO_MESSAGES), {})

    with pytest.raises(RefusedByCarrier):
        on(Channel.SMS, Recorded((500, b""))).delete(nameless)


@pytest.mark.parametrize("channel", [Channel.QQ, Channel.WECHAT])
def test_where_a_copy_ends_by_itself_nobody_is_asked(channel: Channel) -> None:
    provider = Recorded((500, b""))

    on(channel, provider).delete(held(PROVIDERS[channel], "id-1"))

    assert (provider.asked, provider.deletes) == ([], [])


class _Provider(BaseHTTPRequestHandler):
    """Says what it was asked; on `/moved` it sends elsewhere, on `/long` it does not stop."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(302 if self.path.endswith("/moved") else 200)
        if self.path.endswith("/moved"):
            self.send_header("Location", "/api.example/elsewhere")
        said = b"x" * (2 * LARGEST_ANSWER) if self.path.endswith("/long") else body
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def do_DELETE(self) -> None:
        self.send_response(204)
        self.end_headers()

    def do_GET(self) -> None:
        is_moved = self.path.endswith("/moved")
        self.send_response(302 if is_moved else 200)
        if is_moved:
            self.send_header("Location", "https://files.example/x")
        said = b"x" * 5_000 if self.path.endswith("/cut-off") else b"x" * 10_000
        self.send_header("Content-Length", "10000")
        self.send_header("Content-Encoding", "gzip")  # which is not so, and nobody tries
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def instead() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Provider)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_request_goes_over_http_and_its_answer_is_read(instead: str) -> None:
    answer = Internet(instead).post("https://api.example/v1?a=1", headers={}, body=b'{"a": 1}')

    assert (answer.status, answer.json) == (200, {"a": 1})


def test_a_delete_goes_over_http(instead: str) -> None:
    answer = Internet(instead).delete("https://api.example/v1/x.json", headers={})

    assert (answer.status, answer.body) == (204, b"")


def test_no_redirect_is_followed(instead: str) -> None:
    assert Internet(instead).post("https://api.example/moved", headers={}, body=b"").status == 302


def test_no_more_is_read_of_an_answer_than_there_is_room_for(instead: str) -> None:
    answer = Internet(instead).post("https://api.example/long", headers={}, body=b"")

    assert len(answer.body) == LARGEST_ANSWER


def test_a_provider_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        Internet("http://127.0.0.1:9").post("https://api.example/v1", headers={}, body=b"")


def test_a_file_is_fetched_as_it_comes(instead: str) -> None:
    answer = Internet(instead).get("https://files.example/a?b=1", headers={}, most=10_000)

    assert (answer.status, answer.body, answer.location) == (200, b"x" * 10_000, None)


def test_a_file_that_is_too_large_is_not_read_to_its_end(instead: str) -> None:
    with pytest.raises(TooLarge):
        Internet(instead).get("https://files.example/a", headers={}, most=9_999)


def test_a_redirect_to_a_file_is_told_and_not_followed(instead: str) -> None:
    answer = Internet(instead).get("https://files.example/moved", headers={}, most=10_000)

    assert (answer.status, answer.location) == (302, "https://files.example/x")


def test_a_file_that_does_not_come_whole_is_unavailable(instead: str) -> None:
    with pytest.raises(Unavailable):
        Internet(instead).get("https://files.example/cut-off", headers={}, most=10_000)


def test_a_file_that_nobody_hands_out_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        Internet("http://127.0.0.1:9").get("https://files.example/a", headers={}, most=10_000)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/x",
        "https://A.EXAMPLE/x?y=1#z",
        "https://deep.b.example/x",
    ],
)
def test_these_addresses_are_a_providers(url: str) -> None:
    assert is_at(url, {"a.example", ".b.example"})


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/x",
        "ftp://a.example/x",
        "//a.example/x",
        "a.example",
        "",
        "https://",
        "https:///x",
        "https://a.example:443/x",
        "https://a.example:/x",
        "https://user@a.example/x",
        "https://user:word@a.example/x",
        "https://a.example@c.example/x",
        "https://c.example/@a.example",
        "https://c.example?a.example",
        "https://c.example#a.example",
        "https://a.example\\@c.example/x",
        "https://c.example\\.b.example/x",
        "https://a.example./x",
        "https://a.example.c.example/x",
        "https://ca.example/x",
        "https://b.example/x",
        "https://cb.example/x",
        "https://.b.example/x",
        "https://127.0.0.1/x",
        "https://2130706433/x",
        "https://[::1]/x",
        "https://[broken/x",
        "https://a.example%2f.b.example/x",
        "https://\uff41.example/x",
        " https://a.example/x",
        "https://a.exa\tmple/x",
        "https://a.example/x\r\nHost: c.example",
    ],
)
def test_no_other_address_is(url: str) -> None:
    assert not is_at(url, {"a.example", ".b.example"})
