"""The log: a closed list of events, each with the fields it may carry."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib import log
from chalicelib.log import Event
from tests.conftest import Lines

VALUES: dict[str, Any] = {"attempts": 2, "given_up": False, "rows": 7, "error": None}


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize(("write", "level"), [(log.info, "INFO"), (log.error, "ERROR")])
def test_an_event_is_one_line_of_json_with_its_fields(
    event: Event, write: Callable[..., None], level: str, lines: Lines
) -> None:
    fields = {name: VALUES.get(name, f"the {name}") for name in event.value}

    write(event, **fields)

    (line,) = lines()
    assert (line["level"], line["message"]) == (level, event.name.lower())
    assert line["service"] == "handshake"
    assert {name: line.get(name) for name in fields} == fields


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("write", [log.info, log.error])
def test_a_field_that_the_event_may_not_carry_is_refused_and_not_logged(
    event: Event, write: Callable[..., None], lines: Lines
) -> None:
    with pytest.raises(KeyError, match=rf"{event.name} may not carry \['narrative'\]"):
        write(event, narrative="secret")

    assert lines() == []


def test_an_event_may_carry_fewer_fields(lines: Lines) -> None:
    log.info(Event.CHECK_STARTED, shards=3)

    (line,) = lines()
    assert "jobs" not in line


def test_no_event_has_a_field_for_what_a_person_wrote_or_is() -> None:
    fields = {name for event in Event for name in event.value}

    assert fields == {
        "after", "alert_id", "alerted", "announced", "attachment_id", "attachments", "attempts",
        "because", "bytes", "case_id", "checked",
        "code", "countries", "dropped", "erased", "error", "facilities", "failed", "finished",
        "given_up", "held", "job_id", "jobs", "kind", "leaves", "limit", "line_id", "looked_at",
        "operation",
        "media", "media_id", "outbound", "outbound_id",
        "published", "reason", "row", "rows", "sent_back", "shard", "shards", "status", "steps",
        "tree_size",
        "version", "where", "why",
    }  # fmt: skip


def test_where_names_the_line_that_raised_and_not_what_was_said() -> None:
    with pytest.raises(ValueError, match="Expecting value") as failure:
        json.loads("secret")

    module, line = log.where(failure.value).rsplit(":", 1)
    assert module == "json.decoder"
    assert int(line) > 0


def test_an_exception_that_was_never_raised_comes_from_nowhere() -> None:
    assert log.where(ValueError("secret")) == "unknown"


def test_code_without_a_module_is_a_question_mark() -> None:
    with pytest.raises(NameError) as failure:
        exec("del __builtins__, __name__; nothing", {"__name__": "soon gone"})

    assert log.where(failure.value) == "?:1"
