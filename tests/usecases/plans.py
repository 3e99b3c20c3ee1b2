"""What stories about remediation plans begin with."""

from typing import Any

from tests.service import Caller, Service
from tests.usecases.stories import alerted, covered

ACTION = {
    "what": "Pay September and October.",
    "owner": "Finance director",
    "due_on": "2026-12-15",
    "evidence": "Payslips.",
}
SECOND = {**ACTION, "what": "Pay the overtime.", "due_on": "2026-12-31"}
PLAN: dict[str, Any] = {
    "statement": "The wages are late. We advance them.",
    "actions": [ACTION, SECOND],
}
DONE = {"done_on": "2026-11-22", "evidence": "34 transfers."}
GOOD = {"verified": True, "how": "Twelve payslips seen."}
BAD = {"verified": False, "how": "Nobody was paid."}


class Remedied:
    """A case that one brand was told about, or several, and the way of its plan."""

    def __init__(self, service: Service, *brands: str, **facts: Any) -> None:
        self.service = service
        covered(service, *brands)
        self.partner = service.partner()
        self.grievance_id = alerted(service, self.partner, **facts)
        self.case = f"/v1/grievances/{self.grievance_id}"
        self.desk = service.brand_desk()
        self.alert = f"/v1/alerts/{self.alert_id()}"
        self.plan_id = ""

    def alert_id(self, brand: str = "acme") -> str:
        alerts = self.service.alert_rows(self.grievance_id)
        return next(a.alert_id for a in alerts if a.brand_id == brand)

    def submit(self, plan: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self.desk.post(f"{self.alert}/plans", plan or PLAN)
        assert answer.status == 201, answer.body
        submitted: dict[str, Any] = answer.json()
        self.plan_id = submitted["plan_id"]
        return submitted

    def accept(self) -> dict[str, Any]:
        answer = self.partner.post(f"{self.case}/plans/{self.plan_id}/acceptance")
        assert answer.status == 200, answer.body
        accepted: dict[str, Any] = answer.json()
        return accepted

    def complete(self, number: int, caller: Caller | None = None) -> Any:
        path = f"{self.alert}/plans/{self.plan_id}/actions/{number}/completion"
        return (caller or self.desk).post(path, DONE)

    def verify(self, number: int, found: dict[str, Any] | None = None) -> Any:
        path = f"{self.case}/plans/{self.plan_id}/actions/{number}/verification"
        return self.partner.post(path, found or GOOD)

    def move(self, **wish: Any) -> None:
        answer = self.partner.post(f"{self.case}/transitions", wish)
        assert answer.status == 200, answer.body

    def history(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.partner.get(f"{self.case}/history").json()["items"]
        return items

    def plans(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.partner.get(f"{self.case}/plans").json()["items"]
        return items

    def states(self) -> list[str]:
        return [plan["state"] for plan in self.plans()]
