"""`make demo`: a stack of its own, the story told on it, and the exit code of its last step."""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from infra.demo.checks import StepFailed
from infra.demo.endpoint import https_endpoint
from infra.demo.scene import GivenList, Scene
from infra.demo.story import tell
from infra.demo.telling import Teller, console
from infra.local.environment import adopt, child_environment
from infra.local.running import NotStarted, running

_NEVER = "1e5"  # a minute of the schedules: the story says when they tick


def main(arguments: Sequence[str]) -> int:
    """Tell the story. 0 when every step truly happened."""
    parsed = _parser().parse_args(arguments)
    teller = Teller(console())
    try:
        return _told(teller, given_lists(parsed.list, parsed.brand))
    except (StepFailed, NotStarted) as failure:
        teller.fail(f"Step failed: The stack starts: {failure}")
        return 1
    except KeyboardInterrupt:
        teller.fail("Stopped.")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.demo", description=__doc__)
    parser.add_argument(
        "--list", action="append", default=[], metavar="FILE", help="a further disclosed list"
    )
    parser.add_argument(
        "--brand", action="append", default=[], metavar="NAME", help="the brand that published it"
    )
    return parser


def given_lists(files: Sequence[str], brands: Sequence[str]) -> tuple[GivenList, ...]:
    """Each list with its brand. StepFailed for one without, and for one that is not there."""
    if len(files) != len(brands):
        raise StepFailed("each --list FILE needs its --brand NAME")
    for file in files:
        if not Path(file).is_file():
            raise StepFailed(f"there is no list at {file}")
    return tuple(zip(files, brands, strict=True))


def _told(teller: Teller, lists: tuple[GivenList, ...]) -> int:
    teller.open("From a worker's call to the auditor's proof: a stack of its own starts here …")
    teller.aside("The factories are real; helplines, brands and workers are not.")
    with tempfile.TemporaryDirectory(prefix="handshake-demo-") as scratch:
        directory = Path(scratch)
        with https_endpoint(directory) as (endpoint, trusted):
            environment = {"TICK_SECONDS": _NEVER, "REQUESTS_CA_BUNDLE": str(trusted)}
            with running(directory, "--ephemeral", "--empty", environment=environment) as stack:
                document = stack.document()
                adopt(child_environment(os.environ, document["aws_endpoint"]))
                return tell(Scene(teller, document, endpoint, stack.tick, lists))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
