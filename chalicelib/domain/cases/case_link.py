"""How one case belongs to another of the same partner."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from chalicelib.domain.text import GrievanceId
from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import LinkDirection, LinkType

MOST_FILED = 10
"""Cases that one filing may name."""

MOST_LINKS = 200
"""Of one case, both ways: with these its head stays small."""


class FiledLink(Value):
    """Another case of the same partner that a new one belongs to."""

    type: Annotated[
        LinkType,
        Field(
            description="`retaliation_of`: a worker was punished for it; takes the intake type"
            " `retaliation`. `duplicate_of`: the same was filed before. `parent`: the new case is"
            " part of it. `coalition` is set by the service."
        ),
    ]
    grievance_id: Annotated[
        GrievanceId, Field(description="One of your own, in whatever state it is.")
    ]

    @model_validator(mode="after")
    def _not_the_services(self) -> Self:
        if self.type is LinkType.COALITION:
            raise ValueError("`coalition` is set by the service alone")
        return self

    def kept(self) -> "CaseLink":
        """The link as the case that was filed with it keeps it."""
        return CaseLink(type=self.type, grievance_id=self.grievance_id, direction=LinkDirection.TO)


class CaseLink(Value):
    """A link as a case keeps it: to another case, or from one that named it."""

    type: LinkType
    grievance_id: str
    direction: Annotated[
        LinkDirection,
        Field(
            description="`to`: this case is what `type` says of the other one. `from`: the other"
            " one is that of this."
        ),
    ]
