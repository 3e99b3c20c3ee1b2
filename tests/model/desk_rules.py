"""What brands do, and who sources where."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from chalicelib.domain.references import derive_id
from infra.local.gateway import Answer
from tests.model import life
from tests.model.observed import stored_alerts
from tests.model.values import Case, Told
from tests.model.world import BRANDS, PLACES, Kill, World, kills
from tests.usecases.stories import walked

brands = st.sampled_from(BRANDS)


class DeskRules(World):
    """The brands' part, and the operator's."""

    def __init__(self, gateway: Any) -> None:
        super().__init__(gateway)
        self.engagements = {brand: derive_id("e", brand, "test") for brand in BRANDS}
        self.engaged = 0

    @property
    def ended(self) -> frozenset[str]:
        """The brands that nothing is told to but what takes back."""
        return self.registry.not_engaged

    def _alerts_of(self, brand: str) -> list[tuple[Case, Told]]:
        return [
            (case, told)
            for case in self.cases.values()
            for told in case.told
            if told.name.brand == brand
        ]

    def id_of(self, case: Case, told: Told) -> str:
        """What the brand knows the alert by."""
        rows = stored_alerts(self.service, case)
        return next(row.alert_id for row in rows if row.name == told.name)

    def _refused(self, told: Told) -> int | None:
        """The status a brand is refused an alert with. A recall is for whoever was told."""
        if told.status == "suppressed":
            return 404
        return 403 if told.name.brand in self.ended and not told.is_recall else None

    @rule(brand=brands, choice=st.integers(0, 20), kill=kills(8))
    def acknowledge(self, brand: str, choice: int, kill: Kill) -> None:
        """A brand says that it has seen an alert; the first time counts."""
        for case, told in self._chosen(brand, choice):
            seen = case.after("alert_acknowledged").with_told(replace(told, acknowledged=True))
            after = case if told.acknowledged else seen
            self._answered(case, told, after, "acknowledgement", None, kill)

    @rule(brand=brands, choice=st.integers(0, 20), kill=kills(8))
    def reply(self, brand: str, choice: int, kill: Kill) -> None:
        """A brand answers, which acknowledges, too."""
        for case, told in self._chosen(brand, choice):
            answered = replace(told, acknowledged=True, replies=told.replies + 1)
            written = {"written_since": case.written_since or case.texts_erased}
            after = case.after("alert_replied", **written).with_told(answered)
            self._answered(case, told, after, "replies", {"text": "We look."}, kill)

    def _answered(
        self, case: Case, told: Told, after: Case, how: str, body: Any, kill: Kill
    ) -> None:
        desk, path = (
            self.service.brand_desk(told.name.brand),
            f"/v1/alerts/{self.id_of(case, told)}",
        )
        predicted = self._refused(told) or after
        self.made(case, predicted, lambda: desk.post(f"{path}/{how}", body), kill=kill)

    def _chosen(self, brand: str, choice: int) -> list[tuple[Case, Told]]:
        alerts = self._alerts_of(brand)
        return [alerts[choice % len(alerts)]] if alerts else []

    @rule(brand=brands)
    def look_at_the_desk(self, brand: str) -> None:
        """The desk has the brand's alerts and no others, each within what is allowed now."""
        desk = self.service.brand_desk(brand)
        if brand in self.ended:
            answer = desk.get("/v1/alerts")
            assert (answer.status, answer.json()["code"]) == (403, "engagement_not_active")
        else:
            listed = sorted(row["alert_id"] for row in walked(desk, "/v1/alerts?limit=200"))
            mine = [(c, t) for c, t in self._alerts_of(brand) if t.status != "suppressed"]
            assert listed == sorted(self.id_of(case, told) for case, told in mine)
        for case, told in self._alerts_of(brand):
            answer = desk.get(f"/v1/alerts/{self.id_of(case, told)}")
            refused = self._refused(told)
            assert answer.status == (refused or 200), answer.body
            if refused is None:
                self._within_consent(case, told, answer)

    def _within_consent(self, case: Case, told: Told, answer: Answer) -> None:
        alert = answer.json()["alert"]
        detail = life.shown(case, told, self.registry)
        assert (alert is None) == (detail == life.NOTHING)
        assert case.words.encode() not in answer.body
        assert case.partner.encode() not in answer.body
        if alert is not None and not told.is_recall:
            assert (alert["factory"] is not None) == (detail == life.FACTORY)

    @rule(brand=brands)
    def end_or_renew_engagement(self, brand: str) -> None:
        """An operator ends what lets the brand read its alerts, or lets it in again."""
        self.service.brand_desk(brand)
        if brand in self.ended:
            self.engaged += 1
            self.engagements[brand] = self.service.engage(brand, f"again-{self.engaged}")
            self.service.deps.work.watch_brand(brand, self.service.clock())
            self._end_or_renew(brand)
            return
        path = f"/v1/organisations/{brand}/engagements/{self.engagements[brand]}"
        assert self.service.operator().delete(path).status == 204
        self._end_or_renew(brand)

    def _end_or_renew(self, brand: str) -> None:
        self.registry = replace(self.registry, not_engaged=self.ended ^ {brand})

    # The operator

    @rule(place=st.sampled_from(["mill", "knit"]), brand=brands)
    def link_or_unlink(self, place: str, brand: str) -> None:
        """A disclosure names a factory, or it turns out that it was wrong to."""
        (factory,) = self.registry.meant(place)
        links = self.registry.links
        if (factory, brand) not in links:
            self.service.link(factory, brand)
            self.registry = replace(self.registry, links=links | {(factory, brand)})
            return
        path = f"/v1/factories/{factory}/links/{brand}"
        version = self.service.operator().get(path).json()["version"]
        answer = self.service.operator().delete(path, If_Match=f'"{version}"')
        assert answer.status == 204, answer.body
        self.registry = replace(self.registry, links=links - {(factory, brand)})

    @precondition(lambda self: not self.registry.meant("nowhere"))
    @rule(linked=st.booleans())
    def add_factory(self, linked: bool) -> None:
        """The registry learns of a factory that people have spoken of."""
        place = replace(PLACES["nowhere"], factories=(self._factory("nowhere"),))
        places = {**self.registry.places, "nowhere": place}
        links = {(place.factories[0], "acme")} if linked else set()
        if linked:
            self.service.link(place.factories[0], "acme")
        self.registry = replace(
            self.registry, places=places, links=self.registry.links | frozenset(links)
        )
