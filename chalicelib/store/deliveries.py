"""What SNS counts of each brand's topic, as CloudWatch keeps it: by day, for the whole topic."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chalicelib.domain.alerting.delivery import Counted
from chalicelib.store.faults import in_our_words
from chalicelib.store.topics import Topics

_METRICS = {
    Counted.DELIVERED: "NumberOfNotificationsDelivered",
    Counted.FAILED: "NumberOfNotificationsFailed",
    Counted.FILTERED_OUT: "NumberOfNotificationsFilteredOut",
    Counted.KEPT: "NumberOfNotificationsRedrivenToDlq",
    Counted.NOT_KEPT: "NumberOfNotificationsFailedToRedriveToDlq",
}
_DAY = timedelta(days=1)


class Deliveries:
    """The metrics of the brands' topics."""

    def __init__(self, client: Callable[[], Any], topics: Topics) -> None:
        self._client = client
        self._topics = topics

    def by_day(self, brand_id: str, since: date, days: int) -> Mapping[date, Mapping[Counted, int]]:
        """What was counted on so many days (UTC); a day on which nothing was is left out. One call.

        A topic that is not there has counted nothing.
        """
        begin = datetime(since.year, since.month, since.day, tzinfo=UTC)
        name = self._topics.arn(brand_id).rsplit(":", 1)[1]
        with in_our_words():
            answer = self._client().get_metric_data(
                MetricDataQueries=[_query(counted, name) for counted in _METRICS],
                StartTime=begin,
                EndTime=begin + days * _DAY,
            )
        found: dict[date, dict[Counted, int]] = {}
        for series in answer["MetricDataResults"]:
            for at, number in zip(series["Timestamps"], series["Values"], strict=True):
                day = found.setdefault(at.astimezone(UTC).date(), {})
                day[Counted(series["Id"])] = round(number)
        return found


def _query(counted: Counted, topic: str) -> dict[str, Any]:
    return {
        "Id": str(counted),
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/SNS",
                "MetricName": _METRICS[counted],
                "Dimensions": [{"Name": "TopicName", "Value": topic}],
            },
            "Period": 24 * 60 * 60,
            "Stat": "Sum",
        },
    }
