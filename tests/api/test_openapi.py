"""The description says what the service does: schemas, examples, statuses and headers are true."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import TypeAdapter, ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from app import app
from chalicelib import errors
from chalicelib.api.cases.partner_bodies import Correction, NewGrievance
from chalicelib.api.description import openapi
from chalicelib.api.description.problems import kinds_of
from chalicelib.api.description.story import operation_named
from chalicelib.api.endpoint import OPERATIONS, Operation
from chalicelib.api.problems import CONTENT_TYPE, STATUS, problem_response
from chalicelib.domain.text import Line, Prose
from chalicelib.errors import FieldError, HandshakeError
from infra import openapi as command
from infra import template
from infra.local.gateway import Answer
from tests.api.told import example_answer, example_body, tell
from tests.service import Service

DOCUMENT: dict[str, Any] = json.loads(openapi.text())
ERRORS: list[type[HandshakeError]] = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, HandshakeError)
]
each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.name)
UNTIL = {
    "delete_brand": "known",
    "delete_factory": "known",
    "transition_grievance": "filed",
    "resolve_factory": "filed",
    "refuse_factories": "filed",
    "ask_consent": "heard",
    "confirm_proposal": "disputed",
    "refuse_proposal": "disputed",
    "delete_judgement": "judged",
    "read_os_id_merge": "merged",
    "delete_os_id_merge": "merged",
    "read_answer_draft": "drafted",
    "discard_answer_draft": "drafted",
    "approve_answer_draft": "drafted",
    "read_answer": "answered",
    "list_answer_versions": "answered",
    "read_answer_version": "answered",
    "list_answer_given": "answered",
    "list_plan_cases": "planned",
    "hand_over_identity": "named",
    "read_export": "done",
    "read_import": "done",
    "read_grievance_import": "done",
    "read_redelivery": "done",
    "read_reconciliation": "done",
    "read_organisation": "housed",
    "suspend_organisation": "housed",
    "reinstate_organisation": "housed",
    "add_user": "housed",
    "list_users": "housed",
    "list_keys": "housed",
    "make_engagement": "housed",
    "list_engagements": "engaged",
    "read_engagement": "engaged",
    "end_engagement": "engaged",
    "end_user": "staffed",
    "issue_key": "staffed",
    "propose_operator_key": "staffed",
    "revoke_key": "keyed",
    "rotate_key": "keyed",
    "confirm_operator_key": "proposed",
    "refuse_operator_key": "proposed",
    "read_leaves": "sealed",
    "accept_plan": "promised",
    "return_plan": "promised",
    "answer_question": "asked",
    "list_questions": "factory_asked",
    "read_question": "factory_asked",
    "answer_brand": "factory_asked",
    "decide_extension": "short_of_time",
    "complete_action": "agreed",
    "verify_action": "reported",
    "read_line": "lined",
    "change_line": "lined",
    "end_line": "lined",
    "set_line_secrets": "lined",
    "end_poster_code": "postered",
}
"""How far the story is told before an operation's example fits; `told` for all others."""


def described(operation: Operation) -> dict[str, Any]:
    entry: dict[str, Any] = DOCUMENT["paths"][operation.path][operation.method.lower()]
    return entry


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """A validator for a schema of the document; `$ref`s are looked up in it."""
    resource = Resource.from_contents(DOCUMENT, default_specification=DRAFT202012)
    registry: Any = Registry().with_resource("urn:document", resource)
    absolute = json.loads(json.dumps(schema).replace('"#/', '"urn:document#/'))
    return Draft202012Validator(absolute, registry=registry)


def response_of(operation: Operation, status: int) -> dict[str, Any]:
    response: dict[str, Any] = described(operation)["responses"][str(status)]
    if "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    return response


# The file


def test_the_committed_file_is_what_the_code_says() -> None:
    """Run `python -m infra.openapi` after a change of the API."""
    assert command.FILE.read_bytes() == command.generate()


def test_the_command_writes_the_file_and_notices_when_it_is_stale(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "openapi.json"
    assert command.main(["--check", "--out", str(file)]) == 1
    assert command.main(["--out", str(file)]) == 0
    assert command.main(["--check", "--out", str(file)]) == 0
    file.write_text("{}")
    assert command.main(["--check", "--out", str(file)]) == 1
    told = f"{file} is not what the code says. Run: python -m infra.openapi\n"
    assert capsys.readouterr().out == told * 2


def test_every_tag_says_whom_it_is_for() -> None:
    described = {tag["name"] for tag in DOCUMENT["tags"] if tag["description"]}
    assert described == {operation.tag for operation in OPERATIONS}


def test_it_is_the_same_document_every_time() -> None:
    assert openapi.text() == openapi.text()


def test_it_is_valid_openapi_3_1() -> None:
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []
    assert DOCUMENT["openapi"] == "3.1.0"


def test_its_version_is_the_projects() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
    assert DOCUMENT["info"]["version"] == project["version"]


def test_it_describes_every_route_that_the_app_has_mounted() -> None:
    mounted = {(path, method) for path, methods in app.routes.items() for method in methods}
    told = {(path, m.upper()) for path, methods in DOCUMENT["paths"].items() for m in methods}
    assert told == mounted == {(o.path, o.method) for o in OPERATIONS}


def test_it_is_served_as_it_is_committed(service: Service) -> None:
    answer = service.public().get("/openapi.json")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.body == command.FILE.read_bytes()


# Operations


@each_operation
def test_an_operation_says_who_may_call_it_and_what_it_does(operation: Operation) -> None:
    told = described(operation)
    assert told["operationId"] == operation.name
    assert told["x-roles"] == [role.value for role in operation.roles]
    assert told["security"] == ([{"key": []}] if operation.roles else [])
    assert all(f"`{role}`" in told["description"] for role in operation.roles)
    assert 5 < len(told["summary"]) < 90
    assert not told["summary"].endswith(".")


@each_operation
def test_an_operation_names_every_code_it_can_answer_with(operation: Operation) -> None:
    for kind in kinds_of(operation):
        media = response_of(operation, STATUS[kind])["content"]
        assert list(media) == [CONTENT_TYPE]
        assert kind.code in media[CONTENT_TYPE]["examples"]
    statuses = {status for status in described(operation)["responses"] if int(status) >= 400}
    assert statuses == {str(STATUS[kind]) for kind in kinds_of(operation)} | {"504"}


def test_a_body_says_how_large_it_may_be() -> None:
    told = {
        operation.name: described(operation)["requestBody"]["x-largest-body"]
        for operation in OPERATIONS
        if operation.reads_body
    }
    assert told.pop("request_import") == 4 * 1024 * 1024
    assert told.pop("request_grievance_import") == 4 * 1024 * 1024
    assert set(told.values()) == {256 * 1024}


@each_operation
def test_every_example_fits_its_schema(operation: Operation) -> None:
    told = described(operation)
    for parameter in told.get("parameters", []):
        if "example" in parameter:
            validator(parameter["schema"]).validate(parameter["example"])
    contents = [told["requestBody"]["content"]] if operation.reads_body else []
    contents += [response_of(operation, status).get("content", {}) for status in operation.replies]
    for media in (media for content in contents for media in content.values()):
        if "example" in media:
            validator(media["schema"]).validate(media["example"])


@each_operation
def test_the_documented_example_is_answered_as_documented(
    service: Service, operation: Operation
) -> None:
    """Sent to a service in which the documented story has happened."""
    code = tell(service, until=UNTIL.get(operation.name, "told"))
    known = {"Receipt_Code": code} if operation.name == "read_receipt" else {}
    if UNTIL.get(operation.name) == "filed":
        known = {"If_Match": '"1"'}
    answer = example_answer(service, operation, **known)
    assert answer.status in operation.replies, answer.body
    assert_as_documented(operation, answer)


SPECIAL = {"ETag", "Location", "Link", "Idempotent-Replayed", "RateLimit", "RateLimit-Policy"}
"""Headers that some answers have; those of a key's limits are on every answer to a key."""


def assert_as_documented(operation: Operation, answer: Answer) -> None:
    response = response_of(operation, answer.status)
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if not response.get("content"):
        assert answer.body == b""
    elif kind == "application/json":
        validator(response["content"][kind]["schema"]).validate(answer.json())
    else:
        assert kind in response["content"]
    special = SPECIAL & set(answer.headers)
    optional = {"Link"} - special
    assert special == set(response.get("headers", {})) - optional


@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if o.body], ids=lambda operation: operation.name
)
def test_what_the_schema_lists_the_example_shows(operation: Operation) -> None:
    """A reader of the example sees every field that must be there."""
    schema = described(operation)["requestBody"]["content"]["application/json"]["schema"]
    component = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    assert set(component.get("required", [])) <= set(example_body(operation))


# Schemas


def test_the_names_of_schemas_are_words_of_the_service() -> None:
    names = list(DOCUMENT["components"]["schemas"])
    assert names == sorted(names)
    assert [n for n in names if not re.fullmatch(r"[A-Z][A-Za-z]+", n)] == []


def test_a_correction_takes_what_a_filing_takes_and_null() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    filing, correction = schemas["NewGrievance"]["properties"], schemas["Correction"]["properties"]
    for name in set(correction) - {"severity", "severity_reason", "intake_type"}:
        assert kinds(correction[name]) == kinds(filing[name]), name
    only_filed = {
        *("channel", "filed_by", "partner_ref", "consent", "worker", "links"),
    }
    assert set(filing) - set(correction) == only_filed


def kinds(schema: dict[str, Any]) -> list[Any]:
    """What a field takes, but for null, in one order, without its texts."""
    texts = {"description", "default"}
    bare = {name: value for name, value in schema.items() if name not in texts}
    branches = bare.get("anyOf", [bare])
    return sorted((b for b in branches if b != {"type": "null"}), key=json.dumps)


WRONG: dict[str, list[Any]] = {
    "workers_affected": [0, -1, 1.5, True, "12", "many", []],
    "factory_reported": ["Acme", {"nam": "x"}, {"name": ""}, []],
    "incident_from": ["2026-13", "26", 2026, "2026-02-30", "ongoing"],
    "incident_to": ["forever", 2026, {}],
    "categories": ["compensation", ["wages"], [], [None]],
    "sub_codes": [["compensation.nothing"], "compensation.deductions", [1]],
    "ilo_indicators": [["fear"], {}],
    "language": ["Chinese!", "", 5],
    "jurisdiction": ["cn", "CHN", ""],
    "severity": ["S0", 1],
    "narrative": ["", 5, "\u202e"],
}


@pytest.mark.parametrize("field", WRONG)
def test_a_wrong_value_in_a_correction_is_a_422_that_names_the_field(
    service: Service, field: str
) -> None:
    tell(service, until="filed")
    for value in WRONG[field]:
        body = json.dumps({field: value}).encode()
        answer = example_answer_with(service, "correct_grievance", body)
        assert answer.status == 422, (value, answer.body)
        named = {error["field"] for error in answer.json()["errors"]}
        assert {name.split(".")[0] for name in named} == {field}, (value, answer.body)


def example_answer_with(service: Service, name: str, body: bytes) -> Answer:
    path = f"/v1/grievances/{described_id()}"
    return service.partner().send("PATCH", path, body, {"If-Match": '"1"'})


def described_id() -> str:
    parameters = described(operation_named("correct_grievance"))["parameters"]
    return str(next(p["example"] for p in parameters if p["name"] == "grievance_id"))


TEXTS = [
    *("a", "é", "e\u0301", "怡昌泰", "ঢাকা", "😀", "a b", " a ", "\ufeff", "\u200b"),
    *("", " ", "\t", "\n", "a\nb", "a\tb", "\u00a0", "\u3000", "\u1680", "\u2028", "a\u2029b"),
    *("\x00", "a\x01", "\x0b", "\x1f", "\x7f", "\x85", "\x9f", "\u202e", "\u2066", "\ufffe"),
    "\uffff",
]


@pytest.mark.parametrize("name", ["Line", "Prose"])
def test_the_pattern_of_a_text_refuses_what_the_service_refuses(name: str) -> None:
    adapter: TypeAdapter[str] = TypeAdapter({"Line": Line, "Prose": Prose}[name])
    schema = validator(adapter.json_schema())
    for text in TEXTS:
        try:
            accepted = adapter.validate_python(text) == text
        except ValidationError:
            accepted = False
        assert schema.is_valid(text) == accepted, repr(text)


def test_filing_and_correction_are_the_models_that_the_routes_read() -> None:
    assert operation_named("submit_grievance").body is NewGrievance
    assert operation_named("correct_grievance").body is Correction


# Problems


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_class_of_error_has_a_status_of_its_own(kind: type[HandshakeError]) -> None:
    """A class that inherits its status from another would be answered by accident."""
    assert kind in STATUS
    assert 400 <= STATUS[kind] < 600


def test_every_class_of_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in ERRORS]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_problem_document_fits_the_problem_schema(kind: type[HandshakeError]) -> None:
    field = FieldError("categories.0", "enum", "Choose one of the list.")
    for error in (kind(), kind("Something else."), kind(errors=[field])):
        response = problem_response(error)
        document = json.loads(response.body)
        validator({"$ref": "#/components/schemas/Problem"}).validate(document)
        assert response.headers["Content-Type"] == CONTENT_TYPE
        assert document["status"] == response.status_code == STATUS[kind]
        assert document["type"] == f"urn:problem-type:handshake:{kind.code}"
        assert ("errors" in document) == bool(error.errors)


def test_what_the_gateway_answers_by_itself_fits_the_problem_schema() -> None:
    declared = template.load()["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]
    statuses = {str(status) for o in OPERATIONS for status in described(o)["responses"]}
    for name, response in declared.items():
        document = json.loads(response["ResponseTemplates"]["application/json"])
        validator({"$ref": "#/components/schemas/Problem"}).validate(document)
        assert str(document["status"]) == response["StatusCode"], name
        assert response["StatusCode"] in statuses, name
