"""Standard answers as tests tell of them."""

from typing import Any

from chalicelib.domain.helpline.standard_answer import StandardAnswer
from chalicelib.store.codec import dump, encode
from chalicelib.store.standard_answers import KeptVersion
from tests.service import Caller, Service

ANSWER: dict[str, Any] = {
    "topic": "overtime-pay",
    "category": "compensation",
    "jurisdiction": "CN",
    "language": "en",
    "title": "Overtime pay",
    "question": "How much must I be paid for overtime?",
    "text": "At least 150% of your wage on working days.",
    "citations": [{"law": "Labour Law of the PRC (1994, amended 2018)", "article": "44"}],
    "effective_from": "2026-11-01",
    "expires_on": None,
}
IN_CHINESE: dict[str, Any] = {
    "language": "zh-CN",
    "title": "加班费",
    "question": "加班费怎么算？",
    "text": "工作日加班，用人单位应支付不低于工资百分之一百五十的工资报酬。",
}


def drafted(author: Caller, **changes: Any) -> dict[str, Any]:
    """A draft."""
    answer = author.post("/v1/answer-drafts", {**ANSWER, **changes})
    assert answer.status == 201, answer.body
    draft: dict[str, Any] = answer.json()
    return draft


def published(
    service: Service, author: Caller | None = None, approver: Caller | None = None, **changes: Any
) -> str:
    """A standard answer that two people agree about; its id."""
    draft = drafted(author or service.partner(), **changes)
    path = f"/v1/answer-drafts/{draft['draft_id']}/approval"
    answer = (approver or service.partner(person=2)).post(path)
    assert answer.status == 201, answer.body
    return str(answer.json()["answer_id"])


def suggested(caller: Caller, text: str, **more: Any) -> list[dict[str, Any]]:
    """The answers that are suggested to a question, best first."""
    answer = caller.post("/v1/answers/suggestions", {"text": text, "jurisdiction": "CN", **more})
    assert answer.status == 200, answer.body
    return [item["answer"] for item in answer.json()["items"]]


def kept(answer: StandardAnswer) -> KeptVersion:
    """A version as the table has it."""
    return KeptVersion(encode(dump(answer)))
