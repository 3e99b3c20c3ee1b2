"""Engagements: an operator makes and ends them; who is engaged may read her own."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Organisation, Principal
from chalicelib.domain.admission.access_log import AccessEvent
from chalicelib.domain.admission.engagement import Engagement, EngagementFields
from chalicelib.domain.references import derive_id
from chalicelib.domain.vocabulary import OrganisationKind, Role
from chalicelib.errors import FieldError, NotFound, ValidationFailed
from chalicelib.store.paging import Page, Start
from chalicelib.usecases.admission.administered import noted

_ENGAGED = (OrganisationKind.AUDITOR, OrganisationKind.BRAND)


def make_engagement(
    organisation_id: str, fields: EngagementFields, *, by: Principal, deps: Deps
) -> Engagement:
    """Let an auditor or a brand see what the fields say, for as long as they say.

    Raises NotFound, ValidationFailed (not an auditor or a brand; a brand and other brands).
    """
    organisation = deps.access.organisation(organisation_id)
    if organisation is None:
        raise NotFound()
    _refuse_what_does_not_fit(organisation, fields)
    engagement = Engagement(
        engagement_id=derive_id("e", organisation_id, deps.token(16)),
        organisation=organisation_id,
        made_by=by.user_id,
        made_at=deps.now(),
        **dict(fields),
    )
    entry = noted(
        AccessEvent.ENGAGEMENT_MADE,
        by=by,
        organisation=organisation_id,
        subject=engagement.engagement_id,
        engagement_id=engagement.engagement_id,
        purpose=fields.purpose,
        deps=deps,
    )
    rows = [deps.access.new_engagement_row(engagement)]
    if organisation.kind is OrganisationKind.BRAND:  # cases that nobody could be told of
        begins = max(deps.now(), fields.valid_from)
        rows.append(
            deps.work.watch_engagement_row(organisation_id, engagement.engagement_id, begins)
        )
    deps.access.save(rows, entry)
    return engagement


def _refuse_what_does_not_fit(organisation: Organisation, fields: EngagementFields) -> None:
    if organisation.kind not in _ENGAGED:
        detail = "Auditors and brands are engaged. Others reach what is their own."
        raise _wrong("organisation_id", "not_engaged", detail)
    own = (organisation.organisation_id,)
    if organisation.kind is OrganisationKind.BRAND and fields.brands not in (None, own):
        raise _wrong("brands", "not_its_own", "A brand reads the alerts to itself. Send null.")


def list_engagements(
    organisation_id: str, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[Engagement]:
    """A page of an organisation's engagements. NotFound, also for another's."""
    _refuse_strangers(organisation_id, by)
    return deps.access.engagements(organisation_id, limit, start)


def read_engagement(
    organisation_id: str, engagement_id: str, *, by: Principal, deps: Deps
) -> Engagement:
    """An engagement. NotFound, also for another's."""
    _refuse_strangers(organisation_id, by)
    engagement = deps.access.engagement(organisation_id, engagement_id)
    if engagement is None:
        raise NotFound()
    return engagement


def end_engagement(organisation_id: str, engagement_id: str, *, by: Principal, deps: Deps) -> None:
    """End an engagement at once. A second time changes nothing. NotFound."""
    engagement = read_engagement(organisation_id, engagement_id, by=by, deps=deps)
    if engagement.ended_at is not None:
        return
    entry = noted(
        AccessEvent.ENGAGEMENT_ENDED,
        by=by,
        organisation=organisation_id,
        subject=engagement_id,
        engagement_id=engagement_id,
        purpose=engagement.purpose,
        deps=deps,
    )
    deps.access.save([deps.access.ended_engagement_row(engagement, deps.now())], entry)


def _refuse_strangers(organisation_id: str, by: Principal) -> None:
    if by.role is not Role.OPERATOR and organisation_id != by.organisation:
        raise NotFound()


def _wrong(field: str, code: str, detail: str) -> ValidationFailed:
    return ValidationFailed(errors=[FieldError(field, code, detail)])
