"""A brand's right of reply to its scorecard, from a fixed list."""

from collections.abc import Iterable

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.alerting.scorecard import BrandStatement, Scorecard
from chalicelib.usecases.alerting.read_scorecard import read_own_scorecard
from chalicelib.usecases.work.retried import retried


def answer_scorecard(
    quarter: str, statements: Iterable[BrandStatement], *, by: Principal, deps: Deps
) -> Scorecard:
    """Put statements beside the caller's numbers, instead of any before; none takes them away.

    Raises StateConflict (the card is not computed yet), NotFound, VersionConflict, Unavailable.
    """
    said = tuple(statements)

    def stated() -> Scorecard:
        card = read_own_scorecard(quarter, by=by, deps=deps)
        answered = card.answered(said, deps.now())
        if answered is not card:
            deps.scorecards.save(answered)
        return answered

    return retried(stated)
