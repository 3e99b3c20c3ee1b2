"""Organisations are added, renamed, suspended at once, and reinstated."""

from chalicelib.domain.vocabulary import Role
from tests.service import Service
from tests.usecases.people import holder, key, logged, opens, organisation, user
from tests.usecases.stories import fields, refusal, walked

PATH = "/v1/organisations/night-line"
NEW = {"kind": "partner", "name": "Night Line"}


def test_an_organisation_is_added_once_and_renamed(service: Service) -> None:
    operator = service.operator()

    added = operator.put(PATH, NEW)
    again = operator.put(PATH, NEW)
    renamed = operator.put(PATH, {**NEW, "name": "The Night Line"})

    assert (added.status, again.status, renamed.status) == (201, 200, 200)
    assert added.json() == again.json()
    assert renamed.json() == operator.get(PATH).json()
    assert renamed.json() == {
        "organisation_id": "night-line",
        "kind": "partner",
        "name": "The Night Line",
        "created_at": "2026-11-22T08:00:00.000Z",
        "suspended_at": None,
        "filings_per_day": None,
        "factory_id": None,
        "version": 2,
    }
    events = [e.event for e in logged(service)]
    assert sorted(events) == ["organisation_added", "organisation_changed"]


def test_a_kind_stays_what_it_is(service: Service) -> None:
    organisation(service)

    answer = service.operator().put(PATH, {**NEW, "kind": "auditor"})

    assert fields(answer) == {"kind": "kind_is_fixed"}
    assert service.operator().get(PATH).json()["kind"] == "partner"


def test_a_brands_organisation_is_a_brand_of_the_registry(service: Service) -> None:
    operator = service.operator()
    body = {"kind": "brand", "name": "Bolt"}
    assert fields(operator.put("/v1/organisations/bolt", body)) == {
        "organisation_id": "unknown_brand"
    }

    service.brand("bolt")

    assert operator.put("/v1/organisations/bolt", body).status == 201


def test_a_factorys_management_names_a_factory_of_the_registry(service: Service) -> None:
    operator = service.operator()
    path, body = "/v1/organisations/mill-one", {"kind": "factory", "name": "Mill"}
    first, second = service.factory(), service.factory("Dong Fang Shoes")
    unknown = {**body, "factory_id": "f_" + "0" * 26}

    assert fields(operator.put(path, body)) == {"factory_id": "missing"}
    assert fields(operator.put(path, unknown)) == {"factory_id": "unknown_factory"}
    assert fields(operator.put(path, {**body, "factory_id": "acme"})) == {
        "factory_id": "string_pattern_mismatch"
    }
    for kind in ("partner", "brand", "auditor", "dpo_office", "operator"):
        others = operator.put(path, {**body, "kind": kind, "factory_id": first})
        assert fields(others) == {"factory_id": "not_a_factory"}

    added = operator.put(path, {**body, "factory_id": first})
    moved = operator.put(path, {**body, "factory_id": second})
    assert (added.status, added.json()["factory_id"]) == (201, first)
    assert (moved.status, moved.json()["factory_id"]) == (200, second)
    assert fields(operator.put(path, unknown)) == {"factory_id": "unknown_factory"}
    assert operator.get(path).json() == moved.json()


def test_suspended_means_that_no_key_opens_anything_from_that_moment(service: Service) -> None:
    house = organisation(service)
    operator = service.operator()
    desk = holder(service, key(service.partner("night-line"), house, user(operator, house)))
    assert opens(desk)

    assert operator.delete(house).status == 204

    assert not opens(desk)
    assert refusal(desk.get("/v1/grievances")) == (401, "unauthenticated")
    assert operator.get(house).json()["suspended_at"] == "2026-11-22T08:00:00.000Z"
    assert operator.delete(house).status == 204
    assert [str(e.event) for e in logged(service)].count("organisation_suspended") == 1


def test_a_suspended_organisation_gets_neither_people_nor_keys(service: Service) -> None:
    house = organisation(service)
    operator = service.operator()
    user_id = user(operator, house)
    operator.delete(house)

    more = operator.post(f"{house}/users", {"role": "partner_intake", "name": "x"})
    another = operator.post(f"{house}/keys", {"user_id": user_id, "name": "x"})

    assert refusal(more) == refusal(another) == (409, "state_conflict")


def test_a_reinstated_organisation_has_the_keys_that_have_not_ended(service: Service) -> None:
    house = organisation(service)
    operator = service.operator()
    supervisor = service.partner("night-line")
    kept, revoked = (key(supervisor, house, user(operator, house)) for _ in range(2))
    operator.delete(house)
    operator.delete(f"{house}/keys/{revoked['key_id']}")

    back = operator.post(f"{house}/reinstatement")

    assert (back.status, back.json()["suspended_at"]) == (200, None)
    assert opens(holder(service, kept))
    assert not opens(holder(service, revoked))
    assert operator.post(f"{house}/reinstatement").json() == back.json()


def test_nobody_suspends_her_own_house(service: Service) -> None:
    answer = service.operator().delete("/v1/organisations/operations")

    assert refusal(answer) == (409, "state_conflict")
    assert service.operator().get("/v1/organisations").status == 200


def test_operators_of_another_house_do_not_come_back_by_one_persons_word(service: Service) -> None:
    house = organisation(service, "second-team", "operator")
    service.operator().delete(house)

    assert refusal(service.operator().post(f"{house}/reinstatement")) == (409, "state_conflict")


def test_organisations_are_listed_page_by_page(service: Service) -> None:
    for name in ("c-line", "a-line", "b-line"):
        organisation(service, name)

    rows = walked(service.operator(), "/v1/organisations?limit=2")

    assert [row["organisation_id"] for row in rows] == ["a-line", "b-line", "c-line", "operations"]


def test_what_is_not_there_cannot_be_suspended_or_reinstated(service: Service) -> None:
    operator = service.operator()
    for answer in (
        operator.get(PATH),
        operator.delete(PATH),
        operator.post(f"{PATH}/reinstatement"),
    ):
        assert refusal(answer) == (404, "not_found")


def test_the_log_says_who_did_what_to_whom(service: Service) -> None:
    organisation(service)

    (entry,) = logged(service)

    assert entry.by_organisation == "operations"
    assert (entry.organisation, entry.subject) == ("night-line", "night-line")
    holder_ = service.deps.access.users("operations", 10, None).items[0]
    assert entry.by_user == holder_.user_id
    assert holder_.role is Role.OPERATOR
