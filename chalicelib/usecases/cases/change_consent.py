"""A worker gives her consent, changes it, takes it back."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.alerting.alert import Alert, write_alert
from chalicelib.domain.cases import case as cases
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.consent import Way, borders, release
from chalicelib.domain.cases.disclosed import may_be_told_more
from chalicelib.domain.cases.facts import Consent
from chalicelib.domain.factories.registry import one_each
from chalicelib.domain.vocabulary import AlertKind
from chalicelib.errors import PreconditionFailed, ValidationFailed, VersionConflict
from chalicelib.usecases.alerting.open_escrow import escrow_rows
from chalicelib.usecases.alerting.passed_over import passed_over_rows
from chalicelib.usecases.alerting.raise_coalitions import signals_rows
from chalicelib.usecases.alerting.recall_alerts import alerts_of, recall_rows
from chalicelib.usecases.cases.name_recipients import wrong_recipients
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.work.hurry import hurry


def change_consent(
    grievance_id: str, consent: Consent, *, expected_version: int, by: Principal, deps: Deps
) -> Case:
    """Record what the worker agrees to from now on, in whatever state her case is.

    Brands that were told more than that get a recall, and what it takes back is gone from their
    alerts at once; brands that may now be told more get an update. Raises NotFound,
    PreconditionFailed (changed since `expected_version`), ValidationFailed (C4 for no brand, or one
    that is not there).
    """
    case = own_case(grievance_id, by=by, deps=deps)
    if case.version != expected_version:
        raise PreconditionFailed()
    at = deps.now()
    actor, commit = ledger_actor(by, deps.keyring), committer(case, deps.keyring)
    changed = cases.change_consent(case, consent, by=actor, at=at, commit=commit)
    if changed is None:
        return case
    if wrong := wrong_recipients(consent, "recipients", deps=deps):
        raise ValidationFailed(errors=wrong)
    alerts = alerts_of(case, deps)
    now, rows = recall_rows(changed.case, alerts, at=at, deps=deps)
    if brands := may_be_told_more(now, alerts):
        updates, now = _updated(now, brands, at, deps)
        rows += [*map(deps.alerts.new_row, updates), *deps.cases.crossing_rows(case, now, at)]
    rows += [*escrow_rows(case, now, deps=deps), *passed_over_rows(case, now, deps=deps)]
    rows += signals_rows(case, now, deps=deps)
    try:
        deps.cases.save(now, changed.entry, rows)
    except VersionConflict as conflict:
        raise PreconditionFailed() from conflict
    hurry(now, deps=deps)
    return now


def _updated(
    case: Case, brand_ids: Sequence[str], at: datetime, deps: Deps
) -> tuple[list[Alert], Case]:
    """An alert for each of the brands at the level that holds now, and the case having gone out.

    None where the registry has lost the factory meanwhile, or a brand its link to it.
    """
    factory = deps.registry.factory(case.factory_id or "")
    if factory is None:
        return [], case
    brands = deps.registry.brands(brand_ids)
    links = {link.brand_id: link for link in one_each(deps.registry.links_of_all(factory.all_ids))}
    countries = (case.law, case.factory_reported.country, factory.country)
    updates = [
        write_alert(
            case, brands[brand_id], factory, links[brand_id],
            kind=AlertKind.UPDATE, released=release(case.agreed, Way.ALERT, *countries),
            desk_url=deps.settings.public_url, at=at,
        )
        for brand_id in brand_ids
        if brand_id in brands and brand_id in links
    ]  # fmt: skip
    return updates, case.having_crossed(borders(*countries)) if updates else case
