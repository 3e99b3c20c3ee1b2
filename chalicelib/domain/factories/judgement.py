"""What a reviewer has said about a spelling: this factory is meant by it, or it is not.

The word is record linkage's (a judgement about a pair). A judgement acts at once on every later
report of the same spelling, whoever files it, and the next index is built with it.
"""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.cases.facts import FactoryReported
from chalicelib.domain.factories.registry import FactoryId
from chalicelib.domain.references import derive_id
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import JudgementVerdict


class Judgement(Value):
    """One judgement, with what was reported, so that others can see what it rests on."""

    judgement_id: str
    verdict: JudgementVerdict
    factory_id: FactoryId
    reported: Annotated[
        FactoryReported, Field(description="The factory as it was named, kept with agreement.")
    ]
    spelling_key: Annotated[
        str,
        Field(description="Digest of the parsed spelling: reports with the same one are alike."),
    ]
    judged_by: Annotated[str, Field(description="The organisation whose reviewer said so.")]
    judged_at: Moment


def judgement_id_for(verdict: JudgementVerdict, spelling_key: str, factory_id: str) -> str:
    """The same judgement again has the same id."""
    return derive_id("j", verdict, spelling_key, factory_id)
