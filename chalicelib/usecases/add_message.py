"""Add a note or a message to a case."""

from collections.abc import Sequence

from chalicelib.deps import Deps
from chalicelib.domain.access import Principal
from chalicelib.domain.case import Case
from chalicelib.domain.consent import Way, readable_from, release
from chalicelib.domain.ledger import Action, commitment
from chalicelib.domain.message import Message
from chalicelib.domain.references import derive_id
from chalicelib.domain.vocabulary import ConsentLevel, Side, Visibility
from chalicelib.store.table import Row
from chalicelib.usecases.committer import committer
from chalicelib.usecases.own_case import own_case
from chalicelib.usecases.pseudonyms import ledger_actor
from chalicelib.usecases.retried import retried


def add_message(
    grievance_id: str,
    text: str,
    visibility: Visibility,
    *,
    speaks_for: Side | None = None,
    by: Principal,
    deps: Deps,
    beside: Sequence[Row] = (),
) -> Message:
    """Keep a message with the case. One for brands is read by those that were told of the case, as
    long as the worker agrees to as much as she does now. `beside` are rows for the same
    transaction.

    Raises NotFound, VersionConflict (only under heavy traffic).
    """

    def added() -> Message:
        case = own_case(grievance_id, by=by, deps=deps)
        return _added(case, text, visibility, speaks_for, by, deps, beside)

    return retried(added)


def _added(
    case: Case,
    text: str,
    visibility: Visibility,
    speaks_for: Side | None,
    by: Principal,
    deps: Deps,
    beside: Sequence[Row],
) -> Message:
    at = deps.now()
    message = Message(
        message_id=derive_id("m", case.grievance_id, str(case.version + 1)),
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
    deps.cases.save(changed.case, changed.entry, [deps.cases.message_row(message), *beside])
    return message


def _readable_from(case: Case) -> ConsentLevel:
    countries = (case.law, case.factory_reported.country)
    return readable_from(release(case.agreed, Way.BRAND_DESK, *countries).detail)
