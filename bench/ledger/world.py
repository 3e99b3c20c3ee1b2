"""A sealed ledger and its export as files, made without AWS, as the service would make them."""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.domain.record.ledger import GENESIS, Action, Entry, append, canonical
from chalicelib.domain.record.merkle import inclusion_path, leaf_hash, root
from chalicelib.domain.record.seal import EXPORT_MANIFEST, Leaf, SignedHead, TreeHead, statement_of
from chalicelib.domain.record.tiles import Tile, grown, nodes_of

_AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
_ACTOR = "partner_supervisor:p_0123456789abcdef:k_4f2a9c"


class Sealed:
    """A tree of some leaf hashes, kept in tiles."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.size = len(leaves)
        self.tiles: dict[Tile, bytes] = dict(grown(0, [], leaves))
        self.nodes = nodes_of(self.size, self.tiles.__getitem__)

    @property
    def root(self) -> bytes:
        """The root."""
        return root(self.size, self.nodes)

    def path(self, index: int) -> list[str]:
        """An audit path, in hex."""
        return [node.hex() for node in inclusion_path(index, self.size, self.nodes)]


def chain(number: int, length: int) -> list[Entry]:
    """A case's entries."""
    data: dict[str, Any] = {"public_ref": reference(number), "severity": "S3", "filing": "f" * 64}
    entries = [append(GENESIS, 1, at=_AT, actor=_ACTOR, action=Action.RECEIVED, data=data)]
    for seq in range(2, length + 1):
        at = _AT + timedelta(minutes=seq)
        message = {"message_id": f"m_{number:026d}", "text": {"commitment": "c" * 64}}
        entries.append(
            append(
                entries[-1].hash,
                seq,
                at=at,
                actor=_ACTOR,
                action=Action.MESSAGE_ADDED,
                data=message,
            )
        )
    return entries


def reference(number: int) -> str:
    """Something like a public reference."""
    return f"2026-{number:012d}"


def export(folder: Path, cases: int, length: int) -> None:
    """Write an export of so many cases, sealed under one head, and the key and heads to it."""
    key = ec.generate_private_key(ec.SECP256R1())
    chains = [chain(number, length) for number in range(cases)]
    leaves = [
        leaf_hash(Leaf(chain=entries[0].hash, hash=entry.hash, seq=entry.seq).content)
        for entries in chains
        for entry in entries
    ]
    sealed, public = Sealed(leaves), key.public_key()
    head = _head(sealed, key)
    rows = _written(folder / "cases.csv", _rows(chains))
    proofs = _written(folder / "proofs.jsonl", _proofs(chains, sealed))
    manifest: dict[str, Any] = {
        "file": "cases.csv",
        "row_count": cases,
        **rows,
        "proofs": {"file": "proofs.jsonl", **proofs, "sealed": cases},
        "tree_head": head,
        "key_id": head["key_id"],
    }
    digest = hashlib.sha256(canonical(manifest).encode()).hexdigest()
    manifest["signature"] = _signed(key, statement_of(EXPORT_MANIFEST, {"sha256": digest}))
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "heads.json").write_text(json.dumps([head]))
    (folder / "key.pem").write_bytes(
        public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )


def _head(sealed: Sealed, key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    head = TreeHead(
        key_id=hashlib.sha256(der).hexdigest(),
        previous=GENESIS,
        root=sealed.root.hex(),
        sealed_at=_AT + timedelta(hours=1),
        tree_size=sealed.size,
    )
    signed = SignedHead(**dict(head), signature=_signed(key, head.statement))
    return signed.model_dump(mode="json")


def _signed(key: ec.EllipticCurvePrivateKey, content: bytes) -> str:
    return base64.b64encode(key.sign(content, ec.ECDSA(hashes.SHA256()))).decode()


def _rows(chains: list[list[Entry]]) -> Iterator[bytes]:
    columns = ("public_ref", "state", "entry_hash")
    yield ",".join(columns).encode() + b"\r\n"
    for number, entries in enumerate(chains):
        yield f"{reference(number)},received,{entries[-1].hash}\r\n".encode()


def _proofs(chains: list[list[Entry]], sealed: Sealed) -> Iterator[bytes]:
    for number, entries in enumerate(chains):
        index = (number + 1) * len(entries) - 1
        place = {"seq": len(entries), "leaf_index": index, "path": sealed.path(index)}
        yield proof_line(number, entries, place)


def proof_line(number: int, entries: list[Entry], place: dict[str, Any]) -> bytes:
    """A line of proofs.jsonl."""
    shown = [{**entry.content, "hash": entry.hash} for entry in entries]
    line = {"public_ref": reference(number), "entries": shown, "sealed": place}
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def _written(path: Path, chunks: Iterator[bytes]) -> dict[str, Any]:
    content = b"".join(chunks)
    path.write_bytes(content)
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
