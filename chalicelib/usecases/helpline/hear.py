"""Hear what a worker says on a line, and tell what to answer her.

What may be said and what follows is in `domain.helpline.conversation`; here it is done. Whatever a
message changes, in her case and in what is remembered of the conversation, is one transaction, so
that a message that is sent again, or twice at once, finds all of it done or nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError

from chalicelib.deps import Deps
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.facts import FactoryReported, Filing
from chalicelib.domain.cases.transitions import ENDED
from chalicelib.domain.factories.registry import Factory
from chalicelib.domain.helpline import conversation as talk
from chalicelib.domain.helpline.chat_words import Said, Understood, understood
from chalicelib.domain.helpline.conversation import Conversation, Effect, Move, Remembered, Step
from chalicelib.domain.helpline.helpline_line import HelplineLine
from chalicelib.domain.helpline.inbound import Inbound
from chalicelib.domain.helpline.media import media_of
from chalicelib.domain.helpline.poster import poster_code_in
from chalicelib.domain.helpline.spoken_language import spoken_language
from chalicelib.domain.identities.identity import WorkerIdentity
from chalicelib.domain.limits import FLOOD_KEPT
from chalicelib.domain.record.ledger import canonical
from chalicelib.domain.references import keyed_hash, secret_id
from chalicelib.domain.text import printable
from chalicelib.domain.vocabulary import Category, Channel, IntakeType, Side, Visibility
from chalicelib.errors import (
    IdempotencyConflict,
    NotFound,
    PreconditionFailed,
    TooManyRequests,
    Unavailable,
    VersionConflict,
)
from chalicelib.store.keyring import Purpose
from chalicelib.store.table import Row
from chalicelib.texts import for_workers
from chalicelib.usecases.cases.add_message import add_message
from chalicelib.usecases.cases.change_consent import change_consent
from chalicelib.usecases.cases.correct_grievance import correct_grievance
from chalicelib.usecases.cases.submit_grievance import submit_grievance
from chalicelib.usecases.helpline.answer_by_itself import Recognised, note_answer, recognised
from chalicelib.usecases.helpline.ask_consent import as_asked, goes_abroad
from chalicelib.usecases.helpline.closed_line import is_closed
from chalicelib.usecases.helpline.read_receipt import open_receipt
from chalicelib.usecases.helpline.say import answer_key, receipt_code_in, said
from chalicelib.usecases.work.retried import retried


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


class _Turn(NamedTuple):
    """A message, and what is known of its sender."""

    message: Inbound
    line: HelplineLine
    before: Conversation
    case: Case | None
    step: Step
    mark: str
    language: str
    at: datetime

    @property
    def text(self) -> str:
        return printable(self.message.text)

    def saying(self, words: str) -> "_Turn":
        """The same with these words alone."""
        return self._replace(message=self.message.model_copy(update={"text": words}))

    def remembered(self, texts: Sequence[str], case_id: str | None) -> Remembered:
        return Remembered(
            mark=self.mark,
            at=self.at,
            texts=tuple(texts),
            language=self.language,
            grievance_id=case_id,
        )


def hear(message: Inbound, line: HelplineLine, *, deps: Deps) -> Heard:
    """Take a message in, once, however often it is sent.

    The sender goes to the vault, and a keyed hash of her and the line finds her conversation.
    Raises Unavailable, VersionConflict (only under heavy traffic): the provider sends it again.
    """
    return retried(lambda: _heard(message, line, deps))


def _heard(message: Inbound, line: HelplineLine, deps: Deps) -> Heard:
    before = _conversation(message, line, deps)
    mark = _mark(message, before, deps)
    of_old = before.heard_last if message.named_by_content else before.heard_before
    if (known := of_old(mark)) is not None:
        return _told_again(known, before, line, deps)
    before = as_asked(before, deps)
    turn = _turn(message, line, before, mark, deps)
    meant = understood(turn.text, choosing_language=before.choosing_language)
    if meant.said is Said.NOTHING and message.media:
        meant = Understood(Said.WORDS)
    if before.is_flooding(turn.at) and not _matters_in_a_flood(turn.step, meant.said):
        return _in_a_flood(turn, deps)
    if meant.language is not None:
        turn = turn._replace(language=meant.language)
    meant, joined = _with_code_opened(meant, turn, deps)
    if meant.said is Said.TOO_MANY_CODES_AND_WORDS:  # it may be a right one: it is kept nowhere
        turn = turn.saying(meant.words)
    move = talk.move(turn.step, meant.said)
    if is_closed(line, deps=deps):
        move = talk.while_closed(move)
        if move.says == (talk.CLOSED,):
            return _turned_away(turn, move, deps)
    if Effect.OPEN_CASE in move.does:
        return _opened(turn, move, deps)
    return _went_on(turn, meant, move, joined, deps)


# What is known before anything is done


def _conversation(message: Inbound, line: HelplineLine, deps: Deps) -> Conversation:
    """Her conversation on this line, or a new one. Nothing that is stored names her."""
    key = deps.keyring.key(Purpose.CONVERSATION)
    conversation_id = secret_id("cv", key, line.line_id, message.sender)
    return deps.conversations.get(conversation_id) or Conversation(
        conversation_id=conversation_id,
        partner_id=line.partner_id,
        line_id=line.line_id,
        channel=message.channel,
        language=for_workers.best_language(line.language),
    )


def _mark(message: Inbound, conversation: Conversation, deps: Deps) -> str:
    """What a message is known by when it comes again: half a keyed hash of the provider's id."""
    named = canonical([conversation.conversation_id, message.message_id])
    return keyed_hash(deps.keyring.key(Purpose.CONVERSATION), named)[:32]


def _turn(
    message: Inbound, line: HelplineLine, before: Conversation, mark: str, deps: Deps
) -> _Turn:
    at = deps.now()
    case = deps.cases.head(before.grievance_id) if before.grievance_id else None
    if case is not None and before.step is Step.FACTORY_ASKED and not _is_to_be_found(case):
        before = before.model_copy(update={"step": Step.OPEN})  # an officer knows it by now
    step = Step.NEW if case is None else before.step
    if case is not None and talk.is_over(case, at):
        step = Step.ENDED
    language = _language(message, before)
    return _Turn(message, line, before, case, step, mark, language, at)


def _lacks_a_factory(case: Case) -> bool:
    """Whether hers names no factory, and still could."""
    return case.factory_reported == FactoryReported() and case.state not in ENDED


def _is_to_be_found(case: Case) -> bool:
    """Whether nobody knows which factory it is: neither has it been told nor found."""
    return case.factory_id is None and _lacks_a_factory(case)


def _language(message: Inbound, before: Conversation) -> str:
    """As she has chosen; else as the provider says, as her letters tell, as it was until now."""
    if before.language_chosen:
        return before.language
    written = spoken_language(message.text, known=before.language)
    tags = (message.language, written, before.language)
    return for_workers.best_language(*(tag for tag in tags if tag is not None))


def _with_code_opened(meant: Understood, turn: _Turn, deps: Deps) -> tuple[Understood, Case | None]:
    """What a message means once its receipt code was looked up, and the case that it opens.

    Cases of other partners are unknown codes. Wrong ones are counted by conversation.
    """
    if meant.code is None:
        return meant, None
    has_words = meant.said is Said.CODE_AND_WORDS
    wrong = Understood(Said.WRONG_CODE_AND_WORDS if has_words else Said.WRONG_CODE)
    try:
        case = open_receipt(
            meant.code,
            counted_as=turn.before.conversation_id,
            partner_id=turn.line.partner_id,
            deps=deps,
        )
    except NotFound:
        return wrong, None
    except TooManyRequests:
        waits = Said.TOO_MANY_CODES_AND_WORDS if has_words else Said.TOO_MANY_CODES
        return Understood(waits, words=meant.words), None
    if turn.case is not None and case.grievance_id == turn.case.grievance_id:
        return meant._replace(said=Said.WORDS if has_words else Said.STATUS), None
    known = deps.conversations.talk_of(case.grievance_id)
    return (meant, case) if known.may_join(turn.before.conversation_id) else (wrong, None)


# What is done


def _opened(turn: _Turn, move: Move, deps: Deps) -> Heard:
    """Her first message, or the first since her case was over: a case of its own."""
    factory, asked = _factory_and_question(turn, deps)
    country = turn.line.jurisdiction or (factory.country if factory else turn.message.country)
    answer = recognised(asked, country, turn.language, turn.message.channel, deps=deps)
    filing = _filing(turn, factory, country, answer)
    abroad = talk.goes_abroad(filing)
    texts = _expanded(move.says, None, answer, abroad=abroad)

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
        return [*opening, *_media_rows(turn, case.grievance_id, move.to, deps)]

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
        _answers_noted(turn.remembered(texts, case_id), turn.before, turn.line, deps)
    return _reply(texts, turn.language, case_id, turn.before, deps)


def _turned_away(turn: _Turn, move: Move, deps: Deps) -> Heard:
    """Nobody reads here now. Nothing is kept of her, and she is told so, and where to turn; a
    machine that answers us is not answered for ever."""
    texts = () if _is_too_much(turn, deps) else move.says
    reply = said(texts, turn.language, None, deps=deps)
    return Heard(reply, turn.language, None, False, turn.before.conversation_id)


def _opened_already(turn: _Turn, case_id: str, deps: Deps) -> Heard:
    """The same message, delivered twice at once; or again after its conversation was erased."""
    now = deps.conversations.get(turn.before.conversation_id)
    if now is not None and (known := now.heard_before(turn.mark)) is not None:
        return _told_again(known, now, turn.line, deps)
    heard = _reply(("chat.received",), turn.language, case_id, turn.before, deps)
    return heard._replace(replayed=True)


def _went_on(turn: _Turn, meant: Understood, move: Move, joined: Case | None, deps: Deps) -> Heard:
    """Anything else than a new case: what it does to hers, and what is remembered of it."""
    case = joined or turn.case
    if move.to is Step.FACTORY_ASKED and not _may_ask_for_factory(turn, deps):
        move = talk.without_factory_question(move)
    for effect in move.does:
        _consent_changed(effect, turn, deps)
    abroad = case is not None and talk.ASK_BRANDS in move.says and goes_abroad(case, deps)
    texts = _expanded(move.says, case, None, abroad=abroad)
    updates = {
        "step": move.to or turn.before.step,
        "language": turn.language,
        "language_chosen": turn.before.language_chosen or meant.said is Said.LANGUAGE,
        "choosing_language": meant.said is Said.LANGUAGES,
        "grievance_id": case.grievance_id if case else None,
        "factory_asked": turn.before.factory_asked or talk.ASK_FACTORY in texts,
    }
    if case is not None and _asks(texts):
        abroad = abroad or (talk.ASK_CONTACT in texts and talk.is_abroad(turn.before.script))
        updates["script"] = talk.script_of(turn.language, abroad=abroad)
    case_id = case.grievance_id if case else None
    now = turn.before.having(turn.remembered(texts, case_id), **updates)
    rows = _joining_rows(now, joined, deps) if joined else deps.conversations.rows(now, turn.at)
    rows += _media_rows(turn, case_id, now.step, deps) if case_id else []
    if case is not None and Effect.ADD_MESSAGE in move.does:
        _factory_named(case, turn, deps)
        answers = turn.step is Step.FACTORY_ASKED and move.to is Step.OPEN
        _kept(case, meant.words or turn.text, turn, rows, deps, asked=answers)
    else:
        deps.conversations.save(rows)
    return _reply(texts, turn.language, case_id, now, deps)


def _matters_in_a_flood(step: Step, meant: Said) -> bool:
    """A withdrawal always counts, and so does what nobody has heard of her yet."""
    return meant is Said.STOP or Effect.OPEN_CASE in talk.move(step, meant).does


def _in_a_flood(turn: _Turn, deps: Deps) -> Heard:
    """More within an hour than is answered: kept with her case, up to a limit, and told so once."""
    nothing = Heard(None, turn.language, None, False, turn.before.conversation_id)
    if turn.case is None or _is_too_much(turn, deps):
        return nothing
    told = talk.CLOSED_KEPT if is_closed(turn.line, deps=deps) else talk.FLOODED
    texts = () if turn.before.was_told_so(turn.at) else (told,)
    since = {} if not texts else {"flooded_at": turn.at}
    case_id = turn.case.grievance_id
    now = turn.before.having(turn.remembered(texts, case_id), **since)
    rows = [*deps.conversations.rows(now), *_media_rows(turn, case_id, None, deps)]
    _kept(turn.case, turn.text, turn, rows, deps)
    return _reply(texts, turn.language, case_id, now, deps)


def _is_too_much(turn: _Turn, deps: Deps) -> bool:
    """Counted under a name for this hour alone: the table of counters has backups."""
    named = f"{FLOOD_KEPT.begins(turn.at):%Y%m%dT%H}|{turn.before.conversation_id}"
    sender = keyed_hash(deps.keyring.key(Purpose.CONVERSATION), named)[:32]
    try:
        counted = deps.counters.count(FLOOD_KEPT, sender, turn.at)
    except Unavailable:
        return False
    return counted.exceeded


def _may_ask_for_factory(turn: _Turn, deps: Deps) -> bool:
    """Once, and not where a poster's code says it, now or before."""
    if turn.case is None or turn.before.factory_asked or not _is_to_be_found(turn.case):
        return False
    return _factory_and_question(turn, deps)[0] is None


def _factory_named(case: Case, turn: _Turn, deps: Deps) -> None:
    """The factory of the poster whose code she sends later, where her case names none. Again
    changes nothing."""
    if not _lacks_a_factory(case):
        return
    factory, _ = _factory_and_question(turn, deps)
    if factory is None:
        return
    try:
        correct_grievance(
            case.grievance_id,
            {"factory_reported": _reported(factory)},
            expected_version=case.version,
            by=turn.line.principal,
            deps=deps,
        )
    except PreconditionFailed as changed:
        raise VersionConflict() from changed


def _kept(
    case: Case,
    text: str,
    turn: _Turn,
    rows: Sequence[Row],
    deps: Deps,
    *,
    asked: bool = False,
) -> None:
    words = text if text.strip() else _NO_WORDS.format(number=len(turn.message.media))
    add_message(
        case.grievance_id,
        _ASKED_FACTORY.format(words=words) if asked else words,
        Visibility.PARTNER,
        speaks_for=Side.WORKER,
        by=turn.line.principal,
        beside=rows,
        deps=deps,
    )


def _media_rows(turn: _Turn, case_id: str, step: Step | None, deps: Deps) -> list[Row]:
    """What came with the message is fetched once the message is kept, and not before.

    What cannot be kept is told to her; not in a flood (no step), not where she has said stop, and
    not where it is another's case, whose address is the one we know.
    """
    is_told = step not in {None, Step.STOPPED, Step.JOINED}
    found = media_of(
        turn.message,
        turn.line,
        grievance_id=case_id,
        mark=turn.mark,
        at=turn.at,
        answered_in=turn.language if is_told else None,
    )
    return [deps.media.row(media) for media in found]


_NO_WORDS = "[{number} pictures or recordings, without words]"
"""What an officer reads of a message that has no words."""

_ASKED_FACTORY = "[Asked which factory it is] {words}"
"""What an officer reads of the answer, and then sets the factory; free text never does."""


def _consent_changed(effect: Effect, turn: _Turn, deps: Deps) -> None:
    """Her answer, recorded before it is remembered that she was asked: a repeat changes nothing."""
    case = turn.case
    if case is None or effect not in _ANSWERS:
        return
    consent = talk.agreed(case.consent, effect, turn.before.script)
    if consent == case.consent:
        return
    try:
        change_consent(
            case.grievance_id,
            consent,
            expected_version=case.version,
            by=turn.line.principal,
            deps=deps,
        )
    except PreconditionFailed as changed:
        raise VersionConflict() from changed


_ANSWERS = frozenset(Effect) - {Effect.OPEN_CASE, Effect.ADD_MESSAGE, Effect.JOIN_CASE}


def _joining_rows(now: Conversation, case: Case, deps: Deps) -> list[Row]:
    """It is about that case from now on; where it began in this conversation, as it was before."""
    known = deps.conversations.talk_of(case.grievance_id)
    if known.began_in == now.conversation_id:
        return deps.conversations.rows(now.model_copy(update={"step": Step.OPEN}))
    if now.conversation_id in known.joined:
        return deps.conversations.rows(now)
    joined = known.joined_by(now.conversation_id)
    rows = deps.conversations.talk_rows(case.grievance_id, joined)
    return [*deps.conversations.rows(now), *rows]


# What is said


def _expanded(
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


def _asks(texts: Sequence[str]) -> bool:
    return bool({talk.ASK_BRANDS, talk.ASK_BRANDS_ABROAD, talk.ASK_CONTACT}.intersection(texts))


def _reply(
    texts: Sequence[str], language: str, case_id: str | None, now: Conversation, deps: Deps
) -> Heard:
    reply = said(texts, language, case_id, deps=deps)
    code = receipt_code_in(texts, case_id, deps=deps)
    return Heard(reply, language, case_id, False, now.conversation_id, code)


def _told_again(
    known: Remembered, conversation: Conversation, line: HelplineLine, deps: Deps
) -> Heard:
    """The same answer as the first time; what a kill left undone is done."""
    _answers_noted(known, conversation, line, deps)
    heard = _reply(known.texts, known.language, known.grievance_id, conversation, deps)
    return heard._replace(replayed=True)


def _answers_noted(
    known: Remembered, conversation: Conversation, line: HelplineLine, deps: Deps
) -> None:
    for key in known.texts:
        if known.grievance_id is not None:
            channel, language = conversation.channel, known.language
            note_answer(key, known.grievance_id, channel, language, line.principal, deps=deps)


# What is filed


def _filing(
    turn: _Turn, factory: Factory | None, country: str | None, answer: Recognised | None
) -> Filing:
    """An enquiry until an officer says what it is; no consent to anything."""
    return Filing(
        intake_type=IntakeType.ENQUIRY,
        channel=turn.message.channel,
        categories=(answer.answer.category if answer else Category.OTHER,),
        narrative=turn.text or None,
        factory_reported=_reported(factory),
        language=turn.language,
        jurisdiction=country,
    )


def _factory_and_question(turn: _Turn, deps: Deps) -> tuple[Factory | None, str]:
    """The factory whose poster's code begins the message, and the words after it."""
    found = poster_code_in(turn.text)
    poster = deps.posters.get(found[0]) if found else None
    if found is None or poster is None or poster.ended_at is not None:
        return None, turn.text
    if poster.partner_id != turn.line.partner_id:
        return None, turn.text
    return deps.registry.factory(poster.factory_id), found[1]


def _reported(factory: Factory | None) -> FactoryReported:
    """As the registry has it, so that the check finds this one again."""
    if factory is None:
        return FactoryReported()
    return FactoryReported(
        name=factory.name,
        address=factory.address,
        city=factory.city,
        country=factory.country,
        identifiers=tuple(factory.identifiers.values()),
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
