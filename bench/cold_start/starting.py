"""Starts contenders in fresh interpreters, in turn, and collects what they say."""

import json
import os
import random
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.environment import ROOT

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "us-east-1",
    "POWERTOOLS_LOG_LEVEL": "ERROR",
    **{
        f"HANDSHAKE_{name}": "bench"
        for name in (
            *("CASES_TABLE", "REGISTRY_TABLE", "ACCESS_TABLE", "JOBS_TABLE", "FILES_BUCKET"),
            *("VAULT_TABLE", "VAULT_KEYS_TABLE", "VAULT_KEY_ARN"),
            *("LEDGER_TABLE", "LEDGER_BUCKET", "LEDGER_KEY_ID"),
            *(f"{name}_DEAD_LETTERS_URL" for name in ("WORK", "JOBS", "ATTACHMENTS")),
            *(f"{name}_DEAD_LETTERS_URL" for name in ("OUTBOUND", "SCHEDULE", "DELIVERY")),
            *("WORK_QUEUE_URL", "JOBS_QUEUE_URL", "BRAND_TOPIC_ARN_PREFIX", "ROOT_SECRET_ARN"),
            *("ATTACHMENTS_BUCKET", "ATTACHMENTS_QUEUE_URL", "PUBLIC_URL", "OUTBOUND_QUEUE_URL"),
        )
    },
}

Samples = dict[str, list[dict[str, float]]]


class Interpreter(NamedTuple):
    """What starts: a Python with its options, and the folders it looks in before its own."""

    python: Path
    options: Sequence[str] = ()
    path: Sequence[Path] = ()

    def run(self, arguments: Sequence[str], *, errors: int | None = None) -> tuple[str, str]:
        """Run it in the repository; what it wrote to both outputs. CalledProcessError."""
        done = subprocess.run(
            [str(self.python), *self.options, "-W", "ignore", *arguments],
            cwd=ROOT,
            env={**_inherited(), **ENVIRONMENT, "PYTHONPATH": os.pathsep.join(map(str, self.path))},
            check=True,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        return done.stdout, done.stderr or ""


def _inherited() -> Mapping[str, str]:
    """No setting of this shell may make one start differ from another, such as a missing cache."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "HANDSHAKE_"))}


def cold_starts(interpreter: Interpreter, names: Sequence[str], *, runs: int, seed: int) -> Samples:
    """`runs` starts of each contender, in an order that changes from round to round.

    A first round is thrown away: it leaves bytecode and warm files behind, as a deployment does.
    """
    order = random.Random(seed)
    found: Samples = {name: [] for name in names}
    for number in range(runs + 1):
        for name in order.sample(list(names), len(names)):
            output, _ = interpreter.run(["-m", "bench.cold_start.worker", name])
            if number:
                found[name].append(json.loads(output))
    return found
