"""A brand is found to source from a factory whose cases others were told of: it is told, too."""

from collections.abc import Sequence

from chalicelib.deps import Deps
from chalicelib.domain.cases import routing
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.routing import is_with_brands
from chalicelib.errors import VersionConflict
from chalicelib.usecases.factories.find_factories import Sourcing
from chalicelib.usecases.factories.follow_merge import go_to
from chalicelib.usecases.factories.settle_factories import heir_of
from chalicelib.usecases.record.committer import committer


def tell_later(case_ids: Sequence[str], factory_id: str, *, deps: Deps) -> bool:
    """Write the alerts that brands are due of a factory's cases; the next tick publishes them.

    At most a hundred cases. Those of a factory that has turned out to be another one go there: one
    was reopened since. False where somebody else changed one of them just now: it is to be looked
    at again.
    """
    factories = deps.registry.factories([factory_id])
    if (heir := heir_of(factories.get(factory_id), deps=deps)) is not None:
        return go_to(heir, factory_id, case_ids, deps=deps)
    sourcing = Sourcing(factories, deps)
    found = deps.cases.heads(case_ids).values()
    told = [_told(case, sourcing, deps) for case in found if is_with_brands(case)]
    return all(told)


def _told(case: Case, sourcing: Sourcing, deps: Deps) -> bool:
    factory = sourcing.factory(case.factory_id or "")
    if factory is None:
        return True
    at = deps.now()
    routed = routing.tell_later(
        case,
        factory,
        sourcing.to_be_told(case, factory),
        desk_url=deps.settings.public_url,
        at=at,
        commit=committer(case, deps.keyring),
    )
    if routed.entry is None:
        return True
    within = deps.alerts.write_ahead(routed.alerts)
    rows = [
        *map(deps.alerts.new_row, within),
        *deps.cases.crossing_rows(case, routed.case, at),
    ]
    try:
        deps.cases.save(routed.case, routed.entry, rows)
    except VersionConflict:
        return False
    return True
