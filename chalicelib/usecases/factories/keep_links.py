"""Sourcing links: which brand sources from which factory, and when."""

from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.factories.registry import LinkFields, SourcingLink
from chalicelib.errors import FieldError, NotFound, PreconditionFailed, ValidationFailed


class KeptLink(NamedTuple):
    """A link as it is now, and whether it is new."""

    link: SourcingLink
    created: bool


def put_link(factory_id: str, brand_id: str, fields: LinkFields, *, deps: Deps) -> KeptLink:
    """Create or replace a link; cases that waited for a brand at this factory become due again.

    Raises NotFound (no such factory), ValidationFailed (no such brand), VersionConflict.
    """
    factory = deps.registry.factory(factory_id)
    if factory is None:
        raise NotFound()
    if deps.registry.brand(brand_id) is None:
        detail = "There is no such brand. Create it with PUT /v1/brands/{brand_id} first."
        raise ValidationFailed(errors=[FieldError("brand_id", "unknown_brand", detail)])
    known = deps.registry.link(factory_id, brand_id)
    now = deps.now()
    link = SourcingLink(
        factory_id=factory_id,
        brand_id=brand_id,
        updated_at=now,
        version=1 if known is None else known.version + 1,
        **dict(fields),
    )
    deps.registry.save_link(link)
    deps.work.watch(factory.id_now, now)
    return KeptLink(link, created=known is None)


def read_link(factory_id: str, brand_id: str, *, deps: Deps) -> SourcingLink:
    """A link. NotFound."""
    link = deps.registry.link(factory_id, brand_id)
    if link is None:
        raise NotFound()
    return link


def delete_link(factory_id: str, brand_id: str, *, expected_version: int, deps: Deps) -> None:
    """Delete a link that was wrong from the start; one that ended gets a `valid_to` instead.

    Raises NotFound, PreconditionFailed.
    """
    link = read_link(factory_id, brand_id, deps=deps)
    if link.version != expected_version:
        raise PreconditionFailed()
    deps.registry.delete_link(link)
