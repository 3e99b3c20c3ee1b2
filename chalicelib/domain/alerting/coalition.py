"""Coalition: several partners' cases say the same of one factory, and its brands hear that they do.

An alert of this kind is about no case. It names no partner and no case; it says how many workers
there are in a band, and names the factory only where enough of them agreed to that by themselves.
Who is counted, and who is one person, follows the rules of escrow: filings without a name count for
nothing, and one worker counts once, wherever she files.
"""

from collections import Counter
from collections.abc import Sequence, Set
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.domain import rules
from chalicelib.domain.alerting.alert import OF_COALITION, Alert, AlertPayload, named, pending
from chalicelib.domain.alerting.escrow import Filed, people, standing
from chalicelib.domain.cases.case import SYSTEM, Case
from chalicelib.domain.cases.consent import Detail, Way, release
from chalicelib.domain.cases.facts import band_of
from chalicelib.domain.cases.severity import assess
from chalicelib.domain.cases.signal import Signal
from chalicelib.domain.factories.registry import Brand, Factory, SourcingLink
from chalicelib.domain.record import ledger
from chalicelib.domain.record.ledger import Action, Commit, Entry, commitment
from chalicelib.domain.references import derive_id, public_ref
from chalicelib.domain.rules import COALITION, ClockKind
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import (
    AlertKind,
    AlertStatus,
    Category,
    ConsentLevel,
    EscalationLevel,
    IntakeType,
    SignalKind,
)


class Member(NamedTuple):
    """A case that counts: what it says of when, and how much of it brands may know."""

    filed: Filed
    received_at: datetime
    incident_from: str | None
    incident_to: str | None
    detail: Detail

    def concerns(self, link: SourcingLink) -> bool:
        """Whether a brand sourced there at any time of the incident."""
        return link.covers(self.incident_from, self.incident_to, self.received_at.date())


class Heard(NamedTuple):
    """What one brand may be told: with the factory (`C3`) or without (`C1`), of how many."""

    level: ConsentLevel
    workers: int


class Coalition(Value):
    """What was raised of a factory and a category: a head with a ledger of its own, as a case has.

    One round is raised at most every `COALITION.within`. One that has lapsed goes to nobody more.
    """

    coalition_id: str
    about_factory: str
    category: Category
    public_ref: str
    round: int = 1
    raised_at: Moment
    lapsed_at: Moment | None = None
    alerted_brands: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    """Who is told of what becomes of the round; nobody else is told who they are."""
    first_entry: Entry
    version: int = 1
    ledger_hash: str

    def is_live(self, now: datetime) -> bool:
        """Whether what was raised stands for now: nothing is raised anew."""
        return now < self.raised_at + COALITION.within

    @property
    def counts_from(self) -> datetime:
        """What was received since then counts for the round."""
        return self.raised_at - COALITION.within

    def still_stands(self, alert: Alert) -> bool:
        """Whether an alert of it may (still, or again) go out."""
        this_round = alert.payload.sequence == self.round
        return this_round and self.lapsed_at is None and alert.brand_id in self.alerted_brands

    def still_asks(self, alert: Alert) -> bool:
        """Whether its brand is still to acknowledge an alert of it. One that was never sent, or of
        which too few are left, asks nobody."""
        return self.still_stands(alert) and alert.status is not AlertStatus.SUPPRESSED

    def recorded(
        self,
        action: Action,
        *,
        by: str,
        at: datetime,
        data: dict[str, Any],
        private: dict[str, Any] | None = None,
        **updates: Any,
    ) -> "ChangedCoalition":
        """The coalition with `updates` applied and the entry that records them."""
        entry = ledger.append(
            self.ledger_hash,
            self.version + 1,
            at=at,
            actor=by,
            action=action,
            data=data,
            private=private,
        )
        updates |= {"version": entry.seq, "ledger_hash": entry.hash}
        return ChangedCoalition(self.model_copy(update=updates), entry)


class ChangedCoalition(NamedTuple):
    """A changed coalition and the ledger entry that says so."""

    coalition: Coalition
    entry: Entry


Record = Case | Coalition
"""What an alert belongs to."""


def record_id(record: Record) -> str:
    """Its id."""
    return record.grievance_id if isinstance(record, Case) else record.coalition_id


def shown_to_brand(alert: Alert, record: Record) -> AlertPayload | None:
    """What its brand may see of an alert now. A coalition's names nobody: it stays what it was."""
    return alert.payload if isinstance(record, Coalition) else alert.shown(record)


# Who counts


def member(case: Case, worker: frozenset[str], factory: Factory) -> Member | None:
    """What a case counts as; None where it does not count."""
    stands_for = standing(case)
    if stands_for is None or not worker:
        return None
    filed = Filed(case.grievance_id, case.partner_id, stands_for.categories, worker)
    countries = (case.law, case.factory_reported.country, factory.country)
    # Where nothing may cross a border, or be told of the one case, a number still may.
    detail = max(release(case.agreed, Way.ALERT, *countries).detail, Detail.COUNTED)
    return Member(filed, case.received_at, case.incident_from, case.incident_to, detail)


def is_enough(filed: Sequence[Filed]) -> bool:
    """Whether these are a coalition: distinct workers enough, of partners enough, of each of whom
    there is more than one: so neither one partner nor one worker can make it."""
    served_by = [frozenset(filing.partner_id for filing in person) for person in people(filed)]
    of_each = Counter(partner for partners in served_by for partner in partners)
    several = [partner for partner, count in of_each.items() if count >= COALITION.workers_each]
    return len(served_by) >= COALITION.workers and len(several) >= COALITION.partners


def of_category(members: Sequence[Member], category: Category, since: datetime) -> list[Member]:
    """Those that say something of a category, and were received since then."""
    return [m for m in members if category in m.filed.categories and m.received_at > since]


def stands(members: Sequence[Member]) -> bool:
    """Whether there are enough of them at all."""
    return is_enough([each.filed for each in members])


def heard(members: Sequence[Member], link: SourcingLink) -> Heard | None:
    """What a brand may be told of what happened while it sourced there; None where that is nothing.

    The factory is named only where there are enough without those who did not agree to that.
    """
    concerned = [each for each in members if each.concerns(link)]
    for level, least in ((ConsentLevel.C3, Detail.FACTORY), (ConsentLevel.C1, Detail.COUNTED)):
        counted = [each.filed for each in concerned if each.detail >= least]
        if is_enough(counted):
            return Heard(level, len(people(counted)))
    return None


def counts_differently(before: Case, after: Case) -> list[str]:
    """The factories of which a change of a case says something else than before."""
    counted, counts = _counted(before), _counted(after)
    if counted == counts:
        return []
    return sorted({each[0].factory_id for each in (counted, counts) if each is not None})


def _counted(case: Case) -> tuple[Any, ...] | None:
    stands_for = standing(case)
    if stands_for is None:
        return None
    return (stands_for, case.agreed, case.incident_from, case.incident_to, case.law)


# What is raised


def next_round(known: Coalition | None, now: datetime) -> int:
    """The round that is told now: the one that stands, or the next."""
    if known is None:
        return 1
    return known.round if known.is_live(now) else known.round + 1


def write_coalition_alert(
    coalition_id: str,
    number: int,
    category: Category,
    brand: Brand,
    factory: Factory,
    link: SourcingLink,
    told: Heard,
    *,
    desk_url: str,
    at: datetime,
) -> Alert:
    """The alert for one brand. Its severity follows from the category alone: from no one's case."""
    derived = derive_id("a", coalition_id, brand.brand_id, AlertKind.COALITION, str(number))
    about = coalition_id.removeprefix("c_")
    alert_id = f"{OF_COALITION}{about}_{derived.removeprefix('a_')}"
    is_named = told.level is ConsentLevel.C3
    severity = assess(IntakeType.GRIEVANCE, [category], (), None)
    acknowledge_by = rules.due(ClockKind.BRAND_ACKNOWLEDGES, at, severity, factory.country)
    code = brand.code_of_conduct
    payload = AlertPayload(
        alert_id=alert_id,
        kind=AlertKind.COALITION,
        public_ref=reference(coalition_id, number, at),
        brand_id=brand.brand_id,
        consent_level=told.level,
        factory=named(factory) if is_named else None,
        country=factory.country,
        category=category,
        categories=(category,),
        severity=severity,
        received_month=f"{at:%Y-%m}",
        workers_band=band_of(told.workers),
        acknowledge_by=acknowledge_by,
        respond_by=acknowledge_by,
        actions_required=("acknowledge",),
        link_dates_known=link.dates_known() if is_named else True,
        code_clause=code.clause_for(category) if code else None,
        code_version=code.version if code else None,
        link=f"{desk_url}/v1/alerts/{alert_id}",
        sequence=number,
    )
    return pending(coalition_id, payload, brand.language, at)


def reference(coalition_id: str, number: int, at: datetime) -> str:
    """The reference of a round: its own, no case's."""
    return public_ref(f"{coalition_id}#{number}", at.year)


def told(
    known: Coalition | None,
    coalition_id: str,
    factory: Factory,
    category: Category,
    alerts: Sequence[Alert],
    members: Sequence[Member],
    *,
    at: datetime,
    commit: Commit,
) -> ChangedCoalition:
    """The coalition once these alerts were written: raised, or told to brands known only now."""
    number, ids = next_round(known, at), sorted(alert.alert_id for alert in alerts)
    said = {"count": len(ids), **commitment("alerts", ids, commit)}
    data = {"category": category, "round": number, "alerts": said}
    brands = {alert.brand_id for alert in alerts}
    partners = {each.filed.partner_id for each in members}
    round_of = _round_of(known, coalition_id, number, brands, partners, at)
    if known is not None:
        return known.recorded(
            Action.COALITION_RAISED,
            by=SYSTEM,
            at=at,
            data=data,
            private={"alerts": ids},
            **round_of,
        )
    entry = ledger.append(
        ledger.GENESIS,
        1,
        at=at,
        actor=SYSTEM,
        action=Action.COALITION_RAISED,
        data=data,
        private={"alerts": ids},
    )
    about = {"about_factory": factory.factory_id, "category": category}
    return ChangedCoalition(
        Coalition.model_validate(
            {
                "coalition_id": coalition_id,
                **about,
                **round_of,
                "first_entry": entry,
                "ledger_hash": entry.hash,
            }
        ),
        entry,
    )


def _round_of(
    known: Coalition | None,
    coalition_id: str,
    number: int,
    brands: Set[str],
    partners: Set[str],
    at: datetime,
) -> dict[str, Any]:
    """What a coalition's head says of its round: of a new one, or of one that goes on."""
    if known is not None and number == known.round:
        return {
            "alerted_brands": tuple(sorted(brands | set(known.alerted_brands))),
            "partners": tuple(sorted(partners | set(known.partners))),
        }
    return {
        "round": number,
        "public_ref": reference(coalition_id, number, at),
        "raised_at": at,
        "lapsed_at": None,
        "alerted_brands": tuple(sorted(brands)),
        "partners": tuple(sorted(partners)),
    }


def lapsed(coalition: Coalition, at: datetime) -> ChangedCoalition:
    """The coalition once there are too few left: who has it keeps it, nobody else gets it."""
    data = {"round": coalition.round}
    return coalition.recorded(Action.COALITION_LAPSED, by=SYSTEM, at=at, data=data, lapsed_at=at)


def signals_of(coalition: Coalition, at: datetime) -> list[Signal]:
    """What each of its partners is told: that others say the same, and of what; not who."""
    parts = (coalition.coalition_id, str(coalition.round))
    return _to_partners(coalition, parts, kind=SignalKind.COALITION, due_at=at, at=at)


def signals_of_overdue(
    coalition: Coalition, alert: Alert, clock: ClockKind, level: EscalationLevel, at: datetime
) -> list[Signal]:
    """What each of its partners is told when a brand does not acknowledge it; not which brand."""
    due_at = alert.payload.acknowledge_by
    kind = SignalKind.BRAND_OVERDUE
    return _to_partners(
        coalition,
        (alert.alert_id, level),
        kind=kind,
        clock=clock,
        level=level,
        due_at=due_at,
        at=at,
    )


def _to_partners(coalition: Coalition, parts: Sequence[str], **said: Any) -> list[Signal]:
    return [
        Signal(
            signal_id=derive_id("s", *parts, partner_id),
            partner_id=partner_id,
            factory_id=coalition.about_factory,
            category=coalition.category,
            **said,
        )
        for partner_id in coalition.partners
    ]
