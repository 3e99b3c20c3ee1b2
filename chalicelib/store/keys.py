"""How keys are built; nobody else puts one together."""

import hashlib
from datetime import datetime

from chalicelib.domain.dates import timestamp

HEAD = "CASE"
COALITION = "COALITION"
"""Sort key of the head of a coalition."""
LEDGER_PREFIX = "LEDGER#"
ALERT_PREFIX = "ALERT#"
MESSAGE_PREFIX = "MESSAGE#"
ATTACHMENT_PREFIX = "ATTACHMENT#"
PLAN_PREFIX = "PLAN#"
QUESTION_PREFIX = "QUESTION#"
EXTENSION_PREFIX = "EXTENSION#"
OUTBOUND_PREFIX = "OUTBOUND#"
MEDIA_PREFIX = "MEDIA#"
OUTBOUND_DUE = "outbound"
"""Partition of the work index with the messages that are still to be sent to workers."""
MEDIA_DUE = "media"
"""Partition of the work index with the pictures that are still to be fetched from providers."""
ATTACHMENTS_DUE = "attachments"
"""Partition of the work index with the attachments that something is still to be done for."""
WATCH = "WATCH"
VAULT_KEY = "KEY"
CONVERSATION = "CONVERSATION"
"""Sort key of a conversation, and of which conversations are about a case."""
ERASURE_REQUEST = "ERASURE_REQUEST"
ERASURE = "ERASURE"
RETENTION = "RETENTION"
QUARANTINE_PREFIX = "quarantine#"
RETENTION_PLANS = "RETENTION#plans"

ERASURE_REQUESTS = "erasure-requests"
"""Partition of the work index that holds the requests that nobody has decided about."""

WORK_SHARDS = 8
DAY_SHARDS = 4
LISTING_SHARDS = 4
CHANGE_SHARDS = 4
CROSSING_SHARDS = 4
DEADLINE_SHARDS = 8


def shard_of(key: str, shards: int) -> int:
    """A stable shard for a key: the same in every process."""
    return hashlib.sha256(key.encode()).digest()[0] % shards


def ledger(seq: int) -> str:
    """Sort key of the ledger entry number `seq`."""
    return f"{LEDGER_PREFIX}{seq:06d}"


def alert(alert_id: str) -> str:
    """Sort key of an alert."""
    return f"{ALERT_PREFIX}{alert_id}"


def message(at: datetime, message_id: str) -> str:
    """Sort key of a message: messages of a case lie in the order of time."""
    return f"{MESSAGE_PREFIX}{timestamp(at)}#{message_id}"


def attachment(attachment_id: str) -> str:
    """Sort key of an attachment."""
    return f"{ATTACHMENT_PREFIX}{attachment_id}"


def outbound(outbound_id: str) -> str:
    """Sort key of a message on its way to a worker."""
    return f"{OUTBOUND_PREFIX}{outbound_id}"


def media(media_id: str) -> str:
    """Sort key of a picture that came with a message."""
    return f"{MEDIA_PREFIX}{media_id}"


def plan(plan_id: str) -> str:
    """Sort key of a remediation plan: a case's plans lie in the order of time, as their ids do."""
    return f"{PLAN_PREFIX}{plan_id}"


def question(question_id: str) -> str:
    """Sort key of a brand's question: they lie in the order of time, as their ids do."""
    return f"{QUESTION_PREFIX}{question_id}"


def extension(extension_id: str) -> str:
    """Sort key of a request for more time: they lie in the order of time, as their ids do."""
    return f"{EXTENSION_PREFIX}{extension_id}"


def due_queue(case_id: str) -> str:
    """The shard of due work in which a case's rows lie, cases and alerts alike."""
    return due_shard(shard_of(case_id, WORK_SHARDS))


def due_shard(shard: int) -> str:
    """Partition of the work index that holds a shard of due work."""
    return f"due#{shard}"


def watched_factory(factory_id: str) -> str:
    """Partition of the note that a factory's links have changed."""
    return f"WATCH#factory#{factory_id}"


def watched_brand(brand_id: str) -> str:
    """Partition of the note that a brand's links have changed."""
    return f"WATCH#brand#{brand_id}"


def watched_country(country: str) -> str:
    """Partition of the note that a country's factories have changed."""
    return f"WATCH#country#{country}"


def watched_escrow(factory_id: str) -> str:
    """Partition of the note that more may have been filed about a factory that cases wait for."""
    return f"WATCH#escrow#{factory_id}"


def watched_engagement(brand_id: str, engagement_id: str) -> str:
    """Partition of the note that a brand is engaged from some time on: one for each engagement."""
    return f"WATCH#brand#{brand_id}#{engagement_id}"


def watched_signals(factory_id: str, day: str) -> str:
    """Partition of the note that what was filed about a factory is to be looked at as a whole: one
    for each day, so that what is filed later puts none off."""
    return f"WATCH#signals#{factory_id}#{day}"


def watched_digest(brand_id: str, rhythm: str) -> str:
    """Partition of the note that a brand's digests of a rhythm are to be written."""
    return f"WATCH#digest#{brand_id}#{rhythm}"


def rhythm_of(partition: str) -> str:
    """The rhythm of such a note."""
    return partition.rsplit("#", 1)[1]


def watched_merged(factory_id: str) -> str:
    """Partition of the note that a factory has turned out to be another one."""
    return f"WATCH#merged#{factory_id}"


def in_escrow(factory_id: str) -> str:
    """Partition of the waiting index: cases that wait for others to file about their factory."""
    return f"escrow#{factory_id}"


def asked_of(factory_id: str) -> str:
    """Partition of the waiting index: what brands ask a factory, each under the question's id."""
    return f"asked#{factory_id}"


def waiting(country: str | None) -> str:
    """Partition of the waiting index: cases whose factory a changed registry may show."""
    return f"country#{country or '?'}"


def watched(partition: str) -> tuple[str, str]:
    """(`factory`, `brand`, `country`, `escrow`, `merged`, `signals` or `digest`, its id) of such a
    note."""
    kind, watched_id = partition.split("#")[1:3]
    return kind, watched_id


def crossings(border: str, year: int, case_id: str) -> dict[str, str]:
    """Key of a counter of people whose data crossed a border: one of several, against heat."""
    return _crossings(border, year, shard_of(case_id, CROSSING_SHARDS))


def all_crossings(border: str, year: int) -> list[dict[str, str]]:
    """The keys of all counters of a border and year."""
    return [_crossings(border, year, shard) for shard in range(CROSSING_SHARDS)]


def _crossings(border: str, year: int, shard: int) -> dict[str, str]:
    return {"case_id": f"CROSSED#{border}#{year}#{shard}", "sk": "COUNT"}


def border_of(partition: str) -> str:
    """The border of such a counter."""
    return partition.split("#")[1]


def review_queue(partner_id: str) -> str:
    """Partition of the work index that holds a partner's review queue."""
    return f"review#{partner_id}"


def quarantine(case_id: str) -> str:
    """Partition of the work index that holds what failed too often."""
    return quarantine_shard(shard_of(case_id, WORK_SHARDS))


def quarantine_shard(shard: int) -> str:
    """One of its partitions."""
    return f"{QUARANTINE_PREFIX}{shard}"


def deadline_queue(case_id: str) -> str:
    """Partition of the deadlines index that a case and its recalls lie in."""
    return deadline_shard(shard_of(case_id, DEADLINE_SHARDS))


def deadline_shard(shard: int) -> str:
    """One of its partitions."""
    return f"deadline#{shard}"


def signals(partner_id: str) -> str:
    """Partition of what a partner is told."""
    return f"SIGNALS#{partner_id}"


def signal(at: datetime, signal_id: str) -> str:
    """Sort key of a signal: they lie in the order of time."""
    return f"{timestamp(at)}#{signal_id}"


def received_day(received_at: datetime, case_id: str) -> str:
    """Partition of the by_day index: a day has several, so that a busy day is no hot key."""
    return day_shard(f"{received_at:%Y-%m-%d}", shard_of(case_id, DAY_SHARDS))


def day_shard(day: str, shard: int) -> str:
    """One of a day's partitions."""
    return f"{day}#{shard}"


def changed_day(at: datetime, case_id: str) -> str:
    """Partition of the by_change index: the day an entry is dated to, in several parts."""
    return day_shard(f"{at:%Y-%m-%d}", shard_of(case_id, CHANGE_SHARDS))


def listing(entity: str, entity_id: str) -> str:
    """Partition of the registry's listing index."""
    return listing_shard(entity, shard_of(entity_id, LISTING_SHARDS))


def listing_shard(entity: str, shard: int) -> str:
    """One of an entity's partitions in the listing index."""
    return f"{entity}#{shard}"


def person(hashed: str) -> str:
    """Partition of the cases whose person has this keyed hash."""
    return f"PERSON#{hashed}"


def conversation(conversation_id: str) -> str:
    """Partition of a conversation: its id is the keyed hash of its sender and line."""
    return f"CONVERSATION#{conversation_id}"


def unfinished_erasures(case_id: str) -> str:
    """Partition of the work index in which a case's erasure is until it is finished."""
    return unfinished_erasures_shard(shard_of(case_id, WORK_SHARDS))


def unfinished_erasures_shard(shard: int) -> str:
    """One of the partitions of unfinished erasures."""
    return f"erasing#{shard}"


def erasure_file(scope: str, case_id: str) -> str:
    """Where the register says that a case was erased."""
    return f"erasures/{scope}/{case_id}"


def retention_shard(shard: int, *, announced: bool) -> str:
    """Partition of the work index: what the rules do next, or what they have announced."""
    return f"{'announced' if announced else 'retention'}#{shard}"


def retention_queue(case_id: str, *, announced: bool) -> str:
    """The one that a case is in."""
    return retention_shard(shard_of(case_id, WORK_SHARDS), announced=announced)


def retention_plan(plan_id: str) -> str:
    """Partition of the cases of a plan."""
    return f"RETENTION#plan#{plan_id}"
