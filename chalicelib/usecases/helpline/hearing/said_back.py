"""What is said back to a message, in words; and the same again to the same message."""

from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.cases.case import Case
from chalicelib.domain.helpline import conversation as talk
from chalicelib.domain.helpline.conversation import Conversation, Remembered
from chalicelib.domain.helpline.helpline_line import HelplineLine
from chalicelib.usecases.helpline.answer_by_itself import Recognised, note_answer
from chalicelib.usecases.helpline.say import answer_key, receipt_code_in, said


class Heard(NamedTuple):
    """What is said back (None: nothing), on which case, and whether it was heard before.

    `receipt_code` is hers where this message opened the case.
    """

    reply: str | None
    language: str
    grievance_id: str | None
    replayed: bool
    conversation_id: str | None = None
    receipt_code: str | None = None


def expanded(
    says: Sequence[str], case: Case | None, answer: Recognised | None, *, abroad: bool
) -> tuple[str, ...]:
    """The texts themselves, where the table has what stands for them."""
    texts: list[str] = []
    for key in says:
        if key == talk.PROGRESS:
            texts += talk.standing(case) if case else ()
        elif key == talk.ANSWER:
            texts += [answer_key(answer.answer)] if answer and answer.is_told else []
        elif key == talk.ASK_BRANDS and abroad:
            texts.append(talk.ASK_BRANDS_ABROAD)
        else:
            texts.append(key)
    return tuple(texts)


def asks(texts: Sequence[str]) -> bool:
    """Whether one of the texts is a question of consent."""
    return bool({talk.ASK_BRANDS, talk.ASK_BRANDS_ABROAD, talk.ASK_CONTACT}.intersection(texts))


def reply_of(
    texts: Sequence[str], language: str, case_id: str | None, now: Conversation, deps: Deps
) -> Heard:
    """The texts in her words, said for the first time."""
    reply = said(texts, language, case_id, deps=deps)
    code = receipt_code_in(texts, case_id, deps=deps)
    return Heard(reply, language, case_id, False, now.conversation_id, code)


def told_again(
    known: Remembered, conversation: Conversation, line: HelplineLine, deps: Deps
) -> Heard:
    """The same answer as the first time; what a kill left undone is done."""
    note_answers(known, conversation, line, deps)
    heard = reply_of(known.texts, known.language, known.grievance_id, conversation, deps)
    return heard._replace(replayed=True)


def note_answers(
    known: Remembered, conversation: Conversation, line: HelplineLine, deps: Deps
) -> None:
    """Record on her case which standard answers she was told. Again changes nothing."""
    for key in known.texts:
        if known.grievance_id is not None:
            channel, language = conversation.channel, known.language
            note_answer(key, known.grievance_id, channel, language, line.principal, deps=deps)
