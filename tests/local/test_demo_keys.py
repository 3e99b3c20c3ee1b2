"""Keys are made as the service makes them, stay the same, and open the right doors."""

import stat
from pathlib import Path

from infra.local.key_register import register
from infra.local.keys import DemoKey, keys_for
from infra.local.organisations import holders
from tests.service import Caller, Service


def test_every_role_that_the_api_has_gets_a_key(tmp_path: Path) -> None:
    keys = keys_for(holders(), tmp_path / "keys.json")
    assert [(key.name, key.role, key.organisation) for key in keys] == [
        ("operator", "operator", "operations"),
        ("auditor", "auditor", "audit-house"),
        ("dpo", "dpo", "privacy-office"),
        ("partner", "partner_supervisor", "pearl-river-helpline"),
        ("partner_intake", "partner_intake", "pearl-river-helpline"),
        ("partner_2", "partner_supervisor", "dhaka-workers-line"),
        ("partner_2_intake", "partner_intake", "dhaka-workers-line"),
        ("partner_3", "partner_supervisor", "tirupur-helpdesk"),
        ("partner_3_intake", "partner_intake", "tirupur-helpdesk"),
        ("brand", "brand", "acme-outdoor"),
        ("brand_2", "brand", "blue-lantern"),
        ("brand_3", "brand", "tall-oak"),
    ]


def test_a_key_has_192_random_bits_after_its_prefix(tmp_path: Path) -> None:
    keys = [key.key for key in keys_for(holders(), None)]
    assert len(set(keys)) == len(keys)
    assert {key[:4] for key in keys} == {"hsk_"}
    assert {len(key.removeprefix("hsk_")) * 6 for key in keys} == {192}


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
