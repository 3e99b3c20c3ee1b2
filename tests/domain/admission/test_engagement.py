"""What an engagement covers, and from when until when."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from chalicelib.domain.admission.engagement import Engagement, EngagementFields, may_be_alerted

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
MOMENT = timedelta(milliseconds=1)
FIELDS: dict[str, Any] = {
    "purpose": "due_diligence_audit",
    "purpose_text": "Yearly audit.",
    "brands": ["acme"],
    "countries": ["CN", "BD"],
    "received_from": "2026-01-01",
    "received_to": "2026-12-31",
    "valid_from": AT,
    "valid_until": AT + timedelta(days=90),
}


def engagement(**changes: Any) -> Engagement:
    own = {"engagement_id": "e", "organisation": "audit-house", "made_by": "u", "made_at": AT}
    return Engagement.model_validate({**FIELDS, **own, **changes})


@pytest.mark.parametrize(
    ("after", "active"),
    [
        (-MOMENT, False),
        (timedelta(), True),
        (timedelta(days=90) - MOMENT, True),
        (timedelta(days=90), False),
    ],
)
def test_it_holds_from_its_first_moment_to_before_its_last(after: timedelta, active: bool) -> None:
    assert engagement().is_active(AT + after) is active


def test_one_that_was_ended_holds_no_longer() -> None:
    assert not engagement(ended_at=AT).is_active(AT)


@pytest.mark.parametrize(
    ("day", "covered"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_its_period_has_both_its_ends(day: date, covered: bool) -> None:
    assert engagement().covers_day(day) is covered


def test_a_country_that_is_not_known_is_none_of_its_own() -> None:
    assert engagement().covers_country("CN")
    assert not engagement().covers_country("VN")
    assert not engagement().covers_country(None)
    assert engagement(countries=None).covers_country(None)


def test_an_alert_is_covered_by_day_and_country() -> None:
    assert engagement().covers_alert(AT, "BD")
    assert not engagement().covers_alert(AT, "VN")
    assert not engagement().covers_alert(AT + timedelta(days=90), "BD")


def test_a_brand_that_nobody_has_engaged_is_not_alerted() -> None:
    assert not may_be_alerted([], AT, "BD")
    assert may_be_alerted([engagement()], AT, "BD")
    assert not may_be_alerted([engagement()], AT, "VN")


@pytest.mark.parametrize("left_out", ["brands", "countries", "purpose", "valid_until"])
def test_a_limit_is_set_or_lifted_in_so_many_words(left_out: str) -> None:
    """What is left out by mistake must not open everything."""
    with pytest.raises(ValidationError):
        EngagementFields.model_validate({k: v for k, v in FIELDS.items() if k != left_out})


@pytest.mark.parametrize(
    "changes",
    [
        {"brands": []},
        {"countries": []},
        {"received_to": "2025-12-31"},
        {"valid_until": AT - MOMENT},
        {"valid_until": AT + timedelta(days=1102)},
        {"purpose": "curiosity"},
        {"purpose_text": ""},
    ],
    ids=str,
)
def test_one_that_makes_no_sense_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EngagementFields.model_validate({**FIELDS, **changes})
