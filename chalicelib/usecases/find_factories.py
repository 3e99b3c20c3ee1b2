"""Which factories a batch of cases means, and which brands source there: few calls for many."""

from collections.abc import Iterable, Sequence

from chalicelib.deps import Deps
from chalicelib.domain.case import Case
from chalicelib.domain.registry import Brand, Factory, SourcingLink, covering
from chalicelib.domain.resolution import Decision
from chalicelib.domain.routing import Told
from chalicelib.domain.vocabulary import MatchMethod, Verdict
from chalicelib.matching.exact import decide, keys_of_report


class Findings:
    """What the registry knows about a batch of cases, read once."""

    def __init__(self, cases: Sequence[Case], deps: Deps) -> None:
        self._registry = deps.registry
        self.decisions = _decisions(cases, deps)
        self._factories = deps.registry.factories(self._certain(cases))
        self._links: dict[str, list[SourcingLink]] = {}
        self._brands: dict[str, Brand | None] = {}

    def factory(self, factory_id: str) -> Factory | None:
        """A factory that some case of the batch means for certain."""
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

    def _certain(self, cases: Sequence[Case]) -> set[str]:
        found = {case.factory_id for case in cases if case.factory_id is not None}
        matched = (d for d in self.decisions.values() if d.verdict is Verdict.MATCHED)
        return found | {decision.candidates[0].factory_id for decision in matched}

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


def _decisions(cases: Sequence[Case], deps: Deps) -> dict[str, Decision]:
    keys = {c.grievance_id: keys_of_report(c.factory_reported) for c in cases if not is_chosen(c)}
    wanted = {key for of_case in keys.values() for key in of_case}
    found = deps.registry.find(wanted) if wanted else {}
    return {
        grievance_id: decide({key: found[key] for key in of_case if key in found})
        for grievance_id, of_case in keys.items()
    }
