"""What a month of calls says: what was asked, how alike it was answered, what nobody could answer.

Consistency: of the calls in which a standard answer was on the officer's screen, the share in which
it was what she said.
"""

from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import Field

from chalicelib.domain.helpline.call import CallOutcome, LoggedCall
from chalicelib.domain.text import CountryCode
from chalicelib.domain.values import Share, Value
from chalicelib.domain.vocabulary import IntakeType

MOST_TOPICS = 100
"""In each of the two lists."""


class TopicCount(Value):
    """The calls of a month about one topic, under one country's law."""

    topic: str
    jurisdiction: CountryCode
    calls: int = 0
    enquiries: int = 0
    given: Annotated[int, Field(description="With a standard answer on the officer's screen.")] = 0
    deviated: Annotated[int, Field(description="Of these, in which something else was said.")] = 0
    no_answer_known: Annotated[
        int, Field(description="In which there was no standard answer, or that ended so.")
    ] = 0
    seconds: Annotated[int, Field(description="That they took together.")] = 0


class CallStatistics(Value):
    """A month of one partner's calls."""

    month: str
    calls: int
    enquiries: int
    given: Annotated[int, Field(description="With a standard answer on the officer's screen.")]
    consistency: Annotated[
        Share | None,
        Field(description="Of these, in which it was what was said; null where there were none."),
    ]
    mean_seconds: Annotated[int | None, Field(description="That a call took; null without any.")]
    top_topics: Annotated[
        tuple[TopicCount, ...], Field(description="What was asked most often, most first.")
    ]
    unanswered: Annotated[
        tuple[TopicCount, ...],
        Field(description="What there was no answer to most often: what to write one for."),
    ]


def counted(call: LoggedCall) -> TopicCount:
    """What one call adds to its topic."""
    unanswered = call.given is None or call.outcome is CallOutcome.NO_ANSWER_KNOWN
    return TopicCount(
        topic=call.topic,
        jurisdiction=call.jurisdiction,
        calls=1,
        enquiries=int(call.intake_type is IntakeType.ENQUIRY),
        given=int(call.given is not None),
        deviated=int(call.deviation is not None),
        no_answer_known=int(unanswered),
        seconds=call.duration_seconds,
    )


def statistics_of(month: str, topics: Sequence[TopicCount]) -> CallStatistics:
    """The month, of the counts of all its topics."""
    calls, given = sum(t.calls for t in topics), sum(t.given for t in topics)
    deviated, seconds = sum(t.deviated for t in topics), sum(t.seconds for t in topics)
    return CallStatistics(
        month=month,
        calls=calls,
        enquiries=sum(t.enquiries for t in topics),
        given=given,
        consistency=(given - deviated) / given if given else None,
        mean_seconds=round(seconds / calls) if calls else None,
        top_topics=_most(topics, lambda t: t.calls),
        unanswered=_most(topics, lambda t: t.no_answer_known),
    )


def _most(topics: Sequence[TopicCount], of: Callable[[TopicCount], int]) -> tuple[TopicCount, ...]:
    found = [topic for topic in topics if of(topic)]
    found.sort(key=lambda topic: (-of(topic), topic.topic, topic.jurisdiction))
    return tuple(found[:MOST_TOPICS])
