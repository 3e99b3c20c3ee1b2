"""What can be chosen, and what is said when a choice is none."""

import socket
from pathlib import Path

import pytest

from infra.local.environment import child_environment
from infra.local.options import ROOT, CannotStart, Options, options_from
from infra.local.places import Places
from infra.local.ports import listen, listen_if_free, url_of


def test_without_a_word_it_is_port_8000_and_state_is_kept() -> None:
    assert options_from([], {}) == Options(
        port=8000,
        aws_port=4566,
        alerts_port=None,
        tick_seconds=5,
        save_seconds=30,
        ephemeral=False,
        empty=False,
        directory=ROOT / ".local",
    )


def test_everything_can_be_chosen(tmp_path: Path) -> None:
    environ = {
        "PORT": "0",
        "AWS_PORT": "4001",
        "ALERTS_PORT": "4002",
        "TICK_SECONDS": "0.5",
        "SAVE_SECONDS": "2",
    }
    arguments = ["--ephemeral", "--empty", "--directory", str(tmp_path)]
    assert options_from(arguments, environ) == Options(
        port=0,
        aws_port=4001,
        alerts_port=4002,
        tick_seconds=0.5,
        save_seconds=2,
        ephemeral=True,
        empty=True,
        directory=tmp_path,
    )


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("PORT", "http", "PORT=http is not a port"),
        ("PORT", "65536", "PORT=65536 is not a port"),
        ("AWS_PORT", "-1", "AWS_PORT=-1 is not a port"),
        ("TICK_SECONDS", "0", "TICK_SECONDS=0 is not a number of seconds"),
        ("TICK_SECONDS", "soon", "TICK_SECONDS=soon is not a number of seconds"),
        ("SAVE_SECONDS", "nan", "SAVE_SECONDS=nan is not a number of seconds"),
    ],
)
def test_a_choice_that_is_none_is_named(name: str, text: str, message: str) -> None:
    with pytest.raises(CannotStart, match=message):
        options_from([], {name: text})


@pytest.mark.parametrize("name", ["PORT", "AWS_PORT"])
def test_a_taken_port_is_named_with_the_way_out(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart) as refused:
            listen(port, name)
    assert str(refused.value) == (
        f"Port {port} is taken. Choose another one: make run {name}={port + 1}"
    )


def test_a_port_that_may_be_another_is_another_when_it_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with listen_if_free(port, "ALERTS_PORT") as found:
            assert url_of(found).startswith("http://127.0.0.1:")
            assert found.getsockname()[1] != port


def test_two_stacks_do_not_share_a_directory(tmp_path: Path) -> None:
    places = Places(tmp_path / "local")
    message = "Another stack is running with its state in"
    with places.lock(), pytest.raises(CannotStart, match=message):
        places.lock()
    places.lock().close()


def test_a_log_that_has_grown_long_starts_anew(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.log.write_bytes(b"x" * (10 * 1024 * 1024 + 1))
    places.aws_log.write_bytes(b"short")
    places.make()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["aws.log", "handshake.log.1"]


def test_nothing_of_the_callers_aws_account_reaches_the_children() -> None:
    environ = {
        "PATH": "/bin",
        "AWS_PROFILE": "production",
        "AWS_SESSION_TOKEN": "secret",
        "AWS_ENDPOINT_URL_SNS": "https://sns.example",
        "HANDSHAKE_CASES_TABLE": "production",
        "NO_PROXY": "intranet.example",
        "HTTP_PROXY": "http://proxy.example",
    }
    children = child_environment(environ, "http://127.0.0.1:4566")
    named = {name: value for name, value in children.items() if name.startswith("AWS_")}
    assert named == {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_REGION": "eu-central-1",
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
    }
    assert "HANDSHAKE_CASES_TABLE" not in children
    assert children["NO_PROXY"] == children["no_proxy"] == "intranet.example,127.0.0.1,localhost"
    assert children["PATH"] == "/bin"
