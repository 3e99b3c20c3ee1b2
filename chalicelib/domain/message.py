"""What is said on a case after it was filed."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import Visibility


class Message(Value):
    """A note or a message on a case; `visibility` says who may read it."""

    message_id: str
    grievance_id: str
    at: Moment
    by: str
    visibility: Visibility
    text: Annotated[str | None, Field(description="null where it was erased.")] = None
