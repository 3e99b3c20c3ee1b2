"""When each schedule last came to the end of a run: a row each in the `jobs` table."""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.domain.dates import timestamp
from chalicelib.domain.work.operations import Schedule
from chalicelib.store.codec import decode, encode
from chalicelib.store.table import Table

_PREFIX = "SCHEDULE#"


class Schedules:
    """The schedules' rows."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def note(self, schedule: Schedule, at: datetime) -> None:
        """Note that a run has come to its end. Raises Unavailable."""
        self._table.put(encode({**_key(schedule), "ran_at": timestamp(at)}))

    def last_runs(self) -> Mapping[Schedule, datetime]:
        """When each schedule that ever ran last did. One call."""
        items = map(decode, self._table.get_many([_key(schedule) for schedule in Schedule]))
        return {
            Schedule(item["job_id"].removeprefix(_PREFIX)): datetime.fromisoformat(item["ran_at"])
            for item in items
        }


def _key(schedule: Schedule) -> dict[str, str]:
    return {"job_id": f"{_PREFIX}{schedule}"}
