"""The contenders do what they are compared for, and the comparison says what it found."""

from collections.abc import Iterator
from functools import partial

import pytest

from bench.events import Context
from bench.overhead import contenders
from bench.overhead.part import compared
from bench.overhead.worker import WORK, timed
from bench.report import Sheet
from chalicelib import deps
from chalicelib.domain.cases.facts import Filing

INSTALLED = ("handshake", "bare_chalice", "powertools_resolver")
"""FastAPI and Mangum are in the bench's own environment only."""


@pytest.fixture(autouse=True)
def _stubbed() -> Iterator[None]:
    contenders.stub_stores()
    yield
    deps.use(None)


@pytest.mark.parametrize("name", INSTALLED)
@pytest.mark.parametrize("request_name", contenders.requests())
def test_a_contender_answers_what_it_is_asked(name: str, request_name: str) -> None:
    contenders.requests()["POST /v1/grievances"].work()
    asked = contenders.requests()[request_name]
    answer = contenders.answered(contenders.handler(name), asked)
    assert answer["statusCode"] == asked.status


def test_peers_with_the_same_models_give_the_same_receipt() -> None:
    asked = contenders.requests()["POST /v1/grievances"]
    ours, theirs = (
        contenders.answered(contenders.handler(name), asked)["body"]
        for name in ("handshake", "powertools_resolver")
    )
    assert ours.replace(" ", "") == theirs.replace(" ", "")


def test_the_work_alone_gives_the_same_receipt() -> None:
    asked = contenders.requests()["POST /v1/grievances"]
    assert contenders.answered(contenders.handler("handshake"), asked)["body"] == asked.work()


def test_a_refusal_is_not_taken_for_an_answer() -> None:
    asked = contenders.requests()["POST /v1/grievances"]
    broken = asked._replace(event={**asked.event, "body": "{}"})
    with pytest.raises(AssertionError):
        contenders.answered(contenders.handler("handshake"), broken)


def test_what_is_asked_is_a_filing() -> None:
    event = contenders.requests()["POST /v1/grievances"].event
    assert Filing.model_validate_json(event["body"]).partner_ref == "GZ-2026-0417"


def test_every_contender_has_its_turn_in_every_round() -> None:
    turns: list[str] = []
    acts = {"a": partial(turns.append, "a"), "b": partial(turns.append, "b")}
    found = timed(acts, rounds=2, calls=3, seed=7)
    assert {name: len(times) for name, times in found.items()} == {"a": 2, "b": 2}
    assert (turns.count("a"), turns.count("b")) == (6, 6)


def test_the_context_has_time_left() -> None:
    assert Context().get_remaining_time_in_millis() > 0


SAMPLES = {
    "GET": {
        "handshake": [100.0, 100.0],
        "bare_chalice": [20.0, 20.0],
        "powertools_resolver": [150.0, 150.0],
        "fastapi_mangum": [90.0, 90.0],
        WORK: [80.0, 80.0],
    }
}


def test_the_comparison_shows_every_contender_as_so_many_times_ours() -> None:
    (sheet,) = compared(SAMPLES).sheets
    assert sheet == Sheet(
        "Warm requests without the store",
        ("request", "who", "CPU µs (median)", "times ours (p10 to p90)"),
        [
            ["GET", "handshake", "100", "1.00 (1.00 to 1.00)"],
            ["GET", "bare_chalice", "20", "0.20 (0.20 to 0.20)"],
            ["GET", "powertools_resolver", "150", "1.50 (1.50 to 1.50)"],
            ["GET", "fastapi_mangum", "90", "0.90 (0.90 to 0.90)"],
            ["GET", "the work alone", "80", "0.80 (0.80 to 0.80)"],
        ],
        texts=["who"],
    )


def test_a_peer_that_does_the_same_in_less_time_is_a_missed_target() -> None:
    assert compared(SAMPLES).missed == ["GET: fastapi_mangum takes 0.90 of what ours takes"]


def test_the_share_that_is_not_the_work_is_told() -> None:
    assert compared(SAMPLES).notes == ["GET: the framework's own part is 20% of our request."]
