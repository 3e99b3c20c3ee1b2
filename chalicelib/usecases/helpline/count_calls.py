"""What the calls of a month say."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.helpline.call_statistics import CallStatistics, statistics_of


def count_calls(month: str, *, by: Principal, deps: Deps) -> CallStatistics:
    """The statistics of the caller's own calls of a month (UTC). A call for each 100 topics."""
    return statistics_of(month, deps.calls.topics_of_month(by.organisation, month))
