"""Add a note or a message to a case."""

from chalicelib.deps import Deps
from chalicelib.domain.access import Principal
from chalicelib.domain.case import Case
from chalicelib.domain.ledger import Action, commitment
from chalicelib.domain.message import Message
from chalicelib.domain.references import derive_id
from chalicelib.domain.vocabulary import Visibility
from chalicelib.usecases.committer import committer
from chalicelib.usecases.own_case import own_case
from chalicelib.usecases.pseudonyms import ledger_actor
from chalicelib.usecases.retried import retried


def add_message(
    grievance_id: str, text: str, visibility: Visibility, *, by: Principal, deps: Deps
) -> Message:
    """Keep a message with the case. Raises NotFound, VersionConflict (only under heavy traffic)."""
    return retried(
        lambda: _added(own_case(grievance_id, by=by, deps=deps), text, visibility, by, deps)
    )


def _added(case: Case, text: str, visibility: Visibility, by: Principal, deps: Deps) -> Message:
    at = deps.now()
    message = Message(
        message_id=derive_id("m", case.grievance_id, str(case.version + 1)),
        grievance_id=case.grievance_id,
        at=at,
        by=by.actor,
        visibility=visibility,
        text=text,
    )
    data = {
        "message_id": message.message_id,
        "visibility": visibility,
        "text": commitment("text", text, committer(case, deps.keyring)),
    }
    actor = ledger_actor(by, deps.keyring)
    changed = case.recorded(Action.MESSAGE_ADDED, by=actor, at=at, data=data, **case.words_added)
    deps.cases.save(changed.case, changed.entry, [deps.cases.message_row(message)])
    return message
