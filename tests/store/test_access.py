"""Organisations, users and keys as they are stored."""

from typing import Any

import pytest

from chalicelib.domain.admission.access import Organisation, User, key_of
from chalicelib.domain.admission.access_log import AccessEvent, AccessLogEntry
from chalicelib.domain.vocabulary import OrganisationKind, Role
from chalicelib.errors import VersionConflict
from chalicelib.store.access import Access
from chalicelib.store.clients import client
from chalicelib.store.codec import decode
from tests.calls import counted_calls
from tests.domain.values import AT
from tests.service import Service

HASH = "a" * 64
HOUSE = Organisation(
    organisation_id="audit-house", kind=OrganisationKind.AUDITOR, name="Audit House", created_at=AT
)
USER = User(
    user_id="u_" + "1" * 26,
    organisation="audit-house",
    role=Role.AUDITOR,
    name="x",
    created_at=AT,
    created_by="u",
)
KEY = key_of(USER, HASH, name="n", ends_with="abcd", issued_by="u", at=AT, expires_at=None)


def entry(number: int = 1, **changes: Any) -> AccessLogEntry:
    fields = {
        "entry_id": f"l_{number}",
        "at": AT,
        "event": AccessEvent.KEY_ISSUED,
        "by_user": "u",
        "by_key": "k",
        "by_organisation": "operations",
        "organisation": "audit-house",
        "subject": "s",
    }
    return AccessLogEntry.model_validate({**fields, **changes})


@pytest.fixture
def access(service: Service) -> Access:
    """A table in which one key was given out."""
    access = service.deps.access
    rows = [access.new_user_row(USER), *access.new_key_rows(KEY, HASH)]
    access.save([*access.organisation_rows(HOUSE), *rows], entry())
    return access


def test_a_key_is_found_by_its_hash_with_whose_it_is(access: Access) -> None:
    assert access.holder(HASH) == (KEY, USER, HOUSE)
    assert access.holder("b" * 64) is None


def test_a_known_key_takes_one_call_and_a_new_one_two(access: Access) -> None:
    with counted_calls() as calls:
        access.holder(HASH)
        access.holder(HASH)
    assert calls == ["dynamodb.GetItem", "dynamodb.BatchGetItem", "dynamodb.BatchGetItem"]


def test_what_was_looked_up_once_is_not_believed_the_next_time(access: Access) -> None:
    """Only whose a key is may be remembered: that never changes."""
    access.holder(HASH)

    access.save([access.revoked_key_row(KEY, AT)], entry(2))

    holder = access.holder(HASH)
    assert holder is not None
    assert holder.key.revoked_at == AT


def test_a_process_remembers_only_so_many_keys(access: Access, monkeypatch: Any) -> None:
    monkeypatch.setattr("chalicelib.store.access._MOST_REMEMBERED", 1)
    other = key_of(USER, "c" * 64, name="n", ends_with=None, issued_by="u", at=AT, expires_at=None)
    access.save(access.new_key_rows(other, "c" * 64), entry(2))

    for key_hash in (HASH, "c" * 64, HASH):
        assert access.holder(key_hash) is not None
    with counted_calls() as calls:
        access.holder(HASH)
    assert calls == ["dynamodb.BatchGetItem"]


def test_a_hash_that_leads_to_nobody_opens_nothing(service: Service, access: Access) -> None:
    name = service.deps.settings.access_table
    for item in client("dynamodb").scan(TableName=name)["Items"]:
        if item["sk"]["S"].startswith("USER#"):
            client("dynamodb").delete_item(TableName=name, Key={"pk": item["pk"], "sk": item["sk"]})
    assert access.holder(HASH) is None


def test_a_key_that_was_given_out_is_not_given_out_again(access: Access) -> None:
    with pytest.raises(VersionConflict):
        access.save(access.new_key_rows(KEY, HASH), entry(2))


def test_a_revoked_key_is_not_revived_by_a_rotation_that_read_it_before(access: Access) -> None:
    access.save([access.revoked_key_row(KEY, AT)], entry(2))

    with pytest.raises(VersionConflict):
        access.save([access.expiring_key_row(KEY, AT)], entry(3))

    assert access.key("audit-house", KEY.key_id) == KEY.model_copy(update={"revoked_at": AT})


def test_an_organisation_that_was_changed_meanwhile_is_not_overwritten(access: Access) -> None:
    second = HOUSE.model_copy(update={"name": "Second", "version": 2})
    access.save(access.organisation_rows(second), entry(2))

    with pytest.raises(VersionConflict):
        access.save(access.organisation_rows(second), entry(3))

    assert access.organisations(10, None).items == [second]


def test_nothing_is_written_without_its_entry_in_the_log(access: Access) -> None:
    with pytest.raises(VersionConflict):
        access.save([access.revoked_key_row(KEY, AT)], entry(1))  # an entry that exists

    assert access.key("audit-house", KEY.key_id) == KEY


def test_the_log_is_read_by_the_month_newest_first(access: Access) -> None:
    later = entry(2, at="2027-01-01T00:00:00Z")
    access.note(later)
    access.note(later)
    access.note(entry(0))

    found = access.log(f"{AT:%Y-%m}", 10, None).items
    assert [e.entry_id for e in found] == ["l_1", "l_0"]
    assert access.log("2027-01", 10, None).items == [later]


def test_lists_hold_one_organisations_rows_only(service: Service, access: Access) -> None:
    service.partner()

    assert access.users("audit-house", 10, None).items == [USER]
    assert access.keys("audit-house", 10, None).items == [KEY]
    ids = [o.organisation_id for o in access.organisations(10, None).items]
    assert ids == ["audit-house", "handshake-gz"]


def test_a_key_itself_is_stored_nowhere(service: Service) -> None:
    partner = service.partner()
    items = client("dynamodb").scan(TableName=service.deps.settings.access_table)["Items"]
    stored = str([decode(item) for item in items])

    assert partner.key is not None
    assert partner.key[4:20] not in stored
