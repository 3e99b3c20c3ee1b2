"""An operator sees at one look whether the service does its work."""

from collections.abc import Mapping
from typing import Any

import app
from chalicelib.domain.work.operations import EVERY, Schedule
from chalicelib.store.clients import client
from infra.local import event_sources
from tests.calls import counted_calls
from tests.service import Service
from tests.usecases.stories import covered, submitted


def operations(service: Service) -> dict[str, Any]:
    answer = service.operator().get("/v1/operations")
    assert answer.status == 200, answer.body
    view: dict[str, Any] = answer.json()
    return view


def schedules(service: Service) -> Mapping[str, tuple[Any, bool | None]]:
    runs = operations(service)["schedules"]
    return {run["schedule"]: (run["last_run_at"], run["late"]) for run in runs}


def test_a_service_that_has_just_begun_has_run_nothing_and_holds_nothing(service: Service) -> None:
    assert operations(service) == {
        "at": "2026-11-22T08:00:00.000Z",
        "schedules": [
            {"schedule": name, "every_seconds": seconds, "last_run_at": None, "late": None}
            for name, seconds in (
                ("check_grievances", 60),
                ("build_match_index", 300),
                ("seal_ledger", 3_600),
                ("apply_retention", 86_400),
                ("enforce_deadlines", 600),
            )
        ],
        "queues": [
            {"queue": name, "waiting": 0, "in_flight": 0, "dead_letters": 0}
            for name in ("work", "jobs", "attachments", "outbound", "schedules", "deliveries")
        ],
        "due_work": {"shards": 0, "oldest_due_at": None, "jobs": 0},
        "quarantined": 0,
        "quarantined_counted_to_the_end": True,
    }


def test_the_schedules_are_those_of_the_app() -> None:
    declared = {s.function: s.every_seconds for s in event_sources.schedules(app.app)}
    assert declared == {name: every.total_seconds() for name, every in EVERY.items()}


def test_each_schedule_notes_its_runs_and_is_late_when_three_did_not_come(service: Service) -> None:
    service.look_for_due_work()
    service.build_index()
    service.seal()
    service.apply_retention()
    service.enforce()
    now = "2026-11-22T08:00:00.000Z"
    assert schedules(service) == dict.fromkeys(Schedule, (now, False))

    service.clock.forward(minutes=3)
    assert schedules(service)["check_grievances"] == (now, False)
    service.clock.forward(seconds=1)
    assert schedules(service)["check_grievances"] == (now, True)
    assert schedules(service)["build_match_index"] == (now, False)
    service.look_for_due_work()
    assert schedules(service)["check_grievances"] == ("2026-11-22T08:03:01.000Z", False)


def test_a_run_that_ends_in_an_error_is_no_run(service: Service) -> None:
    with service.refusing("Query"):
        try:
            service.look_for_due_work()
        except Exception:  # noqa: BLE001  whatever Lambda would report
            failed = True
    assert failed
    assert schedules(service)["check_grievances"] == (None, None)


def test_a_note_that_cannot_be_made_fails_no_run(service: Service) -> None:
    covered(service)
    submitted(service.partner())
    with service.refusing("PutItem"):
        service.look_for_due_work()
    service.drain()
    assert len(service.received_alerts()) == 1
    assert schedules(service)["check_grievances"] == (None, None)


def test_due_work_says_since_when_the_oldest_waits(service: Service) -> None:
    partner = service.partner()
    submitted(partner, "k-1")
    service.clock.forward(minutes=5)
    submitted(partner, "k-2")
    service.clock.forward(minutes=5)

    due = operations(service)["due_work"]

    assert due["oldest_due_at"] == "2026-11-22T08:00:00.000Z"
    assert 1 <= due["shards"] <= 2


def test_queues_show_what_waits_and_what_was_given_up(service: Service) -> None:
    settings = service.deps.settings
    for url, count in (
        (settings.work_queue_url, 2),
        (settings.work_dead_letters_url, 3),
        (settings.jobs_dead_letters_url, 1),
        (settings.schedule_dead_letters_url, 4),
        (settings.delivery_dead_letters_url, 5),
    ):
        for number in range(count):
            client("sqs").send_message(QueueUrl=url, MessageBody=str(number))
    client("sqs").receive_message(QueueUrl=settings.work_queue_url, MaxNumberOfMessages=1)

    queues = operations(service)["queues"]

    assert queues == [
        {"queue": "work", "waiting": 1, "in_flight": 1, "dead_letters": 3},
        {"queue": "jobs", "waiting": 0, "in_flight": 0, "dead_letters": 1},
        {"queue": "attachments", "waiting": 0, "in_flight": 0, "dead_letters": 0},
        {"queue": "outbound", "waiting": 0, "in_flight": 0, "dead_letters": 0},
        {"queue": "schedules", "waiting": 0, "in_flight": 0, "dead_letters": 4},
        {"queue": "deliveries", "waiting": 0, "in_flight": 0, "dead_letters": 5},
    ]


def test_a_look_costs_the_same_however_much_there_is(service: Service) -> None:
    grievance_id = submitted(service.partner())
    operations(service)
    with counted_calls() as few:
        operations(service)
    service.multiply(grievance_id, 60)

    with counted_calls() as many:
        operations(service)

    assert many == few
