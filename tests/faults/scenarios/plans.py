"""Remediation plans: each request killed anywhere, then repeated."""

from collections.abc import Callable
from typing import Any

from chalicelib.domain.vocabulary import Role
from tests.faults.scenarios.asked import Asked, repeated, told
from tests.service import Service
from tests.usecases.plans import DONE, GOOD, PLAN, Remedied


def _about(
    *before: str, tail: str, body: Any = None, by_brand: bool = False
) -> Callable[[Service], Asked]:
    """A request about a plan that has come so far; seen are the new entries and its states."""

    def prepare(service: Service) -> Asked:
        case = Remedied(service)
        case.submit()
        for step in before:
            case.accept() if step == "accept" else case.complete(int(step))
        caller, path = (case.desk, case.alert) if by_brand else (case.partner, case.case)
        since = told(service, case.grievance_id)
        return Asked(
            lambda: caller.post(f"{path}/plans/{case.plan_id}/{tail}", body),
            lambda: (since(), case.states()),
        )

    return prepare


def _submission(service: Service) -> Asked:
    case = Remedied(service)
    since = told(service, case.grievance_id)
    return Asked(
        lambda: case.desk.post(f"{case.alert}/plans", PLAN),
        lambda: (since(), sorted(case.states())),
    )


def _erasure(service: Service) -> Asked:
    case = Remedied(service)
    case.submit()
    head = service.deps.cases.head(case.grievance_id)
    assert head is not None
    wish = {"scope": "texts", "reason": "worker_request", "confirm": head.public_ref}
    officer, since = service.caller(Role.DPO, "privacy-office"), told(service, case.grievance_id)
    return Asked(
        lambda: officer.post(f"{case.case}/erasure", wish),
        lambda: (since(), [plan["statement"] for plan in case.plans()]),
    )


SCENARIOS = [
    repeated(
        "erasure of what a plan says",
        _erasure,
        (["texts_erased"], [None]),
        calls=7,
    ),
    repeated(
        "a remediation plan",
        _submission,
        (["plan_submitted"], ["submitted"]),
        (["plan_submitted"] * 2, ["submitted", "superseded"]),
        calls=5,
    ),
    repeated(
        "acceptance of a plan",
        _about(tail="acceptance"),
        (["plan_accepted"], ["accepted"]),
        calls=4,
        done=["illegal_transition"],
    ),
    repeated(
        "return of a plan",
        _about(tail="return", body={"reason": "By when?"}),
        (["plan_returned"], ["returned"]),
        calls=4,
        done=["illegal_transition"],
    ),
    repeated(
        "report of an action",
        _about("accept", tail="actions/1/completion", body=DONE, by_brand=True),
        (["plan_action_completed"], ["accepted"]),
        calls=5,
        done=["state_conflict"],
    ),
    repeated(
        "verification of an action",
        _about("accept", "1", "2", tail="actions/2/verification", body=GOOD),
        (["plan_action_verified"], ["done"]),
        calls=5,
        done=["state_conflict"],
    ),
]
