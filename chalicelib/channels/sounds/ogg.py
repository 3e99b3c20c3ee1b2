"""Ogg: one stream, of Opus or of Vorbis, which its first packet says."""

from chalicelib.channels.image_process import Refused
from chalicelib.channels.sounds import opus, vorbis
from chalicelib.channels.sounds.length import unreadable
from chalicelib.channels.sounds.pages import MARK, read, written
from chalicelib.domain.vocabulary import AttachmentRefusal


def anew(content: bytes) -> bytes:
    """The same packets of sound in a new stream, with an empty comment. Raises Refused."""
    if not content.startswith(MARK):
        raise Refused(AttachmentRefusal.WRONG_TYPE)
    pages = read(content)
    begins = pages[0].content if pages else b""
    if begins.startswith(opus.HEAD):
        return written(opus.anew(pages))
    if begins.startswith(vorbis.IDENTIFICATION):
        return written(vorbis.anew(pages))
    raise unreadable()
