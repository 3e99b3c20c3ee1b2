"""Keys are issued and shown once, listed, rotated with an overlap, and revoked at once."""

from typing import Any

import pytest

from chalicelib.domain.admission.key_text import digest_of, is_key_text, key_text
from chalicelib.domain.vocabulary import Role
from tests.calls import counted_calls
from tests.service import Caller, Service, but_for_the_count, user_id
from tests.usecases.people import holder, key, logged, opens, organisation, user
from tests.usecases.stories import fields, refusal, walked

HOME = "/v1/organisations/handshake-gz"
SUPERVISOR = user_id(Role.PARTNER_SUPERVISOR, "handshake-gz")


def rotated(by: Caller, issued: dict[str, Any], **wish: Any) -> dict[str, Any]:
    answer = by.post(f"{HOME}/keys/{issued['key_id']}/rotations", wish)
    assert answer.status == 201, answer.body
    new: dict[str, Any] = answer.json()
    return new


def test_a_key_is_shown_once_and_listed_without_it(service: Service) -> None:
    supervisor = service.partner()
    somebody = user(supervisor, HOME)

    issued = key(supervisor, HOME, somebody, expires_in_days=30)

    text = issued.pop("key")
    assert is_key_text(text)
    assert issued == {
        "key_id": issued["key_id"],
        "user_id": somebody,
        "organisation": "handshake-gz",
        "role": "partner_intake",
        "name": "a desk",
        "ends_with": text[-4:],
        "created_at": "2026-11-22T08:00:00.000Z",
        "issued_by": SUPERVISOR,
        "expires_at": "2026-12-22T08:00:00.000Z",
        "revoked_at": None,
        "replaces": None,
    }
    assert issued in walked(supervisor, f"{HOME}/keys?limit=1")
    listed = supervisor.get(f"{HOME}/keys")
    assert text.encode() not in listed.body
    assert opens(Caller(service.gateway, text))


def test_a_key_ends_on_its_day(service: Service) -> None:
    supervisor = service.partner()
    desk = holder(service, key(supervisor, HOME, user(supervisor, HOME), expires_in_days=1))

    service.clock.forward(days=1, milliseconds=-1)
    assert opens(desk)
    service.clock.forward(milliseconds=1)
    assert not opens(desk)


def test_a_key_whose_answer_was_lost_is_listed_and_can_be_revoked(service: Service) -> None:
    supervisor = service.partner()
    lost = key(supervisor, HOME, user(supervisor, HOME))

    rows = {row["key_id"]: row for row in walked(supervisor, f"{HOME}/keys")}

    assert rows[lost["key_id"]]["revoked_at"] is None
    assert supervisor.delete(f"{HOME}/keys/{lost['key_id']}").status == 204
    assert not opens(holder(service, lost))


def test_revoked_means_that_the_very_next_request_is_refused(service: Service) -> None:
    supervisor = service.partner()
    issued = key(supervisor, HOME, user(supervisor, HOME))
    desk = holder(service, issued)
    assert opens(desk)

    assert supervisor.delete(f"{HOME}/keys/{issued['key_id']}").status == 204

    assert refusal(desk.get("/v1/grievances")) == (401, "unauthenticated")
    service.clock.forward(days=1)
    assert supervisor.delete(f"{HOME}/keys/{issued['key_id']}").status == 204
    rows = {row["key_id"]: row for row in walked(supervisor, f"{HOME}/keys")}
    assert rows[issued["key_id"]]["revoked_at"] == "2026-11-22T08:00:00.000Z"


def test_a_rotated_key_opens_beside_its_successor_until_the_overlap_ends(service: Service) -> None:
    supervisor = service.partner()
    old = key(supervisor, HOME, user(supervisor, HOME))

    new = rotated(supervisor, old, overlap_hours=2)

    assert (new["user_id"], new["replaces"], new["name"]) == (
        old["user_id"],
        old["key_id"],
        old["name"],
    )
    service.clock.forward(hours=2, milliseconds=-1)
    assert opens(holder(service, old))
    service.clock.forward(milliseconds=1)
    assert not opens(holder(service, old))
    assert opens(holder(service, new))


def test_an_overlap_of_nothing_ends_the_old_key_at_once(service: Service) -> None:
    supervisor = service.partner()
    old = key(supervisor, HOME, user(supervisor, HOME))

    rotated(supervisor, old, overlap_hours=0)

    assert not opens(holder(service, old))


def test_an_overlap_does_not_prolong_a_key(service: Service) -> None:
    supervisor = service.partner()
    old = key(supervisor, HOME, user(supervisor, HOME), expires_in_days=1)

    rotated(supervisor, old, overlap_hours=168)

    rows = {row["key_id"]: row for row in walked(supervisor, f"{HOME}/keys")}
    assert rows[old["key_id"]]["expires_at"] == "2026-11-23T08:00:00.000Z"


@pytest.mark.parametrize("ended", ["revoked", "expired"])
def test_what_has_ended_is_not_rotated(service: Service, ended: str) -> None:
    supervisor = service.partner()
    old = key(supervisor, HOME, user(supervisor, HOME), expires_in_days=1)
    if ended == "revoked":
        supervisor.delete(f"{HOME}/keys/{old['key_id']}")
    else:
        service.clock.forward(days=1)

    answer = supervisor.post(f"{HOME}/keys/{old['key_id']}/rotations", {})

    assert refusal(answer) == (409, "state_conflict")


def test_a_supervisor_rotates_her_own_key_and_no_other_supervisors(service: Service) -> None:
    supervisor, _ = service.partner(), service.partner(person=2)
    rows = {row["user_id"]: row for row in walked(supervisor, f"{HOME}/keys")}
    other = rows[user_id(Role.PARTNER_SUPERVISOR, "handshake-gz", 2)]

    own = rotated(supervisor, rows[SUPERVISOR])

    assert opens(holder(service, own))
    for method, path, body in (
        ("POST", f"{HOME}/keys/{other['key_id']}/rotations", {}),
        ("POST", f"{HOME}/keys", {"user_id": other["user_id"], "name": "x"}),
    ):
        assert refusal(supervisor.send(method, path, body, {})) == (403, "forbidden")
    assert supervisor.delete(f"{HOME}/keys/{other['key_id']}").status == 204  # ends, gives nothing


def test_what_its_holder_has_made_is_seen_by_nobody_else(service: Service) -> None:
    supervisor, text = service.partner(), key_text("7f" * 24)

    issued = key(supervisor, HOME, user(supervisor, HOME), key_sha256=digest_of(text))

    assert (issued["key"], issued["ends_with"]) == (None, None)
    assert opens(Caller(service.gateway, text))


def test_a_digest_makes_one_key_only(service: Service) -> None:
    supervisor, digest = service.partner(), digest_of(key_text("7f" * 24))
    somebody = user(supervisor, HOME)
    key(supervisor, HOME, somebody, key_sha256=digest)

    body = {"user_id": somebody, "name": "again", "key_sha256": digest}
    answer = supervisor.post(f"{HOME}/keys", body)

    assert refusal(answer) == (409, "version_conflict")


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        ({"expires_in_days": 0}, {"expires_in_days": "greater_than_equal"}),
        ({"expires_in_days": 731}, {"expires_in_days": "less_than_equal"}),
        ({"key_sha256": "A" * 64}, {"key_sha256": "string_pattern_mismatch"}),
        ({"user_id": "somebody"}, {"user_id": "string_pattern_mismatch"}),
        ({"role": "operator"}, {"body": "extra_forbidden"}),
        ({"issued_by": "me"}, {"body": "extra_forbidden"}),
    ],
    ids=str,
)
def test_a_wish_that_makes_no_sense_is_refused_with_the_field(
    service: Service, wish: dict[str, Any], problem: dict[str, str]
) -> None:
    body = {"user_id": SUPERVISOR, "name": "x", **wish}

    assert fields(service.partner().post(f"{HOME}/keys", body)) == problem


def test_another_houses_keys_are_not_there(service: Service) -> None:
    house = organisation(service)
    theirs = service.partner("night-line")
    issued = key(theirs, house, user(theirs, house))
    stranger = service.partner()

    for method, below, body in (
        ("GET", "keys", None),
        ("POST", "keys", {"user_id": issued["user_id"], "name": "x"}),
        ("DELETE", f"keys/{issued['key_id']}", None),
        ("POST", f"keys/{issued['key_id']}/rotations", {}),
    ):
        answer = stranger.send(method, f"{house}/{below}", body, {})
        absent = stranger.send(method, f"/v1/organisations/nowhere/{below}", body, {})
        assert refusal(answer) == (404, "not_found")
        assert but_for_the_count(answer) == but_for_the_count(absent)
    assert opens(holder(service, issued))


def test_an_id_of_another_house_is_not_there_in_ones_own(service: Service) -> None:
    house = organisation(service)
    theirs = service.partner("night-line")
    issued = key(theirs, house, user(theirs, house))
    supervisor = service.partner()

    for method, below, body in (
        ("DELETE", f"keys/{issued['key_id']}", None),
        ("POST", f"keys/{issued['key_id']}/rotations", {}),
        ("POST", "keys", {"user_id": issued["user_id"], "name": "x"}),
        ("DELETE", f"users/{issued['user_id']}", None),
    ):
        assert refusal(supervisor.send(method, f"{HOME}/{below}", body, {})) == (404, "not_found")
    assert opens(holder(service, issued))


def test_a_request_with_a_known_key_costs_one_read_more(service: Service) -> None:
    """A batch of three items: the key, its user, the organisation (ADR 11); and its count."""
    partner = service.partner()
    with counted_calls() as calls:
        partner.get("/v1/grievances")
    assert calls == ["dynamodb.BatchGetItem", "dynamodb.UpdateItem", "dynamodb.Query"]


def test_a_text_that_is_no_key_costs_nothing(service: Service) -> None:
    service.partner()
    with counted_calls() as calls:
        Caller(service.gateway, "hsk_" + "0" * 39).get("/v1/grievances")
    assert calls == []


def test_the_log_names_every_key_that_was_given_out_or_ended(service: Service) -> None:
    supervisor = service.partner()
    issued = key(supervisor, HOME, user(supervisor, HOME))
    rotated(supervisor, issued)
    supervisor.delete(f"{HOME}/keys/{issued['key_id']}")

    events = {str(e.event): e for e in logged(service)}

    assert set(events) == {"user_added", "key_issued", "key_rotated", "key_revoked"}
    assert {e.by_user for e in events.values()} == {SUPERVISOR}
    assert events["key_revoked"].subject == issued["key_id"]
