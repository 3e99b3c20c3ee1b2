"""Which functions of the use cases write, read from the code; and which of them somebody killed."""

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from types import FrameType
from typing import Any, get_type_hints

from chalicelib import usecases
from chalicelib.deps import Deps
from tests.calls import on_every_call

ROOM = Path(usecases.__file__).parent
STORE = ROOM.parent / "store"

READS = ("Get", "BatchGet", "Query", "Scan", "Head", "List", "Receive", "Describe", "Decrypt")
"""How the AWS calls begin that change nothing."""

CLIENT_WRITES = {
    *("put_item", "update_item", "delete_item", "transact_write_items", "batch_write_item"),
    *("put_object", "delete_object", "create_multipart_upload", "complete_multipart_upload"),
    *("publish_batch", "create_topic", "set_topic_attributes", "send_message_batch"),
    *("subscribe", "unsubscribe"),
    *("create_secret", "put_secret_value", "delete_secret"),
}
"""The methods of the AWS clients that the stores write with."""

OTHER_WRITES = {"add", "delete", "put", "put_many", "put_new", "transact", "update", "writing"}
"""The methods of its table or its bucket by which a store writes."""

Function = tuple[str, str]
"""A module of the use cases, and a function in it."""


def writers() -> set[Function]:
    """Every function of the use cases that calls a method of the store that writes."""
    return {
        (path.stem, function.name)
        for path in ROOM.rglob("*.py")
        for function in _functions(path)
        if any(_writes(room, method) for room, method in _store_calls(function))
    }


@contextmanager
def noted_writers(seen: set[Function]) -> Iterator[None]:
    """Note which functions of the use cases are at work whenever something is written."""

    def note(model: Any, **_: Any) -> None:
        if not model.name.startswith(READS):
            seen.update(_at_work(sys._getframe()))

    with on_every_call("before-call", note):
        yield


def _at_work(frame: FrameType | None) -> Iterator[Function]:
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if ROOM in path.parents:
            yield path.stem, frame.f_code.co_name
        frame = frame.f_back


def _functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef):
            yield node


def _store_calls(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """The `deps.room.method` that a function mentions."""
    for node in ast.walk(function):
        match node:
            case ast.Attribute(attr=method, value=ast.Attribute(attr=room, value=ast.Name("deps"))):
                yield room, method
            case ast.Call(func=ast.Name("save_record")):  # a case's or a coalition's store
                yield "cases", "save"


@cache
def _writes(room: str, method: str) -> bool:
    store = getattr(Deps, room, None)
    if not isinstance(store, cached_property):
        return False
    return method in _writing_methods(get_type_hints(store.func)["return"])


@cache
def _writing_methods(store: type) -> frozenset[str]:
    """The methods of a store that write, or call another of its methods that does."""
    kinds = [kind for kind in store.__mro__ if kind.__module__.startswith("chalicelib.store.")]
    mentioned = {
        node.name: {name for part in ast.walk(node) if (name := _mentioned(part))}
        for kind in reversed(kinds)
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(kind))))
        if isinstance(node, ast.FunctionDef)
    }
    writing: set[str] = set()
    while (
        found := {n for n, names in mentioned.items() if names & (CLIENT_WRITES | writing)}
        - writing
    ):
        writing |= found
    return frozenset(writing)


def _mentioned(part: ast.AST) -> str | None:
    """What a method of a store may write with, `put_item` for the `put` of its table."""
    match part:
        case ast.Name(id="_Upload"):
            return "create_multipart_upload"
        case ast.Attribute(attr=name, value=ast.Attribute(attr="_table" | "_keys" | "_files")):
            return "put_item" if name in OTHER_WRITES else None
        case ast.Attribute(attr=name):
            return name
    return None
