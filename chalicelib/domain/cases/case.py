"""A case: the facts a partner filed, and all that has become of them.

Every change is a method that returns the changed case together with its ledger entry. The case's
version is the number of its latest entry, so nothing changes without a record.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.domain import rules, taxonomy
from chalicelib.domain.calendars import Unit, deadline
from chalicelib.domain.cases.case_link import MOST_LINKS, CaseLink, FiledLink
from chalicelib.domain.cases.facts import PEOPLE_IN_BAND, Consent, Facts, Filing, band_of
from chalicelib.domain.cases.proposal import Proposal
from chalicelib.domain.cases.severity import assess, worse
from chalicelib.domain.factories.resolution import Candidate, Match
from chalicelib.domain.helpline.standard_answer import GivenAnswer
from chalicelib.domain.record import ledger
from chalicelib.domain.record.ledger import Action, Commit, Entry
from chalicelib.domain.references import public_ref
from chalicelib.domain.remedies.provided import Remedy
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.text import CountryCode
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import (
    ConsentLevel,
    EscalationLevel,
    Finding,
    HoldReason,
    IdentityState,
    InadmissibleReason,
    IntakeType,
    LinkDirection,
    LinkType,
    Outcome,
    RootCause,
    Routing,
    Severity,
    State,
    WorkerVerdict,
)

SYSTEM = "system"
"""The actor of what the service does by itself."""

PERSONAL_TEXTS = frozenset({"narrative", "summary", "requested_remedy", "factory_reported"})
"""Facts in a person's own words: the ledger holds keyed commitments to them, never the words."""

IN_CLEAR = frozenset(
    {"intake_type", "channel", "filed_by", "categories", "ilo_indicators", "jurisdiction"}
)
"""Facts that an auditor's row shows as they are. Of all others entries hold commitments."""

_HIDDEN_OF_CONSENT = frozenset({"recipients", "script_version"})
"""Of a consent, what could be guessed back from a plain hash; its level and switches are codes."""


class Clock(Value):
    """One running time: when it is due, when it was met; when it had run out, noted where somebody
    was told, or it was started anew; and how far it has escalated."""

    due_at: Moment
    met_at: Moment | None = None
    breached_at: Moment | None = None
    level: EscalationLevel | None = None

    def ran_out_at(self, now: datetime) -> datetime | None:
        """When it ran out, this time or before; None where it never has until now."""
        return self.due_at if self.due_at < (self.met_at or now) else self.breached_at


class Hold(Value):
    """Why a case rests, until when, and where it goes on."""

    reason: str
    until: Moment
    held_from: State


class RetentionHold(Value):
    """Why nothing of a case may be erased for the time being, and since when."""

    reason: HoldReason
    since: Moment


class Opening(Value):
    """What the first receipt said, kept so that a repeated post gets the same bytes."""

    severity: Severity
    respond_by: dict[ClockKind, Moment]
    with_identity: bool | None = None


class Case(Facts):
    """One grievance (or enquiry, suggestion, retaliation) with its state."""

    grievance_id: str
    public_ref: str
    partner_id: str
    partner_ref: str | None = None
    links: tuple[CaseLink, ...] = ()
    fingerprint: str
    receipt_hash: str
    identity: IdentityState | None = None
    texts_erased_at: Moment | None = None
    written_since_erasure: bool = False
    retention_hold: RetentionHold | None = None
    received_at: Moment
    taxonomy_version: str
    severity: Severity
    severity_raised_to: Severity | None = None
    state: State = State.RECEIVED
    routing: Routing = Routing.PENDING
    routing_reason: str | None = None
    escrow_released_at: Moment | None = None
    alerted_brands: tuple[str, ...] = ()
    identity_handed_to: tuple[str, ...] = ()
    factory_id: str | None = None
    match: Match | None = None
    candidates: tuple[Candidate, ...] = ()
    refused_factories: tuple[str, ...] = ()
    settled_as: str | None = None
    clocks: dict[ClockKind, Clock] = {}
    opening: Opening
    first_entry: Entry
    hold: Hold | None = None
    proposal: Proposal | None = None
    inadmissible_reason: InadmissibleReason | None = None
    appealed: bool = False
    finding: Finding | None = None
    outcome: Outcome | None = None
    root_cause: RootCause | None = None
    worker_verdict: WorkerVerdict | None = None
    remedy: Remedy | None = None
    acknowledged_at: Moment | None = None
    brand_notified_at: Moment | None = None
    brand_acknowledged_at: Moment | None = None
    brand_first_reply_at: Moment | None = None
    plan_at: Moment | None = None
    closed_at: Moment | None = None
    reopened_count: int = 0
    standard_answer: GivenAnswer | None = None
    consent_changes: int = 0
    crossed: tuple[CountryCode, ...] = ()
    check_due_at: Moment | None = None
    attempts: int = 0
    wakes: int = 0
    version: int = 1
    ledger_hash: str

    @property
    def settled_as_now(self) -> str:
        """What the check found out, in one word per thing: equal when it found the same again."""
        candidates = ",".join(candidate.factory_id for candidate in self.candidates)
        return "|".join(
            (self.routing, self.routing_reason or "", self.factory_id or "", candidates)
        )

    @property
    def is_in_escrow(self) -> bool:
        """Whether it waits for others to have filed the same."""
        return self.consent.level is ConsentLevel.X and self.escrow_released_at is None

    @property
    def retaliates(self) -> list[str]:
        """The ids of the cases that it says a worker was punished for."""
        return [
            link.grievance_id
            for link in self.links
            if (link.type, link.direction) == (LinkType.RETALIATION_OF, LinkDirection.TO)
        ]

    @property
    def agreed(self) -> Consent:
        """What the worker agrees to as things stand: once out of escrow, `X` is `C3`."""
        if self.escrow_released_at is None:
            return self.consent
        return self.consent.model_copy(update={"level": ConsentLevel.C3})

    @property
    def facts(self) -> Facts:
        """The partner's part alone."""
        return Facts.model_construct(**{name: getattr(self, name) for name in Facts.model_fields})

    def recorded(
        self,
        action: Action,
        *,
        by: str,
        at: datetime,
        data: dict[str, Any],
        private: dict[str, Any] | None = None,
        **updates: Any,
    ) -> "Changed":
        """The case with `updates` applied and the entry that records them.

        `private` is what commitments in `data` stand for; it stays with the case's partner.
        """
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
        return Changed(self.model_copy(update=updates), entry)

    @property
    def words_added(self) -> dict[str, Any]:
        """What changes in the case itself when something is said beside it, in a message."""
        return {"written_since_erasure": True} if self.texts_erased_at is not None else {}

    def sent_back_to_check(self, at: datetime) -> dict[str, Any]:
        """What changes when the check shall decide anew: now, or once the case is off its hold."""
        return {
            "routing": Routing.PENDING,
            "routing_reason": None,
            "check_due_at": None if self.hold else at,
            "attempts": 0,
        }

    def with_clock_met(self, kind: ClockKind, at: datetime) -> dict[ClockKind, Clock]:
        """The clocks, with one stopped (the first stop counts)."""
        clock = self.clocks.get(kind)
        if clock is None or clock.met_at is not None:
            return self.clocks
        return {**self.clocks, kind: clock.model_copy(update={"met_at": at})}

    def with_clock_at(self, kind: ClockKind, level: EscalationLevel) -> dict[ClockKind, Clock]:
        """The clocks, with one at this level; from the first after its reminder it has run out."""
        clock = self.clocks[kind]
        ran_out = None if level is EscalationLevel.REMINDER else clock.due_at
        at_level = {"level": level, "breached_at": clock.breached_at or ran_out}
        return {**self.clocks, kind: clock.model_copy(update=at_level)}

    def with_clocks_restarted(
        self, kinds: Iterable[ClockKind], at: datetime
    ) -> dict[ClockKind, Clock]:
        """The clocks, with those of these kinds that the case has running from now on anew. That
        one had run out before stays on record."""
        again = {
            kind: self.started_clock(kind, at).model_copy(
                update={"breached_at": self.clocks[kind].ran_out_at(at)}
            )
            for kind in kinds
            if kind in self.clocks
        }
        return {**self.clocks, **again}

    def with_clock_extended(
        self, kind: ClockKind, days: int, at: datetime
    ) -> dict[ClockKind, Clock]:
        """The clocks, with one due so many days later: it goes through its levels anew. That it had
        run out before stays on record."""
        clock = self.clocks[kind]
        later = {
            "due_at": deadline(clock.due_at, days, Unit.DAYS, self.law),
            "breached_at": clock.ran_out_at(at),
            "level": None,
        }
        return {**self.clocks, kind: clock.model_copy(update=later)}

    def with_clocks_shortened(self, severity: Severity, at: datetime) -> dict[ClockKind, Clock]:
        """The clocks once the case is known to be so severe: what still runs has from now on the
        time that such a case has, if that is over sooner. Nobody is late by it already."""
        sooner: dict[ClockKind, Clock] = {
            kind: clock.model_copy(
                update={"due_at": min(clock.due_at, rules.due(kind, at, severity, self.law))}
            )
            for kind, clock in self.clocks.items()
            if clock.met_at is None and clock.due_at > at and kind is not ClockKind.VERIFY
        }
        return {**self.clocks, **sooner}

    def having_crossed(self, borders: Iterable[str]) -> "Case":
        """The case once something of it has left these jurisdictions; the first time counts."""
        return self.model_copy(update={"crossed": tuple(sorted({*self.crossed, *borders}))})

    @property
    def people(self) -> int:
        """How many people's data it holds; of a band its upper end."""
        match self.workers_affected:
            case int(count):
                return count
            case None:
                return 1
            case band:
                return PEOPLE_IN_BAND[band]

    def started_clock(self, kind: ClockKind, at: datetime) -> Clock:
        """A clock of this kind that starts to run now, by the rules of the case's jurisdiction."""
        return Clock(due_at=rules.due(kind, at, self.severity, self.law))


class Changed(NamedTuple):
    """A changed case and the ledger entry that says so."""

    case: Case
    entry: Entry


_FIRST_CLOCKS = (
    ClockKind.ACKNOWLEDGE,
    ClockKind.SCREENING,
    ClockKind.ALERT_BRAND,
    ClockKind.FEEDBACK,
    ClockKind.HARD_STOP,
)


def _first_clocks(
    facts: Facts, severity: Severity, at: datetime, kinds: Iterable[ClockKind] = _FIRST_CLOCKS
) -> dict[ClockKind, Clock]:
    return {kind: Clock(due_at=rules.due(kind, at, severity, facts.law)) for kind in kinds}


ROUTED_TYPES = frozenset({IntakeType.GRIEVANCE, IntakeType.RETALIATION})
"""What the scheduled check looks at. Enquiries and suggestions are nobody's alert."""


def severity_of(facts: Facts) -> Severity:
    """The severity that follows from the facts alone."""
    return assess(
        facts.intake_type, facts.categories, facts.ilo_indicators, band_of(facts.workers_affected)
    )


def open_case(
    filing: Filing,
    *,
    grievance_id: str,
    partner_id: str,
    receipt_hash: str,
    fingerprint: str,
    by: str,
    at: datetime,
    identity: Sequence[str] = (),
) -> Case:
    """The case that a filing becomes: received, its first clocks running, due for the check.

    `fingerprint` is the keyed hash of the whole filing: the ledger's commitment to it. `identity`
    names the fields of the worker's identity that came along; it is not part of the filing.
    """
    severity = severity_of(filing)
    reference = public_ref(grievance_id, at.year)
    routed = filing.intake_type in ROUTED_TYPES
    kinds = _FIRST_CLOCKS if routed else (ClockKind.ACKNOWLEDGE, ClockKind.FEEDBACK)
    clocks = _first_clocks(filing, severity, at, kinds)
    entry = ledger.append(
        ledger.GENESIS,
        1,
        at=at,
        actor=by,
        action=Action.RECEIVED,
        data={
            "public_ref": reference,
            "intake_type": filing.intake_type,
            "severity": severity,
            "consent_level": filing.consent.level,
            "filing": fingerprint,
            **({"identity": list(identity)} if identity else {}),
            **({"links": sorted(link.type for link in filing.links)} if filing.links else {}),
        },
    )
    return Case(
        **{**dict(filing), "links": tuple(link.kept() for link in filing.links)},
        grievance_id=grievance_id,
        public_ref=reference,
        partner_id=partner_id,
        fingerprint=fingerprint,
        receipt_hash=receipt_hash,
        received_at=at,
        taxonomy_version=taxonomy.VERSION,
        severity=severity,
        routing=Routing.PENDING if routed else Routing.NOT_ROUTED,
        clocks=clocks,
        opening=Opening(
            severity=severity,
            respond_by={k: clock.due_at for k, clock in clocks.items()},
            with_identity=True if identity else None,
        ),
        identity=IdentityState.HELD if identity else None,
        first_entry=entry,
        check_due_at=at if routed else None,
        ledger_hash=entry.hash,
    )


def linked_back(
    case: Case, link: FiledLink, newer: str, *, by: str, at: datetime, commit: Commit
) -> Changed:
    """A case once a newer one has named it, whatever state it is in."""
    back = CaseLink(type=link.type, grievance_id=newer, direction=LinkDirection.FROM)
    return case.recorded(
        Action.LINKED,
        by=by,
        at=at,
        data={"type": link.type, "grievance_id": ledger.commitment("grievance_id", newer, commit)},
        private={"grievance_id": newer},
        links=(*case.links, back),
    )


def takes_links(case: Case) -> bool:
    """Whether a newer case may still name it."""
    return len(case.links) < MOST_LINKS


_REROUTES = frozenset(
    {
        "factory_reported",
        "incident_from",
        "incident_to",
        "jurisdiction",
        "intake_type",
    }
)
BEFORE_ALERT = frozenset(
    {State.RECEIVED, State.ACKNOWLEDGED, State.SCREENING, State.ADMISSIBLE, State.NOT_COVERED}
)
"""States in which the check may still have something to decide."""


def correct(
    case: Case,
    corrections: Mapping[str, Any],
    *,
    by: str,
    at: datetime,
    commit: Commit,
    reason: str | None = None,
) -> Changed | None:
    """The case with some facts replaced, or None when nothing changes. `reason` is why a severity
    was raised.

    Severity follows the new facts upwards; it never falls by a correction. A change of what decides
    about routing sends a case that no brand was told about back to the check. What turns out to be
    a grievance has the clocks of one from now on.
    Raises pydantic.ValidationError when the corrected facts contradict each other.
    """
    before = case.facts
    raised = corrections.get("severity_raised_to", case.severity_raised_to)
    facts = before.changed(**{k: v for k, v in corrections.items() if k in Facts.model_fields})
    changed = {n for n in Facts.model_fields if getattr(before, n) != getattr(facts, n)}
    if not changed and raised == case.severity_raised_to:
        return None
    severity = worse(case.severity, worse(_worsened(before, facts), raised or Severity.S4))
    updates: dict[str, Any] = {name: getattr(facts, name) for name in changed}
    updates |= {"severity": severity, "severity_raised_to": raised}
    if changed & _REROUTES:
        updates |= _rerouted(case, facts, changed, at)
    data, private = _differences(before, facts, changed, commit)
    if severity != case.severity:
        data["severity"] = [case.severity, severity]
        updates["clocks"] = case.with_clocks_shortened(severity, at)
    if facts.intake_type in ROUTED_TYPES and before.intake_type not in ROUTED_TYPES:
        updates["clocks"] = _first_clocks(facts, severity, at) | updates.get("clocks", case.clocks)
    if reason is not None:
        data["reason"] = ledger.commitment("reason", reason, commit)
    return case.recorded(Action.CORRECTED, by=by, at=at, data=data, private=private, **updates)


def _worsened(before: Facts, after: Facts) -> Severity:
    """What the facts say where they have become worse: what people have lowered stays lowered as
    long as nothing worse is heard."""
    now = severity_of(after)
    return now if now < severity_of(before) else Severity.S4


def change_consent(
    case: Case, consent: Consent, *, by: str, at: datetime, commit: Commit
) -> Changed | None:
    """The case with another consent, or None where it is the same.

    Possible in every state: a worker may withdraw whenever she likes (GDPR article 7(3), PIPL
    article 15). A case that no brand was told about goes back to the check.
    """
    if consent == case.consent:
        return None
    before, after = (each.model_dump(mode="json") for each in (case.consent, consent))
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    data, private = dict(changed), {}
    for name in sorted(_HIDDEN_OF_CONSENT & changed.keys()):
        private[name] = changed[name]
        data[name] = [_shown(name, each or None, commit) for each in changed[name]]
    updates: dict[str, Any] = {"consent": consent, "consent_changes": case.consent_changes + 1}
    if consent.level is not ConsentLevel.X:
        updates["escrow_released_at"] = None
    updates |= _rerouted(case, case.facts, {"consent"}, at)
    return case.recorded(
        Action.CONSENT_CHANGED, by=by, at=at, data=data, private=private, **updates
    )


def _rerouted(case: Case, facts: Facts, changed: set[str], at: datetime) -> dict[str, Any]:
    if facts.intake_type not in ROUTED_TYPES:
        return {"routing": Routing.NOT_ROUTED, "check_due_at": None}
    rests_at = case.hold.held_from if case.hold else case.state
    if rests_at not in BEFORE_ALERT:
        return {}
    back = case.sent_back_to_check(at)
    if "factory_reported" in changed:
        back |= {"factory_id": None, "match": None, "refused_factories": ()}
    return back


def _differences(
    before: Facts, after: Facts, names: set[str], commit: Commit
) -> tuple[dict[str, Any], dict[str, Any]]:
    """[before, after] of each fact: as the entry says it, and, of what is no person's own words,
    as the partner may see it where the entry holds commitments."""
    old, new = (facts.model_dump(mode="json", include=names) for facts in (before, after))
    shown = {
        name: [_shown(name, old[name], commit), _shown(name, new[name], commit)]
        for name in sorted(names)
    }
    hidden = names - IN_CLEAR - PERSONAL_TEXTS
    return shown, {name: [old[name], new[name]] for name in sorted(hidden)}


def _shown(name: str, value: Any, commit: Commit) -> Any:
    if value is None or name in IN_CLEAR:
        return value
    if name == "consent":
        return {
            switch: _shown(switch, given or None, commit) if switch in _HIDDEN_OF_CONSENT else given
            for switch, given in value.items()
        }
    return ledger.commitment(name, value, commit)
