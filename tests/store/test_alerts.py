"""Alerts: written once, found by their brand, marked without touching what brands write."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.alerting.alert import Alert, Reply, write_alert
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.consent import Detail, Release
from chalicelib.domain.record.ledger import Action
from chalicelib.domain.references import derive_id
from chalicelib.domain.vocabulary import AlertKind, AlertStatus, ConsentLevel
from chalicelib.store import keys
from chalicelib.store.alerts import PER_TRANSACTION, Alerts
from chalicelib.store.paging import Start
from chalicelib.store.table import Row
from tests.calls import counted_calls
from tests.domain.values import AT, DESK, GRIEVANCE_ID, brand, case, factory, link, opened
from tests.service import Service

LATER = AT + timedelta(hours=2)
MUCH_LATER = AT + timedelta(hours=9)


@pytest.fixture
def alerts(service: Service) -> Alerts:
    return service.deps.alerts


def alert(brand_id: str = "acme", given: Case | None = None, **changes: Any) -> Alert:
    written = write_alert(
        given or opened(), brand(brand_id), factory(), link(brand_id),
        kind=AlertKind.NEW, released=Release(Detail.FACTORY, ConsentLevel.C3), desk_url=DESK,
        at=AT,
    )  # fmt: skip
    return written.model_copy(update=changes)


def saved(service: Service, *rows: Row) -> None:
    """Write rows the way use cases do: with a change of the case."""
    head = service.deps.cases.head(GRIEVANCE_ID)
    if head is None:
        head = opened()
        service.deps.cases.create(head)
    changed = head.recorded(Action.ROUTED, by="system", at=AT, data={})
    service.deps.cases.save(changed.case, changed.entry, list(rows))


def raw(service: Service, given: Alert) -> dict[str, Any]:
    """An alert's row as it is stored."""
    (row,) = [i for i in service.all_items() if i["sk"] == keys.alert(given.alert_id)]
    return row


def test_an_alert_is_written_with_its_case_and_read_back_equal(
    alerts: Alerts, service: Service
) -> None:
    saved(service, alerts.new_row(alert()))

    assert alerts.get(alert().alert_id) == alert()
    assert alerts.get(alert("bolt").alert_id) is None


def test_a_new_alert_is_due_in_the_shard_of_its_case(alerts: Alerts, service: Service) -> None:
    saved(service, alerts.new_row(alert()))

    row = raw(service, alert())
    assert (row["work_queue"], row["due_at"]) == (
        keys.due_queue(GRIEVANCE_ID),
        "2026-11-22T08:00:00.000Z",
    )


def test_alerts_beyond_what_a_transaction_holds_are_written_ahead_once(
    alerts: Alerts, service: Service
) -> None:
    many = [alert(f"brand-{number:03d}") for number in range(PER_TRANSACTION + 5)]

    assert alerts.write_ahead(many) == many[:PER_TRANSACTION]
    alerts.mark([many[-1].model_copy(update={"status": AlertStatus.SENT, "due_at": None})])
    assert alerts.write_ahead(many) == many[:PER_TRANSACTION]

    stored = [alerts.get(one.alert_id) for one in many]
    assert stored[:PER_TRANSACTION] == [None] * PER_TRANSACTION
    assert stored[PER_TRANSACTION:-1] == many[PER_TRANSACTION:-1]
    assert stored[-1] is not None
    assert stored[-1].status is AlertStatus.SENT


def test_as_many_alerts_as_promised_fit_one_transaction(alerts: Alerts, service: Service) -> None:
    many = [alert(f"brand-{number:03d}") for number in range(PER_TRANSACTION)]

    saved(service, *[alerts.new_row(one) for one in many])

    rows = [(GRIEVANCE_ID, keys.alert(one.alert_id)) for one in many]
    assert {one.alert_id for one in alerts.get_many(rows)} == {one.alert_id for one in many}


def test_the_alerts_of_a_case_come_in_pages(alerts: Alerts, service: Service) -> None:
    brands = ("acme", "bolt", "cove")
    saved(service, *[alerts.new_row(alert(brand_id)) for brand_id in brands])

    first = alerts.of_case(GRIEVANCE_ID, 2, None)
    rest = alerts.of_case(GRIEVANCE_ID, 2, first.next_start)

    found = [*first.items, *rest.items]
    assert found == sorted(map(alert, brands), key=lambda one: one.alert_id)
    assert alerts.of_case("g_unknown", 2, None).items == []


def test_a_brand_never_sees_an_alert_that_was_suppressed(alerts: Alerts, service: Service) -> None:
    saved(service, alerts.new_row(alert()))
    alerts.mark([alert(status=AlertStatus.SUPPRESSED, due_at=None)])

    for open_only in (False, True):
        assert alerts.of_brand("acme", open_only=open_only, limit=5, start=None).items == []


def test_alerts_that_cannot_be_read_or_are_gone_are_left_out(
    alerts: Alerts, service: Service
) -> None:
    saved(service, alerts.new_row(alert("acme")), alerts.new_row(alert("bolt")))
    broken, good, gone = alert("acme"), alert("bolt"), alert("cove")
    alerts.mark([broken.model_copy(update={"status": "nonsense"})])

    rows = [(GRIEVANCE_ID, keys.alert(one.alert_id)) for one in (broken, good, gone)]

    assert alerts.get_many(rows) == [good]


# What becomes of them


@pytest.mark.parametrize(
    ("updates", "stored"),
    [
        (
            {"status": AlertStatus.SENT, "sent_at": LATER, "message_id": "m-1", "due_at": None},
            {"status": "sent", "sent_at": "2026-11-22T10:00:00.000Z", "message_id": "m-1"},
        ),
        (
            {"status": AlertStatus.SUPPRESSED, "due_at": None},
            {"status": "suppressed"},
        ),
        (
            {"due_at": LATER, "last_error": "Unavailable"},
            {
                "status": "pending",
                "last_error": "Unavailable",
                "due_at": "2026-11-22T10:00:00.000Z",
                "work_queue": keys.due_queue(GRIEVANCE_ID),
            },
        ),
        (
            {"status": AlertStatus.QUARANTINED, "due_at": LATER, "last_error": "InvalidParameter"},
            {
                "status": "quarantined",
                "last_error": "InvalidParameter",
                "due_at": "2026-11-22T10:00:00.000Z",
                "work_queue": keys.quarantine(GRIEVANCE_ID),
            },
        ),
    ],
    ids=["sent", "suppressed", "later", "quarantined"],
)
def test_what_became_of_an_alert_is_noted(
    alerts: Alerts, service: Service, updates: dict[str, Any], stored: dict[str, Any]
) -> None:
    saved(service, alerts.new_row(alert()))

    alerts.mark([alert(attempts=1, **updates)])

    row = raw(service, alert())
    names = ("status", "sent_at", "message_id", "last_error", "due_at", "work_queue")
    assert {name: row[name] for name in names if name in row} == stored
    assert row["attempts"] == 1
    assert alerts.get(alert().alert_id) == alert(attempts=1, **updates)


def test_notes_go_a_hundred_a_call(alerts: Alerts) -> None:
    many = [alert().model_copy(update={"alert_id": f"a_1_{number}"}) for number in range(101)]

    with counted_calls() as calls:
        alerts.mark(many)
        alerts.mark([])

    assert calls == ["dynamodb.TransactWriteItems"] * 2


def test_a_note_does_not_touch_what_the_brand_wrote_meanwhile(
    alerts: Alerts, service: Service
) -> None:
    saved(service, alerts.new_row(alert()))
    saved(service, alerts.acknowledged_row(alert().alert_id, LATER))

    alerts.mark([alert(status=AlertStatus.SENT, due_at=None)])

    stored = alerts.get(alert().alert_id)
    assert stored is not None
    assert (stored.status, stored.acknowledged_at) == (AlertStatus.SENT, LATER)


# What brands write


def test_the_first_acknowledgement_counts(alerts: Alerts, service: Service) -> None:
    saved(service, alerts.new_row(alert()))

    for at in (LATER, MUCH_LATER):
        saved(service, alerts.acknowledged_row(alert().alert_id, at))

    assert alerts.get(alert().alert_id) == alert(acknowledged_at=LATER)


def test_replies_add_up_and_the_first_one_acknowledges(alerts: Alerts, service: Service) -> None:
    saved(service, alerts.new_row(alert()))
    replies = tuple(Reply(at=at, by="brand:acme:k", text=f"{at}") for at in (LATER, MUCH_LATER))

    for reply in replies:
        saved(service, alerts.reply_row(alert().alert_id, reply))

    assert alerts.get(alert().alert_id) == alert(
        acknowledged_at=LATER, first_reply_at=LATER, replies=replies
    )


def test_a_brand_lists_its_own_alerts_newest_first_and_the_unanswered_alone(
    alerts: Alerts, service: Service
) -> None:
    for number in range(5):
        one = alert(
            given=case(grievance_id=derive_id("g", str(number))),
            alerted_at=AT + timedelta(minutes=number),
        )
        alerts.write_ahead([*[one] * PER_TRANSACTION, one])
    saved(service, alerts.new_row(alert("bolt")))
    newest = alerts.of_brand("acme", open_only=False, limit=1, start=None).items[0]
    saved(service, alerts.reply_row(newest["alert_id"], Reply(at=LATER, by="b", text="t")))

    def moments(*, open_only: bool) -> list[str]:
        found: list[str] = []
        start: Start | None = None
        while True:
            page = alerts.of_brand("acme", open_only=open_only, limit=2, start=start)
            found += [row["alerted_at"][14:16] for row in page.items]
            if (start := page.next_start) is None:
                return found

    assert moments(open_only=False) == ["04", "03", "02", "01", "00"]
    assert moments(open_only=True) == ["03", "02", "01", "00"]
    assert (newest["severity"], newest["category"], newest["country"]) == (
        "S3",
        "compensation",
        "BD",
    )
