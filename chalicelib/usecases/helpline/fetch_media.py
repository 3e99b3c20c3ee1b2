"""Fetch a picture or recording of a worker's, and make it an attachment of her case."""

import hashlib
from datetime import timedelta

from chalicelib import log
from chalicelib.carriers.carrier import NotFetched, RefusedByCarrier, Wanted
from chalicelib.deps import Deps
from chalicelib.domain.cases.attachment import MOST_OF_A_CASE, Attachment, FetchedFile, asked_for
from chalicelib.domain.cases.case import Case
from chalicelib.domain.helpline.helpline_line import HelplineLine
from chalicelib.domain.helpline.media import Media, MediaRefusal, MediaStatus, content_type_of
from chalicelib.domain.helpline.outbound import outbound_of
from chalicelib.domain.helpline.their_copy import TheirCopy
from chalicelib.domain.references import derive_id
from chalicelib.domain.retry import GIVE_UP, backoff
from chalicelib.domain.vocabulary import (
    AttachmentKind,
    AttachmentStatus,
    AudioType,
    Visibility,
)
from chalicelib.errors import Unavailable, VersionConflict
from chalicelib.store.keyring import Purpose
from chalicelib.store.table import Row
from chalicelib.texts import for_workers
from chalicelib.usecases.cases.add_attachment import is_closed_to_files
from chalicelib.usecases.cases.add_message import add_message
from chalicelib.usecases.helpline.delete_copy import delete_copy_of_media
from chalicelib.usecases.record.pseudonyms import ledger_actor

LOOK_AGAIN = timedelta(minutes=1)
"""After what was fetched was put where it is cleaned."""


def fetch_media(case_id: str, media_id: str, *, deps: Deps) -> Media | None:
    """Fetch what is due, or see whether it could be cleaned; None when nothing is due, or somebody
    else is at it.

    State first, effect second, mark third: who is killed in between fetches it again, and it is the
    same attachment. It is cleaned as any upload is, before anybody can read it. No consent is
    asked for: she has sent it to her own case. Of what cannot be kept her officer reads, and she
    herself, in the same transaction; of what is kept its provider is due to delete its copy
    (`delete_copy.py`). Raises Unavailable where our own stores do not answer; what a provider does
    not answer is due again later.
    """
    media = deps.media.get(case_id, media_id)
    if media is None or media.due_at is None or media.due_at > deps.now():
        return None
    try:
        if media.their_copy is TheirCopy.TO_DELETE:
            return delete_copy_of_media(media, deps=deps)
        return _looked_after(media, deps)
    except VersionConflict:  # somebody was quicker; what is left to do is still due
        return None


def _looked_after(media: Media, deps: Deps) -> Media:
    case = deps.cases.head(media.grievance_id)
    if case is None or is_closed_to_files(case):
        return _kept(media.refused(MediaRefusal.ERASED, deps.now()), deps)
    line = deps.lines.get(media.line_id)
    if line is None:
        return _kept(media.refused(MediaRefusal.NO_LINE, deps.now()), deps)
    if media.attachment_id is not None:
        known = deps.attachments.get(case.grievance_id, media.attachment_id)
        return _as_it_was_cleaned(media, known, case, line, deps)
    if media.attempts >= GIVE_UP:
        return _refused(media, MediaRefusal.GAVE_UP, case, line, deps)
    later = deps.now() + backoff(media.attempts + 1, of=media.media_id)
    taken = _kept(media.taken_up(later), deps)
    try:
        content = _fetched(taken, line, deps)
        attachment = _attached(content, case, line, deps)
    except NotFetched as refused:
        return _refused(taken, refused.because, case, line, deps)
    except RefusedByCarrier:
        return _refused(taken, MediaRefusal.REFUSED_BY_CARRIER, case, line, deps)
    if attachment is None:
        return taken
    return _as_it_was_cleaned(taken, attachment, case, line, deps)


def _as_it_was_cleaned(
    media: Media, attachment: Attachment | None, case: Case, line: HelplineLine, deps: Deps
) -> Media:
    """Kept where its attachment is clean, or was; looked at again while that is being cleaned."""
    if attachment is None or attachment.status is AttachmentStatus.ERASED:
        return _kept(media.refused(MediaRefusal.ERASED, deps.now()), deps)
    if attachment.status is AttachmentStatus.AWAITING:
        again = deps.now() + LOOK_AGAIN
        return _kept(media.fetched(attachment.attachment_id, again), deps)
    if attachment.clean is None and attachment.status is not AttachmentStatus.REMOVED:
        return _refused(media, MediaRefusal.NOT_CLEANED, case, line, deps)
    return _kept(media.kept(attachment.attachment_id, deps.now()), deps)


def _fetched(taken: Media, line: HelplineLine, deps: Deps) -> bytes | None:
    """None where its provider is silent."""
    secrets = deps.line_secrets.get(line.line_id)
    wanted = Wanted(taken.reference or "", line, secrets)
    try:
        return deps.carriers.on(taken.channel).fetch(wanted)
    except Unavailable:
        _tell(taken)
        return None


def _attached(
    content: bytes | None, case: Case, line: HelplineLine, deps: Deps
) -> Attachment | None:
    """The attachment that it is, with its upload where any other's would be. The row is there
    first: an upload that no row names would be found by no erasure."""
    if content is None:
        return None
    fresh = asked_for(
        _found(content),
        grievance_id=case.grievance_id,
        key=deps.keyring.key(Purpose.COMMITMENT),
        by=ledger_actor(line.principal, deps.keyring),
        at=deps.now(),
    ).model_copy(update={"due_at": deps.now()})
    known = deps.attachments.get(case.grievance_id, fresh.attachment_id)
    if known is None or known.may_come_again:
        _refuse_too_many(case, deps)
        awaited = known.asked_again(fresh) if known else fresh
        deps.attachments.save(awaited)
    elif known.status is AttachmentStatus.AWAITING:
        awaited = known
    else:  # sent twice, or fetched before: there is nothing to upload
        return known
    deps.attachment_files.put_upload(awaited, content)
    return awaited


def _found(content: bytes) -> FetchedFile:
    content_type = content_type_of(content)
    if content_type is None:
        raise NotFetched(MediaRefusal.TYPE_NOT_TAKEN)
    is_sound = isinstance(content_type, AudioType)
    return FetchedFile(
        kind=AttachmentKind.RECORDING if is_sound else AttachmentKind.PHOTO,
        content_type=content_type,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _refuse_too_many(case: Case, deps: Deps) -> None:
    present = deps.attachments.all_of_case(case.grievance_id)
    if sum(attachment.takes_room for attachment in present) >= MOST_OF_A_CASE:
        raise NotFetched(MediaRefusal.CASE_IS_FULL)


def _refused(
    media: Media, because: MediaRefusal, case: Case, line: HelplineLine, deps: Deps
) -> Media:
    """It is not kept, and the officer reads so in the same transaction: she has sent something."""
    refused = media.refused(because, deps.now())
    add_message(
        media.grievance_id,
        _NOT_KEPT.format(because=because, channel=media.channel),
        Visibility.PARTNER,
        by=line.principal,
        beside=[deps.media.row(refused), *_reply_rows(media, case, line, deps)],
        deps=deps,
    )
    _tell(refused)
    return refused


_NOT_KEPT = (
    "[A picture, recording or file that came by {channel} could not be kept here: {because}. "
    "Her provider may still have it.]"
)
"""What an officer reads. Never the address: it is a stranger's, and may lead anywhere."""


def _reply_rows(media: Media, case: Case, line: HelplineLine, deps: Deps) -> list[Row]:
    """She is told to write it or to call: once for a message, whatever came with it. It answers
    her message, so its time is that one's: hours later it waits for the morning."""
    if media.answers is None or media.language is None:
        return []
    reply = outbound_of(
        outbound_id=derive_id("o", media.grievance_id, _TOLD, media.answers),
        case=case,
        text=for_workers.catalogue(media.language)[_TOLD],
        line=line,
        channel=media.channel,
        answers=media.answers,
        at=media.created_at,
    )
    if reply.due_at is None or deps.outbound.get(case.grievance_id, reply.outbound_id):
        return []
    return [deps.outbound.row(reply)]


_TOLD = "chat.not_kept"


def _kept(media: Media, deps: Deps) -> Media:
    deps.media.save(media)
    if media.status is not MediaStatus.WAITING:
        _tell(media)
    return media


def _tell(media: Media) -> None:
    log.info(
        log.Event.MEDIA_LOOKED_AFTER,
        case_id=media.grievance_id,
        media_id=media.media_id,
        status=media.status,
        because=media.because,
        attempts=media.attempts,
    )
