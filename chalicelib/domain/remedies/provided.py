"""What a worker got: of which kinds, and how much money, in a band. Never a sum, never a text.

Partners say it and auditors read it. No brand does: what a worker was paid is hers.
"""

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import RemedyAmountBand, RemedyType

PAID = frozenset({RemedyType.RESTITUTION, RemedyType.FINANCIAL_COMPENSATION})
"""Kinds of remedy that may be money. A fine (`punitive_sanction`) is paid to somebody else."""


class Remedy(Value):
    """What the worker got so far."""

    types: Annotated[
        tuple[RemedyType, ...],
        Field(
            min_length=1,
            max_length=len(RemedyType),
            description="What she got, not what was promised. Back wages, a job or documents given "
            "back are `restitution`; treatment and counselling `rehabilitation`.",
        ),
    ]
    amount_band: Annotated[
        RemedyAmountBand | None,
        Field(
            description="All money so far, for each worker on average, in monthly minimum wages "
            "where and when she worked. Only with `restitution` or `financial_compensation`."
        ),
    ] = None

    @field_validator("types")
    @classmethod
    def _no_repeats(cls, types: tuple[RemedyType, ...]) -> tuple[RemedyType, ...]:
        if len(set(types)) != len(types):
            raise ValueError("must not repeat a value")
        return tuple(sorted(types))

    @model_validator(mode="after")
    def _money_is_of_a_kind(self) -> Self:
        if self.amount_band is not None and PAID.isdisjoint(self.types):
            raise ValueError("amount_band needs a type that is paid to her")
        return self

    def with_more(self, more: "Remedy") -> "Remedy":
        """What she got once there is more: the kinds add up; a band is of all money so far."""
        return Remedy(
            types=tuple({*self.types, *more.types}),
            amount_band=more.amount_band or self.amount_band,
        )


class RemedyRecord(Value):
    """What the worker got, said anew as a whole."""

    remedy: Annotated[
        Remedy | None, Field(description="Replaces what is on record; null: she got nothing yet.")
    ]
