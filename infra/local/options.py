"""What `python -m infra.local` was asked for: its arguments, and what `make` hands on."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_EPILOG = """
environment: PORT (8000), AWS_PORT (4566), ALERTS_PORT (8001, or any where that is taken): 0 takes
any free port. TICK_SECONDS (5): how long a minute of the schedules takes; SAVE_SECONDS (30): how
often changed state is saved. docs/local.md has the rest.
"""


class CannotStart(Exception):
    """The stack cannot start; the message says what to do about it."""


@dataclass(frozen=True)
class Options:
    """How to run. A port of 0 is any free one."""

    port: int = 8000
    aws_port: int = 4566
    alerts_port: int | None = None
    tick_seconds: float = 5
    save_seconds: float = 30
    ephemeral: bool = False
    empty: bool = False
    directory: Path = ROOT / ".local"


def options_from(arguments: Sequence[str], environ: Mapping[str, str]) -> Options:
    """Read both. CannotStart for a number that is none; SystemExit as argparse does."""
    parsed = _parser().parse_args(arguments)
    alerts_port = environ.get("ALERTS_PORT")
    return Options(
        port=_port(environ, "PORT", Options.port),
        aws_port=_port(environ, "AWS_PORT", Options.aws_port),
        alerts_port=_port(environ, "ALERTS_PORT", 0) if alerts_port else None,
        tick_seconds=_seconds(environ, "TICK_SECONDS", Options.tick_seconds),
        save_seconds=_seconds(environ, "SAVE_SECONDS", Options.save_seconds),
        ephemeral=parsed.ephemeral,
        empty=parsed.empty,
        directory=parsed.directory.resolve(),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.local",
        description="The whole service on this machine: moto as AWS, the app over HTTP.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--ephemeral", action="store_true", help="keep nothing, and start with nothing kept"
    )
    parser.add_argument(
        "--empty", action="store_true", help="make keys only: no brands, no factories"
    )
    parser.add_argument(
        "--directory",
        type=Path,
        default=Options.directory,
        metavar="DIR",
        help="where state, logs and stack.json go (.local)",
    )
    return parser


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal() or int(text) > 65535:
        raise CannotStart(f"{name}={text} is not a port. Choose 1 to 65535, or 0 for any free one.")
    return int(text)


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name) or str(default)
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < 1e6:
        raise CannotStart(f"{name}={text} is not a number of seconds.")
    return seconds
