"""The terminal shows what was asked for by its pattern, and nothing that anybody sent."""

import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from infra.local.request_log import RequestLog

TEMPLATES = ("/v1/grievances", "/v1/grievances/{grievance_id}", "/health")


def _line(method: str, path: str, query: str = "", status: str = "200 OK") -> str:
    lines: list[str] = []

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start(status, [])
        return [b"body"]

    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query}
    answer = RequestLog(application, TEMPLATES, lines.append)(environ, lambda *_: None)
    assert list(answer) == [b"body"]
    (line,) = lines
    return line


@pytest.mark.parametrize(
    ("method", "path", "shown"),
    [
        ("GET", "/health", "200  GET    /health  N ms"),
        ("POST", "/v1/grievances/", "200  POST   /v1/grievances  N ms"),
        ("PATCH", "/v1/grievances/g_1", "200  PATCH  /v1/grievances/{grievance_id}  N ms"),
        ("GET", "/v1/grievances/g_1/secret", "200  GET    (no such path)  N ms"),
        ("GET", "/\x1b[2J", "200  GET    (no such path)  N ms"),
        ("\x1b[2J", "/health", "200  ?      /health  N ms"),
    ],
)
def test_a_request_is_shown_by_its_pattern(method: str, path: str, shown: str) -> None:
    line = re.sub(r"\d+ ms$", "N ms", _line(method, path))
    assert re.fullmatch(r"\d\d:\d\d:\d\d  (.*)", line)[1] == shown  # type: ignore[index]


def test_a_query_string_is_never_shown() -> None:
    assert "secret" not in _line("GET", "/v1/grievances", query="name=secret")


def test_a_status_is_shown() -> None:
    assert "  409  " in _line("GET", "/health", status="409 Conflict")


def test_a_request_that_broke_the_server_is_shown_as_one() -> None:
    lines: list[str] = []

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        raise RuntimeError

    log = RequestLog(application, TEMPLATES, lines.append)
    with pytest.raises(RuntimeError):
        log({"REQUEST_METHOD": "GET", "PATH_INFO": "/health"}, lambda *_: None)
    assert "  500  GET    /health" in lines[0]
