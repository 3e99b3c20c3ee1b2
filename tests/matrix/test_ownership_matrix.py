"""S1: roles × routes × whose it is, each cell against the table by hand in test_access_matrix.py.

One service in which everything exists once; what a cell changes is undone before the next one.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from moto.backends import get_backend

from chalicelib import deps
from chalicelib.api.endpoint import OPERATIONS, Operation
from chalicelib.domain.admission.key_text import digest_of, key_text
from chalicelib.domain.vocabulary import Role
from infra.local.gateway import Answer, Gateway
from tests.conftest import BACKENDS
from tests.matrix.test_access_matrix import (
    ABSENT,
    ERASED,
    EXPECTED,
    LETTERS,
    NOT_THERE,
    OTHER,
    OWNERSHIPS,
    PUBLIC,
    ROLES,
    SAME,
)
from tests.matrix.test_field_matrix import announced_plan
from tests.service import Caller, Service, but_for_the_count, filing
from tests.usecases.answers import ANSWER, published
from tests.usecases.stories import alerted, case_of, covered, refusal

MATRIX = "roles × routes × whose it is"
HOUSES = {
    Role.PARTNER_INTAKE: ("handshake-gz", "other-ngo"),
    Role.PARTNER_SUPERVISOR: ("handshake-gz", "other-ngo"),
    Role.BRAND: ("acme", "bolt"),
    Role.FACTORY: ("mill-one", "mill-two"),
    Role.AUDITOR: ("audit-house", "other-house"),
    Role.DPO: ("privacy-office", "other-office"),
    Role.OPERATOR: ("operations", "second-team"),
}
HOME = "/v1/organisations/handshake-gz"
TODAY = {"received_from": "2026-11-22", "received_to": "2026-11-22"}
WORKER = {"name": "Example Worker", "wechat": "example-worker"}
PLAN = {
    "statement": "We see to it.",
    "actions": [
        {"what": "Pay.", "owner": "Finance", "due_on": "2026-12-31", "evidence": "Payslips."}
    ],
}
TIME = {"clock": "remediation_plan", "days": 9, "reason": "An audit."}
LINE = {"provider": "kobo", "name": "x", "fields": {"text": "group1/q2"}}
INTAKE = {"role": "partner_intake", "name": "desk"}
THIRD, FOURTH = (key_text(digit * 48) for digit in "78")  # no token of the service is like them


class World:
    """Everything that a route can be about, once; and the tables as they were then."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.ids = self._told()
        self.erased = self._erased()
        self._tables = get_backend("dynamodb")["123456789012"]["eu-central-1"].tables
        for role, houses in HOUSES.items():
            for house in houses:
                for person in (1, 2):
                    service.caller(role, house, person)
        self._kept = copy.deepcopy({name: table.items for name, table in self._tables.items()})
        self._sns = get_backend("sns")["123456789012"]["eu-central-1"]
        self._subscriptions = dict(self._sns.subscriptions)
        self.count = 0

    def as_it_was(self) -> None:
        """Undo everything."""
        for name, items in self._kept.items():
            self._tables[name].items = copy.deepcopy(items)
        self._sns.subscriptions.clear()
        self._sns.subscriptions.update(self._subscriptions)

    def _erased(self) -> dict[str, str]:
        """A case like the other one, told to the brand, its texts erased since."""
        service, partner = self.service, self.service.partner()
        facts = {"ilo_indicators": ["debt_bondage"], "worker": WORKER}
        grievance_id = alerted(service, partner, "k-3", **facts)
        lowered = {"severity": "S2", "severity_reason": "x"}
        proposed = partner.patch(f"/v1/grievances/{grievance_id}", lowered, If_Match='"2"').json()
        public_ref = case_of(partner, grievance_id)["public_ref"]
        decided = {"scope": "texts", "reason": "worker_request", "confirm": public_ref}
        officer = service.caller(Role.DPO, HOUSES[Role.DPO][0])
        answer = officer.post(f"/v1/grievances/{grievance_id}/erasure", decided)
        assert answer.status == 200, answer.body
        (alert,) = service.alert_rows(grievance_id)
        desk, path = service.brand_desk("acme"), f"/v1/alerts/{alert.alert_id}"
        asked = _asked(desk, path)
        plan = desk.post(f"{path}/plans", PLAN)
        assert plan.status == 201, plan.body
        return {
            **asked,
            "remediation_plan_id": plan.json()["plan_id"],
            "grievance_id": grievance_id,
            "public_ref": public_ref,
            "proposal_id": proposed["proposal_id"],
            "alert_id": alert.alert_id,
        }

    @contextmanager
    def about(self, whose: str) -> Iterator[None]:
        """With the erased case in the place of the other one, where it is its turn."""
        before = self.ids
        self.ids = {**before, **self.erased} if whose == ERASED else before
        yield
        self.ids = before

    def _told(self) -> dict[str, str]:
        service = self.service
        factory_id = covered(service, "acme")
        partner, operator = service.partner(), service.operator()
        grievance_id = alerted(service, partner, ilo_indicators=["debt_bondage"], worker=WORKER)
        desk = service.brand_desk("acme")
        service.brand("bolt", subscribe=False)
        mail = {"protocol": "email", "endpoint": "team@brand.example"}
        subscription = desk.post("/v1/subscriptions", mail).json()
        alert_id = desk.get("/v1/alerts").json()["items"][0]["alert_id"]
        dialogue = _asked(desk, f"/v1/alerts/{alert_id}")
        service.management(factory_id, HOUSES[Role.FACTORY][0])
        wish = {"text": "What was paid?", "to": "factory"}
        to_factory = desk.post(f"/v1/alerts/{alert_id}/questions", wish).json()
        plan = desk.post(f"/v1/alerts/{alert_id}/plans", PLAN).json()["plan_id"]
        unknown = {"name": "Nobody knows it", "country": "CN"}
        waiting = alerted(service, partner, "k-2", factory_reported=unknown)
        partner.post(f"/v1/grievances/{waiting}/factory", {"factory_id": factory_id})
        (judgement,) = service.deps.registry.all_judgements()
        assert operator.put("/v1/os-id-merges/CN2021045M4T9XQ", MERGE).status == 201
        lowered = {"severity": "S2", "severity_reason": "x"}
        proposed = partner.patch(f"/v1/grievances/{grievance_id}", lowered, If_Match='"6"')
        export_id = service.auditor().post("/v1/exports", TODAY).json()["export_id"]
        listed = _upload(operator)
        asked_again = {"brand_id": "acme", "since": "2026-11-20T00:00:00Z"}
        redelivery = operator.post("/v1/redeliveries", asked_again).json()["redelivery_id"]
        reconciliation = operator.post("/v1/reconciliations", TODAY).json()["reconciliation_id"]
        user_id = partner.post(f"{HOME}/users", INTAKE).json()["user_id"]
        key = partner.post(f"{HOME}/keys", {"user_id": user_id, "name": "x"}).json()
        third = operator.post(
            "/v1/organisations/operations/users", {"role": "operator", "name": "third"}
        ).json()
        asked = {"user_id": third["user_id"], "name": "x", "key_sha256": digest_of(THIRD)}
        key_proposal = operator.post("/v1/key-proposals", asked).json()
        file = {"kind": "photo", "content_type": "image/png", "bytes": 9, "sha256": "0" * 64}
        attached = partner.post(f"/v1/grievances/{grievance_id}/attachments", file).json()
        answer_id = published(service, partner, service.partner(person=2))
        line_id = partner.post("/v1/lines", LINE).json()["line_id"]
        poster = partner.post(f"/v1/factories/{factory_id}/poster-codes", {}).json()["code"]
        drafted = partner.post("/v1/answer-drafts", {**ANSWER, "text": "Another text."}).json()
        service.drain()
        service.seal()
        head = service.deps.sealed_log.latest_head()
        assert head is not None
        return {
            "asset": "page.css",
            "tree_size": str(head.tree_size),
            "grievance_id": grievance_id,
            "public_ref": case_of(partner, grievance_id)["public_ref"],
            "remediation_plan_id": plan,
            **dialogue,
            "question_to_factory": to_factory["question_id"],
            "action_number": "1",
            "plan_id": announced_plan(service, grievance_id),
            "attachment_id": attached["attachment_id"],
            "proposal_id": proposed.json()["proposal_id"],
            "alert_id": alert_id,
            "subscription_id": subscription["subscription_id"],
            "export_id": export_id,
            "answer_id": answer_id,
            "line_id": line_id,
            "poster_code": poster,
            "answer_version": "1",
            "quarter": "2026-Q2",
            "draft_id": drafted["draft_id"],
            "brand_id": "acme",
            "factory_id": factory_id,
            "os_id": "CN2021045M4T9XQ",
            "judgement_id": judgement.judgement_id,
            "import_id": listed,
            "grievance_import_id": _filed(partner).json()["import_id"],
            "redelivery_id": redelivery,
            "reconciliation_id": reconciliation,
            "organisation_id": "handshake-gz",
            "user_id": user_id,
            "key_id": key["key_id"],
            "third": third["user_id"],
            "key_proposal_id": key_proposal["proposal_id"],
            "engagement_id": service.deps.access.all_engagements("audit-house")[0].engagement_id,
        }


def _asked(desk: Caller, path: str) -> dict[str, str]:
    """A question and a request for more time that wait for the partner."""
    question = desk.post(f"{path}/questions", {"text": "Which months?"})
    extension = desk.post(f"{path}/extensions", TIME)
    assert (question.status, extension.status) == (201, 201), extension.body
    return {
        "question_id": question.json()["question_id"],
        "extension_id": extension.json()["extension_id"],
    }


def _filed(partner: Caller) -> Answer:
    content = b"text,categories\r\nNo wages since May.,compensation\r\n"
    return partner.send("POST", "/v1/grievance-imports", content, {"content-type": "text/csv"})


def _upload(operator: Caller) -> str:
    path = "/v1/imports?brand_id=acme&disclosed_at=2026-06-30&source=acme-list&complete=false"
    content = b"Factory Name,City,Country\r\nDong Fang Shoes,Dongguan,China\r\n"
    answer = operator.send("POST", path, content, {"content-type": "text/csv"})
    assert answer.status == 202, answer.body
    return str(answer.json()["import_id"])


@pytest.fixture(scope="module")
def world(_aws: None, gateway: Gateway) -> Iterator[World]:
    for backend in BACKENDS:
        get_backend(backend).reset()
    made = World(Service.start(gateway))
    yield made
    deps.use(None)


Body = Callable[[World, Role], dict[str, Any]]

MERGE = {"into": "CN2019303BQ3FZP"}
ENGAGEMENT = {
    "purpose": "legal_obligation",
    "purpose_text": "x",
    "brands": None,
    "countries": None,
    **TODAY,
    "valid_from": "2026-11-01T00:00:00Z",
    "valid_until": "2027-02-01T00:00:00Z",
}
BODIES: dict[str, Body] = {
    "submit_grievance": lambda w, r: filing(),
    "correct_grievance": lambda w, r: {"workers_affected": 1},
    "change_consent": lambda w, r: {"level": "C1", "script_version": "helpline-zh-3"},
    "keep_identity": lambda w, r: WORKER,
    "open_identity": lambda w, r: {"reason": "contact_worker"},
    "hand_over_identity": lambda w, r: {"recipient": "acme", "reason": "pay_worker"},
    "request_erasure": lambda w, r: {"reason": "worker_request"},
    "erase_identity": lambda w, r: {"reason": "worker_request", "confirm": w.ids["public_ref"]},
    "hold_retention": lambda w, r: {"reason": "investigation"},
    "transition_grievance": lambda w, r: {"to": "investigating"},
    "add_attachment": lambda w, r: {
        "kind": "photo",
        "content_type": "image/png",
        "bytes": 9,
        "sha256": "1" * 64,
    },
    "add_message": lambda w, r: {"text": "A note."},
    "record_check_in": lambda w, r: {"outcome": "safe"},
    "record_remedy": lambda w, r: {"remedy": {"types": ["apology"]}},
    "resolve_factory": lambda w, r: {"factory_id": w.ids["factory_id"]},
    "refuse_factories": lambda w, r: {"factory_ids": [w.ids["factory_id"]]},
    "reply_to_alert": lambda w, r: {"text": "We ask."},
    "submit_plan": lambda w, r: PLAN,
    "answer_scorecard": lambda w, r: {"statements": ["still_at_work"]},
    "complete_action": lambda w, r: {"done_on": "2026-11-22", "evidence": "Payslips."},
    "return_plan": lambda w, r: {"reason": "By when?"},
    "ask_partner": lambda w, r: {"text": "Which shift?"},
    "answer_question": lambda w, r: {"text": "Both."},
    "answer_brand": lambda w, r: {"text": "It was paid."},
    "request_extension": lambda w, r: {**TIME, "clock": "hard_stop"},
    "decide_extension": lambda w, r: {"granted": False, "reason": "Not again."},
    "verify_action": lambda w, r: {"verified": True, "how": "Payslips seen."},
    "subscribe": lambda w, r: {"protocol": "email", "endpoint": "desk@brand.example"},
    "try_filter": lambda w, r: {"filter": {"severities": ["S2"]}},
    "request_redelivery": lambda w, r: {"brand_id": "acme", "since": "2026-11-20T00:00:00Z"},
    "request_reconciliation": lambda w, r: {**TODAY},
    "request_export": lambda w, r: {**TODAY},
    "draft_answer": lambda w, r: {**ANSWER, "topic": "another-topic"},
    "suggest_answer": lambda w, r: {"text": "overtime", "jurisdiction": "CN"},
    "log_call": lambda w, r: {
        "intake_type": "enquiry",
        "topic": "overtime-pay",
        "jurisdiction": "CN",
        "language": "en",
        "channel": "phone",
        "given": {"answer_id": w.ids["answer_id"], "version": 1},
        "duration_seconds": 60,
        "outcome": "answered",
    },
    "put_brand": lambda w, r: {"name": "Acme Outdoor"},
    "create_factory": lambda w, r: {"name": "New Mill", "country": "BD"},
    "replace_factory": lambda w, r: {"name": "Yi Chang Tai", "country": "CN"},
    "put_link": lambda w, r: {"source": "a-list", "disclosed_at": "2026-06-30"},
    "put_os_id_merge": lambda w, r: MERGE,
    "put_organisation": lambda w, r: {"kind": "partner", "name": "Handshake"},
    "add_user": lambda w, r: INTAKE,
    "issue_key": lambda w, r: {"user_id": w.ids["user_id"], "name": "x"},
    "rotate_key": lambda w, r: {},
    "make_engagement": lambda w, r: ENGAGEMENT,
    "propose_operator_key": lambda w, r: {
        "user_id": w.ids["third"],
        "name": "x",
        "key_sha256": digest_of(FOURTH),
    },
    "add_line": lambda w, r: LINE,
    "change_line": lambda w, r: {"name": "y"},
    "set_line_secrets": lambda w, r: {"header_secret": "0" * 20},
    "make_poster_code": lambda w, r: {"partner_id": "handshake-gz"} if r is Role.OPERATOR else {},
}
"""What each route with a body is sent, so that only who sends it and the id decide."""


def sent(world: World, operation: Operation, role: Role, whose: str) -> Answer:
    """The route as somebody with that role would use it, with everything that it asks for."""
    own, other = HOUSES[role]
    person = 2 if whose == SAME else 1
    caller = world.service.caller(role, other if whose == OTHER else own, person)
    ids = ABSENT if whose == NOT_THERE else _ids(world, operation, role)
    path = operation.path.format(**ids)
    if operation.name == "list_brand_links":
        path += "?brand_id=acme"
    if operation.name in ("list_access_log", "list_calls", "count_calls"):
        path += "?month=2026-11"
    if operation.name == "count_border_crossings":
        path += "?year=2026"
    if operation.name == "request_import":
        return _uploaded(caller)
    if operation.name == "request_grievance_import":
        return _filed(caller)
    body = BODIES[operation.name](world, role) if operation.name in BODIES else None
    world.count += 1
    headers = {"Idempotency_Key": f"cell-{world.count}"}
    if any(header.required for header in operation.headers):
        headers["If_Match"] = f'"{_version(world, operation)}"'
    return caller.send(operation.method, path, body, headers)


def _ids(world: World, operation: Operation, role: Role) -> dict[str, str]:
    """Engagements are an auditor's or a brand's, users and keys a partner's; one question is to the
    partner, another one to the factory."""
    if role is Role.FACTORY:
        return {**world.ids, "question_id": world.ids["question_to_factory"]}
    if "/engagements" not in operation.path:
        return world.ids
    house = HOUSES[role][0] if role in (Role.AUDITOR, Role.BRAND) else "audit-house"
    engagement_id = world.service.deps.access.all_engagements(house)[0].engagement_id
    return {**world.ids, "organisation_id": house, "engagement_id": engagement_id}


def _uploaded(caller: Caller) -> Answer:
    path = "/v1/imports?brand_id=acme&disclosed_at=2026-06-30&source=acme-list"
    return caller.send("POST", path, b"Factory Name,Country\r\n", {"content-type": "text/csv"})


def _version(world: World, operation: Operation) -> int:
    if "grievance_id" not in operation.path_parameters:
        return 1
    case = world.service.deps.cases.head(world.ids["grievance_id"])
    return case.version if case else 1


def test_every_route_with_a_body_has_a_good_one() -> None:
    assert set(BODIES) == {operation.name for operation in OPERATIONS if operation.body}


def test_every_letter_of_the_table_is_a_role() -> None:
    assert list(LETTERS.values()) == list(ROLES)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.name)
def test_every_cell_is_as_the_table_says(
    world: World, operation: Operation, cells: dict[str, int]
) -> None:
    row = EXPECTED[operation.method, operation.path]
    world.as_it_was()
    for role in ROLES:
        for whose in OWNERSHIPS:
            expected = "403"
            if row is PUBLIC:
                expected = "public"
            elif row.may[role]:
                expected = row.gets[role][whose]
            if expected == "*":
                continue
            with world.about(whose):
                answer = sent(world, operation, role, whose)
            if answer.status < 300 and operation.method != "GET":
                world.as_it_was()
            cell = f"{role}, {whose}: {answer.status} {answer.body[:300]!r}"
            assert _is(answer, expected), cell
            cells[MATRIX] = cells.get(MATRIX, 0) + 1


def _is(answer: Answer, expected: str) -> bool:
    if expected == "public":
        if answer.status == 403:  # a provider's webhook: its signature is the key
            return refusal(answer)[1] == "signature_refused"
        return answer.status != 401 and answer.status < 500
    if expected == "+":
        return 200 <= answer.status < 300
    return refusal(answer)[0] == int(expected)


KEPT_APART = (
    *("grievance_id", "alert_id", "question_id", "export_id", "subscription_id"),
    *("line_id", "poster_code", "grievance_import_id"),
)


def _kept_apart(operation: Operation) -> list[Role]:
    """Who gets 404 for another's: the officer's routes belong to no house."""
    row = EXPECTED[operation.method, operation.path]
    return [] if row is PUBLIC else [r for r, gets in row.gets.items() if gets[OTHER] == "404"]


@pytest.mark.parametrize(
    "operation",
    [o for o in OPERATIONS if set(KEPT_APART) & set(o.path_parameters) and _kept_apart(o)],
    ids=lambda o: o.name,
)
def test_what_is_anothers_and_what_is_not_there_answer_byte_for_byte_alike(
    world: World, operation: Operation
) -> None:
    world.as_it_was()
    before = world.service.all_items()
    for role in _kept_apart(operation):
        theirs = sent(world, operation, role, OTHER)
        own, other = HOUSES[role]
        absent = sent(world, operation, role, NOT_THERE)
        stranger = world.service.caller(role, other)
        ids = dict.fromkeys(operation.path_parameters, "..%2f")
        strange = stranger.send(
            operation.method,
            operation.path.format(**ids),
            BODIES[operation.name](world, role) if operation.name in BODIES else None,
            {"If_Match": '"1"'},
        )
        assert refusal(theirs) == (404, "not_found")
        alike = {repr(but_for_the_count(answer)) for answer in (theirs, absent, strange)}
        assert len(alike) == 1, (role, own)
    assert world.service.all_items() == before
