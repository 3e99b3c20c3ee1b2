"""Examples of standard answers: a draft, the version it becomes, a suggestion."""

from datetime import timedelta

from pydantic import BaseModel

from chalicelib.api.description import people_examples as people
from chalicelib.api.description.story import AT, PARTNER, SECRET, request_of, token
from chalicelib.api.helpline.calls import CallView, GivenCallView
from chalicelib.api.helpline.standard_answers import Suggestion, Suggestions
from chalicelib.domain.helpline.call import CallOutcome, LoggedCall
from chalicelib.domain.helpline.call_statistics import CallStatistics, counted, statistics_of
from chalicelib.domain.helpline.standard_answer import (
    AnswerDraft,
    AnswerFields,
    GivenAnswer,
    StandardAnswer,
    answer_id_for,
    draft_of,
)
from chalicelib.domain.references import derive_id, secret_id


def draft() -> AnswerDraft:
    """The draft of the story."""
    stated = AnswerFields.model_validate(request_of("draft_answer"))
    answer_id = answer_id_for(stated.topic, stated.jurisdiction, stated.language)
    return draft_of(
        stated,
        draft_id=derive_id("ad", answer_id, token(16)),
        supersedes=0,
        by=derive_id("u", "the author of an example"),
        at=AT,
    )


def answer() -> StandardAnswer:
    """The version that it becomes."""
    return draft().approved(by=people.user().user_id, at=AT + timedelta(hours=1))


def call() -> CallView:
    """The call of the story."""
    return CallView(
        **{"grievance_id": None, "given": None, "deviation": None, **request_of("log_call")},
        call_id=secret_id("cl", SECRET, PARTNER, "example"),
        logged_by=people.user().user_id,
        logged_at=AT,
    )


def given_call() -> GivenCallView:
    """The same, as one in which an answer was given."""
    published = answer()
    given = GivenAnswer(
        answer_id=published.answer_id,
        version=published.version,
        content_hash=published.content_hash,
    )
    told = {**dict(call()), "given": given, "outcome": CallOutcome.ANSWERED}
    return GivenCallView(**told, contact_back=False, newest_version=published.version)


def statistics() -> CallStatistics:
    """The month of the story, which has seen one call."""
    told = call()
    logged = LoggedCall(**dict(told), partner_id=PARTNER, fingerprint="")
    return statistics_of(f"{told.logged_at:%Y-%m}", [counted(logged)])


def examples() -> list[BaseModel]:
    """One of each view."""
    suggested = Suggestion(answer=answer(), score=1.25)
    return [draft(), answer(), Suggestions(items=[suggested]), call(), given_call(), statistics()]
