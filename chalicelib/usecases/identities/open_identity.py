"""Show who the worker is, after the ledger has said to whom and why."""

from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.case import Case
from chalicelib.domain.identities.identity import WorkerIdentity
from chalicelib.domain.record.ledger import Action, Entry, commitment
from chalicelib.domain.vocabulary import IdentityState, OpeningReason, Role
from chalicelib.errors import IdentityErased, NotFound
from chalicelib.store.vault import KeyRow
from chalicelib.usecases.cases.own_case import any_case, own_case
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.work.retried import retried


class Opened(NamedTuple):
    """The identity, and the ledger entry that says it was opened."""

    worker: WorkerIdentity
    entry: Entry


def open_identity(
    grievance_id: str, reason: OpeningReason, note: str | None, *, by: Principal, deps: Deps
) -> Opened:
    """Open an identity: the partner its own case's, the data-protection officer anybody's.

    State first: the entry is in the ledger before anything is decrypted, so that an opening without
    an entry cannot be; one that failed afterwards is recorded as an opening, too. The register of
    erasures is asked besides the tables, which may have been restored from before one.
    Raises NotFound (also where no identity is held), IdentityErased, VersionConflict (only under
    heavy traffic), Unavailable.
    """

    def recorded() -> tuple[KeyRow, Entry]:
        case = case_of_opener(grievance_id, by=by, deps=deps)
        row = _held(case, deps)
        return row, _recorded(case, reason, note, by, deps)

    row, entry = retried(recorded)
    return Opened(deps.vault.open(row), entry)


def case_of_opener(grievance_id: str, *, by: Principal, deps: Deps) -> Case:
    """The case, for its own partner or the data-protection officer. NotFound."""
    if by.role is not Role.DPO:
        return own_case(grievance_id, by=by, deps=deps)
    return any_case(grievance_id, deps=deps)


def _held(case: Case, deps: Deps) -> KeyRow:
    if case.identity is IdentityState.ERASED or deps.erasures.is_registered(case.grievance_id):
        raise IdentityErased()
    row = deps.vault.key_row(case.grievance_id)
    if row is None:
        raise NotFound("This case holds no identity.")
    if row.is_erased:
        raise IdentityErased()
    return row


def _recorded(
    case: Case, reason: OpeningReason, note: str | None, by: Principal, deps: Deps
) -> Entry:
    commit = committer(case, deps.keyring)
    data = {"reason": reason, **({"note": commitment("note", note, commit)} if note else {})}
    changed = case.recorded(
        Action.IDENTITY_OPENED, by=ledger_actor(by, deps.keyring), at=deps.now(), data=data
    )
    deps.cases.save(changed.case, changed.entry)
    return changed.entry
