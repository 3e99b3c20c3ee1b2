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


class Decision(Value):
    """The verdict, with the candidates best first; `matched` means the first one."""

    verdict: Verdict
    candidates: tuple[Candidate, ...]
    reason: str
    version: str


class Match(Value):
    """Which factory is meant, and why we think so."""

    method: MatchMethod
    score: Annotated[float, Field(ge=0, le=1)]
    evidence: tuple[str, ...]
    version: str


def match_of(decision: Decision) -> Match:
    """What a case keeps of a decision that matched."""
    best = decision.candidates[0]
    return Match(
        method=best.method, score=best.score, evidence=best.evidence, version=decision.version
    )
