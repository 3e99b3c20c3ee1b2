"""A message that opens no case: what it does to hers, and what is remembered of it."""

from collections.abc import Sequence

from chalicelib.deps import Deps
from chalicelib.domain.cases.case import Case
from chalicelib.domain.helpline import conversation as talk
from chalicelib.domain.helpline.chat_words import Said, Understood
from chalicelib.domain.helpline.conversation import Conversation, Effect, Move, Step
from chalicelib.errors import PreconditionFailed, VersionConflict
from chalicelib.store.table import Row
from chalicelib.usecases.cases.change_consent import change_consent
from chalicelib.usecases.cases.correct_grievance import correct_grievance
from chalicelib.usecases.helpline.ask_consent import goes_abroad
from chalicelib.usecases.helpline.hearing.kept_with_case import keep_words, media_rows
from chalicelib.usecases.helpline.hearing.said_back import Heard, asks, expanded, reply_of
from chalicelib.usecases.helpline.hearing.turn import (
    Turn,
    as_reported,
    factory_and_question,
    is_to_be_found,
    lacks_a_factory,
)


def go_on(turn: Turn, meant: Understood, move: Move, joined: Case | None, deps: Deps) -> Heard:
    """Anything else than a new case: what it does to hers, and what is remembered of it."""
    case = joined or turn.case
    if move.to is Step.FACTORY_ASKED and not _may_ask_for_factory(turn, deps):
        move = talk.without_factory_question(move)
    for effect in move.does:
        _consent_changed(effect, turn, deps)
    abroad = case is not None and talk.ASK_BRANDS in move.says and goes_abroad(case, deps)
    texts = expanded(move.says, case, None, abroad=abroad)
    case_id = case.grievance_id if case else None
    now = _as_it_goes_on(turn, meant, move, case_id, texts, abroad=abroad)
    rows = _joining_rows(now, joined, deps) if joined else deps.conversations.rows(now, turn.at)
    rows += media_rows(turn, case_id, now.step, deps) if case_id else []
    if case is not None and Effect.ADD_MESSAGE in move.does:
        _factory_named(case, turn, deps)
        answers = turn.step is Step.FACTORY_ASKED and move.to is Step.OPEN
        keep_words(case, meant.words or turn.text, turn, rows, deps, asked=answers)
    else:
        deps.conversations.save(rows)
    return reply_of(texts, turn.language, case_id, now, deps)


def _as_it_goes_on(
    turn: Turn,
    meant: Understood,
    move: Move,
    case_id: str | None,
    texts: Sequence[str],
    *,
    abroad: bool,
) -> Conversation:
    """What is remembered once these texts were said, whether a question asked of a border too."""
    updates = {
        "step": move.to or turn.before.step,
        "language": turn.language,
        "language_chosen": turn.before.language_chosen or meant.said is Said.LANGUAGE,
        "choosing_language": meant.said is Said.LANGUAGES,
        "grievance_id": case_id,
        "factory_asked": turn.before.factory_asked or talk.ASK_FACTORY in texts,
    }
    if case_id is not None and asks(texts):
        abroad = abroad or (talk.ASK_CONTACT in texts and talk.is_abroad(turn.before.script))
        updates["script"] = talk.script_of(turn.language, abroad=abroad)
    return turn.before.having(turn.remembered(texts, case_id), **updates)


def _may_ask_for_factory(turn: Turn, deps: Deps) -> bool:
    """Once, and not where a poster's code says it, now or before."""
    if turn.case is None or turn.before.factory_asked or not is_to_be_found(turn.case):
        return False
    return factory_and_question(turn, deps)[0] is None


def _factory_named(case: Case, turn: Turn, deps: Deps) -> None:
    """The factory of the poster whose code she sends later, where her case names none. Again
    changes nothing."""
    if not lacks_a_factory(case):
        return
    factory, _ = factory_and_question(turn, deps)
    if factory is None:
        return
    try:
        correct_grievance(
            case.grievance_id,
            {"factory_reported": as_reported(factory)},
            expected_version=case.version,
            by=turn.line.principal,
            deps=deps,
        )
    except PreconditionFailed as changed:
        raise VersionConflict() from changed


def _consent_changed(effect: Effect, turn: Turn, deps: Deps) -> None:
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
