"""Dollars follow from counts and prices, and from nothing that is not said."""

import pytest

from bench.calls import expected
from bench.money import lines, prices
from bench.money.lines import Bill, Run
from bench.money.part import money_part
from bench.money.prices import Price

COUNTED = {
    "intake": {
        "cases": 1,
        "read_units": 2.0,
        "write_units": 10,
        "requests": {"sqs": 1, "secretsmanager": 1},
    },
    "batch": {"cases": 10, "read_units": 0.0, "write_units": 100, "requests": {"sns": 2}},
    "authorize": {"cases": 1, "read_units": 1.0, "write_units": 0, "requests": {}},
}


def of(bill: Bill) -> dict[str, float]:
    """What is not nothing on a bill."""
    return {service: dollars for service, dollars in vars(bill).items() if dollars}


def test_a_price_is_for_so_many() -> None:
    assert Price(3.5, 1_000_000, "").of(2_000_000) == 7.0


def test_counted_calls_cost_their_units_and_requests() -> None:
    bill = lines.counted(COUNTED, "intake").times(1_000_000)
    assert of(bill) == pytest.approx({"dynamodb": 10 * 0.625 + 2 * 0.125, "sqs": 0.40})


def test_a_batch_costs_each_of_its_cases_a_share() -> None:
    bill = lines.counted(COUNTED, "batch", by=10).times(1_000_000)
    assert of(bill) == pytest.approx({"dynamodb": 10 * 0.625, "sns": 0.2 * 0.5})


def test_a_function_costs_its_memory_for_its_time_and_its_request() -> None:
    bill = lines.computing(Run(0.1, 512))
    assert of(bill) == pytest.approx({"lambda_": 0.05 * 0.0000133334 + 0.0000002})


def test_a_request_pays_the_gateway_and_an_authorizer() -> None:
    bill = lines.http(COUNTED, "intake").times(1_000_000)
    assert bill.api_gateway == pytest.approx(3.50)
    assert bill.dynamodb == pytest.approx(10 * 0.625 + 2 * 0.125 + 1 * 0.125)


def test_a_run_reads_as_its_time_and_memory() -> None:
    assert str(Run(0.06, 1024)) == "60 ms at 1,024 MB"


def test_bills_add_up() -> None:
    total = Bill(dynamodb=1.0, sns=2.0).plus(Bill(dynamodb=0.5, kms=1.0))
    assert total == Bill(dynamodb=1.5, sns=2.0, kms=1.0)
    assert total.total == 4.5


def test_a_cases_life_is_what_happens_in_it() -> None:
    each = {name: Bill(dynamodb=1.0) for name in lines.LIFE}
    assert lines.life(each) == Bill(dynamodb=float(sum(lines.LIFE.values())))


def test_every_line_is_priced_from_the_stored_counts() -> None:
    priced = lines.per_million(expected.read())
    assert min(bill.total for bill in priced.values()) > 0
    assert "a case's life" in priced


def test_a_month_of_quiet_is_ticks_polling_and_a_key() -> None:
    bill = lines.month_of_quiet(expected.read())
    assert bill.sqs == pytest.approx(prices.SQS_REQUEST.of(lines.QUEUES * lines.POLLS_A_MONTH))
    assert bill.kms == pytest.approx(1.30)
    assert (bill.api_gateway, bill.sns, bill.s3) == (0, 0, 0)


def test_every_price_names_the_page_that_lists_it() -> None:
    listed = [value for value in vars(prices).values() if isinstance(value, Price)]
    assert len(listed) == 10
    assert all(price.source.startswith("https://aws.amazon.com/") for price in listed)


def test_the_report_says_what_is_assumed_and_what_is_left_out() -> None:
    part = money_part(expected.read())
    assert part.data["assumed"] == lines.ASSUMED
    assert any(note.startswith("Not in it:") for note in part.notes)
    assert [sheet.title for sheet in part.sheets] == [
        "US dollars for a million",
        "US dollars a month",
    ]
