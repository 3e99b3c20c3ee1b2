"""Under which engagement a caller acts, or not at all."""

from collections.abc import Sequence

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.admission.engagement import Engagement, may_be_alerted
from chalicelib.errors import EngagementNotActive, FieldError, ValidationFailed


def active_engagements(*, by: Principal, deps: Deps) -> Sequence[Engagement]:
    """The caller's engagements that hold now, at least one. One call. EngagementNotActive."""
    now = deps.now()
    found = [e for e in deps.access.all_engagements(by.organisation) if e.is_active(now)]
    if not found:
        raise EngagementNotActive()
    return found


class Engaged:
    """Which brands may be alerted now; each one's engagements are read once."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._known: dict[str, Sequence[Engagement]] = {}

    def may_be_alerted(self, brand_id: str, country: str | None) -> bool:
        """Whether an alert about a factory in this country may go to a brand's topic."""
        if brand_id not in self._known:
            self._known[brand_id] = self._deps.access.all_engagements(brand_id)
        return may_be_alerted(self._known[brand_id], self._deps.now(), country)


def engagement_for(engagement_id: str | None, *, by: Principal, deps: Deps) -> Engagement:
    """The engagement a caller names, or the only one that holds now.

    Raises EngagementNotActive (also for one that is not there, or another's), ValidationFailed
    (several hold, and none was named).
    """
    if engagement_id is not None:
        return still_active(by.organisation, engagement_id, deps=deps)
    found = active_engagements(by=by, deps=deps)
    if len(found) > 1:
        detail = "Several engagements hold. Name the one that this is for."
        raise ValidationFailed(errors=[FieldError("engagement_id", "ambiguous", detail)])
    return found[0]


def still_active(organisation_id: str, engagement_id: str, *, deps: Deps) -> Engagement:
    """An engagement of an organisation, if it holds now. EngagementNotActive."""
    engagement = deps.access.engagement(organisation_id, engagement_id)
    if engagement is None or not engagement.is_active(deps.now()):
        raise EngagementNotActive()
    return engagement
