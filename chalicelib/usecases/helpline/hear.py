"""Hear what a worker says on a line, and tell what to answer her.

What may be said and what follows is in `domain.helpline.conversation`; here it is done. Whatever a
message changes, in her case and in what is remembered of the conversation, is one transaction, so
that a message that is sent again, or twice at once, finds all of it done or nothing.
"""

from chalicelib.deps import Deps
from chalicelib.domain.helpline import conversation as talk
from chalicelib.domain.helpline.chat_words import Said, Understood, understood
from chalicelib.domain.helpline.conversation import Effect
from chalicelib.domain.helpline.helpline_line import HelplineLine
from chalicelib.domain.helpline.inbound import Inbound
from chalicelib.usecases.helpline.ask_consent import as_asked
from chalicelib.usecases.helpline.closed_line import is_closed
from chalicelib.usecases.helpline.hearing.new_case import open_by_message
from chalicelib.usecases.helpline.hearing.said_back import Heard, told_again
from chalicelib.usecases.helpline.hearing.same_case import go_on
from chalicelib.usecases.helpline.hearing.too_much import (
    matters_in_a_flood,
    take_in_a_flood,
    turn_away,
)
from chalicelib.usecases.helpline.hearing.turn import (
    conversation_of,
    mark_of,
    turn_of,
    with_code_opened,
)
from chalicelib.usecases.work.retried import retried


def hear(message: Inbound, line: HelplineLine, *, deps: Deps) -> Heard:
    """Take a message in, once, however often it is sent.

    The sender goes to the vault, and a keyed hash of her and the line finds her conversation.
    Raises Unavailable, VersionConflict (only under heavy traffic): the provider sends it again.
    """
    return retried(lambda: _heard(message, line, deps))


def _heard(message: Inbound, line: HelplineLine, deps: Deps) -> Heard:
    before = conversation_of(message, line, deps)
    mark = mark_of(message, before, deps)
    of_old = before.heard_last if message.named_by_content else before.heard_before
    if (known := of_old(mark)) is not None:
        return told_again(known, before, line, deps)
    before = as_asked(before, deps)
    turn = turn_of(message, line, before, mark, deps)
    meant = understood(turn.text, choosing_language=before.choosing_language)
    if meant.said is Said.NOTHING and message.media:
        meant = Understood(Said.WORDS)
    if before.is_flooding(turn.at) and not matters_in_a_flood(turn.step, meant.said):
        return take_in_a_flood(turn, deps)
    if meant.language is not None:
        turn = turn._replace(language=meant.language)
    meant, joined = with_code_opened(meant, turn, deps)
    if meant.said is Said.TOO_MANY_CODES_AND_WORDS:  # it may be a right one: it is kept nowhere
        turn = turn.saying(meant.words)
    move = talk.move(turn.step, meant.said)
    if is_closed(line, deps=deps):
        move = talk.while_closed(move)
        if move.says == (talk.CLOSED,):
            return turn_away(turn, move, deps)
    if Effect.OPEN_CASE in move.does:
        return open_by_message(turn, move, deps)
    return go_on(turn, meant, move, joined, deps)
