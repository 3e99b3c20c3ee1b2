"""What partners do: submit, repeat, consent, correct, step, agree."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from chalicelib.domain.vocabulary import Role
from tests.faults.kills import killed_at
from tests.model import life
from tests.model.observed import PARTNERS, path_of
from tests.model.values import Case, Consent
from tests.model.world import PLACES, Kill, World, cases, counted, kills
from tests.service import filing

levels = st.sampled_from(["C3", "C0", "C1", "C2", "C4", "X"])
consents = st.builds(Consent, levels, st.booleans(), st.booleans())
places = st.sampled_from(["mill", "knit", "twins", "nowhere"])
people = st.sampled_from([1, 2])
WORKER = {"name": "Worker", "wechat": "worker-chat", "phone": "13800138000"}
CHANGES: list[dict[str, Any]] = [
    {"place": "knit"},
    {"place": "mill"},
    {"place": "twins"},
    {"category": "child_labour"},
    {"many": True},
    {"raised": True},
]


class PartnerRules(World):
    """The partners' part."""

    @rule(
        target=cases,
        partner=st.sampled_from(PARTNERS),
        place=places,
        intake=st.sampled_from(["grievance", "retaliation", "enquiry"]),
        category=st.sampled_from(["compensation", "child_labour"]),
        consent=consents,
        worker=st.booleans(),
        kill=kills(6),
    )
    def submit(
        self,
        partner: str,
        place: str,
        intake: str,
        category: str,
        consent: Consent,
        worker: bool,
        kill: Kill,
    ) -> str:
        """A grievance comes in; unanswered, it is posted again."""
        key = f"k-{len(self.cases)}"
        words = f"Canary-{key}"
        body = filing(
            factory_reported=PLACES[place].body,
            intake_type=intake,
            categories=[category],
            consent=consent.body,
            narrative=words,
            summary="Wages are late.",
            **({"worker": {**WORKER, "name": f"Worker {words}"}} if worker else {}),
        )
        answer = self._posted(partner, key, body, kill)
        assert answer.status in ((201,) if kill is None else (200, 201)), answer.body
        receipt = answer.json()
        self.receipts[key], self.bodies[key] = receipt, body
        routed = intake in life.ROUTED
        case = Case(
            key=key,
            partner=partner,
            grievance_id=receipt["grievance_id"],
            public_ref=receipt["public_ref"],
            words=words,
            place=place,
            intake=intake,
            category=category,
            many=False,
            consent=consent,
            severity=life.severity_of(intake, category, many=False),
            received_at=self.service.clock(),
            identity="held" if worker else None,
            routing="pending" if routed else "not_routed",
            due=routed,
        )
        assert receipt["severity"] == case.severity
        self.expect(case)
        return key

    def _posted(self, partner: str, key: str, body: dict[str, Any], kill: Kill) -> Any:
        caller = self.service.partner(partner)
        answers = []
        if kill is not None:
            with killed_at(*kill):
                answers.append(caller.post("/v1/grievances", body, Idempotency_Key=key))
            counted("model: kills", not answers)
        return (answers or [caller.post("/v1/grievances", body, Idempotency_Key=key)])[0]

    @rule(key=cases, same=st.booleans())
    def resubmit(self, key: str, same: bool) -> None:
        """The same post gets the same receipt; another body under its key is refused."""
        case = self.cases[key]
        body = self.bodies[key] if same else {**self.bodies[key], "narrative": "Other words."}
        answer = self.lead(case).post("/v1/grievances", body, Idempotency_Key=key)
        if same:
            assert (answer.status, answer.json()) == (200, self.receipts[key])
        else:
            assert (answer.status, answer.json()["code"]) == (422, "idempotency_key_reused")
        self.touched.add(key)

    @rule(key=cases, consent=consents, kill=kills(8))
    def change_consent(self, key: str, consent: Consent, kill: Kill) -> None:
        """The worker changes her mind, whatever state her case is in."""
        case = self.cases[key]
        after = life.consented(case, consent, self.registry, self.service.clock())
        path, version = f"{path_of(case)}/consent", f'"{case.version}"'
        send = lambda: self.lead(case).put(path, consent.body, If_Match=version)  # noqa: E731
        self.made(case, after, send, kill=kill)

    @rule(key=cases, changes=st.sampled_from(CHANGES), kill=kills(8))
    def correct(self, key: str, changes: dict[str, Any], kill: Kill) -> None:
        """Facts are corrected as long as the case has not ended."""
        case = self.cases[key]
        if changes == {"raised": True} and case.severity == "S1":
            return
        now = self.service.clock()
        after = 409 if case.has_ended else life.corrected(case, {**changes}, self.registry, now)
        body, version = _as_sent(changes), f'"{case.version}"'
        send = lambda: self.lead(case).patch(path_of(case), body, If_Match=version)  # noqa: E731
        self.made(case, after, send, kill=kill)

    @rule(key=cases, person=people)
    def lower_severity(self, key: str, person: int) -> None:
        """One person lowers a severity; from S1 it takes two."""
        case = self.cases[key]
        if case.severity == "S4":
            return
        after = 409 if case.has_ended else life.lowered(case, person, self.service.clock())
        body = {"severity": "S4", "severity_reason": "Heard again."}
        version = f'"{case.version}"'
        lead = self.lead(case, person)
        self.made(case, after, lambda: lead.patch(path_of(case), body, If_Match=version), kill=None)

    @rule(
        key=cases,
        to=st.sampled_from(life.STATES),
        outcome=st.sampled_from(["withdrawn", "unresolved", "resolved"]),
        lead=st.booleans(),
        person=people,
        kill=kills(8),
    )
    def step(self, key: str, to: str, outcome: str, lead: bool, person: int, kill: Kill) -> None:
        """Any step from any state: the legal ones are made, the others refused."""
        self._stepped(self.cases[key], to, outcome, lead, person, kill)

    @rule(
        key=cases,
        choice=st.integers(0, 5),
        outcome=st.sampled_from(["withdrawn", "resolved"]),
        person=people,
    )
    def legal_step(self, key: str, choice: int, outcome: str, person: int) -> None:
        """A step that a lead may make: so that cases get anywhere."""
        case = self.cases[key]
        legal = sorted(to for to, who in life.ways(case).items() if who)
        if legal:
            self._stepped(case, legal[choice % len(legal)], outcome, True, person, None)

    def _stepped(
        self, case: Case, to: str, outcome: str, lead: bool, person: int, kill: Kill
    ) -> None:
        role = Role.PARTNER_SUPERVISOR if lead else Role.PARTNER_INTAKE
        now = self.service.clock()
        after = life.refused(case, to, outcome, role, now)
        predicted = life.stepped(case, to, outcome, now, person) if after is None else after
        caller = self.service.caller(role, case.partner, person)
        path, body = f"{path_of(case)}/transitions", self._demands(to, outcome)
        self.made(case, predicted, lambda: caller.post(path, body), kill=kill)

    def _demands(self, to: str, outcome: str) -> dict[str, Any]:
        demands: dict[str, dict[str, Any]] = {
            "inadmissible": {"inadmissible_reason": "not_about_work"},
            "findings": {"finding": "grounded"},
            "on_hold": {"until": f"{self.service.clock().year + 2}-01-01T00:00:00Z"},
            "closed": {"outcome": outcome, "root_cause": "unknown"},
        }
        resolved = {"verification_evidence": "Payslips.", "worker_verdict": "satisfied"}
        more = resolved if (to, outcome) == ("closed", "resolved") else {}
        return {"to": to, "reason": "Because.", **demands.get(to, {}), **more}

    @rule(key=cases, person=people, agrees=st.booleans(), kill=kills(8))
    def decide_proposal(self, key: str, person: int, agrees: bool, kill: Kill) -> None:
        """Another supervisor confirms what was proposed; anybody refuses it."""
        case = self.cases[key]
        if case.proposal is None:
            return
        view = self.lead(case).get(path_of(case)).json()
        path = f"{path_of(case)}/proposals/{view['proposal']['proposal_id']}"
        caller = self.lead(case, person)
        if agrees:
            after = life.confirmed(case, person, self.service.clock())
            self.made(case, after, lambda: caller.post(f"{path}/confirmation"), kill=kill)
        else:
            refused = case.after("proposal_refused", proposal=None)
            self.made(case, refused, lambda: caller.delete(path), kill=kill)

    @rule(key=cases, kill=kills(8))
    def choose_factory(self, key: str, kill: Kill) -> None:
        """A reviewer says that the knitter is meant, while that may still be said."""
        case = self.cases[key]
        (factory,) = self.registry.meant("knit")
        open_still = case.state in life.BEFORE_ALERT and case.intake in life.ROUTED
        after = life.chosen(case, factory) if open_still else 409
        path = f"{path_of(case)}/factory"
        body = {"factory_id": factory, "remember_spelling": False}
        self.made(case, after, lambda: self.lead(case).post(path, body), kill=kill)

    @rule(key=cases, kill=kills(8))
    def add_message(self, key: str, kill: Kill) -> None:
        """A note, in somebody's words."""
        case = self.cases[key]
        path, body = f"{path_of(case)}/messages", {"text": f"{case.words} said so."}
        # words that come after an erasure are not erased by it
        if not case.texts_erased:
            after = case.after("message_added")
            self.made(case, after, lambda: self.lead(case).post(path, body), kill=kill)


def _as_sent(changes: dict[str, Any]) -> dict[str, Any]:
    sent: dict[str, Callable[[Any], dict[str, Any]]] = {
        "place": lambda place: {"factory_reported": PLACES[place].body},
        "category": lambda category: {"categories": [category]},
        "many": lambda _: {"workers_affected": 400},
        "raised": lambda _: {"severity": "S1"},
    }
    ((name, value),) = changes.items()
    return sent[name](value)
