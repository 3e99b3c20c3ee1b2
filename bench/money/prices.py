"""List prices of AWS, us-east-1, in US dollars, first tier, without any free allowance."""

from typing import NamedTuple

REGION = "us-east-1"
LOOKED_UP = "2026-11-22"


class Price(NamedTuple):
    """So many dollars for so many of something, and the page that lists it."""

    dollars: float
    per: int
    source: str

    def of(self, amount: float) -> float:
        """What an amount costs."""
        return amount * self.dollars / self.per


WRITE_UNIT = Price(0.625, 1_000_000, "https://aws.amazon.com/dynamodb/pricing/on-demand/")
READ_UNIT = Price(0.125, 1_000_000, "https://aws.amazon.com/dynamodb/pricing/on-demand/")
LAMBDA_REQUEST = Price(0.20, 1_000_000, "https://aws.amazon.com/lambda/pricing/")
LAMBDA_GB_SECOND = Price(0.0000133334, 1, "https://aws.amazon.com/lambda/pricing/")
"""Of an arm64 function."""
REST_REQUEST = Price(3.50, 1_000_000, "https://aws.amazon.com/api-gateway/pricing/")
SNS_REQUEST = Price(0.50, 1_000_000, "https://aws.amazon.com/sns/pricing/")
SQS_REQUEST = Price(0.40, 1_000_000, "https://aws.amazon.com/sqs/pricing/")
S3_WRITE = Price(0.005, 1_000, "https://aws.amazon.com/s3/pricing/")
"""A PUT, and each call of a multipart upload. The few GETs are priced like it: too high."""
KMS_REQUEST = Price(0.03, 10_000, "https://aws.amazon.com/kms/pricing/")
KMS_KEY_MONTH = Price(1.0, 1, "https://aws.amazon.com/kms/pricing/")

REQUESTS = {"sns": SNS_REQUEST, "sqs": SQS_REQUEST, "s3": S3_WRITE}
"""By service, for those that bill by request."""
