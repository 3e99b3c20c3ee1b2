"""A brand's scorecard of a quarter: computed for whoever first asks for it, and then kept.

So the brand and the public read the same row, and nobody's later deed changes a past quarter.
"""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.alerting.scorecard import Quarter, Scorecard
from chalicelib.errors import NotFound, StateConflict
from chalicelib.usecases.alerting.compute_scorecard import compute_scorecard


def read_own_scorecard(quarter: str, *, by: Principal, deps: Deps) -> Scorecard:
    """The caller's own card. StateConflict before it is computed, NotFound, Unavailable."""
    asked = _named(quarter)
    if deps.now() < asked.computed_from:
        raise StateConflict(
            f"The scorecard of {asked} is computed on {asked.computed_from:%Y-%m-%d}, when the"
            " clocks of its last alerts have run out."
        )
    return _card(by.organisation, asked, deps)


def read_scorecard(brand_id: str, quarter: str, *, deps: Deps) -> Scorecard:
    """A brand's card as anybody may read it. NotFound before it is public, StateConflict while it
    is computed, Unavailable."""
    asked = _named(quarter)
    if deps.now() < asked.public_from:
        raise NotFound()
    return _card(brand_id, asked, deps)


def _named(quarter: str) -> Quarter:
    try:
        return Quarter.named(quarter)
    except ValueError as unknown:
        raise NotFound() from unknown


def _card(brand_id: str, quarter: Quarter, deps: Deps) -> Scorecard:
    kept = deps.scorecards.get(brand_id, quarter)
    if kept is not None:
        return kept
    if deps.registry.brand(brand_id) is None:
        raise NotFound()
    return compute_scorecard(brand_id, quarter, deps=deps)
