"""The part of the bench that turns counts into dollars."""

from bench.money import lines, prices
from bench.money.lines import Bill
from bench.report import Part, Sheet

_HEADINGS = ("DynamoDB", "Lambda", "API Gateway", "SNS", "SQS", "S3", "KMS", "total")


def money_part(figures: lines.Figures) -> Part:
    """Price the counted figures."""
    million, month = lines.per_million(figures), lines.month_of_quiet(figures)
    sheets = [
        Sheet("US dollars for a million", ("of what", *_HEADINGS), _rows(million)),
        Sheet("US dollars a month", ("for what", *_HEADINGS), _rows({"nothing happening": month})),
    ]
    data = {"per_million": _plain(million), "month_of_quiet": _figures(month)}
    return Part("money", {**data, "assumed": dict(lines.ASSUMED)}, sheets, _notes())


def _rows(bills: dict[str, Bill]) -> list[list[str]]:
    return [
        [name, *(f"{value:.2f}" for value in _figures(bill).values())]
        for name, bill in bills.items()
    ]


def _figures(bill: Bill) -> dict[str, float]:
    names = ("dynamodb", "lambda_", "api_gateway", "sns", "sqs", "s3", "kms", "total")
    return {name.rstrip("_"): round(getattr(bill, name), 2) for name in names}


def _plain(bills: dict[str, Bill]) -> dict[str, dict[str, float]]:
    return {name: _figures(bill) for name, bill in bills.items()}


def _notes() -> list[str]:
    listed = f"List prices of {prices.REGION}, looked up {prices.LOOKED_UP}, no free allowance."
    left_out = (
        "Not in it: storage, data transfer, logs, traces, alarms, deliveries by e-mail and HTTPS."
    )
    assumed = [f"Assumed, {name}: {what}." for name, what in lines.ASSUMED.items()]
    return [listed, left_out, *assumed]
