"""What brands were told and the worker no longer agrees to is taken back."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.deps import Deps
from chalicelib.domain.alert import Alert, allowed_now, write_recall
from chalicelib.domain.case import Case
from chalicelib.domain.disclosed import told_too_much
from chalicelib.store.paging import every_item
from chalicelib.store.table import Row

ROWS_BESIDE_A_CASE = 80
"""A transaction holds a hundred; some are left for what else changes with the case."""


def alerts_of(case: Case, deps: Deps) -> list[Alert]:
    """All alerts of a case that a brand was told about; none, unread, for another."""
    if case.brand_notified_at is None:
        return []
    return list(every_item(lambda start: deps.alerts.of_case(case.grievance_id, 100, start)))


def recall_rows(case: Case, alerts: Sequence[Alert], *, at: datetime, deps: Deps) -> list[Row]:
    """Rows to save the changed case with: a recall to each brand that was told too much.

    Rows that do not fit beside the case are written here, brand by brand, before it: a kill then
    leaves brands told to forget what the worker was about to take back, and what is done again
    passes over them.
    """
    beside: list[Row] = []
    for told in told_too_much(case, alerts):
        rows = _rows_for_brand(case, told, at, deps)
        if len(beside) + len(rows) <= ROWS_BESIDE_A_CASE:
            beside += rows
        else:
            deps.alerts.write(rows)
    return beside


def _rows_for_brand(case: Case, told: Sequence[Alert], at: datetime, deps: Deps) -> list[Row]:
    allowed = min(allowed_now(case, alert.payload) for alert in told)
    recall = write_recall(case, told, allowed=allowed, desk_url=deps.settings.public_url, at=at)
    taken_back = (alert.recalled(allowed_now(case, alert.payload), at) for alert in told)
    return [deps.alerts.new_row(recall), *map(deps.alerts.recalled_row, taken_back)]
