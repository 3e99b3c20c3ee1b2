"""Which factories a batch of reports means: the index where there is one, else what is equal.

Everything that a batch needs is read in a few calls, however many reports it has.
"""

from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from chalicelib import log
from chalicelib.deps import Deps
from chalicelib.domain.case import Case
from chalicelib.domain.facts import FactoryReported
from chalicelib.domain.registry import Factory
from chalicelib.domain.resolution import Decision
from chalicelib.domain.vocabulary import Verdict
from chalicelib.matching import exact
from chalicelib.matching.conversions import decision_of, query_of
from chalicelib.matching.exact import Key, keys_of_report
from chalicelib.matching.index import IndexUnreadable
from chalicelib.matching.judged import confirmed_key, judged, refused_key
from chalicelib.matching.matcher import Matcher
from chalicelib.store.current_index import Current, IndexUnusable, Unusable

Found = Mapping[Key, frozenset[str]]


class Matched(NamedTuple):
    """Decisions by case, and the factories they name as the registry has them now."""

    decisions: dict[str, Decision]
    factories: dict[str, Factory]


def match_factories(cases: Sequence[Case], *, deps: Deps) -> Matched:
    """Decide for each case which factory its report means. Raises Unavailable.

    Without an index that can be trusted, only identifiers, confirmed spellings and equal names at
    the same place match; the rest waits for a reviewer, and is looked at again when there is one.
    """
    if not cases:
        return Matched({}, {})
    found = _found(cases, deps)
    try:
        return _by_index(cases, found, deps.current_index.get(deps.now()), deps)
    except IndexUnusable as unusable:
        # Before the first build there is none, and that is no trouble.
        say = log.info if unusable.why is Unusable.NONE_BUILT else log.error
        say(log.Event.INDEX_UNUSABLE, why=unusable.why)
    except IndexUnreadable:
        deps.current_index.distrust()
        log.error(log.Event.INDEX_UNUSABLE, why=Unusable.DAMAGED)
    return _by_exact_keys(cases, found, deps)


def _found(cases: Sequence[Case], deps: Deps) -> Found:
    wanted = {key for case in cases for key in _keys(case.factory_reported)}
    return {Key(*key): ids for key, ids in deps.registry.find(wanted).items()}


def _keys(reported: FactoryReported) -> list[Key]:
    return [*keys_of_report(reported), confirmed_key(reported), refused_key(reported)]


def _by_index(cases: Sequence[Case], found: Found, current: Current, deps: Deps) -> Matched:
    decisions = {case.grievance_id: _decision(case, found, current) for case in cases}
    named = {c.factory_id for decision in decisions.values() for c in decision.candidates[:1]}
    factories, gone = _looked_up(named, deps)
    return Matched({i: _of_those_left(d, gone) for i, d in decisions.items()}, factories)


def _decision(case: Case, found: Found, current: Current) -> Decision:
    said = judged(case.factory_reported, found, case.refused_factories)
    overlay = current.overlay.with_judgements(said.confirmed, said.refused)
    decision = Matcher(current.index, overlay).match(query_of(case.factory_reported))
    return decision_of(decision, frozenset(case.refused_factories))


def _looked_up(factory_ids: Set[str], deps: Deps) -> tuple[dict[str, Factory], Set[str]]:
    """The factories that can be read, and the ids that no factory has (any more, or yet)."""
    factories = deps.registry.factories(factory_ids) if factory_ids else {}
    missing = factory_ids - factories.keys()
    return factories, missing - deps.registry.existing(missing) if missing else missing


def _of_those_left(decision: Decision, gone: Set[str]) -> Decision:
    """A match with a factory that was deleted this very moment is none."""
    if decision.verdict is not Verdict.MATCHED or decision.candidates[0].factory_id not in gone:
        return decision
    left = decision.candidates[1:]
    verdict = Verdict.REVIEW if left else Verdict.UNMATCHED
    reason = "not_certain" if left else "factory_unknown"
    return decision.model_copy(update={"verdict": verdict, "candidates": left, "reason": reason})


def _by_exact_keys(cases: Sequence[Case], found: Found, deps: Deps) -> Matched:
    factories, gone = _looked_up({i for ids in found.values() for i in ids}, deps)
    left = exact.without_stale({key: ids - gone for key, ids in found.items()}, factories)
    return Matched({c.grievance_id: _exactly(c, left, factories) for c in cases}, factories)


def _exactly(case: Case, found: Found, factories: Mapping[str, Factory]) -> Decision:
    refused = frozenset(case.refused_factories)
    mine = {key: found[key] - refused for key in _keys(case.factory_reported) if key in found}
    return exact.decide(case.factory_reported, mine, factories)
