"""Codes on posters: make, list, end. A code names a factory for whoever reads it off a wall."""

from typing import Annotated

from pydantic import Field

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import OrganisationId, Principal
from chalicelib.domain.helpline.poster import PosterCode
from chalicelib.domain.references import poster_code
from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import OrganisationKind, Role
from chalicelib.errors import AlreadyExists, FieldError, NotFound, Unavailable, ValidationFailed
from chalicelib.store.paging import Page, Start
from chalicelib.usecases.admission.administered import administered
from chalicelib.usecases.factories.keep_factories import read_factory

_DRAWS = 5


class PosterWish(Value):
    """Whose posters will carry the code."""

    partner_id: Annotated[
        OrganisationId | None,
        Field(description="A partner; your own organisation if absent. Operators must name it."),
    ] = None


def make_poster_code(factory_id: str, wish: PosterWish, *, by: Principal, deps: Deps) -> PosterCode:
    """Make a code that names a factory, for good. Each call makes another one.

    Raises NotFound (no such factory; another's organisation), ValidationFailed (no partner).
    """
    partner_id = _partner(wish, by, deps)
    read_factory(factory_id, deps=deps)
    for _ in range(_DRAWS):
        poster = PosterCode(
            code=poster_code(deps.token(16)),
            factory_id=factory_id,
            partner_id=partner_id,
            created_at=deps.now(),
            created_by=by.user_id,
        )
        try:
            deps.posters.add(poster)
        except AlreadyExists:
            continue
        return poster
    raise Unavailable()


def list_poster_codes(
    factory_id: str, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[PosterCode]:
    """A page of a factory's codes, ended ones included: the operator's all, a partner's own."""
    read_factory(factory_id, deps=deps)
    partner_id = None if by.role is Role.OPERATOR else by.organisation
    return deps.posters.page(factory_id, partner_id, limit, start)


def end_poster_code(code: str, *, by: Principal, deps: Deps) -> None:
    """End a code: from now on it names nothing. A second time changes nothing.

    Raises NotFound, also for another's.
    """
    poster = deps.posters.get(code)
    if poster is None or (by.role is not Role.OPERATOR and poster.partner_id != by.organisation):
        raise NotFound()
    if poster.ended_at is None:
        deps.posters.end(code, deps.now())


def _partner(wish: PosterWish, by: Principal, deps: Deps) -> str:
    if wish.partner_id is None and by.role is Role.OPERATOR:
        raise _wrong("missing", "Name the partner whose posters will carry the code.")
    partner = administered(wish.partner_id or by.organisation, by=by, deps=deps)
    if partner.kind is not OrganisationKind.PARTNER:
        raise _wrong("not_a_partner", "Name an organisation that is a partner.")
    return partner.organisation_id


def _wrong(code: str, detail: str) -> ValidationFailed:
    return ValidationFailed(errors=[FieldError("partner_id", code, detail)])
