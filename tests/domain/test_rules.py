"""How long each step may take."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from chalicelib.domain import rules
from chalicelib.domain.calendars import Allowance, Unit, zone_of
from chalicelib.domain.rules import ClockKind, ClockRule
from chalicelib.domain.vocabulary import Severity
from tests.domain.values import AT

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# S1, S2, S3, S4
ALLOWED = {
    "acknowledge": (1 * DAY, 7 * DAY, 7 * DAY, 7 * DAY),
    "screening": (10 * DAY, 10 * DAY, 10 * DAY, 10 * DAY),
    "alert_brand": (1 * HOUR, 24 * HOUR, 3 * DAY, 3 * DAY),
    "brand_acknowledges": (1 * DAY, 5 * DAY, 5 * DAY, 5 * DAY),
    "brand_first_reply": (15 * DAY, 15 * DAY, 15 * DAY, 15 * DAY),
    "remediation_plan": (45 * DAY, 45 * DAY, 45 * DAY, 45 * DAY),
    "first_check_in": (5 * DAY, 5 * DAY, 5 * DAY, 5 * DAY),
    "second_check_in": (30 * DAY, 30 * DAY, 30 * DAY, 30 * DAY),
    "third_check_in": (90 * DAY, 90 * DAY, 90 * DAY, 90 * DAY),
    "verify": (30 * DAY, 30 * DAY, 30 * DAY, 30 * DAY),
    "feedback": (90 * DAY, 90 * DAY, 90 * DAY, 90 * DAY),
    "hard_stop": (180 * DAY, 180 * DAY, 180 * DAY, 180 * DAY),
}


@pytest.mark.parametrize("kind", ClockKind)
@pytest.mark.parametrize("jurisdiction", [None, "CN", "DE", "ZZ"])
def test_a_clock_allows_what_the_rules_of_procedure_say(
    kind: ClockKind, jurisdiction: str | None
) -> None:
    def shown(moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(zone_of(jurisdiction))).replace(tzinfo=None)

    due = [rules.due(kind, AT, severity, jurisdiction) for severity in Severity]
    allowed = tuple(shown(moment) - shown(AT) for moment in due)  # Germany puts its clocks forward

    assert allowed == ALLOWED[kind]


def test_there_is_a_rule_for_every_clock() -> None:
    assert set(rules.DEFAULT) == set(ALLOWED) == set(ClockKind)


@pytest.mark.parametrize("kind", ClockKind)
def test_no_source_says_working_days_so_days_are_days(kind: ClockKind) -> None:
    rule = rules.DEFAULT[kind]

    allowances = [allowance for allowance in (rule.normal, rule.high, rule.urgent) if allowance]
    assert Unit.BUSINESS_DAYS not in {allowance.unit for allowance in allowances}


def test_business_days_need_a_source() -> None:
    day = Allowance(amount=1, unit=Unit.BUSINESS_DAYS)

    with pytest.raises(ValidationError, match="need a source"):
        ClockRule(normal=day)
    with pytest.raises(ValidationError, match="need a source"):
        ClockRule(normal=Allowance(amount=1, unit=Unit.DAYS), urgent=day)
    assert ClockRule(normal=day, source="A law").allowance(Severity.S1) == day


def test_a_closed_case_may_be_reopened_for_thirty_days() -> None:
    assert timedelta(days=30) == rules.REOPEN_WINDOW


def test_china_asks_for_a_consent_of_its_own_to_leave_it() -> None:
    assert {"CN"} == rules.SEPARATE_CROSS_BORDER_CONSENT
