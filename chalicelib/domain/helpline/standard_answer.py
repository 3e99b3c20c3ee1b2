"""Standard answers: what every officer says to the same question, approved and with the law cited.

An answer is a topic in one jurisdiction and one language. Its versions never change: another text
is another version, drafted by one person and approved by another one.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints, model_validator

from chalicelib.domain.calendars import zone_of
from chalicelib.domain.record.ledger import canonical
from chalicelib.domain.references import derive_id
from chalicelib.domain.text import CountryCode, LanguageTag, Line, Passage
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import Category

Topic = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]{1,30}(-[a-z0-9]{1,30}){0,5}$"),
    Field(description="What the question is about, as a slug: the same in every language."),
]


class Citation(Value):
    """Where the law says so."""

    law: Annotated[Line, Field(description="As its government names it, with its year.")]
    article: Annotated[Line, Field(description="The article, or articles.")]


class AnswerFields(Value):
    """What is said to a question, and on what grounds."""

    topic: Topic
    category: Category
    jurisdiction: CountryCode
    language: LanguageTag
    title: Annotated[Line, Field(description="What an officer finds it by.")]
    question: Annotated[Line, Field(description="As a worker would ask.")]
    text: Annotated[Passage, Field(description="What is said, in Markdown.")]
    citations: Annotated[tuple[Citation, ...], Field(min_length=1, max_length=10)]
    effective_from: Annotated[date, Field(description="The first day on which it is given.")]
    expires_on: Annotated[
        date | None, Field(description="The first day on which it is no longer given.")
    ] = None

    @model_validator(mode="after")
    def _expires_after_it_begins(self) -> Self:
        if self.expires_on and self.expires_on <= self.effective_from:
            raise ValueError("expires_on must lie after effective_from")
        return self

    @property
    def told(self) -> str:
        """What a worker reads where nobody has chosen it for her: the question comes first, so that
        she sees whether it is hers."""
        return f"{self.question}\n{self.text}"

    @property
    def stated(self) -> "AnswerFields":
        """What is said alone, without who said so and when."""
        return AnswerFields.model_construct(
            **{name: getattr(self, name) for name in AnswerFields.model_fields}
        )


class AnswerDraft(AnswerFields):
    """A text that another person may approve. A draft is not changed: it is taken back."""

    draft_id: str
    answer_id: str
    supersedes: Annotated[
        int, Field(description="The version that it takes the place of; 0 where it is the first.")
    ]
    content_hash: str
    drafted_by: Annotated[str, Field(description="The `user_id` of its author.")]
    drafted_at: Moment

    def approved(self, *, by: str, at: datetime) -> "StandardAnswer":
        """The version that it becomes."""
        same = {name: getattr(self, name) for name in _FROM_DRAFT}
        return StandardAnswer(**same, version=self.supersedes + 1, approved_by=by, approved_at=at)


class StandardAnswer(AnswerFields):
    """A published version. It never changes."""

    answer_id: str
    version: int
    content_hash: Annotated[
        str, Field(description="SHA-256 of what is said, as canonical JSON (RFC 8785).")
    ]
    drafted_by: Annotated[str, Field(description="The `user_id` of its author.")]
    drafted_at: Moment
    approved_by: Annotated[str, Field(description="The `user_id` of somebody else.")]
    approved_at: Moment


class GivenAnswer(Value):
    """Which version was given, and the hash of what it says."""

    answer_id: str
    version: int
    content_hash: str


_FROM_DRAFT = set(AnswerDraft.model_fields) & set(StandardAnswer.model_fields)


def answer_id_for(topic: str, jurisdiction: str, language: str) -> str:
    """One answer for each topic, jurisdiction and language; tags are alike in any case."""
    return derive_id("sa", topic, jurisdiction, language.lower())


def content_hash(stated: AnswerFields) -> str:
    """SHA-256 of what is said: it is kept with every call in which it was said."""
    content = canonical(stated.stated.model_dump(mode="json"))
    return hashlib.sha256(content.encode()).hexdigest()


def draft_of(
    stated: AnswerFields, *, draft_id: str, supersedes: int, by: str, at: datetime
) -> AnswerDraft:
    """A draft of what shall be said instead of version `supersedes`."""
    return AnswerDraft(
        **dict(stated),
        draft_id=draft_id,
        answer_id=answer_id_for(stated.topic, stated.jurisdiction, stated.language),
        supersedes=supersedes,
        content_hash=content_hash(stated),
        drafted_by=by,
        drafted_at=at,
    )


def today_in(jurisdiction: str, now: datetime) -> date:
    """The date where the answer is given: a law begins to hold at midnight of its own place."""
    return now.astimezone(ZoneInfo(zone_of(jurisdiction))).date()


def in_force(versions: Iterable[StandardAnswer], on: date) -> StandardAnswer | None:
    """The version of one answer that is given on a day: the newest that has begun.

    Once that has expired there is none: what it has replaced does not come back.
    """
    begun = [version for version in versions if version.effective_from <= on]
    newest = max(begun, key=lambda version: version.version, default=None)
    if newest is None or (newest.expires_on is not None and newest.expires_on <= on):
        return None
    return newest
