"""Who may do what, and with whose data: every role on every route, against a table by hand.

A route without a row here fails, and so does a row without a route.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

import app
from chalicelib.api.endpoint import OPERATIONS, Operation
from chalicelib.domain.vocabulary import Role
from infra.local.gateway import Answer
from tests.service import Caller, Service
from tests.usecases.stories import alerted, covered, refusal, submitted

# Columns: intake, supervisor, brand, factory, auditor, dpo, operator. `y` may, `-` may not.
# `public` stands for a route that asks nobody for a key.
TABLE = """
                                                       i s b f a d o
GET    /health                                         public
GET    /docs                                           public
GET    /docs/{asset}                                   public
GET    /openapi.json                                   public
GET    /v1/taxonomy                                    public
GET    /v1/receipts                                    public
GET    /v1/ledger/heads                                public
GET    /v1/ledger/key                                  public
GET    /v1/ledger/heads/{tree_size}/leaves             - - - - y - -
POST   /v1/grievances                                  y y - - - - -
GET    /v1/grievances                                  y y - - - - -
GET    /v1/grievances/{grievance_id}                   y y - - - - -
PATCH  /v1/grievances/{grievance_id}                   y y - - - - -
POST   /v1/grievances/{grievance_id}/transitions       y y - - - - -
PUT    /v1/grievances/{grievance_id}/consent           y y - - - - -
POST   /v1/grievances/{grievance_id}/messages          y y - - - - -
GET    /v1/grievances/{grievance_id}/messages          y y - - - - -
GET    /v1/grievances/{grievance_id}/history           y y - - - - -
GET    /v1/grievances/{grievance_id}/alerts            y y - - - - -
POST   /v1/grievances/{grievance_id}/factory           - y - - - - -
POST   /v1/grievances/{grievance_id}/refused-factories - y - - - - -
GET    /v1/review-queue                                y y - - - - -
GET    /v1/alerts                                      - - y - - - -
GET    /v1/alerts/{alert_id}                           - - y - - - -
POST   /v1/alerts/{alert_id}/acknowledgement           - - y - - - -
POST   /v1/alerts/{alert_id}/replies                   - - y - - - -
POST   /v1/exports                                     - - - - y - -
GET    /v1/exports                                     - - - - y - -
GET    /v1/exports/{export_id}                         - - - - y - -
GET    /v1/brands                                      y y - - - - y
GET    /v1/brands/{brand_id}                           y y - - - - y
PUT    /v1/brands/{brand_id}                           - - - - - - y
DELETE /v1/brands/{brand_id}                           - - - - - - y
GET    /v1/factories                                   y y - - - - y
GET    /v1/factories/{factory_id}                      y y - - - - y
POST   /v1/factories                                   - - - - - - y
PUT    /v1/factories/{factory_id}                      - - - - - - y
DELETE /v1/factories/{factory_id}                      - - - - - - y
GET    /v1/factories/{factory_id}/links                y y - - - - y
GET    /v1/factories/{factory_id}/links/{brand_id}     y y - - - - y
PUT    /v1/factories/{factory_id}/links/{brand_id}     - - - - - - y
DELETE /v1/factories/{factory_id}/links/{brand_id}     - - - - - - y
GET    /v1/links                                       y y - - - - y
GET    /v1/judgements                                  - - - - - - y
DELETE /v1/judgements/{judgement_id}                   - - - - - - y
GET    /v1/border-crossings                            - - - - - y y
POST   /v1/imports                                     - - - - - - y
GET    /v1/imports                                     - - - - - - y
GET    /v1/imports/{import_id}                         - - - - - - y
"""
ROLES = (
    Role.PARTNER_INTAKE,
    Role.PARTNER_SUPERVISOR,
    Role.BRAND,
    Role.FACTORY,
    Role.AUDITOR,
    Role.DPO,
    Role.OPERATOR,
)
PUBLIC = None

ABSENT = {
    "grievance_id": "g_" + "0" * 26,
    "alert_id": "a_" + "0" * 26 + "_" + "0" * 26,
    "factory_id": "f_" + "0" * 26,
    "brand_id": "nobody",
    "export_id": "x_" + "0" * 26,
    "import_id": "i_" + "0" * 26,
    "judgement_id": "j_" + "0" * 26,
    "asset": "nothing.txt",
    "tree_size": "1",
}


def rows() -> Iterator[tuple[tuple[str, str], dict[Role, bool] | None]]:
    """(method, path) → role → may; None where nobody is asked."""
    for line in TABLE.strip().splitlines()[1:]:
        method, path, *cells = line.split()
        if cells == ["public"]:
            yield (method, path), PUBLIC
        else:
            assert set(cells) <= {"y", "-"}, line
            yield (method, path), dict(zip(ROLES, (c == "y" for c in cells), strict=True))


EXPECTED = dict(rows())


def asked(caller: Caller, operation: Operation, **ids: str) -> Answer:
    """The route with ids that are not there (or those given) and an empty body."""
    path = operation.path.format(**{**ABSENT, **ids})
    body = b"" if operation.method in ("GET", "DELETE") else b"{}"
    headers = {"content-type": operation.body_types[0]}
    return caller.send(operation.method, path, body or None, headers)


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert app.app is not None
    assert sorted(EXPECTED) == sorted((o.method, o.path) for o in OPERATIONS)
    assert set(ROLES) == set(Role)


def test_every_mounted_route_is_a_declared_one() -> None:
    """Nothing is reachable that the table does not know."""
    mounted = {(method, path) for path, methods in app.app.routes.items() for method in methods}
    assert mounted == set(EXPECTED)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_what_the_table_gives_it_and_nothing_else(
    service: Service, role: Role
) -> None:
    caller = service.caller(role, "some-organisation")
    for operation in OPERATIONS:
        allowed = EXPECTED[operation.method, operation.path]
        answer = asked(caller, operation)
        route = f"{role} {operation.method} {operation.path}"
        if allowed is PUBLIC or allowed[role]:
            assert answer.status not in (401, 403), route
            assert answer.status < 500, route
        else:
            assert refusal(answer) == (403, "forbidden"), route
    assert service.all_items() == []


BAD_KEYS: list[str | None] = [
    None,
    "",
    "Bearer",
    "Bearer ",
    "Bearer hsk_test_unknown",
    "Basic hsk_test_operator_operations_0123456789abcdef",
    "hsk_test_operator_operations_0123456789abcdef",
    "Bearer test_operator_operations_0123456789abcdef",
    "Bearer hsk_test_operator_operations_0123456789abcdeF",
    "Bearer hsk_" + "x" * 300,
    "Bearer hsk_\u0661",
]


def test_without_a_good_key_only_public_routes_answer(service: Service) -> None:
    service.operator()
    nobody = service.public()
    for number, header in enumerate(BAD_KEYS):
        headers = {} if header is None else {"authorization": header}
        for operation in OPERATIONS if header is None else OPERATIONS[number::11]:
            answer = nobody.send(operation.method, operation.path.format(**ABSENT), None, headers)
            route = f"{operation.method} {operation.path} {header}"
            if EXPECTED[operation.method, operation.path] is PUBLIC:
                assert answer.status in (200, 404), route
            else:
                assert refusal(answer) == (401, "unauthenticated"), route
                assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "ended",
    [{"revoked_at": "2026-11-22T07:59:59Z"}, {"expires_at": "2026-11-22T08:00:00Z"}],
    ids=["revoked", "expired"],
)
def test_a_key_that_was_revoked_or_has_expired_opens_nothing(
    service: Service, ended: dict[str, Any]
) -> None:
    partner = service.caller(Role.PARTNER_SUPERVISOR, "handshake-gz", **ended)

    assert refusal(partner.get("/v1/grievances")) == (401, "unauthenticated")


def test_a_refusal_says_nothing_about_what_is_there(service: Service) -> None:
    """The role is looked at before the path, the body and the store."""
    covered(service)
    grievance_id = alerted(service, service.partner())
    operator = service.operator()

    for path in (f"/v1/grievances/{grievance_id}", f"/v1/grievances/{ABSENT['grievance_id']}"):
        answers = [operator.get(path), operator.patch(path, b"not json")]
        assert {refusal(answer) for answer in answers} == {(403, "forbidden")}
        assert len({answer.body for answer in answers}) == 1


# Whose data


@dataclass(frozen=True)
class World:
    """Two partners, two brands, two auditors, each with something of their own."""

    grievance_id: str
    alert_id: str
    export_id: str


@pytest.fixture
def world(service: Service) -> World:
    covered(service, "acme")
    partner = service.partner("handshake-gz")
    grievance_id = alerted(service, partner)
    alert_id = service.brand_desk("acme").get("/v1/alerts").json()["items"][0]["alert_id"]
    period = {"received_from": "2026-11-22", "received_to": "2026-11-22"}
    export_id = service.auditor().post("/v1/exports", period).json()["export_id"]
    service.drain()
    return World(grievance_id, alert_id, export_id)


OWNED = {"grievance_id", "alert_id", "export_id"}
GOOD_BODIES: dict[str, dict[str, Any]] = {
    "correct_grievance": {"workers_affected": 1},
    "transition_grievance": {"to": "investigating"},
    "change_consent": {"level": "C1", "script_version": "helpline-zh-3"},
    "add_message": {"text": "A note."},
    "resolve_factory": {"factory_id": ABSENT["factory_id"]},
    "refuse_factories": {"factory_ids": [ABSENT["factory_id"]]},
    "reply_to_alert": {"text": "We ask."},
}
OWNER = {
    "grievance_id": (Role.PARTNER_SUPERVISOR, "handshake-gz", "other-ngo"),
    "alert_id": (Role.BRAND, "acme", "bolt"),
    "export_id": (Role.AUDITOR, "audit-house", "other-house"),
}


def owned_operations() -> list[Operation]:
    return [o for o in OPERATIONS if OWNED & set(o.path_parameters)]


def good_request(caller: Caller, operation: Operation, **ids: str) -> Answer:
    """The route with everything it asks for, so that only the id decides."""
    path = operation.path.format(**ids)
    body = GOOD_BODIES.get(operation.name)
    headers = {"If_Match": '"2"'} if any(h.required for h in operation.headers) else {}
    return caller.send(operation.method, path, body, headers)


def test_every_route_that_changes_what_somebody_owns_has_a_good_request() -> None:
    need = {o.name for o in owned_operations() if o.body is not None}
    assert need == set(GOOD_BODIES)


@pytest.mark.parametrize("operation", owned_operations(), ids=lambda o: o.name)
def test_what_is_anothers_and_what_is_not_there_answer_byte_for_byte_alike(
    service: Service, world: World, operation: Operation
) -> None:
    (parameter,) = operation.path_parameters
    role, owner, stranger = OWNER[parameter]
    own_id = getattr(world, parameter)
    before = service.all_items()

    outsider = service.caller(role, stranger)
    theirs = good_request(outsider, operation, **{parameter: own_id})
    absent = good_request(outsider, operation, **{parameter: ABSENT[parameter]})
    strange = good_request(outsider, operation, **{parameter: "..%2f"})

    assert refusal(theirs) == (404, "not_found")
    assert theirs == absent == strange
    assert service.all_items() == before
    own = good_request(service.caller(role, owner), operation, **{parameter: own_id})
    assert own.status in (200, 201, 409), own.body  # the factory of a case that was told: 409


def test_lists_hold_what_is_ones_own(service: Service, world: World) -> None:
    other = service.partner("other-ngo")
    theirs = submitted(other, "theirs", factory_reported={"name": "Nobody", "country": "CN"})
    service.tick()

    def items(caller: Caller, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = caller.get(path).json()["items"]
        return found

    partner = service.partner("handshake-gz")
    assert [row["grievance_id"] for row in items(partner, "/v1/grievances")] == [world.grievance_id]
    assert [row["grievance_id"] for row in items(other, "/v1/grievances")] == [theirs]
    assert items(partner, "/v1/review-queue") == []
    assert [row["grievance_id"] for row in items(other, "/v1/review-queue")] == [theirs]
    assert [row["alert_id"] for row in items(service.brand_desk("acme"), "/v1/alerts")] == [
        world.alert_id
    ]
    assert items(service.brand_desk("bolt"), "/v1/alerts") == []
    assert [row["export_id"] for row in items(service.auditor(), "/v1/exports")] == [
        world.export_id
    ]
    assert items(service.caller(Role.AUDITOR, "other-house"), "/v1/exports") == []


def test_an_organisations_name_is_no_way_into_another_role(service: Service, world: World) -> None:
    """A brand, a partner and an auditor of one name share nothing."""
    for role, path in (
        (Role.BRAND, "/v1/alerts"),
        (Role.AUDITOR, "/v1/exports"),
        (Role.PARTNER_SUPERVISOR, "/v1/grievances"),
    ):
        for name in ("handshake-gz", "acme", "audit-house", "operator"):
            own = {Role.BRAND: "acme", Role.AUDITOR: "audit-house"}.get(role, "handshake-gz")
            items = service.caller(role, name).get(path).json()["items"]
            assert (len(items) == 1) == (name == own), (role, name)


def test_an_import_is_the_operators_and_no_export_by_another_path(
    service: Service, world: World
) -> None:
    operator = service.operator()
    as_import = "i_" + world.export_id[2:]

    assert refusal(operator.get(f"/v1/imports/{as_import}")) == (404, "not_found")
    assert refusal(operator.get(f"/v1/imports/{world.export_id}")) == (404, "not_found")
