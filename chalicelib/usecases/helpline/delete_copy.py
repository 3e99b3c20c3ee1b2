"""Have a provider delete the copy that it holds: of what is safely ours, of who was erased."""

from typing import TypeVar

from chalicelib import log
from chalicelib.carriers.carrier import RefusedByCarrier, Wanted
from chalicelib.deps import Deps
from chalicelib.domain.cases.case import Case
from chalicelib.domain.helpline.media import Media
from chalicelib.domain.helpline.outbound import Outbound
from chalicelib.domain.helpline.their_copy import TheirCopy
from chalicelib.domain.retry import GIVE_UP, backoff
from chalicelib.domain.vocabulary import IdentityState
from chalicelib.errors import Unavailable
from chalicelib.store.due_rows import DueRows

R = TypeVar("R", Media, Outbound)


def delete_copy_of_media(media: Media, *, deps: Deps) -> Media:
    """Delete at its provider what is kept here, or was erased. Raises VersionConflict, Unavailable
    (where our own stores do not answer)."""
    return _deleted(media, media.media_id, deps.media, deps)


def delete_copy_of_message(message: Outbound, *, deps: Deps) -> Outbound:
    """Delete at its carrier what was sent to a worker who was erased. Raises VersionConflict,
    Unavailable (where our own stores do not answer)."""
    return _deleted(message, message.outbound_id, deps.outbound, deps)


def copy_goes_with(case: Case | None, message: Outbound, deps: Deps) -> Outbound:
    """A message as it was just noted; its copy is to be deleted where an erasure came in between:
    that could not know of it."""
    erased = case is None or case.identity is IdentityState.ERASED
    if not (erased and message.is_held_there):
        return message
    return _kept(message.to_delete_there(deps.now()), deps.outbound)


def _deleted(row: R, its_id: str, rows: DueRows[R], deps: Deps) -> R:
    """State first, effect second, mark third: who is killed in between asks again, and hears that
    it is gone."""
    if row.attempts >= GIVE_UP:
        return _settled(row, TheirCopy.LEFT, its_id, rows, deps)
    later = deps.now() + backoff(row.attempts + 1, of=its_id)
    taken: R = _kept(row.taken_up(later), rows)
    held = _held_there(taken, deps)
    if held is None or taken.channel is None:
        return _settled(taken, TheirCopy.LEFT, its_id, rows, deps)
    try:
        deps.carriers.on(taken.channel).delete(held)
    except RefusedByCarrier:
        return _settled(taken, TheirCopy.LEFT, its_id, rows, deps)
    except Unavailable:
        return taken
    return _settled(taken, TheirCopy.DELETED, its_id, rows, deps)


def _held_there(row: Media | Outbound, deps: Deps) -> Wanted | None:
    """The copy, with what its provider is asked with; None where there is nobody to ask."""
    line = deps.lines.get(row.line_id) if row.line_id else None
    if line is None or row.held_as is None:
        return None
    return Wanted(row.held_as, line, deps.line_secrets.get(line.line_id))


def _settled(row: R, copy: TheirCopy, its_id: str, rows: DueRows[R], deps: Deps) -> R:
    settled: R = _kept(row.copy_settled(copy, deps.now()), rows)
    about = {"case_id": row.grievance_id, "row": its_id}
    if copy is TheirCopy.LEFT:
        log.error(log.Event.COPY_LEFT_AT_PROVIDER, **about, attempts=row.attempts)
    else:
        log.info(log.Event.COPY_DELETED_AT_PROVIDER, **about)
    return settled


def _kept(row: R, rows: DueRows[R]) -> R:
    rows.save(row)
    return row
