"""Merges, filings, ends and merges taken back, in an order that chance makes: after each of them
every case is where a reckoning by hand has it, and every brand was told as often as that says."""

import random
from collections import Counter
from dataclasses import dataclass, field

import pytest

from tests.service import Service
from tests.usecases.cases.test_transition_grievance import went
from tests.usecases.merges import APART, LATER, MID, NEW, OLD, put_merge, taken_back
from tests.usecases.stories import case_of, submitted

IDS = [OLD, MID, NEW, LATER, APART]
STEPS = 20


@dataclass
class Filed:
    """A case by hand: where it is, who was told."""

    says: str
    at: str | None = None
    told: set[str] = field(default_factory=set)
    ended: bool = False


@dataclass
class Reckoning:
    """The merges by hand, and what they make of the four ids that factories have."""

    held: dict[str, str]
    """OS ID → factory"""
    into: dict[str, str] = field(default_factory=dict)
    cases: dict[str, Filed] = field(default_factory=dict)

    def steps(self, os_id: str) -> list[str]:
        """An id and all that it became."""
        return [os_id, *(self.steps(self.into[os_id]) if os_id in self.into else [])]

    def now(self, os_id: str) -> str:
        """What an id is now."""
        return self.steps(os_id)[-1]

    def same_as(self, os_id: str) -> list[str]:
        """The ids of factories that are the same now, the one that stands for all first."""
        same = [each for each in self.held if self.now(each) == self.now(os_id)]
        return sorted(same, key=lambda each: (len(self.steps(each)), each))

    def settle(self) -> None:
        """Every open case goes where it belongs, and whoever sources there is told."""
        os_id_of = {factory: os_id for os_id, factory in self.held.items()}
        for case in (case for case in self.cases.values() if not case.ended):
            same = self.same_as(case.says if case.at is None else os_id_of[case.at])
            if same:
                case.at = self.held[same[0]]
                case.told |= {brand_of(each) for each in same}


def brand_of(os_id: str) -> str:
    """The one brand that sources from the factory that was disclosed with this id."""
    return f"brand-{IDS.index(os_id)}"


class Simulation:
    """A service, and the same by hand."""

    def __init__(self, service: Service, chance: random.Random, *, indexed: bool) -> None:
        self.service, self.chance, self.indexed = service, chance, indexed
        self.did = Counter[str]()
        held = {}
        for number, os_id in enumerate(chance.sample(IDS, 4)):
            held[os_id] = service.factory(f"House {number} of Garments", os_id=os_id)
            service.brand(brand_of(os_id), subscribe=False)
            service.link(held[os_id], brand_of(os_id))
        self.by_hand = Reckoning(held)

    def step(self) -> None:
        """Something happens, and the service comes to rest."""
        act = self.chance.choice(
            [self.file, self.file, self.merge, self.merge, self.end, self.undo]
        )
        self.did[act.__name__] += act()
        self.by_hand.settle()
        if self.indexed:
            self.service.clock.forward(minutes=20)
            self.service.build_index()
        for _ in range(4):
            self.service.tick()
            self.service.clock.forward(minutes=1)

    def file(self) -> bool:
        """Somebody names an id, be it known or not."""
        says, key = self.chance.choice(IDS), f"k-{len(self.by_hand.cases)}"
        reported = {"identifiers": [says]}
        grievance_id = submitted(self.service.partner(), key, factory_reported=reported)
        self.by_hand.cases[grievance_id] = Filed(says)
        return True

    def merge(self) -> bool:
        """Any id into any other; what cannot be is refused."""
        os_id, into = self.chance.sample(IDS, 2)
        answer = put_merge(self.service, os_id, into)
        can_be = os_id not in self.by_hand.steps(into)
        is_said = self.by_hand.into.get(os_id)
        expected = 422 if not can_be else {None: 201, into: 200}.get(is_said, 409)
        assert answer.status == expected, answer.body
        if answer.status == 201:
            self.by_hand.into[os_id] = into
        return answer.status == 201

    def end(self) -> bool:
        """A case ends, wherever it is."""
        open_ones = [i for i, case in self.by_hand.cases.items() if not case.ended]
        if not open_ones:
            return False
        grievance_id = self.chance.choice(open_ones)
        withdrawn = {"outcome": "withdrawn", "root_cause": "unknown"}
        went(self.service.partner(), grievance_id, "closed", **withdrawn)
        self.by_hand.cases[grievance_id].ended = True
        return True

    def undo(self) -> bool:
        """A merge is taken back."""
        if not self.by_hand.into:
            return False
        os_id = self.chance.choice(sorted(self.by_hand.into))
        taken_back(self.service, os_id)
        del self.by_hand.into[os_id]
        return True

    def compare(self) -> None:
        """Every case is where it is by hand, and each brand was told once."""
        for grievance_id, expected in self.by_hand.cases.items():
            case = case_of(self.service.partner(), grievance_id)
            told = sorted(alert.brand_id for alert in self.service.alert_rows(grievance_id))
            assert (case["factory_id"], told) == (expected.at, sorted(expected.told))


@pytest.mark.parametrize(("seed", "indexed"), [(8, False), (13, True)])
def test_every_case_is_where_a_reckoning_by_hand_has_it(
    service: Service, seed: int, indexed: bool
) -> None:
    simulation = Simulation(service, random.Random(seed), indexed=indexed)
    for _ in range(STEPS):
        simulation.step()
        simulation.compare()
    assert set(simulation.did) == {"file", "merge", "end", "undo"}
    assert simulation.did["merge"] > 1
    moved = 0
    for grievance_id in simulation.by_hand.cases:
        history = service.partner().get(f"/v1/grievances/{grievance_id}/history?limit=100").json()
        moved += sum(entry["action"] == "factory_merged" for entry in history["items"])
    assert moved > 0
