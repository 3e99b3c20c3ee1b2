"""More time in writing: a brand asks with a reason, the partner's supervisor grants or refuses.

Which clocks, how much and how often: `rules.EXTENSIONS`. Until it is granted a clock runs on.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from chalicelib.domain.cases.case import Case, Changed, Clock
from chalicelib.domain.dates import timestamp
from chalicelib.domain.record.ledger import Action, Commit, commitment
from chalicelib.domain.references import timed_id
from chalicelib.domain.rules import EXTENSIONS, ClockKind
from chalicelib.domain.text import Line
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import ExtensionState
from chalicelib.errors import FieldError, StateConflict, ValidationFailed

MOST_REQUESTS = 20
"""That one brand may make about one case, refused ones included."""


class NewExtension(Value):
    """Which clock a brand needs more time on, how much, and why."""

    clock: Annotated[
        ClockKind,
        Field(description="One of the `extensions` in GET /v1/rules-of-procedure, and running."),
    ]
    days: Annotated[
        int, Field(strict=True, ge=1, le=366, description="From the time it is due now.")
    ]
    reason: Annotated[Line, Field(description="The partner reads it. Name no worker.")]


class NewDecision(Value):
    """What the supervisor makes of it."""

    granted: bool
    reason: Annotated[Line, Field(description="The brand reads it. Name nobody.")]


class Extension(Value):
    """A request for more time and what has become of it: a row in the case's item collection. A
    text is null where it was erased."""

    extension_id: str
    grievance_id: str
    brand_id: str
    alert_id: str
    clock: ClockKind
    days: int
    state: ExtensionState = ExtensionState.ASKED
    reason: str | None = None
    asked_at: Moment
    decided_at: Moment | None = None
    decision_reason: str | None = None
    due_before: Annotated[Moment, Field(description="When the clock was due before it.")]
    due_at: Annotated[
        Moment | None, Field(description="When the clock is due by it; null unless granted.")
    ] = None
    revision: int = 1

    def without_words(self) -> "Extension":
        """The request without what people wrote in it."""
        bare = self.model_copy(update={"reason": None, "decision_reason": None})
        return self if bare == self else bare.model_copy(update={"revision": self.revision + 1})


def asked_for(
    case: Case,
    wish: NewExtension,
    all_of_case: Sequence[Extension],
    *,
    alert_id: str,
    brand_id: str,
    at: datetime,
) -> Extension:
    """The request, if the rules allow what is asked.

    Raises ValidationFailed (the clock is not one to be extended, or not for so long), StateConflict
    (it does not run, was extended too often, or a request is open).
    """
    _refuse_what_no_rule_allows(wish)
    clock = case.clocks.get(wish.clock)
    if clock is None or clock.met_at is not None:
        raise StateConflict(f"The clock `{wish.clock}` does not run.")
    own = [each for each in all_of_case if each.brand_id == brand_id]
    if any(each.clock is wish.clock and each.state is ExtensionState.ASKED for each in own):
        raise StateConflict("You have asked for this already. The partner decides about it.")
    if len(own) >= MOST_REQUESTS:
        raise StateConflict(f"A case takes {MOST_REQUESTS} requests. Talk to the partner directly.")
    _refuse_once_used_up(wish.clock, all_of_case)
    return Extension(
        extension_id=timed_id("ex", at, case.grievance_id, str(case.version + 1)),
        grievance_id=case.grievance_id,
        brand_id=brand_id,
        alert_id=alert_id,
        clock=wish.clock,
        days=wish.days,
        reason=wish.reason,
        asked_at=at,
        due_before=clock.due_at,
    )


def case_with_request(case: Case, extension: Extension, *, by: str, commit: Commit) -> Changed:
    """The case once a brand has asked for more time. Its clocks run on."""
    data = {
        "extension_id": extension.extension_id,
        "clock": extension.clock,
        "days": extension.days,
        "alert_id": commitment("alert_id", extension.alert_id, commit),
        "reason": commitment("reason", extension.reason, commit),
    }
    return case.recorded(
        Action.EXTENSION_ASKED,
        by=by,
        at=extension.asked_at,
        data=data,
        private={"alert_id": extension.alert_id},
        **case.words_added,
    )


def decided(
    case: Case,
    extension: Extension,
    wish: NewDecision,
    all_of_case: Sequence[Extension],
    *,
    by: str,
    at: datetime,
    commit: Commit,
) -> tuple[Extension, Changed]:
    """The request as it was decided, and its case; granted, the clock is due so many days later.

    Raises StateConflict: it was decided before, and to be granted the clock must run, the rules
    allow one more, and the time must not be over all the same.
    """
    if extension.state is not ExtensionState.ASKED:
        raise StateConflict(f"This request was decided: `{extension.state}`.")
    clocks: dict[ClockKind, Clock] = case.clocks
    due_at: datetime | None = None
    if wish.granted:
        _refuse_once_used_up(extension.clock, all_of_case)
        clocks, due_at = _extended(case, extension, at)
    state = ExtensionState.GRANTED if wish.granted else ExtensionState.REFUSED
    after = extension.model_copy(
        update={
            "state": state,
            "decided_at": at,
            "decision_reason": wish.reason,
            "due_before": case.clocks[extension.clock].due_at,
            "due_at": due_at,
            "revision": extension.revision + 1,
        }
    )
    data = {
        "extension_id": extension.extension_id,
        "clock": extension.clock,
        "due_before": timestamp(after.due_before),
        **({"due_at": timestamp(due_at)} if due_at else {}),
        "reason": commitment("reason", wish.reason, commit),
    }
    action = Action.EXTENSION_GRANTED if wish.granted else Action.EXTENSION_REFUSED
    changed = case.recorded(action, by=by, at=at, data=data, clocks=clocks, **case.words_added)
    return after, changed


def _extended(
    case: Case, extension: Extension, at: datetime
) -> tuple[dict[ClockKind, Clock], datetime]:
    clock = case.clocks.get(extension.clock)
    if clock is None or clock.met_at is not None:
        raise StateConflict(f"The clock `{extension.clock}` does not run any more.")
    clocks = case.with_clock_extended(extension.clock, extension.days, at)
    due_at = clocks[extension.clock].due_at
    if due_at <= at:
        raise StateConflict("That time would be over, too. The brand may ask for more.")
    return clocks, due_at


def _refuse_what_no_rule_allows(wish: NewExtension) -> None:
    rule = EXTENSIONS.get(wish.clock)
    if rule is None:
        known = ", ".join(f"`{kind}`" for kind in EXTENSIONS)
        detail = f"More time can be asked on: {known}."
        raise ValidationFailed(errors=[FieldError("clock", "not_extendable", detail)])
    if wish.days > rule.longest_days:
        detail = f"This clock takes {rule.longest_days} days at a time."
        raise ValidationFailed(errors=[FieldError("days", "too_long", detail)])


def _refuse_once_used_up(kind: ClockKind, all_of_case: Sequence[Extension]) -> None:
    """Whoever asked: the clock is the case's."""
    granted = [e for e in all_of_case if (e.clock, e.state) == (kind, ExtensionState.GRANTED)]
    if len(granted) >= EXTENSIONS[kind].most:
        raise StateConflict(
            f"The clock `{kind}` was extended {len(granted)} times. It takes no more."
        )
