"""Which factories a batch of reports means: the index where there is one, else what is equal.

Everything that a batch needs is read in a few calls, however many reports it has. An OS ID that was
merged means what it is now, and a factory that has turned out to be another by that is never meant:
the other one is, in what is found and in what reviewers have said.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import NamedTuple

from chalicelib import log
from chalicelib.deps import Deps
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.facts import FactoryReported
from chalicelib.domain.factories.registry import Factory
from chalicelib.domain.factories.resolution import Decision
from chalicelib.domain.vocabulary import Verdict
from chalicelib.matching import exact
from chalicelib.matching.conversions import as_it_is_now, decision_of, query_of
from chalicelib.matching.exact import CONFIRMED, REFUSED, Key, keys_of_report
from chalicelib.matching.index import IndexUnreadable
from chalicelib.matching.judged import confirmed_key, judged, refused_key
from chalicelib.matching.matcher import Matcher
from chalicelib.store.current_index import Current, IndexUnusable, Unusable

Found = Mapping[Key, frozenset[str]]


class Matched(NamedTuple):
    """Decisions by case, and the factories they name as the registry has them now."""

    decisions: dict[str, Decision]
    factories: dict[str, Factory]


class Asked(NamedTuple):
    """A case's report with what its OS IDs are now, and the factories that it does not mean."""

    reported: FactoryReported
    refused: frozenset[str]

    def refusing_also(self, merged: Mapping[str, str]) -> "Asked":
        """With what refused factories have turned out to be."""
        return self._replace(refused=self.refused | _as_now(self.refused, merged))


def match_factories(cases: Sequence[Case], *, deps: Deps) -> Matched:
    """Decide for each case which factory its report means. Raises Unavailable.

    Without an index that can be trusted, only identifiers, confirmed spellings and equal names at
    the same place match; the rest waits for a reviewer, and is looked at again when there is one.
    """
    if not cases:
        return Matched({}, {})
    asked, found = _found(cases, deps)
    try:
        return _by_index(asked, found, deps.current_index.get(deps.now()), deps)
    except IndexUnusable as unusable:
        # Before the first build there is none, and that is no trouble.
        say = log.info if unusable.why is Unusable.NONE_BUILT else log.error
        say(log.Event.INDEX_UNUSABLE, why=unusable.why)
    except IndexUnreadable:
        deps.current_index.distrust()
        log.error(log.Event.INDEX_UNUSABLE, why=Unusable.DAMAGED)
    return _by_exact_keys(asked, found, deps)


def _found(cases: Sequence[Case], deps: Deps) -> tuple[dict[str, Asked], Found]:
    wanted = {key for case in cases for key in _keys(case.factory_reported)}
    followed = deps.registry.find_following(wanted)
    asked = {
        case.grievance_id: Asked(
            as_it_is_now(case.factory_reported, followed.into), frozenset(case.refused_factories)
        )
        for case in cases
    }
    return asked, {Key(*key): ids for key, ids in followed.factories.items()}


def _keys(reported: FactoryReported) -> list[Key]:
    return [*keys_of_report(reported), confirmed_key(reported), refused_key(reported)]


def _by_index(asked: Mapping[str, Asked], found: Found, current: Current, deps: Deps) -> Matched:
    judged_of = {i for key, ids in found.items() if key.kind in (CONFIRMED, REFUSED) for i in ids}
    known, _ = _looked_up(judged_of.union(*(one.refused for one in asked.values())), {}, deps)
    merged = _merged(known)
    now = {key: _as_now(ids, merged) for key, ids in found.items()}
    decisions = {i: _decision(one.refusing_also(merged), now, current) for i, one in asked.items()}
    named = {c.factory_id for decision in decisions.values() for c in decision.candidates[:1]}
    factories, gone = _looked_up(named, known, deps)
    return Matched({i: _of_those_left(d, gone) for i, d in decisions.items()}, factories)


def _decision(asked: Asked, found: Found, current: Current) -> Decision:
    said = judged(asked.reported, found, asked.refused)
    overlay = current.overlay.with_judgements(said.confirmed, said.refused)
    decision = Matcher(current.index, overlay).match(query_of(asked.reported))
    return decision_of(decision, asked.refused)


def _looked_up(
    factory_ids: Set[str], known: Mapping[str, Factory], deps: Deps
) -> tuple[dict[str, Factory], Set[str]]:
    """The factories that can be read, and the ids that no factory has (any more, or yet)."""
    unread = factory_ids - known.keys()
    factories = {**known, **(deps.registry.factories(unread) if unread else {})}
    missing = factory_ids - factories.keys()
    return factories, missing - deps.registry.existing(missing) if missing else missing


def _merged(factories: Mapping[str, Factory]) -> dict[str, str]:
    """Which of them are another factory, and which."""
    return {i: factory.id_now for i, factory in factories.items() if factory.merged_into}


def _as_now(factory_ids: Iterable[str], merged: Mapping[str, str]) -> frozenset[str]:
    return frozenset(merged.get(i, i) for i in factory_ids)


def _of_those_left(decision: Decision, gone: Set[str]) -> Decision:
    """A match with a factory that was deleted this very moment is none."""
    if decision.verdict is not Verdict.MATCHED or decision.candidates[0].factory_id not in gone:
        return decision
    left = decision.candidates[1:]
    verdict = Verdict.REVIEW if left else Verdict.UNMATCHED
    reason = "not_certain" if left else "factory_unknown"
    return decision.model_copy(update={"verdict": verdict, "candidates": left, "reason": reason})


def _by_exact_keys(asked: Mapping[str, Asked], found: Found, deps: Deps) -> Matched:
    refused = frozenset[str]().union(*(one.refused for one in asked.values()))
    wanted = refused.union(*found.values())
    known, gone = _looked_up(wanted, {}, deps)
    merged = _merged(known)
    factories, _ = _looked_up(frozenset(merged.values()), known, deps)
    left = exact.without_stale({key: ids - gone for key, ids in found.items()}, factories)
    now = {key: _as_now(ids, merged) for key, ids in left.items()}
    named = exact.with_names_of_merged(factories)
    decisions = {i: _exactly(one.refusing_also(merged), now, named) for i, one in asked.items()}
    return Matched(decisions, factories)


def _exactly(asked: Asked, found: Found, factories: Mapping[str, Factory]) -> Decision:
    keys = (key for key in _keys(asked.reported) if key in found)
    mine = {key: found[key] - asked.refused for key in keys}
    return exact.decide(asked.reported, mine, factories)
