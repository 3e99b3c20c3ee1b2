"""What is in escrow goes out, once, whenever the work that opens it dies."""

import json
from typing import Any

from tests.faults.kills import Scenario
from tests.faults.scenarios.steps import chain_verifies, ticks
from tests.service import Caller, Service
from tests.usecases.stories import case_of, covered, submitted

ESCROW = {"level": "X", "cross_border": True, "script_version": "helpline-zh-3"}
COUNTED = {"level": "C1", "script_version": "helpline-zh-3"}


def _worker(number: int) -> dict[str, str]:
    return {"phone": f"1380013800{number}"}


def _joined(service: Service) -> tuple[Caller, str]:
    """A case in escrow and five others: due for the check, the note of the last not looked at."""
    covered(service)
    partner = service.partner()
    grievance_id = submitted(partner, consent=ESCROW, worker=_worker(9))
    service.tick()
    for number in range(5):
        other = service.partner(f"ngo-{number % 2}")
        facts: dict[str, Any] = {"consent": COUNTED, "worker": _worker(number)}
        submitted(other, f"o-{number}", **facts)
    service.tick()
    return partner, grievance_id


def _told_once(service: Service, world: tuple[Caller, str]) -> None:
    partner, grievance_id = world
    assert case_of(partner, grievance_id)["routing"] == "alerted"
    chain_verifies(service, partner, grievance_id, routed=2)
    (alert,) = service.alert_rows(grievance_id)
    assert (alert.status, alert.payload.consent_level) == ("sent", "C3")
    assert {json.loads(e["Message"])["alert_id"] for e in service.received_alerts()} == {
        alert.alert_id
    }


def _more_ticks(service: Service, world: object) -> None:
    ticks(service, world)
    ticks(service, world)


SCENARIOS = [
    Scenario(
        "release from escrow",
        _joined,
        ticks,
        _more_ticks,
        _told_once,
        at_least_calls=30,
    ),
]
