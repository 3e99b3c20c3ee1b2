"""Take a grievance in: one conditional write, whatever happens around it."""

import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.case import Case, open_case
from chalicelib.domain.cases.facts import Filing
from chalicelib.domain.identities.identity import WorkerIdentity
from chalicelib.domain.record import ledger
from chalicelib.domain.references import (
    keyed_hash,
    normalise_receipt_code,
    receipt_code,
    secret_id,
)
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import Severity, State
from chalicelib.errors import (
    IdempotencyConflict,
    MissingIdempotencyKey,
    Unavailable,
    ValidationFailed,
)
from chalicelib.store.keyring import Keyring, Purpose
from chalicelib.store.table import Row
from chalicelib.store.vault import Owner
from chalicelib.usecases.cases.link_back import link_back
from chalicelib.usecases.cases.name_recipients import wrong_recipients
from chalicelib.usecases.identities.keep_identity import person_of
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.work.hurry import hurry
from chalicelib.usecases.work.retried import retried


class Receipt(Value):
    """What the partner, and through it the worker, holds in hand. A repeat gets the same bytes."""

    grievance_id: str
    public_ref: str
    receipt_code: str
    state: State
    severity: Severity
    received_at: Moment
    respond_by: dict[ClockKind, Moment]


class Submitted(NamedTuple):
    """The receipt, and whether it was given before."""

    receipt: Receipt
    replayed: bool


def submit_grievance(
    filing: Filing,
    *,
    worker: WorkerIdentity | None = None,
    idempotency_key: str | None,
    by: Principal,
    deps: Deps,
    beside: Callable[[Case], Sequence[Row]] = lambda case: (),
) -> Submitted:
    """Open a case, or find the one that this very post opened before.

    The case's id is derived with a secret from the tenant and its key (`Idempotency-Key`, else
    `partner_ref`), so that a repeat lands on the same item however late it comes, and nobody else
    can tell the id. An S1 case is handed to the check
    at once; if that fails, the next tick finds it. The worker's identity goes to the vault, in the
    same transaction; without one there is one call.
    Cases that it names say so from the same moment on. `beside` are rows for the same transaction
    that somebody else may change meanwhile.
    Raises MissingIdempotencyKey, IdempotencyConflict (same key, other body), ValidationFailed (it
    names a case that is not the partner's, or for C4 no brand, or one that is not there),
    VersionConflict (only under heavy traffic), Unavailable.
    """
    keys = _keys(by.organisation, idempotency_key, filing.partner_ref, deps.keyring)
    _refuse_wrong_recipients(filing, keys[0], deps)
    return retried(lambda: _submitted(filing, worker, keys, by, deps, beside))


def _refuse_wrong_recipients(filing: Filing, main_key: str, deps: Deps) -> None:
    """Of a new post alone: what was posted before any had to be named is repeated as it was."""
    wrong = wrong_recipients(filing.consent, "consent.recipients", deps=deps)
    if wrong and deps.cases.claimed(main_key) is None:
        raise ValidationFailed(errors=wrong)


def _submitted(
    filing: Filing,
    worker: WorkerIdentity | None,
    keys: tuple[str, str | None],
    by: Principal,
    deps: Deps,
    beside: Callable[[Case], Sequence[Row]],
) -> Submitted:
    main_key, second_key = keys
    case = _opened(filing, worker, main_key, by=by, at=deps.now(), keyring=deps.keyring)
    linked = link_back(case, filing.links, by=by, deps=deps)
    rows = _vault_rows(case, worker, deps)
    claimed = deps.cases.create(
        case, also_claims=second_key, rows=rows, linked=linked, beside=beside(case)
    )
    if claimed is None:
        hurry(case, deps=deps)
        return Submitted(receipt_of(case, deps.keyring), replayed=False)
    if not hmac.compare_digest(claimed.fingerprint, case.fingerprint):
        raise IdempotencyConflict()
    first = deps.cases.head(claimed.grievance_id)
    if first is None:
        raise Unavailable()
    _refuse_another_worker(first, worker, deps)
    return Submitted(receipt_of(first, deps.keyring), replayed=True)


def _vault_rows(case: Case, worker: WorkerIdentity | None, deps: Deps) -> list[Row]:
    if worker is None:
        return []
    owner = Owner(case.partner_id, case.grievance_id)
    return deps.vault.new_rows(
        owner,
        deps.vault.seal(worker, owner),
        person_of(worker, case, case.partner_id, deps.keyring),
        filed_as=identity_fingerprint(worker, case.grievance_id, deps.keyring),
    )


def _refuse_another_worker(first: Case, worker: WorkerIdentity | None, deps: Deps) -> None:
    """A repeat names the same worker, or none as the first post did. What the first one named is
    known by a keyed hash in the vault only: after an erasure there is nothing to compare with."""
    if (worker is not None) != bool(first.opening.with_identity):
        raise IdempotencyConflict()
    row = deps.vault.key_row(first.grievance_id) if worker is not None else None
    if worker is None or row is None or row.filed_as is None:
        return
    given = identity_fingerprint(worker, first.grievance_id, deps.keyring)
    if not hmac.compare_digest(row.filed_as, given):
        raise IdempotencyConflict()


def identity_fingerprint(worker: WorkerIdentity, case_id: str, keyring: Keyring) -> str:
    """What is stored to recognise the identity by that a case was filed with."""
    body = ledger.canonical([case_id, worker.model_dump(mode="json")])
    return keyed_hash(keyring.key(Purpose.IDENTITY_FINGERPRINT), body)


def _keys(
    partner: str, key: str | None, partner_ref: str | None, keyring: Keyring
) -> tuple[str, str | None]:
    """The id of the case, and of a second key that must be unique, too. Partners count their cases:
    without the secret, who knows one's numbering could tell a public reference from it."""
    ids = []
    if key is not None:
        ids.append(grievance_id_of(key, partner, keyring))
    if partner_ref is not None:
        secret = keyring.key(Purpose.GRIEVANCE_ID)
        ids.append(secret_id("g", secret, partner, "ref", partner_ref))
    if not ids:
        raise MissingIdempotencyKey()
    return ids[0], ids[1] if len(ids) > 1 else None


def grievance_id_of(idempotency_key: str, partner_id: str, keyring: Keyring) -> str:
    """The id of the case that a partner's key opens, or has opened."""
    secret = keyring.key(Purpose.GRIEVANCE_ID)
    return secret_id("g", secret, partner_id, "key", idempotency_key)


def _opened(
    filing: Filing,
    worker: WorkerIdentity | None,
    grievance_id: str,
    *,
    by: Principal,
    at: datetime,
    keyring: Keyring,
) -> Case:
    body = ledger.canonical(_as_posted(filing))
    code = receipt_code(grievance_id, keyring.key(Purpose.RECEIPT_CODE))
    return open_case(
        filing,
        grievance_id=grievance_id,
        partner_id=by.organisation,
        receipt_hash=receipt_hash(code, keyring),
        fingerprint=keyed_hash(keyring.key(Purpose.FINGERPRINT), body),
        by=ledger_actor(by, keyring),
        at=at,
        identity=worker.fields_given if worker else (),
    )


def _as_posted(filing: Filing) -> dict[str, Any]:
    """What a repeat must be equal in. What came to be a field later is left out where it is not
    used: repeats of what was posted before that still match."""
    posted = filing.model_dump(mode="json", exclude=set() if filing.links else {"links"})
    if not filing.consent.recipients:
        del posted["consent"]["recipients"]
    return posted


def receipt_hash(code: str, keyring: Keyring) -> str:
    """What is stored of a receipt code. `code` must be one that can be normalised."""
    digits = normalise_receipt_code(code)
    if digits is None:
        raise ValueError("not a receipt code")
    return keyed_hash(keyring.key(Purpose.RECEIPT_HASH), digits)


def receipt_of(case: Case, keyring: Keyring) -> Receipt:
    """The receipt that was given for a case when it was opened."""
    return Receipt(
        grievance_id=case.grievance_id,
        public_ref=case.public_ref,
        receipt_code=receipt_code(case.grievance_id, keyring.key(Purpose.RECEIPT_CODE)),
        state=State.RECEIVED,
        severity=case.opening.severity,
        received_at=case.received_at,
        respond_by=dict(sorted(case.opening.respond_by.items())),
    )
