"""What a worker got: kinds of a closed list, a band where there is money, and how it adds up."""

import pytest
from pydantic import ValidationError

from chalicelib.domain.record.ledger import Action
from chalicelib.domain.remedies.provided import PAID, Remedy
from chalicelib.domain.remedies.remedy import case_with_remedy
from chalicelib.domain.vocabulary import RemedyAmountBand, RemedyType
from tests.domain.values import AT, case

SORRY, BACK_PAY = RemedyType.APOLOGY, RemedyType.RESTITUTION
ONE, THREE = RemedyAmountBand.FROM_1, RemedyAmountBand.FROM_3


def got(*types: RemedyType, band: RemedyAmountBand | None = None) -> Remedy:
    return Remedy(types=types, amount_band=band)


def test_the_kinds_are_those_of_the_guiding_principles() -> None:
    assert [str(kind) for kind in RemedyType] == [
        "apology",
        "restitution",
        "rehabilitation",
        "financial_compensation",
        "non_financial_compensation",
        "punitive_sanction",
        "guarantee_of_non_repetition",
    ]


def test_the_bands_name_no_currency_and_are_no_dates_to_a_spreadsheet() -> None:
    assert [str(band) for band in RemedyAmountBand] == [
        "under-1",
        "1-to-3",
        "3-to-12",
        "12-or-more",
    ]


@pytest.mark.parametrize("kind", RemedyType)
def test_only_what_is_paid_to_her_has_an_amount(kind: RemedyType) -> None:
    if kind in PAID:
        assert got(kind, band=ONE).amount_band is ONE
    else:
        with pytest.raises(ValidationError):
            got(kind, band=ONE)
    assert got(kind).amount_band is None


def test_it_is_one_thing_in_whatever_order_it_is_said() -> None:
    assert got(BACK_PAY, SORRY) == got(SORRY, BACK_PAY)
    for types in ((), (SORRY, SORRY)):
        with pytest.raises(ValidationError):
            got(*types)


def test_kinds_add_up_and_the_latest_band_is_of_all_money() -> None:
    before = got(BACK_PAY, band=ONE)

    assert before.with_more(got(SORRY)) == got(SORRY, BACK_PAY, band=ONE)
    assert before.with_more(got(BACK_PAY, band=THREE)) == got(BACK_PAY, band=THREE)


def test_the_record_says_before_and_after_in_the_words_of_an_export() -> None:
    first = case_with_remedy(case(), got(BACK_PAY, band=ONE), by="x", at=AT)
    assert first is not None
    taken_back = case_with_remedy(first.case, None, by="x", at=AT)
    assert taken_back is not None

    assert first.entry.action is Action.REMEDY_RECORDED
    assert first.entry.data == {
        "remedy": [None, {"types": ["restitution"], "amount_band": "1-to-3"}]
    }
    assert taken_back.entry.data["remedy"] == [*first.entry.data["remedy"][1:], None]
    assert taken_back.case.remedy is None


def test_the_same_again_is_no_change() -> None:
    assert case_with_remedy(case(), None, by="x", at=AT) is None
    assert case_with_remedy(case(remedy=got(SORRY)), got(SORRY), by="x", at=AT) is None
