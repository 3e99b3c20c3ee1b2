"""Work that must survive a kill anywhere; a new use case joins with one entry."""

from tests.faults.scenarios import (
    access,
    alerts,
    attachments,
    casework,
    deadlines,
    escrow,
    factories,
    identities,
    jobs,
    operations,
    people,
    plans,
    registry,
    scorecards,
    sealing,
    standard_answers,
)

SCENARIOS = [
    *alerts.SCENARIOS,
    *escrow.SCENARIOS,
    *factories.SCENARIOS,
    *identities.SCENARIOS,
    *attachments.SCENARIOS,
    *access.SCENARIOS,
    *jobs.SCENARIOS,
    *operations.SCENARIOS,
    *sealing.SCENARIOS,
    *deadlines.SCENARIOS,
    *casework.SCENARIOS,
    *plans.SCENARIOS,
    *registry.SCENARIOS,
    *people.SCENARIOS,
    *scorecards.SCENARIOS,
    *standard_answers.SCENARIOS,
]
