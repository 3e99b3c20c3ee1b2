"""What is counted: each thing that happens to a case, in a service of its own."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bench.calls import world
from bench.calls.attachments import attaching
from bench.calls.jobs import exporting, importing
from bench.calls.population import BRAND, Filed, file, register, rows_not_due
from bench.calls.world import Measured, World
from bench.events import DPO, OPERATOR, PARTNER, brand_desk, filing, token_event
from chalicelib.api.authorizer import authorize
from chalicelib.domain.admission.key_text import key_text
from chalicelib.store.keyring import Purpose

QUIET_CASES = 100_000
BATCHES = (1, 10, 100)

Scenario = Callable[[World], Iterator[Measured]]

GRIEVANCE = "/v1/grievances/{grievance_id}"
ALERT = "/v1/alerts/{alert_id}"
FORCED_LABOUR = {"ilo_indicators": ["retention_of_documents"]}


def groups(quiet_cases: int = QUIET_CASES) -> Mapping[str, Scenario]:
    """Every scenario by the name of its group. `quiet_cases` fill the tables for a quiet tick."""
    return {
        "intake": intake,
        "identities": identities,
        "attaching": attaching,
        "reading": reading,
        **{f"checking_{count}": _checking(count) for count in BATCHES},
        "checking_5_brands": _checking(1, brands=5),
        "unroutable": unroutable,
        "waiting_alerts": waiting_alerts,
        "answering": answering,
        "importing": importing,
        "exporting": exporting,
        "sealing": sealing,
        "quiet_ticks": lambda service: quiet_ticks(service, quiet_cases),
    }


def measured(group: Scenario) -> list[Measured]:
    """Run a group on fresh tables."""
    with world.running() as service:
        return list(group(service))


WORKER = {"name": "Example Worker", "phone": "+8613800138000", "wechat": "example-worker"}
"""Two things that a person is known again by."""


def intake(service: World) -> Iterator[Measured]:
    """New cases by each way of being recognised, and what does not make one."""

    def post(key: Any = None, **changes: Any) -> None:
        headers = {"Idempotency-Key": key} if key else None
        body = filing(**changes)
        service.ask("POST", "/v1/grievances", by=PARTNER, body=body, headers=headers)

    yield from authorizing(service)
    yield service.measured("intake.partner_ref", 1, lambda: post(partner_ref="A"))
    yield service.measured("intake.repeat", 1, lambda: post(partner_ref="A"))
    yield service.measured("intake.idempotency_key", 1, lambda: post("B"))
    yield service.measured("intake.both_keys", 1, lambda: post("C", partner_ref="C"))
    yield service.measured("intake.identity", 1, lambda: post("E", worker=WORKER))
    yield service.measured("intake.identity_repeat", 1, lambda: post("E", worker=WORKER))
    yield service.measured("intake.s1", 1, lambda: post(partner_ref="D", **FORCED_LABOUR))


def identities(service: World) -> Iterator[Measured]:
    """What is done with who a worker is, and a day's retention: with one case due, with none."""
    filed = [file(service, number, worker=WORKER) for number in range(2)]
    parameters = {"grievance_id": filed[0].grievance_id}

    def ask(method: str, below: str, body: object = None, by: Any = PARTNER) -> Any:
        where = {"resource": GRIEVANCE + below, "parameters": parameters}
        path = (GRIEVANCE + below).format(**parameters)
        return service.ask(method, path, by=by, body=body, **where)

    opening = {"reason": "contact_worker"}
    yield service.measured("identity.open", 1, lambda: ask("POST", "/identity/openings", opening))
    yield service.measured("identity.same_person", 1, lambda: ask("GET", "/same-person"))
    closing = {"to": "closed", "outcome": "withdrawn", "root_cause": "unknown"}
    ask("POST", "/transitions", closing)
    service.forward(days=30)
    yield service.measured("retention.1_to_announce", 1, service.apply_retention)
    service.forward(days=7)
    yield service.measured("retention.1_to_erase", 1, service.apply_retention)
    yield service.measured("retention.quiet", 1, service.apply_retention)
    parameters["grievance_id"] = filed[1].grievance_id
    erasure = {"reason": "worker_request", "confirm": ask("GET", "")["public_ref"]}
    yield service.measured("identity.erase", 1, lambda: ask("POST", "/erasure", erasure, by=DPO))


def authorizing(service: World) -> Iterator[Measured]:
    """A key nobody has, one that a process meets for the first time, and every other request."""
    unknown, known = (key_text(f"{number:048x}") for number in range(2))
    service.let_in(PARTNER["role"], PARTNER["organisation"], known)

    def ask(key: str) -> None:
        authorize(token_event(f"Bearer {key}"), None)

    service.deps.keyring.key(Purpose.API_KEY_HASH)
    yield service.measured("authorize.unknown", 1, lambda: ask(unknown))
    yield service.measured("authorize.first_time", 1, lambda: ask(known))
    yield service.measured("authorize", 1, lambda: ask(known))


def reading(service: World) -> Iterator[Measured]:
    """What a partner and a worker look at."""
    filed = file(service, 0)
    for number in range(1, 60):
        file(service, number)

    def get(path: str, **event: object) -> None:
        service.ask("GET", path, by=PARTNER, **event)

    def page(**query: str) -> None:
        get("/v1/grievances", query={"limit": "50", **query})

    yield service.measured("read.one", 1, lambda: _get_case(service, filed, ""))
    yield service.measured("read.history", 1, lambda: _get_case(service, filed, "/history"))
    yield service.measured("read.page_of_50", 50, page)
    yield service.measured("read.page_of_50_filtered", 50, lambda: page(state="received"))
    code = {"Receipt-Code": filed.receipt_code}
    yield service.measured("read.receipt", 1, lambda: get("/v1/receipts", headers=code))


def _get_case(service: World, filed: Filed, below: str) -> None:
    path, parameters = GRIEVANCE + below, {"grievance_id": filed.grievance_id}
    where = {"resource": path, "parameters": parameters}
    service.ask("GET", path.format(**parameters), by=PARTNER, **where)


def _checking(count: int, brands: int = 1) -> Scenario:
    """A tick and the work it leads to, over so many due cases whose factory has so many brands."""
    suffix = "" if brands == 1 else f".{brands}_brands"

    def scenario(service: World) -> Iterator[Measured]:
        register(service, tuple(f"{BRAND}-{n}" for n in range(brands)))
        for number in range(count):
            file(service, number)
        yield service.measured(f"tick.{count}_due{suffix}", count, service.tick)
        yield service.measured(f"work.{count}_due{suffix}", count, service.drain)

    return scenario


def unroutable(service: World) -> Iterator[Measured]:
    """Cases whose factory no brand discloses, and cases whose factory nobody knows."""
    service.ask("POST", "/v1/factories", by=OPERATOR, body=filing()["factory_reported"])
    service.use_index()
    file(service, 1)
    service.tick()
    yield service.measured("work.1_not_covered", 1, service.drain)
    file(service, 2, factory_reported={"name": "Unheard Of Garments", "country": "BD"})
    service.tick()
    yield service.measured("work.1_needs_review", 1, service.drain)


def waiting_alerts(service: World) -> Iterator[Measured]:
    """Ten alerts that are written but could not be published, in one go once the topic is back."""
    register(service)
    topic = service.deps.topics.arn(BRAND)
    service.outside("sns").delete_topic(TopicArn=topic)
    for number in range(10):
        file(service, number)
    service.tick()
    service.drain()
    service.outside("sns").create_topic(Name=topic.rsplit(":", 1)[1])
    service.forward(hours=1)
    service.tick()
    yield service.measured("publish.10_waiting", 10, service.drain)


def answering(service: World) -> Iterator[Measured]:
    """What a brand does with an alert."""
    register(service)
    file(service, 1)
    service.tick()
    service.drain()
    desk = brand_desk(BRAND)
    service.let_in(desk["role"], BRAND)
    alert_id = service.ask("GET", "/v1/alerts", by=desk)["items"][0]["alert_id"]
    parameters = {"alert_id": alert_id}

    def ask(method: str, below: str, body: object = None) -> None:
        where = {"resource": ALERT + below, "parameters": parameters}
        service.ask(method, (ALERT + below).format(**parameters), by=desk, body=body, **where)

    reply = {"text": "We have asked the factory for its payroll and will answer by Friday."}
    yield service.measured("alert.list", 1, lambda: service.ask("GET", "/v1/alerts", by=desk))
    yield service.measured("alert.read", 1, lambda: ask("GET", ""))
    yield service.measured("alert.acknowledge", 1, lambda: ask("POST", "/acknowledgement"))
    yield service.measured("alert.reply", 1, lambda: ask("POST", "/replies", reply))


def sealing(service: World) -> Iterator[Measured]:
    """A hundred new entries under one head, and a run with nothing to seal; the very first run,
    which looks through two months, lies behind."""
    service.seal()
    for number in range(100):
        file(service, number, intake_type="enquiry")
    yield service.measured("seal.100_new", 100, service.seal)
    yield service.measured("seal.quiet", 1, service.seal)


def quiet_ticks(service: World, cases: int) -> Iterator[Measured]:
    """A tick with nothing due: over an empty table, and over any number of cases."""
    yield service.measured("tick.quiet.empty", 1, service.tick)
    rows_not_due(service, cases)
    yield service.measured("tick.quiet.full", 1, service.tick)
