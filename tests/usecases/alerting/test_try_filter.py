"""A dry run tells what a filter would have let through, and nothing that is to be forgotten."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.usecases.alerting import try_filter
from infra.local.gateway import Answer
from tests.service import START, Caller, Service
from tests.usecases.digests import digests, subscribed
from tests.usecases.stories import alerted, covered, ended, engaged_again, refusal

PATH = "/v1/subscriptions/dry-run"
S1 = {"categories": ["forced_labour"], "ilo_indicators": ["debt_bondage"]}
LEAST = {"level": "C0", "script_version": "withdrawal-zh-2"}


@pytest.fixture
def desk(service: Service) -> Caller:
    """Acme's desk, which sources from a factory in China."""
    covered(service)
    return service.brand_desk()


def tried(desk: Caller, path: str = PATH, /, **lists: list[str]) -> dict[str, Any]:
    answer = desk.post(path, {"filter": lists})
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json()
    return found


def counts(run: dict[str, Any]) -> tuple[int, int, int]:
    return run["looked_at"], run["would_receive"], run["recalled"]


def withdrawn(service: Service, grievance_id: str) -> None:
    """The worker agrees to nothing any more, and the recall goes out."""
    partner = service.partner()
    etag = partner.get(f"/v1/grievances/{grievance_id}").headers["ETag"]
    path = f"/v1/grievances/{grievance_id}/consent"
    assert partner.put(path, LEAST, If_Match=etag).status == 200
    service.tick()


def test_it_counts_and_shows_what_would_have_come(service: Service, desk: Caller) -> None:
    partner = service.partner()
    alerted(service, partner, "calm")
    service.clock.forward(minutes=1)
    alerted(service, partner, "urgent", **S1)
    calm, urgent = reversed(desk.get("/v1/alerts").json()["items"])

    run = tried(desk, countries=["BD"])

    assert run == {
        "since": "2026-08-24T08:01:00.000Z",
        "looked_at": 2,
        "would_receive": 1,
        "in_digests": 0,
        "digests": 0,
        "recalled": 0,
        "explanation": "You get the alerts that match all of this:\nCountry: BD\n"
        "Recalls, critical alerts (S1) and tests come always.",
        "items": [urgent],
        "next_cursor": None,
    }
    assert tried(desk, countries=["CN"], severities=["S3"])["items"] == [urgent, calm]
    assert tried(desk)["items"] == [urgent, calm]


def test_what_it_says_is_what_a_subscription_with_that_filter_gets(
    service: Service, desk: Caller
) -> None:
    (row,) = desk.get("/v1/subscriptions").json()["items"]
    desk.delete(f"/v1/subscriptions/{row['subscription_id']}")
    wish = {"categories": ["forced_labour"], "countries": ["BD"]}
    queue = {"protocol": "sqs", "endpoint": row["endpoint"]}
    assert desk.post("/v1/subscriptions", {**queue, "filter": wish}).status == 201

    calm = alerted(service, service.partner(), "calm")
    alerted(service, service.partner(), "urgent", **S1)
    withdrawn(service, calm)

    got = [envelope["Subject"].split()[1] for envelope in service.received_alerts()]
    assert sorted(got) == sorted(row["kind"] for row in tried(desk, **wish)["items"])
    assert sorted(got) == ["new", "recall"]


def test_what_a_recalled_alert_was_about_cannot_be_found_out(
    service: Service, desk: Caller
) -> None:
    grievance_id = alerted(service, service.partner())
    (alert,) = service.alert_rows(grievance_id)
    withdrawn(service, grievance_id)

    runs = [
        tried(desk, categories=[category])
        for category in (str(alert.payload.category), "living_conditions")
    ]

    assert [counts(run) for run in runs] == [(2, 1, 1)] * 2
    assert [[row["kind"] for row in run["items"]] for run in runs] == [["recall"]] * 2


def in_digests(run: dict[str, Any]) -> tuple[int, int, int]:
    return run["would_receive"], run["in_digests"], run["digests"]


def digested(desk: Caller, rhythm: str, path: str = PATH) -> dict[str, Any]:
    answer = desk.post(path, {"digest": rhythm})
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json()
    return found


def test_of_a_digest_it_says_what_comes_singly_and_what_in_how_many(
    service: Service, desk: Caller
) -> None:
    """Sunday, Monday and Tuesday morning, with a case that is taken back on Monday."""
    taken_back = alerted(service, service.partner(), "sunday")
    alerted(service, service.partner(), "urgent", **S1)
    service.clock.forward(days=1)
    withdrawn(service, taken_back)
    alerted(service, service.partner(), "monday")
    alerted(service, service.partner(), "monday-2")
    assert in_digests(digested(desk, "daily")) == (2, 3, 1)
    service.clock.forward(days=1)
    alerted(service, service.partner(), "tuesday")
    every_one = {row["alert_id"]: row for row in desk.get("/v1/alerts").json()["items"]}

    daily, weekly = digested(desk, "daily"), digested(desk, "weekly")

    assert in_digests(daily) == (2, 4, 2)
    assert in_digests(weekly) == (2, 4, 1)
    assert daily["explanation"].startswith("You get one digest each morning")
    told = [alert_id for alert_id, row in every_one.items() if row["severity"]]
    assert [row["alert_id"] for row in daily["items"]] == told
    assert tried(desk)["in_digests"] == 0


def test_a_digest_is_counted_once_however_it_is_paged(
    service: Service, desk: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        alerted(service, service.partner(), f"k-{number}")
        service.clock.forward(hours=11)
    service.clock.forward(days=1)
    whole = digested(desk, "daily")
    monkeypatch.setattr(try_filter, "LOOKED_AT", 2)

    runs, path = [], PATH
    while path:
        runs.append(digested(desk, "daily", path))
        cursor = runs[-1]["next_cursor"]
        path = f"{PATH}?cursor={cursor}" if cursor else ""

    assert len(runs) > 2
    assert sum(run["digests"] for run in runs) == whole["digests"] == 3
    assert sum(run["in_digests"] for run in runs) == 6


def test_a_dry_run_of_a_digest_says_what_has_come(service: Service, desk: Caller) -> None:
    subscribed(service, "daily")
    for day, cases in ((0, 2), (2, 1), (5, 1)):
        service.clock.now = START + timedelta(days=day)
        for number in range(cases):
            alerted(service, service.partner(), f"k-{day}-{number}")
        service.clock.now = START + timedelta(days=day, hours=23)
        service.tick()

    got = digests(service)

    run = digested(desk, "daily")
    assert run["digests"] == len(got)
    assert run["in_digests"] == sum(len(each["alerts"]) for each in got)


def test_what_is_older_than_ninety_days_is_not_looked_at(service: Service, desk: Caller) -> None:
    alerted(service, service.partner())
    service.clock.forward(days=90)
    assert counts(tried(desk)) == (1, 1, 0)

    service.clock.forward(seconds=1)
    assert counts(tried(desk)) == (0, 0, 0)


def test_it_goes_on_with_older_alerts(
    service: Service, desk: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(try_filter, "LOOKED_AT", 2)
    for number in range(5):
        alerted(service, service.partner(), f"k-{number}")
        service.clock.forward(minutes=1)
    whole = [row["alert_id"] for row in desk.get("/v1/alerts").json()["items"]]

    found, looked_at, path = [], 0, PATH
    while path:
        run = tried(desk, path)
        found += [row["alert_id"] for row in run["items"]]
        looked_at += run["looked_at"]
        path = f"{PATH}?cursor={run['next_cursor']}" if run["next_cursor"] else ""

    assert (found, looked_at) == (whole, 5)


def test_it_shows_as_many_examples_as_are_asked_for_and_counts_all(
    service: Service, desk: Caller
) -> None:
    for number in range(3):
        alerted(service, service.partner(), f"k-{number}")

    run = tried(desk, f"{PATH}?limit=1")

    assert (counts(run), len(run["items"]), run["next_cursor"]) == ((3, 3, 0), 1, None)


def test_a_cursor_is_good_for_its_filter_alone(
    service: Service, desk: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(try_filter, "LOOKED_AT", 1)
    for number in range(2):
        alerted(service, service.partner(), f"k-{number}")
    cursor = tried(desk, severities=["S3"])["next_cursor"]

    def asked(caller: Caller, **lists: list[str]) -> Answer:
        return caller.post(f"{PATH}?cursor={cursor}", {"filter": lists})

    assert asked(desk, severities=["S3"]).status == 200
    assert refusal(asked(desk, severities=["S2"])) == (400, "cursor_invalid")
    assert refusal(asked(service.brand_desk("bolt"), severities=["S3"])) == (400, "cursor_invalid")


def test_a_brand_tries_its_filter_on_nobody_elses_alerts(service: Service, desk: Caller) -> None:
    alerted(service, service.partner())

    assert counts(tried(service.brand_desk("bolt"))) == (0, 0, 0)


def test_only_what_an_engagement_covers_is_looked_at(service: Service, desk: Caller) -> None:
    alerted(service, service.partner())
    ended(service)
    assert refusal(desk.post(PATH, {"filter": {}})) == (403, "engagement_not_active")

    engaged_again(service, countries=["BD"])
    assert counts(tried(desk)) == (0, 0, 0)


def test_nothing_is_changed_by_it(service: Service, desk: Caller) -> None:
    alerted(service, service.partner())
    service.received_alerts()
    before = service.everything()

    tried(desk, severities=["S2"])

    assert service.everything() == before
    assert service.received_alerts() == []
