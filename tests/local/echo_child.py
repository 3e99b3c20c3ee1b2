"""A child process that does as it is told: for test_children.py."""

import sys

from infra.local.parent import Parent


def main(arguments: list[str]) -> None:
    parent = Parent(int(arguments[arguments.index("--news") + 1]))
    parent.tell("ready")
    for order in parent.orders():
        if order["do"] == "raise":
            raise RuntimeError("as ordered")
        parent.tell("heard", **order)
    parent.tell("bye")


if __name__ == "__main__":
    main(sys.argv)
