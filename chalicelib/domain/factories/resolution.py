"""The answer to "which factory is meant": a verdict, its candidates and why."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import MatchMethod, Verdict


class Candidate(Value):
    """A factory that may be meant, and why."""

    factory_id: str
    score: Annotated[float, Field(ge=0, le=1)]
    method: MatchMethod
    evidence: tuple[str, ...]
    matched_name: Annotated[
        str | None, Field(description="The name or alias in the registry that fits best.")
    ] = None


class Decision(Value):
    """The verdict, with the candidates best first; `matched` means the first one.

    `score` is the probability that the first one is right, its rivals considered; `features` are
    the numbers behind it, by name, without those that are zero.
    """

    verdict: Verdict
    candidates: tuple[Candidate, ...]
    reason: str
    version: str
    score: Annotated[float, Field(ge=0, le=1)] = 0.0
    features: dict[str, float] = {}


class Match(Value):
    """Which factory is meant, and why we think so."""

    method: MatchMethod
    score: Annotated[float, Field(ge=0, le=1)]
    evidence: tuple[str, ...]
    version: Annotated[
        str, Field(description="Of what decided: the rules, or the index and the model.")
    ]
    matched_name: Annotated[
        str | None, Field(description="The name or alias in the registry that fitted.")
    ] = None
    features: Annotated[
        dict[str, float], Field(description="The numbers behind the score; zeros left out.")
    ] = {}


def match_of(decision: Decision) -> Match:
    """What a case keeps of a decision that matched."""
    best = decision.candidates[0]
    return Match(
        method=best.method,
        score=decision.score,
        evidence=best.evidence,
        version=decision.version,
        matched_name=best.matched_name,
        features=decision.features,
    )
