"""Keep who the worker is: in the vault, with the case or later."""

from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.facts import Facts
from chalicelib.domain.cases.transitions import ENDED
from chalicelib.domain.identities.identity import (
    EVERYBODY,
    WorkerIdentity,
    circle_of,
    identifiers,
    person_hashes,
)
from chalicelib.domain.record.ledger import Action
from chalicelib.domain.vocabulary import IdentityState
from chalicelib.errors import IdentityErased, PreconditionFailed, StateConflict
from chalicelib.store.keyring import Keyring, Purpose
from chalicelib.store.vault import Owner, Person
from chalicelib.usecases.alerting.open_escrow import escrow_rows
from chalicelib.usecases.alerting.raise_coalitions import signals_rows
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.record.pseudonyms import ledger_actor


class Kept(NamedTuple):
    """The case as it is now, and the names of the fields that the vault holds."""

    case: Case
    holds: Sequence[str]


def keep_identity(
    grievance_id: str,
    worker: WorkerIdentity,
    *,
    expected_version: int | None,
    by: Principal,
    deps: Deps,
) -> Kept:
    """Put an identity into the vault, instead of one that is there.

    Raises NotFound, PreconditionFailed, StateConflict (the case has ended), IdentityErased,
    VersionConflict, Unavailable.
    """
    case = own_case(grievance_id, by=by, deps=deps)
    if expected_version is not None and case.version != expected_version:
        raise PreconditionFailed()
    if case.state in ENDED:
        raise StateConflict("The case has ended. Reopen it before you keep who the worker is.")
    before = deps.vault.key_row(grievance_id)
    if case.identity is IdentityState.ERASED or (before is not None and before.is_erased):
        raise IdentityErased()
    owner = Owner(case.partner_id, grievance_id)
    sealed = deps.vault.seal(worker, owner)
    person = person_of(worker, case, case.partner_id, deps.keyring)
    changed = case.recorded(
        Action.IDENTITY_KEPT,
        by=ledger_actor(by, deps.keyring),
        at=deps.now(),
        data={"identity": worker.fields_given},
        identity=IdentityState.HELD,
    )
    rows = [
        *deps.vault.replacing_rows(before, owner, sealed, person),
        *escrow_rows(_without_identity(case), changed.case, deps=deps),
        *signals_rows(_without_identity(case), changed.case, deps=deps),
    ]
    deps.cases.save(changed.case, changed.entry, rows)
    return Kept(changed.case, worker.fields_given)


def _without_identity(case: Case) -> Case:
    """Another identity may be another person: the case counts anew."""
    return case.model_copy(update={"identity": None})


def person_of(worker: WorkerIdentity, facts: Facts, partner_id: str, keyring: Keyring) -> Person:
    """What cases of the same person have in common, at one partner and at all: keyed hashes."""
    found, key = identifiers(worker, facts.law), keyring.key(Purpose.PERSON)
    return Person(
        here=person_hashes(found, circle_of(partner_id), key),
        anywhere=person_hashes(found, EVERYBODY, key),
    )
