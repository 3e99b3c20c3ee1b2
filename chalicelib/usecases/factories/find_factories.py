"""Which factories a batch of cases means, and which brands source there: few calls for many."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from chalicelib.deps import Deps
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.routing import Told, is_chosen, know_of
from chalicelib.domain.factories.registry import Brand, Factory, SourcingLink, covering, one_each
from chalicelib.usecases.admission.engaged import Engaged
from chalicelib.usecases.alerting.open_escrow import Filings
from chalicelib.usecases.factories.match_factories import match_factories


class Sourcing:
    """Who sources from some factories, and may be told now; each thing is read once."""

    def __init__(self, factories: Mapping[str, Factory], deps: Deps) -> None:
        self._registry = deps.registry
        self._engaged = Engaged(deps)
        self._factories = dict(factories)
        self._links: dict[str, list[SourcingLink]] = {}
        self._brands: dict[str, Brand | None] = {}

    def factory(self, factory_id: str) -> Factory | None:
        """One of the factories."""
        return self._factories.get(factory_id)

    def told(self, case: Case, factory: Factory, *, whenever: Collection[str] = ()) -> list[Told]:
        """The brands whose links cover the incident, with those links; and those of `whenever`
        that source, or have sourced, there at any time."""
        known = self._links_of(factory)
        links = covering(known, case.incident_from, case.incident_to, case.received_at.date())
        others = set(whenever) - {link.brand_id for link in links}
        links = one_each([*links, *(link for link in known if link.brand_id in others)])
        brands = self._brands_of(link.brand_id for link in links)
        return [Told(brands[k.brand_id], k) for k in links if k.brand_id in brands]

    def not_engaged(self, told: Sequence[Told], factory: Factory) -> list[str]:
        """Those of the brands that may not be alerted about this factory now."""
        ids = [each.brand.brand_id for each in told]
        return [b for b in ids if not self._engaged.may_be_alerted(b, factory.country)]

    def to_be_told(self, case: Case, factory: Factory) -> list[Told]:
        """Those of the brands whose links cover the incident that may be alerted now."""
        covering = self.told(case, factory)
        left_out = self.not_engaged(covering, factory)
        return [each for each in covering if each.brand.brand_id not in left_out]

    def _links_of(self, factory: Factory) -> list[SourcingLink]:
        """Those of the factory itself come first."""
        if factory.factory_id not in self._links:
            self._links[factory.factory_id] = self._registry.links_of_all(factory.all_ids)
        return self._links[factory.factory_id]

    def _brands_of(self, brand_ids: Iterable[str]) -> dict[str, Brand]:
        wanted = set(brand_ids)
        if unknown := wanted - self._brands.keys():
            self._brands |= {**dict.fromkeys(unknown), **self._registry.brands(unknown)}
        return {b: brand for b in wanted if (brand := self._brands[b]) is not None}


class Findings(Sourcing):
    """What the registry knows about a batch of cases, and which factory each of them means."""

    def __init__(self, cases: Sequence[Case], deps: Deps) -> None:
        matched = match_factories([case for case in cases if not is_chosen(case)], deps=deps)
        chosen = {case.factory_id for case in cases if case.factory_id is not None}
        missing = chosen - matched.factories.keys()
        known = matched.factories | (deps.registry.factories(missing) if missing else {})
        merged = {factory.id_now for factory in known.values()} - known.keys()
        super().__init__(known | (deps.registry.factories(merged) if merged else {}), deps)
        self.decisions = matched.decisions
        self._filings = Filings(deps)
        named = [first for case in cases for first in case.retaliates]
        self._punished_for = deps.cases.heads(named) if named else {}

    def factory_now(self, case: Case, factory_id: str) -> Factory | None:
        """One of the factories, or the one that it is now unless that was refused for the case."""
        factory = self.factory(factory_id)
        if factory is None or factory.id_now in case.refused_factories:
            return factory
        return self.factory(factory.id_now) or factory

    def join(self, case: Case, factory: Factory) -> bool:
        """Whether a case is in escrow and enough others have filed the same."""
        return case.is_in_escrow and self._filings.join(case, factory.all_ids)

    def told_before(self, case: Case, factory: Factory) -> frozenset[str]:
        """The brands that know of what the worker of a case was punished for."""
        firsts = (self._punished_for.get(first) for first in case.retaliates)
        known = (know_of(first, factory) for first in firsts if first is not None)
        return frozenset().union(*known)
