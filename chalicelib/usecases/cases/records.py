"""What alerts belong to: a case, or a coalition of several."""

from collections.abc import Sequence

from chalicelib.deps import Deps
from chalicelib.domain.alerting.alert import Alert, is_of_coalition
from chalicelib.domain.alerting.coalition import ChangedCoalition, Record
from chalicelib.domain.cases.case import Changed
from chalicelib.store.table import Row


def record_of(alert: Alert, *, deps: Deps) -> Record | None:
    """What an alert belongs to, read consistently; None where it is not there."""
    if is_of_coalition(alert.alert_id):
        return deps.coalitions.head(alert.grievance_id)
    return deps.cases.head(alert.grievance_id)


def records(ids: Sequence[str], *, deps: Deps) -> dict[str, Record]:
    """The cases and the coalitions among some ids that exist and can be read."""
    coalitions = [each for each in ids if each.startswith("c_")]
    cases = [each for each in ids if not each.startswith("c_")]
    found: dict[str, Record] = dict(deps.cases.heads(cases)) if cases else {}
    return found | (deps.coalitions.heads(coalitions) if coalitions else {})


def save_record(changed: Changed | ChangedCoalition, rows: Sequence[Row], *, deps: Deps) -> None:
    """Write it with its entry and further rows, all or nothing. Raises VersionConflict."""
    if isinstance(changed, Changed):
        deps.cases.save(changed.case, changed.entry, rows)
    else:
        deps.coalitions.save(changed.coalition, changed.entry, rows)


def record_in(changed: Changed | ChangedCoalition) -> Record:
    """The record itself."""
    return changed.case if isinstance(changed, Changed) else changed.coalition
