"""The auditor's columns, in the order of the contract. No identity, no narrative, no free text."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.consent import Detail, Release, Way, release
from chalicelib.domain.cases.facts import band_of
from chalicelib.domain.dates import timestamp
from chalicelib.domain.factories.registry import Factory
from chalicelib.domain.rules import CHECK_INS
from chalicelib.domain.vocabulary import IntakeType, LinkType

COLUMNS = (
    "public_ref",
    "received_at",
    "acknowledged_at",
    "brand_notified_at",
    "brand_acknowledged_at",
    "brand_first_reply_at",
    "plan_at",
    "closed_at",
    "state",
    "outcome",
    "reopened_count",
    "intake_type",
    "channel",
    "filed_by",
    "partner_pseudonym",
    "factory_id",
    "os_id",
    "country",
    "category",
    "severity",
    "ilo_indicators",
    "consent_level",
    "workers_band",
    "remedy_type",
    "remedy_amount_band",
    "days_open",
    "clock_breaches",
    "worker_verdict",
    "retaliation_linked",
    "taxonomy_version",
    "entry_hash",
)

_AS_IT_IS = frozenset(
    {
        "public_ref",
        "state",
        "outcome",
        "reopened_count",
        "intake_type",
        "channel",
        "filed_by",
        "severity",
        "worker_verdict",
        "taxonomy_version",
    }
)
_TIMES = (
    "received_at",
    "acknowledged_at",
    "brand_notified_at",
    "brand_acknowledged_at",
    "brand_first_reply_at",
    "plan_at",
    "closed_at",
)

Row = dict[str, str | int | None]


def released_to_auditors(case: Case, factory: Factory | None) -> Release:
    """How much of a case an export may hold."""
    countries = (case.law, case.factory_reported.country, factory.country if factory else None)
    return release(case.agreed, Way.EXPORT, *countries)


def row_of(
    case: Case,
    *,
    partner_pseudonym: str,
    factory: Factory | None,
    at: datetime,
) -> Row:
    """A case as one row of an export, as it stands at `at`. ValueError where none is allowed.

    The factory is named only where the worker's consent names it to anybody. `plan_at` is when the
    first remediation plan was submitted. The remedy is what its partner says the worker got.
    """
    released = released_to_auditors(case, factory)
    if released.detail is Detail.NOTHING:
        raise ValueError("nothing may be released")
    values: dict[str, Any] = dict.fromkeys(COLUMNS)
    values |= {name: getattr(case, name) for name in _AS_IT_IS}
    values |= {name: _time(getattr(case, name)) for name in _TIMES}
    if factory is not None and released.names_factory:
        values |= {"factory_id": factory.factory_id, "os_id": factory.os_id}
    return values | {
        "partner_pseudonym": partner_pseudonym,
        "country": case.law,
        "category": case.categories[0],
        "ilo_indicators": " ".join(sorted(case.ilo_indicators)),
        "consent_level": case.consent.level,
        "workers_band": band_of(case.workers_affected),
        "remedy_type": " ".join(case.remedy.types) if case.remedy else None,
        "remedy_amount_band": case.remedy.amount_band if case.remedy else None,
        "days_open": ((case.closed_at or at) - case.received_at).days,
        "clock_breaches": sum(_breached(case, at)),
        "retaliation_linked": str(_is_about_reprisals(case)).lower(),
        "entry_hash": case.ledger_hash,
    }


def _is_about_reprisals(case: Case) -> bool:
    """Whether it is a case of retaliation, or one was filed for its sake."""
    linked = any(link.type is LinkType.RETALIATION_OF for link in case.links)
    return linked or case.intake_type is IntakeType.RETALIATION


def concerns(case: Case, factory: Factory | None, brands: Sequence[str] | None) -> bool:
    """Whether a case belongs into an export about these brands (None: about all there is).

    One that no brand was told of, or may be told of now, does not: that it concerns the brand is
    more than the worker has agreed to.
    """
    if brands is None:
        return True
    told = set(brands) & set(case.alerted_brands)
    countries = (case.law, case.factory_reported.country, factory.country if factory else None)
    return bool(told) and release(case.agreed, Way.ALERT, *countries).level is not None


def _breached(case: Case, at: datetime) -> list[bool]:
    ended = case.closed_at or at
    return [
        clock.ran_out_at(ended) is not None
        for kind, clock in case.clocks.items()
        if kind not in CHECK_INS
    ]


def _time(moment: datetime | None) -> str | None:
    return timestamp(moment) if moment else None
