"""Log events as a closed list, each with the fields it may carry. Nothing else is ever logged.

Ids, codes, counts and durations only: no text that a person wrote, no key, no name.
"""

from enum import Enum

from aws_lambda_powertools.logging import Logger

_logger = Logger(service="handshake")

Scalar = str | int | float | bool | None


class Event(Enum):
    """What can be logged; the value lists the fields that the event may carry."""

    REQUEST_FAILED = ("operation", "error", "where")
    REQUEST_REFUSED = ("operation", "code", "status")
    LIMIT_NOT_COUNTED = ("limit",)
    CHECK_STARTED = ("shards", "jobs", "attachments", "outbound", "media")
    SHARD_WORKED = ("shard", "checked", "alerted", "published", "failed")
    MESSAGE_FAILED = ("error", "where")
    WORK_FAILED = ("case_id", "row", "error", "where", "attempts", "given_up")
    PUBLISH_FAILED = ("alert_id", "error", "attempts", "given_up")
    INDEX_UNUSABLE = ("why",)
    INDEX_BUILT = ("version", "facilities", "bytes", "countries")
    CASES_RETRIED = ("looked_at", "sent_back")
    ERASED_AGAIN = ("case_id",)
    ERASING_AGAIN_STOPPED = ("after",)
    RETENTION_APPLIED = ("finished", "erased", "held", "dropped", "announced", "failed")
    RETENTION_FAILED = ("case_id", "error", "where", "attempts")
    DEADLINES_ENFORCED = ("looked_at", "steps", "failed")
    DEADLINE_FAILED = ("case_id", "row", "error", "where")
    LEDGER_SEALED = ("tree_size", "leaves")
    ATTACHMENT_SETTLED = ("case_id", "attachment_id", "status", "reason")
    OUTBOUND_LOOKED_AFTER = ("case_id", "outbound_id", "status", "because", "attempts")
    REPLY_LOOKED_AFTER = ("line_id", "status")
    MEDIA_LOOKED_AFTER = ("case_id", "media_id", "status", "because", "attempts")
    COPY_DELETED_AT_PROVIDER = ("case_id", "row")
    COPY_LEFT_AT_PROVIDER = ("case_id", "row", "attempts")
    JOB_FINISHED = ("job_id", "kind", "status", "rows", "error")


def info(event: Event, **fields: Scalar) -> None:
    """Log an event. KeyError for a field that the event may not carry."""
    _logger.info(event.name.lower(), extra=_allowed(event, fields))


def error(event: Event, **fields: Scalar) -> None:
    """Log an event that somebody should look at."""
    _logger.error(event.name.lower(), extra=_allowed(event, fields))


def _allowed(event: Event, fields: dict[str, Scalar]) -> dict[str, Scalar]:
    if not set(event.value).issuperset(fields):
        raise KeyError(f"{event.name} may not carry {sorted(set(fields) - set(event.value))}")
    return fields


def where(failure: BaseException) -> str:
    """Where an exception came from (`module:line`); its message could say too much."""
    trace = failure.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "unknown"
    return f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
