"""How values are declared: frozen, closed to unknown fields, times in UTC to the millisecond."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

from chalicelib.domain.dates import timestamp


class Value(BaseModel):
    """A frozen value. Building is deferred: a Lambda pays only for the models it uses."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        defer_build=True,
        validate_default=False,
        ser_json_inf_nan="null",
        allow_inf_nan=False,
    )

    def changed(self, **updates: Any) -> Any:
        """A validated copy with some fields replaced; ValidationError if it is not valid."""
        return type(self).model_validate({**dict(self), **updates})


def _to_milliseconds(value: datetime) -> datetime:
    value = value.astimezone(UTC)
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


def _to_nine_decimals(value: float) -> float:
    """DynamoDB keeps nothing between zero and 1E-130; 0.0 has one sign."""
    return round(value, 9) + 0.0


_NINE_DECIMALS = AfterValidator(_to_nine_decimals)

Latitude = Annotated[float, Field(ge=-90, le=90), _NINE_DECIMALS]
"""Degrees north, to nine decimals: a tenth of a millimetre."""

Longitude = Annotated[float, Field(ge=-180, le=180), _NINE_DECIMALS]
"""Degrees east, to nine decimals."""

Share = Annotated[float, Field(ge=0, le=1), _NINE_DECIMALS]
"""A part of one, to nine decimals."""

Moment = Annotated[
    AwareDatetime,
    AfterValidator(_to_milliseconds),
    PlainSerializer(timestamp, return_type=str, when_used="json"),
]
"""A point in time, UTC, cut to milliseconds; in JSON `2026-11-22T08:00:00.000Z`."""
