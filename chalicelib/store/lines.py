"""The lines of partners' helplines, in the `access` table; their secrets, in Secrets Manager."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.domain.helpline.helpline_line import HelplineLine
from chalicelib.errors import Unavailable, VersionConflict
from chalicelib.store.codec import dump, encode, load
from chalicelib.store.faults import Contended, NoSuchThing, TransactionRefused, in_our_words
from chalicelib.store.paging import Page, Start
from chalicelib.store.table import Row, Table

NOT_THERE_YET = "attribute_not_exists(pk)"
STILL_THAT_VERSION = "version = :expected"

_LINE = "LINE"


class Lines:
    """Each line stands under its own id, where a message finds it, and under its organisation."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, line_id: str) -> HelplineLine | None:
        """A line, one that has ended included; None when there is none."""
        item = self._table.get(_own_key(line_id))
        return load(HelplineLine, item) if item else None

    def page(self, partner_id: str, limit: int, start: Start | None) -> Page[HelplineLine]:
        """A page of a partner's lines, those that have ended included."""
        page = self._table.page(
            {"pk": f"ORGANISATION#{partner_id}"},
            limit,
            start,
            sort="begins_with(sk, :prefix)",
            values={"prefix": f"{_LINE}#"},
        )
        return Page([load(HelplineLine, item) for item in page.items], page.next_start)

    def rows(self, line: HelplineLine) -> list[Row]:
        """Rows for `Access.save`: a line in this version, at both its places."""
        plain = dump(line)
        own = encode({**_own_key(line.line_id), **plain})
        listed = encode(
            {
                "pk": f"ORGANISATION#{line.partner_id}",
                "sk": f"{_LINE}#{line.line_id}",
                **plain,
            }
        )
        if line.version == 1:
            first = self._table.put_row(own, NOT_THERE_YET)
        else:
            first = self._table.put_row(own, STILL_THAT_VERSION, expected=line.version - 1)
        return [first, self._table.put_row(listed)]

    def save(self, line: HelplineLine) -> None:
        """Write a line that the access log has told of already. VersionConflict."""
        try:
            self._table.transact(self.rows(line))
        except (TransactionRefused, Contended) as refused:
            raise VersionConflict() from refused


class LineSecrets:
    """What proves that a message comes from a line's provider, and to it that ours are ours.

    One secret a line: a JSON object of named values. Read once a minute for each line.
    """

    KEPT_SECONDS = 60

    def __init__(
        self,
        client: Callable[[], Any],
        prefix: str,
        *,
        key: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`prefix` begins the name of every line's secret, `key` encrypts it (AWS's own: None)."""
        self._client = client
        self._prefix = prefix
        self._encrypted = {"KmsKeyId": key} if key else {}
        self._clock = clock
        self._kept: dict[str, tuple[float, Mapping[str, str]]] = {}

    def get(self, line_id: str) -> Mapping[str, str]:
        """The secrets of a line; empty where none were given. Raises Unavailable."""
        kept = self._kept.get(line_id)
        if kept is not None and self._clock() - kept[0] < self.KEPT_SECONDS:
            return kept[1]
        secrets = self._read(line_id)
        self._kept[line_id] = (self._clock(), secrets)
        return secrets

    def put(self, line_id: str, secrets: Mapping[str, str]) -> None:
        """Keep a line's secrets instead of those before. Raises Unavailable."""
        value = json.dumps(dict(sorted(secrets.items())))
        try:
            with in_our_words():
                self._client().put_secret_value(SecretId=self._name(line_id), SecretString=value)
        except NoSuchThing:
            with in_our_words():
                self._client().create_secret(
                    Name=self._name(line_id), SecretString=value, **self._encrypted
                )
        self._kept.pop(line_id, None)

    def delete(self, line_id: str) -> None:
        """Delete a line's secrets, for good; none there is no error. Raises Unavailable.

        At once: a name that waits for its deletion could not be read, and nobody comes back.
        """
        try:
            with in_our_words():
                self._client().delete_secret(
                    SecretId=self._name(line_id), ForceDeleteWithoutRecovery=True
                )
        except NoSuchThing:
            pass
        self._kept.pop(line_id, None)

    def _read(self, line_id: str) -> Mapping[str, str]:
        try:
            with in_our_words():
                found = self._client().get_secret_value(SecretId=self._name(line_id))
        except NoSuchThing:
            return {}
        try:
            secrets = json.loads(found["SecretString"])
        except ValueError:
            raise Unavailable() from None  # its text is not for a traceback
        if not isinstance(secrets, dict):
            raise Unavailable()
        return secrets

    def _name(self, line_id: str) -> str:
        return f"{self._prefix}{line_id}"


def _own_key(line_id: str) -> dict[str, str]:
    return {"pk": f"{_LINE}#{line_id}", "sk": _LINE}
