"""What was called, and what it took."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Call:
    """One AWS call: `dynamodb.PutItem`, the capacity units it took, the requests it is billed as.

    Only messages are billed by size: SNS and SQS count every 64 KB of a call as a request.
    """

    operation: str
    read_units: float = 0.0
    table_units: int = 0
    index_units: int = 0
    requests: int = 1

    @property
    def service(self) -> str:
        """`dynamodb`, `sns`, `sqs`, `s3`, `secretsmanager`."""
        return self.operation.split(".")[0]


@dataclass(frozen=True)
class Cost:
    """What something took in AWS calls and capacity units; `operations` by name."""

    calls: int
    read_units: float
    write_units: int
    index_write_units: int
    """The part of `write_units` that went into indexes."""
    operations: dict[str, int]
    requests: dict[str, int] = field(default_factory=dict)
    """Billed requests by service, for those that have no capacity units."""

    @classmethod
    def of(cls, calls: Iterable[Call]) -> "Cost":
        """The sum of some calls."""
        made = list(calls)
        requests: Counter[str] = Counter()
        for call in made:
            if call.service != "dynamodb":
                requests[call.service] += call.requests
        index_units = sum(call.index_units for call in made)
        return cls(
            calls=len(made),
            read_units=sum(call.read_units for call in made),
            write_units=sum(call.table_units for call in made) + index_units,
            index_write_units=index_units,
            operations=dict(sorted(Counter(call.operation for call in made).items())),
            requests=dict(sorted(requests.items())),
        )

    def plain(self) -> dict[str, object]:
        """As JSON has it."""
        return asdict(self)


class Tally:
    """Collects calls while it is open."""

    def __init__(self) -> None:
        self._calls: list[Call] | None = None

    def add(self, call: Call) -> None:
        """Note a call, if anybody is counting."""
        if self._calls is not None:
            self._calls.append(call)

    @property
    def open(self) -> bool:
        """Whether anybody is counting."""
        return self._calls is not None

    @contextmanager
    def counting(self) -> Iterator[list[Call]]:
        """The calls made inside, filled as they happen."""
        calls: list[Call] = []
        self._calls = calls
        try:
            yield calls
        finally:
            self._calls = None
