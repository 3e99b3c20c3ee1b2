"""Keys of callers. Only a keyed hash of a key is stored; the key itself is shown once."""

from chalicelib.domain.access import AccessKey
from chalicelib.store.codec import dump, encode, load
from chalicelib.store.table import Table

NOT_THERE_YET = "attribute_not_exists(pk)"


class Access:
    """The `access` table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def key(self, key_hash: str) -> AccessKey | None:
        """The key with this keyed hash; None when there is none."""
        item = self._table.get(_key(key_hash))
        return load(AccessKey, item) if item else None

    def save(self, key_hash: str, key: AccessKey) -> None:
        """Write a key."""
        self._table.put(encode({**_key(key_hash), **dump(key)}))


def _key(key_hash: str) -> dict[str, str]:
    return {"pk": f"KEY#{key_hash}", "sk": "KEY"}
