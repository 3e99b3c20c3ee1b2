"""How standard answers are kept: each request killed anywhere, then repeated."""

from chalicelib.store.standard_answers import AnswerFilter
from tests.faults.scenarios.asked import Asked, repeated, told
from tests.service import Service
from tests.usecases.answers import ANSWER, drafted, published
from tests.usecases.helpline.test_log_call import CALL
from tests.usecases.stories import submitted, walked


def _to_draft(service: Service) -> Asked:
    partner = service.partner()
    return Asked(
        lambda: partner.post("/v1/answer-drafts", ANSWER),
        lambda: len(walked(partner, "/v1/answer-drafts")),
    )


def _to_discard(service: Service) -> Asked:
    partner = service.partner()
    path = f"/v1/answer-drafts/{drafted(partner)['draft_id']}"
    return Asked(lambda: partner.delete(path), lambda: partner.get(path).status)


def _to_publish(service: Service) -> Asked:
    """Another version of an answer, which is searched as soon as it is there."""
    answer_id, other = published(service), service.partner(person=2)
    draft = drafted(service.partner(), text="Another text.")
    answers, searched = service.deps.standard_answers, service.deps.answer_index

    def seen() -> tuple[int, list[int], list[int], int]:
        newest = answers.newest_of_all(AnswerFilter(), 10, None).items
        versions = answers.versions(answer_id, 10, None).items
        hits = searched.current(service.clock().date()).search(
            "overtime", "CN", service.clock().date()
        )
        return (
            len(answers.drafts(10, None).items),
            [answer.version for answer in newest],
            [answer.version for answer in versions],
            hits[0].answer.version,
        )

    return Asked(lambda: other.post(f"/v1/answer-drafts/{draft['draft_id']}/approval"), seen)


def _to_log(service: Service) -> Asked:
    """A call about a case, in which an answer was given."""
    answer_id, partner = published(service), service.partner()
    grievance_id = submitted(partner)
    given = {"answer_id": answer_id, "version": 1}
    call = {**CALL, "grievance_id": grievance_id, "given": given}
    entries = told(service, grievance_id)
    return Asked(
        lambda: partner.post("/v1/calls", call, Idempotency_Key="k-1"),
        lambda: (
            entries(),
            len(walked(partner, "/v1/calls?month=2026-11")),
            len(walked(partner, f"/v1/answers/{answer_id}/versions/1/given")),
        ),
    )


def _to_log_alone(service: Service) -> Asked:
    partner = service.partner()
    return Asked(
        lambda: partner.post("/v1/calls", CALL, Idempotency_Key="k-1"),
        lambda: len(walked(partner, "/v1/calls?month=2026-11")),
    )


SCENARIOS = [
    repeated("call about a case", _to_log, (["answer_given"], 1, 1), calls=5),
    repeated("call", _to_log_alone, 1, calls=3),
    repeated("draft of a standard answer", _to_draft, 1, 2, calls=3),
    repeated("draft taken back", _to_discard, 404, calls=3, done=["not_found"]),
    repeated(
        "publication of a standard answer",
        _to_publish,
        (0, [2], [2, 1], 2),
        calls=3,
        done=["not_found"],
    ),
]
