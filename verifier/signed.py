"""Signed statements: which bytes are signed, and whether a key that is known has signed them."""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from verifier.reading import CannotRead, Malformed

TREE_HEAD = "handshake tree head v1"
EXPORT_MANIFEST = "handshake export manifest v1"

_END = b"-----END PUBLIC KEY-----"


def canonical(value: Any) -> bytes:
    """Canonical JSON (RFC 8785). Malformed for what has none."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as error:
        raise Malformed("holds a value that no entry was ever made with") from error


def statement(context: str, value: Mapping[str, Any]) -> bytes:
    """The bytes that are signed: what it is, a line feed, the canonical JSON."""
    return context.encode() + b"\n" + canonical(dict(value))


class Keys:
    """Public keys by their ids."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._keys: dict[str, ec.EllipticCurvePublicKey] = {}
        for path in paths:
            for key in _read(path):
                self._keys[_id_of(key)] = key

    def have_signed(self, key_id: str, content: bytes, signature: str) -> bool:
        """Whether the key of that id is known and has signed `content`."""
        key = self._keys.get(key_id)
        if key is None:
            return False
        try:
            key.verify(base64.b64decode(signature, validate=True), content, ec.ECDSA(_SHA256))
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True

    def __contains__(self, key_id: str) -> bool:
        return key_id in self._keys


_SHA256 = hashes.SHA256()


def _read(path: Path) -> list[ec.EllipticCurvePublicKey]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CannotRead(f"{path} cannot be read") from error
    blocks = [block + _END for block in content.split(_END)[:-1]]
    try:
        keys = [serialization.load_pem_public_key(block) for block in blocks]
    except ValueError as error:
        raise CannotRead(f"{path} holds no public key (PEM)") from error
    found = [key for key in keys if isinstance(key, ec.EllipticCurvePublicKey)]
    if not found or len(found) != len(keys):
        raise CannotRead(f"{path} holds no ECDSA public key (PEM)")
    if any(not isinstance(key.curve, ec.SECP256R1) for key in found):
        raise CannotRead(f"{path} holds a key that is not on the curve P-256")
    return found


def _id_of(key: ec.EllipticCurvePublicKey) -> str:
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(der).hexdigest()
