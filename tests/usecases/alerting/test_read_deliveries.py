"""A brand sees whether its alerts arrive, as far as SNS counts, and nothing of other brands."""

from datetime import UTC, datetime, timedelta
from typing import Any

from moto.backends import get_backend
from moto.cloudwatch.models import MetricDatum

from tests.service import START, Service
from tests.usecases.stories import ended, refusal

METRICS = {
    "delivered": "NumberOfNotificationsDelivered",
    "failed": "NumberOfNotificationsFailed",
    "filtered_out": "NumberOfNotificationsFilteredOut",
    "kept": "NumberOfNotificationsRedrivenToDlq",
    "not_kept": "NumberOfNotificationsFailedToRedriveToDlq",
}
NOTHING = dict.fromkeys(METRICS, 0)


def sns_counted(brand_id: str, at: datetime, **numbers: float) -> None:
    """moto counts nothing: SNS would have put these into CloudWatch, which nobody else may."""
    backend = get_backend("cloudwatch")["123456789012"]["eu-central-1"]
    topic = [{"Name": "TopicName", "Value": f"handshake-test-brand-{brand_id}"}]
    backend.metric_data += [
        MetricDatum(
            namespace="AWS/SNS",
            name=METRICS[name],
            value=number,
            dimensions=topic,
            timestamp=at.replace(tzinfo=None),
            unit="Count",
        )
        for name, number in numbers.items()
    ]


def days(service: Service, brand_id: str = "acme") -> list[dict[str, Any]]:
    answer = service.brand_desk(brand_id).get("/v1/deliveries")
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json()["days"]
    return found


def test_fourteen_days_are_shown_and_a_day_without_numbers_says_none(service: Service) -> None:
    service.brand()

    assert days(service) == [{"day": f"2026-11-{day:02}", **NOTHING} for day in range(9, 23)]


def test_what_sns_counted_stands_at_its_day(service: Service) -> None:
    service.brand()
    service.brand("bolt")
    first = datetime(2026, 11, 9, tzinfo=UTC)
    sns_counted("acme", first, delivered=1)
    sns_counted("acme", first - timedelta(seconds=1), delivered=100)
    sns_counted("acme", START, delivered=3, failed=2, kept=1, not_kept=1)
    sns_counted("acme", START - timedelta(hours=2), delivered=4, filtered_out=7)
    sns_counted("bolt", START, failed=9)

    found = days(service)

    assert found[0] == {"day": "2026-11-09", **NOTHING, "delivered": 1}
    assert found[-1] == {
        "day": "2026-11-22",
        "delivered": 7,
        "failed": 2,
        "filtered_out": 7,
        "kept": 1,
        "not_kept": 1,
    }
    assert [day["delivered"] for day in found[1:-1]] == [0] * 12
    assert [day["failed"] for day in days(service, "bolt")][-1] == 9


def test_it_is_shown_without_a_topic_and_without_an_engagement(service: Service) -> None:
    assert len(days(service, "nowhere")) == 14
    service.brand()
    days(service)
    ended(service)
    assert len(days(service)) == 14


def test_what_cloudwatch_does_not_say_is_not_taken_for_nothing(service: Service) -> None:
    service.brand()
    desk = service.brand_desk()

    with service.refusing("GetMetricData"):
        answer = desk.get("/v1/deliveries")

    assert refusal(answer) == (503, "unavailable")
