"""An auditor's row: the contract's columns in the contract's order, and nobody recognisable."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.cases.case import Case, Clock
from chalicelib.domain.cases.case_link import CaseLink
from chalicelib.domain.cases.consent import Detail
from chalicelib.domain.cases.facts import Consent, FactoryReported
from chalicelib.domain.record.export_row import COLUMNS, Row, concerns, released_to_auditors, row_of
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.vocabulary import (
    ConsentLevel,
    IloIndicator,
    IntakeType,
    LinkDirection,
    LinkType,
    Outcome,
    State,
    WorkerVerdict,
)
from tests.domain.values import AT, FACTORY_ID, case, factory, opened

CONTRACT = (
    "public_ref, received_at, acknowledged_at, brand_notified_at, brand_acknowledged_at, "
    "brand_first_reply_at, plan_at, closed_at, state, outcome, reopened_count, intake_type, "
    "channel, filed_by, partner_pseudonym, factory_id, os_id, country, category, severity, "
    "ilo_indicators, consent_level, workers_band, remedy_type, remedy_amount_band, days_open, "
    "clock_breaches, worker_verdict, retaliation_linked, taxonomy_version, entry_hash"
)
NOW = AT + timedelta(days=4, hours=5)


def row(given: Case, at: Any = NOW) -> Row:
    known = factory(os_id="BD2020021QK28YZ") if given.factory_id else None
    return row_of(given, partner_pseudonym="p_1", factory=known, at=at)


def test_the_columns_are_the_contracts_in_its_order() -> None:
    assert ", ".join(COLUMNS) == CONTRACT


def test_a_new_case_is_a_row_of_what_is_known() -> None:
    given = opened(ilo_indicators=(IloIndicator.ISOLATION, IloIndicator.DECEPTION))

    assert row(given) == {
        **dict.fromkeys(COLUMNS),
        "public_ref": given.public_ref,
        "received_at": "2026-11-22T08:00:00.000Z",
        "state": "received",
        "reopened_count": 0,
        "intake_type": "grievance",
        "channel": "partner_api",
        "filed_by": "individual",
        "partner_pseudonym": "p_1",
        "country": "BD",
        "category": "compensation",
        "severity": "S2",
        "ilo_indicators": "deception isolation",
        "consent_level": "C3",
        "workers_band": "11-50",
        "days_open": 4,
        "clock_breaches": 1,
        "retaliation_linked": "false",
        "taxonomy_version": "2026-1",
        "entry_hash": given.ledger_hash,
    }


def test_a_closed_case_is_a_row_of_its_whole_way() -> None:
    times = {
        name: AT + timedelta(days=day)
        for day, name in enumerate(
            (
                "acknowledged_at",
                "brand_notified_at",
                "brand_acknowledged_at",
                "brand_first_reply_at",
                "closed_at",
            )
        )
    }
    given = case(
        {"intake_type": IntakeType.RETALIATION},
        **times,
        state=State.CLOSED,
        outcome=Outcome.RESOLVED,
        worker_verdict=WorkerVerdict.SATISFIED,
        reopened_count=2,
        factory_id=FACTORY_ID,
    )

    found = row(given, at=AT + timedelta(days=900))

    assert {name: found[name] for name in (*times, "days_open", "reopened_count", "outcome")} == {
        "acknowledged_at": "2026-11-22T08:00:00.000Z",
        "brand_notified_at": "2026-11-23T08:00:00.000Z",
        "brand_acknowledged_at": "2026-11-24T08:00:00.000Z",
        "brand_first_reply_at": "2026-11-25T08:00:00.000Z",
        "closed_at": "2026-11-26T08:00:00.000Z",
        "days_open": 4,
        "reopened_count": 2,
        "outcome": "resolved",
    }
    assert (found["worker_verdict"], found["retaliation_linked"]) == ("satisfied", "true")
    assert (found["factory_id"], found["os_id"]) == (FACTORY_ID, "BD2020021QK28YZ")


@pytest.mark.parametrize("kind", LinkType)
def test_a_case_is_linked_to_reprisals_where_one_of_either_names_the_other(kind: LinkType) -> None:
    for direction in LinkDirection:
        link = CaseLink(type=kind, grievance_id="g_" + "0" * 26, direction=direction)
        found = row(case(links=(link,)))["retaliation_linked"]
        assert found == ("true" if kind is LinkType.RETALIATION_OF else "false")


@pytest.mark.parametrize(
    ("consent", "country", "named"),
    [
        (Consent(), "BD", False),
        (Consent(level=ConsentLevel.C1, script_version="helpline-zh-3"), "BD", False),
        (Consent(level=ConsentLevel.C2, script_version="helpline-zh-3"), "BD", False),
        (Consent(level=ConsentLevel.C3, script_version="helpline-zh-3"), "BD", True),
        (Consent(level=ConsentLevel.C4, script_version="helpline-zh-3"), "BD", True),
        (Consent(level=ConsentLevel.X, script_version="helpline-zh-3"), "BD", False),
        (
            Consent(level=ConsentLevel.C3, cross_border=True, script_version="helpline-zh-3"),
            "CN",
            True,
        ),
    ],
)
def test_the_factory_is_named_only_where_consent_names_it(
    consent: Consent, country: str, named: bool
) -> None:
    given = case(
        {"consent": consent, "factory_reported": FactoryReported(country=country)},
        factory_id=FACTORY_ID,
    )

    found = row(given)

    assert (found["factory_id"], found["os_id"]) == (
        (FACTORY_ID, "BD2020021QK28YZ") if named else (None, None)
    )


def test_a_factory_that_the_registry_does_not_know_is_not_named() -> None:
    found = row_of(case(factory_id=FACTORY_ID), partner_pseudonym="p_1", factory=None, at=NOW)

    assert (found["factory_id"], found["os_id"]) == (None, None)


def test_a_case_of_a_factory_in_china_is_exported_only_with_the_separate_consent() -> None:
    """Wherever the report said it was."""
    given = case({"factory_reported": FactoryReported(name="Posh")}, factory_id=FACTORY_ID)
    there = factory(country="CN")

    assert released_to_auditors(given, there).detail is Detail.NOTHING
    with pytest.raises(ValueError, match="nothing may be released"):
        row_of(given, partner_pseudonym="p_1", factory=there, at=NOW)


def test_no_column_holds_what_a_person_wrote_or_who_the_partner_is() -> None:
    given = opened(
        narrative="CANARY-1",
        summary="CANARY-2",
        requested_remedy="CANARY-3",
        partner_ref="CANARY-4",
        factory_reported=FactoryReported(name="CANARY-5", address="CANARY-6", country="BD"),
    )

    assert "CANARY" not in str(row(given))
    assert "handshake-gz" not in str(row(given))


@pytest.mark.parametrize(
    ("due", "met", "breached"),
    [(1, None, 1), (9, None, 0), (1, 0, 0), (1, 2, 1), (1, 1, 0), (9, 20, 1)],
)
def test_a_clock_is_breached_when_it_ran_out_before_it_was_stopped_or_the_case_ended(
    due: int, met: int | None, breached: int
) -> None:
    clock = Clock(
        due_at=AT + timedelta(days=due), met_at=None if met is None else AT + timedelta(days=met)
    )
    given = case(clocks={ClockKind.FEEDBACK: clock})

    assert row(given)["clock_breaches"] == breached


def test_a_clock_that_ran_out_after_the_case_was_closed_is_not_breached() -> None:
    clock = Clock(due_at=AT + timedelta(days=2))
    given = case(clocks={ClockKind.FEEDBACK: clock}, closed_at=AT + timedelta(days=1))

    assert row(given)["clock_breaches"] == 0


def test_a_clock_that_ran_out_and_was_started_anew_is_breached_still() -> None:
    clock = Clock(due_at=AT + timedelta(days=90), breached_at=AT - timedelta(days=1))
    given = case(clocks={ClockKind.FEEDBACK: clock})

    assert row(given)["clock_breaches"] == 1


# Whose case it is


@pytest.mark.parametrize(
    ("brands", "told", "level", "concerned"),
    [
        (None, (), ConsentLevel.C0, True),
        (("acme",), ("acme",), ConsentLevel.C3, True),
        (("acme",), ("acme",), ConsentLevel.C2, True),
        (("acme", "bolt"), ("bolt",), ConsentLevel.C3, True),
        (("acme",), ("bolt",), ConsentLevel.C3, False),
        (("acme",), (), ConsentLevel.C3, False),
        (("acme",), ("acme",), ConsentLevel.C0, False),
        (("acme",), ("acme",), ConsentLevel.X, False),
    ],
)
def test_a_case_concerns_brands_that_were_told_and_may_be_told_now(
    brands: tuple[str, ...] | None, told: tuple[str, ...], level: ConsentLevel, concerned: bool
) -> None:
    consent = Consent(level=level, cross_border=True, script_version="helpline-zh-3")
    given = case(alerted_brands=told, consent=consent)

    assert concerns(given, factory(), brands) is concerned
