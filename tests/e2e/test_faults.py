"""Kills, throttles, lost answers and threads, on a store that keeps what moto does not.

The service runs in this process, as in the other tests, on tables and queues of its own in
ministack. There transactions of several threads conflict and roll back, a repeated
`ClientRequestToken` is applied once, and consumed capacity is told. Nothing here takes turns.
"""

import json
import os
import random
import resource
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session

from bench.calls.meter import Meter
from bench.calls.tally import Tally
from chalicelib.domain.references import derive_id
from chalicelib.store import clients, keys
from chalicelib.store.codec import encode
from chalicelib.store.work import SHARDS
from chalicelib.usecases.work.work_due import work_case, work_shard
from infra.local.gateway import Answer
from tests.calls import counted_calls
from tests.e2e.policies import letting_in
from tests.faults.kills import killed_at
from tests.faults.scenarios.steps import chain_verifies
from tests.service import Caller, Service, filing
from tests.store.answers import refusal

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

THREADS, ROUNDS = 8, 10


@pytest.fixture(scope="module")
def partner(service: Service) -> Caller:
    """A helpline, and two brands that source from the factory of `filing()`."""
    factory = service.factory()
    for brand in ("acme", "bolt"):
        service.brand(brand)
        service.link(factory, brand)
        _let_its_topic_send(service, brand)
    return service.partner()


def _let_its_topic_send(service: Service, brand: str) -> None:
    """ministack holds queues to their policies."""
    sqs, url = clients.client("sqs"), service.topics[brand]
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    policy = letting_in(service.deps.topics.arn(brand), told["QueueArn"])
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


def submit(partner: Caller, key: str, **changes: Any) -> Answer:
    return partner.post("/v1/grievances", filing(**changes), Idempotency_Key=key)


def reference_for(operation: str) -> str | None:
    """A filing with a reference of the partner's own is a transaction, one without is a put."""
    return f"GZ-{uuid.uuid4()}" if operation == "TransactWriteItems" else None


def killed_in_turn(
    name: str, act: Callable[[str], object], *, prepare: Callable[[str], None] = lambda _: None
) -> Iterator[str]:
    """Keys under which `act` was killed: before and after each of its AWS calls, each time on a
    case of its own. What that left is the caller's to look at."""
    prepare(f"{name}-whole")
    with counted_calls() as calls:
        act(f"{name}-whole")
    assert calls
    for moment in ("before-call", "after-call"):
        for position in range(1, len(calls) + 1):
            key, survived = f"{name}-{moment}-{position}", False
            prepare(key)
            with killed_at(position, moment):
                act(key)
                survived = True
            assert not survived, f"{key}: it made fewer calls than the first time"
            yield key


ANSWER_LOST = "answer lost"


def _session() -> URLLib3Session:
    trusted: Any = os.environ["AWS_CA_BUNDLE"]  # its stub knows of no path
    return URLLib3Session(verify=trusted)


@contextmanager
def met_by(operation: str, steps: Sequence[AWSResponse | str]) -> Iterator[Counter[str]]:
    """The first attempts of an operation are met by these, where botocore would send; what is
    yielded counts attempts."""
    attempts: Counter[str] = Counter()

    def sent(request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse | None:
        if not event_name.endswith(f".{operation}"):
            return None
        attempts[operation] += 1
        if attempts[operation] > len(steps):
            return None
        step = steps[attempts[operation] - 1]
        if isinstance(step, AWSResponse):
            return step
        _session().send(request)
        raise ReadTimeoutError(endpoint_url=request.url)

    dynamodb = clients.client("dynamodb")
    dynamodb.meta.events.register_first("before-send.dynamodb", sent)
    try:
        yield attempts
    finally:
        dynamodb.meta.events.unregister("before-send.dynamodb", sent)


Counted = list[tuple[str, float]]

_FLAT = ("BatchGetItem", "Query")
"""Reads of many items: of these ministack 1.5.33 tells the same whatever their size, or nothing."""


@contextmanager
def both_counts() -> Iterator[tuple[Counted, Counted]]:
    """Units of each call to DynamoDB: as the bench works them out, and as the store tells them."""
    worked_out: Counted = []
    told: Counted = []

    def ask(params: Any, model: Any, **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    def note(parsed: Any, model: Any, http_response: Any, **_: Any) -> None:
        consumed = parsed.get("ConsumedCapacity")
        tables = consumed if isinstance(consumed, list) else [consumed] if consumed else []
        told.append((model.name, sum(table["CapacityUnits"] for table in tables)))

    dynamodb, tally = clients.client("dynamodb"), Tally()
    events = dynamodb.meta.events
    events.register("provide-client-params.dynamodb", ask)
    events.register("after-call.dynamodb", note)
    try:
        with Meter(boto3.client("dynamodb"), tally).watching([dynamodb]), tally.counting() as calls:
            yield worked_out, told
    finally:
        events.unregister("provide-client-params.dynamodb", ask)
        events.unregister("after-call.dynamodb", note)
    for call in calls:
        units = call.read_units + call.table_units + call.index_units
        worked_out.append((call.operation.removeprefix("dynamodb."), units))
    for counts in (worked_out, told):
        counts[:] = [(name, units) for name, units in counts if name not in _FLAT]


def told_once(service: Service, partner: Caller, grievance_id: str) -> None:
    """The case is one, its chain verifies, and each brand was told, on record once."""
    assert partner.get(f"/v1/grievances/{grievance_id}").json()["state"] == "brand_notified"
    chain_verifies(service, partner, grievance_id, routed=1)
    alerts = service.deps.alerts.of_case(grievance_id, 10, None).items
    assert {alert.brand_id: alert.status for alert in alerts} == {"acme": "sent", "bolt": "sent"}


def test_threads_that_post_with_one_key_make_one_case(
    partner: Caller, counts: Counter[str]
) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        for number in range(ROUNDS):
            answers = list(
                pool.map(lambda _, key=f"threads-{number}": submit(partner, key), range(THREADS))
            )
            assert sorted(a.status for a in answers) == [200] * (THREADS - 1) + [201]
            assert len({a.body for a in answers}) == 1
            counts["ministack: posts of threads with one key"] += len(answers)


def test_threads_that_post_one_reference_make_one_case(
    partner: Caller, counts: Counter[str]
) -> None:
    """A key and a reference at once take a transaction of two items."""

    def post(thread: int, reference: str) -> Answer:
        return submit(partner, f"{reference}-{thread}", partner_ref=reference)

    with ThreadPoolExecutor(THREADS) as pool:
        for number in range(ROUNDS):
            answers = list(pool.map(partial(post, reference=f"GZ-{number}"), range(THREADS)))
            assert sorted(a.status for a in answers) == [200] * (THREADS - 1) + [201]
            assert len({a.body for a in answers}) == 1
            counts["ministack: posts of threads with one reference"] += len(answers)


def test_what_is_said_at_the_same_time_is_all_on_record_or_refused(
    service: Service, partner: Caller, counts: Counter[str]
) -> None:
    grievance_id = submit(partner, "said").json()["grievance_id"]
    path = f"/v1/grievances/{grievance_id}/messages"

    with ThreadPoolExecutor(THREADS) as pool:
        said = {"text": "Said at the same time.", "visibility": "partner"}
        answers = list(pool.map(lambda _: partner.post(path, said), range(5 * THREADS)))

    kept = Counter(answer.status for answer in answers)
    assert kept.keys() <= {201, 409}
    assert kept[201] >= 5
    messages = partner.get(f"{path}?limit=100").json()["items"]
    assert len(messages) == kept[201]
    case = service.deps.cases.head(grievance_id)
    assert case is not None
    assert case.version == 1 + kept[201]
    chain_verifies(service, partner, grievance_id, routed=0)
    counts["ministack: changes at the same time"] += len(answers)


def test_ticks_that_overlap_tell_each_brand_of_each_case_once_on_record(
    service: Service, partner: Caller, counts: Counter[str]
) -> None:
    filed = [submit(partner, f"overlap-{n}").json()["grievance_id"] for n in range(12)]

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _: service.tick(), range(THREADS)))
    service.tick()

    for grievance_id in filed:
        told_once(service, partner, grievance_id)
    counts["ministack: ticks at the same time"] += THREADS


@pytest.mark.parametrize("with_reference", [False, True], ids=["key", "key and reference"])
def test_a_grievance_survives_a_kill_at_each_call_of_its_intake(
    service: Service, partner: Caller, counts: Counter[str], with_reference: bool
) -> None:
    def file(key: str) -> Answer:
        return submit(partner, key, **({"partner_ref": key} if with_reference else {}))

    for key in killed_in_turn(f"intake-{with_reference}", file):
        receipt = file(key)
        assert receipt.status in (200, 201)
        assert file(key).body == receipt.body
        service.tick()
        told_once(service, partner, receipt.json()["grievance_id"])
        counts["ministack: kills"] += 1


def test_a_grievance_survives_a_kill_at_each_call_of_the_check(
    service: Service, partner: Caller, counts: Counter[str]
) -> None:
    filed: dict[str, str] = {}

    def prepare(key: str) -> None:
        filed[key] = submit(partner, key).json()["grievance_id"]

    def check(key: str) -> None:
        work_case(filed[key], seconds_left=lambda: 300, deps=service.deps)

    for key in killed_in_turn("check", check, prepare=prepare):
        for _ in range(2):
            service.clock.forward(minutes=1)
            service.tick()
        told_once(service, partner, filed[key])
        counts["ministack: kills"] += 1

    told = [alert for key in filed for alert in service.alert_rows(filed[key])]
    for brand in ("acme", "bolt"):
        received = {json.loads(e["Message"])["alert_id"] for e in service.received_alerts(brand)}
        assert received >= {a.alert_id for a in told if a.brand_id == brand and a.sent_at}


@pytest.mark.parametrize("operation", ["PutItem", "TransactWriteItems"])
def test_a_write_that_was_throttled_twice_is_made(
    service: Service, partner: Caller, operation: str
) -> None:
    with met_by(operation, [refusal("ThrottlingException")] * 2) as attempts:
        answer = submit(partner, f"throttled-{operation}", partner_ref=reference_for(operation))

    assert (answer.status, attempts[operation]) == (201, 3)


@pytest.mark.parametrize("operation", ["PutItem", "TransactWriteItems"])
def test_a_write_that_is_throttled_for_good_is_refused_and_leaves_nothing(
    service: Service, partner: Caller, operation: str
) -> None:
    key, reference = f"refused-{operation}", reference_for(operation)
    before = service.all_items()
    with met_by(operation, [refusal("ThrottlingException")] * 9) as attempts:
        answer = submit(partner, key, partner_ref=reference)

    assert (answer.status, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"]
    assert attempts[operation] == 3
    assert service.all_items() == before
    assert submit(partner, key, partner_ref=reference).status == 201


@pytest.mark.parametrize("operation", ["PutItem", "TransactWriteItems"])
def test_a_write_whose_answer_was_lost_is_made_once(
    service: Service, partner: Caller, operation: str
) -> None:
    """botocore sends it again: a transaction with the same token, which DynamoDB applies once."""
    key, reference = f"lost-{operation}", reference_for(operation)
    with met_by(operation, [ANSWER_LOST]) as attempts:
        first = submit(partner, key, partner_ref=reference)

    assert attempts[operation] == 2
    assert first.status in (200, 201)
    assert submit(partner, key, partner_ref=reference).body == first.body
    chain_verifies(service, partner, first.json()["grievance_id"], routed=0)


def test_a_change_whose_answer_was_lost_is_on_record_once(
    service: Service, partner: Caller
) -> None:
    grievance_id = submit(partner, "changed").json()["grievance_id"]
    path = f"/v1/grievances/{grievance_id}/messages"

    with met_by("TransactWriteItems", [ANSWER_LOST]) as attempts:
        answer = partner.post(path, {"text": "Said once."})

    assert (answer.status, attempts["TransactWriteItems"]) == (201, 2)
    assert [said["text"] for said in partner.get(path).json()["items"]] == ["Said once."]
    chain_verifies(service, partner, grievance_id, routed=0)


def test_what_the_bench_counts_is_what_the_store_says_it_took(
    service: Service, partner: Caller
) -> None:
    """docs/performance.md works out units by the documented rules; ministack has its own count."""
    with both_counts() as (worked_out, told):
        grievance_id = submit(partner, "units").json()["grievance_id"]
        submit(partner, "units-2", partner_ref="GZ-units")
        service.tick()
        partner.get(f"/v1/grievances/{grievance_id}")
        partner.get("/v1/grievances?limit=50")
        (alert,) = service.brand_desk().get("/v1/alerts?limit=1").json()["items"]
        service.brand_desk().post(f"/v1/alerts/{alert['alert_id']}/replies", {"text": "We ask."})

    assert len(told) > 15
    assert {"PutItem", "UpdateItem", "TransactWriteItems", "GetItem"} <= dict(told).keys()
    assert worked_out == told


BACKLOG = int(os.environ.get("HANDSHAKE_BACKLOG", "400"))
"""How many cases pile up; CONTRIBUTING.md says how to let it be 100,000."""


@pytest.mark.timeout(600 + BACKLOG // 5)
def test_a_backlog_drains_in_parallel_whatever_has_piled_up(
    service: Service, partner: Caller, counts: Counter[str]
) -> None:
    """One worker for each shard, as the queue starts them; none holds more than a page of cases."""
    first = submit(partner, "backlog").json()["grievance_id"]
    copies = piled_up(service, first, BACKLOG - 1)
    shards = Counter(keys.due_queue(case_id) for case_id in [first, *copies])
    assert len(shards) == SHARDS

    started = time.monotonic()
    with ThreadPoolExecutor(SHARDS) as pool:
        drain = partial(work_shard, seconds_left=lambda: 900, deps=service.deps)
        worked = list(pool.map(drain, range(SHARDS)))
    seconds, most = time.monotonic() - started, resident()

    assert sorted(done.checked for done in worked) == sorted(shards.values())
    assert sum(done.published for done in worked) == 2 * BACKLOG
    assert sum(done.failed for done in worked) == 0
    for shard in range(SHARDS):
        assert not service.deps.work.anything_due(shard, service.clock())
    for grievance_id in random.Random(BACKLOG).sample(copies, 20):
        told_once(service, partner, grievance_id)
    counts["ministack: backlog: cases"] += BACKLOG
    counts["ministack: backlog: cases a second, all workers"] += round(BACKLOG / seconds)
    counts["ministack: backlog: most MB resident"] += most


def piled_up(service: Service, grievance_id: str, times: int) -> list[str]:
    """Copies of a case that is due, each with an id of its own; their ids."""
    table, head = service.deps.settings.cases_table, service.head_item(grievance_id)
    ids = [derive_id("g", grievance_id, str(number)) for number in range(times)]
    for position in range(0, times, 25):
        copies = [
            {**head, "case_id": each, "work_queue": keys.due_queue(each)}
            for each in ids[position : position + 25]
        ]
        requests = [{"PutRequest": {"Item": encode(item)}} for item in copies]
        clients.client("dynamodb").batch_write_item(RequestItems={table: requests})
    return ids


def resident() -> int:
    """The most memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
