"""The rules of procedure as anybody reads them, and a table of rules that is handed in."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain import rules
from chalicelib.domain.calendars import ZONES, Allowance, Unit
from chalicelib.domain.cases.case import SYSTEM, Hold
from chalicelib.domain.cases.transitions import legal_targets
from chalicelib.domain.rules import ClockKind, ClockRule
from chalicelib.domain.vocabulary import Role, State
from tests.calls import counted_calls
from tests.domain.values import AT, case
from tests.service import Service
from tests.usecases.stories import alerted, case_of, covered, submitted

WORKING_DAYS = {
    "normal": {"amount": 5, "unit": "business_days"},
    "high": None,
    "urgent": None,
    "source": "A law of tests",
}


def business_days(amount: int) -> ClockRule:
    return ClockRule(
        normal=Allowance(amount=amount, unit=Unit.BUSINESS_DAYS), source="A law of tests"
    )


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of rules in which two countries count business days."""
    counted: Mapping[ClockKind, ClockRule] = {
        ClockKind.ACKNOWLEDGE: business_days(5),
        ClockKind.BRAND_ACKNOWLEDGES: business_days(3),
    }
    for jurisdiction in ("CN", "BD", "ZZ"):
        monkeypatch.setitem(dict_of(rules.BY_JURISDICTION), jurisdiction, counted)


def dict_of(table: Mapping[str, Mapping[ClockKind, ClockRule]]) -> dict[str, object]:
    assert isinstance(table, dict)
    return table


def test_anybody_reads_the_rules_and_no_store_is_touched(service: Service) -> None:
    with counted_calls() as calls:
        answer = service.public().get("/v1/rules-of-procedure")

    table = answer.json()
    assert (answer.status, calls) == (200, [])
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert set(table) == {
        *("version", "steps", "clocks", "levels", "extensions", "calendars", "retention"),
        *("factory", "coalition", "silence", "reopen_days"),
    }
    assert (table["version"], table["reopen_days"]) == ("2026-1", 30)
    assert [(rule["clock"], rule["jurisdiction"]) for rule in table["clocks"]] == [
        (kind, None) for kind in ClockKind
    ]
    assert table["clocks"][0] == {
        "clock": "acknowledge",
        "jurisdiction": None,
        "normal": {"amount": 7, "unit": "days"},
        "high": None,
        "urgent": {"amount": 1, "unit": "days"},
        "source": "Directive (EU) 2019/1937, article 9(1)(b)",
    }
    assert table["clocks"][2]["high"] == {"amount": 24, "unit": "hours"}


def test_every_step_that_is_published_can_be_made_and_no_other(service: Service) -> None:
    """Asked of the function that lets people make steps, for every state and everybody."""
    steps = service.public().get("/v1/rules-of-procedure").json()["steps"]

    published = {(each["state"], each["to"], by) for each in steps for by in each["by"]}
    held: dict[str, Any] = {"hold": Hold(reason="x", until=AT, held_from=State.FINDINGS)}
    assert published == {
        (state, to, by)
        for state in State
        for by in (*Role, SYSTEM)
        for to in legal_targets(case(state=state, **held if state == "on_hold" else {}), by)
        if (state, to) != ("on_hold", "findings")
    }
    assert len(steps) == len({(each["state"], each["to"]) for each in steps})


def test_the_page_has_the_levels_that_are_published(service: Service) -> None:
    levels = service.public().get("/v1/rules-of-procedure").json()["levels"]

    page = Path("docs/deadlines.md").read_text("utf-8")
    rows = [row.split("|") for row in re.findall(r"^\|(.+)\|$", page, re.M)]
    (_, *names), _, *said_of = [[cell.strip() for cell in row] for row in rows]
    table = {name: cells for name, *cells in said_of}
    for clock in ClockKind:
        row = next((r for name, r in table.items() if f"`{clock}`" in name), table["every other"])
        said = [(name, percent_in(cell)) for name, cell in zip(names, row, strict=True)]
        reached = [(e["level"], e["percent"]) for e in levels if e["clock"] == clock]
        assert [each for each in said if each[1] is not None] == reached, clock


def test_the_page_says_how_long_a_factory_has_to_answer_as_it_is_published(
    service: Service,
) -> None:
    published = service.public().get("/v1/rules-of-procedure").json()["factory"]

    page = " ".join(Path("docs/deadlines.md").read_text("utf-8").split())
    said = re.search(r"A factory has (\d+) days to answer what a brand asks it", page)
    assert said is not None
    assert published == {"answers": {"amount": int(said[1]), "unit": "days"}}


def percent_in(cell: str) -> int | None:
    found = re.match(r"([−+]?)(\d+) %", cell)
    return int(f"{found[1].replace('−', '-')}{found[2]}") if found else None


def test_the_rules_say_in_whose_calendar_days_are_counted(service: Service) -> None:
    calendars = service.public().get("/v1/rules-of-procedure").json()["calendars"]

    unknown, *known = calendars
    assert unknown == {"jurisdiction": None, "zone": "UTC", "business_days": "monday_to_friday"}
    assert {c["jurisdiction"]: c["zone"] for c in known} == ZONES
    assert {c["business_days"] for c in known} == {"national"}


def test_the_rules_say_how_long_what_is_kept(service: Service) -> None:
    kept = service.public().get("/v1/rules-of-procedure").json()["retention"]

    assert [(rule["rule_id"], rule["jurisdiction"]) for rule in kept] == [
        ("default.identity", None),
        ("default.texts", None),
        ("cn.identity", "CN"),
        ("de.texts", "DE"),
    ]
    assert kept[2] == {
        "rule_id": "cn.identity",
        "jurisdiction": "CN",
        "erases": "identity",
        "after_days": 60,
        "after_withdrawal_days": 30,
    }


@pytest.mark.usefixtures("table")
def test_a_rule_in_business_days_is_published_with_its_source(service: Service) -> None:
    clocks = service.public().get("/v1/rules-of-procedure").json()["clocks"]

    assert {"clock": "acknowledge", "jurisdiction": "BD", **WORKING_DAYS} in clocks
    assert [c["clock"] for c in clocks if c["jurisdiction"] == "CN"] == [
        "acknowledge",
        "brand_acknowledges",
    ]


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("jurisdiction", "due"),
    [
        ("BD", "2026-11-29T18:00:00.000Z"),  # Sunday 14:00 in Dhaka, a business day; until Sunday
        ("CN", "2026-11-27T16:00:00.000Z"),  # Sunday 16:00 in Shanghai; until Friday
        ("ZZ", "2026-11-28T00:00:00.000Z"),  # Monday to Friday, in UTC
        ("VN", "2026-11-29T08:00:00.000Z"),  # nothing said: seven days as everywhere
    ],
)
def test_a_filing_is_answered_by_the_business_days_of_its_jurisdiction(
    service: Service, jurisdiction: str, due: str
) -> None:
    partner = service.partner()

    case = case_of(partner, submitted(partner, jurisdiction=jurisdiction))

    assert case["clocks"]["acknowledge"]["due_at"] == due
    assert case["clocks"]["feedback"]["due_at"] == "2027-02-20T08:00:00.000Z"


@pytest.mark.usefixtures("table")
def test_a_brand_is_told_a_deadline_in_business_days(service: Service) -> None:
    partner = service.partner()
    covered(service)

    grievance_id = alerted(service, partner, jurisdiction="CN")

    (envelope,) = service.received_alerts()
    told = json.loads(envelope["Message"])
    clock = case_of(partner, grievance_id)["clocks"]["brand_acknowledges"]
    assert told["acknowledge_by"] == clock["due_at"] == "2026-11-25T16:00:00.000Z"
