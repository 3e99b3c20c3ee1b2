"""Send a reply on a line whose provider takes none in its answer."""

from chalicelib.deps import Deps
from chalicelib.domain.helpline_line import HelplineLine
from chalicelib.domain.inbound import Inbound
from chalicelib.usecases.hear import Heard


def queue_reply(heard: Heard, *, to: Inbound, line: HelplineLine, deps: Deps) -> None:
    """Keep what is to be said, and have it sent. Nothing where there is nothing to say."""
