"""What brands were told and the worker no longer agrees to is taken back."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.deps import Deps
from chalicelib.domain.alerting.alert import Alert, allowed_now, write_recall
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.disclosed import told_too_much
from chalicelib.domain.identities.hand_over import asked_to_forget, to_be_forgotten
from chalicelib.store.paging import every_item
from chalicelib.store.table import Row

ROWS_BESIDE_A_CASE = 80
"""A transaction holds a hundred; some are left for what else changes with the case."""


def alerts_of(case: Case, deps: Deps) -> list[Alert]:
    """All alerts of a case that a brand was told about; none, unread, for another."""
    if case.brand_notified_at is None:
        return []
    return list(every_item(lambda start: deps.alerts.of_case(case.grievance_id, 100, start)))


def recall_rows(
    case: Case, alerts: Sequence[Alert], *, at: datetime, deps: Deps
) -> tuple[Case, list[Row]]:
    """The changed case, and rows to save it with: a recall to each brand that was told too much, of
    the case or of who the worker is.

    Rows that do not fit beside the case are written here, brand by brand, before it: a kill then
    leaves brands told to forget what the worker was about to take back, and what is done again
    passes over them.
    """
    beside: list[Row] = []
    forgetting, written = to_be_forgotten(case, alerts), {alert.alert_id for alert in alerts}
    too_much = {told[0].brand_id: told for told in told_too_much(case, alerts)}
    for brand_id in sorted({*too_much, *forgetting}):
        told, handed = too_much.get(brand_id, []), forgetting.get(brand_id)
        recall = _recall(case, told, handed, at, deps)
        if not told and recall.alert_id in written:
            continue
        taken_back = (alert.recalled(allowed_now(case, alert.payload), at) for alert in told)
        rows = [deps.alerts.new_row(recall), *map(deps.alerts.recalled_row, taken_back)]
        if len(beside) + len(rows) <= ROWS_BESIDE_A_CASE:
            beside += rows
        else:
            deps.alerts.write(rows)
    return asked_to_forget(case, forgetting), beside


def _recall(
    case: Case, told: Sequence[Alert], handed: Alert | None, at: datetime, deps: Deps
) -> Alert:
    """The recall of one brand's alerts; where it is to forget who the worker is, `handed` is one of
    its alerts."""
    about = told or ([handed] if handed else [])
    return write_recall(
        case,
        told,
        allowed=min(allowed_now(case, alert.payload) for alert in about),
        handed_over=handed is not None,
        like=None if told else handed,
        desk_url=deps.settings.public_url,
        at=at,
    )
