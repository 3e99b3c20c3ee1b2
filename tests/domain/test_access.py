"""Who a caller is, and until when."""

from datetime import timedelta

import pytest

from chalicelib.domain.access import AccessKey, Principal
from chalicelib.domain.vocabulary import Role
from tests.domain.values import AT

WHO = {"key_id": "k1", "role": Role.BRAND, "organisation": "acme"}
PRINCIPAL = Principal(key_id="k1", role=Role.BRAND, organisation="acme")


def key(**changes: object) -> AccessKey:
    return AccessKey.model_validate({**WHO, "name": "desk", "created_at": AT, **changes})


@pytest.mark.parametrize(
    ("changes", "after", "alive"),
    [
        ({}, timedelta(days=3650), True),
        ({"expires_at": AT + timedelta(days=1)}, timedelta(days=1, milliseconds=-1), True),
        ({"expires_at": AT + timedelta(days=1)}, timedelta(days=1), False),
        ({"revoked_at": AT + timedelta(days=1)}, timedelta(), False),
        ({"revoked_at": AT, "expires_at": AT + timedelta(days=9)}, timedelta(days=1), False),
    ],
)
def test_a_key_holds_until_it_expires_or_is_revoked(
    changes: dict[str, object], after: timedelta, alive: bool
) -> None:
    assert key(**changes).principal(AT + after) == (PRINCIPAL if alive else None)


def test_the_ledger_names_role_organisation_and_key() -> None:
    assert PRINCIPAL.actor == "brand:acme:k1"
