"""Seal the ledger: what has changed becomes part of a tree whose head is signed and anchored.

Who holds a signed head can prove for every entry under it that it was there, unchanged, when the
head was made.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.deps import Deps
from chalicelib.domain.record.merkle import consistency_path, leaf_hash, root
from chalicelib.domain.record.seal import (
    DAILY_OVERLAP,
    FIRST_LOOK,
    LARGEST_BATCH,
    OVERLAP,
    Leaf,
    Pending,
    SealingState,
    SignedHead,
    TreeHead,
)
from chalicelib.domain.record.tiles import Tile, edge, grown, nodes_of

_DAY = timedelta(days=1)
_RESERVED_SECONDS = 120
_TOKEN_BYTES = 8


def seal_ledger(
    *, seconds_left: Callable[[], float], deps: Deps, largest_batch: int = LARGEST_BATCH
) -> SealingState:
    """Seal every entry that no head covers yet; one head for each batch of them.

    State first: a batch belongs to the tree from the moment the state names its file. Tiles, places
    and head all follow from that, so a run that was killed is gone on with by the next one, and two
    runs at once write the same. Stops early where time is short or another run is at work.
    Raises Unavailable.
    """
    begun = deps.sealed_log.state() or SealingState(scanned_to=deps.now() - FIRST_LOOK)
    state = _finished(begun, deps) if begun.pending else begun
    until = deps.now()
    if state is not None:
        batches = _batches(state, until, largest_batch, deps)
        state = _sealed(batches, state, seconds_left, deps)
    if state is not None:
        state = deps.sealed_log.move(state, state.model_copy(update={"scanned_to": until}))
    reached = state or deps.sealed_log.state() or begun
    log.info(
        log.Event.LEDGER_SEALED,
        tree_size=reached.tree_size,
        leaves=reached.tree_size - begun.tree_size,
    )
    return reached


def _sealed(
    batches: Iterator[tuple[list[Leaf], datetime]],
    state: SealingState,
    seconds_left: Callable[[], float],
    deps: Deps,
) -> SealingState | None:
    """The state when all batches are sealed; None where that was not reached."""
    for leaves, scanned_to in batches:
        if seconds_left() < _RESERVED_SECONDS:
            return None
        begun = _begun(state, leaves, scanned_to, deps)
        sealed = _finished(begun, deps) if begun else None
        if sealed is None:
            return None
        state = sealed
    return state


# What has yet to be sealed


def _batches(
    state: SealingState, until: datetime, largest: int, deps: Deps
) -> Iterator[tuple[list[Leaf], datetime]]:
    """The leaves to add, and how far everything was looked through when each batch was full.

    In the order of their hashes: within a batch nobody sees what happened first.
    """
    waiting: list[Leaf] = []
    since = _since(state.scanned_to, until)
    day = since.replace(hour=0, minute=0, second=0, microsecond=0)
    while day <= until:
        for changes in deps.cases.changed_on(f"{day:%Y-%m-%d}", since):
            waiting += _unsealed(changes, deps)
            while len(waiting) >= largest:
                yield _ordered(waiting[:largest]), max(day, state.scanned_to)
                del waiting[:largest]
        day += _DAY
    if waiting:
        yield _ordered(waiting), until


def _since(scanned_to: datetime, now: datetime) -> datetime:
    return scanned_to - (OVERLAP if scanned_to.date() == now.date() else DAILY_OVERLAP)


def _unsealed(changes: Sequence[Leaf], deps: Deps) -> list[Leaf]:
    places = deps.sealed_log.places((leaf.chain, leaf.seq) for leaf in changes)
    return [leaf for leaf in changes if (leaf.chain, leaf.seq) not in places]


def _ordered(leaves: Sequence[Leaf]) -> list[Leaf]:
    return sorted(leaves, key=lambda leaf: leaf.hash)


# Sealing a batch


def _begun(
    state: SealingState, leaves: Sequence[Leaf], scanned_to: datetime, deps: Deps
) -> SealingState | None:
    """The batch belongs to the tree. None where another run was faster."""
    key = deps.sealed_log.keep_leaves(state.tree_size, leaves, deps.token(_TOKEN_BYTES))
    pending = Pending(leaves_key=key, count=len(leaves), sealed_at=deps.now())
    updates = {"pending": pending, "scanned_to": scanned_to}
    return deps.sealed_log.move(state, state.model_copy(update=updates))


def _finished(state: SealingState, deps: Deps) -> SealingState | None:
    """Everything that follows from a batch that belongs to the tree. None as before."""
    if state.pending is None:
        raise ValueError("nothing was begun")
    leaves = deps.sealed_log.leaves(state.pending)
    tiles = _new_tiles(state.tree_size, leaves, deps)
    for tile, content in tiles.items():
        deps.sealed_log.keep_tile(tile, content)
    deps.sealed_log.note_places(leaves, state.tree_size)
    head = deps.sealed_log.publish(_signed_head(state, state.pending, tiles, deps), state.pending)
    updates = {"tree_size": head.tree_size, "head_hash": head.hash, "pending": None}
    return deps.sealed_log.move(state, state.model_copy(update=updates))


def _new_tiles(tree_size: int, leaves: Sequence[Leaf], deps: Deps) -> dict[Tile, bytes]:
    partial = [deps.sealed_log.tile(tile) if tile.width else b"" for tile in edge(tree_size)]
    return dict(grown(tree_size, partial, [leaf_hash(leaf.content) for leaf in leaves]))


def _signed_head(
    state: SealingState, pending: Pending, tiles: dict[Tile, bytes], deps: Deps
) -> SignedHead:
    size = state.tree_size + pending.count

    def read(tile: Tile) -> bytes:
        return tiles[tile] if tile in tiles else deps.sealed_log.tile(tile)

    nodes = nodes_of(size, read)
    head = TreeHead(
        key_id=deps.signer.key_id,
        previous=state.head_hash,
        root=root(size, nodes).hex(),
        sealed_at=pending.sealed_at,
        tree_size=size,
    )
    proof = consistency_path(state.tree_size, size, nodes)
    return SignedHead(
        **dict(head),
        signature=deps.signer.sign(head.statement),
        consistency=tuple(node.hex() for node in proof),
    )
