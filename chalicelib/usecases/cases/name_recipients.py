"""Consent to tell brands who the worker is names them, and they are there."""

from collections.abc import Sequence

from chalicelib.deps import Deps
from chalicelib.domain.cases.facts import Consent
from chalicelib.domain.vocabulary import ConsentLevel
from chalicelib.errors import FieldError


def wrong_recipients(consent: Consent, field: str, *, deps: Deps) -> Sequence[FieldError]:
    """What is wrong with whom a consent names, under the field's name. One call, for C4 only."""
    if consent.level is not ConsentLevel.C4:
        return []
    if not consent.recipients:
        return [FieldError(field, "missing", "Name the brands that may be told who she is.")]
    known = deps.registry.brands(consent.recipients)
    return [
        FieldError(f"{field}.{position}", "unknown_brand", "There is no such brand.")
        for position, brand_id in enumerate(consent.recipients)
        if brand_id not in known
    ]
