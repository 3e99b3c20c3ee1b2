"""What is said on a case after it was filed."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import ConsentLevel, Side, Visibility


class Message(Value):
    """A note or a message on a case; `visibility` says who may read it."""

    message_id: str
    grievance_id: str
    at: Moment
    by: str
    visibility: Visibility
    text: Annotated[str | None, Field(description="null where it was erased.")] = None
    speaks_for: Annotated[
        Side | None, Field(description="Whose statement it is, where that is not its writer's.")
    ] = None
    brand_id: Annotated[
        str | None, Field(description="The only brand that it is from, or for; null for all.")
    ] = None
    question_id: Annotated[
        str | None, Field(description="The question that it asks, or answers.")
    ] = None
    readable_from: Annotated[
        ConsentLevel | None,
        Field(description="The least level of consent at which brands may read it."),
    ] = None
