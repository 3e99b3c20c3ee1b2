"""What a partner tells: the rules between its fields."""

from typing import Any

import pytest
from pydantic import ValidationError

from chalicelib.domain.cases.facts import FactoryReported, Facts, Filing
from chalicelib.domain.vocabulary import Category, Channel, FiledBy, IntakeType
from tests.domain.values import filing


def refused(**facts: Any) -> tuple[tuple[int | str, ...], str]:
    """Where and why the facts are refused."""
    with pytest.raises(ValidationError) as found:
        Facts(**{"categories": ("other",), **facts})
    (error,) = found.value.errors(include_input=False)
    return error["loc"], error["msg"]


def test_a_category_is_enough() -> None:
    facts = Facts(categories=(Category.OTHER,))

    assert (facts.intake_type, facts.channel) == (IntakeType.GRIEVANCE, Channel.PARTNER_API)
    assert (facts.filed_by, facts.language) == (FiledBy.INDIVIDUAL, "en")
    assert facts.law is None


@pytest.mark.parametrize(
    ("facts", "where", "why"),
    [
        ({"categories": ()}, "categories", "Tuple should have at least 1 item"),
        ({"categories": ("other", "other")}, "categories", "must not repeat a value"),
        ({"sub_codes": ("other.other", "other.other")}, "sub_codes", "must not repeat"),
        ({"sub_codes": ("wages",)}, "sub_codes", "must be sub-codes from GET /v1/taxonomy"),
        ({"ilo_indicators": ("deception",) * 2}, "ilo_indicators", "must not repeat"),
        ({"narrative": ""}, "narrative", "at least 1 character"),
        ({"surprise": 1}, "surprise", "Extra inputs are not permitted"),
    ],
)
def test_a_fact_that_breaks_a_rule_is_named(facts: dict[str, Any], where: str, why: str) -> None:
    place, reason = refused(**facts)

    assert place == (where,)
    assert why in reason


@pytest.mark.parametrize("workers", [0, -1, 10_000_001, 1.0, "34", True, "2-11"])
def test_workers_are_a_count_or_a_band(workers: Any) -> None:
    with pytest.raises(ValidationError):
        Facts(categories=("other",), workers_affected=workers)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-09", "2026-09-01"),
        ("2026-09-30", "2026-09"),
        ("2026-12-31", "2026"),
        ("2026", "2026-01-01"),
        ("2026-09", "ongoing"),
        ("2026-09", None),
        (None, "2026-09"),
        (None, None),
        (None, "ongoing"),
    ],
)
def test_an_incident_may_end_on_any_day_its_dates_can_mean(
    start: str | None, end: str | None
) -> None:
    found = filing(incident_from=start, incident_to=end)

    assert (found.incident_from, found.incident_to) == (start, end)


@pytest.mark.parametrize(
    ("start", "end"),
    [("2026-09-02", "2026-09-01"), ("2026-09", "2026-08"), ("2027", "2026-12-31")],
)
def test_an_incident_cannot_end_before_it_began(start: str, end: str) -> None:
    where, why = refused(incident_from=start, incident_to=end)

    assert where == ()
    assert "incident_to must not lie before incident_from" in why


def test_the_law_is_that_of_the_jurisdiction_else_of_the_reported_country() -> None:
    reported = FactoryReported(country="CN")

    assert filing(factory_reported=reported, jurisdiction="HK").law == "HK"
    assert filing(factory_reported=reported).law == "CN"
    assert filing(factory_reported=FactoryReported()).law is None


def test_ten_identifiers_may_be_reported() -> None:
    assert len(FactoryReported(identifiers=("x",) * 10).identifiers) == 10
    with pytest.raises(ValidationError):
        FactoryReported(identifiers=("x",) * 11)


def test_a_partners_own_number_has_a_length() -> None:
    assert Filing(categories=(Category.OTHER,), partner_ref="r" * 200).partner_ref == "r" * 200
    with pytest.raises(ValidationError):
        Filing(categories=(Category.OTHER,), partner_ref="r" * 201)


def test_a_changed_copy_is_validated_like_a_new_one() -> None:
    with pytest.raises(ValidationError):
        filing().changed(incident_to="2020")
