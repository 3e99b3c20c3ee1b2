"""Who a caller is, once its key is known."""

from datetime import datetime

from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import Role

KEY_PREFIX = "hsk_"
"""What every key starts with, so that secret scanners recognise one."""


class Principal(Value):
    """A caller: its role, and the organisation (tenant) whose data it may reach."""

    key_id: str
    role: Role
    organisation: str

    @property
    def actor(self) -> str:
        """How the ledger names it."""
        return f"{self.role}:{self.organisation}:{self.key_id}"


class AccessKey(Principal):
    """A key as it is stored: everything but the key itself."""

    name: str
    created_at: Moment
    expires_at: Moment | None = None
    revoked_at: Moment | None = None

    def principal(self, now: datetime) -> Principal | None:
        """Who the holder is now; None once the key has expired or was revoked."""
        if self.revoked_at is not None or (self.expires_at is not None and self.expires_at <= now):
            return None
        return Principal(key_id=self.key_id, role=self.role, organisation=self.organisation)
