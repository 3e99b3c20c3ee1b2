"""What partners are told about their cases, that somebody may act."""

from typing import Annotated

from pydantic import Field

from chalicelib import errors
from chalicelib.api.audiences import STAFF
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.api.views import shown
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import Category, EscalationLevel, SignalKind
from chalicelib.usecases.cases.list_signals import list_signals as use_list_signals

audience = Audience(__name__, "Partners")
blueprint = audience.blueprint


class SignalQuery(Paging):
    """Which signals: all, or those of a kind."""

    kind: SignalKind | None = None


class SignalView(Value):
    """One thing you are told about a case of yours, or about several, once."""

    signal_id: str
    grievance_id: Annotated[str | None, Field(description="Null where it is about no one case.")]
    public_ref: str | None
    factory_id: Annotated[
        str | None, Field(description="The factory that `coalition` and `silence` are about.")
    ]
    category: Annotated[Category | None, Field(description="The one of a `coalition`.")]
    kind: Annotated[
        SignalKind,
        Field(
            description="`reminder`: a clock of yours runs out soon. `overdue`: it has run out."
            " `brand_overdue`: the brands have not done what they were asked, nor have their"
            " escalation contacts. `recall_overdue`: one of them has not acknowledged a recall."
            " `hold_ended`: the case is taken up again, because its hold was over."
            " `retaliation_reported`: so says a check-in; file it as a case of its own,"
            " linked to this one as `retaliation_of`. `question_asked`: a brand wants to know"
            " something, of you or of the factory (`to` of the question)."
            " `extension_asked`: a brand wants more time on `clock`."
            " `cross_border_consent_missing`: her case reaches into a country that asks for a"
            " consent of its own before anything leaves it; have her asked again"
            " (`POST …/consent-questions`)."
            " `coalition`: cases of yours and of other partners say the same of a factory; its"
            " brands were told, without a name. `silence`: you hear far less of a factory than you"
            " used to; ask why."
        ),
    ]
    clock: Annotated[ClockKind | None, Field(description="Null where none is meant.")]
    level: EscalationLevel | None
    due_at: Annotated[
        Moment,
        Field(
            description="When it was to be done, the hold was over, it was said, or the silent"
            " month ended."
        ),
    ]
    at: Moment


@audience.route(
    "GET",
    "/v1/signals",
    roles=STAFF,
    query=SignalQuery,
    replies={200: Listing[SignalView]},
    raises=[errors.InvalidCursor],
)
def list_signals(call: Call) -> Reply:
    """List what you were told about your cases that somebody should act on, newest first."""
    query: SignalQuery = call.query
    return list_reply(
        call,
        Listing[SignalView],
        lambda limit, start: use_list_signals(
            kind=query.kind, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        lambda signal: shown(SignalView, signal),
        "/v1/signals",
    )
