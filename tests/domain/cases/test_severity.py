"""How bad a case is, by its facts alone."""

from itertools import product

import pytest

from chalicelib.domain.cases.facts import band_of
from chalicelib.domain.cases.severity import assess, worse
from chalicelib.domain.vocabulary import Category, IloIndicator, IntakeType, Severity, WorkersBand

S1, S2, S3, S4 = Severity.S1, Severity.S2, Severity.S3, Severity.S4

# category → (severity of fifty workers or fewer, severity of more)
BY_CATEGORY = {
    "child_labour": (S1, S1),
    "forced_labour": (S1, S1),
    "harassment_violence": (S1, S1),
    "retaliation": (S1, S1),
    "safety_health": (S2, S2),
    "freedom_of_association": (S2, S2),
    "discrimination": (S2, S2),
    "recruitment_fees": (S2, S2),
    "compensation": (S3, S2),
    "working_time": (S3, S2),
    "social_insurance": (S3, S2),
    "living_conditions": (S3, S2),
    "contracts_hr": (S4, S3),
    "other": (S4, S3),
}
BY_INDICATOR = {
    "restriction_of_movement": S1,
    "physical_sexual_violence": S1,
    "retention_of_documents": S1,
    "debt_bondage": S1,
    "abuse_of_vulnerability": S2,
    "deception": S2,
    "isolation": S2,
    "intimidation_threats": S2,
    "withholding_of_wages": S2,
    "abusive_conditions": S2,
    "excessive_overtime": S2,
}
FEW = (None, WorkersBand.ONE, WorkersBand.UP_TO_10, WorkersBand.UP_TO_50)
MANY = (WorkersBand.UP_TO_250, WorkersBand.UP_TO_1000, WorkersBand.OVER_1000)


def test_the_expectations_name_every_category_and_every_indicator() -> None:
    assert set(BY_CATEGORY) == set(Category)
    assert set(BY_INDICATOR) == set(IloIndicator)
    assert {*FEW, *MANY} == {None, *WorkersBand}


@pytest.mark.parametrize("category", Category)
def test_a_category_and_the_number_of_workers_make_a_severity(category: Category) -> None:
    few, many = BY_CATEGORY[category]

    assert {assess(IntakeType.GRIEVANCE, [category], [], band) for band in FEW} == {few}
    assert {assess(IntakeType.GRIEVANCE, [category], [], band) for band in MANY} == {many}


@pytest.mark.parametrize("indicator", IloIndicator)
def test_an_ilo_indicator_alone_makes_a_severity(indicator: IloIndicator) -> None:
    expected = BY_INDICATOR[indicator]

    assert assess(IntakeType.GRIEVANCE, [Category.OTHER], [indicator], None) is expected


@pytest.mark.parametrize("category", Category)
def test_retaliation_as_the_kind_of_intake_is_critical_whatever_it_is_about(
    category: Category,
) -> None:
    assert assess(IntakeType.RETALIATION, [category], [], None) is S1


def test_the_worst_of_several_categories_counts_wherever_it_stands() -> None:
    for one, other in product(Category, repeat=2):
        both = assess(IntakeType.GRIEVANCE, [one, other], [], None)

        assert both is min(BY_CATEGORY[one][0], BY_CATEGORY[other][0])


def test_worse_is_the_smaller_number() -> None:
    assert [worse(one, other) for one, other in [(S1, S4), (S4, S1), (S2, S2)]] == [S1, S1, S2]


@pytest.mark.parametrize(
    ("workers", "band"),
    [
        (1, "1"),
        (2, "2-10"),
        (10, "2-10"),
        (11, "11-50"),
        (50, "11-50"),
        (51, "51-250"),
        (250, "51-250"),
        (251, "251-1000"),
        (1000, "251-1000"),
        (1001, "over-1000"),
        (10_000_000, "over-1000"),
        (None, None),
        (WorkersBand.UP_TO_10, "2-10"),
    ],
)
def test_a_count_falls_into_its_band(workers: int | WorkersBand | None, band: str | None) -> None:
    assert band_of(workers) == band
