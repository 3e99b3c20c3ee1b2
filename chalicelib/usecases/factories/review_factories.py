"""The partner's review queue: cases whose factory is not certain."""

from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.case import Case
from chalicelib.domain.factories.registry import Factory
from chalicelib.store.paging import Page, Start


class Review(NamedTuple):
    """A case to review, with the factories that its candidates name."""

    case: Case
    factories: dict[str, Factory]


def review_queue(*, limit: int, start: Start | None, by: Principal, deps: Deps) -> Page[Review]:
    """A page of the queue, longest waiting first."""
    page = deps.cases.review_queue(by.organisation, limit, start)
    wanted = {c.factory_id for case in page.items for c in case.candidates}
    factories = deps.registry.factories(wanted) if wanted else {}
    return Page([Review(case, factories) for case in page.items], page.next_start)
