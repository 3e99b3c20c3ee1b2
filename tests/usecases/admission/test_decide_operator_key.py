"""Nobody lets an operator in alone: one asks, another one confirms, neither sees the key."""

from typing import Any

import pytest

from chalicelib.domain.admission.key_text import digest_of, key_text
from chalicelib.domain.vocabulary import Role
from infra.local.gateway import Answer
from tests.service import Caller, Service, user_id
from tests.usecases.people import logged, organisation, user
from tests.usecases.stories import fields, refusal, walked

HOME = "/v1/organisations/operations"
KEY = key_text("7f" * 24)


def proposed(service: Service, **changes: Any) -> Answer:
    """What the first operator asks for on behalf of a third one."""
    operator = service.operator()
    wish = {
        "user_id": user(operator, HOME, "operator"),
        "name": "third operator",
        "key_sha256": digest_of(KEY),
    }
    return operator.post("/v1/key-proposals", {**wish, **changes})


def lets_in(service: Service, key: str = KEY) -> bool:
    status = Caller(service.gateway, key).get("/v1/organisations").status
    assert status in (200, 401)
    return status == 200


def test_a_proposed_key_opens_nothing_until_another_operator_confirms_it(service: Service) -> None:
    answer = proposed(service)

    proposal = answer.json()
    assert answer.status == 202
    assert proposal == {
        "proposal_id": proposal["proposal_id"],
        "organisation": "operations",
        "user_id": proposal["user_id"],
        "name": "third operator",
        "key_sha256": digest_of(KEY),
        "key_expires_at": "2027-11-22T08:00:00.000Z",
        "proposed_by": user_id(Role.OPERATOR, "operations"),
        "proposed_at": "2026-11-22T08:00:00.000Z",
        "expires_at": "2026-11-29T08:00:00.000Z",
        "decided_by": None,
        "decided_at": None,
        "confirmed": False,
    }
    assert not lets_in(service)

    path = f"/v1/key-proposals/{proposal['proposal_id']}/confirmation"
    confirmed = service.operator(2).post(path)

    assert confirmed.status == 201
    assert (confirmed.json()["key"], confirmed.json()["user_id"]) == (None, proposal["user_id"])
    assert lets_in(service)
    (listed,) = walked(service.operator(), "/v1/key-proposals")
    assert (listed["decided_by"], listed["confirmed"]) == (
        user_id(Role.OPERATOR, "operations", 2),
        True,
    )


def test_who_proposed_it_cannot_confirm_it_with_another_key_of_hers_either(
    service: Service,
) -> None:
    path = f"/v1/key-proposals/{proposed(service).json()['proposal_id']}/confirmation"
    operator = service.operator()
    (own,) = [
        row
        for row in walked(operator, f"{HOME}/keys")
        if row["user_id"] == user_id(Role.OPERATOR, "operations")
    ]
    second_key = operator.post(f"{HOME}/keys/{own['key_id']}/rotations", {}).json()["key"]

    for caller in (operator, Caller(service.gateway, second_key)):
        assert refusal(caller.post(path)) == (403, "forbidden")
    assert not lets_in(service)


def test_whose_key_it_is_cannot_confirm_it(service: Service) -> None:
    second = user_id(Role.OPERATOR, "operations", 2)
    service.operator(2)
    path = f"/v1/key-proposals/{proposed(service, user_id=second).json()['proposal_id']}"

    assert refusal(service.operator(2).post(f"{path}/confirmation")) == (403, "forbidden")


@pytest.mark.parametrize("person", [1, 2])
def test_a_proposal_is_refused_or_taken_back(service: Service, person: int) -> None:
    path = f"/v1/key-proposals/{proposed(service).json()['proposal_id']}"

    assert service.operator(person).delete(path).status == 204

    for answer in (
        service.operator(2).post(f"{path}/confirmation"),
        service.operator(2).delete(path),
    ):
        assert refusal(answer) == (409, "state_conflict")
    assert not lets_in(service)


def test_a_proposal_waits_for_a_week(service: Service) -> None:
    path = f"/v1/key-proposals/{proposed(service).json()['proposal_id']}/confirmation"

    service.clock.forward(days=7)

    assert refusal(service.operator(2).post(path)) == (409, "state_conflict")


def test_it_is_confirmed_once(service: Service) -> None:
    path = f"/v1/key-proposals/{proposed(service).json()['proposal_id']}/confirmation"
    service.operator(2).post(path)

    assert refusal(service.operator(3).post(path)) == (409, "state_conflict")


def test_who_has_ended_meanwhile_gets_no_key(service: Service) -> None:
    proposal = proposed(service).json()
    service.operator(2).delete(f"{HOME}/users/{proposal['user_id']}")

    answer = service.operator(2).post(f"/v1/key-proposals/{proposal['proposal_id']}/confirmation")

    assert refusal(answer) == (409, "state_conflict")
    assert not lets_in(service)


def test_without_a_digest_somebody_would_see_the_key(service: Service) -> None:
    assert fields(proposed(service, key_sha256=None)) == {"key_sha256": "missing"}


def test_no_other_way_gives_out_an_operators_key(service: Service) -> None:
    operator = service.operator()
    service.operator(2)
    second = user_id(Role.OPERATOR, "operations", 2)
    rows = {row["user_id"]: row for row in walked(operator, f"{HOME}/keys")}

    issued = operator.post(f"{HOME}/keys", {"user_id": second, "name": "x"})
    rotated = operator.post(f"{HOME}/keys/{rows[second]['key_id']}/rotations", {})

    assert refusal(issued) == refusal(rotated) == (403, "forbidden")


def test_what_was_never_proposed_is_not_there(service: Service) -> None:
    path = f"/v1/key-proposals/p_{'0' * 26}"

    for answer in (
        service.operator().delete(path),
        service.operator().post(f"{path}/confirmation"),
    ):
        assert refusal(answer) == (404, "not_found")


def test_the_log_names_both(service: Service) -> None:
    proposal = proposed(service).json()
    service.operator(2).post(f"/v1/key-proposals/{proposal['proposal_id']}/confirmation")

    events = {str(e.event): e for e in logged(service)}

    assert events["key_proposed"].by_user == user_id(Role.OPERATOR, "operations")
    assert events["key_issued"].by_user == user_id(Role.OPERATOR, "operations", 2)
    assert events["key_issued"].second_user == user_id(Role.OPERATOR, "operations")


# Somebody else's key, near a worker


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("partner", "partner_intake"),
        ("partner", "partner_supervisor"),
        ("dpo_office", "dpo"),
    ],
)
def test_no_operator_alone_makes_a_key_that_reads_cases_or_opens_identities(
    service: Service, kind: str, role: str
) -> None:
    house = organisation(service, kind=kind)
    somebody = user(service.operator(), house, role)
    wish = {"user_id": somebody, "name": "x"}
    for digest in ({}, {"key_sha256": digest_of(KEY)}):
        alone = service.operator().post(f"{house}/keys", {**wish, **digest})
        assert refusal(alone) == (403, "forbidden")

    answer = proposed(service, user_id=somebody, organisation_id="night-line")
    path = f"/v1/key-proposals/{answer.json()['proposal_id']}/confirmation"

    assert (answer.status, answer.json()["organisation"]) == (202, "night-line")
    assert refusal(service.operator().post(path)) == (403, "forbidden")
    assert Caller(service.gateway, KEY).get("/v1/grievances").status == 401
    confirmed = service.operator(2).post(path)
    assert (confirmed.status, confirmed.json()["key"]) == (201, None)
    assert Caller(service.gateway, KEY).get("/v1/grievances").status == (
        403 if role == "dpo" else 200
    )


def test_nor_turns_one_that_is_there_into_a_key_of_her_own(service: Service) -> None:
    service.partner("night-line")
    operator, house = service.operator(), "/v1/organisations/night-line"
    (row,) = walked(operator, f"{house}/keys")

    answer = operator.post(f"{house}/keys/{row['key_id']}/rotations", {})

    assert refusal(answer) == (403, "forbidden")
    assert operator.delete(f"{house}/keys/{row['key_id']}").status == 204


def test_a_brands_desk_and_an_auditor_get_theirs_from_one_operator(service: Service) -> None:
    house = organisation(service, "audit-two", "auditor")
    operator = service.operator()

    wish = {"user_id": user(operator, house, "auditor"), "name": "x"}

    assert operator.post(f"{house}/keys", wish).status == 201
