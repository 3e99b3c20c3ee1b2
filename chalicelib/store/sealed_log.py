"""The log that seals the ledger: its state and heads in the `ledger` table, its files in a bucket
of its own, where nothing can be written over or deleted (Object Lock)."""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from chalicelib.domain.record.seal import Leaf, Pending, SealingState, SignedHead
from chalicelib.domain.record.tiles import Tile
from chalicelib.errors import Unavailable
from chalicelib.store.codec import Item, decode, dump, encode, load
from chalicelib.store.faults import ConditionFailed
from chalicelib.store.files import Files
from chalicelib.store.paging import Page, Start
from chalicelib.store.table import Table

NOTHING_YET = "attribute_not_exists(pk)"
STILL_AS_READ = "revision = :seen"

_STATE = {"pk": "STATE", "sk": "STATE"}
_HEADS = "HEADS"
_OF_LEAVES = {"leaves_key", "count"}
_JSON_LINES = "application/jsonl"
_TILE = "application/octet-stream"
_TILES_KEPT = 4_096  # 8 KB each

Position = tuple[str, int]
"""(chain, seq) of an entry."""


class SealedLog:
    """Every method that writes may be repeated: what is there already stays as it is."""

    def __init__(self, table: Table, files: Files) -> None:
        self._table = table
        self._files = files
        self.tile: Callable[[Tile], bytes] = lru_cache(_TILES_KEPT)(self._fetched)

    # How far it is

    def state(self) -> SealingState | None:
        """How far the sealing is; None before the first one."""
        item = self._table.get(_STATE)
        return load(SealingState, item) if item else None

    def move(self, state: SealingState, to: SealingState) -> SealingState | None:
        """Change the state; None where somebody else has changed it since it was read."""
        new = to.model_copy(update={"revision": state.revision + 1})
        condition = STILL_AS_READ if state.revision else NOTHING_YET
        seen = {"seen": state.revision} if state.revision else {}
        try:
            self._table.put(encode({**_STATE, **dump(new)}), condition, **seen)
        except ConditionFailed:
            return None
        return new

    # Leaves

    def keep_leaves(self, tree_size: int, leaves: Iterable[Leaf], token: str) -> str:
        """Keep a batch that is to follow the first `tree_size` leaves; the key of its file."""
        key = f"leaves/{tree_size:015d}-{token}.jsonl"
        self._files.put(key, b"".join(leaf.content + b"\n" for leaf in leaves), _JSON_LINES)
        return key

    def leaves(self, pending: Pending) -> list[Leaf]:
        """The leaves of a batch."""
        lines = self._there(pending.leaves_key).splitlines()
        return [Leaf.model_validate_json(line) for line in lines]

    def note_places(self, leaves: Sequence[Leaf], first_index: int) -> None:
        """Note where in the tree each entry is."""
        self._table.put_many(
            encode({**_place_key((leaf.chain, leaf.seq)), "leaf": first_index + number})
            for number, leaf in enumerate(leaves)
        )

    def places(self, entries: Iterable[Position]) -> dict[Position, int]:
        """Where in the tree those entries are that have been sealed: their leaves' numbers."""
        found = self._table.get_many([_place_key(entry) for entry in entries])
        return {_position(item): int(item["leaf"]["N"]) for item in found}

    # Tiles

    def keep_tile(self, tile: Tile, content: bytes) -> None:
        """Keep a tile."""
        self._files.put_new(tile.path, content, _TILE)

    def _fetched(self, tile: Tile) -> bytes:
        return self._there(tile.path)

    def _there(self, key: str) -> bytes:
        content = self._files.get(key)
        if content is None:
            raise Unavailable()
        return content

    # Heads

    def publish(self, head: SignedHead, added: Pending) -> SignedHead:
        """Anchor a head, then list it. The one that stands there, should that have been done.

        RuntimeError where a different one stands there: somebody else writes to this log.
        """
        key = f"heads/{head.tree_size:015d}.json"
        anchored = json.dumps(head.model_dump(mode="json"), indent=1).encode()
        if not self._files.put_new(key, anchored, "application/json"):
            head = self._anchored(key, head)
        row = {**_head_key(head.tree_size), **dump(head), **added.model_dump(include=_OF_LEAVES)}
        self._table.put(encode(row))
        return head

    def _anchored(self, key: str, head: SignedHead) -> SignedHead:
        """The head under that key, which must say the same; only its signature is another one."""
        found = SignedHead.model_validate_json(self._there(key))
        if found.statement != head.statement:
            raise RuntimeError(f"{key} is the head of another tree")
        return found

    def heads(self, limit: int, start: Start | None) -> Page[SignedHead]:
        """A page of the published heads, newest first."""
        page = self._table.page({"pk": _HEADS}, limit, start, descending=True)
        return Page([load(SignedHead, item) for item in page.items], page.next_start)

    def leaves_of(self, tree_size: int) -> tuple[int, str] | None:
        """The number of the first leaf that the head of a tree of that size added, and a link to
        the file of all of them; None when there is no such head."""
        item = self._table.get(_head_key(tree_size))
        if item is None:
            return None
        plain = decode(item)
        key = plain["leaves_key"]
        return tree_size - plain["count"], self._files.url(key, f"leaves-{tree_size}.jsonl")

    def latest_head(self) -> SignedHead | None:
        """The newest head; None before the first one."""
        return next(iter(self.heads(1, None).items), None)


def _head_key(tree_size: int) -> dict[str, str]:
    return {"pk": _HEADS, "sk": f"{tree_size:015d}"}


def _place_key(entry: Position) -> dict[str, str]:
    chain, seq = entry
    return {"pk": f"CHAIN#{chain}", "sk": f"{seq:06d}"}


def _position(item: Item) -> Position:
    return item["pk"]["S"].removeprefix("CHAIN#"), int(item["sk"]["S"])
