"""What the ledger commits to can be checked as docs/verify.md says, without any code of ours."""

import hashlib
import hmac
import json
from typing import Any

from chalicelib.store.keyring import Purpose
from tests.service import Service
from tests.usecases.identities.test_identity import WORKER, history
from tests.usecases.plans import PLAN
from tests.usecases.stories import alerted, covered


def committed(service: Service, grievance_id: str, name: str, value: Any) -> dict[str, str]:
    """As an auditor's expert would work it out from the page, for values that are plain."""
    key = service.deps.keyring.key(Purpose.COMMITMENT)
    canonical = json.dumps({name: value}, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    text = f"{grievance_id}\n{canonical}"
    return {"commitment": hmac.new(key, text.encode(), hashlib.sha256).hexdigest()}


def test_every_kind_of_commitment_is_taken_in_the_one_way(service: Service) -> None:
    factory_id = covered(service)
    partner = service.partner()
    grievance_id = alerted(service, partner, worker=WORKER, narrative="before")
    path = f"/v1/grievances/{grievance_id}"
    (alert,) = service.alert_rows(grievance_id)
    desk, words = service.brand_desk(), '工资 "paid"'
    partner.post(f"{path}/messages", {"text": words})
    partner.post(f"{path}/identity/openings", {"reason": "contact_worker", "note": words})
    desk.post(f"/v1/alerts/{alert.alert_id}/acknowledgement")
    desk.post(f"/v1/alerts/{alert.alert_id}/replies", {"text": words})
    promised = desk.post(f"/v1/alerts/{alert.alert_id}/plans", PLAN).json()["plan_id"]
    partner.post(f"{path}/plans/{promised}/return", {"reason": words})
    raised = {"severity": "S2", "severity_reason": words, "narrative": words}
    partner.patch(path, raised, If_Match='"8"')
    held = {"to": "on_hold", "reason": words, "until": "2026-12-22T08:00:00Z"}
    partner.post(f"{path}/transitions", held)

    entries = {entry["action"]: entry["data"] for entry in history(partner, grievance_id)}

    def of(name: str, value: Any) -> dict[str, str]:
        return committed(service, grievance_id, name, value)

    assert entries["routed"]["factory_id"] == of("factory_id", factory_id)
    assert entries["routed"]["alerts"] == {"count": 1, **of("alerts", [alert.alert_id])}
    assert entries["message_added"]["text"] == of("text", words)
    assert entries["identity_opened"]["note"] == of("note", words)
    assert entries["alert_acknowledged"]["alert_id"] == of("alert_id", alert.alert_id)
    assert entries["alert_replied"]["alert_id"] == of("alert_id", alert.alert_id)
    assert entries["alert_replied"]["text"] == of("text", words)
    assert entries["plan_submitted"]["alert_id"] == of("alert_id", alert.alert_id)
    assert entries["plan_submitted"]["plan"] == of("plan", PLAN)
    assert entries["plan_returned"]["reason"] == of("reason", words)
    assert entries["corrected"]["reason"] == of("reason", words)
    assert entries["corrected"]["narrative"] == [of("narrative", "before"), of("narrative", words)]
    assert entries["transitioned"]["reason"] == of("reason", words)
