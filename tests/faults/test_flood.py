"""Ten partners file at once, one of them a hundred times as fast: nobody else is refused anything.

moto answers in turn and never throttles, so this shows what the limits decide and where the writes
go, not how DynamoDB bears them.
"""

from collections import Counter

from chalicelib.store.keys import WORK_SHARDS
from tests.service import Service, filing

QUIET = [f"partner-{number}" for number in range(9)]
LOUD = "partner-loud"
EACH = 2
TIMES = 100
A_MINUTE = 80


def test_one_partner_that_files_a_hundred_times_as_fast_is_refused_alone(
    service: Service, counts: Counter[str]
) -> None:
    service.limit(requests_per_minute=A_MINUTE)
    statuses: dict[str, Counter[int]] = {name: Counter() for name in [*QUIET, LOUD]}

    def file(name: str, number: int) -> None:
        body = filing(partner_ref=f"{name}-{number}")
        answer = service.partner(name).post("/v1/grievances", body)
        statuses[name][answer.status] += 1

    for turn in range(EACH):
        for name in QUIET:
            file(name, turn)
        for number in range(TIMES):
            file(LOUD, turn * TIMES + number)

    assert [statuses[name] for name in QUIET] == [Counter({201: EACH})] * len(QUIET)
    assert statuses[LOUD] == Counter({201: A_MINUTE, 429: EACH * TIMES - A_MINUTE})
    counts["flood: filed by nine partners"] = sum(statuses[name][201] for name in QUIET)
    counts["flood: refused to nine partners"] = sum(statuses[name][429] for name in QUIET)
    counts["flood: filed by the loud one"] = statuses[LOUD][201]
    counts["flood: refused to the loud one"] = statuses[LOUD][429]
    _writes_are_spread(service, counts)


def _writes_are_spread(service: Service, counts: Counter[str]) -> None:
    """A partition for each case, even shards of due work, a counter for each key."""
    heads = [item for item in service.all_items() if item["sk"] == "CASE"]
    partitions = Counter(head["case_id"] for head in heads)
    shards = Counter(head["work_queue"] for head in heads)
    counters = [
        item["pk"]
        for item in service.items_of(service.deps.settings.access_table)
        if item["pk"].startswith("LIMIT#requests#")
    ]

    assert max(partitions.values()) == 1
    assert len(shards) == WORK_SHARDS
    assert max(shards.values()) <= 3 * len(heads) / WORK_SHARDS
    assert len(counters) == len(set(counters)) == len(QUIET) + 1
    counts["flood: partitions of cases"] = len(partitions)
    for shard, number in shards.items():
        counts[f"flood: cases in {shard}"] = number
