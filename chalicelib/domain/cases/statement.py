"""Both sides of a case beside each other: what brands and factories say, and what the worker and
her partner do. A statement is a message that the other side may read."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.cases.consent import Detail, told_at
from chalicelib.domain.cases.message import Message
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import ConsentLevel, Role, Side, Visibility

_OTHER_SIDE = frozenset({Side.BRAND, Side.FACTORY})
_SIDES = {Role.BRAND.value: Side.BRAND, Role.FACTORY.value: Side.FACTORY}


class Statement(Value):
    """What one side has said. It names nobody: a brand is never told who the partner is."""

    statement_id: str
    at: Moment
    side: Side
    brand_id: Annotated[
        str | None, Field(description="The brand that it is from, or for; null for all of them.")
    ]
    question_id: Annotated[
        str | None, Field(description="The question that it asks (from a brand), or answers.")
    ]
    text: Annotated[str | None, Field(description="null where it was erased.")]


def statement_of(message: Message) -> Statement | None:
    """The statement that a message is; None for one that the other side does not read."""
    if message.visibility is not Visibility.BRAND:
        return None
    return Statement(
        statement_id=message.message_id,
        at=message.at,
        side=message.speaks_for or _writers_side(message),
        brand_id=message.brand_id or _writing_brand(message),
        question_id=message.question_id,
        text=message.text,
    )


def statement_to(brand_id: str, message: Message, allowed: Detail) -> Statement | None:
    """The statement as this brand may read it while this much is allowed: its own words (and those
    that it passed on), and what the partner has marked for it or the factory has answered, as long
    as the worker agrees to as much as she did then."""
    said = statement_of(message)
    if said is None or said.brand_id not in (None, brand_id):
        return None
    if said.side in _OTHER_SIDE and message.readable_from is None:
        return said
    needed = told_at(message.readable_from or ConsentLevel.C3)
    return said if needed <= allowed else None


def _writers_side(message: Message) -> Side:
    return _SIDES.get(_writer(message)[0], Side.PARTNER)


def _writing_brand(message: Message) -> str | None:
    """The brand that wrote it; None where somebody else did."""
    role, organisation = _writer(message)
    return organisation if role == Role.BRAND else None


def _writer(message: Message) -> tuple[str, str]:
    """Role and organisation."""
    role, organisation, *_ = message.by.split(":")
    return role, organisation
