"""Conversations with workers, in `vault_keys`: no copy of them is ever made, and they go with the
identity of the case they are about.

A conversation stands under the keyed hash of its sender; beside the key of each case's identity
stands which conversations are about the case. One that is about no case yet expires.
"""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.helpline.conversation import (
    KEPT_WITHOUT_A_CASE,
    CaseTalk,
    Conversation,
)
from chalicelib.errors import VersionConflict
from chalicelib.store import keys
from chalicelib.store.codec import Item, dump, encode, load
from chalicelib.store.faults import Contended, TransactionRefused
from chalicelib.store.table import Row, Table

NOT_THERE_YET = "attribute_not_exists(pk)"
STILL_THAT_VERSION = "version = :expected"


class Conversations:
    """The conversations in the table `vault_keys`. Every write is under the version it was read."""

    def __init__(self, keys_table: Table) -> None:
        self._keys = keys_table

    def get(self, conversation_id: str) -> Conversation | None:
        """A conversation; None when there is none."""
        item = self._keys.get(_key(conversation_id))
        return load(Conversation, item) if item else None

    def of_case(self, grievance_id: str) -> Conversation | None:
        """The conversation that a case began in: the one whose sender the vault holds. None where
        it began otherwise, or was erased. Two calls."""
        began_in = self.talk_of(grievance_id).began_in
        return self.get(began_in) if began_in else None

    def opening_rows(self, grievance_id: str, conversation: Conversation) -> list[Row]:
        """Rows for a transaction: a conversation about the case that begins with it."""
        talk = CaseTalk(began_in=conversation.conversation_id, version=1)
        return [*self.rows(conversation), *self.talk_rows(grievance_id, talk)]

    def talk_of(self, grievance_id: str) -> CaseTalk:
        """Which conversations are about a case."""
        item = self._keys.get(_talk_key(grievance_id))
        return load(CaseTalk, item) if item else CaseTalk()

    def talk_rows(self, grievance_id: str, talk: CaseTalk) -> list[Row]:
        """Rows for a transaction: which conversations are about a case, in this version."""
        item = encode({**_talk_key(grievance_id), **dump(talk)})
        return [self._versioned(item, talk.version)]

    def rows(self, conversation: Conversation, at: datetime | None = None) -> list[Row]:
        """Rows for a transaction: a conversation in this version; one without a case expires, some
        time after `at`."""
        item = {**_key(conversation.conversation_id), **dump(conversation)}
        if conversation.grievance_id is None and at is not None:
            item["expires"] = int((at + KEPT_WITHOUT_A_CASE).timestamp())
        return [self._versioned(encode(item), conversation.version)]

    def forgetting_rows(self, grievance_id: str) -> list[Row]:
        """Rows for a transaction: what says that anybody wrote about this case, destroyed. A call,
        and one more for each conversation about it."""
        talk = self.talk_of(grievance_id)
        if not talk.version:
            return []
        talked = [self.get(conversation_id) for conversation_id in talk.all]
        return [
            *(self._forgetting_row(each, grievance_id) for each in talked if each is not None),
            self._keys.delete_row(
                _talk_key(grievance_id), STILL_THAT_VERSION, expected=talk.version
            ),
        ]

    def _forgetting_row(self, conversation: Conversation, grievance_id: str) -> Row:
        left = conversation.without(grievance_id)
        if left is not None:
            return self.rows(left)[0]
        key = _key(conversation.conversation_id)
        return self._keys.delete_row(key, STILL_THAT_VERSION, expected=conversation.version)

    def save(self, rows: Sequence[Row]) -> None:
        """Write rows, all or nothing. VersionConflict when somebody else changed one meanwhile."""
        try:
            self._keys.transact(rows)
        except (TransactionRefused, Contended) as refused:
            raise VersionConflict() from refused

    def _versioned(self, item: Item, version: int) -> Row:
        if version == 1:
            return self._keys.put_row(item, NOT_THERE_YET)
        return self._keys.put_row(item, STILL_THAT_VERSION, expected=version - 1)


def _key(conversation_id: str) -> dict[str, str]:
    return {"pk": keys.conversation(conversation_id), "sk": keys.CONVERSATION}


def _talk_key(grievance_id: str) -> dict[str, str]:
    return {"pk": grievance_id, "sk": keys.CONVERSATION}
