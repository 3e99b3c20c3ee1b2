"""Brands in the registry: write, read, delete. Each brand has its topic from the first moment."""

from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.factories.registry import Brand, BrandFields
from chalicelib.errors import (
    FieldError,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    StillReferenced,
    ValidationFailed,
)
from chalicelib.store.faults import RefusedByStore


class Kept(NamedTuple):
    """A brand as it is now, and whether it is new."""

    brand: Brand
    created: bool


def put_brand(
    brand_id: str, fields: BrandFields, *, expected_version: int | None, deps: Deps
) -> Kept:
    """Create a brand, or replace one whose version is known.

    The brand is written first, its topic and who may subscribe to that after: a repeat mends what
    a kill left undone, so it is let through although the version is another one by then (RFC 9110,
    section 13.1.1). Raises PreconditionRequired (it exists and no version was given),
    PreconditionFailed, VersionConflict, ValidationFailed (AWS does not know the brand's account).
    """
    known = deps.registry.brand(brand_id)
    done = known is not None and _says_the_same(known, fields)
    if known is not None and expected_version is None and not done:
        raise PreconditionRequired()
    version_now = None if known is None else known.version
    if expected_version is not None and version_now != expected_version and not done:
        raise PreconditionFailed()
    brand = known
    if brand is None or not done:
        version = 1 + (version_now or 0)
        now = deps.now()
        brand = Brand(brand_id=brand_id, updated_at=now, version=version, **dict(fields))
        deps.registry.save_brand(brand)
    _ensure_topic(brand, deps)
    return Kept(brand, created=known is None)


def _ensure_topic(brand: Brand, deps: Deps) -> None:
    try:
        deps.topics.ensure(brand.brand_id, subscriber=brand.aws_account_id)
    except RefusedByStore:
        detail = "AWS knows no such account. The brand is kept; send it again with the right one."
        raise ValidationFailed(
            errors=[FieldError("aws_account_id", "unknown_account", detail)]
        ) from None


def read_brand(brand_id: str, *, deps: Deps) -> Brand:
    """A brand. NotFound."""
    brand = deps.registry.brand(brand_id)
    if brand is None:
        raise NotFound()
    return brand


def delete_brand(brand_id: str, *, expected_version: int, deps: Deps) -> None:
    """Delete a brand that no link refers to; its topic stays for what was sent.

    Raises NotFound, PreconditionFailed, StillReferenced.
    """
    brand = read_brand(brand_id, deps=deps)
    if brand.version != expected_version:
        raise PreconditionFailed()
    if deps.registry.page_of_brand_links(brand_id, 1, None).items:
        raise StillReferenced("Delete or close this brand's sourcing links first.")
    deps.registry.delete_brand(brand)


def _says_the_same(known: Brand, fields: BrandFields) -> bool:
    return all(getattr(known, name) == value for name, value in fields)
