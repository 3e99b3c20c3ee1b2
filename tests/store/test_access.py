"""Keys of callers, kept under a keyed hash."""

from datetime import timedelta

from chalicelib.domain.access import AccessKey
from chalicelib.domain.vocabulary import Role
from tests.domain.values import AT
from tests.service import Service


def test_a_key_is_found_by_its_hash_alone(service: Service) -> None:
    key = AccessKey(
        key_id="k1",
        role=Role.AUDITOR,
        organisation="audit-house",
        name="engagement 2026",
        created_at=AT,
        expires_at=AT + timedelta(days=30),
    )

    service.deps.access.save("a" * 64, key)

    assert service.deps.access.key("a" * 64) == key
    assert service.deps.access.key("b" * 64) is None


def test_a_revoked_key_replaces_the_good_one(service: Service) -> None:
    key = AccessKey(key_id="k1", role=Role.BRAND, organisation="acme", name="x", created_at=AT)
    service.deps.access.save("a" * 64, key)

    service.deps.access.save("a" * 64, key.model_copy(update={"revoked_at": AT}))

    stored = service.deps.access.key("a" * 64)
    assert stored is not None
    assert stored.principal(AT) is None
