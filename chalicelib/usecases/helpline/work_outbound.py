"""Work off one message of the outbound queue: all that is asked of those who carry for workers."""

from collections.abc import Mapping

from chalicelib.deps import Deps
from chalicelib.usecases.helpline.fetch_media import fetch_media
from chalicelib.usecases.helpline.send_outbound import send_outbound


def work_outbound(body: Mapping[str, str], *, deps: Deps) -> None:
    """Fetch what a worker has sent (`case_id`, `media_id`), or send what is for her (`case_id`,
    `outbound_id`). Raises Unavailable where our own stores do not answer."""
    if "media_id" in body:
        fetch_media(**body, deps=deps)
    else:
        send_outbound(**body, deps=deps)
