"""A reply that a provider takes in no answer of ours goes to who wrote, whoever's case it is."""

import pytest

from chalicelib.domain.helpline.helpline_line import Provider
from chalicelib.domain.references import receipt_code
from chalicelib.errors import Unavailable
from chalicelib.store.keyring import Purpose
from chalicelib.texts import for_workers
from chalicelib.usecases.helpline.queue_reply import queue_reply
from tests.helpline import SENDER_ON, answering, connected, written
from tests.recorded import QQ_TOKEN, QQ_TOO_LATE, QQ_TOOK_IT
from tests.service import Service

EN = for_workers.catalogue("en")


def test_who_has_no_case_is_answered_at_once(service: Service) -> None:
    line = connected(service, Provider.QQ)
    providers = answering(service, QQ_TOKEN, QQ_TOOK_IT)
    message, heard = written(service, line, "status")

    assert queue_reply(heard, to=message, line=line, deps=service.deps) is None

    sent = providers.asked[-1]
    assert sent.url.endswith(f"/{SENDER_ON[message.channel]}/messages")
    assert sent.json == {
        "content": EN["chat.send_code"],
        "msg_type": 0,
        "msg_id": "m-1",
        "msg_seq": sent.json["msg_seq"],
    }


def test_who_joined_by_a_code_is_answered_and_not_who_began(service: Service) -> None:
    line = connected(service, Provider.QQ)
    _, began = written(service, line, "they owe us two months")
    key = service.deps.keyring.key(Purpose.RECEIPT_CODE)
    code = receipt_code(began.grievance_id or "", key)
    providers = answering(service, QQ_TOKEN, QQ_TOOK_IT)
    message, heard = written(service, line, code, "m-2", sender="OPENID-OF-ANOTHER")

    assert queue_reply(heard, to=message, line=line, deps=service.deps) is None

    assert (heard.grievance_id, heard.began_here) == (began.grievance_id, False)
    assert [each.url.split("/")[-2] for each in providers.asked[1:]] == ["OPENID-OF-ANOTHER"]
    assert "OPENID-OF-ANOTHER" not in repr(service.everything())


def test_a_carrier_that_refuses_is_not_asked_again(service: Service) -> None:
    line = connected(service, Provider.QQ)
    answering(service, QQ_TOKEN, QQ_TOO_LATE)
    message, heard = written(service, line, "status")

    assert queue_reply(heard, to=message, line=line, deps=service.deps) is None


def test_a_carrier_that_is_silent_lets_the_provider_send_her_message_again(
    service: Service,
) -> None:
    line = connected(service, Provider.QQ)
    answering(service, QQ_TOKEN, None)
    message, heard = written(service, line, "status")

    with pytest.raises(Unavailable):
        queue_reply(heard, to=message, line=line, deps=service.deps)
