"""The service without anything behind it: what is stored is remembered, nothing is called."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property

from chalicelib.deps import Deps
from chalicelib.domain.cases.case import Case, Changed
from chalicelib.domain.limits import Allowance, Limit
from chalicelib.settings import Settings
from chalicelib.store.cases import Cases, Claimed
from chalicelib.store.counters import Counters
from chalicelib.store.keyring import Keyring
from chalicelib.store.table import Row

ROOT_SECRET = "a-root-secret-for-the-bench-0123456789"
_NAMES = (
    *("cases_table", "registry_table", "access_table", "jobs_table", "files_bucket"),
    *("ledger_table", "ledger_bucket", "ledger_key_id"),
    *(
        f"{name}_dead_letters_url"
        for name in ("work", "jobs", "attachments", "outbound", "schedule", "delivery")
    ),
    *("work_queue_url", "jobs_queue_url", "brand_topic_arn_prefix", "root_secret_arn"),
    *("vault_table", "vault_keys_table", "vault_key_arn", "public_url"),
    *("attachments_bucket", "attachments_queue_url", "outbound_queue_url"),
)


class StubCases(Cases):
    """Remembers the last case, and gives it to whoever asks for one."""

    def __init__(self) -> None:
        self._case: Case | None = None

    def create(
        self,
        case: Case,
        *,
        also_claims: str | None = None,
        rows: Sequence[Row] = (),
        linked: Sequence[Changed] = (),
        beside: Sequence[Row] = (),
    ) -> Claimed | None:
        """Every case is new."""
        self._case = case
        return None

    def head(self, case_id: str) -> Case | None:
        """Every id is that of the last case."""
        return self._case


class StubCounters(Counters):
    """Counts nothing."""

    def __init__(self) -> None:
        pass

    def count(self, limit: Limit, subject: str, at: datetime, by: int = 1) -> Allowance:
        """Every count is the first."""
        return limit.after(1, at)


class StubbedDeps(Deps):
    """Dependencies for intake and read; asking for another store would make a client."""

    def __init__(self) -> None:
        super().__init__(
            Settings.model_validate(dict.fromkeys(_NAMES, "stub")),
            now=lambda: datetime(2026, 11, 22, 8, 0, tzinfo=UTC),
            token=lambda size: "0" * (2 * size),
        )

    @cached_property
    def cases(self) -> Cases:
        """Cases that are remembered."""
        return StubCases()

    @cached_property
    def counters(self) -> Counters:
        """Counters that always stand at one."""
        return StubCounters()

    @cached_property
    def keyring(self) -> Keyring:
        """Keys from a secret that needs no fetching."""
        return Keyring(lambda: ROOT_SECRET)
