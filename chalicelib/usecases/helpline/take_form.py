"""Take in what a form says: once, and anew where it was changed after it was sent."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.facts import Consent, Filing
from chalicelib.domain.cases.message import Message
from chalicelib.domain.cases.transitions import ENDED
from chalicelib.domain.identities.identity import WorkerIdentity
from chalicelib.domain.record.ledger import Action, Entry
from chalicelib.domain.vocabulary import Visibility
from chalicelib.errors import IdempotencyConflict, PreconditionFailed, VersionConflict
from chalicelib.usecases.cases.add_message import add_to
from chalicelib.usecases.cases.change_consent import change_consent
from chalicelib.usecases.cases.correct_grievance import correct_grievance
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.cases.submit_grievance import (
    Receipt,
    grievance_id_of,
    identity_fingerprint,
    receipt_of,
    submit_grievance,
)
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.work.retried import retried


class Outcome(StrEnum):
    """What a form came to."""

    RECEIVED = "received"
    REPEATED = "repeated"
    REVISED = "revised"


class Taken(NamedTuple):
    """The receipt of the case, the same every time, and what this post came to."""

    receipt: Receipt
    outcome: Outcome


_PAGE = 100
_CORRECTED = (
    "factory_reported",
    "incident_from",
    "workers_affected",
    "categories",
    "summary",
    "language",
)
_ANOTHER_WORKER = "worker: changed"
"""Among the words of a revision: that the form names somebody else now, but not whom."""


def take_form(
    filing: Filing,
    *,
    worker: WorkerIdentity | None,
    words: str,
    key: str,
    by: Principal,
    deps: Deps,
) -> Taken:
    """Open a case with what a form says, or bring the one up to date that this form opened before.

    The same content again changes nothing. Other content under the same `key` is a revision: its
    `words` are added as a message to the partner's staff, and its facts are taken over, unless
    somebody has corrected the case since, or it has ended. Consent is never widened by a revision
    and withdrawn by one that has none; who the worker is stays as it was filed. A case whose texts
    were erased takes nothing in.

    Raises what `submit_grievance` does but IdempotencyConflict; VersionConflict only under heavy
    traffic.
    """
    try:
        submitted = submit_grievance(filing, worker=worker, idempotency_key=key, by=by, deps=deps)
    except IdempotencyConflict:
        grievance_id = grievance_id_of(key, by.organisation, deps.keyring)
        return retried(lambda: _revised(grievance_id, filing, worker, words, by, deps))
    outcome = Outcome.REPEATED if submitted.replayed else Outcome.RECEIVED
    return Taken(submitted.receipt, outcome)


def _revised(
    grievance_id: str,
    filing: Filing,
    worker: WorkerIdentity | None,
    words: str,
    by: Principal,
    deps: Deps,
) -> Taken:
    """Consent first, facts second, the message last: where it stands, all of it was done."""
    case = own_case(grievance_id, by=by, deps=deps)
    receipt = receipt_of(case, deps.keyring)
    if _names_another(case, worker, deps):
        words = "\n".join(filter(None, (words, _ANOTHER_WORKER)))
    said = (message.text for message in _messages(case, deps))
    if case.texts_erased_at is not None or words in said:
        return Taken(receipt, Outcome.REPEATED)
    try:
        case = _withdrawn(case, filing.consent, by, deps)
        case = _corrected(case, filing, by, deps)
    except PreconditionFailed as moved_on:
        raise VersionConflict() from moved_on
    add_to(case, words, Visibility.PARTNER, by=by, deps=deps)
    return Taken(receipt, Outcome.REVISED)


def _withdrawn(case: Case, consent: Consent, by: Principal, deps: Deps) -> Case:
    if consent.agrees or not case.consent.agrees:
        return case
    return change_consent(
        case.grievance_id, Consent(), expected_version=case.version, by=by, deps=deps
    )


def _corrected(case: Case, filing: Filing, by: Principal, deps: Deps) -> Case:
    line = ledger_actor(by, deps.keyring)
    others = (e for e in _entries(case, deps) if e.action is Action.CORRECTED and e.actor != line)
    if case.state in ENDED or next(others, None) is not None:
        return case
    facts: dict[str, Any] = {name: getattr(filing, name) for name in _CORRECTED}
    decided = correct_grievance(
        case.grievance_id, facts, expected_version=case.version, by=by, deps=deps
    )
    return decided.case


def _names_another(case: Case, worker: WorkerIdentity | None, deps: Deps) -> bool:
    """Whether the form names another worker than the one it was filed with, or none any more."""
    if worker is None or not case.opening.with_identity:
        return (worker is not None) != bool(case.opening.with_identity)
    row = deps.vault.key_row(case.grievance_id)
    if row is None or row.filed_as is None:
        return False
    return row.filed_as != identity_fingerprint(worker, case.grievance_id, deps.keyring)


def _messages(case: Case, deps: Deps) -> Iterator[Message]:
    start = None
    while True:
        page = deps.cases.messages(case.grievance_id, _PAGE, start)
        yield from page.items
        if (start := page.next_start) is None:
            return


def _entries(case: Case, deps: Deps) -> Iterator[Entry]:
    start = None
    while True:
        page = deps.cases.entries(case, _PAGE, start)
        yield from page.items
        if (start := page.next_start) is None:
            return
