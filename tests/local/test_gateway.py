"""What a server hands over as WSGI reaches the route that API Gateway would choose."""

import json
from typing import Any

import pytest
from werkzeug.test import Client

from infra.local.gateway import Gateway
from tests.service import Service


@pytest.mark.parametrize("odd", ["%23", "%3F", "%C3%98%23x", "a%3Fb%23c"])
def test_an_escaped_number_or_question_mark_in_a_path_is_no_end_of_the_path(
    service: Service, gateway: Gateway, odd: str
) -> None:
    answer = _asked_as_wsgi(gateway, f"/v1/organisations/{odd}/keys/k{odd}/rotations")
    cut_short = _asked_as_wsgi(gateway, "/v1/organisations/o/keys/k")
    assert (answer["status"], cut_short["status"]) == (401, 405)


def _asked_as_wsgi(gateway: Gateway, path: str) -> dict[str, Any]:
    answer = Client(gateway).post(path, json={"overlap_hours": 1})
    problem: dict[str, Any] = json.loads(answer.data)
    return problem
