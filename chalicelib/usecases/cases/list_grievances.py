"""A partner's own grievances, newest first."""

from typing import Any

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.store.cases import PartnerFilter
from chalicelib.store.paging import Page, Start


def list_grievances(
    wanted: PartnerFilter, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[dict[str, Any]]:
    """A page of list rows of the caller's organisation. Raises Unavailable."""
    return deps.cases.of_partner(by.organisation, wanted, limit, start)
