"""A digest comes in the morning, if anything happened, and says what may be said then."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.alerting import digest
from chalicelib.domain.alerting.digest import digest_id
from chalicelib.domain.alerting.subscription import Rhythm
from chalicelib.store.clients import client
from chalicelib.usecases.alerting import send_digest
from tests.published import Published
from tests.service import START, Service
from tests.usecases.alerting.test_keep_subscriptions import in_sns
from tests.usecases.alerting.test_raise_coalitions import COUNTED, worker
from tests.usecases.digests import (
    MONDAY,
    arrived,
    digesting,
    digests,
    notes,
    refs,
    subscribed,
    ticks_until,
)
from tests.usecases.stories import (
    alerted,
    case_of,
    consented,
    covered,
    ended,
    engaged_again,
    refusal,
    submitted,
)

DAY = timedelta(days=1)
S1 = {"categories": ["forced_labour"], "ilo_indicators": ["debt_bondage"]}
LEAST = {"level": "C0", "script_version": "withdrawal-zh-2"}


def ref_of(service: Service, grievance_id: str) -> str:
    return str(case_of(service.partner(), grievance_id)["public_ref"])


def next_morning(service: Service) -> None:
    """The clock goes to the next 06:15 UTC, and the schedule runs."""
    now = service.clock.now
    morning = now.replace(hour=6, minute=15, second=0, microsecond=0)
    service.clock.now = morning if morning > now else morning + DAY
    service.tick()


def withdrawn(service: Service, grievance_id: str, **consent: Any) -> None:
    partner = service.partner()
    version = case_of(partner, grievance_id)["version"]
    answer = consented(partner, grievance_id, version, **{**LEAST, **consent})
    assert answer.status == 200, answer.body
    service.tick()


def test_what_need_not_come_singly_comes_in_the_morning(service: Service) -> None:
    digesting(service)
    grievance_id = alerted(service, service.partner())
    assert arrived(service) == []

    next_morning(service)

    (alert,) = service.alert_rows(grievance_id)
    assert arrived(service) == [
        {
            "digest_id": digest_id("acme", Rhythm.DAILY, datetime(2026, 11, 22, 6, tzinfo=UTC)),
            "schema_version": "1.0",
            "kind": "digest_daily",
            "brand_id": "acme",
            "since": "2026-11-22T06:00:00.000Z",
            "until": "2026-11-23T06:00:00.000Z",
            "alerts": [
                {
                    "alert_id": alert.alert_id,
                    "kind": "new",
                    "public_ref": ref_of(service, grievance_id),
                    "severity": "S3",
                    "category": "compensation",
                    "country": "CN",
                    "alerted_at": "2026-11-22T08:00:00.000Z",
                    "respond_by": alert.payload.model_dump(mode="json")["respond_by"],
                    "link": f"https://handshake.test/v1/alerts/{alert.alert_id}",
                }
            ],
            "left_out": 0,
            "overdue": [],
            "overdue_left_out": 0,
            "read_on": "https://handshake.test/v1/alerts",
        }
    ]


def test_a_run_too_early_sends_nothing_and_a_second_one_nothing_more(service: Service) -> None:
    digesting(service)
    alerted(service, service.partner())
    service.clock.now = MONDAY - timedelta(milliseconds=1)
    service.tick()
    assert arrived(service) == []

    service.clock.now = MONDAY
    service.tick()
    service.tick()
    ticks_until(service, MONDAY + DAY / 2, every=timedelta(hours=1))

    assert len(arrived(service)) == 1


@pytest.mark.parametrize(("rhythm", "every"), [("daily", 1), ("weekly", 7)])
def test_over_weeks_one_comes_for_each_period_in_which_something_happened(
    service: Service, rhythm: str, every: int
) -> None:
    """Five weeks, hour by hour of the mornings; the days with a case follow no rhythm."""
    digesting(service, rhythm)
    filed_on = [0, 1, 1, 4, 12, 13, 20, 33]
    filed: dict[str, datetime] = {}
    got: list[tuple[datetime, dict[str, Any]]] = []
    for day in range(36):
        service.clock.now = START + day * DAY
        for number in range(filed_on.count(day)):
            case = alerted(service, service.partner(), f"k-{day}-{number}")
            filed[ref_of(service, case)] = service.clock.now
        assert arrived(service) == []
        for hour in (16, 22, 22.25, 23):
            service.clock.now = START + day * DAY + timedelta(hours=hour)
            service.tick()
            got += [(service.clock.now, each) for each in arrived(service)]

    listed = [ref for _, each in got for ref in refs(each)]
    assert sorted(listed) == sorted(filed)
    for at, each in got:
        since, until = (datetime.fromisoformat(each[name]) for name in ("since", "until"))
        assert (at, until - since) == (until + timedelta(minutes=15), every * DAY)
        assert every == 1 or until.weekday() == 0
        assert set(refs(each)) == {ref for ref, when in filed.items() if since <= when < until}
    assert len({each["digest_id"] for _, each in got}) == len(got)
    assert len(got) == (len(set(filed_on)) if every == 1 else 5)


def test_critical_alerts_recalls_and_tests_come_singly_all_the_same(service: Service) -> None:
    desk = digesting(service, "weekly")
    partner = service.partner()
    calm = alerted(service, partner, "calm")
    urgent = alerted(service, partner, "urgent", **S1)
    assert [(each["kind"], each["severity"]) for each in arrived(service)] == [("new", "S1")]

    withdrawn(service, calm)
    (recall,) = arrived(service)
    assert (recall["kind"], recall["public_ref"]) == ("recall", ref_of(service, calm))

    desk.post("/v1/test-alerts", Idempotency_Key="t-1")
    service.tick()
    assert [each["kind"] for each in arrived(service)] == ["test"]

    next_morning(service)
    (got,) = arrived(service)
    assert refs(got) == [ref_of(service, urgent)]


def test_what_was_taken_back_before_the_morning_is_in_no_digest(service: Service) -> None:
    digesting(service)
    case = alerted(service, service.partner())
    withdrawn(service, case)
    assert [each["kind"] for each in arrived(service)] == ["recall"]

    next_morning(service)

    assert arrived(service) == []
    (note,) = notes(service)
    assert note["begins_at"] == "2026-11-23T06:00:00.000Z"


def test_what_is_taken_back_in_part_is_told_of_as_far_as_it_still_may(service: Service) -> None:
    digesting(service)
    case = alerted(service, service.partner())
    withdrawn(service, case, level="C1", cross_border=True)
    arrived(service)

    next_morning(service)

    told = [ref for each in arrived(service) for ref in refs(each)]
    (alert, _) = sorted(service.alert_rows(case), key=lambda alert: alert.is_recall)
    record = service.deps.cases.head(case)
    assert record is not None
    assert told == ([ref_of(service, case)] if alert.shown(record) else [])


def test_what_a_withheld_alert_was_about_is_in_no_digest(service: Service) -> None:
    digesting(service)
    with service.refusing("PublishBatch"):
        case = alerted(service, service.partner())
    (alert,) = service.alert_rows(case)
    service.set_attributes(case, f"ALERT#{alert.alert_id}", attempts=0)
    ended(service)
    service.clock.forward(hours=1)
    service.tick()
    engaged_again(service)

    next_morning(service)

    assert arrived(service) == []


def test_a_brand_that_is_not_engaged_in_the_morning_is_told_nothing(service: Service) -> None:
    digesting(service)
    alerted(service, service.partner())
    ended(service)

    next_morning(service)

    assert arrived(service) == []


def test_nobody_else_gets_a_digest(service: Service, published: Published) -> None:
    """One gets each alert, one those of a filter, and what is beyond this API gets everything."""
    covered(service, "acme", "bolt")
    desk = subscribed(service, "daily")
    received: dict[str, list[str]] = {}
    wishes: dict[str, dict[str, Any]] = {
        "all": {},
        "severe": {"filter": {"severities": ["S2"]}},
        "new": {"filter": {"kinds": ["new"]}},
        "weekly": {"digest": "weekly"},
    }
    for name, wish in wishes.items():
        arn = _queue(name)
        made = desk.post("/v1/subscriptions", {"protocol": "sqs", "endpoint": arn, **wish})
        assert made.status == 201, made.body
    alerted(service, service.partner())
    service.clock.now = MONDAY + DAY
    service.tick()
    for name in ("all", "severe", "new", "weekly"):
        received[name] = _kinds(service, name)

    # The week's digest is due, too: it covers the Sunday on which the case came in.
    assert received == {
        "all": ["new"],
        "severe": [],
        "new": ["new"],
        "weekly": ["digest_weekly"],
    }
    assert [each["kind"] for each in arrived(service)] == ["digest_daily"]
    assert [each["kind"] for each in arrived(service, "bolt")] == ["new"]
    sent = [json.loads(texts["default"]) for texts in published.texts()]
    assert {each["brand_id"] for each in sent if each["kind"].startswith("digest")} == {"acme"}


def _queue(name: str) -> str:
    url = client("sqs").create_queue(QueueName=name)["QueueUrl"]
    answer = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(answer["Attributes"]["QueueArn"])


def _kinds(service: Service, queue: str) -> list[str]:
    service.topics[queue] = client("sqs").get_queue_url(QueueName=queue)["QueueUrl"]
    return [each["kind"] for each in arrived(service, queue)]


# What waits for an answer


def test_what_is_overdue_stands_in_it_until_it_is_answered(service: Service) -> None:
    desk = digesting(service)
    partner = service.partner()
    first = alerted(service, partner, "first")
    next_morning(service)
    arrived(service)
    service.clock.forward(days=10)
    alerted(service, partner, "second")

    next_morning(service)

    (alert,) = service.alert_rows(first)
    assert digests(service)[-1]["overdue"] == [
        {
            "alert_id": alert.alert_id,
            "kind": "new",
            "public_ref": ref_of(service, first),
            "severity": "S3",
            "due_at": alert.payload.model_dump(mode="json")["acknowledge_by"],
            "link": alert.payload.link,
        }
    ]
    assert desk.post(f"/v1/alerts/{alert.alert_id}/acknowledgement").status == 200
    service.clock.forward(minutes=1)
    alerted(service, partner, "third")
    next_morning(service)

    (got,) = digests(service)
    assert got["overdue"] == []


def overdue(service: Service, key: str) -> list[tuple[str, str]]:
    """What the next digest says is overdue (kind and reference); a case of its own makes one."""
    alerted(service, service.partner(), key)
    next_morning(service)
    return [(each["kind"], each["public_ref"]) for each in digests(service)[-1]["overdue"]]


def test_with_more_time_it_is_overdue_only_later(service: Service) -> None:
    desk = digesting(service)
    case = alerted(service, service.partner())
    ref = ref_of(service, case)
    (alert,) = service.alert_rows(case)
    path = f"/v1/alerts/{alert.alert_id}"
    assert desk.post(f"{path}/acknowledgement").status == 200
    wish = {"clock": "brand_first_reply", "days": 10, "reason": "An audit."}
    extension_id = desk.post(f"{path}/extensions", wish).json()["extension_id"]
    decision = f"/v1/grievances/{case}/extensions/{extension_id}/decision"
    granted = {"granted": True, "reason": "So be it."}
    assert service.partner().post(decision, granted).status == 200

    service.clock.now = alert.payload.respond_by + DAY
    assert overdue(service, "k-2") == []

    service.clock.forward(days=11)
    assert ("new", ref) in overdue(service, "k-3")

    assert desk.post(f"{path}/replies", {"text": "We are there."}).status == 201
    assert ("new", ref) not in overdue(service, "k-4")


def test_a_recall_that_nobody_acknowledges_is_overdue(service: Service) -> None:
    desk = digesting(service)
    case = alerted(service, service.partner())
    withdrawn(service, case)
    (recall,) = (alert for alert in service.alert_rows(case) if alert.is_recall)
    service.clock.forward(days=12)

    assert overdue(service, "k-2") == [("recall", ref_of(service, case))]

    assert desk.post(f"/v1/alerts/{recall.alert_id}/acknowledgement").status == 200
    assert ("recall", ref_of(service, case)) not in overdue(service, "k-3")


def test_of_a_case_that_has_ended_nothing_is_overdue(service: Service) -> None:
    digesting(service)
    partner = service.partner()
    case = alerted(service, partner)
    version = case_of(partner, case)["version"]
    ending = {"to": "closed", "outcome": "withdrawn", "root_cause": "unknown"}
    path = f"/v1/grievances/{case}/transitions"
    assert partner.post(path, ending, If_Match=f'"{version}"').status == 200
    service.clock.forward(days=20)

    assert ref_of(service, case) not in [ref for _, ref in overdue(service, "k-2")]


def test_what_does_not_fit_is_counted_and_the_most_severe_is_listed(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest, "MOST_LISTED", 2)
    digesting(service)
    partner = service.partner()
    cases = [alerted(service, partner, f"k-{number}") for number in range(3)]
    cases.append(alerted(service, partner, "urgent", **S1))
    arrived(service)

    next_morning(service)

    (got,) = digests(service)
    assert refs(got)[0] == ref_of(service, cases[-1])
    assert (len(refs(got)), got["left_out"]) == (2, 2)


def test_a_coalition_is_listed_too(service: Service) -> None:
    covered(service)
    subscribed(service, "daily")
    for number in range(5):
        facts = {"consent": COUNTED, "worker": worker(number)}
        submitted(service.partner(f"ngo-{number % 2}"), f"o-{number}", **facts)
    service.tick()
    for _ in range(2):
        next_morning(service)

    told = [item for got in arrived(service) for item in got["alerts"]]

    assert [item["kind"] for item in told] == ["coalition"]
    assert overdue(service, "later") == []
    service.clock.forward(days=30)
    assert ("coalition", told[0]["public_ref"]) in overdue(service, "much later")


def test_what_is_overdue_makes_no_digest_by_itself(service: Service) -> None:
    digesting(service)
    alerted(service, service.partner())
    next_morning(service)
    arrived(service)

    ticks_until(service, MONDAY + 20 * DAY, every=DAY)

    assert arrived(service) == []


def test_a_reminder_that_need_not_come_singly_is_listed(service: Service) -> None:
    digesting(service)
    case = alerted(service, service.partner())
    for _ in range(12):
        service.clock.forward(hours=24)
        service.enforce()
        service.tick()
    next_morning(service)
    kinds = [item["kind"] for each in arrived(service) for item in each["alerts"]]

    told = sorted(str(alert.payload.kind) for alert in service.alert_rows(case))
    assert len(told) > 1
    assert sorted(kinds) == told


# Runs that do not come, come twice, or die


def test_forty_five_missed_days_are_one_digest(service: Service) -> None:
    digesting(service)
    partner = service.partner()
    cases = [alerted(service, partner, "before")]
    for number in range(3):
        service.clock.forward(days=14)
        grievance_id = _alerted_alone(service, f"k-{number}")
        cases.append(grievance_id)
    service.clock.now = datetime(2027, 1, 6, 12, tzinfo=UTC)

    service.tick()
    service.tick()

    (got,) = arrived(service)
    assert (got["since"], got["until"]) == (
        "2026-11-22T06:00:00.000Z",
        "2027-01-06T06:00:00.000Z",
    )
    assert sorted(refs(got)) == sorted(ref_of(service, case) for case in cases)
    next_morning(service)
    assert arrived(service) == []


def _alerted_alone(service: Service, key: str) -> str:
    """A case that is worked, while the shards of due work are not looked at."""
    grievance_id = submitted(service.partner(), key)
    client("sqs").send_message(
        QueueUrl=service.deps.settings.work_queue_url,
        MessageBody=json.dumps({"case_id": grievance_id}),
    )
    service.drain()
    return grievance_id


def test_one_that_sns_did_not_take_is_sent_later_under_its_id_and_hides_nothing(
    service: Service,
) -> None:
    digesting(service)
    first = alerted(service, service.partner(), "first")
    with service.refusing("PublishBatch"):
        next_morning(service)
    assert arrived(service) == []
    service.clock.forward(days=2)
    second = _alerted_alone(service, "second")
    service.clock.forward(days=1)

    service.tick()
    service.clock.forward(minutes=1)
    service.tick()

    late, later = arrived(service)
    assert (refs(late), refs(later)) == ([ref_of(service, first)], [ref_of(service, second)])
    assert late["digest_id"] == digest_id(
        "acme", Rhythm.DAILY, datetime(2026, 11, 22, 6, tzinfo=UTC)
    )
    assert (late["until"], later["since"]) == ("2026-11-23T06:00:00.000Z",) * 2
    assert later["until"] == "2026-11-26T06:00:00.000Z"
    (note,) = notes(service)
    assert (note["attempts"], note["due_at"]) == (0, "2026-11-27T06:15:00.000Z")


def test_one_that_was_given_up_is_sent_when_the_operator_has_it_tried_again(
    service: Service,
) -> None:
    digesting(service)
    case = alerted(service, service.partner())
    with service.refusing("PublishBatch"):
        next_morning(service)
        for _ in range(8):
            service.clock.forward(hours=7)
            service.tick()
    (note,) = notes(service)
    assert (note["work_queue"].split("#")[0], note["last_error"]) == ("quarantine", "DigestNotSent")
    (row,) = service.operator().get("/v1/quarantine").json()["items"]
    assert (row["kind"], row["id"]) == ("change", "digest#acme")

    service.operator().post("/v1/quarantine/retry")
    service.tick()
    service.tick()

    (got,) = arrived(service)
    assert (refs(got), got["until"]) == ([ref_of(service, case)], "2026-11-23T06:00:00.000Z")
    (note,) = notes(service)
    assert (note["attempts"], "last_error" in note) == (0, False)
    assert note["begins_at"] > got["until"]


def test_two_runs_at_once_send_one_digest_twice_and_never_two(service: Service) -> None:
    digesting(service)
    alerted(service, service.partner())
    service.clock.now = MONDAY
    row = service.deps.work.due(_shard(service), MONDAY, limit=10, start=None).items[0]

    def another() -> None:
        send_digest.send_digest(row, deps=service.deps)

    with service.before_call("PublishBatch", another):
        service.tick()

    got = arrived(service)
    assert len(got) == 2
    assert got[0] == got[1]
    (note,) = notes(service)
    assert (note["begins_at"], note.get("ends_at")) == ("2026-11-23T06:00:00.000Z", None)


def test_a_run_that_is_overtaken_changes_nothing(service: Service) -> None:
    digesting(service)
    alerted(service, service.partner())
    service.clock.now = MONDAY
    row = service.deps.work.due(_shard(service), MONDAY, limit=10, start=None).items[0]

    def another() -> None:
        send_digest.send_digest(row, deps=service.deps)

    with service.before_call("UpdateItem", another):
        send_digest.send_digest(row, deps=service.deps)

    assert len(arrived(service)) == 1


def _shard(service: Service) -> int:
    (note,) = notes(service)
    return int(note["work_queue"].split("#")[1])


# Who asks


def test_the_note_goes_when_nobody_asks_any_more(service: Service) -> None:
    desk = digesting(service)
    (row,) = desk.get("/v1/subscriptions").json()["items"]
    desk.delete(f"/v1/subscriptions/{row['subscription_id']}")
    ticks_until(service, MONDAY + 2 * DAY, every=DAY)
    assert len(notes(service)) == 1, "who has not confirmed may still do so"

    ticks_until(service, MONDAY + 5 * DAY, every=DAY)

    assert notes(service) == []


def test_who_confirms_late_gets_the_digests_from_then_on(service: Service) -> None:
    desk = digesting(service)
    (row,) = desk.get("/v1/subscriptions").json()["items"]
    in_sns(row).attributes["PendingConfirmation"] = True
    alerted(service, service.partner(), "first")
    next_morning(service)
    assert _sent_by_us(service) == []
    in_sns(row).attributes["PendingConfirmation"] = False
    second = alerted(service, service.partner(), "second")

    next_morning(service)

    (got,) = arrived(service)
    assert refs(got) == [ref_of(service, second)]


def _sent_by_us(service: Service) -> list[dict[str, Any]]:
    return [each for each in arrived(service) if each["kind"].startswith("digest_")]


def test_asking_again_neither_puts_off_nor_repeats_a_digest(service: Service) -> None:
    desk = digesting(service)
    alerted(service, service.partner())
    service.clock.now = MONDAY - timedelta(minutes=5)
    assert _ask_again(desk) == 200
    (note,) = notes(service)
    assert (note["begins_at"], note["due_at"], note["renewals"]) == (
        "2026-11-22T06:00:00.000Z",
        "2026-11-23T06:15:00.000Z",
        2,
    )
    service.clock.now = MONDAY
    service.tick()
    _ask_again(desk)
    service.tick()

    assert len(arrived(service)) == 1


def _ask_again(desk: Any) -> int:
    (row,) = desk.get("/v1/subscriptions").json()["items"]
    wish = {name: row[name] for name in ("protocol", "endpoint", "digest")}
    return int(desk.post("/v1/subscriptions", wish).status)


def test_who_asks_for_a_digest_names_no_filter(service: Service) -> None:
    service.brand()
    desk = service.brand_desk()
    wish = {"protocol": "email", "endpoint": "desk@brand.example", "digest": "daily"}

    answer = desk.post("/v1/subscriptions", {**wish, "filter": {"severities": ["S2"]}})

    assert refusal(answer) == (422, "validation_failed")
    (error,) = answer.json()["errors"]
    assert error["field"] == "digest"
    assert notes(service) == []


# What people read


def test_a_mailbox_reads_it_in_the_brands_language(service: Service, published: Published) -> None:
    factory_id = service.factory()
    service.brand(language="zh-CN")
    service.link(factory_id)
    subscribed(service, "daily")
    case = alerted(service, service.partner())
    published.clear()

    next_morning(service)

    (texts,) = published.texts()
    (entry,) = published.entries
    ref = ref_of(service, case)
    assert entry["Subject"] == "daily digest 2026-11-23: alerts 1, overdue 0"
    assert entry["MessageAttributes"] == {
        "brand_id": {"DataType": "String", "StringValue": "acme"},
        "kind": {"DataType": "String", "StringValue": "digest_daily"},
    }
    assert texts["email"].startswith(
        f"从 2026-11-22 06:00 UTC 到 2026-11-23 06:00 UTC 贵公司收到的警报：\n\n{ref} | 新申诉 | S3"
    )
    assert texts["sms"] == "汇总：警报 1，逾期 0。请看警报平台。"
