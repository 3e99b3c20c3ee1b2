"""Questions and extensions as brands and partners see them, the same for both; and what a factory
sees of a question to it."""

from typing import Annotated

from pydantic import Field

from chalicelib.api.views import shown
from chalicelib.domain.cases.extension import Extension
from chalicelib.domain.cases.question import Answer, Question
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import Addressee, Category, ExtensionState
from chalicelib.store.revised_rows import QuestionOfCase


class QuestionView(Value):
    """A brand's question and the answers of who was asked. A text is null where it was erased, an
    answer's also where the worker agrees to less than when it was written."""

    question_id: str
    brand_id: str
    alert_id: str
    to: Addressee
    text: str | None
    asked_at: Moment
    answer_by: Annotated[
        Moment | None, Field(description="Until when a factory is to answer; null for a partner.")
    ]
    answers: tuple[Answer, ...]


class OwnAnswer(Value):
    """What the factory has answered; the text is null where it was erased."""

    at: Moment
    text: str | None


class FactoryQuestion(Value):
    """What a brand asks a factory: nothing of the case but its category. The text is null where it
    was erased."""

    question_id: str
    brand_id: str
    category: Category
    text: str | None
    asked_at: Moment
    answer_by: Annotated[Moment, Field(description="Nothing happens by itself where you do not.")]
    answers: tuple[OwnAnswer, ...]


class ExtensionView(Value):
    """A brand's request for more time. Texts are null where they were erased."""

    extension_id: str
    brand_id: str
    alert_id: str
    clock: ClockKind
    days: int
    state: ExtensionState
    reason: str | None
    asked_at: Moment
    decided_at: Moment | None
    decision_reason: str | None
    due_before: Annotated[Moment, Field(description="When the clock was due without it.")]
    due_at: Annotated[
        Moment | None, Field(description="When the clock was due by it; null unless granted.")
    ]


def question_view(question: Question) -> QuestionView:
    """A question. Who answered is not said: a brand is never told who the partner is."""
    return shown(QuestionView, question)


def factory_question(asked: QuestionOfCase) -> FactoryQuestion:
    """A question that `is_known_to` the factory, as it sees it. Only call with such a one."""
    question, case = asked
    return shown(
        FactoryQuestion,
        question,
        category=case.categories[0],
        answers=tuple(shown(OwnAnswer, answer) for answer in question.answers),
    )


def extension_view(extension: Extension) -> ExtensionView:
    """A request for more time. Who decided is not said."""
    return shown(ExtensionView, extension)
