"""How standard answers are kept: each request killed anywhere, then repeated."""

from chalicelib.store.standard_answers import AnswerFilter
from tests.faults.scenarios.asked import Asked, repeated
from tests.service import Service
from tests.usecases.answers import ANSWER, drafted, published
from tests.usecases.stories import walked


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


SCENARIOS = [
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
