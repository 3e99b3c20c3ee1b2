"""Sealing the ledger: what becomes a leaf of the tree over all chains, and what is signed.

A leaf says that a chain had a certain entry. A chain goes by the hash of its first entry, which
nobody can guess who has not seen that entry: the list of all leaves names no case.
"""

import hashlib
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from chalicelib.domain.record.ledger import GENESIS, canonical
from chalicelib.domain.values import Moment, Value

TREE_HEAD = "handshake tree head v1"
"""What a signed tree head begins with, so that its signature can be no other statement's."""

EXPORT_MANIFEST = "handshake export manifest v1"
"""What the signed statement about an export begins with."""

LARGEST_BATCH = 5_000
"""Leaves that are sealed at once. More of them make several heads."""

OVERLAP = timedelta(hours=2)
"""How far a sealing looks back: an entry is dated before it is written, and the index lags."""

DAILY_OVERLAP = timedelta(days=2)
"""The same, once a day."""

FIRST_LOOK = timedelta(days=60)
"""How far the very first sealing looks back: the log begins with the service, but what its first
weeks could not seal, whatever kept them from it, must not stay outside for good."""


class Leaf(Value):
    """A chain had this entry."""

    chain: Annotated[str, Field(description="The hash of the chain's first entry.")]
    hash: Annotated[str, Field(description="Of the entry.")]
    seq: int

    @property
    def content(self) -> bytes:
        """What the leaf's hash is taken over."""
        return canonical(self.model_dump(mode="json")).encode()


class TreeHead(Value):
    """The state of the tree at one time: its size and root, and the head before it."""

    key_id: Annotated[str, Field(description="SHA-256 of the public key (DER) it is signed with.")]
    previous: Annotated[str, Field(description="Hash of the head before; zeroes for the first.")]
    root: Annotated[str, Field(description="Root of the RFC 6962 tree over all leaves.")]
    sealed_at: Moment
    tree_size: Annotated[int, Field(description="How many leaves it has.")]

    @property
    def statement(self) -> bytes:
        """The bytes that are signed."""
        names = set(TreeHead.model_fields)
        return statement_of(TREE_HEAD, self.model_dump(mode="json", include=names))

    @property
    def hash(self) -> str:
        """What the next head names this one by."""
        return hashlib.sha256(self.statement).hexdigest()


class SignedHead(TreeHead):
    """A tree head as it is published."""

    signature: Annotated[
        str, Field(description="ECDSA P-256 with SHA-256, DER in base64, over the statement.")
    ]
    consistency: Annotated[
        tuple[str, ...],
        Field(description="RFC 6962 proof that the tree of the head before is its beginning."),
    ] = ()


class Pending(Value):
    """A batch of leaves that belongs to the tree from now on; the rest follows from it."""

    leaves_key: Annotated[str, Field(description="The file that holds the leaves.")]
    count: int
    sealed_at: Moment


class SealingState(Value):
    """How far the sealing is. `revision` grows with every change of it."""

    revision: int = 0
    tree_size: int = 0
    head_hash: str = GENESIS
    scanned_to: Annotated[Moment, Field(description="Changes before it were looked through.")]
    pending: Pending | None = None


def statement_of(context: str, document: dict[str, object]) -> bytes:
    """A signed statement: what it is, a line feed, and its canonical JSON (RFC 8785)."""
    return f"{context}\n{canonical(document)}".encode()
