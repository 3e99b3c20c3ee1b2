"""What must become of a case: the rules of domain and documents, written a second time, by hand.

Nothing here imports the service, so that a wrong rule there cannot be right by itself.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from tests.model.values import OPEN_PROPOSAL, AlertName, Case, Consent, Proposal, Registry, Told

ROUTED = ("grievance", "retaliation")
BEFORE_ALERT = ("received", "acknowledged", "screening", "admissible", "not_covered")

NOTHING, COUNTED, ISSUE, FACTORY = range(4)
_DETAIL = {"C0": NOTHING, "C1": COUNTED, "C2": ISSUE, "C3": FACTORY, "C4": FACTORY, "X": COUNTED}
_HELD = {
    "C0": "consent_c0_nothing_may_be_shared",
    "C1": "consent_c1_aggregates_only",
    "X": "consent_x_held_in_escrow",
}
NOT_ACROSS = "cross_border_consent_missing"

_ANYBODY = ("partner_intake", "partner_supervisor")
_LEAD = ("partner_supervisor",)
_CHECK_ONLY = ()
STEPS: dict[str, dict[str, tuple[str, ...]]] = {
    "received": {"acknowledged": _ANYBODY},
    "acknowledged": {"screening": _ANYBODY},
    "screening": {
        "admissible": _LEAD,
        "inadmissible": _LEAD,
        "referred": _LEAD,
        "not_covered": _LEAD,
    },
    "admissible": {"brand_notified": _CHECK_ONLY, "not_covered": _CHECK_ONLY, "screening": _LEAD},
    "inadmissible": {"screening": _LEAD},
    "referred": {"screening": _LEAD, "closed": _LEAD},
    "not_covered": {
        "admissible": _CHECK_ONLY,
        "screening": _LEAD,
        "referred": _LEAD,
        "closed": _LEAD,
    },
    "brand_notified": {"investigating": _LEAD},
    "investigating": {"findings": _LEAD},
    "findings": {"remediation": _LEAD, "closed": _LEAD},
    "remediation": {"verification": _LEAD},
    "verification": {"remediation": _LEAD, "closed": _LEAD},
    "closed": {"reopened": _LEAD},
    "reopened": {"screening": _LEAD, "investigating": _LEAD},
    "on_hold": {},
}
"""From → to → which people. The check has ways of its own."""

STATES = tuple(STEPS)


# What may leave


class Allowed(NamedTuple):
    """How much may be shown now."""

    detail: int
    level: str | None
    held_because: str | None
    summary: bool


def allowed(consent: Consent, *countries: str) -> Allowed:
    """What a brand in question may be told."""
    detail = _DETAIL[consent.level]
    held = _HELD.get(consent.level)
    if detail > COUNTED and "CN" in countries and not consent.across:
        return Allowed(NOTHING, None, NOT_ACROSS, False)
    summary = detail >= FACTORY and consent.summary
    return Allowed(detail, None if held else consent.level, held, summary)


def exported(case: Case, registry: Registry) -> int:
    """How much an auditor's row may show; nothing: there is no row."""
    countries = [registry.places[case.place].country]
    countries += [registry.country(case.factory)] if case.factory else []
    if "CN" in countries and not case.consent.across:
        return NOTHING
    return max(ISSUE, _DETAIL[case.consent.level])


def shown(case: Case, told: Told, registry: Registry) -> int:
    """How much of an alert its brand may see on its desk."""
    if told.is_recall:
        return FACTORY
    now = _allowed_now(case, told.country, registry)
    left = FACTORY if told.left is None else told.left
    detail = min(now.detail, left, _DETAIL[told.level])
    return detail if detail >= ISSUE else NOTHING


def may_show(
    case: Case, level: str, country: str, registry: Registry, *, summary: bool = False
) -> bool:
    """Whether what an alert of this level says is within what the worker agrees to now."""
    now = _allowed_now(case, country, registry)
    return _DETAIL[level] <= now.detail and (now.summary or not summary)


def _allowed_now(case: Case, country: str, registry: Registry) -> Allowed:
    return allowed(case.consent, registry.places[case.place].country, country)


# The check


def waits_for_registry(case: Case, registry: Registry) -> bool:
    """Whether the check would find something else now, for what the registry says now."""
    if _is_with_brands(case):
        return bool(_passed_over(case, registry))
    if case.state not in BEFORE_ALERT or case.intake not in ROUTED:
        return False
    if case.routing == "needs_review":
        return len(registry.meant(case.place)) == 1 and not case.chosen
    covered = case.factory is not None and bool(registry.told_at(case.factory))
    return case.routing == "no_brand" and case.state == "not_covered" and covered


def checked(case: Case, registry: Registry, now: datetime) -> Case:
    """The case after the check has looked at it."""
    if _is_with_brands(case):
        return _told_later(case, registry, now)
    if case.state not in BEFORE_ALERT or case.intake not in ROUTED:
        return replace(case, due=False)
    meant = (case.factory,) if case.chosen and case.factory else registry.meant(case.place)
    if len(meant) != 1:
        reason = "factory_ambiguous" if meant else "factory_unknown"
        unsure = replace(case, factory=None, chosen=False)
        return _settled(unsure, "screening", "needs_review", reason, meant)
    case = replace(case, factory=meant[0])
    brands = registry.told_at(meant[0])
    if not brands:
        reason = "brand_not_engaged" if registry.brands_at(meant[0]) else "no_brand_link"
        return _settled(case, "not_covered", "no_brand", reason)
    country = registry.country(meant[0])
    now_allowed = allowed(case.consent, registry.places[case.place].country, country)
    if now_allowed.level is None:
        return _settled(case, "admissible", "held", now_allowed.held_because)
    return _alerted(case, brands, now_allowed, country, now)


WITH_BRANDS = frozenset(
    {"brand_notified", "investigating", "findings", "remediation", "verification", "reopened"}
)


def _is_with_brands(case: Case) -> bool:
    return case.routing == "alerted" and case.state in WITH_BRANDS


def _passed_over(case: Case, registry: Registry) -> list[str]:
    """Brands that source there, were not told, and may be."""
    if case.factory is None:
        return []
    may = _allowed_now(case, registry.country(case.factory), registry)
    told = {told.name.brand for told in case.told}
    return [] if may.level is None else sorted({*registry.told_at(case.factory)} - told)


def _told_later(case: Case, registry: Registry, now: datetime) -> Case:
    later = _passed_over(case, registry)
    if not later or case.factory is None:
        return case
    country = registry.country(case.factory)
    may = _allowed_now(case, country, registry)
    case = case.after("routed")
    for brand in later:
        case = case.with_told(_new(case, brand, "retro", may, country, now))
    return case


def _settled(
    case: Case, state: str, routing: str, reason: str | None, meant: Iterable[str] = ()
) -> Case:
    as_now = (routing, reason, case.factory, tuple(sorted(meant)))
    rested = replace(case, routing=routing, reason=reason, due=False)
    if (case.state, case.settled) == (state, as_now):
        return rested
    return rested.after("routed", state=state, settled=as_now)


def _alerted(case: Case, brands: list[str], may: Allowed, country: str, now: datetime) -> Case:
    kind = "new" if not case.told else "update"
    kind = "retro" if case.state == "not_covered" else kind
    settled = ("alerted", None, case.factory, ())
    alerted = case.after(
        "routed", state="brand_notified", routing="alerted", reason=None, due=False, settled=settled
    )
    for brand in brands:
        alerted = alerted.with_told(_new(case, brand, kind, may, country, now))
    return alerted


def _new(case: Case, brand: str, kind: str, may: Allowed, country: str, now: datetime) -> Told:
    level = may.level or "C0"
    name = AlertName(brand, kind, case.round)
    summary = may.summary and not case.texts_erased
    return Told(name, level, country, summary=summary, due_at=now, made_at=now)


def published(case: Case, registry: Registry, now: datetime, *, answers: bool = True) -> Case:
    """The case once what is due of its alerts was published (`answers`: SNS did)."""
    for told in case.told:
        if told.status != "pending" or told.due_at is None or told.due_at > now:
            continue
        if is_withheld(told, registry):
            withheld = replace(told, status="suppressed", due_at=None)
            case = case.after("alert_withheld").with_told(withheld)
        else:
            case = case.with_told(_published(case, told, registry, now, answers))
    return case


def is_withheld(told: Told, registry: Registry) -> bool:
    """Whether an alert that waits is let go: its brand is not engaged any more, nor has it."""
    unsent = told.attempts == 0 or told.surely_unsent
    return unsent and not told.is_recall and told.name.brand in registry.not_engaged


def _published(case: Case, told: Told, registry: Registry, now: datetime, answers: bool) -> Told:
    if not told.is_recall and (told.left is not None or not _within(case, told, registry)):
        return replace(told, status="suppressed", due_at=None)
    attempts = told.attempts + 1
    decided = told.is_recall or case.routing == "alerted"
    if answers and decided:
        return replace(told, status="sent", attempts=attempts, due_at=None)
    later = now + timedelta(minutes=2**told.attempts)
    unsent = attempts == 1 and not decided and told.made_at == now
    return replace(told, attempts=attempts, due_at=later, surely_unsent=unsent)


def _within(case: Case, told: Told, registry: Registry) -> bool:
    return may_show(case, told.level, told.country, registry, summary=told.summary)


# Consent


def consented(case: Case, consent: Consent, registry: Registry, now: datetime) -> Case:
    """The case after the worker has changed what she agrees to."""
    if consent == case.consent:
        return case
    changes = case.consent_changes + 1
    case = case.after("consent_changed", consent=consent, consent_changes=changes)
    case = recalled(_sent_back(case), registry, now)
    return _told_more(case, registry, now)


def _sent_back(case: Case) -> Case:
    if case.intake not in ROUTED or case.rests_at not in BEFORE_ALERT:
        return case
    return replace(case, routing="pending", reason=None, due=case.held_from is None)


def recalled(case: Case, registry: Registry, now: datetime) -> Case:
    """The case with a recall to each brand that was told more than is allowed now."""
    for brand in sorted({told.name.brand for told in case.told}):
        too_much = [
            told
            for told in case.told
            if told.name.brand == brand and _still_told(told) and _exceeds(case, told, registry)
        ]
        if too_much:
            case = _taken_back(case, brand, too_much, registry, now)
    return case


def _still_told(told: Told) -> int:
    if told.is_recall or told.status == "suppressed":
        return NOTHING
    return min(_DETAIL[told.level], FACTORY if told.left is None else told.left)


def _exceeds(case: Case, told: Told, registry: Registry) -> bool:
    now = _allowed_now(case, told.country, registry)
    return _still_told(told) > now.detail or not _within(case, told, registry)


def _taken_back(
    case: Case, brand: str, too_much: list[Told], registry: Registry, now: datetime
) -> Case:
    least = min((_allowed_now(case, told.country, registry) for told in too_much), key=_detail_of)
    name = AlertName(brand, "recall", case.round)
    names = frozenset(told.name for told in too_much)
    recall = Told(name, least.level or "C0", too_much[0].country, due_at=now, takes_back=names)
    for told in too_much:
        case = case.with_told(_reduced(told, _allowed_now(case, told.country, registry)))
    return case.with_told(recall)


def _detail_of(may: Allowed) -> int:
    return may.detail


def _reduced(told: Told, may: Allowed) -> Told:
    left = min(may.detail, FACTORY if told.left is None else told.left)
    level = "C2" if may.detail < FACTORY and _DETAIL[told.level] == FACTORY else told.level
    return replace(told, left=left, level=level, summary=told.summary and may.summary)


def _told_more(case: Case, registry: Registry, now: datetime) -> Case:
    if case.routing != "alerted" or case.has_ended or case.factory is None:
        return case
    linked = registry.brands_at(case.factory)
    country = registry.country(case.factory)
    may = allowed(case.consent, registry.places[case.place].country, country)
    for brand in sorted({told.name.brand for told in case.told} & set(linked)):
        mine = [told for told in case.told if told.name.brand == brand]
        known = max(_known(case, told, registry) for told in mine)
        if may.level is not None and may.detail > known:
            case = case.with_told(_new(case, brand, "update", may, country, now))
    return case


def _known(case: Case, told: Told, registry: Registry) -> int:
    if told.status == "pending" and not told.is_recall:
        goes_out = told.left is None and _within(case, told, registry)
        return _DETAIL[told.level] if goes_out else NOTHING
    return min(_still_told(told), _allowed_now(case, told.country, registry).detail)


# Steps


def ways(case: Case) -> dict[str, tuple[str, ...]]:
    """Where the case may go by which people's wish."""
    if case.state == "on_hold":
        return {**({case.held_from: _LEAD} if case.held_from else {}), "closed": _LEAD}
    if case.has_ended:
        return STEPS[case.state]
    return {**STEPS[case.state], "on_hold": _LEAD, "closed": _LEAD}


def refused(case: Case, to: str, outcome: str, role: str, now: datetime) -> int | None:
    """The status a step is refused with; None where it is legal. The body is complete."""
    found = ways(case)
    if role not in found.get(to, ()):
        return 403 if to in found else 409
    if case.state == "on_hold" and to != "closed":
        return None
    if to == "closed" and "closed" not in STEPS[case.state] and outcome != "withdrawn":
        return 422
    if to == "reopened" and _too_late(case, now):
        return 422
    if to == "screening" and case.state == "inadmissible" and case.appealed:
        return 422
    if to == "closed" and outcome == "resolved" and _waits_for_second(case, now):
        return 409
    return None


def _too_late(case: Case, now: datetime) -> bool:
    window = timedelta(days=30)
    return case.intake != "retaliation" and now > (case.closed_at or now) + window


def _waits_for_second(case: Case, now: datetime) -> bool:
    return case.proposal is not None and now < case.proposal.until


def stepped(case: Case, to: str, outcome: str, now: datetime, person: int = 1) -> Case:
    """The case after a legal step, or with the proposal of one that takes two people."""
    if to == "closed" and outcome == "resolved" and case.state != "on_hold":
        return _proposed(case, "close_as_resolved", to, person, now)
    return moved(case, to, outcome, now)


def _proposed(case: Case, kind: str, goal: str, person: int, now: datetime) -> Case:
    until = now + OPEN_PROPOSAL
    proposal = Proposal(kind, person, until, case.state, case.severity, goal)
    return case.after("proposed", proposal=proposal)


def moved(case: Case, to: str, outcome: str, now: datetime) -> Case:
    """The case in its new state, with what that brings along."""
    was = case
    proposal = case.proposal
    if proposal is None or proposal.kind == "close_as_resolved" or to in ("closed", "inadmissible"):
        proposal = None
    case = case.after("transitioned", state=to, proposal=proposal)
    if was.state == "on_hold" and to != "closed":
        waits = case.routing in ("pending", "no_brand", "needs_review")
        return replace(case, held_from=None, held_with_words=False, due=waits)
    match to:
        case "on_hold":
            case = replace(case, held_from=was.state, held_with_words=True, due=False)
        case "closed":
            case = replace(case, outcome=outcome, closed_at=now, due=False, held_from=None)
        case "reopened":
            case = replace(case, reopened=case.reopened + 1, running_since=now)
            case = replace(case, outcome=None, closed_at=None)
        case "screening":
            appealed = case.appealed or was.state == "inadmissible"
            since = now if was.state == "inadmissible" else case.running_since
            case = replace(case, appealed=appealed, running_since=since)
            if case.intake in ROUTED:
                case = replace(case, routing="pending", due=True)
    return _with_retention(was, case, now)


def _with_retention(was: Case, case: Case, now: datetime) -> Case:
    if was.has_ended == case.has_ended:
        return case
    if was.has_ended or case.identity != "held":
        return replace(case, erases_at=None, announced=False)
    law_of_china = case.place in CHINESE
    days = 30 if case.outcome == "withdrawn" else 60 if law_of_china else 90
    return replace(case, erases_at=now + timedelta(days=days), announced=False)


CHINESE = frozenset({"mill", "nowhere"})
"""The places whose law erases who the worker is after 60 days instead of 90."""


def confirmed(case: Case, person: int, now: datetime) -> Case | int:
    """The case after a second person has agreed; or the status that is refused with."""
    proposal = case.proposal
    if proposal is None:
        return 404
    if person == proposal.proposer:
        return 403
    same_state = case.state == proposal.state or proposal.kind == "lower_from_s1"
    if now >= proposal.until or not same_state or case.severity != proposal.severity:
        return 409
    if proposal.kind == "lower_from_s1":
        return case.after("severity_lowered", severity=proposal.goal, proposal=None)
    return moved(case, "closed", "resolved", now)


# Corrections

_SEVERITIES = {"child_labour": "S1", "compensation": "S3"}


def severity_of(intake: str, category: str, many: bool) -> str:
    """The severity that the facts have."""
    if intake == "retaliation":
        return "S1"
    return "S2" if many and _SEVERITIES[category] > "S2" else _SEVERITIES[category]


def corrected(case: Case, changes: dict[str, object], registry: Registry, now: datetime) -> Case:
    """The case with other facts: `place`, `intake`, `category`, `many`, or `raised` to S1."""
    raised = bool(changes.pop("raised", False)) and case.severity != "S1"
    if all(getattr(case, name) == value for name, value in changes.items()) and not raised:
        return case
    before = severity_of(case.intake, case.category, case.many)
    was, case = case, case.after("corrected", **changes)
    now_is = severity_of(case.intake, case.category, case.many)
    worse = min(case.severity, now_is) if now_is < before else case.severity
    case = replace(case, severity="S1" if raised else worse)
    if case.place != was.place or case.intake != was.intake:
        case = _rerouted(was, case)
    return recalled(case, registry, now)


def _rerouted(was: Case, case: Case) -> Case:
    if case.rests_at not in BEFORE_ALERT:
        return _in_or_out(case)
    if case.intake not in ROUTED:
        return replace(case, routing="not_routed", due=False)
    if case.place != was.place:
        case = replace(case, factory=None, chosen=False)
    return _sent_back(case)


def _in_or_out(case: Case) -> Case:
    """What brands were told stays told, whatever the case is called now."""
    if case.routing == "alerted":
        return case
    if case.intake not in ROUTED:
        return replace(case, routing="not_routed", due=False)
    return replace(case, routing="pending") if case.routing == "not_routed" else case


def lowered(case: Case, person: int, now: datetime) -> Case | int:
    """The case with severity S4, or the proposal of that; or the status it is refused with."""
    if case.severity == "S1":
        if _waits_for_second(case, now):
            return 409
        return _proposed(case, "lower_from_s1", "S4", person, now)
    return case.after("severity_lowered", severity="S4", proposal=None)


def chosen(case: Case, factory: str) -> Case:
    """The case after a reviewer has said which factory is meant."""
    return _sent_back(case.after("factory_resolved", factory=factory, chosen=True))


# Erasure


def erased(case: Case, scope: str) -> Case:
    """The case without who the worker is, or without what was written as well."""
    gone = case.identity == "erased"
    if gone and (scope == "identity" or (case.texts_erased and not _holds_words(case))):
        return case
    if scope == "identity":
        return case.after("identity_erased", identity="erased")
    gone_with_them = {"written_since": False, "held_with_words": False, "proposal": None}
    return case.after("texts_erased", identity="erased", texts_erased=True, **gone_with_them)


def _holds_words(case: Case) -> bool:
    """Whether somebody has written something since the texts were erased."""
    return case.written_since or case.held_with_words or case.proposal is not None


def retained(case: Case, now: datetime) -> Case:
    """The case after a run of retention: what was announced is carried out, then announced."""
    if case.erases_at is None or case.erases_at > now:
        return case
    if not case.announced:
        later = now + timedelta(days=7)
        return replace(case, announced=True, erases_at=later)
    done = replace(case, erases_at=None, announced=False)
    return erased(done, "identity") if case.identity == "held" else done
