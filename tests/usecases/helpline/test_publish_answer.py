"""What is said to a worker was approved by somebody else than its author, and stays on record."""

import hashlib
from typing import Any

import pytest
import rfc8785

from chalicelib.domain.vocabulary import Role
from tests.service import Service, user_id
from tests.usecases.answers import ANSWER, drafted, published
from tests.usecases.stories import fields, refusal, walked


def test_a_draft_is_published_by_another_person_and_nothing_else_is_said(service: Service) -> None:
    author, other = service.partner(), service.partner("other-ngo")

    draft = drafted(author)

    author_id = user_id(Role.PARTNER_SUPERVISOR, "handshake-gz")
    hashed = hashlib.sha256(rfc8785.dumps(ANSWER)).hexdigest()
    assert draft == {
        **ANSWER,
        "draft_id": draft["draft_id"],
        "answer_id": draft["answer_id"],
        "supersedes": 0,
        "content_hash": hashed,
        "drafted_by": author_id,
        "drafted_at": "2026-11-22T08:00:00.000Z",
    }
    assert walked(other, "/v1/answer-drafts") == [draft]
    assert refusal(author.get(f"/v1/answers/{draft['answer_id']}")) == (404, "not_found")

    service.clock.forward(hours=1)
    answer = other.post(f"/v1/answer-drafts/{draft['draft_id']}/approval")

    assert answer.status == 201
    version = answer.json()
    assert version == {
        **ANSWER,
        "answer_id": draft["answer_id"],
        "version": 1,
        "content_hash": hashed,
        "drafted_by": author_id,
        "drafted_at": "2026-11-22T08:00:00.000Z",
        "approved_by": user_id(Role.PARTNER_SUPERVISOR, "other-ngo"),
        "approved_at": "2026-11-22T09:00:00.000Z",
    }
    path = f"/v1/answers/{draft['answer_id']}"
    for reader in (service.caller(Role.PARTNER_INTAKE, "third-ngo"), service.operator()):
        assert reader.get(path).json() == version
        assert reader.get(f"{path}/versions/1").json() == version
    assert walked(author, "/v1/answer-drafts") == []


def _taken_back(service: Service, path: str) -> None:
    assert service.partner().delete(path).status == 204


def test_its_author_cannot_approve_it_and_it_waits_on(service: Service) -> None:
    author = service.partner()
    draft = drafted(author)
    path = f"/v1/answer-drafts/{draft['draft_id']}"

    assert refusal(author.post(f"{path}/approval")) == (403, "forbidden")

    assert author.get(path).json() == draft
    assert walked(author, "/v1/answers") == []


def test_an_operator_and_intake_staff_publish_nothing(service: Service) -> None:
    draft = drafted(service.partner())
    for caller in (service.operator(), service.caller(Role.PARTNER_INTAKE, "handshake-gz")):
        path = f"/v1/answer-drafts/{draft['draft_id']}/approval"
        assert refusal(caller.post(path)) == (403, "forbidden")
        assert refusal(caller.post("/v1/answer-drafts", ANSWER)) == (403, "forbidden")


@pytest.mark.parametrize("person", [1, 2])
def test_a_draft_is_refused_or_taken_back(service: Service, person: int) -> None:
    path = f"/v1/answer-drafts/{drafted(service.partner())['draft_id']}"

    assert service.partner(person=person).delete(path).status == 204

    for answer in (
        service.partner(person=2).get(path),
        service.partner(person=2).post(f"{path}/approval"),
        service.partner(person=2).delete(path),
    ):
        assert refusal(answer) == (404, "not_found")


def test_a_version_never_changes_and_another_one_takes_its_place(service: Service) -> None:
    answer_id = published(service)
    path = f"/v1/answers/{answer_id}"
    first = service.partner().get(f"{path}/versions/1").json()

    again = published(service, text="At least 150%, and 300% on statutory holidays.")

    assert again == answer_id
    newest = service.partner().get(path).json()
    assert (newest["version"], newest["text"]) == (
        2,
        "At least 150%, and 300% on statutory holidays.",
    )
    assert service.partner().get(f"{path}/versions/1").json() == first
    assert walked(service.partner(), f"{path}/versions?limit=1") == [newest, first]
    assert walked(service.partner(), "/v1/answers") == [newest]
    assert refusal(service.partner().get(f"{path}/versions/3")) == (404, "not_found")


def test_a_draft_does_not_overwrite_what_was_published_since(service: Service) -> None:
    stale = drafted(service.partner(), text="Written first.")
    published(service, text="Published meanwhile.")

    answer = service.partner(person=2).post(f"/v1/answer-drafts/{stale['draft_id']}/approval")

    assert refusal(answer) == (409, "state_conflict")
    newest = service.partner().get(f"/v1/answers/{stale['answer_id']}").json()
    assert (newest["version"], newest["text"]) == (1, "Published meanwhile.")


def test_a_draft_that_was_taken_back_while_it_was_approved_is_not_published(
    service: Service,
) -> None:
    draft = drafted(service.partner())
    path, other = f"/v1/answer-drafts/{draft['draft_id']}", service.partner(person=2)

    with service.before_call("TransactWriteItems", lambda: _taken_back(service, path)):
        answer = other.post(f"{path}/approval")

    assert refusal(answer) == (409, "version_conflict")
    assert refusal(service.partner().get(f"/v1/answers/{draft['answer_id']}")) == (404, "not_found")


def test_a_draft_is_refused_that_went_while_it_was_refused(service: Service) -> None:
    path = f"/v1/answer-drafts/{drafted(service.partner())['draft_id']}"

    with service.before_call("DeleteItem", lambda: _taken_back(service, path)):
        answer = service.partner(person=2).delete(path)

    assert refusal(answer) == (409, "version_conflict")


def test_what_says_the_same_again_is_no_new_version(service: Service) -> None:
    published(service)

    assert refusal(service.partner().post("/v1/answer-drafts", ANSWER)) == (409, "state_conflict")


def test_lists_are_narrowed_and_paged(service: Service) -> None:
    ids = {
        key: published(service, topic=key[0], jurisdiction=key[1], language=key[2])
        for key in (
            ("overtime-pay", "CN", "en"),
            ("overtime-pay", "CN", "zh-CN"),
            ("overtime-pay", "BD", "en"),
            ("probation", "CN", "en"),
        )
    }

    def listed(query: str) -> set[str]:
        rows = walked(service.partner(), f"/v1/answers?limit=1{query}")
        return {row["answer_id"] for row in rows}

    assert listed("") == set(ids.values())
    assert listed("&jurisdiction=BD") == {ids["overtime-pay", "BD", "en"]}
    assert listed("&topic=overtime-pay&jurisdiction=CN&language=zh-CN") == {
        ids["overtime-pay", "CN", "zh-CN"]
    }
    assert listed("&topic=nothing") == set()


def test_a_language_tag_in_other_letters_is_the_same_answer(service: Service) -> None:
    assert published(service, language="zh-CN") == published(service, language="zh-cn", text="X")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"citations": []}, "citations"),
        ({"text": " Begins with a blank."}, "text"),
        ({"text": "Two lines\r\nof another system"}, "text"),
        ({"text": "x" * 2001}, "text"),
        ({"topic": "Overtime Pay"}, "topic"),
        ({"jurisdiction": "China"}, "jurisdiction"),
        ({"version": 7}, "body"),
    ],
)
def test_what_cannot_be_an_answer_is_refused_by_field(
    service: Service, changes: dict[str, Any], field: str
) -> None:
    answer = service.partner().post("/v1/answer-drafts", {**ANSWER, **changes})

    assert refusal(answer) == (422, "validation_failed")
    assert list(fields(answer)) == [field]


def test_what_expires_before_it_begins_is_refused(service: Service) -> None:
    dates = {"effective_from": "2026-11-22", "expires_on": "2026-11-22"}

    answer = service.partner().post("/v1/answer-drafts", {**ANSWER, **dates})

    assert refusal(answer) == (422, "validation_failed")
