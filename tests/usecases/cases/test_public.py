"""What anybody may ask, and the tick that asks for due work."""

import json

from chalicelib.store.clients import client
from tests.calls import counted_calls
from tests.service import Service
from tests.usecases.stories import alerted, covered, submitted


def test_health_says_that_the_service_answers_and_touches_no_store(service: Service) -> None:
    with counted_calls() as calls:
        answer = service.public().get("/health")

    assert (answer.status, answer.json()) == (200, {"status": "ok", "stage": "test"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert calls == []


def test_the_taxonomy_has_every_category_with_its_sub_codes_and_crosswalks(
    service: Service,
) -> None:
    answer = service.public().get("/v1/taxonomy")

    taxonomy = answer.json()
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert set(taxonomy) == {"version", "categories"}
    assert taxonomy["version"] == "2026-1"
    assert [entry["category"] for entry in taxonomy["categories"]] == [
        "child_labour",
        "discrimination",
        "forced_labour",
        "freedom_of_association",
        "compensation",
        "contracts_hr",
        "safety_health",
        "working_time",
        "harassment_violence",
        "retaliation",
        "social_insurance",
        "living_conditions",
        "recruitment_fees",
        "other",
    ]
    for entry in taxonomy["categories"]:
        assert set(entry) == {"category", "sub_codes", "fair_wear", "amfori_bsci"}
        assert entry["sub_codes"]
        assert all(code.startswith(f"{entry['category']}.") for code in entry["sub_codes"])


def test_every_published_sub_code_can_be_filed(service: Service) -> None:
    partner = service.partner()
    entries = service.public().get("/v1/taxonomy").json()["categories"]

    for number, entry in enumerate(entries):
        submitted(
            partner,
            f"k-{number}",
            categories=[entry["category"]],
            sub_codes=entry["sub_codes"],
        )


# The tick


def work_messages(service: Service) -> list[dict[str, object]]:
    """What lies in the work queue."""
    url = service.deps.settings.work_queue_url
    found = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in found.get("Messages", [])]


def test_a_tick_asks_once_for_each_shard_that_has_something_due(service: Service) -> None:
    partner = service.partner()
    shards = set()
    for number in range(4):
        shards.add(int(service.work_queue_of(submitted(partner, f"k-{number}")).split("#")[1]))

    service.look_for_due_work()

    assert sorted(work_messages(service), key=str) == [{"shard": n} for n in sorted(shards)]


def test_a_tick_with_nothing_due_sends_nothing(service: Service) -> None:
    covered(service)
    alerted(service, service.partner())
    service.tick()

    with counted_calls() as calls:
        service.look_for_due_work()

    assert not [call for call in calls if call.startswith("sqs")]
    assert work_messages(service) == []


def test_what_is_due_later_is_not_asked_for_before(service: Service) -> None:
    covered(service)
    for _ in range(2):  # the note of the link is looked at twice
        service.tick()
        service.clock.forward(minutes=1)
    grievance_id = submitted(service.partner())
    service.poison(grievance_id)
    service.tick()

    service.clock.forward(seconds=40)  # a first wait is of 48 to 60 seconds
    service.look_for_due_work()
    assert work_messages(service) == []

    service.clock.forward(seconds=20)
    service.look_for_due_work()
    assert len(work_messages(service)) == 1


def test_two_ticks_at_once_tell_a_brand_once(service: Service) -> None:
    covered(service)
    submitted(service.partner())

    service.look_for_due_work()
    service.look_for_due_work()
    service.drain()

    assert len(service.received_alerts()) == 1
