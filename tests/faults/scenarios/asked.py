"""A request whose caller repeats it until it is answered: done once, or refused as done already.

What carries nothing to know a repeat by (a message, a reply, somebody new) may be there twice, as
the caller sees; nothing is there by half, and the ledger or the access log has an entry for each.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.record.ledger import first_bad_entry
from infra.local.gateway import Answer
from tests.faults.kills import Scenario
from tests.service import Service
from tests.usecases.people import logged


@dataclass(frozen=True)
class Asked:
    """A request, and what there is to see of it."""

    send: Callable[[], Answer]
    seen: Callable[[], Any]


def repeated(
    name: str,
    prepare: Callable[[Service], Asked],
    *expected: Any,
    calls: int,
    done: Collection[str] = (),
) -> Scenario:
    """Killed and repeated, any of `expected` is seen; `done` are refusals of what is done."""

    def act(_: Service, asked: Asked) -> None:
        asked.send()

    def again(_: Service, asked: Asked) -> None:
        answer = asked.send()
        assert answer.status < 300 or answer.json()["code"] in done, answer

    def verify(_: Service, asked: Asked) -> None:
        assert asked.seen() in expected

    return Scenario(name, prepare, act, again, verify, calls)


def told(service: Service, grievance_id: str) -> Callable[[], list[str]]:
    """What the ledger says of a case from now on; its chain verifies."""

    def entries() -> list[Any]:
        case = service.deps.cases.head(grievance_id)
        assert case is not None
        return list(service.deps.cases.entries(case, 100, None).items)

    before = len(entries())

    def since() -> list[str]:
        assert first_bad_entry(entries()) is None
        return [str(entry.action) for entry in entries()[before:]]

    return since


def noted(service: Service) -> Callable[[], list[str]]:
    """What the access log says from now on; what happened in one moment is in no order."""
    before = {entry.entry_id for entry in logged(service)}
    return lambda: sorted(
        str(entry.event) for entry in logged(service) if entry.entry_id not in before
    )
