"""Jobs: asked for, run elsewhere, watched on their way, tried again, given up."""

from typing import Any

import pytest

from chalicelib.store.clients import client
from infra.local.gateway import Answer
from tests.calls import on_every_call
from tests.service import Service
from tests.usecases.imports import as_csv, counts, imported, links, read_import, report_of, upload
from tests.usecases.stories import fields, refusal, walked

YI = ("Yi Chang Tai Garment Factory", "48 Kangzheng Road", "Shenzhen", "China")
FAIR = ("Fair Design Printing", "140 Bason Sorok", "Gazipur", "Bangladesh")


def import_of(answer: Answer) -> str:
    assert answer.status == 202, answer.body
    return str(answer.json()["import_id"])


def test_an_upload_is_accepted_and_says_where_to_look(service: Service) -> None:
    service.brand()

    answer = upload(service, as_csv(YI), tier=2)

    view = answer.json()
    assert answer.status == 202
    assert answer.headers["Location"] == f"/v1/imports/{view['import_id']}"
    assert view == {
        "import_id": view["import_id"],
        "status": "queued",
        "request": {
            "brand_id": "acme",
            "disclosed_at": "2026-06-30",
            "source": "factory-list",
            "tier": 2,
            "complete": True,
            "default_country": None,
        },
        "created_at": "2026-11-22T08:00:00.000Z",
        "finished_at": None,
        "progress": {"done": 0, "total": None},
        "error": None,
        "error_detail": None,
        "counts": None,
        "problems": {},
        "report_url": None,
    }
    assert read_import(service, view["import_id"]) == view
    assert links(service) == {}


def test_a_finished_import_says_what_it_changed_and_links_to_its_report(service: Service) -> None:
    service.brand()
    import_id = import_of(upload(service, as_csv(YI)))
    service.clock.forward(seconds=20)
    service.drain()

    view = read_import(service, import_id)

    assert (view["status"], view["error"]) == ("done", None)
    assert view["finished_at"] == "2026-11-22T08:00:20.000Z"
    assert view["progress"] == {"done": 1, "total": 1}
    assert view["counts"] == counts(facilities=1, factories_created=1, links_created=1)
    assert "X-Amz-Expires=300" in view["report_url"]
    assert report_of(view)["import_id"] == import_id


def test_imports_are_listed_newest_first_without_links(service: Service) -> None:
    service.brand()
    ids = []
    for _ in range(3):
        ids.append(import_of(upload(service, as_csv(YI))))
        service.clock.forward(minutes=1)
    service.drain()

    items = walked(service.operator(), "/v1/imports?limit=2")

    assert [item["import_id"] for item in items] == ids[::-1]
    assert {item["report_url"] for item in items} == {None}
    assert {item["status"] for item in items} == {"done"}


def test_progress_can_be_watched(service: Service) -> None:
    service.brand()
    rows = [(f"Factory {n}", f"{n} Road", "Hanoi", "Vietnam") for n in range(120)]
    import_id = import_of(upload(service, as_csv(*rows)))
    seen = []

    def look(model: object, **_: object) -> None:
        if getattr(model, "name", "") == "BatchWriteItem":
            view = read_import(service, import_id)
            seen.append((view["status"], view["progress"]["done"], view["progress"]["total"]))

    with on_every_call("before-call", look):
        service.drain()

    assert list(dict.fromkeys((status, done) for status, done, _ in seen)) == [
        ("running", 0),
        ("running", 50),
        ("running", 100),
    ]
    assert all(total is None or 120 <= total <= 125 for _, _, total in seen)
    assert read_import(service, import_id)["progress"] == {"done": 120, "total": 120}


# What cannot be read


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"\xef\xbb\xbf", "empty_file"),
        (b"name;address\r\nYi;Road\r\n", "headings_not_found"),
        (b"%PDF-1.7 and so on", "unsupported_format"),
        (b"PK\x03\x04 torn", "damaged_file"),
    ],
)
def test_an_unreadable_file_is_a_failed_job_that_says_why(
    service: Service, content: bytes, error: str
) -> None:
    service.brand()

    view = imported(service, content, "application/octet-stream")

    assert (view["status"], view["error"]) == ("failed", error)
    assert view["error_detail"]
    assert not view["error_detail"].startswith(error)
    assert (view["counts"], view["report_url"]) == (None, None)
    assert view["finished_at"] == "2026-11-22T08:00:00.000Z"
    assert links(service) == {}


def test_a_list_that_breaks_off_keeps_what_was_read_and_closes_nothing(service: Service) -> None:
    service.brand()
    imported(service, as_csv(YI, FAIR))
    broken = (
        as_csv(*[YI] * 60) + b'"Never closed,1 Road,Hanoi,Vietnam\r\n' + b"x,y,z,Vietnam\r\n" * 3
    )

    view = imported(service, broken, disclosed_at="2027-06-30")

    assert (view["status"], view["error"]) == ("failed", "unclosed_quote")
    assert view["counts"] == counts(facilities=60, links_updated=1)
    assert links(service)[FAIR[0]]["valid_to"] is None
    problem = report_of(view)["problems"][-1]
    assert (problem["line"], problem["code"], problem["severity"]) == (
        None,
        "unclosed_quote",
        "error",
    )


def test_a_file_that_is_gone_is_a_failed_job(service: Service) -> None:
    service.brand()
    import_id = import_of(upload(service, as_csv(YI)))
    bucket = service.deps.settings.files_bucket
    client("s3").delete_object(Bucket=bucket, Key=f"imports/{import_id}/list")

    service.drain()

    view = read_import(service, import_id)
    assert (view["status"], view["error"]) == ("failed", "file_missing")


# What is refused at the door


@pytest.mark.parametrize("content", [None, b""])
def test_an_upload_without_a_file_is_refused(service: Service, content: bytes | None) -> None:
    service.brand()

    answer = upload(service, content)

    assert refusal(answer) == (422, "unreadable_file")
    assert service.operator().get("/v1/imports").json()["items"] == []


def test_an_upload_for_a_brand_that_is_not_there_is_refused(service: Service) -> None:
    assert refusal(upload(service, as_csv(YI), brand_id="nobody")) == (404, "not_found")


def test_a_list_over_four_mebibytes_is_refused(service: Service) -> None:
    service.brand()

    answer = upload(service, b"x" * (4 * 1024 * 1024 + 1))

    assert refusal(answer) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"brand_id": None}, {"brand_id": "missing"}),
        ({"brand_id": "Acme!"}, {"brand_id": "string_pattern_mismatch"}),
        ({"disclosed_at": "30.6.2026"}, {"disclosed_at": "date_parsing"}),
        ({"source": ""}, {"source": "string_too_short"}),
        ({"tier": "0"}, {"tier": "greater_than_equal"}),
        ({"complete": "yes"}, {"complete": "bool_parsing"}),
        ({"default_country": "China"}, {"default_country": "string_pattern_mismatch"}),
        ({"brand": "acme"}, {"body": "extra_forbidden"}),
    ],
    ids=str,
)
def test_a_list_that_does_not_say_what_it_is_is_refused(
    service: Service, params: dict[str, Any], problem: dict[str, str]
) -> None:
    service.brand()

    assert fields(upload(service, as_csv(YI), **params)) == problem


def test_json_is_no_list(service: Service) -> None:
    service.brand()

    answer = upload(service, b'{"name": "Yi"}', "application/json")

    assert refusal(answer) == (415, "unsupported_media_type")


# Tried again


def test_a_message_that_was_lost_is_asked_for_again_by_the_tick(service: Service) -> None:
    service.brand()
    import_id = import_of(upload(service, as_csv(YI)))
    client("sqs").purge_queue(QueueUrl=service.deps.settings.jobs_queue_url)
    service.tick()
    assert read_import(service, import_id)["status"] == "queued"

    service.clock.forward(seconds=61)
    service.tick()

    assert read_import(service, import_id)["status"] == "done"


def test_a_job_is_queued_even_where_the_queue_does_not_answer(service: Service) -> None:
    service.brand()
    with service.refusing("SendMessageBatch"):
        import_id = import_of(upload(service, as_csv(YI)))
    service.clock.forward(seconds=61)

    service.tick()

    assert read_import(service, import_id)["status"] == "done"


def test_a_message_that_comes_twice_runs_a_job_once(service: Service) -> None:
    service.brand()
    import_id = import_of(upload(service, as_csv(YI)))
    service.deps.queues.send_jobs([import_id, import_id])

    service.drain()

    job = service.deps.jobs.get(import_id)
    assert job is not None
    assert (job.attempts, job.status) == (1, "done")


def test_a_message_for_a_job_that_is_not_there_is_dropped(service: Service) -> None:
    service.deps.queues.send_jobs(["i_" + "0" * 26])

    service.drain()

    assert service.operator().get("/v1/imports").json()["items"] == []


def test_an_outage_puts_a_job_off_and_the_next_run_ends_it(service: Service) -> None:
    service.brand()
    import_id = import_of(upload(service, as_csv(YI, FAIR)))
    with service.refusing("BatchWriteItem"):
        service.drain()
    assert read_import(service, import_id)["status"] == "running"
    service.tick()
    assert read_import(service, import_id)["status"] == "running"

    service.clock.forward(seconds=61)
    service.tick()

    view = read_import(service, import_id)
    assert (view["status"], view["counts"]["links_created"]) == ("done", 2)
    assert len(links(service)) == 2


def test_a_job_that_fails_eight_times_is_given_up(service: Service) -> None:
    service.brand()
    import_id = import_of(upload(service, as_csv(YI)))

    attempts = []
    with service.refusing("GetObject"):
        for _ in range(12):
            service.tick()
            job = service.deps.jobs.get(import_id)
            assert job is not None
            attempts.append(job.attempts)
            service.clock.forward(hours=7)

    view = read_import(service, import_id)
    assert attempts == [1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9]
    assert (view["status"], view["error"]) == ("failed", "gave_up")
    assert (view["finished_at"], view["report_url"]) == ("2026-11-24T16:00:00.000Z", None)


@pytest.mark.parametrize("body", ['{"job_id": null}', "{}", "[]", "not json"])
def test_a_message_nobody_understands_fails_alone(service: Service, body: str) -> None:
    service.brand()
    jobs_queue = service.deps.settings.jobs_queue_url
    client("sqs").send_message(QueueUrl=jobs_queue, MessageBody=body)
    import_id = import_of(upload(service, as_csv(YI)))

    service.drain()

    assert read_import(service, import_id)["status"] == "done"
