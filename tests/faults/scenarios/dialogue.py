"""Questions and extensions: each request killed anywhere, then repeated."""

from collections.abc import Callable
from typing import Any

from chalicelib.domain.vocabulary import Role
from tests.faults.scenarios.asked import Asked, repeated, told
from tests.service import Service
from tests.usecases.plans import Remedied

_TIME = {"clock": "hard_stop", "days": 9, "reason": "An audit."}


def _of_brand(tail: str, body: dict[str, Any]) -> Callable[[Service], Asked]:
    def prepare(service: Service) -> Asked:
        case = Remedied(service)
        since = told(service, case.grievance_id)
        return Asked(
            lambda: case.desk.post(f"{case.alert}/{tail}", body),
            lambda: (since(), len(case.partner.get(f"{case.case}/{tail}").json()["items"])),
        )

    return prepare


def _answer(service: Service) -> Asked:
    case = Remedied(service)
    question = case.desk.post(f"{case.alert}/questions", {"text": "Which months?"}).json()
    since = told(service, case.grievance_id)

    def seen() -> tuple[list[str], int]:
        (now,) = case.desk.get(f"{case.alert}/questions").json()["items"]
        return since(), len(now["answers"])

    path = f"{case.case}/questions/{question['question_id']}/answers"
    return Asked(lambda: case.partner.post(path, {"text": "September."}), seen)


def _factory_answer(service: Service) -> Asked:
    case = Remedied(service)
    management = service.management(service.factory())
    wish = {"text": "Which months?", "to": "factory"}
    question = case.desk.post(f"{case.alert}/questions", wish).json()
    since = told(service, case.grievance_id)

    def seen() -> tuple[list[str], int, int]:
        (now,) = case.desk.get(f"{case.alert}/questions").json()["items"]
        said = case.partner.get(f"{case.case}/statements").json()["items"]
        return since(), len(now["answers"]), len(said) - 1

    path = f"/v1/questions/{question['question_id']}/answers"
    return Asked(lambda: management.post(path, {"text": "September."}), seen)


def _decision(service: Service) -> Asked:
    case = Remedied(service)
    asked = case.desk.post(f"{case.alert}/extensions", _TIME).json()
    since = told(service, case.grievance_id)

    def seen() -> tuple[list[str], str]:
        (now,) = case.desk.get(f"{case.alert}/extensions").json()["items"]
        return since(), now["due_at"]

    path = f"{case.case}/extensions/{asked['extension_id']}/decision"
    return Asked(lambda: case.partner.post(path, {"granted": True, "reason": "So be it."}), seen)


def _erasure(service: Service) -> Asked:
    case = Remedied(service)
    case.desk.post(f"{case.alert}/questions", {"text": "Which months?"})
    case.desk.post(f"{case.alert}/extensions", _TIME)
    head = service.deps.cases.head(case.grievance_id)
    assert head is not None
    wish = {"scope": "texts", "reason": "worker_request", "confirm": head.public_ref}
    officer, since = service.caller(Role.DPO, "privacy-office"), told(service, case.grievance_id)

    def seen() -> tuple[list[str], Any, Any]:
        (question,) = case.partner.get(f"{case.case}/questions").json()["items"]
        (extension,) = case.partner.get(f"{case.case}/extensions").json()["items"]
        return since(), question["text"], extension["reason"]

    return Asked(lambda: officer.post(f"{case.case}/erasure", wish), seen)


SCENARIOS = [
    repeated(
        "erasure of what was asked",
        _erasure,
        (["texts_erased"], None, None),
        calls=9,
    ),
    repeated(
        "a brand's question",
        _of_brand("questions", {"text": "Which months?"}),
        (["question_asked"], 1),
        (["question_asked"] * 2, 2),
        calls=5,
    ),
    repeated(
        "a brand's question to a factory",
        _of_brand("questions", {"text": "Which months?", "to": "factory"}),
        (["question_asked"], 1),
        (["question_asked"] * 2, 2),
        calls=5,
    ),
    repeated(
        "a factory's answer",
        _factory_answer,
        (["question_answered"], 1, 1),
        (["question_answered"] * 2, 2, 2),
        calls=5,
    ),
    repeated(
        "an answer to a question",
        _answer,
        (["question_answered"], 1),
        (["question_answered"] * 2, 2),
        calls=5,
    ),
    repeated(
        "a request for more time",
        _of_brand("extensions", _TIME),
        (["extension_asked"], 1),
        calls=5,
        done=["state_conflict"],
    ),
    repeated(
        "a decision about more time",
        _decision,
        (["extension_granted"], "2027-05-30T08:00:00.000Z"),
        calls=4,
        done=["state_conflict"],
    ),
]
