"""Codes on posters: with one at its beginning, a message names its factory."""

from chalicelib import errors
from chalicelib.api.audiences import ADMINISTRATORS
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.domain.helpline.poster import PosterCode
from chalicelib.usecases.helpline import keep_posters
from chalicelib.usecases.helpline.keep_posters import PosterWish

audience = Audience(__name__, "Lines")
blueprint = audience.blueprint


@audience.route(
    "POST",
    "/v1/factories/{factory_id}/poster-codes",
    roles=ADMINISTRATORS,
    body=PosterWish,
    replies={201: PosterCode},
    raises=[errors.NotFound],
    example={"partner_id": "handshake-gz"},
)
def make_poster_code(call: Call) -> Reply:
    """Make a code that names a factory, to be printed on a poster there.

    Each post makes another one, so that where a message comes from can be told apart. If the answer
    is lost, the list has the code.
    """
    poster = keep_posters.make_poster_code(
        call.path["factory_id"], call.body, by=call.by, deps=call.deps
    )
    return Reply(poster, 201)


@audience.route(
    "GET",
    "/v1/factories/{factory_id}/poster-codes",
    roles=ADMINISTRATORS,
    query=Paging,
    replies={200: Listing[PosterCode]},
    raises=[errors.NotFound, errors.InvalidCursor],
)
def list_poster_codes(call: Call) -> Reply:
    """List the codes that name a factory, ended ones included: your own, or for operators all."""
    factory_id = call.path["factory_id"]
    return list_reply(
        call,
        Listing[PosterCode],
        lambda limit, start: keep_posters.list_poster_codes(
            factory_id, limit=limit, start=start, by=call.by, deps=call.deps
        ),
        lambda poster: poster,
        f"/v1/factories/{factory_id}/poster-codes",
    )


@audience.route(
    "DELETE",
    "/v1/poster-codes/{poster_code}",
    roles=ADMINISTRATORS,
    replies={204: ""},
    raises=[errors.NotFound],
)
def end_poster_code(call: Call) -> Reply:
    """End a code: from now on it names nothing, and it never names another factory."""
    keep_posters.end_poster_code(call.path["poster_code"], by=call.by, deps=call.deps)
    return Reply(status=204)
