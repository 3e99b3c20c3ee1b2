"""What an officer may send a worker of how her case stands: in her language, naming nobody."""

import re

import pytest

from chalicelib.domain.references import receipt_code
from chalicelib.store.keyring import Purpose
from chalicelib.texts import for_workers
from tests.service import Service
from tests.usecases.stories import alerted, case_of, covered, refusal, submitted


def test_a_case_that_was_told_on_has_a_message_that_says_so_in_her_language(
    service: Service,
) -> None:
    covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, language="bn")
    code = receipt_code(grievance_id, service.deps.keyring.key(Purpose.RECEIPT_CODE))
    begins = for_workers.catalogue("bn")["chat.code_ends"].format(ending=code[-4:])

    answer = partner.get(f"/v1/grievances/{grievance_id}/prepared-message")

    told = answer.json()
    assert (answer.status, told["state"], told["language"]) == (200, "brand_notified", "bn")
    assert told["text"].startswith(f"{begins} যে")
    assert case_of(partner, grievance_id)["public_ref"] not in told["text"]
    assert code[:14] not in told["text"]
    assert len(told["text"]) <= 400


@pytest.mark.parametrize(
    ("language", "shown", "begins"),
    [("zh-CN", "zh", "我们"), ("zh-HK", "zh-hant", "我們"), ("tlh", "en", "We have")],
)
def test_it_is_in_her_language_or_in_english(
    service: Service, language: str, shown: str, begins: str
) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, language=language)

    told = partner.get(f"/v1/grievances/{grievance_id}/prepared-message").json()

    assert told["language"] == shown
    assert re.split(r"[0-9]{4}[.。] ", told["text"])[1].startswith(begins)


def test_asking_for_it_sends_and_changes_nothing(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    before = case_of(partner, grievance_id)

    partner.get(f"/v1/grievances/{grievance_id}/prepared-message")

    assert case_of(partner, grievance_id) == before
    assert service.deps.outbound.all_of_case(grievance_id) == []


def test_another_partners_case_has_none(service: Service) -> None:
    grievance_id = submitted(service.partner())

    answer = service.partner("other-ngo").get(f"/v1/grievances/{grievance_id}/prepared-message")

    assert refusal(answer) == (404, "not_found")
