"""Work that must survive a kill anywhere; a new use case joins with one entry."""

from tests.faults.scenarios import access, alerts, escrow, factories, identities, jobs, sealing

SCENARIOS = [
    *alerts.SCENARIOS,
    *escrow.SCENARIOS,
    *factories.SCENARIOS,
    *identities.SCENARIOS,
    *access.SCENARIOS,
    *jobs.SCENARIOS,
    *sealing.SCENARIOS,
]
