"""Questions and extensions as brands and partners see them: the same for both."""

from typing import Annotated

from pydantic import Field

from chalicelib.api.views import shown
from chalicelib.domain.extension import Extension
from chalicelib.domain.question import Answer, Question
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import ExtensionState


class QuestionView(Value):
    """A brand's question and the partner's answers. A text is null where it was erased, an answer's
    also where the worker agrees to less than when it was written."""

    question_id: str
    brand_id: str
    alert_id: str
    text: str | None
    asked_at: Moment
    answers: tuple[Answer, ...]


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


def extension_view(extension: Extension) -> ExtensionView:
    """A request for more time. Who decided is not said."""
    return shown(ExtensionView, extension)
