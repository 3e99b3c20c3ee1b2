"""Escrow: have a case looked at again when enough others have filed the same."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from chalicelib.deps import Deps
from chalicelib.domain.alerting.escrow import Filed, is_joined, standing, to_be_looked_at
from chalicelib.domain.cases.case import Case
from chalicelib.store.paging import Start
from chalicelib.store.table import Row

LATER = timedelta(minutes=1)
"""Indexes lag behind what is written by less than that."""

_MOST_PAGES = 10
"""A thousand filings about one factory, the newest: what one look reads at most."""


def escrow_rows(before: Case, after: Case, *, deps: Deps) -> list[Row]:
    """Rows to save a changed case with: a note, where what is in escrow may have to be opened."""
    factory_id = to_be_looked_at(before, after)
    if factory_id is None:
        return []
    return [deps.work.watch_escrow_row(factory_id, deps.now() + LATER)]


class Filings:
    """What has been filed about factories, each read once."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._about: dict[str, list[Filed]] = {}

    def join(self, case: Case, factory_ids: Sequence[str]) -> bool:
        """Whether enough others have filed what a case says about this factory: its id, and those
        of the factories that are this one."""
        factory_id = factory_ids[0]
        if factory_id not in self._about:
            filed = (_filed_about(each, self._deps) for each in factory_ids)
            self._about[factory_id] = [one for of_each in filed for one in of_each]
        worker = self._deps.vault.known_anywhere([case.grievance_id])
        own = worker.get(case.grievance_id, frozenset())
        return is_joined(case, own, self._about[factory_id])


def _filed_about(factory_id: str, deps: Deps) -> list[Filed]:
    filed: list[Filed] = []
    start: Start | None = None
    for _ in range(_MOST_PAGES):
        page = deps.cases.filed_about(factory_id, start)
        filed += _counting(page.items, deps)
        if (start := page.next_start) is None:
            break
    return filed


def _counting(cases: Iterable[Case], deps: Deps) -> list[Filed]:
    counting = {c.grievance_id: (c, stands) for c in cases if (stands := standing(c)) is not None}
    workers = deps.vault.known_anywhere(list(counting))
    return [
        Filed(case_id, counting[case_id][0].partner_id, counting[case_id][1].categories, worker)
        for case_id, worker in workers.items()
    ]


def open_escrow(factory_id: str, *, deps: Deps) -> None:
    """Make due the cases in a factory's escrow that enough others have joined.

    The check decides: it counts again. What is not joined costs nobody anything.
    """
    filings, factory = Filings(deps), deps.registry.factory(factory_id)
    all_ids = (factory_id,) if factory is None else factory.all_ids
    start: Start | None = None
    while True:
        page = deps.cases.in_escrow(factory_id, start)
        for case in page.items:
            if filings.join(case, all_ids):
                deps.work.make_due(case.grievance_id, deps.now())
        if (start := page.next_start) is None:
            return
