"""Standard answers: drafted by one person, approved by another, suggested to every officer."""

from typing import Annotated

from pydantic import Field

from chalicelib import errors
from chalicelib.api.audiences import LEAD, READERS, STAFF
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.domain.helpline.standard_answer import (
    AnswerDraft,
    AnswerFields,
    StandardAnswer,
    Topic,
)
from chalicelib.domain.text import CountryCode, LanguageTag, Prose
from chalicelib.domain.values import Value
from chalicelib.store.standard_answers import AnswerFilter
from chalicelib.usecases.helpline import draft_answer as drafting
from chalicelib.usecases.helpline import publish_answer as publishing
from chalicelib.usecases.helpline import read_answers, suggest_answers

audience = Audience(__name__, "Standard answers")
blueprint = audience.blueprint


class AnswerQuery(Paging):
    """Which answers to list."""

    jurisdiction: CountryCode | None = None
    language: LanguageTag | None = None
    topic: Topic | None = None


class Question(Value):
    """What a worker asks. It is searched with and forgotten."""

    text: Annotated[Prose, Field(description="Her words, as they are.")]
    jurisdiction: Annotated[CountryCode, Field(description="Whose law holds for her.")]
    language: Annotated[
        LanguageTag | None, Field(description="To be answered in; if not given, as it is found.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=10)] = 5


class Suggestion(Value):
    """An answer in force that fits."""

    answer: StandardAnswer
    score: Annotated[float, Field(description="BM25: higher fits better, within one reply only.")]


class Suggestions(Value):
    """Answers that fit, one for each topic, best first; empty where nothing is in force."""

    items: list[Suggestion]


@audience.route(
    "POST",
    "/v1/answer-drafts",
    roles=LEAD,
    body=AnswerFields,
    replies={201: AnswerDraft},
    raises=[errors.StateConflict],
    example={
        "topic": "overtime-pay",
        "category": "compensation",
        "jurisdiction": "CN",
        "language": "en",
        "title": "Overtime pay",
        "question": "How much must I be paid for overtime?",
        "text": "At least 150% of your wage on working days.",
        "citations": [{"law": "Labour Law of the PRC (1994, amended 2018)", "article": "44"}],
        "effective_from": "2026-11-22",
    },
)
def draft_answer(call: Call) -> Reply:
    """Draft a standard answer, or another version of one. Somebody else has to approve it.

    A draft is not changed: take it back, and draft another one.
    """
    return Reply(drafting.draft_answer(call.body, by=call.by, deps=call.deps), 201)


@audience.route(
    "GET",
    "/v1/answer-drafts",
    roles=LEAD,
    query=Paging,
    replies={200: Listing[AnswerDraft]},
    raises=[errors.InvalidCursor],
)
def list_answer_drafts(call: Call) -> Reply:
    """List the drafts that nobody has decided about, whoever wrote them."""
    return list_reply(
        call,
        Listing[AnswerDraft],
        call.deps.standard_answers.drafts,
        lambda draft: draft,
        "/v1/answer-drafts",
    )


@audience.route(
    "GET",
    "/v1/answer-drafts/{draft_id}",
    roles=LEAD,
    replies={200: AnswerDraft},
    raises=[errors.NotFound],
)
def read_answer_draft(call: Call) -> Reply:
    """Read a draft that nobody has decided about."""
    return Reply(drafting.open_draft(call.path["draft_id"], deps=call.deps))


@audience.route(
    "DELETE",
    "/v1/answer-drafts/{draft_id}",
    roles=LEAD,
    replies={204: ""},
    raises=[errors.NotFound, errors.VersionConflict],
)
def discard_answer_draft(call: Call) -> Reply:
    """Refuse a draft, or take one's own back."""
    drafting.discard_draft(call.path["draft_id"], deps=call.deps)
    return Reply(status=204)


@audience.route(
    "POST",
    "/v1/answer-drafts/{draft_id}/approval",
    roles=LEAD,
    replies={201: StandardAnswer},
    raises=[errors.NotFound, errors.StateConflict, errors.VersionConflict],
)
def approve_answer_draft(call: Call) -> Reply:
    """Approve a draft: it is the newest version from now on, for good. Not its author can do this.

    A version that was published after it was drafted stands in its way. Nobody is told it before
    its `effective_from`: look at that day in the reply.
    """
    answer = publishing.publish_answer(call.path["draft_id"], by=call.by, deps=call.deps)
    return Reply(answer, 201)


@audience.route(
    "GET",
    "/v1/answers",
    roles=READERS,
    query=AnswerQuery,
    replies={200: Listing[StandardAnswer]},
    raises=[errors.InvalidCursor],
)
def list_answers(call: Call) -> Reply:
    """List standard answers, each in its newest version, whether in force or not."""
    wanted = AnswerFilter(call.query.jurisdiction, call.query.language, call.query.topic)
    return list_reply(
        call,
        Listing[StandardAnswer],
        lambda limit, start: call.deps.standard_answers.newest_of_all(wanted, limit, start),
        lambda answer: answer,
        "/v1/answers",
    )


@audience.route(
    "POST",
    "/v1/answers/suggestions",
    roles=STAFF,
    body=Question,
    replies={200: Suggestions},
    example={"text": "How much is overtime paid?", "jurisdiction": "CN", "language": "en"},
)
def suggest_answer(call: Call) -> Reply:
    """Suggest the answers in force that fit what a worker asks best. Nothing of it is kept."""
    asked: Question = call.body
    found = suggest_answers.suggest_answers(
        asked.text, asked.jurisdiction, asked.language, asked.limit, deps=call.deps
    )
    return Reply(
        Suggestions(items=[Suggestion(answer=each.answer, score=each.score) for each in found])
    )


@audience.route(
    "GET",
    "/v1/answers/{answer_id}",
    roles=READERS,
    replies={200: StandardAnswer},
    raises=[errors.NotFound],
)
def read_answer(call: Call) -> Reply:
    """Read the newest version of a standard answer, whether in force or not."""
    return Reply(read_answers.newest_answer(call.path["answer_id"], deps=call.deps))


@audience.route(
    "GET",
    "/v1/answers/{answer_id}/versions",
    roles=READERS,
    query=Paging,
    replies={200: Listing[StandardAnswer]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def list_answer_versions(call: Call) -> Reply:
    """List the versions of a standard answer, newest first."""
    answer_id = call.path["answer_id"]
    return list_reply(
        call,
        Listing[StandardAnswer],
        lambda limit, start: read_answers.list_answer_versions(
            answer_id, limit=limit, start=start, deps=call.deps
        ),
        lambda answer: answer,
        f"/v1/answers/{answer_id}/versions",
    )


@audience.route(
    "GET",
    "/v1/answers/{answer_id}/versions/{answer_version}",
    roles=READERS,
    replies={200: StandardAnswer},
    raises=[errors.NotFound],
)
def read_answer_version(call: Call) -> Reply:
    """Read one version of a standard answer. It never changes."""
    version = int(call.path["answer_version"])
    return Reply(read_answers.answer_version(call.path["answer_id"], version, deps=call.deps))
