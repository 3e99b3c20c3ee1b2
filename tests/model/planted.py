"""Defects to be found: each a change of the service, and a short life in which it shows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.store.cases import Cases
from chalicelib.store.work import Work
from chalicelib.usecases.alerting import publish_alerts
from chalicelib.usecases.cases import change_consent
from tests.model.machine import Life
from tests.model.values import Consent

FULL = Consent("C3", across=True)
Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Defect:
    """A defect, and steps of the machine by which it shows."""

    name: str
    plant: Plant
    steps: Callable[[Life], None]


def nothing(*_: Any, **__: Any) -> Any:
    """Instead of what should happen."""
    return []


def no_recall(case: Any, *_: Any, **__: Any) -> Any:
    """Instead of a recall: the case as it is, and no rows."""
    return case, []


def submitted(life: Life, place: str = "mill", consent: Consent = FULL) -> str:
    """A grievance that comes in."""
    life.submit("handshake-gz", place, "grievance", "compensation", consent, True, None)
    (key,) = life.cases
    life.what_was_touched_is_as_expected()
    return key


def _told(life: Life) -> str:
    key = submitted(life)
    life.tick()
    return key


def _withdrawn(life: Life) -> None:
    life.change_consent(_told(life), Consent(), None)
    life.what_was_touched_is_as_expected()


def _withdrawn_before_it_went_out(life: Life) -> None:
    key = submitted(life)
    life.tick_while_topics_do_not_answer()
    life.change_consent(key, Consent(), None)
    life.wait({"hours": 3})
    life.tick()
    life.what_was_touched_is_as_expected()


def _covered_later(life: Life) -> None:
    submitted(life, "knit")
    life.tick()
    life.link_or_unlink("knit", "acme")
    life.tick()
    life.what_was_touched_is_as_expected()


def _killed_between(life: Life) -> None:
    submitted(life)
    for position in range(20, 34):
        life.killed_tick(position, "before-call")
        life.what_was_touched_is_as_expected()


def _in_the_end(life: Life) -> None:
    _told(life)
    life.in_the_end()


def _publish_before_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """The alert goes out, then the case is saved."""
    from chalicelib.usecases.work import work_due

    def published_first(case: Any, findings: Any, now: Any, deps: Any) -> Any:
        routed = work_due._routed(case, findings, now, deps)
        outgoing = [publish_alerts.Outgoing(alert, routed.case) for alert in routed.alerts]
        publish_alerts.publish_alerts(outgoing, now=now, deps=deps)
        return checked(case, findings, now, deps)

    checked = work_due.check_case
    monkeypatch.setattr(work_due, "check_case", published_first)


def _cut_chains(monkeypatch: pytest.MonkeyPatch) -> None:
    """An export that shows one case's chain without its newest entry."""
    whole = Cases.chains

    def cut(self: Cases, cases: Any) -> dict[str, list[dict[str, Any]]]:
        return {key: entries[:-1] or entries for key, entries in whole(self, cases).items()}

    monkeypatch.setattr(Cases, "chains", cut)


DEFECTS = [
    Defect(
        "a recall is dropped",
        lambda monkeypatch: monkeypatch.setattr(change_consent, "recall_rows", no_recall),
        _withdrawn,
    ),
    Defect(
        "what was withdrawn goes out all the same",
        lambda monkeypatch: monkeypatch.setattr(publish_alerts, "_still_allowed", lambda _: True),
        _withdrawn_before_it_went_out,
    ),
    Defect(
        "nobody looks again when a link appears",
        lambda monkeypatch: monkeypatch.setattr(Work, "watch", nothing),
        _covered_later,
    ),
    Defect("the alert goes out before its case has moved", _publish_before_state, _killed_between),
    Defect("an export leaves an entry out", _cut_chains, _in_the_end),
]
