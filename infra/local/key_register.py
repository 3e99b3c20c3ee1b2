"""Lets the service know the demo organisations' keys."""

from collections.abc import Sequence

from chalicelib.deps import Deps
from chalicelib.domain.access import AccessKey
from chalicelib.domain.references import derive_id, keyed_hash
from chalicelib.domain.vocabulary import Role
from chalicelib.store.keyring import Purpose
from infra.local.keys import DemoKey


def register(keys: Sequence[DemoKey], deps: Deps) -> None:
    """Let the service know the keys; one that it knows already stays as it is."""
    for key in keys:
        hashed = keyed_hash(deps.keyring.key(Purpose.API_KEY_HASH), key.key)
        if deps.access.key(hashed) is None:
            deps.access.save(
                hashed,
                AccessKey(
                    key_id=derive_id("k", hashed),
                    role=Role(key.role),
                    organisation=key.organisation,
                    name=f"local {key.name}",
                    created_at=deps.now(),
                ),
            )
