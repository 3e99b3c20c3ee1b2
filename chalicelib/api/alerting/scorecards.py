"""Scorecards: what brands did about what they were told, quarter by quarter."""

from typing import Annotated

from pydantic import Field

from chalicelib import errors
from chalicelib.api.audiences import DESK
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.views import shown
from chalicelib.domain.alerting.scorecard import BrandStatement, Figures, QuarterName, Scorecard
from chalicelib.domain.values import Moment, Value
from chalicelib.usecases.alerting.answer_scorecard import answer_scorecard as use_answer_scorecard
from chalicelib.usecases.alerting.read_scorecard import read_own_scorecard as use_read_own_scorecard
from chalicelib.usecases.alerting.read_scorecard import read_scorecard as use_read_scorecard

audience = Audience(__name__, "Scorecards")
blueprint = audience.blueprint


class ScorecardView(Value):
    """A brand's numbers of a quarter, and its answer to them: the same for it and for anybody."""

    brand_id: str
    quarter: QuarterName
    computed_at: Annotated[Moment, Field(description="The numbers are of this moment.")]
    public_from: Annotated[Moment, Field(description="From then on anybody reads this.")]
    figures: Figures
    statements: Annotated[
        tuple[BrandStatement, ...],
        Field(
            description="What the brand says. `acted_on_all`: it has acted on every case."
            " `still_at_work`. `disputes_facts`: not all that was said has happened."
            " `disputes_sourcing`: it did not buy there at the time. `factory_did_not_cooperate`."
            " `told_too_late`. `no_statement`: it does not want to say anything."
        ),
    ]
    stated_at: Moment | None


class NewStatements(Value):
    """What a brand says to its numbers."""

    statements: Annotated[tuple[BrandStatement, ...], Field(max_length=len(BrandStatement))]


@audience.route(
    "GET",
    "/v1/scorecards/{quarter}",
    roles=DESK,
    replies={200: ScorecardView},
    raises=[errors.NotFound, errors.StateConflict],
)
def read_own_scorecard(call: Call) -> Reply:
    """Read your scorecard of a quarter, two weeks before anybody else does.

    It is computed 30 days after the quarter's end, when the clocks of its last alerts have run out,
    and its numbers do not change any more. Withheld is what could point at one of a few cases.
    `state_conflict` before that, and, over more than 100 alerts, for a minute after it was first
    asked for.
    """
    card = use_read_own_scorecard(call.path["quarter"], by=call.by, deps=call.deps)
    return _reply(card)


@audience.route(
    "PUT",
    "/v1/scorecards/{quarter}/statements",
    roles=DESK,
    body=NewStatements,
    replies={200: ScorecardView},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
    example={"statements": ["still_at_work", "factory_did_not_cooperate"]},
)
def answer_scorecard(call: Call) -> Reply:
    """Say something to your numbers, from a fixed list; it is published beside them.

    It replaces what you said before. An empty list takes that away.
    """
    body: NewStatements = call.body
    card = use_answer_scorecard(call.path["quarter"], body.statements, by=call.by, deps=call.deps)
    return _reply(card)


@audience.route(
    "GET",
    "/v1/brands/{brand_id}/scorecards/{quarter}",
    replies={200: ScorecardView},
    raises=[errors.NotFound, errors.StateConflict],
)
def read_scorecard(call: Call) -> Reply:
    """Read a brand's scorecard of a quarter, six weeks and two days after its end.

    The same numbers that the brand reads of itself, and what it says to them. `state_conflict`
    while they are computed: ask again in a minute.
    """
    card = use_read_scorecard(call.path["brand_id"], call.path["quarter"], deps=call.deps)
    return _reply(card, {"Cache-Control": "public, max-age=3600"})


def _reply(card: Scorecard, headers: dict[str, str] | None = None) -> Reply:
    return Reply(shown(ScorecardView, card), headers=headers or {})
