"""How many people's data have left the jurisdictions that ask for a separate consent."""

from chalicelib.deps import Deps
from chalicelib.domain.rules import SEPARATE_CROSS_BORDER_CONSENT
from chalicelib.domain.values import Value


class BorderCrossing(Value):
    """A year's people and cases of one jurisdiction."""

    jurisdiction: str
    year: int
    people: int = 0
    cases: int = 0


def count_border_crossings(year: int, *, deps: Deps) -> list[BorderCrossing]:
    """One entry for each such jurisdiction, also where nothing crossed.

    PIPL article 38 and the CAC's provisions of 22 March 2024 on cross-border data flows set yearly
    thresholds for people (articles 5, 7, 8): this is the number to hold against them.
    """
    counted = deps.cases.crossings(SEPARATE_CROSS_BORDER_CONSENT, year)
    return [
        BorderCrossing(
            jurisdiction=border,
            year=year,
            **(counted[border]._asdict() if border in counted else {}),
        )
        for border in sorted(SEPARATE_CROSS_BORDER_CONSENT)
    ]
