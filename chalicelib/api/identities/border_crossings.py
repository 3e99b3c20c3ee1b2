"""What the data-protection officer has to count."""

from typing import Annotated

from pydantic import Field

from chalicelib.api.audiences import DPO
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.domain.values import Value
from chalicelib.usecases.identities.count_border_crossings import BorderCrossing
from chalicelib.usecases.identities.count_border_crossings import (
    count_border_crossings as use_count_border_crossings,
)

audience = Audience(__name__, "Oversight")
blueprint = audience.blueprint


class YearQuery(Value):
    """A calendar year, UTC."""

    year: Annotated[int, Field(ge=2000, le=2999)]


class BorderCrossings(Value):
    """One entry for each jurisdiction that asks for a separate consent."""

    items: tuple[BorderCrossing, ...]


@audience.route(
    "GET",
    "/v1/border-crossings",
    roles=DPO,
    query=YearQuery,
    replies={200: BorderCrossings},
)
def count_border_crossings(call: Call) -> Reply:
    """Count the people whose data have left each jurisdiction that asks for a separate consent.

    A case counts once, in the year in which brands were first told about it; a group with the
    number of its people. China's rules set thresholds for such numbers a year, so they are exact:
    for the officer who answers to those rules, and nobody else.
    """
    items = use_count_border_crossings(call.query.year, deps=call.deps)
    return Reply(BorderCrossings(items=tuple(items)))
