"""Write the API's description: `python -m infra.openapi`, with `--check` only compare it.

The file is committed, so that a change of the API is seen in a diff, and so that a Lambda has it
without making it. So are the schemas of an alert and of a digest, which are written along.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import app
from chalicelib.api.description import alert_schema, digest_schema, openapi

FILE = Path(openapi.__file__).with_name("openapi.json")
SCHEMA_FILE = FILE.with_name(alert_schema.FILE)
DIGEST_SCHEMA_FILE = FILE.with_name(digest_schema.FILE)


def main(arguments: Sequence[str]) -> int:
    """Write the file; with `--check`, 1 when it is not what the code generates."""
    parser = argparse.ArgumentParser(prog="python -m infra.openapi", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail if it differs")
    parser.add_argument("--out", type=Path, default=FILE, help="default: beside its generator")
    options = parser.parse_args(arguments)
    generated = generate()
    if not options.check:
        options.out.write_bytes(generated)
        if options.out == FILE:
            SCHEMA_FILE.write_text(alert_schema.text(), "utf-8")
            DIGEST_SCHEMA_FILE.write_text(digest_schema.text(), "utf-8")
    elif not options.out.is_file() or options.out.read_bytes() != generated:
        print(f"{options.out} is not what the code says. Run: python -m infra.openapi")
        return 1
    return 0


def generate() -> bytes:
    """The description of every route of the app."""
    if not app.app.routes:
        raise RuntimeError("the app has no routes")
    return openapi.text().encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
