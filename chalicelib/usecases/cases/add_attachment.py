"""Ask for a file to be attached: a row that awaits it, and a form to upload exactly this file."""

from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.attachment import MOST_OF_A_CASE, Attachment, AttachmentWish, asked_for
from chalicelib.domain.cases.case import Case
from chalicelib.domain.vocabulary import AttachmentStatus, IdentityState
from chalicelib.errors import StateConflict
from chalicelib.store.attachment_files import UploadForm
from chalicelib.store.keyring import Purpose
from chalicelib.usecases.cases.own_case import own_case
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.work.retried import retried


class Asked(NamedTuple):
    """The attachment, the form while it is awaited, and whether it was asked for before."""

    attachment: Attachment
    form: UploadForm | None
    known: bool


def add_attachment(grievance_id: str, wish: AttachmentWish, *, by: Principal, deps: Deps) -> Asked:
    """Await a file. The same file of the same case is the same attachment, however often it is
    asked for: a lost answer is asked for again, with a form for another ten minutes.

    Raises NotFound, StateConflict (erased, or the case has all that it may have), VersionConflict.
    """
    return retried(lambda: _awaited(grievance_id, wish, by, deps))


def is_closed_to_files(case: Case) -> bool:
    """Whether something of the case was erased: a picture could bring it back."""
    return case.identity is IdentityState.ERASED or case.texts_erased_at is not None


def _awaited(grievance_id: str, wish: AttachmentWish, by: Principal, deps: Deps) -> Asked:
    case = own_case(grievance_id, by=by, deps=deps)
    if is_closed_to_files(case):
        raise StateConflict("Something of this case was erased. Nothing can be attached to it.")
    fresh = asked_for(
        wish,
        grievance_id=case.grievance_id,
        key=deps.keyring.key(Purpose.COMMITMENT),
        by=ledger_actor(by, deps.keyring),
        at=deps.now(),
    )
    known = deps.attachments.get(case.grievance_id, fresh.attachment_id)
    if known is None or known.may_come_again:
        _refuse_too_many(case, deps)
    elif known.status is not AttachmentStatus.AWAITING:
        return Asked(known, None, known=True)
    awaited = known.asked_again(fresh) if known else fresh
    deps.attachments.save(awaited)
    return Asked(awaited, deps.attachment_files.upload_form(awaited), known=known is not None)


def _refuse_too_many(case: Case, deps: Deps) -> None:
    present = deps.attachments.all_of_case(case.grievance_id)
    if sum(attachment.takes_room for attachment in present) >= MOST_OF_A_CASE:
        raise StateConflict(f"A case has {MOST_OF_A_CASE} attachments at most. Remove one first.")
