"""Keys are made as the service makes them, stay the same, and open the right doors."""

import stat
from pathlib import Path

from chalicelib.domain.admission.key_text import is_key_text
from infra.local.key_register import register
from infra.local.keys import DemoKey, keys_for
from infra.local.organisations import holders
from tests.service import Caller, Service


def test_every_role_that_the_api_has_gets_a_key(tmp_path: Path) -> None:
    keys = keys_for(holders(), tmp_path / "keys.json")
    assert [(key.name, key.role, key.organisation) for key in keys] == [
        ("operator", "operator", "operations"),
        ("operator_2", "operator", "operations"),
        ("auditor", "auditor", "audit-house"),
        ("dpo", "dpo", "privacy-office"),
        ("partner", "partner_supervisor", "pearl-river-helpline"),
        ("partner_second", "partner_supervisor", "pearl-river-helpline"),
        ("partner_intake", "partner_intake", "pearl-river-helpline"),
        ("partner_2", "partner_supervisor", "dhaka-workers-line"),
        ("partner_2_second", "partner_supervisor", "dhaka-workers-line"),
        ("partner_2_intake", "partner_intake", "dhaka-workers-line"),
        ("partner_3", "partner_supervisor", "tirupur-helpdesk"),
        ("partner_3_second", "partner_supervisor", "tirupur-helpdesk"),
        ("partner_3_intake", "partner_intake", "tirupur-helpdesk"),
        ("brand", "brand", "acme-outdoor"),
        ("brand_2", "brand", "blue-lantern"),
        ("brand_3", "brand", "tall-oak"),
    ]


def test_they_look_as_every_key_does() -> None:
    keys = [key.key for key in keys_for(holders(), None)]
    assert len(set(keys)) == len(keys)
    assert all(is_key_text(key) for key in keys)


def test_a_kept_key_of_another_form_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    first = keys_for(holders(), file)
    file.write_text(file.read_text("utf-8").replace(first[0].key, "hsk_of-an-older-form"), "utf-8")
    again = keys_for(holders(), file)
    assert again[1:] == first[1:]
    assert is_key_text(again[0].key)


def test_kept_keys_are_the_same_next_time_and_for_this_user_alone(tmp_path: Path) -> None:
    file = tmp_path / "state" / "keys.json"
    first = keys_for(holders(), file)
    assert keys_for(holders(), file) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_key_file_that_cannot_be_read_gives_new_keys(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text("{", "utf-8")
    keys = keys_for(holders(), file)
    assert keys_for(holders(), file) == keys


def test_nothing_is_kept_where_nothing_is_to_be_kept() -> None:
    assert keys_for(holders(), None) != keys_for(holders(), None)


def test_the_service_knows_a_registered_key_however_often_it_is_registered(
    service: Service,
) -> None:
    keys = keys_for(holders(), None)
    register(keys, service.deps)
    register(keys, service.deps)
    assert _status(service, _named(keys, "partner"), "/v1/grievances") == 200
    assert _status(service, _named(keys, "brand"), "/v1/alerts") == 200
    assert _status(service, _named(keys, "auditor"), "/v1/alerts") == 403


def _status(service: Service, key: DemoKey, path: str) -> int:
    return Caller(service.gateway, key.key).get(path).status


def _named(keys: list[DemoKey], name: str) -> DemoKey:
    return next(key for key in keys if key.name == name)
