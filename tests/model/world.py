"""The service and the model side by side: how a step is made, and what is compared after it."""

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant

from chalicelib import deps
from chalicelib.domain.vocabulary import Role
from chalicelib.store.clients import client
from infra.local.gateway import Answer, Gateway
from tests.conftest import empty_aws
from tests.faults.kills import killed_at
from tests.model import life
from tests.model.observed import (
    as_modelled,
    as_partner_sees_it,
    history_is,
    is_due,
    path_of,
    payload_of,
    somebody_watches,
    stored_alerts,
    version_of,
)
from tests.model.values import Case, Place, Registry, Told
from tests.service import Caller, Service

BRANDS = ("acme", "bolt")
PLACES = {
    "mill": Place("Yi Chang Tai Garment Factory", "CN", "Shenzhen"),
    "knit": Place("Mirpur Knit Composite", "BD", "Dhaka"),
    "twins": Place("Sonali Apparels", "BD", "Gazipur"),
    "nowhere": Place("Hong Yun Washing Plant", "CN", "Foshan"),
}
ROUNDS: dict[str, int] = {}
"""How much was done, over the whole run."""

Kill = tuple[int, str] | None
MOMENTS = ("before-call", "after-call")
cases = Bundle("cases")


def kills(most: int) -> st.SearchStrategy[Kill]:
    """Mostly none; else the number of the call, and whether it is killed before or after it."""
    some = st.tuples(st.integers(1, most), st.sampled_from(MOMENTS))
    return st.integers(0, 3).flatmap(lambda n: some if n == 3 else st.none())


def counted(what: str, number: int = 1) -> None:
    """Count what was done."""
    ROUNDS[what] = ROUNDS.get(what, 0) + number


class World(RuleBasedStateMachine):
    """A service with two brands and four places, and what the model knows of it."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__()
        counted("model: cases generated")
        empty_aws()
        self.service = Service.start(gateway)
        self._deliver_again_at_once()
        self.cases: dict[str, Case] = {}
        self.receipts: dict[str, dict[str, Any]] = {}
        self.bodies: dict[str, dict[str, Any]] = {}
        self.mail: dict[str, list[dict[str, Any]]] = {brand: [] for brand in BRANDS}
        self.touched: set[str] = set()
        self.recorded: dict[str, tuple[str, ...]] = {}

    def _deliver_again_at_once(self) -> None:
        """What a killed worker had in its hands is in the queue again, whatever the real time."""
        settings = self.service.deps.settings
        for url in (settings.work_queue_url, settings.jobs_queue_url):
            visible = {"VisibilityTimeout": "0"}
            client("sqs").set_queue_attributes(QueueUrl=url, Attributes=visible)

    @initialize()
    def who_sources_where(self) -> None:
        """The mill is acme's and bolt's; nobody sources from the knitter; twins look alike."""
        for brand in BRANDS:
            self.service.brand(brand)
        found = {
            "mill": (self._factory("mill"),),
            "knit": (self._factory("knit"),),
            "twins": (self._factory("twins", "1 Main Road"), self._factory("twins", "9 Side Road")),
        }
        places = {name: replace(p, factories=found.get(name, ())) for name, p in PLACES.items()}
        links = frozenset((found["mill"][0], brand) for brand in BRANDS)
        self.registry = Registry(places, links)
        for brand in BRANDS:
            self.service.link(found["mill"][0], brand)

    def _factory(self, place: str, address: str | None = None) -> str:
        more = {"address": address} if address else {}
        return self.service.factory(**PLACES[place].body, **more)

    # Callers

    def lead(self, case: Case, person: int = 1) -> Caller:
        """A supervisor of the case's partner."""
        return self.service.partner(case.partner, person)

    def officer(self) -> Caller:
        """The data-protection officer."""
        return self.service.caller(Role.DPO, "privacy-office")

    # Steps

    def expect(self, case: Case) -> None:
        """From now on this is what the service must say of the case."""
        self.cases[case.key] = case
        self.touched.add(case.key)

    def made(
        self,
        case: Case,
        predicted: Case | int,
        send: Callable[[], Answer],
        *,
        kill: Kill,
        ok: Iterable[int] = (200, 201, 202, 204),
    ) -> Answer | None:
        """A request about a case, and what must come of it; after a kill it is repeated, unless
        it has happened. None where it has, unanswered."""
        answer = self._asked(case, send, kill)
        if isinstance(predicted, int):
            assert answer is not None, "a request that is refused changed the case"
            assert answer.status == predicted, (predicted, answer.body)
            self.touched.add(case.key)
            return answer
        assert answer is None or answer.status in ok, (answer.status, answer.body)
        self.expect(predicted)
        return answer

    def _asked(self, case: Case, send: Callable[[], Answer], kill: Kill) -> Answer | None:
        if kill is None:
            return send()
        answers: list[Answer] = []
        with killed_at(*kill):
            answers.append(send())
        if answers:
            return answers[0]
        counted("model: kills")
        return send() if version_of(self.service, case) == case.version else None

    def worked(self, work: Callable[[], None], *, surely: bool, answers: bool = True) -> None:
        """Let the schedule and the queues work; all of what is due is done then (`surely`), or
        each case may have been worked or not, and the service says which."""
        work()
        before = list(self.cases.values())
        for case in before:
            if surely:
                after = self._after_work(case, answers=answers)
            else:
                after = self._found_after_kill(case, answers=answers)
            if after != case:
                self.expect(after)
        self.read_mail()

    def is_looked_at(self, case: Case) -> bool:
        """Whether the next ticks look at the case."""
        return case.due or life.waits_for_registry(case, self.registry)

    def _after_work(self, case: Case, *, answers: bool) -> Case:
        now = self.service.clock()
        if self.is_looked_at(case):
            case = life.checked(case, self.registry, now)
        return life.published(case, self.registry, now, answers=answers)

    def _found_after_kill(self, case: Case, *, answers: bool) -> Case:
        """Which of the states that a kill may leave this case is in."""
        bases = [some for base in self._bases(case) for some in self._withheld_some(base)]
        found = self._one_of(bases, case)
        rows = stored_alerts(self.service, found)
        assert [row.name for row in rows] == [told.name for told in found.told]
        sent = life.published(found, self.registry, self.service.clock(), answers=answers)
        for row, before, after in zip(rows, found.told, sent.told, strict=True):
            assert row.status in (before.status, after.status)
            found = found.with_told(after if row.status == after.status else before)
        return found

    def _bases(self, case: Case) -> list[Case]:
        """A note that links have changed makes what is uncovered due, before or after its check."""
        if not self.is_looked_at(case):
            return [case, replace(case, due=True)] if case.state == "not_covered" else [case]
        checked = life.checked(case, self.registry, self.service.clock())
        again = [replace(checked, due=True)] if checked.state == "not_covered" else []
        return [case, replace(case, due=True), *again, checked]

    def _withheld_some(self, case: Case) -> list[Case]:
        """The case, and with as many alerts withheld as may have been: how many, not yet which."""
        waiting = sum(
            told.status == "pending" and life.is_withheld(told, self.registry) for told in case.told
        )
        found = [case]
        for _ in range(waiting):
            found.append(found[-1].after("alert_withheld"))
        return found

    def _one_of(self, bases: list[Case], case: Case) -> Case:
        now = (version_of(self.service, case), is_due(self.service, case))
        fits = [base for base in bases if (base.version, base.due) == now]
        assert fits, f"neither as it was nor as it should be: {now}"
        return fits[-1]

    def read_mail(self) -> None:
        """Take what has arrived at the brands' queues, and look at each message."""
        for brand in BRANDS:
            for envelope in self.service.received_alerts(brand):
                payload = payload_of(envelope)
                self._refuse_wrong_message(brand, payload)
                self.mail[brand].append(payload)

    def _refuse_wrong_message(self, brand: str, payload: dict[str, Any]) -> None:
        (case,) = [c for c in self.cases.values() if c.public_ref == payload["public_ref"]]
        names = [told.name for told in case.told]
        assert (brand, payload["kind"], payload["sequence"]) in names, "an alert nobody decided on"
        earlier = [p for p in self.mail[brand] if p["alert_id"] == payload["alert_id"]]
        assert all(p == payload for p in earlier), "the same id, another content"
        text = json.dumps(payload, ensure_ascii=False)
        assert case.words not in text
        assert case.partner not in text
        if payload["kind"] != "recall":
            level, country = payload["consent_level"], payload["country"]
            with_summary = "summary" in payload
            assert life.may_show(case, level, country, self.registry, summary=with_summary), (
                "more went out than the worker agrees to"
            )
            assert ("factory" in payload) == (level in ("C3", "C4"))

    # After each step

    @invariant()
    def what_was_touched_is_as_expected(self) -> None:
        """State, version, consent, alerts and ledger of each case of the step."""
        counted("model: steps")
        for key in sorted(self.touched):
            self.compare(self.cases[key])
        self.touched.clear()

    def compare(self, case: Case) -> None:
        """One case, as its partner, its ledger and the store have it."""
        lead = self.lead(case)
        answer = lead.get(path_of(case))
        assert answer.status == 200, answer.body
        view = answer.json()
        assert as_partner_sees_it(view) == as_modelled(case)
        assert is_due(self.service, case) == case.due
        somebody_watches(view, case, self.service.clock())
        self._compare_alerts(case)
        if self.recorded.get(case.key) != case.actions:
            history_is(lead, case)
            self.recorded[case.key] = case.actions

    def _compare_alerts(self, case: Case) -> None:
        rows = stored_alerts(self.service, case)
        ids = {row.name: row.alert_id for row in rows}
        assert [(r.name, r.level, r.status, r.left, r.acknowledged, r.replies) for r in rows] == [
            _facts_of(told) for told in case.told
        ]
        for row, told in zip(rows, case.told, strict=True):
            assert row.takes_back == {ids[name] for name in told.takes_back}

    def teardown(self) -> None:
        """What must hold in the end; nothing more after a failure."""
        try:
            if sys.exc_info()[0] is None and self.cases:
                self.in_the_end()
        finally:
            deps.use(None)

    def in_the_end(self) -> None:
        """Once everything had its time."""


def _facts_of(told: Told) -> tuple[Any, ...]:
    return (told.name, told.level, told.status, told.left, told.acknowledged, told.replies)
