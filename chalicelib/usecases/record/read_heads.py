"""What is published of the sealed ledger."""

from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.record.seal import SignedHead
from chalicelib.errors import NotFound
from chalicelib.store.paging import Page, Start


class LocatedLeaves(NamedTuple):
    """The leaves that a head added to the tree: the number of the first one, and a link."""

    tree_size: int
    first_leaf: int
    leaves_url: str


def list_heads(*, limit: int, start: Start | None, deps: Deps) -> Page[SignedHead]:
    """A page of the published heads, newest first."""
    return deps.sealed_log.heads(limit, start)


def locate_leaves(tree_size: int, *, deps: Deps) -> LocatedLeaves:
    """Where the leaves are that the head of that size added. Raises NotFound."""
    found = deps.sealed_log.leaves_of(tree_size)
    if found is None:
        raise NotFound()
    return LocatedLeaves(tree_size, *found)
