"""Counters of limits: one row for each subject and window, gone by itself afterwards."""

from datetime import datetime, timedelta

from chalicelib.domain.limits import Allowance, Limit
from chalicelib.store.faults import ConditionFailed
from chalicelib.store.table import Table

KEPT_AFTER = timedelta(hours=1)


class Counters:
    """The counter rows of the `access` table. Each count is one call."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def count(self, limit: Limit, subject: str, at: datetime, by: int = 1) -> Allowance:
        """Count `by` more (or, negative, fewer) for a subject; what is left. Raises Unavailable.

        What is over the quota is not counted, so that whoever is refused uses nothing up.
        """
        key = {"pk": f"LIMIT#{limit.kind}#{subject}#{limit.begins(at):%Y%m%dT%H%M}", "sk": "LIMIT"}
        expires = int((limit.ends(at) + KEPT_AFTER).timestamp())
        try:
            used = self._table.add(key, "used", by, most=limit.quota, expires=expires)
        except ConditionFailed:
            used = limit.quota + 1
        return limit.after(used, at)
