"""Work off one message of the outbound queue: all that is asked of those who carry for workers."""

from collections.abc import Mapping

from chalicelib.deps import Deps
from chalicelib.usecases.helpline.fetch_media import fetch_media
from chalicelib.usecases.helpline.send_outbound import send_outbound
from chalicelib.usecases.helpline.send_reply import send_reply


def work_outbound(body: Mapping[str, str], *, deps: Deps) -> None:
    """Fetch what a worker has sent (`case_id`, `media_id`), send what is for her (`case_id`,
    `outbound_id`), or reply to her (`line_id`, `reply`). Raises Unavailable where our own stores
    do not answer, and for a reply where the carrier does not."""
    if "media_id" in body:
        fetch_media(**body, deps=deps)
    elif "reply" in body:
        send_reply(**body, deps=deps)
    else:
        send_outbound(**body, deps=deps)
