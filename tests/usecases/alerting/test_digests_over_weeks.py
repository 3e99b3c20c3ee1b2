"""Weeks of a brand with digests, in which everything goes as it may: nothing is lost or told twice.

What is filed, taken back, refused by SNS, and which runs are missed or doubled is drawn from a
seed. What must have come follows from three rules: each alert that need not come singly stands in
the digest of its time, in no other, and not if it was taken back before that was sent.
"""

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from tests.service import START, Service
from tests.usecases.digests import arrived, digesting, refs
from tests.usecases.stories import alerted, case_of, consented

DAYS = 28
LEAST = {"level": "C0", "script_version": "withdrawal-zh-2"}
S1 = {"categories": ["forced_labour"], "ilo_indicators": ["debt_bondage"]}


class Weeks:
    """What happened, and what came."""

    def __init__(self, service: Service, rhythm: str, seed: int) -> None:
        digesting(service, rhythm)
        self.service = service
        self.chance = Random(seed)
        self.filed: dict[str, datetime] = {}
        self.critical: set[str] = set()
        self.taken_back: dict[str, datetime] = {}
        self.cases: dict[str, str] = {}
        self.digests: list[tuple[datetime, dict[str, Any]]] = []
        self.singly: list[tuple[str, str]] = []

    def live(self) -> None:
        """Days of work, with nights that may have no run; at last one that goes well."""
        for day in range(DAYS):
            self.service.clock.now = START + timedelta(days=day)
            for _ in range(self.chance.choice([0, 0, 1, 2])):
                self._file()
            if self.filed and self.chance.random() < 0.3:
                self._take_back()
            self._night(START + timedelta(days=day))
        self.service.clock.now = START + timedelta(days=DAYS + 7, hours=23)
        self.service.tick()
        self._look()

    def _file(self) -> None:
        critical = self.chance.random() < 0.2
        facts = S1 if critical else {}
        self.service.clock.forward(minutes=self.chance.randint(1, 90))
        case = alerted(self.service, self.service.partner(), f"k-{len(self.filed)}", **facts)
        ref = str(case_of(self.service.partner(), case)["public_ref"])
        self.filed[ref], self.cases[ref] = self.service.clock.now, case
        if critical:
            self.critical.add(ref)
        self._look()

    def _take_back(self) -> None:
        left = sorted(set(self.filed) - set(self.taken_back))
        if not left:
            return
        ref = self.chance.choice(left[-4:])
        partner = self.service.partner()
        version = case_of(partner, self.cases[ref])["version"]
        self.service.clock.forward(minutes=1)
        assert consented(partner, self.cases[ref], version, **LEAST).status == 200
        self.taken_back[ref] = self.service.clock.now
        self.service.tick()
        self._look()

    def _night(self, day: datetime) -> None:
        """At 06:15, an hour later and another one: run, doubled, missed, or SNS is out."""
        for hours in (22.25, 23.25, 23.75):
            self.service.clock.now = day + timedelta(hours=hours)
            what = self.chance.choice(["run", "doubled", "missed", "missed", "refused"])
            if what == "refused":
                with self.service.refusing("PublishBatch"):
                    self.service.tick()
            for _ in range({"run": 1, "doubled": 2}.get(what, 0)):
                self.service.tick()
            self._look()

    def _look(self) -> None:
        for each in arrived(self.service):
            if each["kind"].startswith("digest_"):
                self.digests.append((self.service.clock.now, each))
            else:
                self.singly.append((each["kind"], each["public_ref"]))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("rhythm", ["daily", "weekly"])
def test_nothing_is_lost_told_twice_or_told_too_late_to_be_told(
    service: Service, rhythm: str, seed: int
) -> None:
    weeks = Weeks(service, rhythm, seed)
    weeks.live()

    def was_taken_back(ref: str, at: datetime) -> bool:
        return ref in weeks.taken_back and weeks.taken_back[ref] <= at

    sent = sorted(weeks.digests, key=lambda each: str(each[1]["since"]))
    assert len({digest["digest_id"] for _, digest in sent}) == len(sent) > 2
    for (_, before), (_, after) in pairwise(sent):
        assert before["until"] <= after["since"]
    told = [ref for _, digest in sent for ref in refs(digest)]
    assert len(told) == len(set(told))
    for at, digest in sent:
        since, until = (datetime.fromisoformat(digest[name]) for name in ("since", "until"))
        assert set(refs(digest)) == {
            ref
            for ref, filed in weeks.filed.items()
            if since <= filed < until and not was_taken_back(ref, at)
        }
    missing = set(weeks.filed) - set(told)
    assert missing <= set(weeks.taken_back)
    assert {ref for kind, ref in weeks.singly if kind == "new"} == weeks.critical
    assert {ref for kind, ref in weeks.singly if kind == "recall"} == set(weeks.taken_back)
