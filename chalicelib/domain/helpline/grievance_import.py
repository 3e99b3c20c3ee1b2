"""What is said of a file of grievances, and what came of it."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.text import CountryCode, LanguageTag
from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import Channel, IntakeType


class GrievanceImportRequest(Value):
    """What holds for every row that says nothing else. JSON Lines say all of it themselves."""

    channel: Annotated[Channel, Field(description="How the workers reached you.")] = (
        Channel.PARTNER_API
    )
    language: LanguageTag = "en"
    jurisdiction: CountryCode | None = None
    intake_type: IntakeType = IntakeType.GRIEVANCE


class GrievanceImportCounts(Value):
    """How many rows there were, and what became of them."""

    filed: Annotated[int, Field(description="Cases that were opened.")] = 0
    repeated: Annotated[int, Field(description="Rows whose case was there before.")] = 0
    refused: Annotated[int, Field(description="Rows that came back with what is wrong.")] = 0

    @property
    def rows(self) -> int:
        """All of them."""
        return self.filed + self.repeated + self.refused
