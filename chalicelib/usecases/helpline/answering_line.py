"""The line that a provider's webhook is for."""

from chalicelib.deps import Deps
from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from chalicelib.errors import NotFound


def answering_line(line_id: str, provider: Provider, *, deps: Deps) -> HelplineLine:
    """The line, if this provider carries it and it has not ended. NotFound otherwise, the same for
    each reason; Unavailable."""
    line = deps.lines.get(line_id)
    if line is None or line.provider is not provider or line.ended_at is not None:
        raise NotFound()
    return line
