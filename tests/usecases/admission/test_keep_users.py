"""People are added to an organisation, listed, and shut out at once."""

import pytest

from chalicelib.domain.vocabulary import Role
from tests.service import Service, but_for_the_count, user_id
from tests.usecases.people import holder, key, opens, organisation, user
from tests.usecases.stories import fields, refusal, walked

HOME = "/v1/organisations/handshake-gz"
INTAKE = {"role": "partner_intake", "name": "Night shift"}


def test_a_user_is_somebody_with_a_role_and_a_label(service: Service) -> None:
    answer = service.partner().post(f"{HOME}/users", INTAKE)

    added = answer.json()
    assert answer.status == 201
    assert added == {
        "user_id": added["user_id"],
        "organisation": "handshake-gz",
        **INTAKE,
        "created_at": "2026-11-22T08:00:00.000Z",
        "created_by": user_id(Role.PARTNER_SUPERVISOR, "handshake-gz"),
        "ended_at": None,
    }
    assert added in walked(service.partner(), f"{HOME}/users?limit=1")


@pytest.mark.parametrize(
    ("kind", "roles"),
    [
        ("partner", {"partner_intake", "partner_supervisor"}),
        ("auditor", {"auditor"}),
        ("factory", {"factory"}),
        ("dpo_office", {"dpo"}),
        ("operator", {"operator"}),
    ],
)
def test_only_roles_of_its_kind_fit_an_organisation(
    service: Service, kind: str, roles: set[str]
) -> None:
    house = organisation(service, kind=kind)

    for role in Role:
        answer = service.operator().post(f"{house}/users", {"role": role, "name": "x"})
        if role in roles:
            assert answer.status == 201
        else:
            assert fields(answer) == {"role": "role_does_not_fit"}


def test_a_supervisor_adds_nobody_who_could_agree_with_her(service: Service) -> None:
    """A second supervisor of her own making would be the second of two people."""
    answer = service.partner().post(f"{HOME}/users", {**INTAKE, "role": "partner_supervisor"})

    assert refusal(answer) == (403, "forbidden")


def test_a_supervisor_looks_after_her_own_house_only(service: Service) -> None:
    house = organisation(service)
    somebody = user(service.operator(), house)
    stranger = service.partner()

    for method, path, body in (
        ("GET", f"{house}/users", None),
        ("POST", f"{house}/users", INTAKE),
        ("DELETE", f"{house}/users/{somebody}", None),
    ):
        answer = stranger.send(method, path, body, {})
        absent = stranger.send(method, path.replace("night-line", "nowhere"), body, {})
        assert refusal(answer) == (404, "not_found")
        assert but_for_the_count(answer) == but_for_the_count(absent)


def test_who_has_ended_is_out_at_once_with_all_keys_for_good(service: Service) -> None:
    supervisor = service.partner()
    somebody = user(supervisor, HOME)
    desks = [holder(service, key(supervisor, HOME, somebody)) for _ in range(2)]
    assert all(opens(desk) for desk in desks)

    assert supervisor.delete(f"{HOME}/users/{somebody}").status == 204

    assert not any(opens(desk) for desk in desks)
    another = supervisor.post(f"{HOME}/keys", {"user_id": somebody, "name": "x"})
    assert refusal(another) == (409, "state_conflict")
    service.clock.forward(days=1)
    assert supervisor.delete(f"{HOME}/users/{somebody}").status == 204
    ended = {row["user_id"]: row["ended_at"] for row in walked(supervisor, f"{HOME}/users")}
    assert ended[somebody] == "2026-11-22T08:00:00.000Z"


def test_nobody_ends_herself_and_no_supervisor_ends_another(service: Service) -> None:
    supervisor, _ = service.partner(), service.partner(person=2)

    own = supervisor.delete(f"{HOME}/users/{user_id(Role.PARTNER_SUPERVISOR, 'handshake-gz')}")
    other = supervisor.delete(f"{HOME}/users/{user_id(Role.PARTNER_SUPERVISOR, 'handshake-gz', 2)}")

    assert refusal(own) == (409, "state_conflict")
    assert refusal(other) == (403, "forbidden")
    assert opens(service.partner(person=2))


def test_who_is_not_there_cannot_end(service: Service) -> None:
    answer = service.partner().delete(f"{HOME}/users/u_{'0' * 26}")

    assert refusal(answer) == (404, "not_found")
