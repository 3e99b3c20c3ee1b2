"""`make run`: the whole service on this machine. `--help` says what can be chosen."""

import os
import signal
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Run the stack in the foreground. Returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until the supervisor listens, end in silence
    from infra.local.options import CannotStart, options_from
    from infra.local.supervisor import run

    try:
        options = options_from(arguments, os.environ)
    except CannotStart as reason:
        print(reason)
        return 1
    print("Starting (some seconds) …", flush=True)
    return run(options, dict(os.environ), lambda text: print(text, flush=True))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
