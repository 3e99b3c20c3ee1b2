"""Who a caller is, and until when."""

from datetime import datetime, timedelta

import pytest

from chalicelib.domain.admission.access import (
    ROLES_OF,
    Holder,
    KeyProposal,
    Organisation,
    Principal,
    User,
    key_of,
)
from chalicelib.domain.vocabulary import OrganisationKind, Role
from tests.domain.values import AT

HASH = "a" * 64
ORGANISATION = Organisation(
    organisation_id="acme", kind=OrganisationKind.BRAND, name="Acme", created_at=AT
)
USER = User(
    user_id="u_" + "1" * 26,
    organisation="acme",
    role=Role.BRAND,
    name="desk",
    created_at=AT,
    created_by="u_" + "9" * 26,
)
KEY = key_of(USER, HASH, name="desk", ends_with="abcd", issued_by="u", at=AT, expires_at=None)
PRINCIPAL = Principal(key_id=KEY.key_id, user_id=USER.user_id, role=Role.BRAND, organisation="acme")
DAY = timedelta(days=1)
MOMENT = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("changes", "after", "alive"),
    [
        ({}, 3650 * DAY, True),
        ({"expires_at": AT + DAY}, DAY - MOMENT, True),
        ({"expires_at": AT + DAY}, DAY, False),
        ({"revoked_at": AT + DAY}, timedelta(), False),
        ({"revoked_at": AT, "expires_at": AT + 9 * DAY}, DAY, False),
    ],
)
def test_a_key_opens_until_it_expires_or_is_revoked(
    changes: dict[str, datetime], after: timedelta, alive: bool
) -> None:
    key = KEY.model_copy(update=changes)
    assert key.is_live(AT + after) is alive
    assert Holder(key, USER, ORGANISATION).principal(AT + after) == (PRINCIPAL if alive else None)


def test_a_good_key_opens_nothing_once_its_user_has_ended() -> None:
    ended = USER.model_copy(update={"ended_at": AT})
    assert Holder(KEY, ended, ORGANISATION).principal(AT) is None


def test_a_good_key_opens_nothing_while_its_organisation_is_suspended() -> None:
    suspended = ORGANISATION.model_copy(update={"suspended_at": AT})
    assert Holder(KEY, USER, suspended).principal(AT) is None


def test_a_role_is_what_the_user_has_now_whatever_the_key_says() -> None:
    key = KEY.model_copy(update={"role": Role.OPERATOR})
    principal = Holder(key, USER, ORGANISATION).principal(AT)
    assert principal is not None
    assert principal.role is Role.BRAND


def test_the_ledger_names_role_organisation_and_key() -> None:
    assert PRINCIPAL.actor == f"brand:acme:{KEY.key_id}"


def test_every_role_belongs_to_one_kind_of_organisation() -> None:
    roles = [role for roles in ROLES_OF.values() for role in roles]
    assert sorted(roles) == sorted(Role)
    assert set(ROLES_OF) == set(OrganisationKind)


def test_a_proposed_key_is_open_for_a_while_and_decided_once() -> None:
    proposal = KeyProposal(
        proposal_id="p",
        organisation="operations",
        user_id=USER.user_id,
        name="x",
        key_sha256=HASH,
        key_expires_at=AT + DAY,
        proposed_by="a",
        proposed_at=AT,
        expires_at=AT + DAY,
    )
    decided = proposal.decided("b", AT, confirmed=True)

    assert proposal.is_open(AT + DAY - MOMENT)
    assert not proposal.is_open(AT + DAY)
    assert not decided.is_open(AT)
    assert (decided.decided_by, decided.confirmed) == ("b", True)
