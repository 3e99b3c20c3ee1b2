"""Lines at both their places, and their secrets: kept for a minute, encrypted, replaced at once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from chalicelib.errors import Unavailable, VersionConflict
from chalicelib.store.clients import client
from chalicelib.store.lines import LineSecrets
from tests.calls import on_every_call
from tests.service import Service

LINE = f"ln_{'0' * 26}"
NAME = f"handshake-test-line-{LINE}"
OLD, NEW = {"header_secret": "yesterday's"}, {"header_secret": "tomorrow's"}


class Time:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def secrets(service: Service, time: Time) -> LineSecrets:
    return another_process(time)


def another_process(time: Time) -> LineSecrets:
    return LineSecrets(
        lambda: client("secretsmanager"),
        "handshake-test-line-",
        key="alias/handshake-test",
        clock=time,
    )


@pytest.fixture
def calls() -> Iterator[list[str]]:
    """The names of the calls that are made."""
    names: list[str] = []
    with on_every_call("before-call", lambda model, **_: names.append(model.name)):
        yield names


def a_line(**more: Any) -> HelplineLine:
    return HelplineLine(
        line_id=LINE,
        partner_id="handshake-gz",
        provider=Provider.KOBO,
        name="Interviews",
        created_at=datetime(2026, 11, 22, 8, tzinfo=UTC),
        **more,
    )


def test_a_line_is_found_by_its_id_and_in_the_list_of_its_organisation(service: Service) -> None:
    line = a_line(fields={"text": "group1/q2"}, secret_names=("header_secret",))

    service.deps.lines.save(line)

    assert service.deps.lines.get(LINE) == line
    assert service.deps.lines.page("handshake-gz", 10, None).items == [line]
    assert service.deps.lines.page("other-ngo", 10, None).items == []


def test_a_version_is_written_once(service: Service) -> None:
    lines = service.deps.lines
    lines.save(a_line())
    lines.save(a_line(version=2, language="bn"))

    for late in (a_line(), a_line(version=2, language="hi"), a_line(version=4)):
        with pytest.raises(VersionConflict):
            lines.save(late)

    assert lines.page("handshake-gz", 10, None).items == [a_line(version=2, language="bn")]


def test_a_line_without_secrets_has_none(secrets: LineSecrets) -> None:
    assert secrets.get(LINE) == {}


def test_secrets_are_encrypted_with_the_key_of_the_service(secrets: LineSecrets) -> None:
    secrets.put(LINE, OLD)

    described = client("secretsmanager").describe_secret(SecretId=NAME)
    assert described["KmsKeyId"] == "alias/handshake-test"


def test_who_sets_secrets_reads_the_new_ones_at_once(secrets: LineSecrets) -> None:
    secrets.put(LINE, OLD)
    assert secrets.get(LINE) == OLD

    secrets.put(LINE, NEW)

    assert secrets.get(LINE) == NEW


def test_secrets_are_asked_for_once_a_minute(
    secrets: LineSecrets, time: Time, calls: list[str]
) -> None:
    secrets.put(LINE, OLD)
    calls.clear()
    for _ in range(3):
        secrets.get(LINE)
    another_process(time).put(LINE, NEW)

    assert calls.count("GetSecretValue") == 1
    time.seconds = 59.9
    assert secrets.get(LINE) == OLD
    time.seconds = 60.0
    assert secrets.get(LINE) == NEW


def test_what_was_deleted_is_gone_at_once_and_may_be_deleted_again(secrets: LineSecrets) -> None:
    secrets.put(LINE, OLD)

    secrets.delete(LINE)
    secrets.delete(LINE)

    assert secrets.get(LINE) == {}
    with pytest.raises(client("secretsmanager").exceptions.ResourceNotFoundException):
        client("secretsmanager").describe_secret(SecretId=NAME)


@pytest.mark.parametrize("damaged", ["[]", '"text"', "not JSON", ""])
def test_a_secret_that_somebody_has_damaged_is_an_outage(
    secrets: LineSecrets, damaged: str
) -> None:
    secrets.put(LINE, OLD)
    client("secretsmanager").put_secret_value(SecretId=NAME, SecretString=damaged or " ")

    with pytest.raises(Unavailable):
        another_process(Time()).get(LINE)
