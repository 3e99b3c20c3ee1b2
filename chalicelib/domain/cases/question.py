"""What a brand asks the partner, or the factory, about a case, and what is answered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from chalicelib.domain.alerting.alert import Alert
from chalicelib.domain.cases.case import Case, Changed
from chalicelib.domain.cases.consent import Detail, Way, release, told_at
from chalicelib.domain.record.ledger import Action, Commit, commitment
from chalicelib.domain.references import timed_id
from chalicelib.domain.rules import factory_answers_by
from chalicelib.domain.text import Prose
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import Addressee, ConsentLevel
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
            description="Who is asked reads it, and the partner. Do not ask who spoke: that is"
            " retaliation.",
        ),
    ]
    to: Annotated[
        Addressee,
        Field(
            description="`factory`: the management of the factory reads the text as it stands here,"
            " with the category of the case and who asks. Write nothing in it that points to a"
            " person: no name, line, shift or day. It needs an alert that names the factory."
        ),
    ] = Addressee.PARTNER


class NewAnswer(Value):
    """What the partner answers."""

    text: Annotated[
        Prose,
        Field(
            max_length=LONGEST_ANSWER,
            description="The brand reads it. Name nobody, and no factory that it does not know.",
        ),
    ]


class NewFactoryAnswer(Value):
    """What the factory answers."""

    text: Annotated[
        Prose,
        Field(
            max_length=LONGEST_ANSWER,
            description="The brand that asks reads it, and who brought the case. Say what is so,"
            " and what you do about it. Name no worker, and do not look for who spoke: that is"
            " retaliation.",
        ),
    ]


class Answer(Value):
    """An answer of who was asked; the text is null where it was erased, or may not be read now."""

    at: Moment
    text: str | None = None
    readable_from: ConsentLevel


class AskedFactory(Value):
    """The factory that is asked, where it is, and until when it is to answer."""

    factory_id: str
    country: str | None = None
    answer_by: Moment


class Question(Value):
    """A question of a brand with its answers: a row in the case's item collection.

    It is for the partner, or for a `factory`.
    """

    question_id: str
    grievance_id: str
    brand_id: str
    alert_id: str
    text: str | None = None
    asked_at: Moment
    factory: AskedFactory | None = None
    answers: tuple[Answer, ...] = ()
    revision: int = 1

    @property
    def to(self) -> Addressee:
        """Who is asked."""
        return Addressee.FACTORY if self.factory else Addressee.PARTNER

    @property
    def answer_by(self) -> datetime | None:
        """Until when a factory is to answer; of the partner nobody says."""
        return self.factory.answer_by if self.factory else None

    def is_known_to(self, factory_id: str, case: Case) -> bool:
        """Whether this factory may know of the question, as its case stands: it is the one that was
        asked, the case is about no other one by now, and the worker agrees to as much."""
        asked = self.factory
        if asked is None or not factory_id == asked.factory_id == case.factory_id:
            return False
        countries = (case.law, case.factory_reported.country, asked.country)
        return release(case.agreed, Way.FACTORY_DESK, *countries).names_factory

    def without_words(self) -> "Question":
        """The question without what people wrote in it."""
        bare = tuple(answer.model_copy(update={"text": None}) for answer in self.answers)
        return self._changed_to(text=None, answers=bare)

    def answered(self, text: str, readable_from: ConsentLevel, at: datetime) -> "Question":
        """The question with one more answer. StateConflict (too many)."""
        if len(self.answers) >= MOST_ANSWERS:
            raise StateConflict(f"A question takes {MOST_ANSWERS} answers.")
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
    factory: AskedFactory | None = None,
) -> Question:
    """The question, to the partner or to a factory. `earlier` are the brand's about the case.

    StateConflict (too many).
    """
    if len(earlier) >= MOST_QUESTIONS:
        raise StateConflict(f"A case takes {MOST_QUESTIONS} questions. Talk to the partner.")
    return Question(
        question_id=timed_id("q", at, case.grievance_id, str(case.version + 1)),
        grievance_id=case.grievance_id,
        brand_id=brand_id,
        alert_id=alert_id,
        text=wish.text,
        asked_at=at,
        factory=factory,
    )


def asked_factory(case: Case, alert: Alert, at: datetime) -> AskedFactory:
    """The factory that an alert names to its brand, as things stand.

    StateConflict where it names none, or the case is about another one by now.
    """
    shown = alert.shown(case)
    named = shown.factory if shown else None
    if shown is None or named is None:
        raise StateConflict("This alert does not name the factory, so you cannot ask it.")
    if named.factory_id != case.factory_id:
        raise StateConflict("The case is about another factory by now. Ask the partner.")
    return AskedFactory(
        factory_id=named.factory_id,
        country=shown.country,
        answer_by=factory_answers_by(at, shown.country),
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
    private = {"alert_id": question.alert_id}
    if question.factory is not None:
        factory_id = question.factory.factory_id
        data |= {"to": question.to, "factory_id": commitment("factory_id", factory_id, commit)}
        private["factory_id"] = factory_id
    return case.recorded(
        Action.QUESTION_ASKED,
        by=by,
        at=question.asked_at,
        data=data,
        private=private,
        **case.words_added,
    )


def case_with_answer(
    case: Case, question: Question, message_id: str, *, by: str, commit: Commit
) -> Changed:
    """The case once who was asked has given the latest of a question's answers."""
    latest = question.answers[-1]
    data = {
        "question_id": question.question_id,
        "message_id": message_id,
        "text": commitment("text", latest.text, commit),
    }
    return case.recorded(
        Action.QUESTION_ANSWERED, by=by, at=latest.at, data=data, **case.words_added
    )
