"""Log a call to the helpline, once, however often it is sent."""

from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.helpline.call import CallFields, LoggedCall, answer_given
from chalicelib.domain.helpline.standard_answer import GivenAnswer
from chalicelib.domain.references import secret_id
from chalicelib.errors import (
    FieldError,
    IdempotencyConflict,
    MissingIdempotencyKey,
    ValidationFailed,
)
from chalicelib.store.keyring import Purpose
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.work.retried import retried


class Logged(NamedTuple):
    """The call, and whether it was logged before."""

    call: LoggedCall
    replayed: bool


def log_call(said: CallFields, *, idempotency_key: str | None, by: Principal, deps: Deps) -> Logged:
    """Keep a call; its case, where it was about one, says which answer was given.

    Raises MissingIdempotencyKey, IdempotencyConflict, NotFound (the case), ValidationFailed (no
    such version), VersionConflict (only under heavy traffic).
    """
    if idempotency_key is None:
        raise MissingIdempotencyKey("Send an `Idempotency-Key` header, new for each call.")
    key = deps.keyring.key(Purpose.CALL_ID)
    call_id = secret_id("cl", key, by.organisation, idempotency_key)
    return retried(lambda: _logged(said, call_id, by, deps))


def _logged(said: CallFields, call_id: str, by: Principal, deps: Deps) -> Logged:
    standing = deps.calls.logged(call_id)
    if standing is not None:
        if standing.fingerprint != said.fingerprint:
            raise IdempotencyConflict("This key already stands for another call.")
        return Logged(standing, replayed=True)
    case = own_case(said.grievance_id, by=by, deps=deps) if said.grievance_id else None
    at = deps.now()
    call = LoggedCall(
        **{**dict(said), "given": _given(said, deps)},
        call_id=call_id,
        partner_id=by.organisation,
        logged_by=by.user_id,
        logged_at=at,
        fingerprint=said.fingerprint,
    )
    rows = deps.calls.new_rows(call)
    if case is None or call.given is None:
        deps.calls.add(rows)
    else:
        changed = answer_given(case, call, by=ledger_actor(by, deps.keyring), at=at)
        deps.cases.save(changed.case, changed.entry, rows)
    return Logged(call, replayed=False)


def _given(said: CallFields, deps: Deps) -> GivenAnswer | None:
    """The version that was given, as it was published."""
    if said.given is None:
        return None
    answer = deps.standard_answers.version(said.given.answer_id, said.given.version)
    if answer is None:
        detail = "There is no such version of a standard answer."
        raise ValidationFailed(errors=[FieldError("given", "no_such_answer", detail)])
    return GivenAnswer(
        answer_id=answer.answer_id, version=answer.version, content_hash=answer.content_hash
    )
