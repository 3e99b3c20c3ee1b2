"""Add a note or a message to a case."""

from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.consent import Way, readable_from, release
from chalicelib.domain.cases.message import Message
from chalicelib.domain.helpline.outbound import LONGEST, Outbound
from chalicelib.domain.record.ledger import Action, commitment
from chalicelib.domain.references import derive_id
from chalicelib.domain.vocabulary import ConsentLevel, Side, Visibility
from chalicelib.errors import FieldError, ValidationFailed
from chalicelib.store.table import Row
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.helpline.write_to_worker import outbound_to_worker
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.work.hurry import hurry_outbound
from chalicelib.usecases.work.retried import retried


class Added(NamedTuple):
    """The message, and where it is for the worker its way to her."""

    message: Message
    outbound: Outbound | None


def add_message(
    grievance_id: str,
    text: str,
    visibility: Visibility,
    *,
    speaks_for: Side | None = None,
    by: Principal,
    deps: Deps,
    beside: Sequence[Row] = (),
) -> Added:
    """Keep a message with the case. One for brands is read by those that were told of the case, as
    long as the worker agrees to as much as she does now. One for the worker goes out on the line
    that she used, if she agrees to be contacted. `beside` are rows for the same transaction.

    Raises NotFound, ValidationFailed (too long to be sent), VersionConflict (only under heavy
    traffic).
    """
    if visibility is Visibility.WORKER and len(text) > LONGEST:
        detail = f"A worker gets {LONGEST} characters at most in one message. Send several."
        raise ValidationFailed(errors=[FieldError("text", "too_long", detail)])

    def added() -> Added:
        case = own_case(grievance_id, by=by, deps=deps)
        return add_to(
            case, text, visibility, speaks_for=speaks_for, by=by, deps=deps, beside=beside
        )

    kept = retried(added)
    if kept.outbound is not None:
        hurry_outbound(kept.outbound, deps=deps)
    return kept


def next_message_id(case: Case) -> str:
    """The id of the message that is added to a case as it stands."""
    return derive_id("m", case.grievance_id, str(case.version + 1))


def add_to(
    case: Case,
    text: str,
    visibility: Visibility,
    *,
    speaks_for: Side | None = None,
    by: Principal,
    deps: Deps,
    beside: Sequence[Row] = (),
) -> Added:
    """The same to a case as it was read, but nothing is hurried. Raises VersionConflict where it
    has moved on since."""
    at = deps.now()
    message = Message(
        message_id=next_message_id(case),
        grievance_id=case.grievance_id,
        at=at,
        by=by.actor,
        visibility=visibility,
        text=text,
        speaks_for=speaks_for,
        readable_from=_readable_from(case) if visibility is Visibility.BRAND else None,
    )
    data = {
        "message_id": message.message_id,
        "visibility": visibility,
        "text": commitment("text", text, committer(case, deps.keyring)),
    }
    actor = ledger_actor(by, deps.keyring)
    changed = case.recorded(Action.MESSAGE_ADDED, by=actor, at=at, data=data, **case.words_added)
    rows = [deps.cases.message_row(message), *beside]
    outbound = None
    if visibility is Visibility.WORKER:
        outbound = outbound_to_worker(case, message, deps=deps)
        rows.append(deps.outbound.row(outbound))
    deps.cases.save(changed.case, changed.entry, rows)
    return Added(message, outbound)


def _readable_from(case: Case) -> ConsentLevel:
    countries = (case.law, case.factory_reported.country)
    return readable_from(release(case.agreed, Way.BRAND_DESK, *countries).detail)
