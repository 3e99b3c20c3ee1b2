"""How workers reach the partner in the description's story: a form, a poster in the canteen."""

from pydantic import BaseModel

from chalicelib.api.description import people_examples as people
from chalicelib.api.description import story as tale
from chalicelib.api.description.story import AT, request_of
from chalicelib.api.helpline.helpline_lines import line_view
from chalicelib.domain.helpline.helpline_line import HelplineLine
from chalicelib.domain.helpline.poster import PosterCode
from chalicelib.domain.references import derive_id, poster_code


def line() -> HelplineLine:
    """The form; its secret is set."""
    return HelplineLine(
        line_id=derive_id("ln", tale.PARTNER, tale.token(16)),
        partner_id=tale.PARTNER,
        created_at=AT,
        secret_names=("header_secret",),
        secrets_set_at=AT,
        version=2,
        **request_of("add_line"),
    )


def poster() -> PosterCode:
    """The code on the poster."""
    return PosterCode(
        code=poster_code(tale.token(16)),
        factory_id=tale.story().factory.factory_id,
        partner_id=tale.PARTNER,
        created_at=AT,
        created_by=people.OPERATOR,
    )


def examples() -> list[BaseModel]:
    """Both, as their partner sees them."""
    return [line_view(line(), tale.DESK_URL), poster()]
