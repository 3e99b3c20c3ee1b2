"""Organisations, users and keys. Of a key only a keyed hash is stored; it is shown once.

Everything of an organisation lies in one partition. Beside it, `KEY#<hash>` says whose a key is,
which never changes: what may change (revoked, ended, suspended) is stored once, and read each time.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from chalicelib.domain.admission.access import AccessKey, Holder, KeyProposal, Organisation, User
from chalicelib.domain.admission.access_log import AccessLogEntry
from chalicelib.domain.admission.engagement import Engagement
from chalicelib.domain.dates import timestamp
from chalicelib.domain.values import Value
from chalicelib.errors import VersionConflict
from chalicelib.store.codec import Item, decode, dump, encode, load
from chalicelib.store.faults import ConditionFailed, Contended, TransactionRefused
from chalicelib.store.paging import Page, Start, every_item
from chalicelib.store.table import Row, Table

NOT_THERE_YET = "attribute_not_exists(pk)"
THERE = "attribute_exists(pk)"
STILL_THAT_VERSION = "version = :expected"

_ORGANISATION = "ORGANISATION"
_ORGANISATIONS = "ORGANISATIONS"
_USER = "USER#"
_KEY = "KEY#"
_ENGAGEMENT = "ENGAGEMENT#"
_PROPOSALS = "KEY_PROPOSALS"
_MOST_REMEMBERED = 10_000

V = TypeVar("V", bound=Value)


class _Owner(NamedTuple):
    """Whose a key is."""

    organisation: str
    user_id: str
    key_id: str


class Access:
    """The `access` table."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._owners: dict[str, _Owner] = {}

    def holder(self, key_hash: str) -> Holder | None:
        """Who holds the key with this keyed hash, as it stands now; None when there is none.

        One call; two when this process meets the key for the first time.
        """
        owner = self._owner(key_hash)
        if owner is None:
            return None
        partition = _partition(owner.organisation)
        wanted = [_ORGANISATION, _USER + owner.user_id, _KEY + owner.key_id]
        found = self._table.get_many([{**partition, "sk": sk} for sk in wanted])
        items = {item["sk"]["S"]: item for item in found}
        if len(items) < len(wanted):
            return None
        organisation, user, key = (items[sk] for sk in wanted)
        return Holder(load(AccessKey, key), load(User, user), load(Organisation, organisation))

    def _owner(self, key_hash: str) -> _Owner | None:
        if key_hash not in self._owners:
            item = self._table.get(_hash_key(key_hash))
            if item is None:
                return None
            if len(self._owners) >= _MOST_REMEMBERED:
                self._owners.clear()
            plain = decode(item)
            self._owners[key_hash] = _Owner(*(plain[name] for name in _Owner._fields))
        return self._owners[key_hash]

    def organisation(self, organisation_id: str) -> Organisation | None:
        """An organisation; None when there is none."""
        return self._one(Organisation, organisation_id, _ORGANISATION)

    def organisations(self, limit: int, start: Start | None) -> Page[Organisation]:
        """A page of all organisations, by their ids."""
        page = self._table.page({"pk": _ORGANISATIONS}, limit, start)
        return _loaded(Organisation, page)

    def user(self, organisation_id: str, user_id: str) -> User | None:
        """A user of an organisation; None when there is none."""
        return self._one(User, organisation_id, _USER + user_id)

    def users(self, organisation_id: str, limit: int, start: Start | None) -> Page[User]:
        """A page of an organisation's users, ended ones included."""
        return _loaded(User, self._under(organisation_id, _USER, limit, start))

    def key(self, organisation_id: str, key_id: str) -> AccessKey | None:
        """A key of an organisation; None when there is none."""
        return self._one(AccessKey, organisation_id, _KEY + key_id)

    def keys(self, organisation_id: str, limit: int, start: Start | None) -> Page[AccessKey]:
        """A page of an organisation's keys, those that have ended included."""
        return _loaded(AccessKey, self._under(organisation_id, _KEY, limit, start))

    def engagement(self, organisation_id: str, engagement_id: str) -> Engagement | None:
        """An engagement of an organisation; None when there is none."""
        return self._one(Engagement, organisation_id, _ENGAGEMENT + engagement_id)

    def engagements(
        self, organisation_id: str, limit: int, start: Start | None
    ) -> Page[Engagement]:
        """A page of an organisation's engagements, those that are over included."""
        return _loaded(Engagement, self._under(organisation_id, _ENGAGEMENT, limit, start))

    def all_engagements(self, organisation_id: str) -> list[Engagement]:
        """All engagements of an organisation; a call for each hundred."""
        return list(every_item(lambda start: self.engagements(organisation_id, 100, start)))

    def proposal(self, proposal_id: str) -> KeyProposal | None:
        """A proposed key; None when there is none."""
        item = self._table.get({"pk": _PROPOSALS, "sk": proposal_id})
        return load(KeyProposal, item) if item else None

    def proposals(self, limit: int, start: Start | None) -> Page[KeyProposal]:
        """A page of all proposed keys, decided ones included."""
        return _loaded(KeyProposal, self._table.page({"pk": _PROPOSALS}, limit, start))

    def save(self, rows: Sequence[Row], entry: AccessLogEntry) -> None:
        """Write rows together with the log entry that says so. VersionConflict."""
        try:
            self._table.transact([*rows, self._log_row(entry)])
        except (TransactionRefused, Contended) as refused:
            raise VersionConflict() from refused

    def note(self, entry: AccessLogEntry) -> None:
        """Write a log entry alone. One that is there already stays as it is."""
        try:
            self._table.put(_log_item(entry), NOT_THERE_YET)
        except ConditionFailed:
            return

    def log(
        self, month: str, limit: int, start: Start | None, *, organisation: str | None = None
    ) -> Page[AccessLogEntry]:
        """A page of the log of a month (`2026-11`), newest first; of one organisation if given."""
        narrowed: dict[str, Any] = {}
        if organisation is not None:
            filters = "organisation = :organisation"
            narrowed = {"filters": filters, "values": {"organisation": organisation}}
        page = self._table.page(
            {"pk": _log_partition(month)}, limit, start, descending=True, **narrowed
        )
        return _loaded(AccessLogEntry, page)

    # Rows for `save`

    def organisation_rows(self, organisation: Organisation) -> list[Row]:
        """An organisation and its place in the list, at the version before this one."""
        own = {**_partition(organisation.organisation_id), "sk": _ORGANISATION}
        listed = {"pk": _ORGANISATIONS, "sk": organisation.organisation_id}
        plain = dump(organisation)
        if organisation.version == 1:
            first = self._table.put_row(encode(own | plain), NOT_THERE_YET)
        else:
            expected = organisation.version - 1
            first = self._table.put_row(encode(own | plain), STILL_THAT_VERSION, expected=expected)
        return [first, self._table.put_row(encode(listed | plain))]

    def new_user_row(self, user: User) -> Row:
        """A user that is new."""
        item = {**_partition(user.organisation), "sk": _USER + user.user_id, **dump(user)}
        return self._table.put_row(encode(item), NOT_THERE_YET)

    def ended_user_row(self, user: User, at: datetime) -> Row:
        """A user that has ended; the first time counts."""
        key = {**_partition(user.organisation), "sk": _USER + user.user_id}
        expression = "SET ended_at = if_not_exists(ended_at, :at)"
        return self._table.update_row(key, expression, THERE, at=timestamp(at))

    def new_key_rows(self, key: AccessKey, key_hash: str) -> list[Row]:
        """A key that is new, and where its hash finds it."""
        item = {**_partition(key.organisation), "sk": _KEY + key.key_id, **dump(key)}
        owner = _Owner(key.organisation, key.user_id, key.key_id)
        pointer = {**_hash_key(key_hash), **owner._asdict()}
        return [self._table.put_row(encode(row), NOT_THERE_YET) for row in (item, pointer)]

    def revoked_key_row(self, key: AccessKey, at: datetime) -> Row:
        """A key that is revoked; the first time counts."""
        expression = "SET revoked_at = if_not_exists(revoked_at, :at)"
        return self._table.update_row(_key_of(key), expression, THERE, at=timestamp(at))

    def expiring_key_row(self, key: AccessKey, at: datetime) -> Row:
        """A live key that ends at a time of its own; refused once somebody has revoked it."""
        unrevoked = "attribute_exists(pk) AND attribute_not_exists(revoked_at)"
        return self._table.update_row(
            _key_of(key), "SET expires_at = :at", unrevoked, at=timestamp(at)
        )

    def new_engagement_row(self, engagement: Engagement) -> Row:
        """An engagement that is new."""
        return self._table.put_row(
            encode({**_engagement_key(engagement), **dump(engagement)}), NOT_THERE_YET
        )

    def ended_engagement_row(self, engagement: Engagement, at: datetime) -> Row:
        """An engagement that was ended; the first time counts."""
        expression = "SET ended_at = if_not_exists(ended_at, :at)"
        key = _engagement_key(engagement)
        return self._table.update_row(key, expression, THERE, at=timestamp(at))

    def proposal_row(self, proposal: KeyProposal) -> Row:
        """A proposed key that is new."""
        return self._table.put_row(_proposal_item(proposal), NOT_THERE_YET)

    def decided_proposal_row(self, proposal: KeyProposal) -> Row:
        """A proposed key that is decided; refused where it was decided before."""
        undecided = "attribute_exists(pk) AND attribute_not_exists(decided_at)"
        return self._table.put_row(_proposal_item(proposal), undecided)

    def _log_row(self, entry: AccessLogEntry) -> Row:
        return self._table.put_row(_log_item(entry), NOT_THERE_YET)

    def _one(self, model: type[V], organisation_id: str, sort_key: str) -> V | None:
        item = self._table.get({**_partition(organisation_id), "sk": sort_key})
        return load(model, item) if item else None

    def _under(
        self, organisation_id: str, prefix: str, limit: int, start: Start | None
    ) -> Page[Item]:
        sort = "begins_with(sk, :prefix)"
        return self._table.page(
            _partition(organisation_id), limit, start, sort=sort, values={"prefix": prefix}
        )


def _loaded(model: type[V], page: Page[Item]) -> Page[V]:
    return Page([load(model, item) for item in page.items], page.next_start)


def _partition(organisation_id: str) -> dict[str, str]:
    return {"pk": f"ORGANISATION#{organisation_id}"}


def _key_of(key: AccessKey) -> dict[str, str]:
    return {**_partition(key.organisation), "sk": _KEY + key.key_id}


def _engagement_key(engagement: Engagement) -> dict[str, str]:
    sort_key = _ENGAGEMENT + engagement.engagement_id
    return {**_partition(engagement.organisation), "sk": sort_key}


def _hash_key(key_hash: str) -> dict[str, str]:
    return {"pk": f"KEY#{key_hash}", "sk": "KEY"}


def _proposal_item(proposal: KeyProposal) -> Item:
    return encode({"pk": _PROPOSALS, "sk": proposal.proposal_id, **dump(proposal)})


def _log_partition(month: str) -> str:
    return f"LOG#{month}"


def _log_item(entry: AccessLogEntry) -> Item:
    place = {
        "pk": _log_partition(f"{entry.at:%Y-%m}"),
        "sk": f"{timestamp(entry.at)}#{entry.entry_id}",
    }
    return encode({**place, **dump(entry)})
