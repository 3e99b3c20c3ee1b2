"""A scorecard that is computed, and answered: killed anywhere, then asked for again."""

from datetime import UTC, datetime

from tests.faults.scenarios.asked import Asked, repeated
from tests.service import Service

PATH = "/v1/scorecards/2026-Q3"


def _answer(service: Service) -> Asked:
    service.brand()
    service.clock.now = datetime(2026, 12, 1, tzinfo=UTC)
    desk = service.brand_desk()
    said = {"statements": ["still_at_work"]}
    return Asked(
        lambda: desk.put(f"{PATH}/statements", said),
        lambda: (desk.get(PATH).json()["statements"], desk.get(PATH).json()["computed_at"]),
    )


SCENARIOS = [
    repeated(
        "a brand's answer to its scorecard",
        _answer,
        (["still_at_work"], "2026-12-01T00:00:00.000Z"),
        calls=5,
    ),
]
