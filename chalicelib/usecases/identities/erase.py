"""Erase who the worker is, and if asked what people wrote. What is destroyed does not come back."""

from collections.abc import Callable
from typing import Any

from chalicelib import log
from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.case import SYSTEM, Case
from chalicelib.domain.helpline.media import MediaRefusal
from chalicelib.domain.helpline.outbound import NotSent
from chalicelib.domain.identities.erasure import ErasureRequest, erased, is_erased, was_erased
from chalicelib.domain.record.ledger import Action
from chalicelib.domain.retry import STOP_SECONDS
from chalicelib.domain.vocabulary import ErasureReason, ErasureScope
from chalicelib.errors import (
    FieldError,
    NotFound,
    StateConflict,
    ValidationFailed,
    VersionConflict,
)
from chalicelib.store.table import Row
from chalicelib.store.vault import KeyRow, Owner
from chalicelib.usecases.alerting.raise_coalitions import signals_rows
from chalicelib.usecases.cases.own_case import any_case, own_case
from chalicelib.usecases.identities.erase_attachments import erase_attachments
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.work.retried import retried

_PAGE = 50


def request_erasure(
    grievance_id: str, scope: ErasureScope, reason: ErasureReason, *, by: Principal, deps: Deps
) -> tuple[ErasureRequest, bool]:
    """Ask for an erasure; the request, and whether it is new. One that is open stays as it is.

    Raises NotFound, StateConflict (erased already), VersionConflict.
    """
    case = own_case(grievance_id, by=by, deps=deps)
    if (known := deps.erasures.request(grievance_id)) is not None:
        return known, False
    if is_erased(case, scope):
        raise StateConflict("This was erased already.")
    request = ErasureRequest(
        grievance_id=grievance_id,
        public_ref=case.public_ref,
        partner_id=case.partner_id,
        scope=scope,
        reason=reason,
        requested_at=deps.now(),
        requested_by=ledger_actor(by, deps.keyring),
    )
    changed = case.recorded(
        Action.ERASURE_REQUESTED,
        by=ledger_actor(by, deps.keyring),
        at=request.requested_at,
        data={"scope": scope, "reason": reason},
    )
    deps.cases.save(changed.case, changed.entry, [deps.erasures.request_row(request)])
    return request, True


def erase_as_decided(
    grievance_id: str,
    scope: ErasureScope,
    reason: ErasureReason,
    *,
    confirm: str,
    by: Principal,
    deps: Deps,
) -> Case:
    """Erase what the data-protection officer has decided to. Again is harmless, finishes what an
    earlier run began, and takes what was written since.

    Raises NotFound, ValidationFailed (`confirm` is not the case's `public_ref`), StateConflict (the
    case is on a retention hold), VersionConflict, Unavailable.
    """
    case = any_case(grievance_id, deps=deps)
    if confirm != case.public_ref:
        detail = "Give the case's `public_ref`: what is erased cannot be brought back."
        raise ValidationFailed(errors=[FieldError("confirm", "does_not_match", detail)])
    return erase(
        grievance_id,
        scope,
        by=ledger_actor(by, deps.keyring),
        why={"scope": scope, "reason": reason},
        deps=deps,
    )


def erase(
    grievance_id: str,
    scope: ErasureScope,
    *,
    by: str,
    why: dict[str, Any],
    deps: Deps,
    also: Callable[[Case], list[Row]] = lambda case: [],
    again: bool = False,
) -> Case:
    """Erase, whoever has decided it; `also` are rows for the same transaction. `again` is for what
    was erased before and has come back: no hold keeps that.

    State first: one transaction destroys the key, the ciphertext, the hashes and the conversations,
    empties the case and writes its entry. Then attachments, messages and the register; a killed run
    is found again by the schedule. Raises NotFound, StateConflict (a retention hold),
    VersionConflict, Unavailable.
    """

    def begun() -> Case:
        case = any_case(grievance_id, deps=deps)
        if case.retention_hold is not None and not again:
            raise StateConflict("The case is on a retention hold. Lift it first.")
        row = deps.vault.key_row(grievance_id)
        if is_erased(case, scope) and row is not None and row.is_erased:
            return case
        return _begun(case, scope, row, by=by, why=why, deps=deps, more=also(case))

    case = retried(begun)
    finish_erasure(grievance_id, deps=deps)
    return case


def _begun(
    case: Case,
    scope: ErasureScope,
    row: KeyRow | None,
    *,
    by: str,
    why: dict[str, Any],
    deps: Deps,
    more: list[Row],
) -> Case:
    at = deps.now()
    changed = erased(case, scope, by=by, at=at, why=why)
    known = row or KeyRow(Owner(case.partner_id, case.grievance_id), None, (), None, None)
    rows = [
        *deps.vault.erasing_rows(known, at),
        *deps.conversations.forgetting_rows(case.grievance_id),
        *deps.erasures.begun_rows(case.grievance_id, at),
        *more,
        *signals_rows(case, changed.case, deps=deps),
    ]
    deps.cases.save(changed.case, changed.entry, rows)
    return changed.case


def finish_erasure(grievance_id: str, *, deps: Deps) -> None:
    """What follows an erasure: attachments and pictures that are still to be fetched, what
    providers hold of her, the words of messages, plans, questions and extensions, the register;
    then the mark is taken away."""
    case = deps.cases.head(grievance_id)
    if case is None:
        deps.erasures.finished(grievance_id)
        return
    retried(lambda: _forget_media(grievance_id, deps))
    retried(lambda: _forget_outbound(grievance_id, deps))
    erase_attachments(grievance_id, deps=deps)
    texts_gone = case.texts_erased_at is not None
    if texts_gone:
        _empty_messages(grievance_id, deps)
        retried(lambda: _withhold_outbound(grievance_id, deps))
        retried(lambda: _empty_plans(grievance_id, deps))
        retried(lambda: _empty_dialogue(grievance_id, deps))
    scope = ErasureScope.TEXTS if texts_gone else ErasureScope.IDENTITY
    deps.erasures.register(grievance_id, scope, deps.now())
    deps.erasures.finished(grievance_id)


def _empty_messages(grievance_id: str, deps: Deps) -> None:
    start = None
    while True:
        page = deps.cases.messages(grievance_id, _PAGE, start)
        deps.cases.empty_messages([m for m in page.items if m.text is not None])
        if (start := page.next_start) is None:
            return


def _forget_media(grievance_id: str, deps: Deps) -> None:
    """What is fetched at this very moment is an attachment that cleaning finds erased. What its
    provider holds is due to be deleted there."""
    for media in deps.media.all_of_case(grievance_id):
        is_open = media.due_at is not None or media.is_known_there
        if is_open and not media.is_going_with_her:
            deps.media.save(media.refused(MediaRefusal.ERASED, deps.now()))


def _forget_outbound(grievance_id: str, deps: Deps) -> None:
    """What was sent to her is due to be deleted where it was sent from."""
    for message in deps.outbound.all_of_case(grievance_id):
        if message.is_held_there:
            deps.outbound.save(message.to_delete_there(deps.now()))


def _withhold_outbound(grievance_id: str, deps: Deps) -> None:
    for message in deps.outbound.all_of_case(grievance_id):
        if message.text is not None:
            deps.outbound.save(message.withheld(NotSent.TEXT_ERASED, deps.now()))


def _empty_plans(grievance_id: str, deps: Deps) -> None:
    for plan in deps.plans.all_of(grievance_id):
        bare = plan.without_words()
        if bare != plan:
            deps.plans.rewrite(bare)


def _empty_dialogue(grievance_id: str, deps: Deps) -> None:
    for question in deps.questions.all_of(grievance_id):
        if (unsaid := question.without_words()) != question:
            deps.questions.rewrite(unsaid)
    for extension in deps.extensions.all_of(grievance_id):
        if (unwritten := extension.without_words()) != extension:
            deps.extensions.rewrite(unwritten)


def erase_again(*, after: str | None, seconds_left: Callable[[], float], deps: Deps) -> str | None:
    """Erase what a restored table has brought back; after which id to go on, None when all is done.

    For after a restore: goes through the register, and wherever case or key say that something is
    there that was erased, erases it again.
    """
    last = after
    for scope in (ErasureScope.TEXTS, ErasureScope.IDENTITY):
        for grievance_id in deps.erasures.registered(scope, after):
            if seconds_left() < STOP_SECONDS:
                log.error(log.Event.ERASING_AGAIN_STOPPED, after=last)
                return last
            last = grievance_id
            _erase_if_back(grievance_id, scope, deps)
        after = None
    return None


def _erase_if_back(grievance_id: str, scope: ErasureScope, deps: Deps) -> None:
    case, row = deps.cases.head(grievance_id), deps.vault.key_row(grievance_id)
    if case is not None and was_erased(case, scope) and row is not None and row.is_erased:
        return
    try:
        why = {"scope": scope, "again": True}
        erase(grievance_id, scope, by=SYSTEM, why=why, again=True, deps=deps)
    except (NotFound, VersionConflict):  # a case half restored: its key must go all the same
        if row is not None:
            deps.vault.destroy(row, deps.now())
    log.info(log.Event.ERASED_AGAIN, case_id=grievance_id)
