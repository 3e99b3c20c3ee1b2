"""Escrow (consent `X`): a case goes out once enough others have filed the same.

Others are told apart by keyed hashes of what their workers can be reached by; who gave none is
nobody's other, and counts for nothing. So neither many posts without a name nor one worker who
posts many times can force a release, and neither can one partner alone, whatever it posts.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from chalicelib.domain.cases.case import ROUTED_TYPES, Case
from chalicelib.domain.cases.consent import IN_ESCROW, Detail, Way, release
from chalicelib.domain.vocabulary import (
    Category,
    IdentityState,
    Outcome,
    Routing,
    State,
)

OTHERS = 5
"""The k of the public statistics: fewer could be counted down to one."""

PARTNERS = 2


class Standing(NamedTuple):
    """What a case says for others: these categories at this factory."""

    factory_id: str
    categories: frozenset[Category]


class Filed(NamedTuple):
    """A case that may count: whose partner's it is, and the hashes of its worker."""

    case_id: str
    partner_id: str
    categories: frozenset[Category]
    worker: frozenset[str]


def standing(case: Case) -> Standing | None:
    """What a case counts as for others; None where it does not count.

    It does if its factory is certain, its worker is known and agrees to be counted, and it was
    neither turned down nor withdrawn.
    """
    dropped = case.state is State.INADMISSIBLE or case.outcome is Outcome.WITHDRAWN
    if case.factory_id is None or dropped or case.intake_type not in ROUTED_TYPES:
        return None
    counted = release(case.agreed, Way.STATISTICS).detail >= Detail.COUNTED
    if case.identity is not IdentityState.HELD or not counted:
        return None
    return Standing(case.factory_id, frozenset(case.categories))


def waits(case: Case) -> bool:
    """Whether a case waits in escrow, its factory certain and a brand there to be told."""
    held = case.routing is Routing.HELD and case.routing_reason == IN_ESCROW
    return case.is_in_escrow and held and case.factory_id is not None


def to_be_looked_at(before: Case, after: Case) -> str | None:
    """The factory whose escrow a change may open: somebody counts anew, or has begun to wait."""
    counts, counted = standing(after), standing(before)
    if counts is not None and counts != counted:
        return counts.factory_id
    begins = waits(after) and (not waits(before) or before.categories != after.categories)
    return after.factory_id if begins else None


def is_joined(case: Case, worker: Collection[str], filed: Iterable[Filed]) -> bool:
    """Whether enough others have filed each of the case's categories at its factory.

    `worker` are the hashes of the case's own, whose other filings are no others'. Where there are
    none any one of the others may be her: then there must be enough without any one of them.
    """
    others = [other for other in filed if other.case_id != case.grievance_id]
    return all(
        _are_enough([other for other in others if category in other.categories], worker)
        for category in case.categories
    )


def _are_enough(filed: Sequence[Filed], own: Collection[str]) -> bool:
    others = [person for person in people(filed) if not _is(person, own)]
    served_by = [frozenset(filed.partner_id for filed in person) for person in others]
    if own:
        return _suffice(served_by)
    without_one = ([*served_by[:n], *served_by[n + 1 :]] for n in range(len(served_by)))
    return len(served_by) > OTHERS and all(map(_suffice, without_one))


def _suffice(served_by: Sequence[frozenset[str]]) -> bool:
    return len(served_by) >= OTHERS and len(frozenset().union(*served_by)) >= PARTNERS


def _is(person: Sequence[Filed], own: Collection[str]) -> bool:
    return any(not filed.worker.isdisjoint(own) for filed in person)


def people(filed: Iterable[Filed]) -> list[list[Filed]]:
    """The filings of each worker: those that share a number or an account, if over another one."""
    known_by: dict[str, list[Filed]] = {}
    for new in filed:
        before = {id(known_by[h]): known_by[h] for h in new.worker if h in known_by}
        person = [new, *(earlier for same in before.values() for earlier in same)]
        known_by |= {hashed: person for each in person for hashed in each.worker}
    return list({id(person): person for person in known_by.values()}.values())
