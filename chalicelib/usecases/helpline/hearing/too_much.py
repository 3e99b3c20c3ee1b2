"""More messages than are answered: a flood, or a line that is closed."""

from chalicelib.deps import Deps
from chalicelib.domain.helpline import conversation as talk
from chalicelib.domain.helpline.chat_words import Said
from chalicelib.domain.helpline.conversation import Effect, Move, Step
from chalicelib.domain.limits import FLOOD_KEPT
from chalicelib.domain.references import keyed_hash
from chalicelib.errors import Unavailable
from chalicelib.store.keyring import Purpose
from chalicelib.usecases.helpline.closed_line import is_closed
from chalicelib.usecases.helpline.hearing.kept_with_case import keep_words, media_rows
from chalicelib.usecases.helpline.hearing.said_back import Heard, reply_of
from chalicelib.usecases.helpline.hearing.turn import Turn
from chalicelib.usecases.helpline.say import said


def matters_in_a_flood(step: Step, meant: Said) -> bool:
    """A withdrawal always counts, and so does what nobody has heard of her yet."""
    return meant is Said.STOP or Effect.OPEN_CASE in talk.move(step, meant).does


def take_in_a_flood(turn: Turn, deps: Deps) -> Heard:
    """More within an hour than is answered: kept with her case, up to a limit, and told so once."""
    nothing = Heard(None, turn.language, None, False, turn.before.conversation_id)
    if turn.case is None or _is_too_much(turn, deps):
        return nothing
    told = talk.CLOSED_KEPT if is_closed(turn.line, deps=deps) else talk.FLOODED
    texts = () if turn.before.was_told_so(turn.at) else (told,)
    since = {} if not texts else {"flooded_at": turn.at}
    case_id = turn.case.grievance_id
    now = turn.before.having(turn.remembered(texts, case_id), **since)
    rows = [*deps.conversations.rows(now), *media_rows(turn, case_id, None, deps)]
    keep_words(turn.case, turn.text, turn, rows, deps)
    return reply_of(texts, turn.language, case_id, now, deps)


def turn_away(turn: Turn, move: Move, deps: Deps) -> Heard:
    """Nobody reads here now. Nothing is kept of her, and she is told so, and where to turn; a
    machine that answers us is not answered for ever."""
    texts = () if _is_too_much(turn, deps) else move.says
    reply = said(texts, turn.language, None, deps=deps)
    return Heard(reply, turn.language, None, False, turn.before.conversation_id)


def _is_too_much(turn: Turn, deps: Deps) -> bool:
    """Counted under a name for this hour alone: the table of counters has backups."""
    named = f"{FLOOD_KEPT.begins(turn.at):%Y%m%dT%H}|{turn.before.conversation_id}"
    sender = keyed_hash(deps.keyring.key(Purpose.CONVERSATION), named)[:32]
    try:
        counted = deps.counters.count(FLOOD_KEPT, sender, turn.at)
    except Unavailable:
        return False
    return counted.exceeded
