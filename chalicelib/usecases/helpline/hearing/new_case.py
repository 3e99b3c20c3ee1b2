"""A message that opens a case of its own: her first one, or the first since hers was over."""

from pydantic import ValidationError

from chalicelib.deps import Deps
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.facts import Filing
from chalicelib.domain.factories.registry import Factory
from chalicelib.domain.helpline import conversation as talk
from chalicelib.domain.helpline.conversation import Conversation, Move
from chalicelib.domain.helpline.inbound import Inbound
from chalicelib.domain.identities.identity import WorkerIdentity
from chalicelib.domain.vocabulary import Category, Channel, IntakeType
from chalicelib.errors import IdempotencyConflict
from chalicelib.store.table import Row
from chalicelib.usecases.cases.submit_grievance import submit_grievance
from chalicelib.usecases.helpline.answer_by_itself import Recognised, recognised
from chalicelib.usecases.helpline.hearing.kept_with_case import media_rows
from chalicelib.usecases.helpline.hearing.said_back import (
    Heard,
    expanded,
    note_answers,
    reply_of,
    told_again,
)
from chalicelib.usecases.helpline.hearing.turn import Turn, as_reported, factory_and_question


def open_by_message(turn: Turn, move: Move, deps: Deps) -> Heard:
    """Her first message, or the first since her case was over: a case of its own."""
    factory, asked = factory_and_question(turn, deps)
    country = turn.line.jurisdiction or (factory.country if factory else turn.message.country)
    answer = recognised(asked, country, turn.language, turn.message.channel, deps=deps)
    filing = _filing(turn, factory, country, answer)
    abroad = talk.goes_abroad(filing)
    texts = expanded(move.says, None, answer, abroad=abroad)

    def conversation(case: Case) -> Conversation:
        return turn.before.having(
            turn.remembered(texts, case.grievance_id),
            step=move.to,
            grievance_id=case.grievance_id,
            language=turn.language,
            choosing_language=False,
            script=talk.script_of(turn.language, abroad=abroad),
            factory_asked=False,
        )

    def beside(case: Case) -> list[Row]:
        opening = deps.conversations.opening_rows(case.grievance_id, conversation(case))
        return [*opening, *media_rows(turn, case.grievance_id, move.to, deps)]

    try:
        submitted = submit_grievance(
            filing,
            worker=_identity(turn.message),
            idempotency_key=f"{turn.before.conversation_id}:{turn.message.message_id}",
            by=turn.line.principal,
            deps=deps,
            beside=beside,
        )
    except IdempotencyConflict:  # filed long ago, understood in another way then
        return Heard(None, turn.language, None, True, turn.before.conversation_id)
    case_id = submitted.receipt.grievance_id
    if submitted.replayed:
        return _opened_already(turn, case_id, deps)
    if answer is not None and answer.is_told:
        note_answers(turn.remembered(texts, case_id), turn.before, turn.line, deps)
    return reply_of(texts, turn.language, case_id, turn.before, deps)


def _opened_already(turn: Turn, case_id: str, deps: Deps) -> Heard:
    """The same message, delivered twice at once; or again after its conversation was erased."""
    now = deps.conversations.get(turn.before.conversation_id)
    if now is not None and (known := now.heard_before(turn.mark)) is not None:
        return told_again(known, now, turn.line, deps)
    heard = reply_of(("chat.received",), turn.language, case_id, turn.before, deps)
    return heard._replace(replayed=True)


def _filing(
    turn: Turn, factory: Factory | None, country: str | None, answer: Recognised | None
) -> Filing:
    """An enquiry until an officer says what it is; no consent to anything."""
    return Filing(
        intake_type=IntakeType.ENQUIRY,
        channel=turn.message.channel,
        categories=(answer.answer.category if answer else Category.OTHER,),
        narrative=turn.text or None,
        factory_reported=as_reported(factory),
        language=turn.language,
        jurisdiction=country,
    )


_FIELD = {
    Channel.SMS: "phone",
    Channel.PHONE: "phone",
    Channel.WHATSAPP: "whatsapp",
    Channel.QQ: "qq",
    Channel.WECHAT: "wechat",
}


def _identity(message: Inbound) -> WorkerIdentity | None:
    """How she can be reached; None where what names her is no number or account."""
    field = _FIELD.get(message.channel)
    try:
        return WorkerIdentity.model_validate({field: message.sender}) if field else None
    except ValidationError:
        return None
