"""What is kept of a message with her case: her words, and what came with them."""

from collections.abc import Sequence

from chalicelib.deps import Deps
from chalicelib.domain.cases.case import Case
from chalicelib.domain.helpline.conversation import Step
from chalicelib.domain.helpline.media import media_of
from chalicelib.domain.vocabulary import Side, Visibility
from chalicelib.store.table import Row
from chalicelib.usecases.cases.add_message import add_message
from chalicelib.usecases.helpline.hearing.turn import Turn


def keep_words(
    case: Case,
    text: str,
    turn: Turn,
    rows: Sequence[Row],
    deps: Deps,
    *,
    asked: bool = False,
) -> None:
    """Her words, or that she sent none, as a message of her case; `rows` are written along. `asked`
    marks the answer to which factory it is."""
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


def media_rows(turn: Turn, case_id: str, step: Step | None, deps: Deps) -> list[Row]:
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
