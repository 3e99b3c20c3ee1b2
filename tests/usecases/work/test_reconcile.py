"""What does not agree in the store is found, all of it and nothing else, and repaired if asked."""

import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.domain.cases.attachment import UPLOAD_WINDOW
from chalicelib.domain.references import derive_id
from chalicelib.domain.work.job import JobStatus
from chalicelib.domain.work.reconciliation import REPORTED_ONLY, FindingKind
from chalicelib.store import keys
from chalicelib.store.clients import client
from chalicelib.store.work import head_row
from chalicelib.usecases.work.reconcile import MOST_FINDINGS, Noted, Report
from tests.helpline import on_its_way
from tests.service import START, Service
from tests.usecases import pictures
from tests.usecases.cases.test_attachments import BUCKET, objects
from tests.usecases.identities.test_erase import erased
from tests.usecases.plans import PLAN
from tests.usecases.stories import (
    case_of,
    consented,
    covered,
    fields,
    submitted,
    walked,
)

TODAY = {"received_from": "2026-11-22", "received_to": "2026-11-22"}
UNKNOWN = {"name": "Nobody knows it", "country": "CN"}
UNCOVERED = {"name": "Dong Fang Shoes", "city": "Dongguan", "country": "CN"}
WORKER = {"name": "Example Worker", "phone": "13800138000"}
WITHDRAWN = {"to": "closed", "outcome": "withdrawn", "root_cause": "unknown"}

Found = tuple[str, str, int | None]


def reconciled(service: Service, *, repair: bool = False, **period: str) -> dict[str, Any]:
    """The report of a reconciliation that an operator asks for."""
    body = {**TODAY, **period, "repair": repair}
    asked = service.operator().post("/v1/reconciliations", body)
    assert asked.status == 202, asked.body
    invoke_jobs(service)
    report: dict[str, Any] = service.operator().get(asked.headers["Location"]).json()
    assert report["status"] == "done", report
    return report


def invoke_jobs(service: Service) -> None:
    """Only the jobs: what is due stays due until the test lets it be worked."""
    service._work_queue("run_job", service.deps.settings.jobs_queue_url, 300)


def found(report: dict[str, Any]) -> Counter[Found]:
    return Counter((f["kind"], f["id"], f["entry"]) for f in report["findings"])


class Lived:
    """Cases of every kind that a service comes to hold, by what has become of them."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.partner = service.partner()
        self.cases: dict[str, list[str]] = {}
        covered(service, "acme", "bolt")
        service.factory(**UNCOVERED)
        self._told()
        self._attached()
        self._ended()
        self._left_open()

    def _post(self, kind: str, number: int, **facts: Any) -> str:
        case_id = submitted(self.partner, f"{kind}-{number}", **facts)
        self.cases.setdefault(kind, []).append(case_id)
        return case_id

    def _move(self, case_id: str, **wish: Any) -> None:
        answer = self.partner.post(f"/v1/grievances/{case_id}/transitions", wish)
        assert answer.status == 200, answer.body

    def _told(self) -> None:
        for number in range(6):
            self._post("told", number)
        for number in range(3):
            self._post("review", number, factory_reported=UNKNOWN)
            self._post("uncovered", number, factory_reported=UNCOVERED)
        escrow = {"level": "X", "cross_border": True, "script_version": "helpline-zh-3"}
        self._post("escrow", 0, consent=escrow, worker=WORKER)
        self._post("silent", 0, consent={"level": "C0", "script_version": "helpline-zh-3"})
        self._post("enquiry", 0, intake_type="enquiry")
        held = self._post("held", 0)
        self._move(held, to="on_hold", reason="She is away.", until="2026-12-01T00:00:00Z")
        promising = self._post("promising", 0)
        recalled, paused = self._post("recalled", 0), self._post("paused", 0)
        self.service.tick()
        alert = self.service.alert_rows(promising)[0]
        plans = f"/v1/alerts/{alert.alert_id}/plans"
        promised = self.service.brand_desk(alert.brand_id).post(plans, PLAN)
        self.promised = (promising, promised.json()["plan_id"])
        self.asked = self._asked(alert.brand_id, f"/v1/alerts/{alert.alert_id}")
        version = case_of(self.partner, recalled)["version"]
        assert consented(self.partner, recalled, version, level="C0").status == 200
        self._move(paused, to="on_hold", reason="She is away.", until="2026-12-01T00:00:00Z")
        self.service.tick()

    def _asked(self, brand_id: str, alert: str) -> tuple[str, str, str]:
        """The ids of a question, of a request for more time, and of a question to the factory."""
        desk = self.service.brand_desk(brand_id)
        wish = {"text": "Which months?", "to": "factory"}
        to_factory = desk.post(f"{alert}/questions", wish).json()
        question = desk.post(f"{alert}/questions", {"text": "Which months?"}).json()
        time = {"clock": "hard_stop", "days": 9, "reason": "An audit."}
        extension = desk.post(f"{alert}/extensions", time).json()
        return question["question_id"], extension["extension_id"], to_factory["question_id"]

    def _attached(self) -> None:
        self.attachments: dict[str, tuple[str, str]] = {}
        for kind in ("clean", "removed", "expired", "clean too"):
            case_id = self._post("attached", len(self.attachments))
            ask = pictures.asked if kind == "expired" else pictures.uploaded
            answer = ask(self.partner, case_id, pictures.photo())
            its_id = answer["attachment_id"] if isinstance(answer, dict) else answer
            self.attachments[kind] = (case_id, its_id)
        self.service.clock.forward(minutes=1)
        self.service.tick()
        case_id, its_id = self.attachments["removed"]
        self.partner.delete(f"/v1/grievances/{case_id}/attachments/{its_id}")
        for _ in range(3):
            self.service.clock.forward(seconds=UPLOAD_WINDOW.total_seconds())
            self.service.tick()
        case_id = self._post("attached", 9)
        answer = pictures.asked(self.partner, case_id, pictures.png(), "image/png")
        self.attachments["awaited"] = (case_id, answer["attachment_id"])

    def _ended(self) -> None:
        for number in range(4):
            self._move(self._post("closed", number, worker=WORKER), **WITHDRAWN)
        refused = self._post("inadmissible", 0)
        self._move(refused, to="acknowledged")
        self._move(refused, to="screening")
        self._move(refused, to="inadmissible", inadmissible_reason="not_about_work")
        reopened = self._post("reopened", 0)
        self._move(reopened, **WITHDRAWN)
        self._move(reopened, to="reopened", reason="She was wronged again.")
        assert erased(self.service, self._post("erased", 0, worker=WORKER)).status == 200
        gone = self._post("erased", 1, worker=WORKER)
        assert erased(self.service, gone, "texts").status == 200
        self._move(gone, **WITHDRAWN)
        self.partner.post(f"/v1/grievances/{gone}/messages", {"text": "A note."})
        for number in range(2):
            asked = self._post("to be erased", number, worker=WORKER)
            path = f"/v1/grievances/{asked}/erasure-requests"
            assert self.partner.post(path, {"reason": "worker_request"}).status == 201

    def _left_open(self) -> None:
        service = self.service
        service.tick()
        self._post("put off", 0)
        deps, row = service.deps, head_row(self.cases["put off"][0])
        deps.work.postpone(
            row, attempts=8, until=service.clock(), error="LookupError", give_up=True
        )
        given_up = [self._post("given up", number) for number in range(2)]
        waiting = [self._post("waiting", number) for number in range(4)]
        with service.refusing("Publish"), service.refusing("PublishBatch"):
            service.tick()
        for case_id in given_up:
            for alert in service.alert_rows(case_id):
                service.set_attributes(
                    case_id,
                    keys.alert(alert.alert_id),
                    status="quarantined",
                    attempts=8,
                    work_queue=keys.quarantine(case_id),
                )
        assert len(waiting) == 4
        for number in range(4):
            self._post("new", number)
        for brand in ("acme", "bolt"):
            service.received_alerts(brand)


@pytest.fixture
def lived(service: Service) -> Lived:
    return Lived(service)


# Damage, past every rule of the service


def without(service: Service, case_id: str, sort_key: str, *attributes: str) -> None:
    client("dynamodb").update_item(
        TableName=service.deps.settings.cases_table,
        Key={"case_id": {"S": case_id}, "sk": {"S": sort_key}},
        UpdateExpression="REMOVE " + ", ".join(attributes),
    )


def deleted(service: Service, case_id: str, sort_key: str) -> None:
    key = {"case_id": {"S": case_id}, "sk": {"S": sort_key}}
    client("dynamodb").delete_item(TableName=service.deps.settings.cases_table, Key=key)


def stored(key: str) -> None:
    client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"left")


class Damage:
    """Something of each kind, at cases that chance chooses; each case is damaged once."""

    def __init__(self, lived: Lived, seed: int) -> None:
        self.lived, self.service = lived, lived.service
        self.left = {kind: list(ids) for kind, ids in lived.cases.items()}
        self.chance = random.Random(seed)
        self.seeded: Counter[Found] = Counter()
        for ids in self.left.values():
            self.chance.shuffle(ids)
        for damage in (self._queues, self._alerts, self._files, self._erasures, self._ledgers):
            damage()

    def _case(self, kind: str) -> str:
        return self.left[kind].pop()

    def _note(self, kind: str, about: str, entry: int | None = None) -> None:
        self.seeded[kind, about, entry] += 1

    def _queues(self) -> None:
        never_checked: list[Callable[[str], None]] = [
            lambda case_id: without(
                self.service, case_id, "CASE", "work_queue", "due_at", "check_due_at"
            ),
            lambda case_id: without(self.service, case_id, "CASE", "work_queue"),
            lambda case_id: without(self.service, case_id, "CASE", "due_at"),
            lambda case_id: self.service.set_attributes(case_id, "CASE", work_queue="due#99"),
        ]
        for lose in never_checked:
            case_id = self._case("new")
            lose(case_id)
            self._note("case_misplaced", case_id)
        for kind, attribute in (("review", "work_queue"), ("uncovered", "waiting")):
            case_id = self._case(kind)
            without(self.service, case_id, "CASE", attribute)
            self._note("case_misplaced", case_id)
        case_id = self._case("put off")
        without(self.service, case_id, "CASE", "work_queue")
        self._note("case_misplaced", case_id)

    def _alerts(self) -> None:
        for kind in ("waiting", "waiting", "given up"):
            alert = self._alert(self._case(kind))
            without(self.service, alert.grievance_id, keys.alert(alert.alert_id), "work_queue")
            self._note("alert_misplaced", alert.alert_id)
        alert = self._alert(self._case("told"))
        stray = keys.due_queue(alert.grievance_id)
        self.service.set_attributes(
            alert.grievance_id,
            keys.alert(alert.alert_id),
            work_queue=stray,
            due_at="2026-11-22T08:00:00.000Z",
        )
        self._note("alert_misplaced", alert.alert_id)
        alert = self._alert(self._case("told"))
        deleted(self.service, alert.grievance_id, keys.alert(alert.alert_id))
        self._note("alert_missing", alert.alert_id, 2)
        case_id, plan_id = self.lived.promised
        deleted(self.service, case_id, keys.plan(plan_id))
        self._note("plan_missing", plan_id, 3)
        question_id, extension_id, to_factory = self.lived.asked
        without(self.service, case_id, keys.question(to_factory), "waiting")
        self._note("question_misplaced", to_factory)
        deleted(self.service, case_id, keys.question(question_id))
        self._note("question_missing", question_id, 5)
        deleted(self.service, case_id, keys.extension(extension_id))
        self._note("extension_missing", extension_id, 6)

    def _alert(self, case_id: str) -> Any:
        rows = self.service.alert_rows(case_id)
        return self.chance.choice(sorted(rows, key=lambda alert: alert.alert_id))

    def _files(self) -> None:
        attachments = self.lived.attachments
        case_id, its_id = attachments["awaited"]
        without(self.service, case_id, keys.attachment(its_id), "work_queue")
        self._note("attachment_misplaced", its_id)
        case_id, _ = attachments["removed"]
        message = on_its_way(self.service, case_id)
        without(self.service, case_id, keys.outbound(message.outbound_id), "work_queue")
        self._note("outbound_misplaced", message.outbound_id)
        case_id, its_id = attachments["clean"]
        client("s3").delete_object(Bucket=BUCKET, Key=f"clean/{case_id}/{its_id}")
        self._note("file_missing", its_id)
        for kind, folder in (("clean too", "incoming"), ("removed", "clean")):
            case_id, its_id = attachments[kind]
            stored(f"{folder}/{case_id}/{its_id}")
            self._note("file_left", its_id)
        for folder in ("incoming", "clean"):
            case_id = self._case("enquiry" if folder == "clean" else "escrow")
            its_id = derive_id("at", case_id, folder)
            stored(f"{folder}/{case_id}/{its_id}")
            self._note("file_without_row", its_id)

    def _erasures(self) -> None:
        case_id = self._case("closed")
        deleted(self.service, case_id, keys.RETENTION)
        self._note("retention_missing", case_id)
        case_id = self._case("inadmissible")
        deleted(self.service, case_id, keys.RETENTION)
        self._note("retention_missing", case_id)
        case_id = self._case("closed")
        without(self.service, case_id, keys.RETENTION, "work_queue")
        self._note("retention_misplaced", case_id)
        case_id = self._case("to be erased")
        without(self.service, case_id, keys.ERASURE_REQUEST, "work_queue")
        self._note("request_misplaced", case_id)
        case_id = self._case("erased")
        self.service.set_attributes(case_id, keys.ERASURE, due_at="2026-11-22T08:00:00.000Z")
        self._note("erasure_misplaced", case_id)

    def _ledgers(self) -> None:
        case_id = self._case("paused")  # received, routed, on hold
        deleted(self.service, case_id, keys.ledger(2))
        self._note("ledger_broken", case_id, 2)
        case_id = self._case("recalled")
        deleted(self.service, case_id, keys.ledger(3))
        self._note("ledger_broken", case_id, 3)
        case_id = self._case("told")
        self.service.set_attributes(case_id, keys.ledger(2), actor="somebody else")
        self._note("ledger_broken", case_id, 2)
        case_id = self._case("silent")
        self.service.set_attributes(case_id, "CASE", ledger_hash="0" * 64)
        self._note("ledger_broken", case_id, self.service.head_item(case_id)["version"])
        case_id = self._case("told")
        self.service.poison(case_id)
        self._note("unreadable", case_id)

    @property
    def not_repairable(self) -> Counter[Found]:
        return Counter(f for f in self.seeded.elements() if f[0] in REPORTED_ONLY)


def test_a_store_that_nobody_damaged_gives_no_finding(lived: Lived) -> None:
    before = lived.service.everything()

    report = reconciled(lived.service, repair=True)

    assert report["findings"] == report["counts"] == []
    assert report["looked_at"] == sum(map(len, lived.cases.values())) >= 36
    assert lived.service.everything() == before


@pytest.mark.parametrize("fixed", [20261122, None])
def test_whatever_was_damaged_is_found_and_repaired_and_nothing_else(
    lived: Lived, fixed: int | None
) -> None:
    seed = fixed or random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # noqa: T201  pytest shows it of a test that fails
    service, damage = lived.service, Damage(lived, seed)
    kept, files = service.everything(), objects(service)

    dry = reconciled(service)

    assert found(dry) == damage.seeded
    assert not any(finding["repaired"] for finding in dry["findings"])
    assert (service.everything(), objects(service)) == (kept, files)

    report = reconciled(service, repair=True)

    assert found(report) == damage.seeded
    assert {f["kind"] for f in report["findings"] if not f["repaired"]} == REPORTED_ONLY
    assert report["counts"] == [
        {
            "kind": kind,
            "found": number,
            "repaired": 0 if kind in REPORTED_ONLY else number,
            "left": number if kind in REPORTED_ONLY else 0,
        }
        for kind, number in in_order(damage.seeded).items()
    ]
    assert found(reconciled(service, repair=True)) == damage.not_repairable


def in_order(seeded: Counter[Found]) -> dict[str, int]:
    numbers = Counter(kind for kind, _, _ in seeded.elements())
    return {kind.value: numbers[kind] for kind in FindingKind if numbers[kind]}


def test_what_was_never_sent_is_sent_once_it_is_repaired_and_not_before(service: Service) -> None:
    covered(service, "acme", "bolt")
    never_checked = [submitted(service.partner(), f"n-{number}") for number in range(3)]
    for case_id in never_checked:
        without(service, case_id, "CASE", "work_queue", "due_at", "check_due_at")
    written = [submitted(service.partner(), f"w-{number}") for number in range(3)]
    with service.refusing("Publish"), service.refusing("PublishBatch"):
        service.tick()
    for case_id in written:
        for alert in service.alert_rows(case_id):
            without(service, case_id, keys.alert(alert.alert_id), "work_queue", "due_at")
    reconciled(service)
    service.clock.forward(hours=1)
    service.tick()
    assert service.received_alerts("acme") == service.received_alerts("bolt") == []

    report = reconciled(service, repair=True)
    service.tick()

    told = {brand: service.received_alerts(brand) for brand in ("acme", "bolt")}
    for brand, envelopes in told.items():
        sent = [json.loads(envelope["Message"])["alert_id"] for envelope in envelopes]
        rows = [row for case_id in never_checked + written for row in service.alert_rows(case_id)]
        assert sorted(sent) == sorted(row.alert_id for row in rows if row.brand_id == brand)
        assert len(sent) == 6
    assert {f["kind"] for f in report["findings"]} == {"case_misplaced", "alert_misplaced"}
    assert reconciled(service, repair=True)["findings"] == []


def test_files_that_must_not_stay_are_deleted_and_those_that_must_are_not(lived: Lived) -> None:
    service, (case_id, its_id) = lived.service, lived.attachments["clean"]
    kept = set(objects(service))
    left, again = lived.attachments["removed"], lived.attachments["expired"]
    stored(f"clean/{left[0]}/{left[1]}")
    stored(f"incoming/{again[0]}/{again[1]}")
    stored(f"incoming/{case_id}/{its_id}")
    for folder in ("incoming", "clean"):
        stored(f"{folder}/{case_id}/{derive_id('at', case_id, 'nobody')}")

    report = reconciled(service, repair=True)
    service.tick()

    assert set(objects(service)) == kept
    kinds = Counter(f["kind"] for f in report["findings"])
    assert kinds == {"file_left": 3, "file_without_row": 1}
    assert reconciled(service)["findings"] == []


def test_retention_that_was_lost_counts_from_the_end_of_the_case(lived: Lived) -> None:
    service = lived.service
    ended = [*lived.cases["closed"], *lived.cases["inadmissible"]]
    before = {case_id: service.deps.retention.scheduled(case_id) for case_id in ended}
    assert None not in before.values()
    for case_id in ended:
        deleted(service, case_id, keys.RETENTION)
    service.clock.forward(days=3)

    reconciled(service, repair=True)

    assert {case_id: service.deps.retention.scheduled(case_id) for case_id in ended} == before


def test_a_change_in_the_middle_of_a_read_is_no_finding(service: Service) -> None:
    partner = service.partner()
    case_id = submitted(partner)
    service.operator().post("/v1/reconciliations", TODAY)

    def attach() -> None:
        pictures.uploaded(partner, case_id, pictures.photo())

    with service.before_call("ListObjectsV2", attach):
        invoke_jobs(service)

    (report,) = service.operator().get("/v1/reconciliations").json()["items"]
    assert (report["status"], report["looked_at"], report["counts"]) == ("done", 1, [])


def test_an_alert_that_was_sent_since_it_was_read_is_not_put_back(service: Service) -> None:
    covered(service)
    case_id = submitted(service.partner())
    with service.refusing("Publish"), service.refusing("PublishBatch"):
        service.tick()
    (seen,) = service.alert_rows(case_id)
    service.clock.forward(hours=1)
    service.tick()
    before = service.all_items()

    service.deps.alerts.put_back(seen, service.clock())

    assert service.all_items() == before


def test_a_case_that_was_received_on_another_day_is_not_looked_at(service: Service) -> None:
    early = submitted(service.partner(), "k-1")
    service.clock.forward(days=1)
    late = submitted(service.partner(), "k-2")
    for case_id in (early, late):
        without(service, case_id, "CASE", "work_queue")

    report = reconciled(service, received_from="2026-11-23", received_to="2026-11-30")

    assert found(report) == Counter([("case_misplaced", late, None)])
    assert report["looked_at"] == 1


def test_a_report_that_is_full_says_where_to_go_on(service: Service) -> None:
    """A job's row holds so many findings and no more; the next job finds the rest."""
    cases = [submitted(service.partner(), f"k-{number}") for number in range(3)]
    for case_id in cases:
        without(service, case_id, "CASE", "work_queue")
    body = {**TODAY, "repair": True}
    asked = service.operator().post("/v1/reconciliations", body).json()
    job = service.deps.jobs.get(asked["reconciliation_id"])
    assert job is not None
    other = Noted(kind=FindingKind.FILE_LEFT, id="at_1", grievance_id="g_1", repaired=True)
    noted = tuple(
        other.model_copy(update={"id": f"at_{number}"}) for number in range(MOST_FINDINGS - 1)
    )
    result = Report(noted=noted).model_dump(mode="json")
    service.deps.jobs.save(job.model_copy(update={"result": result}))

    invoke_jobs(service)

    (full,) = service.operator().get("/v1/reconciliations").json()["items"]
    assert (full["status"], full["next_day"]) == ("done", "2026-11-22")
    assert sum(count["found"] for count in full["counts"]) == MOST_FINDINGS
    rest = reconciled(service, repair=True)
    assert (rest["next_day"], rest["counts"][0]["repaired"]) == (None, 2)


def test_a_reconciliation_that_runs_again_finds_what_it_has_repaired_on_record(
    service: Service,
) -> None:
    case_id = submitted(service.partner())
    without(service, case_id, "CASE", "work_queue")
    first = reconciled(service, repair=True)
    job = service.deps.jobs.get(first["reconciliation_id"])
    assert job is not None
    again = {
        "status": JobStatus.QUEUED,
        "due_at": START,
        "result": {**job.result, "next_day": None},
    }
    service.deps.jobs.save(job.model_copy(update=again))
    before = service.all_items()

    service.look_for_due_work()
    invoke_jobs(service)

    read = service.operator().get(f"/v1/reconciliations/{first['reconciliation_id']}").json()
    assert read["findings"] == first["findings"]
    assert read["findings"][0]["repaired"] is True
    assert service.all_items() == before


def test_a_reconciliation_is_told_with_what_was_asked_for(service: Service) -> None:
    asked = service.operator().post("/v1/reconciliations", TODAY)

    its_id = asked.json()["reconciliation_id"]
    assert (asked.status, asked.headers["Location"]) == (202, f"/v1/reconciliations/{its_id}")
    queued = {
        "reconciliation_id": its_id,
        "status": "queued",
        "request": {**TODAY, "repair": False},
        "created_at": "2026-11-22T08:00:00.000Z",
        "finished_at": None,
        "looked_at": 0,
        "counts": [],
        "next_day": None,
        "error": None,
    }
    assert asked.json() == queued
    assert walked(service.operator(), "/v1/reconciliations") == [queued]
    invoke_jobs(service)
    done = {**queued, "status": "done", "finished_at": "2026-11-22T08:00:00.000Z"}
    assert service.operator().get(asked.headers["Location"]).json() == {**done, "findings": []}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"received_to": "2026-11-21"}, {"body": "value_error"}),
        ({"received_from": "2026-08-22"}, {"body": "value_error"}),
        (
            {"received_from": "2026-11-23", "received_to": "2026-11-23"},
            {"received_from": "in_future"},
        ),
        ({"repair": "yes"}, {"repair": "bool_type"}),
    ],
)
def test_a_reconciliation_needs_a_period_that_has_come(
    service: Service, changes: dict[str, Any], wrong: dict[str, str]
) -> None:
    answer = service.operator().post("/v1/reconciliations", {**TODAY, **changes})
    assert fields(answer) == wrong
    assert service.operator().get("/v1/reconciliations").json()["items"] == []
