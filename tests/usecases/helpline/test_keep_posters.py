"""Codes on posters: each names one factory, for one partner, until it is ended."""

import re

from chalicelib.domain.helpline.poster import poster_code_in
from chalicelib.domain.references import poster_code
from tests.service import Service
from tests.usecases.stories import refusal


def made(service: Service, factory_id: str, partner_id: str = "handshake-gz") -> str:
    partner = service.partner(partner_id)
    answer = partner.post(f"/v1/factories/{factory_id}/poster-codes", {})
    assert answer.status == 201, answer.body
    return str(answer.json()["code"])


def test_a_code_names_the_factory_for_whoever_reads_it_off_the_wall(service: Service) -> None:
    partner, factory_id = service.partner(), service.factory()

    answer = partner.post(f"/v1/factories/{factory_id}/poster-codes", {})

    assert answer.status == 201, answer.body
    row = answer.json()
    code = row["code"]
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{8}", code)
    assert row.pop("created_by").startswith("u_")
    assert row == {
        "code": code,
        "factory_id": factory_id,
        "partner_id": "handshake-gz",
        "created_at": "2026-11-22T08:00:00.000Z",
        "ended_at": None,
    }
    found = poster_code_in(f"{code[:4]}-{code[4:].lower()} nobody was paid")
    assert found == (code, "nobody was paid")
    poster = service.deps.posters.get(found[0])
    assert poster is not None
    assert (poster.factory_id, poster.partner_id, poster.ended_at) == (
        factory_id,
        "handshake-gz",
        None,
    )


def test_each_post_makes_another_code(service: Service) -> None:
    factory_id = service.factory()
    codes = [made(service, factory_id) for _ in range(3)]
    path = f"/v1/factories/{factory_id}/poster-codes"

    first = service.partner().get(f"{path}?limit=2")
    second = service.partner().get(f"{path}?limit=2&cursor={first.json()['next_cursor']}")

    rows = first.json()["items"] + second.json()["items"]
    assert [row["code"] for row in rows] == sorted(codes)
    assert len(set(codes)) == 3


def test_a_code_that_is_taken_is_drawn_again(service: Service) -> None:
    factory_id = service.factory()
    tokens = iter(["first", "first", "second"])
    service.deps.token = lambda size: next(tokens)

    assert made(service, factory_id) == poster_code("first")
    assert made(service, factory_id) == poster_code("second")


def test_a_generator_that_always_gives_the_same_is_given_up(service: Service) -> None:
    factory_id = service.factory()
    made(service, factory_id)
    service.deps.token = lambda size: "the same"
    made(service, factory_id)

    answer = service.partner().post(f"/v1/factories/{factory_id}/poster-codes", {})

    assert refusal(answer) == (503, "unavailable")


def test_a_partner_sees_and_ends_its_own_codes_alone(service: Service) -> None:
    factory_id = service.factory()
    ours, theirs = made(service, factory_id), made(service, factory_id, "other-ngo")
    path = f"/v1/factories/{factory_id}/poster-codes"

    listed = {
        name: [row["code"] for row in service.partner(name).get(path).json()["items"]]
        for name in ("handshake-gz", "other-ngo")
    }

    assert listed == {"handshake-gz": [ours], "other-ngo": [theirs]}
    refused = service.partner("other-ngo").delete(f"/v1/poster-codes/{ours}")
    assert refusal(refused) == (404, "not_found")
    poster = service.deps.posters.get(ours)
    assert poster is not None
    assert poster.ended_at is None


def test_an_ended_code_stays_as_ended_and_is_never_drawn_again(service: Service) -> None:
    partner, factory_id = service.partner(), service.factory()
    service.deps.token = lambda size: "once"
    code = made(service, factory_id)
    path = f"/v1/poster-codes/{code}"
    service.clock.forward(minutes=1)

    assert partner.delete(path).status == 204
    service.clock.forward(minutes=1)
    assert partner.delete(path).status == 204

    (row,) = partner.get(f"/v1/factories/{factory_id}/poster-codes").json()["items"]
    assert row["ended_at"] == "2026-11-22T08:01:00.000Z"
    again = partner.post(f"/v1/factories/{factory_id}/poster-codes", {})
    assert refusal(again) == (503, "unavailable")


def test_the_operator_makes_codes_for_a_partner_that_it_names(service: Service) -> None:
    factory_id, operator = service.factory(), service.operator()
    service.partner()
    service.brand_desk("acme")
    path = f"/v1/factories/{factory_id}/poster-codes"

    code = operator.post(path, {"partner_id": "handshake-gz"}).json()["code"]
    nobodys = operator.post(path, {})
    unknown = operator.post(path, {"partner_id": "nowhere"})
    a_brands = operator.post(path, {"partner_id": "acme"})

    assert [row["code"] for row in operator.get(path).json()["items"]] == [code]
    assert refusal(nobodys) == (422, "validation_failed")
    assert nobodys.json()["errors"][0]["code"] == "missing"
    assert refusal(unknown) == (404, "not_found")
    assert refusal(a_brands) == (422, "validation_failed")
    assert a_brands.json()["errors"][0]["code"] == "not_a_partner"
    assert operator.delete(f"/v1/poster-codes/{code}").status == 204


def test_a_partner_makes_no_code_for_another_one(service: Service) -> None:
    factory_id = service.factory()
    service.partner("other-ngo")
    path = f"/v1/factories/{factory_id}/poster-codes"

    refused = service.partner().post(path, {"partner_id": "other-ngo"})

    assert refusal(refused) == (404, "not_found")
    assert service.operator().get(path).json()["items"] == []


def test_there_are_no_codes_for_a_factory_that_is_not_there(service: Service) -> None:
    path = f"/v1/factories/f_{'0' * 26}/poster-codes"

    assert refusal(service.partner().post(path, {})) == (404, "not_found")
    assert refusal(service.partner().get(path)) == (404, "not_found")


def test_what_is_no_code_is_not_there(service: Service) -> None:
    partner = service.partner()

    for text in ("00000000", "7kq49xzm", "7KQ4-9XZM", "x"):
        assert refusal(partner.delete(f"/v1/poster-codes/{text}")) == (404, "not_found")


def test_a_factory_stays_as_long_as_a_poster_names_it(service: Service) -> None:
    factory_id, operator = service.factory(), service.operator()
    codes = [made(service, factory_id) for _ in range(2)]
    service.partner().delete(f"/v1/poster-codes/{codes[0]}")

    refused = operator.delete(f"/v1/factories/{factory_id}", If_Match='"1"')

    assert refusal(refused) == (409, "still_referenced")
    service.partner().delete(f"/v1/poster-codes/{codes[1]}")
    assert operator.delete(f"/v1/factories/{factory_id}", If_Match='"1"').status == 204
