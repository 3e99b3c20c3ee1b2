"""The vault: who the worker is, encrypted; in a table apart, the keys and hashes that go first.

`vault` holds ciphertext. `vault_keys` holds what makes it readable or comparable: the wrapped data
key of each case and the keyed hashes of its person. No backup of `vault_keys` is ever made, so what
is destroyed there is destroyed everywhere (ADR 15).
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.domain.dates import timestamp
from chalicelib.domain.identities.identity import WorkerIdentity
from chalicelib.store import keys
from chalicelib.store.codec import Item, decode, encode
from chalicelib.store.envelope import Context, Envelope, Sealed
from chalicelib.store.faults import RefusedByStore
from chalicelib.store.paging import Page, Start
from chalicelib.store.table import Row, Table

NOT_THERE_YET = "attribute_not_exists(pk)"
NOT_ERASED = "attribute_not_exists(erased_at)"

_PADDED_TO = 256
"""Bytes that a plaintext's length is rounded up to: how long a name is says something, too."""


class Owner(NamedTuple):
    """Whose identity it is: what the data key is bound to."""

    partner_id: str
    case_id: str

    @property
    def context(self) -> Context:
        """KMS's encryption context."""
        return {"tenant": self.partner_id, "case": self.case_id}


class Person(NamedTuple):
    """Keyed hashes that a worker is recognised by: among the partner's own cases, and anywhere.

    Those of anywhere are read to count how many people there are, never to find somebody.
    """

    here: Sequence[str]
    anywhere: Sequence[str]


class KeyRow(NamedTuple):
    """The row of a case in `vault_keys`: its wrapped key and hashes, or the mark of erasure."""

    owner: Owner
    wrapped_key: bytes | None
    person: Sequence[str]
    filed_as: str | None
    erased_at: str | None

    @property
    def is_erased(self) -> bool:
        """Whether the key was destroyed."""
        return self.wrapped_key is None


class Vault:
    """The tables `vault` and `vault_keys`, and the KMS key that opens them."""

    def __init__(self, table: Table, keys_table: Table, envelope: Envelope) -> None:
        self._table = table
        self._keys = keys_table
        self._envelope = envelope

    def seal(self, worker: WorkerIdentity, owner: Owner) -> Sealed:
        """Encrypt an identity under a new data key. One call to KMS. Raises Unavailable."""
        text = worker.model_dump_json(exclude_none=True).encode()
        padded = text.ljust(-(-len(text) // _PADDED_TO) * _PADDED_TO)
        return self._envelope.seal(padded, owner.context)

    def new_rows(
        self, owner: Owner, sealed: Sealed, person: Person, *, filed_as: str | None = None
    ) -> list[Row]:
        """Rows for a transaction: the first identity of a case."""
        return self._rows(owner, sealed, person, NOT_THERE_YET, filed_as)

    def replacing_rows(
        self, before: KeyRow | None, owner: Owner, sealed: Sealed, person: Person
    ) -> list[Row]:
        """Rows for a transaction: an identity instead of the one before. Not after an erasure."""
        filed_as, outdated = (before.filed_as, set(before.person)) if before else (None, set())
        rows = self._rows(owner, sealed, person, NOT_ERASED, filed_as)
        return [*rows, *self._forgetting(owner, outdated - set(person.here))]

    def _rows(
        self,
        owner: Owner,
        sealed: Sealed,
        person: Person,
        condition: str,
        filed_as: str | None,
    ) -> list[Row]:
        key = {
            **_key(owner.case_id),
            "partner_id": owner.partner_id,
            "wrapped_key": sealed.wrapped_key,
            "person": list(person.here),
            "anywhere": list(person.anywhere),
            "filed_as": filed_as,
        }
        held = {"case_id": owner.case_id, "ciphertext": sealed.ciphertext}
        known = [
            encode({"pk": keys.person(hashed), "sk": owner.case_id})
            for hashed in dict.fromkeys(person.here)
        ]
        return [
            self._keys.put_row(encode(key), condition),
            self._table.put_row(encode(held)),
            *(self._keys.put_row(item) for item in known),
        ]

    def key_row(self, case_id: str) -> KeyRow | None:
        """What `vault_keys` knows of a case; None where no identity was ever kept."""
        item = self._keys.get(_key(case_id))
        return _key_row(item) if item else None

    def open(self, row: KeyRow) -> WorkerIdentity:
        """Decrypt an identity: a read and a call to KMS. Raises Unavailable."""
        item = self._table.get({"case_id": row.owner.case_id})
        if item is None or row.wrapped_key is None:
            raise RefusedByStore()
        sealed = Sealed(row.wrapped_key, item["ciphertext"]["B"])
        return WorkerIdentity.model_validate(
            json.loads(self._envelope.open(sealed, row.owner.context))
        )

    def same_person(self, hashed: str, limit: int, start: Start | None) -> Page[str]:
        """A page of the ids of cases whose person has this hash."""
        page = self._keys.page({"pk": keys.person(hashed)}, limit, start)
        return Page([item["sk"]["S"] for item in page.items], page.next_start)

    def persons(self, case_ids: Sequence[str]) -> dict[str, set[str]]:
        """The hashes of the persons of cases, a hundred a call."""
        items = self._keys.get_many([_key(case_id) for case_id in case_ids])
        return {row.owner.case_id: set(row.person) for row in map(_key_row, items)}

    def known_anywhere(self, case_ids: Sequence[str]) -> dict[str, frozenset[str]]:
        """By case, the hashes its person has anywhere, of those who have some; a hundred a call.

        Nothing else of the rows is read: the check, which asks, may see no wrapped key.
        """
        wanted = [_key(case_id) for case_id in case_ids]
        found = map(decode, self._keys.get_many(wanted, only=("pk", "anywhere")))
        return {row["pk"]: frozenset(row["anywhere"]) for row in found if row.get("anywhere")}

    def erasing_rows(self, row: KeyRow, at: datetime) -> list[Row]:
        """Rows for a transaction: the key and the hashes destroyed, a mark in their place."""
        owner = row.owner
        mark = {
            **_key(owner.case_id),
            "partner_id": owner.partner_id,
            "erased_at": timestamp(at),
        }
        return [
            self._keys.put_row(encode(mark)),
            self._table.delete_row({"case_id": owner.case_id}),
            *self._forgetting(owner, set(row.person)),
        ]

    def _forgetting(self, owner: Owner, person: set[str]) -> list[Row]:
        return [
            self._keys.delete_row({"pk": keys.person(hashed), "sk": owner.case_id})
            for hashed in sorted(person)
        ]

    def destroy(self, row: KeyRow, at: datetime) -> None:
        """Destroy what a restored table has brought back. One transaction."""
        self._keys.transact(self.erasing_rows(row, at))


def _key(case_id: str) -> dict[str, str]:
    return {"pk": case_id, "sk": keys.VAULT_KEY}


def _key_row(item: Item) -> KeyRow:
    wrapped: Any = item.get("wrapped_key", {}).get("B")
    plain = decode({k: v for k, v in item.items() if k != "wrapped_key"})
    return KeyRow(
        owner=Owner(plain["partner_id"], plain["pk"]),
        wrapped_key=wrapped,
        person=tuple(plain.get("person", ())),
        filed_as=plain.get("filed_as"),
        erased_at=plain.get("erased_at"),
    )
