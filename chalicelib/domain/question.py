"""What a brand asks the partner about a case, and what the partner answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from chalicelib.domain.case import Case, Changed
from chalicelib.domain.consent import Detail, told_at
from chalicelib.domain.ledger import Action, Commit, commitment
from chalicelib.domain.references import timed_id
from chalicelib.domain.text import Prose
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import ConsentLevel
from chalicelib.errors import StateConflict

MOST_QUESTIONS = 50
"""That one brand may ask about one case."""

MOST_ANSWERS = 10
LONGEST_QUESTION = 2_000
LONGEST_ANSWER = 4_000
"""With these a question fits one item (400 KB), whatever the script."""


class NewQuestion(Value):
    """What a brand wants to know."""

    text: Annotated[
        Prose,
        Field(
            max_length=LONGEST_QUESTION,
            description="The partner reads it. Do not ask who spoke: that is retaliation.",
        ),
    ]


class NewAnswer(Value):
    """What the partner answers."""

    text: Annotated[
        Prose,
        Field(
            max_length=LONGEST_ANSWER,
            description="The brand reads it. Name nobody, and no factory that it does not know.",
        ),
    ]


class Answer(Value):
    """An answer of the partner; the text is null where it was erased, or may not be read now."""

    at: Moment
    text: str | None = None
    readable_from: ConsentLevel


class Question(Value):
    """A question of a brand with its answers: a row in the case's item collection."""

    question_id: str
    grievance_id: str
    brand_id: str
    alert_id: str
    text: str | None = None
    asked_at: Moment
    answers: tuple[Answer, ...] = ()
    revision: int = 1

    def without_words(self) -> "Question":
        """The question without what people wrote in it."""
        bare = tuple(answer.model_copy(update={"text": None}) for answer in self.answers)
        return self._changed_to(text=None, answers=bare)

    def answered(self, text: str, readable_from: ConsentLevel, at: datetime) -> "Question":
        """The question with one more answer. StateConflict (too many)."""
        if len(self.answers) >= MOST_ANSWERS:
            raise StateConflict(f"A question takes {MOST_ANSWERS} answers. Write a message.")
        answer = Answer(at=at, text=text, readable_from=readable_from)
        return self._changed_to(answers=(*self.answers, answer))

    def shown_while(self, allowed: Detail) -> "Question":
        """The question as its brand may read it while this much is allowed."""
        answers = tuple(
            answer
            if told_at(answer.readable_from) <= allowed
            else answer.model_copy(update={"text": None})
            for answer in self.answers
        )
        return self.model_copy(update={"answers": answers})

    def _changed_to(self, **updates: object) -> "Question":
        changed = self.model_copy(update=updates)
        if changed == self:
            return self
        return changed.model_copy(update={"revision": self.revision + 1})


def asked(
    case: Case,
    wish: NewQuestion,
    earlier: Sequence[Question],
    *,
    alert_id: str,
    brand_id: str,
    at: datetime,
) -> Question:
    """The question. `earlier` are the brand's about the case. StateConflict (too many)."""
    if len(earlier) >= MOST_QUESTIONS:
        raise StateConflict(f"A case takes {MOST_QUESTIONS} questions. Talk to the partner.")
    return Question(
        question_id=timed_id("q", at, case.grievance_id, str(case.version + 1)),
        grievance_id=case.grievance_id,
        brand_id=brand_id,
        alert_id=alert_id,
        text=wish.text,
        asked_at=at,
    )


def case_with_question(
    case: Case, question: Question, message_id: str, *, by: str, commit: Commit
) -> Changed:
    """The case once a brand has asked."""
    data = {
        "question_id": question.question_id,
        "message_id": message_id,
        "alert_id": commitment("alert_id", question.alert_id, commit),
        "text": commitment("text", question.text, commit),
    }
    return case.recorded(
        Action.QUESTION_ASKED,
        by=by,
        at=question.asked_at,
        data=data,
        private={"alert_id": question.alert_id},
        **case.words_added,
    )


def case_with_answer(
    case: Case, question: Question, message_id: str, *, by: str, commit: Commit
) -> Changed:
    """The case once the partner has given the latest of a question's answers."""
    latest = question.answers[-1]
    data = {
        "question_id": question.question_id,
        "message_id": message_id,
        "text": commitment("text", latest.text, commit),
    }
    return case.recorded(
        Action.QUESTION_ANSWERED, by=by, at=latest.at, data=data, **case.words_added
    )
