"""Whatever is sent, wherever: no 5xx, a problem document, within a second, and nothing echoed.

Every declared route is covered because the routes themselves are the parameters.
"""

import gc
import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from moto.backends import get_backend
from werkzeug.test import Client, EnvironBuilder

from chalicelib import deps
from chalicelib.api.description import openapi
from chalicelib.api.endpoint import LARGEST_BODY, OPERATIONS, Operation
from chalicelib.api.factories.imports import LARGEST_LIST
from chalicelib.api.problems import CONTENT_TYPE, STATUS
from infra.local.gateway import LARGEST_REQUEST, Answer, Gateway
from tests.api import hostile
from tests.api.hostile import CANARY
from tests.api.told import caller_for, example_body, example_path, tell
from tests.conftest import BACKENDS
from tests.service import Service, Tokens, filing

CODES = {kind.code for kind in STATUS}
SCHEMAS = json.loads(openapi.text())["components"]["schemas"]
MB = 1024 * 1024

each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.name)
each_with_json = pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if o.body], ids=lambda o: o.name
)
each_without_json = pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if not o.body], ids=lambda o: o.name
)
each_with_query = pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if o.query], ids=lambda o: o.name
)
each_with_path = pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if o.path_parameters], ids=lambda o: o.name
)
each_with_key = pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if o.roles], ids=lambda o: o.name
)


@pytest.fixture(scope="module")
def service(_aws: None, gateway: Gateway) -> Iterator[Service]:
    """One service in which the story has happened; attacks delete nothing of it."""
    for backend in BACKENDS:
        get_backend(backend).reset()
    service = Service.start(gateway)
    tell(service, until="told")
    service.deps.token = Tokens()
    yield service
    deps.use(None)


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the garbage of all tests before: after thousands, collecting it takes seconds, and
    falls to whichever request comes by."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Attack:
    """Sends as somebody who may call the operation, and looks at each answer."""

    def __init__(self, service: Service, operation: Operation, counts: Counter[str]) -> None:
        self._operation, self._counts = operation, counts
        self._caller = caller_for(service, operation)
        self._example = _bytes(example_body(operation))
        self._etag = '"999"' if operation.method == "DELETE" else '"1"'
        self._count = 0

    def send(
        self,
        what: object,
        *,
        path: str | None = None,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """The answer, which is no 5xx and, when it refuses, a problem that echoes nothing.

        What is not given is as in the documented example.
        """
        self._count += 1
        self._counts["hostile requests"] += 1
        fitting = {"If-Match": self._etag, "Idempotency-Key": f"attack-{self._count}"}
        if body is None:
            body = self._example
            fitting |= {"Content-Type": self._operation.body_types[0]} if body else {}
        target, sent = path or example_path(self._operation), {**fitting, **(headers or {})}
        answer, took = self._timed(target, body, sent)
        # What explodes does so each time; a machine whose neighbours are loud does not.
        again = [self._timed(target, body, sent)[1] for _ in range(2 if took > 2 else 0)]
        assert min([took, *again]) < 2, what
        self._etag = answer.headers.get("ETag", self._etag)
        assert_harmless(answer, what)
        return answer

    def _timed(
        self, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[Answer, float]:
        """The answer, and the seconds of the processor that it took."""
        with uncollected():
            started = time.thread_time()
            answer = self._caller.send(self._operation.method, path, body, headers)
            return answer, time.thread_time() - started


def assert_harmless(answer: Answer, what: object) -> None:
    assert answer.status < 500, (what, answer)
    if answer.status >= 400:
        assert answer.headers["Content-Type"] == CONTENT_TYPE, (what, answer)
        assert answer.json()["code"] in CODES, (what, answer)
        assert CANARY.encode() not in answer.body, (what, answer)
        assert CANARY not in str(answer.headers), (what, answer)


# Bodies


@each_with_json
def test_a_body_that_is_no_object_of_the_route_is_refused(
    service: Service, operation: Operation, counts: Counter[str]
) -> None:
    attack = Attack(service, operation, counts)
    for name, body in hostile.BODIES.items():
        answer = attack.send(name, body=body)
        assert answer.status in (400, 422), (name, answer)


@each_without_json
def test_a_body_where_no_json_is_read_does_no_harm(
    service: Service, operation: Operation, counts: Counter[str]
) -> None:
    attack = Attack(service, operation, counts)
    for name, body in hostile.BODIES.items():
        attack.send(name, body=body, headers={"Content-Type": operation.body_types[0]})


@each_with_json
def test_any_value_in_any_field_is_taken_or_refused(
    service: Service, operation: Operation, counts: Counter[str]
) -> None:
    attack = Attack(service, operation, counts)
    assert operation.body is not None
    example = example_body(operation)
    schema = {"$ref": f"#/components/schemas/{operation.body.__name__}"}
    for path in hostile.field_paths(schema, SCHEMAS):
        for name, value in hostile.VALUES.items():
            attack.send((path, name), body=hostile.with_value(example, path, value))


@each_with_json
def test_a_name_twice_at_any_depth_is_refused(
    service: Service, operation: Operation, counts: Counter[str]
) -> None:
    text = json.dumps(example_body(operation))
    first = json.loads(text)
    name = next(iter(first))
    twice = f'{{"{name}": {json.dumps(first[name])}, {text[1:]}'.encode()
    answer = Attack(service, operation, counts).send("twice", body=twice)
    assert (answer.status, answer.json()["code"]) == (400, "malformed_request")


def test_a_name_twice_in_an_inner_object_is_refused(service: Service) -> None:
    text = json.dumps(filing()).replace('"level": "C3"', '"level": "C0", "level": "C3"')
    answer = service.partner().send("POST", "/v1/grievances", text.encode(), {})
    assert (answer.status, answer.json()["code"]) == (400, "malformed_request")


@each_with_json
def test_only_json_is_read_however_it_is_spelled(
    service: Service, operation: Operation, counts: Counter[str]
) -> None:
    attack = Attack(service, operation, counts)
    for content_type, is_json in hostile.CONTENT_TYPES.items():
        answer = attack.send(content_type, headers={"Content-Type": content_type})
        assert (answer.status == 415) == (not is_json), (content_type, answer)


def test_a_body_without_a_content_type_is_read_as_json(service: Service, gateway: Gateway) -> None:
    key = service.partner().key
    headers = {"authorization": f"Bearer {key}", "idempotency-key": "a"}
    body = json.dumps(filing()).encode()
    assert gateway.handle("POST", "/v1/grievances", headers, body).status == 201


@each_with_json
def test_a_body_may_be_as_large_as_the_route_says_and_not_a_byte_larger(
    service: Service, operation: Operation, counts: Counter[str]
) -> None:
    attack = Attack(service, operation, counts)
    body = json.dumps(example_body(operation)).encode()
    assert attack.send("edge", body=body.ljust(LARGEST_BODY)).status != 413
    for size in (LARGEST_BODY + 1, 6 * MB - 1, 6 * MB + 1, LARGEST_REQUEST, LARGEST_REQUEST + 1):
        answer = attack.send(size, body=body.ljust(size))
        assert (answer.status, answer.json()["code"]) == (413, "body_too_large")


def test_a_list_may_be_as_large_as_the_route_says_and_not_a_byte_larger(
    service: Service, counts: Counter[str]
) -> None:
    operation = next(o for o in OPERATIONS if o.name == "request_import")
    attack = Attack(service, operation, counts)
    csv = {"Content-Type": "text/csv"}
    text = b"Factory Name,Country\n"
    answer = attack.send("edge", body=text.ljust(LARGEST_LIST, b"x"), headers=csv)
    assert answer.status == 202
    for size in (LARGEST_LIST + 1, 6 * MB + 1, LARGEST_REQUEST, LARGEST_REQUEST + 1):
        answer = attack.send(size, body=text.ljust(size, b"x"), headers=csv)
        assert (answer.status, answer.json()["code"]) == (413, "body_too_large")


@each_with_json
def test_a_compressed_body_is_refused(
    service: Service, operation: Operation, counts: Counter[str]
) -> None:
    answer = Attack(service, operation, counts).send(
        "gzip", body=hostile.BODIES["gzip"], headers={"Content-Encoding": "gzip"}
    )
    assert (answer.status, answer.json()["code"]) == (400, "malformed_request")


# Queries


@each_with_query
def test_any_value_of_any_parameter_is_taken_or_refused(
    service: Service, operation: Operation, counts: Counter[str]
) -> None:
    attack = Attack(service, operation, counts)
    assert operation.query is not None
    for parameter in operation.query.model_fields:
        for name, value in hostile.QUERY_VALUES.items():
            attack.send((parameter, name), path=_asking(operation, f"{parameter}={value}"))


@pytest.mark.parametrize(
    "operation",
    [o for o in OPERATIONS if o.query and o.query.model_config.get("extra") != "allow"],
    ids=lambda o: o.name,
)
def test_a_parameter_that_is_unknown_or_comes_twice_is_refused(
    service: Service, operation: Operation, counts: Counter[str]
) -> None:
    attack = Attack(service, operation, counts)
    for question in (f"{CANARY}=1", f"limit=1&{CANARY}", "limit=1&limit=1", f"{CANARY}=&{CANARY}="):
        answer = attack.send(question, path=_asking(operation, question))
        assert (answer.status, answer.json()["code"]) == (422, "validation_failed")


@pytest.mark.parametrize(
    ("path", "field", "code"),
    [
        ("/v1/grievances?limit=1_0", "limit", "int_parsing"),
        ("/v1/grievances?limit=%201", "limit", "int_parsing"),
        ("/v1/grievances?limit=1.0", "limit", "int_parsing"),
        ("/v1/grievances?limit=201", "limit", "less_than_equal"),
        ("/v1/grievances?received_from=1700000000", "received_from", "datetime_parsing"),
        ("/v1/grievances?received_from=2026-01-01", "received_from", "datetime_parsing"),
        (
            "/v1/grievances?received_to=9999-12-31T23:59:59-14:00",
            "query",
            "datetime_out_of_range",
        ),
    ],
)
def test_a_value_has_one_spelling(service: Service, path: str, field: str, code: str) -> None:
    answer = service.partner().get(path)
    assert answer.status == 422
    (error,) = answer.json()["errors"]
    assert (error["field"], error["code"]) == (field, code)


def _asking(operation: Operation, question: str) -> str:
    path = example_path(operation)
    name = question.partition("=")[0]
    kept = [p for p in path.partition("?")[2].split("&") if p and not p.startswith(f"{name}=")]
    return path.partition("?")[0] + "?" + "&".join([*kept, question])


# Headers


@each_operation
def test_any_value_of_any_header_is_taken_or_refused(
    service: Service, operation: Operation, counts: Counter[str]
) -> None:
    attack = Attack(service, operation, counts)
    others = ("Accept-Language", "Content-Encoding", "If-None-Match", "X-Forwarded-For", "Range")
    for name, value in hostile.HEADER_VALUES.items():
        for header in [*(h.name for h in operation.headers), "Accept", "Content-Type"]:
            attack.send((header, name), headers={header: value})
        attack.send(("others", name), headers=dict.fromkeys(others, value))


@each_with_key
def test_a_key_that_is_none_is_refused_before_anything_is_read(
    service: Service, operation: Operation, counts: Counter[str]
) -> None:
    attack = Attack(service, operation, counts)
    for name, value in hostile.KEYS.items():
        answer = service.public().send(
            operation.method, example_path(operation), b"[" * 1000, {"Authorization": value}
        )
        assert_harmless(answer, name)
        assert (answer.status, answer.json()["code"]) == (401, "unauthenticated"), name
    assert attack.send("the key itself").status != 401


def test_a_header_that_came_twice_is_not_taken_for_one_of_the_two(
    service: Service, gateway: Gateway
) -> None:
    """A server joins them with a comma (RFC 9110, section 5.3)."""
    caller = service.partner()
    for keys, status in (("one", 201), ("one,two", 201), ("one", 200)):
        answer = _over_wsgi(
            gateway,
            "POST",
            "/v1/grievances",
            body=json.dumps(filing()).encode(),
            headers={"Authorization": f"Bearer {caller.key}", "Idempotency-Key": keys},
        )
        assert answer.status == status


# Paths


@each_with_path
def test_a_path_with_anything_but_an_id_of_ours_is_not_there(
    service: Service, gateway: Gateway, operation: Operation, counts: Counter[str]
) -> None:
    attack = Attack(service, operation, counts)
    for parameter in operation.path_parameters:
        for name, value in hostile.PATH_VALUES.items():
            path = example_path(operation).replace(_segment(operation, parameter), value, 1)
            answer = attack.send((parameter, name), path=path)
            assert (answer.status, answer.json()["code"]) == (404, "not_found"), (name, answer)
            assert_harmless(_over_wsgi(gateway, operation.method, path), name)


@pytest.mark.parametrize(
    "path",
    [
        *("/", "//", "/v1", "/v1/", "/v1/nothing", f"/{CANARY}", "/v1//grievances", "/%00"),
        *("/..%2f", "/v1/grievances/../brands", "/v1/grievances%2F", "/a" * 2000),
        "/?" + "a=b&" * 1000,
    ],
    ids=lambda path: path[:30],
)
def test_a_path_that_no_route_has_is_not_there(
    service: Service, gateway: Gateway, path: str
) -> None:
    for caller in (service.public(), service.partner()):
        answer = caller.get(path)
        assert_harmless(answer, path)
        assert (answer.status, answer.json()["code"]) == (404, "not_found")
    assert_harmless(_over_wsgi(gateway, "GET", path), path)


@pytest.mark.parametrize("method", ["TRACE", "HEAD", "PROPFIND", "get", CANARY])
def test_a_method_that_no_route_has_is_refused(service: Service, method: str) -> None:
    answer = service.partner().send(method, "/v1/grievances", None, {})
    assert_harmless(answer, method)
    assert answer.status in (404, 405)


def _segment(operation: Operation, parameter: str) -> str:
    place = operation.path.split("/").index(f"{{{parameter}}}")
    return example_path(operation).partition("?")[0].split("/")[place]


def _bytes(body: Any) -> bytes | None:
    return body if isinstance(body, bytes | None) else json.dumps(body).encode()


def _over_wsgi(
    gateway: Gateway,
    method: str,
    path: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> Answer:
    """The answer as a server gets it, which has decoded the path."""
    bare, _, query = path.partition("?")
    builder = EnvironBuilder(
        bare, method=method, query_string=query, headers=list((headers or {}).items()), data=body
    )
    response = Client(gateway).open(builder)
    return Answer(response.status_code, dict(response.headers), response.get_data())


def test_the_canary_is_found_where_it_may_be(service: Service) -> None:
    """The positive control: the scan above would have noticed an echo."""
    body = filing(narrative=CANARY)
    filed = service.partner().post("/v1/grievances", body, Idempotency_Key="k").json()
    read = service.partner().get(f"/v1/grievances/{filed['grievance_id']}")
    assert CANARY.encode() in read.body
    echo = json.dumps({"code": "not_found", "detail": f"There is no {CANARY}."}).encode()
    with pytest.raises(AssertionError, match=CANARY):
        assert_harmless(Answer(404, {"Content-Type": CONTENT_TYPE}, echo), "an echo")
