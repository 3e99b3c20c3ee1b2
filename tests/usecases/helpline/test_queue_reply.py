"""A reply that a provider takes in no answer of ours goes to who wrote, whoever's case it is."""

import json
from typing import Any

import pytest

from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from chalicelib.domain.references import receipt_code
from chalicelib.store.clients import client
from chalicelib.store.keyring import Purpose
from chalicelib.texts import for_workers
from chalicelib.usecases.helpline.queue_reply import queue_reply
from chalicelib.usecases.helpline.sealed_reply import Reply, opened, sealed
from tests.conftest import Lines
from tests.helpline import SENDER_ON, answering, connected, written
from tests.recorded import QQ_TOKEN, QQ_TOO_LATE, QQ_TOOK_IT, Recorded
from tests.service import Service

EN = for_workers.catalogue("en")


def on_qq(service: Service, *answers: Any) -> tuple[Recorded, HelplineLine]:
    return answering(service, *answers), connected(service, Provider.QQ)


def looked_after(lines: Lines) -> list[str]:
    return [line["status"] for line in lines() if line["message"] == "reply_looked_after"]


def test_a_reply_answers_her_message_and_asks_for_no_more_consent_than_that(
    service: Service, lines: Lines
) -> None:
    providers, line = on_qq(service, QQ_TOKEN, QQ_TOOK_IT)
    service.clock.forward(hours=14)  # night, but she has just written
    message, heard = written(service, line, "我的工资没有发", "ROBOT1.0_hers")

    queue_reply(heard, to=message, line=line, deps=service.deps)
    service.drain()

    _, sent = providers.asked
    assert sent.url == f"https://api.sgroup.qq.com/v2/users/{message.sender}/messages"
    assert sent.json == {
        "content": heard.reply,
        "msg_type": 0,
        "msg_id": "ROBOT1.0_hers",
        "msg_seq": sent.json["msg_seq"],
    }
    assert looked_after(lines) == ["sent"]


def test_who_has_no_case_is_answered(service: Service) -> None:
    providers, line = on_qq(service, QQ_TOKEN, QQ_TOOK_IT)
    message, heard = written(service, line, "status")

    queue_reply(heard, to=message, line=line, deps=service.deps)
    service.drain()

    assert providers.asked[-1].url.endswith(f"/{SENDER_ON[message.channel]}/messages")
    assert providers.asked[-1].json["content"] == EN["chat.send_code"]


def test_who_joined_by_a_code_is_answered_and_not_who_began(service: Service) -> None:
    line = connected(service, Provider.QQ)
    _, began = written(service, line, "they owe us two months")
    key = service.deps.keyring.key(Purpose.RECEIPT_CODE)
    code = receipt_code(began.grievance_id or "", key)
    providers = answering(service, QQ_TOKEN, QQ_TOOK_IT)
    message, heard = written(service, line, code, "m-2", sender="OPENID-OF-ANOTHER")

    queue_reply(heard, to=message, line=line, deps=service.deps)
    service.drain()

    assert heard.grievance_id == began.grievance_id
    assert [each.url.split("/")[-2] for each in providers.asked[1:]] == ["OPENID-OF-ANOTHER"]
    assert "OPENID-OF-ANOTHER" not in repr(service.everything())


def test_on_its_way_nobody_reads_who_is_answered_or_what(service: Service) -> None:
    _, line = on_qq(service, QQ_TOKEN, QQ_TOOK_IT)
    message, heard = written(service, line, "status")
    queue_reply(heard, to=message, line=line, deps=service.deps)

    url = service.deps.settings.outbound_queue_url
    (queued,) = client("sqs").receive_message(QueueUrl=url)["Messages"]
    body = json.loads(queued["Body"])

    assert body.keys() == {"line_id", "reply"}
    assert message.sender not in queued["Body"]
    keyring = service.deps.keyring
    assert opened(body["reply"], line.line_id, keyring) == Reply(
        text=heard.reply or "", to=message.sender, channel=message.channel, answers="m-1"
    )


def test_a_reply_opens_for_its_own_line_alone_and_only_as_it_was_sealed(service: Service) -> None:
    keyring = service.deps.keyring
    reply = Reply(text="x", to="OPENID-OF-NOBODY", channel="qq", answers="m-1")
    whole = sealed(reply, "ln_1", keyring)

    assert opened(whole, "ln_1", keyring) == reply
    assert opened(whole, "ln_2", keyring) is None
    changed = ("A" if whole[0] != "A" else "B") + whole[1:]
    assert opened(changed, "ln_1", keyring) is None


def test_what_no_longer_opens_or_has_no_line_is_dropped(service: Service, lines: Lines) -> None:
    providers, line = on_qq(service, QQ_TOKEN, QQ_TOOK_IT)
    reply = Reply(text="x", to="OPENID-OF-NOBODY", channel="qq", answers="m-1")
    another = sealed(reply, "ln_" + "0" * 26, service.deps.keyring)

    service.deps.queues.send_reply(line.line_id, another)
    service.deps.queues.send_reply("ln_" + "0" * 26, another)
    service.drain()

    assert providers.asked == []
    assert looked_after(lines) == ["dropped", "dropped"]


def test_a_line_that_has_ended_says_nothing_more(service: Service, lines: Lines) -> None:
    providers = answering(service, QQ_TOKEN, QQ_TOOK_IT)
    line = connected(service, Provider.QQ, ended_at=service.clock.now)
    message, heard = written(service, line, "status")

    queue_reply(heard, to=message, line=line, deps=service.deps)
    service.drain()

    assert (providers.asked, looked_after(lines)) == ([], ["dropped"])


def test_a_message_that_comes_again_has_its_reply_again_which_qq_drops(service: Service) -> None:
    """Once too often rather than never: killed before the queue had it, she would hear nothing."""
    providers, line = on_qq(service, QQ_TOKEN, QQ_TOOK_IT)

    for _ in range(2):
        message, heard = written(service, line, "我的工资没有发", "ROBOT1.0_hers")
        queue_reply(heard, to=message, line=line, deps=service.deps)
    service.drain()

    first, second = providers.asked[1:]
    assert first == second
    assert first.json["msg_id"] == "ROBOT1.0_hers"


def test_an_answer_that_came_too_late_for_qq_is_not_tried_again(
    service: Service, lines: Lines
) -> None:
    providers, line = on_qq(service, QQ_TOKEN, QQ_TOO_LATE)
    message, heard = written(service, line, "status")

    queue_reply(heard, to=message, line=line, deps=service.deps)
    service.drain()
    service.drain()

    assert len(providers.asked) == 2
    assert looked_after(lines) == ["refused"]


def test_a_carrier_that_is_silent_is_asked_again_by_the_queue(
    service: Service, lines: Lines
) -> None:
    providers, line = on_qq(service, QQ_TOKEN, None)
    message, heard = written(service, line, "status")
    queue_reply(heard, to=message, line=line, deps=service.deps)
    service.drain()
    assert looked_after(lines) == []

    providers.answers = [QQ_TOOK_IT]
    url = service.deps.settings.outbound_queue_url
    client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "0"})
    waiting = service.deps.queues.depths()
    assert sum(each.waiting + each.in_flight for each in waiting) == 1


@pytest.mark.parametrize("provider", [Provider.QQ, Provider.WECHAT])
def test_where_there_is_nothing_to_say_nothing_is_sent(
    service: Service, provider: Provider
) -> None:
    providers = answering(service, QQ_TOKEN, QQ_TOOK_IT)
    line = connected(service, provider)
    message, heard = written(service, line, "我的工资没有发")

    queue_reply(heard._replace(reply=None), to=message, line=line, deps=service.deps)
    service.drain()

    assert providers.asked == []
