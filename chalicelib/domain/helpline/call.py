"""A call to the helpline, as its officer logs it: what it was about, and what was said.

It says nothing of who called. Everything in it is a code, a number or an id; there is no text in
which a name could stand.
"""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from chalicelib.domain.cases.case import Case, Changed
from chalicelib.domain.helpline.standard_answer import GivenAnswer, Topic
from chalicelib.domain.record.ledger import Action, canonical
from chalicelib.domain.text import CountryCode, GrievanceId, LanguageTag
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import Channel, IntakeType

AnswerId = Annotated[str, StringConstraints(pattern=r"^sa_[0-9a-z]{26}$")]


class CallOutcome(StrEnum):
    """How a call ended."""

    ANSWERED = "answered"
    CALL_BACK_PROMISED = "call_back_promised"
    CASE_OPENED = "case_opened"
    CASE_UPDATED = "case_updated"
    REFERRED = "referred"
    NO_ANSWER_KNOWN = "no_answer_known"
    CUT_OFF = "cut_off"


class Deviation(StrEnum):
    """Why something else was said than the standard answer."""

    LAW_HAS_CHANGED = "law_has_changed"
    LOCAL_RULE_DIFFERS = "local_rule_differs"
    ANSWER_INCOMPLETE = "answer_incomplete"
    ANSWER_WRONG = "answer_wrong"
    HER_CASE_IS_SPECIAL = "her_case_is_special"
    NOT_UNDERSTOOD = "not_understood"


class AnswerVersion(Value):
    """Which version of a standard answer was on the officer's screen."""

    answer_id: AnswerId
    version: Annotated[int, Field(ge=1, le=999_999)]


class CallFields(Value):
    """What an officer says about a call."""

    intake_type: IntakeType
    topic: Topic
    jurisdiction: CountryCode
    language: Annotated[LanguageTag, Field(description="In which was spoken.")]
    channel: Channel
    grievance_id: Annotated[
        GrievanceId | None, Field(description="Your case that the call was about, or opened.")
    ] = None
    given: Annotated[
        AnswerVersion | None, Field(description="null where there was no standard answer.")
    ] = None
    deviation: Annotated[
        Deviation | None, Field(description="Why something else was said; null where nothing was.")
    ] = None
    duration_seconds: Annotated[int, Field(ge=0, le=86_400)]
    outcome: CallOutcome

    @model_validator(mode="after")
    def _deviates_from_something(self) -> Self:
        if self.deviation is not None and self.given is None:
            raise ValueError("deviation needs the answer that was deviated from, in given")
        return self

    @property
    def fingerprint(self) -> str:
        """A hash of all of it: the same for a repeat, another one for another call."""
        return hashlib.sha256(canonical(self.model_dump(mode="json")).encode()).hexdigest()


class LoggedCall(Value):
    """A call, as it is kept."""

    call_id: str
    partner_id: str
    logged_by: Annotated[str, Field(description="The `user_id` of the officer.")]
    logged_at: Moment
    intake_type: IntakeType
    topic: Topic
    jurisdiction: CountryCode
    language: LanguageTag
    channel: Channel
    grievance_id: str | None = None
    given: GivenAnswer | None = None
    deviation: Deviation | None = None
    duration_seconds: int
    outcome: CallOutcome
    fingerprint: str


def answer_given(case: Case, call: LoggedCall, *, by: str, at: datetime) -> Changed:
    """The case, once a standard answer was given in a call about it."""
    given = None if call.given is None else call.given.model_dump(mode="json")
    data = {"call_id": call.call_id, "answer": given, "deviation": call.deviation}
    return case.recorded(Action.ANSWER_GIVEN, by=by, at=at, data=data, standard_answer=call.given)
