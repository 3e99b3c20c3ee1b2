"""What the check makes of a case: who must be told, or what it waits for.

The case walks the legal way (`transitions.TABLE`) as the system; one ledger entry names every state
it passed. A check that finds what it found before changes nothing.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from chalicelib.domain.alerting.alert import Alert, write_alert
from chalicelib.domain.cases.case import BEFORE_ALERT, SYSTEM, Case
from chalicelib.domain.cases.consent import IN_ESCROW, Release, Way, borders, release
from chalicelib.domain.cases.transitions import TABLE
from chalicelib.domain.factories.registry import Brand, Factory, SourcingLink
from chalicelib.domain.factories.resolution import Candidate, Decision, Match, match_of
from chalicelib.domain.record.ledger import Action, Commit, Entry, commitment
from chalicelib.domain.rules import CHECK_INS, ClockKind
from chalicelib.domain.vocabulary import AlertKind, MatchMethod, Routing, State, Verdict

NOT_ENGAGED = "brand_not_engaged"
"""Why nobody is told where brands source from the factory, and none of them is engaged now."""

WITH_BRANDS = frozenset(
    {
        State.BRAND_NOTIFIED,
        State.INVESTIGATING,
        State.FINDINGS,
        State.REMEDIATION,
        State.VERIFICATION,
        State.REOPENED,
    }
)
"""States in which brands work on a case."""

MOST_CANDIDATES = 10
"""More are of no use to a reviewer."""


class Told(NamedTuple):
    """A brand that sources from the factory, and the link that says so."""

    brand: Brand
    link: SourcingLink


class _Kinds(NamedTuple):
    """Why brands are told: those that know of what a worker was punished for are told of that,
    unless they are only told more of what they know."""

    others: AlertKind
    of_reprisals: Collection[str] = ()

    def of(self, brand_id: str) -> AlertKind:
        if self.others is not AlertKind.UPDATE and brand_id in self.of_reprisals:
            return AlertKind.RETALIATION
        return self.others


class Routed(NamedTuple):
    """The case after the check; `entry` is None when nothing has changed."""

    case: Case
    entry: Entry | None
    alerts: Sequence[Alert] = ()


def is_routable(case: Case) -> bool:
    """Whether the check has anything to decide about a case in this state."""
    return case.routing is not Routing.NOT_ROUTED and case.state in BEFORE_ALERT


def is_with_brands(case: Case) -> bool:
    """Whether brands were told of the case and it goes on: one that sources there, too, and of
    which nobody knew then, is told when it becomes known."""
    return case.routing is Routing.ALERTED and case.state in WITH_BRANDS


def is_chosen(case: Case) -> bool:
    """Whether a reviewer has said which factory is meant: nothing overrules that."""
    return case.match is not None and case.match.method is MatchMethod.REVIEWER


def finds_something_else(case: Case, decision: Decision) -> bool:
    """Whether a decision is not what a case that waits was put to rest with."""
    if decision.verdict is Verdict.MATCHED:
        return case.factory_id != decision.candidates[0].factory_id
    shown = tuple(c.factory_id for c in decision.candidates[:MOST_CANDIDATES])
    known = tuple(c.factory_id for c in case.candidates)
    return (case.routing_reason, known) != (decision.reason, shown)


def for_review(case: Case, decision: Decision, *, at: datetime, commit: Commit) -> Routed:
    """The factory is not certain: the partner's reviewer chooses among ranked candidates."""
    case = case.model_copy(update={"factory_id": None, "match": None})
    state, routing = State.SCREENING, Routing.NEEDS_REVIEW
    candidates = decision.candidates
    return _settled(case, state, routing, decision.reason, candidates, at=at, commit=commit)


def route(
    case: Case,
    factory: Factory,
    match: Match,
    told: Sequence[Told],
    *,
    joined: bool = False,
    not_engaged: Sequence[str] = (),
    told_before: Collection[str] = (),
    desk_url: str,
    at: datetime,
    commit: Commit,
) -> Routed:
    """The factory is certain: tell the brands, or say why not.

    `joined` says that enough others have filed the same: what is in escrow goes out. `not_engaged`
    are brands that source there, too, and may not be alerted now: the record says so. What
    `told_before` know of the case that a worker was punished for: they are told of that.
    """
    settled = partial(_settled, at=at, commit=commit)
    case = case.model_copy(
        update={"factory_id": factory.factory_id, "match": match, "candidates": ()}
    )
    if not told:
        reason = NOT_ENGAGED if not_engaged else "no_brand_link"
        return settled(case, State.NOT_COVERED, Routing.NO_BRAND, reason)
    countries = (case.law, case.factory_reported.country, factory.country)
    released = release(case.agreed, Way.ALERT, *countries)
    opens = joined and released.held_because == IN_ESCROW
    if opens:
        case = case.model_copy(update={"escrow_released_at": at})
        released = release(case.agreed, Way.ALERT, *countries)
    if released.level is None:
        case = case.model_copy(update={"escrow_released_at": None})
        return settled(case, State.ADMISSIBLE, Routing.HELD, released.held_because)
    kinds = _Kinds(_kind(case), told_before)
    alerts = _alerts(case, factory, told, kinds, released, desk_url=desk_url, at=at)
    crossed = case.having_crossed(borders(*countries))
    return _alerted(crossed, alerts, opens=opens, not_engaged=not_engaged, at=at, commit=commit)


def tell_later(
    case: Case,
    factory: Factory,
    told: Sequence[Told],
    *,
    desk_url: str,
    at: datetime,
    commit: Commit,
) -> Routed:
    """A case that is with brands already: those of `told` that were not told yet are, in
    retrospect, as far as the worker agrees now. Its clocks run on, as do its steps."""
    case, alerts = _told_in_retrospect(case, factory, told, desk_url=desk_url, at=at)
    if not alerts:
        return Routed(case, None)
    data, private = _named_alerts(alerts, commit)
    recorded = _recorded(case, case.state, data, private, at=at, commit=commit)
    return recorded._replace(alerts=alerts)


def _told_in_retrospect(
    case: Case, factory: Factory, told: Sequence[Told], *, desk_url: str, at: datetime
) -> tuple[Case, list[Alert]]:
    later = [each for each in told if each.brand.brand_id not in case.alerted_brands]
    countries = (case.law, case.factory_reported.country, factory.country)
    released = release(case.agreed, Way.ALERT, *countries)
    if not later or released.level is None:
        return case, []
    kinds = _Kinds(AlertKind.RETRO)
    alerts = _alerts(case, factory, later, kinds, released, desk_url=desk_url, at=at)
    return _with_told(case.having_crossed(borders(*countries)), alerts), alerts


def follow_merge(
    case: Case,
    factory: Factory,
    told: Sequence[Told],
    *,
    desk_url: str,
    at: datetime,
    commit: Commit,
) -> Routed:
    """An open case whose factory has turned out to be another one: it is that one's from now on,
    however the first was found, by a reviewer too.

    Where brands work on it, those of `told` that were not told yet are, in retrospect; its clocks
    run on. Where nobody was told yet, the check decides anew.
    """
    before, match = case.factory_id, case.match
    case, alerts = case.model_copy(update={"factory_id": factory.factory_id}), list[Alert]()
    if is_with_brands(case):
        case, alerts = _told_in_retrospect(case, factory, told, desk_url=desk_url, at=at)
    rests_at = case.hold.held_from if case.hold else case.state
    decided_anew = case.routing is not Routing.NOT_ROUTED and rests_at in BEFORE_ALERT
    both = [before, factory.factory_id]
    data: dict[str, Any] = {
        "factory_id": [commitment("factory_id", each, commit) for each in both],
        "method": match.method if match else None,
    }
    private: dict[str, Any] = {"factory_id": both}
    if alerts:
        named, ids = _named_alerts(alerts, commit)
        data, private = data | named, private | ids
    changed = case.recorded(
        Action.FACTORY_MERGED,
        by=SYSTEM,
        at=at,
        data=data,
        private=private,
        **(case.sent_back_to_check(at) if decided_anew else {"settled_as": case.settled_as_now}),
    )
    return Routed(changed.case, changed.entry, alerts)


def _alerts(
    case: Case,
    factory: Factory,
    told: Sequence[Told],
    kinds: _Kinds,
    released: Release,
    *,
    desk_url: str,
    at: datetime,
) -> list[Alert]:
    return [
        write_alert(
            case,
            brand,
            factory,
            link,
            kind=kinds.of(brand.brand_id),
            released=released,
            desk_url=desk_url,
            at=at,
        )
        for brand, link in told
    ]


def know_of(first: Case, factory: Factory) -> frozenset[str]:
    """The brands that were told of a case and, as its worker agrees now, may know of it still."""
    countries = (first.law, first.factory_reported.country, factory.country)
    allowed = release(first.agreed, Way.ALERT, *countries)
    return frozenset(first.alerted_brands if allowed.level is not None else ())


def _kind(case: Case) -> AlertKind:
    if case.state is State.NOT_COVERED:
        return AlertKind.RETRO
    return AlertKind.NEW if case.brand_notified_at is None else AlertKind.UPDATE


def certain_match(decision: Decision) -> Match | None:
    """The match when no human is needed."""
    return match_of(decision) if decision.verdict is Verdict.MATCHED else None


REVIEWED = "reviewer-1"
"""Version of what a reviewer decides by: what she was shown, and what she knows."""


def reviewed_match(factory_id: str, candidates: Sequence[Candidate]) -> Match:
    """The match a reviewer made, with the evidence that was on the table."""
    known = next((c for c in candidates if c.factory_id == factory_id), None)
    evidence = ("chosen by a reviewer", *(known.evidence if known else ()))
    return Match(
        method=MatchMethod.REVIEWER,
        score=1.0,
        evidence=evidence,
        version=REVIEWED,
        matched_name=known.matched_name if known else None,
    )


def _settled(
    case: Case,
    state: State,
    routing: Routing,
    reason: str | None,
    candidates: Sequence[Candidate] = (),
    *,
    at: datetime,
    commit: Commit,
) -> Routed:
    """The case comes to rest: out of the due work, with the reason it waits."""
    updates = {
        "routing": routing,
        "routing_reason": reason,
        "candidates": tuple(candidates)[:MOST_CANDIDATES],
        "check_due_at": None,
        "attempts": 0,
    }
    rested = case.model_copy(update=updates)
    if (case.state, case.settled_as) == (state, rested.settled_as_now):
        return Routed(rested, None)
    return _recorded(rested, state, {"reason": reason}, {}, at=at, commit=commit)


def _alerted(
    case: Case,
    alerts: Sequence[Alert],
    *,
    opens: bool,
    not_engaged: Sequence[str],
    at: datetime,
    commit: Commit,
) -> Routed:
    case = case.model_copy(
        update={
            "routing": Routing.ALERTED,
            "routing_reason": None,
            "check_due_at": None,
            "attempts": 0,
            "brand_notified_at": case.brand_notified_at or at,
            "clocks": _clocks_of_alerted(case, at),
        }
    )
    data, private = _named_alerts(alerts, commit)
    if opens:
        data["escrow"] = "released"
    if left_out := sorted(not_engaged):
        data[NOT_ENGAGED] = {"count": len(left_out), **commitment(NOT_ENGAGED, left_out, commit)}
        private[NOT_ENGAGED] = left_out
    case = _with_told(case, alerts)
    recorded = _recorded(case, State.BRAND_NOTIFIED, data, private, at=at, commit=commit)
    return recorded._replace(alerts=alerts)


def _with_told(case: Case, alerts: Sequence[Alert]) -> Case:
    brands = {*case.alerted_brands, *(alert.brand_id for alert in alerts)}
    return case.model_copy(update={"alerted_brands": tuple(sorted(brands))})


def _named_alerts(alerts: Sequence[Alert], commit: Commit) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the ledger says of them to everybody, and to the case's own partner: an id tells who
    guesses which brand it is."""
    ids = sorted(alert.alert_id for alert in alerts)
    return {"alerts": {"count": len(ids), **commitment("alerts", ids, commit)}}, {"alerts": ids}


def _clocks_of_alerted(case: Case, at: datetime) -> dict[ClockKind, Any]:
    started: tuple[ClockKind, ...] = (
        ClockKind.BRAND_ACKNOWLEDGES,
        ClockKind.BRAND_FIRST_REPLY,
        ClockKind.REMEDIATION_PLAN,
    )
    started += () if case.brand_notified_at else CHECK_INS
    met = case.model_copy(update={"clocks": case.with_clock_met(ClockKind.ALERT_BRAND, at)})
    new = {kind: case.started_clock(kind, at) for kind in started if kind not in case.clocks}
    return {**met.with_clocks_restarted(started, at), **new}


def _recorded(
    case: Case,
    state: State,
    data: dict[str, Any],
    private: dict[str, Any],
    *,
    at: datetime,
    commit: Commit,
) -> Routed:
    passed = _way(case.state, state)
    data |= {"from": case.state, "passed": passed, "routing": case.routing}
    if case.match is not None and case.factory_id is not None:
        private |= {"factory_id": case.factory_id}
        data |= {
            "factory_id": commitment("factory_id", case.factory_id, commit),
            "method": case.match.method,
            "score": case.match.score,
            "decided_by": case.match.version,
        }
    updates: dict[str, Any] = {"state": state, "settled_as": case.settled_as_now}
    if State.ACKNOWLEDGED in passed:
        updates |= {"acknowledged_at": at}
        case = case.model_copy(update={"clocks": case.with_clock_met(ClockKind.ACKNOWLEDGE, at)})
    if {State.ADMISSIBLE, State.NOT_COVERED} & set(passed):
        updates |= {"clocks": case.with_clock_met(ClockKind.SCREENING, at)}
    changed = case.recorded(Action.ROUTED, by=SYSTEM, at=at, data=data, private=private, **updates)
    return Routed(changed.case, changed.entry)


def _way(start: State, goal: State) -> list[State]:
    """The shortest legal way for the system, without the start. ValueError when there is none."""
    ways: list[list[State]] = [[start]]
    for way in ways:
        if way[-1] is goal:
            return way[1:]
        ways += [
            [*way, to] for to, who in TABLE[way[-1]].items() if SYSTEM in who and to not in way
        ]
    raise ValueError(f"no way from {start} to {goal}")
