"""What is said of a file of grievances, and what came of it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.helpline.helpline_line import FormField
from chalicelib.domain.text import CountryCode, LanguageTag
from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import Channel, IntakeType

PARTNER_REF = "partner_ref"
COLUMNS: Sequence[str] = (PARTNER_REF, *FormField)
"""The headings of a file, in the order of the template."""

FILED = "filed.csv"
"""The name of the file that says which row is which case."""


def refused_name(result: Mapping[str, Any]) -> str:
    """The name of the file of rows that came back, in the format they came in."""
    return "refused.jsonl" if result.get("json") else "refused.csv"


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
