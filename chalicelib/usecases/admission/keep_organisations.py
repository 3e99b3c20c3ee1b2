"""Organisations: add, change, suspend, reinstate."""

from typing import Annotated, NamedTuple

from pydantic import Field

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import FilingsPerDay, Organisation, OwnFactory, Principal
from chalicelib.domain.admission.access_log import AccessEvent
from chalicelib.domain.text import Line
from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import OrganisationKind
from chalicelib.errors import FieldError, NotFound, StateConflict, ValidationFailed
from chalicelib.usecases.admission.administered import noted


class OrganisationFields(Value):
    """What an operator says about an organisation."""

    kind: Annotated[
        OrganisationKind, Field(description="Which roles its people may have. Never changes.")
    ]
    name: Line
    filings_per_day: FilingsPerDay = None
    factory_id: OwnFactory = None


class KeptOrganisation(NamedTuple):
    """An organisation as it is now, and whether it is new."""

    organisation: Organisation
    created: bool


def put_organisation(
    organisation_id: str, fields: OrganisationFields, *, by: Principal, deps: Deps
) -> KeptOrganisation:
    """Add an organisation, or change its name, quota or factory. A second time changes nothing.

    Raises ValidationFailed (a brand or a factory that the registry does not know; another kind than
    before; a quota for who files nothing; a factory's management without one, or anybody else with
    one), VersionConflict.
    """
    _refuse_pointless_quota(fields)
    _refuse_misplaced_factory(fields)
    known = deps.access.organisation(organisation_id)
    if known is not None and known.kind is not fields.kind:
        raise _wrong("kind", "kind_is_fixed", "An organisation keeps its kind. Add another one.")
    changes = fields.model_dump(include={"name", "filings_per_day", "factory_id"})
    if known is not None and known.model_copy(update=changes) == known:
        return KeptOrganisation(known, created=False)
    _refuse_unknown_factory(fields, deps)
    if known is None:
        _refuse_unknown_brand(organisation_id, fields, deps)
        organisation = Organisation(
            organisation_id=organisation_id, created_at=deps.now(), **dict(fields)
        )
        _save(organisation, AccessEvent.ORGANISATION_ADDED, by, deps)
        return KeptOrganisation(organisation, created=True)
    changed = _changed(known, **changes)
    _save(changed, AccessEvent.ORGANISATION_CHANGED, by, deps)
    return KeptOrganisation(changed, created=False)


def read_organisation(organisation_id: str, *, deps: Deps) -> Organisation:
    """An organisation. NotFound."""
    organisation = deps.access.organisation(organisation_id)
    if organisation is None:
        raise NotFound()
    return organisation


def suspend_organisation(organisation_id: str, *, by: Principal, deps: Deps) -> None:
    """Shut an organisation out, at once. A second time changes nothing.

    Raises NotFound, StateConflict (one's own), VersionConflict.
    """
    organisation = read_organisation(organisation_id, deps=deps)
    if organisation_id == by.organisation:
        raise StateConflict("Nobody suspends the organisation that she belongs to.")
    if organisation.suspended_at is None:
        suspended = _changed(organisation, suspended_at=deps.now())
        _save(suspended, AccessEvent.ORGANISATION_SUSPENDED, by, deps)


def reinstate_organisation(organisation_id: str, *, by: Principal, deps: Deps) -> Organisation:
    """Let a suspended organisation in again; its keys that have not ended open as before.

    Raises NotFound, StateConflict (operators: that takes two people), VersionConflict.
    """
    organisation = read_organisation(organisation_id, deps=deps)
    if organisation.suspended_at is None:
        return organisation
    if organisation.kind is OrganisationKind.OPERATOR:
        raise StateConflict("Operators come back by new keys, which two people must issue.")
    back = _changed(organisation, suspended_at=None)
    _save(back, AccessEvent.ORGANISATION_REINSTATED, by, deps)
    return back


def _changed(organisation: Organisation, **updates: object) -> Organisation:
    updates["version"] = organisation.version + 1
    return organisation.model_copy(update=updates)


def _save(organisation: Organisation, event: AccessEvent, by: Principal, deps: Deps) -> None:
    name = organisation.organisation_id
    entry = noted(event, by=by, organisation=name, subject=name, deps=deps)
    deps.access.save(deps.access.organisation_rows(organisation), entry)


def _refuse_pointless_quota(fields: OrganisationFields) -> None:
    if fields.filings_per_day is not None and fields.kind is not OrganisationKind.PARTNER:
        raise _wrong(
            "filings_per_day", "not_a_partner", "Only partners file grievances. Leave it out."
        )


def _refuse_misplaced_factory(fields: OrganisationFields) -> None:
    if fields.kind is OrganisationKind.FACTORY and fields.factory_id is None:
        raise _wrong("factory_id", "missing", "Say which factory of the registry it manages.")
    if fields.kind is not OrganisationKind.FACTORY and fields.factory_id is not None:
        raise _wrong("factory_id", "not_a_factory", "Only factories have one. Leave it out.")


def _refuse_unknown_factory(fields: OrganisationFields, deps: Deps) -> None:
    if fields.factory_id is not None and deps.registry.factory(fields.factory_id) is None:
        detail = "There is no such factory. Create it with POST /v1/factories first."
        raise _wrong("factory_id", "unknown_factory", detail)


def _refuse_unknown_brand(organisation_id: str, fields: OrganisationFields, deps: Deps) -> None:
    if fields.kind is not OrganisationKind.BRAND:
        return
    if deps.registry.brand(organisation_id) is None:
        detail = "There is no such brand. Create it with PUT /v1/brands/{brand_id} first."
        raise _wrong("organisation_id", "unknown_brand", detail)


def _wrong(field: str, code: str, detail: str) -> ValidationFailed:
    return ValidationFailed(errors=[FieldError(field, code, detail)])
