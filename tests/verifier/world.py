"""An export with everything that proves it, as files on disk, to be tampered with.

Whoever tampers may hold the signing key (`insider`): then the manifest is made anew and signed, so
that only the ledger itself can give him away.
"""

import base64
import copy
import csv
import hashlib
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from moto.backends import get_backend

from chalicelib.domain.record.ledger import canonical
from chalicelib.domain.record.merkle import leaf_hash
from chalicelib.domain.record.seal import EXPORT_MANIFEST, TREE_HEAD, statement_of
from tests.domain.trees import Tree
from tests.service import Service
from tests.usecases.stories import case_of, submitted, walked
from verifier.__main__ import checked
from verifier.report import Finding, Report

CASES = 5
ENTRIES = 5
REMEDY = {"types": ["restitution", "apology"], "amount_band": "3-to-12"}


@dataclass
class Files:
    """What an auditor has: all of it may be changed."""

    manifest: dict[str, Any]
    rows: list[dict[str, str]]
    proofs: list[dict[str, Any]]
    heads: list[dict[str, Any]]
    leaves: list[list[dict[str, Any]]]
    pem: bytes
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    def copied(self) -> "Files":
        """A copy that may be changed."""
        parts = (self.manifest, self.rows, self.proofs, self.heads, self.leaves)
        return Files(*copy.deepcopy(parts), self.pem, self.key)

    # As files

    @property
    def rows_file(self) -> bytes:
        """cases.csv."""
        text = io.StringIO()
        writer = csv.DictWriter(text, self.manifest["columns"], lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return text.getvalue().encode()

    @property
    def proofs_file(self) -> bytes:
        """proofs.jsonl."""
        return b"".join(_line(proof) for proof in self.proofs)

    def write(self, folder: Path) -> None:
        """Write all files."""
        folder.mkdir(parents=True, exist_ok=True)
        contents = {
            "manifest.json": json.dumps(self.manifest).encode(),
            "cases.csv": self.rows_file,
            "proofs.jsonl": self.proofs_file,
            "key.pem": self.pem,
            "heads.json": json.dumps({"items": self.heads[::-1], "next_cursor": None}).encode(),
        }
        for head, leaves in zip(self.heads, self.leaves, strict=False):
            contents[f"leaves-{head['tree_size']}.jsonl"] = b"".join(map(_line, leaves))
        for name, content in contents.items():
            (folder / name).write_bytes(content)

    # With the signing key

    def sign_manifest(self) -> None:
        """Make the manifest fit what the files are now, and sign it."""
        manifest = self.manifest
        manifest |= {"row_count": len(self.rows), **_size(self.rows_file)}
        manifest["proofs"] |= {
            **_size(self.proofs_file),
            "sealed": sum(
                proof["sealed"] is not None and proof["sealed"]["seq"] == len(proof["entries"])
                for proof in self.proofs
            ),
        }
        unsigned = {name: value for name, value in manifest.items() if name != "signature"}
        digest = hashlib.sha256(canonical(unsigned).encode()).hexdigest()
        manifest["signature"] = self._signed(statement_of(EXPORT_MANIFEST, {"sha256": digest}))

    def sign_head(self, head: dict[str, Any]) -> None:
        """Sign a head as it is now."""
        names = ("key_id", "previous", "root", "sealed_at", "tree_size")
        head["signature"] = self._signed(
            statement_of(TREE_HEAD, {name: head[name] for name in names})
        )

    def _signed(self, content: bytes) -> str:
        return base64.b64encode(self.key.sign(content, ec.ECDSA(hashes.SHA256()))).decode()

    @property
    def tree(self) -> Tree:
        """The sealed tree."""
        return Tree(leaf_hash(canonical(leaf).encode()) for part in self.leaves for leaf in part)

    def place_of(self, entry_hash: str) -> dict[str, Any]:
        """A true proof of any sealed entry."""
        leaves = [leaf for part in self.leaves for leaf in part]
        index = next(i for i, leaf in enumerate(leaves) if leaf["hash"] == entry_hash)
        path = self.tree.inclusion(index, len(leaves))
        return {
            "seq": leaves[index]["seq"],
            "leaf_index": index,
            "path": [node.hex() for node in path],
        }


def rehashed(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry with the hash that fits its content."""
    content = {name: value for name, value in entry.items() if name != "hash"}
    return {**content, "hash": leaf_hash(canonical(content).encode()).hex()}


def rechained(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries numbered and chained anew."""
    done: list[dict[str, Any]] = []
    for seq, entry in enumerate(entries, 1):
        before = done[-1]["hash"] if done else "0" * 64
        done.append(rehashed({**entry, "seq": seq, "prev_hash": before}))
    return done


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _size(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def made_by(service: Service) -> Files:
    """Five cases with five entries each, sealed under four heads, and the export of all. Of one it
    is on record what the worker got."""
    partner = service.partner()
    ids = [submitted(partner, f"k-{number}", intake_type="enquiry") for number in range(CASES)]
    service.seal()
    for number in range(1, ENTRIES):
        service.clock.forward(minutes=10)
        for grievance_id in ids[1:] if number == ENTRIES - 1 else ids:
            text = {"text": f"Message {number}."}
            partner.post(f"/v1/grievances/{grievance_id}/messages", text)
        if number == ENTRIES - 1:
            partner.put(f"/v1/grievances/{ids[0]}/remedy", {"remedy": REMEDY})
        if number != 1:
            service.seal()
    view = exported(service)
    pem = service.public().get("/v1/ledger/key").body
    heads = walked(service.public(), "/v1/ledger/heads")[::-1]
    rows = csv.DictReader(io.StringIO(fetched(view["download_url"]).decode(), newline=""))
    files = Files(
        manifest=json.loads(fetched(view["manifest_url"])),
        rows=list(rows),
        proofs=[json.loads(line) for line in fetched(view["proofs_url"]).splitlines()],
        heads=heads,
        leaves=[leaves_of(service, head["tree_size"]) for head in heads],
        pem=pem,
        key=_private_key(pem),
    )
    assert case_of(partner, ids[0])["version"] == ENTRIES
    return files


def exported(service: Service) -> dict[str, Any]:
    """An export of today that is done."""
    auditor = service.auditor()
    today = {"received_from": "2026-11-22", "received_to": "2026-11-22"}
    export_id = auditor.post("/v1/exports", today).json()["export_id"]
    service.drain()
    view: dict[str, Any] = auditor.get(f"/v1/exports/{export_id}").json()
    return view


def leaves_of(service: Service, tree_size: int) -> list[dict[str, Any]]:
    """The leaves that a head added."""
    found = service.auditor().get(f"/v1/ledger/heads/{tree_size}/leaves").json()
    return [json.loads(line) for line in fetched(found["leaves_url"]).splitlines()]


def fetched(url: str) -> bytes:
    """A file by its link."""
    return requests.get(url, timeout=5).content


def _private_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """The signing key, which only moto gives away."""
    for key in get_backend("kms")["123456789012"]["eu-central-1"].keys.values():
        private = getattr(key.private_key, "private_key", None)
        if isinstance(private, ec.EllipticCurvePrivateKey):
            public = private.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            if public == pem:
                return private
    raise LookupError("the signing key")


def verified(files: Files, folder: Path, *, leaves: bool = False) -> Report:
    """What the verifier says of the files."""
    files.write(folder)
    paths = sorted(folder.glob("leaves-*.jsonl")) if leaves else []
    return checked(folder, [folder / "key.pem"], [folder / "heads.json"], paths)


def found_in(report: Report) -> set[tuple[str, str | None, int | None]]:
    """(check, case, entry) of each finding."""
    return {(f.check, f.public_ref, f.seq) for f in report.findings}


def first_bad(report: Report, public_ref: str) -> int | None:
    """The first bad entry that is named for a case."""
    named = [f.seq for f in report.findings if f.public_ref == public_ref and f.seq is not None]
    return min(named, default=None)


__all__ = ["Finding"]
