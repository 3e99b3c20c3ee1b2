"""What must be true for a step to have happened. Nothing is believed that was not looked at."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain.calendars import zone_of
from chalicelib.domain.helpline.outbound import QUIET_FROM, QUIET_UNTIL
from chalicelib.domain.record.ledger import Entry, first_bad_entry
from chalicelib.texts import for_workers

ATTRIBUTES = ("brand_id", "kind", "severity", "category", "country")
"""What brands filter their subscriptions by."""


class StepFailed(Exception):
    """A step did not happen as told; the message says what was seen instead."""


def expect(holds: object, otherwise: str) -> None:
    """Raises StepFailed with `otherwise` unless something holds."""
    if not holds:
        raise StepFailed(otherwise)


def same_receipt(first: bytes, again: bytes, status: int, replayed: str | None) -> None:
    """A repeated post gets the first receipt, byte for byte, and is told that it was a repeat."""
    expect(status == 200, f"the repeated post was answered with {status} instead of 200")
    expect(replayed == "true", "the repeated post was not marked as Idempotent-Replayed")
    expect(first == again, "the repeated post got another receipt than the first one")


def alert_in(envelope: Mapping[str, Any]) -> dict[str, Any]:
    """The alert in an SNS notification. StepFailed when there is none."""
    try:
        alert = json.loads(envelope["Message"])
    except (KeyError, ValueError) as error:
        raise StepFailed("a notification carries no JSON message") from error
    expect(isinstance(alert, dict) and "alert_id" in alert, "a notification carries no alert")
    found: dict[str, Any] = alert
    return found


def filterable(envelope: Mapping[str, Any], alert: Mapping[str, Any]) -> dict[str, str]:
    """The message attributes of a notification, which must say what the alert says."""
    attributes = {
        name: _said(attribute) for name, attribute in envelope["MessageAttributes"].items()
    }
    expected = {name: str(alert[name]) for name in ATTRIBUTES}
    expect(attributes == expected, f"the message attributes are {sorted(attributes)}")
    return attributes


def _said(attribute: Mapping[str, str]) -> str:
    """What an attribute says of its alert; that it comes always, too, is none of that."""
    if attribute["Type"] == "String.Array":
        values: list[str] = json.loads(attribute["Value"])
        return next(value for value in values if value != "always")
    return attribute["Value"]


def told_nothing_more(alert: Mapping[str, Any], narrative: str) -> None:
    """An alert never carries what the worker told, nor the partner it was told to."""
    text = json.dumps(alert, ensure_ascii=False)
    expect(narrative not in text, "the alert carries the worker's own words")
    expect("partner" not in text, "the alert names the partner")


def receipt_code_in(reply: str) -> str:
    """The receipt code that a worker is given. StepFailed when there is none."""
    found = _RECEIPT_CODE.search(reply)
    if found is None:
        raise StepFailed("the reply has no receipt code")
    return found[0]


_RECEIPT_CODE = re.compile(r"[0-9]{4}(-[0-9]{4}){3}")


def said(reply: str, language: str, *names: str) -> None:
    """A reply says these texts of the workers' catalogue, one after the other, and no more. What
    names none of them is to be said as it is."""
    texts, code = for_workers.catalogue(language), _RECEIPT_CODE.search(reply)
    given = code[0] if code else ""
    expected = [texts[name].format(code=given) if name in texts else name for name in names]
    expect(reply == "\n".join(expected), f"the reply is not {', '.join(names)} in {language}")


def on_its_way(delivery: Mapping[str, Any], at_night: bool) -> Mapping[str, Any] | None:
    """The delivery of a message once it is sent, or waits for the morning; None until then."""
    status = delivery["status"]
    expect(status not in ("withheld", "failed"), f"it is {status}: {delivery['because']}")
    waits = status == "queued" and at_night
    return delivery if waits or status in ("sent", "delivered") else None


def is_night(country: str, at: datetime) -> bool:
    """Whether a worker's telephone is to be left alone at a moment."""
    there = at.astimezone(ZoneInfo(zone_of(country))).time()
    return not QUIET_UNTIL <= there < QUIET_FROM


def verified_rows(content: bytes, manifest: Mapping[str, Any]) -> list[dict[str, str]]:
    """The rows of an export's CSV, when the file is the one that its manifest describes."""
    digest = hashlib.sha256(content).hexdigest()
    expect(digest == manifest["sha256"], "the export's SHA-256 is not the manifest's")
    expect(len(content) == manifest["bytes"], "the export's size is not the manifest's")
    reader = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))
    rows = list(reader)
    expect(reader.fieldnames == manifest["columns"], "the columns are not the manifest's")
    expect(
        len(rows) == manifest["row_count"],
        f"the export has {len(rows)} rows, its manifest says {manifest['row_count']}",
    )
    return rows


def verified_chain(entries: Sequence[Mapping[str, Any]], ledger_hash: str) -> list[Entry]:
    """The entries of a case's ledger, when each is tied to the one before and the last is the
    one that the case itself names."""
    chain = [
        Entry.model_validate({name: entry[name] for name in Entry.model_fields if name in entry})
        for entry in entries
    ]
    bad = first_bad_entry(chain)
    expect(bad is None, f"the ledger's chain breaks at entry {bad}")
    expect(chain and chain[-1].hash == ledger_hash, "the ledger's end is not the case's hash")
    return chain
