"""A digest as SNS carries it: what subscriptions filter on, the subject, each protocol's text."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.domain.alerting.digest import DigestItem, DigestPayload, OverdueItem

Texts = Mapping[str, str]
"""A catalogue: the texts of one language by their keys."""


def attributes(payload: DigestPayload) -> Mapping[str, Sequence[str]]:
    """Its brand and its kind. Filters on anything else hold it back, as they must."""
    return {"brand_id": (payload.brand_id,), "kind": (payload.kind,)}


def subject(payload: DigestPayload) -> str:
    """Under 100 printable ASCII characters: SNS refuses anything else."""
    rhythm = payload.kind.removeprefix("digest_")
    count, late = _counts(payload)
    return f"{rhythm} digest {payload.until:%Y-%m-%d}: alerts {count}, overdue {late}"


def email_text(payload: DigestPayload, texts: Texts) -> str:
    """The digest for a person's mailbox: what happened, what waits, and where to read on."""
    span = {"since": _moment(payload.since), "until": _moment(payload.until)}
    alerts = [_line(item, texts) for item in payload.alerts]
    paragraphs = [texts["digest.headline"].format(**span), *alerts]
    paragraphs += _more(payload.left_out, texts)
    if payload.overdue:
        paragraphs += [texts["digest.overdue"], *(_late(item, texts) for item in payload.overdue)]
        paragraphs += _more(payload.overdue_left_out, texts)
    paragraphs += [f"{texts['digest.read_on']}\n{payload.read_on}", texts["alert.no_reprisals"]]
    return "\n\n".join(paragraphs)


def sms_text(payload: DigestPayload, texts: Texts) -> str:
    """The digest in one SMS: how much there is, and nothing of what it is about."""
    count, late = _counts(payload)
    return texts["digest.sms"].format(count=count, overdue=late)


def _counts(payload: DigestPayload) -> tuple[int, int]:
    alerts = len(payload.alerts) + payload.left_out
    return alerts, len(payload.overdue) + payload.overdue_left_out


def _line(item: DigestItem, texts: Texts) -> str:
    words = [
        item.public_ref,
        texts[f"kind.{item.kind}"],
        texts[f"severity.{item.severity}"],
        texts[f"category.{item.category}"],
        *([item.country] if item.country else []),
    ]
    by = texts["digest.respond_by"].format(respond_by=_moment(item.respond_by))
    return "\n".join((" | ".join(words), by, item.link))


def _late(item: OverdueItem, texts: Texts) -> str:
    since = texts["digest.due"].format(due_at=_moment(item.due_at))
    words = [item.public_ref, texts[f"severity.{item.severity}"], since]
    return "\n".join((" | ".join(words), item.link))


def _more(left_out: int, texts: Texts) -> list[str]:
    return [texts["digest.left_out"].format(count=left_out)] if left_out else []


def _moment(at: datetime) -> str:
    """Written the same in every language, and with the zone it is in."""
    return f"{at:%Y-%m-%d %H:%M} UTC"
