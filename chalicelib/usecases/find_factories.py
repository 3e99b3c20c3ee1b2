"""Which factories a batch of cases means, and which brands source there: few calls for many."""

from collections.abc import Iterable, Mapping, Sequence, Set

from chalicelib.deps import Deps
from chalicelib.domain.case import Case
from chalicelib.domain.registry import Brand, Factory, SourcingLink, covering
from chalicelib.domain.resolution import Decision
from chalicelib.domain.routing import Told
from chalicelib.domain.vocabulary import MatchMethod
from chalicelib.matching.exact import Key, decide, keys_of_report


class Findings:
    """What the registry knows about a batch of cases, read once."""

    def __init__(self, cases: Sequence[Case], deps: Deps) -> None:
        self._registry = deps.registry
        found = _found(cases, deps)
        chosen = {case.factory_id for case in cases if case.factory_id is not None}
        named = frozenset[str]().union(*found.values())
        self._factories = deps.registry.factories(named | chosen)
        gone = self._gone(named - self._factories.keys())
        self.decisions = {
            case.grievance_id: _decision(case, found, gone) for case in cases if not is_chosen(case)
        }
        self._links: dict[str, list[SourcingLink]] = {}
        self._brands: dict[str, Brand | None] = {}

    def factory(self, factory_id: str) -> Factory | None:
        """A factory that some case of the batch means, or may mean."""
        return self._factories.get(factory_id)

    def told(self, case: Case, factory: Factory) -> list[Told]:
        """The brands whose links cover the incident, with those links."""
        links = covering(
            self._links_of(factory.factory_id),
            case.incident_from,
            case.incident_to,
            case.received_at.date(),
        )
        brands = self._brands_of(link.brand_id for link in links)
        return [Told(brands[k.brand_id], k) for k in links if k.brand_id in brands]

    def _gone(self, missing: Set[str]) -> Set[str]:
        """Ids that keys name and no factory has: it was deleted, or not yet written."""
        return missing - self._registry.existing(missing) if missing else missing

    def _links_of(self, factory_id: str) -> list[SourcingLink]:
        if factory_id not in self._links:
            self._links[factory_id] = self._registry.links_of_factory(factory_id)
        return self._links[factory_id]

    def _brands_of(self, brand_ids: Iterable[str]) -> dict[str, Brand]:
        wanted = set(brand_ids)
        if unknown := wanted - self._brands.keys():
            self._brands |= {**dict.fromkeys(unknown), **self._registry.brands(unknown)}
        return {b: brand for b in wanted if (brand := self._brands[b]) is not None}


def is_chosen(case: Case) -> bool:
    """Whether a reviewer has said which factory is meant: nothing overrules that."""
    return case.match is not None and case.match.method is MatchMethod.REVIEWER


def _found(cases: Sequence[Case], deps: Deps) -> dict[Key, frozenset[str]]:
    """The ids of factories under every key that some report of the batch names."""
    reports = [case.factory_reported for case in cases if not is_chosen(case)]
    wanted = {key for reported in reports for key in keys_of_report(reported)}
    found = deps.registry.find(wanted) if wanted else {}
    return {Key(*key): ids for key, ids in found.items()}


def _decision(case: Case, found: Mapping[Key, frozenset[str]], gone: Set[str]) -> Decision:
    keys = keys_of_report(case.factory_reported)
    return decide({key: ids for key in keys if (ids := found.get(key, frozenset()) - gone)})
