"""The environment: read in one place, on first use, and documented."""

import ast
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from chalicelib.settings import Settings, settings

ROOT = Path(__file__).resolve().parents[1]
NAMES = [f"HANDSHAKE_{name.upper()}" for name in Settings.model_fields]
NUMBERS = {"requests_per_minute": 7, "filings_per_day": 8}
DEFAULTS = {
    "stage": "dev",
    "carriers_url": "",
    "requests_per_minute": 600,
    "filings_per_day": 10_000,
}
REQUIRED = [name for name in NAMES if name.removeprefix("HANDSHAKE_").lower() not in DEFAULTS]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Every setting given, each as its own name in lower case or as a number."""
    for name in NAMES:
        monkeypatch.setenv(name, name.lower())
    for setting, number in NUMBERS.items():
        monkeypatch.setenv(f"HANDSHAKE_{setting.upper()}", str(number))
    return monkeypatch


def fresh() -> Settings:
    """The settings as a new process reads them."""
    return settings.__wrapped__()


def test_each_setting_is_read_from_its_own_variable(environment: pytest.MonkeyPatch) -> None:
    texts = {name: f"handshake_{name}" for name in Settings.model_fields}
    assert fresh().model_dump() == {**texts, **NUMBERS}


@pytest.mark.parametrize(("name", "value"), DEFAULTS.items())
def test_what_may_be_left_out_has_a_default(
    environment: pytest.MonkeyPatch, name: str, value: str | int
) -> None:
    environment.delenv(f"HANDSHAKE_{name.upper()}")

    assert fresh().model_dump()[name] == value


@pytest.mark.parametrize("value", [None, ""])
def test_everything_that_is_missing_is_named_at_once(
    environment: pytest.MonkeyPatch, value: str | None
) -> None:
    for name in REQUIRED:
        if value is None:
            environment.delenv(name)
        else:
            environment.setenv(name, value)

    with pytest.raises(ValidationError) as refused:
        fresh()

    missing = {f"HANDSHAKE_{str(error['loc'][0]).upper()}" for error in refused.value.errors()}
    assert missing == set(REQUIRED)


def test_other_variables_are_nobodys_business(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HANDSHAKE_UNHEARD_OF", "x")

    assert fresh() == fresh()


def test_settings_do_not_change(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError):
        fresh().stage = "prod"  # type: ignore[misc]


def test_a_process_reads_its_settings_once(environment: pytest.MonkeyPatch) -> None:
    settings.cache_clear()
    first = settings()
    environment.setenv("HANDSHAKE_STAGE", "another")

    assert settings() is first
    settings.cache_clear()


def test_every_setting_stands_in_the_documentation_and_no_other() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    section = page.split("## Settings")[1]
    listed = section.split("prefix `HANDSHAKE_`:")[1].split(".\n")[0]

    assert re.findall(r"`([A-Z_]+)`", listed) == [n.removeprefix("HANDSHAKE_") for n in NAMES]


def reads_of_the_environment(source: str) -> list[int]:
    """The lines in which `os.environ` or `os.getenv` is touched."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and node.attr in {"environ", "environb", "getenv", "getenvb"}
    ]


HAND_ON_ONE_VARIABLE = {  # to a process they start
    "chalicelib/channels/disclosure/workbook.py",
    "chalicelib/channels/image_process.py",
}


def test_only_the_settings_read_the_environment() -> None:
    sources = [ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py")]

    readers = {
        str(path.relative_to(ROOT))
        for path in sources
        if reads_of_the_environment(path.read_text("utf-8"))
    }

    assert readers == {"chalicelib/settings.py", *HAND_ON_ONE_VARIABLE}
