"""A line whose partner is suspended: nobody there reads what comes in."""

from chalicelib.deps import Deps
from chalicelib.domain.helpline.helpline_line import HelplineLine


def is_closed(line: HelplineLine, *, deps: Deps) -> bool:
    """Whether the line's partner is suspended now. Raises Unavailable."""
    partner = deps.access.organisation(line.partner_id)
    return partner is not None and partner.suspended_at is not None
