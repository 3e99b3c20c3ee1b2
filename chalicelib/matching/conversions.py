"""Between the words of the domain and those of the matcher."""

from collections.abc import Iterable, Mapping
from typing import Final

from chalicelib.domain.cases.facts import FactoryReported
from chalicelib.domain.factories.identifiers import IdentifierKind, find_in
from chalicelib.domain.factories.os_id_merge import way_of
from chalicelib.domain.factories.registry import Factory
from chalicelib.domain.factories.resolution import Candidate, Decision
from chalicelib.domain.vocabulary import MatchMethod, Verdict

from . import records

_METHODS: Final = {
    "identifier": MatchMethod.IDENTIFIER,
    "confirmed_alias": MatchMethod.ALIAS,
    "exact_name": MatchMethod.EXACT_NAME,
    "model": MatchMethod.SIMILARITY,
}
_DECIMALS: Final = 3


def as_it_is_now(reported: FactoryReported, into: Mapping[str, str]) -> FactoryReported:
    """What was reported, and what its OS IDs are now beside them: to look up, not to keep."""
    if not into:
        return reported
    texts = (*reported.identifiers, *(t for t in (reported.name, reported.address) if t))
    said = {i.value for text in texts for i in find_in(text) if i.kind is IdentifierKind.OS_ID}
    now = sorted({way_of(os_id, into)[-1] for os_id in said} - said)
    if not now:
        return reported
    return reported.model_copy(update={"identifiers": (*reported.identifiers, *now)})


def query_of(reported: FactoryReported) -> records.Query:
    """What was reported, as the matcher is asked for it."""
    return records.Query(
        name=reported.name or "",
        address=reported.address or "",
        city=reported.city or "",
        country=reported.country or "",
        identifiers=reported.identifiers,
        latitude=reported.latitude,
        longitude=reported.longitude,
    )


def facility_of(factory: Factory, spellings: Iterable[str] = ()) -> records.Facility:
    """A factory of the registry, with the spellings that reviewers have confirmed for it.

    One that is another by their OS IDs has that one's id: its names and places lead there.
    """
    place = (factory.address, factory.city, factory.admin_area)
    now = {"os_id": factory.current_os_id} if factory.current_os_id else {}
    return records.Facility(
        id=factory.id_now,
        names=(factory.name, *factory.aliases, *spellings),
        address=", ".join(part for part in place if part),
        country=factory.country,
        identifiers=factory.identifiers | now,
        latitude=factory.latitude,
        longitude=factory.longitude,
    )


def decision_of(decision: records.Decision, refused: frozenset[str] = frozenset()) -> Decision:
    """The matcher's decision as a case keeps it; factories that were refused are not shown."""
    shown = [c for c in decision.candidates if c.facility_id not in refused]
    verdict = Verdict(decision.status)
    if not shown:
        verdict = Verdict.UNMATCHED
    return Decision(
        verdict=verdict,
        candidates=tuple(_candidate(one, decision) for one in shown),
        reason=_reason(verdict, decision),
        version=f"{decision.index_version}/{decision.model_version}",
        score=min(max(decision.score, 0.0), 1.0),
        features=_rounded(shown[0].features) if shown else {},
    )


def _reason(verdict: Verdict, decision: records.Decision) -> str:
    if verdict is Verdict.MATCHED:
        return "matched"
    return decision.reasons[0].code if decision.reasons else "factory_unknown"


def _candidate(one: records.Candidate, decision: records.Decision) -> Candidate:
    matched = decision.facility_id == one.facility_id
    method = _METHODS.get(decision.method) if matched else None
    if method is None:
        same_id = any(reason.code == "identifier_same" for reason in one.reasons)
        method = MatchMethod.IDENTIFIER if same_id else MatchMethod.SIMILARITY
    texts = (reason.text for reason in (*(decision.reasons if matched else ()), *one.reasons))
    return Candidate(
        factory_id=one.facility_id,
        score=min(max(one.score, 0.0), 1.0),
        method=method,
        evidence=tuple(dict.fromkeys(texts)),
        matched_name=one.name,
    )


def _rounded(features: Mapping[str, float]) -> dict[str, float]:
    rounded = {name: round(value, _DECIMALS) for name, value in features.items()}
    return {name: value for name, value in rounded.items() if value}
