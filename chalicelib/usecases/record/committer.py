"""What the ledger holds of a text instead of the text."""

from chalicelib.domain.alerting.coalition import Record, record_id
from chalicelib.domain.record.ledger import Commit
from chalicelib.domain.references import keyed_hash
from chalicelib.store.keyring import Keyring, Purpose


def committer(record: Record, keyring: Keyring) -> Commit:
    """Keyed commitments to texts of this case: equal texts of two cases do not look equal."""
    return commitments_of(record_id(record), keyring)


def commitments_of(record_id: str, keyring: Keyring) -> Commit:
    """The same for a record that is not there yet."""
    key = keyring.key(Purpose.COMMITMENT)
    return lambda text: keyed_hash(key, f"{record_id}\n{text}")
