"""What brands were told, held against consent as it stands: what is recalled, who is owed more."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from chalicelib.domain.alerting.alert import (
    Alert,
    AlertPayload,
    Withdrawn,
    allowed_now,
    write_alert,
    write_recall,
)
from chalicelib.domain.alerting.alert_message import email_text, sms_text, subject
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.consent import Detail, Way, release
from chalicelib.domain.cases.disclosed import may_be_told_more, told_too_much
from chalicelib.domain.cases.facts import Consent, FactoryReported
from chalicelib.domain.retry import backoff
from chalicelib.domain.vocabulary import AlertKind, AlertStatus, ConsentLevel, Routing, State
from chalicelib.texts import catalogue
from tests.domain.values import AT, DESK, brand, case, factory, link

LATER = AT + timedelta(days=3)
LEVELS = ("C0", "C1", "C2", "C3", "C4", "X")


def agreed(level: str, **switches: bool) -> Consent:
    return Consent(level=ConsentLevel(level), script_version="helpline-zh-3", **switches)


def notified(level: str, **facts: Any) -> Case:
    """A case whose brands were told at this level."""
    switches = {"publish_summary": facts.pop("publish_summary", False)}
    facts = {"summary": "Wages are outstanding.", "consent": agreed(level, **switches), **facts}
    return case(facts, state=State.BRAND_NOTIFIED, routing=Routing.ALERTED, brand_notified_at=AT)


def told(given: Case, brand_id: str = "acme", **changes: Any) -> Alert:
    """The alert that was sent to a brand by that consent."""
    alert = write_alert(
        given, brand(brand_id), factory(address="48 Kangzheng Road"), link(brand_id),
        kind=AlertKind.NEW, released=release(given.consent, Way.ALERT, "BD"), desk_url=DESK, at=AT,
    )  # fmt: skip
    return alert.model_copy(update={"status": AlertStatus.SENT, "due_at": None, **changes})


def now(given: Case, level: str, **switches: bool) -> Case:
    """The case with another consent."""
    changes = {"consent": agreed(level, **switches), "consent_changes": 1}
    return given.model_copy(update=changes)


@pytest.mark.parametrize(("before", "after"), [*product(("C2", "C3", "C4"), LEVELS)])
def test_whoever_was_told_more_than_is_allowed_now_is_recalled(before: str, after: str) -> None:
    given = notified(before)
    shown = {"C2": Detail.ISSUE, "C3": Detail.FACTORY, "C4": Detail.FACTORY}
    alert = told(given)

    too_much = told_too_much(now(given, after), [alert])

    assert bool(too_much) is (shown[before] > shown.get(after, Detail.NOTHING))
    assert too_much in ([], [[alert]])


REFUSED = {"status": AlertStatus.PENDING, "attempts": 1, "last_error": "NoSuchThing"}
"""Due again a minute after the run that noted it: that was, or was not, the one that wrote it."""


@pytest.mark.parametrize(
    ("progress", "recalled"),
    [
        ({"status": AlertStatus.SENT}, True),
        ({"status": AlertStatus.QUARANTINED, "attempts": 8}, True),
        ({"status": AlertStatus.PENDING}, True),
        ({"status": AlertStatus.PENDING, "attempts": 1, "last_error": "Unavailable"}, True),
        ({"status": AlertStatus.PENDING, "attempts": 2, "last_error": "NoSuchThing"}, True),
        (REFUSED | {"due_at": AT + backoff(1, of=told(notified("C3")).alert_id)}, False),
        (REFUSED | {"due_at": AT + timedelta(minutes=2)}, True),
        ({"status": AlertStatus.SUPPRESSED}, False),
    ],
    ids=str,
)
def test_only_an_alert_that_surely_never_went_out_needs_no_recall(
    progress: dict[str, Any], recalled: bool
) -> None:
    """An attempt to send one that is pending may have come through, for all we know."""
    given = notified("C3")

    assert bool(told_too_much(now(given, "C0"), [told(given, **progress)])) is recalled


def test_what_was_recalled_once_and_recalls_themselves_are_not_recalled_again() -> None:
    given = now(notified("C3"), "C0")
    alert = told(notified("C3"))
    recall = write_recall(
        given, [alert], allowed=allowed_now(given, alert.payload), desk_url=DESK, at=LATER
    )

    taken_back = alert.recalled(allowed_now(given, alert.payload), LATER)

    assert told_too_much(given, [taken_back, recall]) == []


def test_a_summary_that_may_no_longer_be_published_is_recalled_by_itself() -> None:
    given = notified("C3", publish_summary=True)
    alert = told(given)
    after = now(given, "C3")
    allowed = allowed_now(after, alert.payload)

    assert told_too_much(after, [alert]) == [[alert]]
    recall = write_recall(after, [alert], allowed=allowed, desk_url=DESK, at=LATER)
    taken_back = alert.recalled(allowed, LATER)
    assert recall.payload.withdrawn == (Withdrawn.SUMMARY,)
    assert (taken_back.payload.summary, taken_back.payload.factory) == (None, alert.payload.factory)
    assert told_too_much(after, [taken_back]) == []


def test_a_country_that_asks_for_a_separate_consent_recalls_what_was_told_without_it() -> None:
    given = notified("C3")
    there = given.model_copy(update={"factory_reported": FactoryReported(country="CN")})

    assert told_too_much(there, [told(given)]) == [[told(given)]]


def test_recalls_come_by_brand_each_with_all_that_it_was_told() -> None:
    given = notified("C3")
    alerts = [told(given, "bolt"), told(given, "acme"), told(given, "acme", alert_id="a_2")]

    grouped = told_too_much(now(given, "C1"), alerts)

    assert [[alert.brand_id for alert in group] for group in grouped] == [["acme"] * 2, ["bolt"]]


# What a recall says


def recall_of(level: str) -> AlertPayload:
    given = notified("C3", publish_summary=True)
    alert, after = told(given), now(given, level)
    allowed = allowed_now(after, alert.payload)
    return write_recall(after, [alert], allowed=allowed, desk_url=DESK, at=LATER).payload


@pytest.mark.parametrize(
    ("level", "withdrawn"),
    [
        ("C0", ("everything",)),
        ("C1", ("everything",)),
        ("X", ("everything",)),
        ("C2", ("factory", "summary")),
    ],
)
def test_a_recall_says_what_is_taken_back_and_names_nothing(
    level: str, withdrawn: tuple[str, ...]
) -> None:
    given, payload = notified("C3"), recall_of(level)

    said = payload.model_dump(mode="json", exclude_none=True)
    derived = {name: said.pop(name) for name in ("alert_id", "link", "content_hash", "recalls")}
    assert said == {
        "schema_version": "1.0",
        "kind": "recall",
        "public_ref": given.public_ref,
        "brand_id": "acme",
        "consent_level": "C2" if level == "C2" else "C0",
        "country": "BD",
        "category": "compensation",
        "categories": ["compensation"],
        "ilo_indicators": [],
        "severity": "S3",
        "received_month": "2026-11",
        "acknowledge_by": "2026-11-30T08:00:00.000Z",
        "respond_by": "2026-11-30T08:00:00.000Z",
        "actions_required": ["acknowledge", "delete"],
        "link_dates_known": True,
        "withdrawn": list(withdrawn),
        "sequence": 2,
    }
    assert derived["recalls"] == [told(given).alert_id]
    assert derived["link"] == f"{DESK}/v1/alerts/{derived['alert_id']}"


def test_a_recall_reads_as_one_by_mail_and_by_sms() -> None:
    payload = recall_of("C0")
    mail = email_text(payload, catalogue("en"))

    assert f"taken back what you were told in case {payload.public_ref}" in mail
    assert "Nothing of it may be used any more." in mail
    assert all(alert_id in mail for alert_id in payload.recalls or ())
    assert "Confirm by 2026-11-30 08:00 UTC" in mail
    assert "retaliation" in mail
    assert sms_text(payload, catalogue("en")).startswith(
        f"RECALL {payload.public_ref}: consent was withdrawn."
    )
    assert " recall grievance alert " in subject(payload)
    assert "You may no longer use which factory it is about." in email_text(
        recall_of("C2"), catalogue("en")
    )


@pytest.mark.parametrize("level", LEVELS)
def test_what_is_recalled_is_gone_from_the_alert_itself(level: str) -> None:
    given = notified("C3", publish_summary=True)
    alert, after = told(given), now(given, level)

    taken_back = alert.recalled(allowed_now(after, alert.payload), LATER)

    shown = taken_back.shown(after)
    if level in ("C0", "C1", "X"):
        assert shown is None
        assert (taken_back.payload.factory, taken_back.payload.summary) == (None, None)
    else:
        assert shown is not None
        assert shown.summary is None
        assert (shown.factory is None) is (level == "C2")
        assert shown.content_hash == shown.sealed().content_hash


def test_a_later_yes_does_not_bring_back_what_was_recalled() -> None:
    """The brand gets an update; the alert it was told to delete stays empty."""
    given = notified("C3")
    alert = told(given)
    withdrawn = now(given, "C0")

    taken_back = alert.recalled(allowed_now(withdrawn, alert.payload), LATER)

    assert taken_back.shown(given) is None


# Who may be told more


@pytest.mark.parametrize(("before", "after"), [*product(("C2", "C3", "C4"), LEVELS)])
def test_a_brand_is_owed_an_update_where_it_knows_less_than_the_worker_agrees_to(
    before: str, after: str
) -> None:
    given = notified(before)

    owed = may_be_told_more(now(given, after), [told(given)])

    assert owed == (["acme"] if before == "C2" and after in ("C3", "C4") else [])


def test_after_a_recall_a_new_consent_is_news_to_its_brand() -> None:
    given = notified("C3")
    alert = told(given)
    taken_back = alert.recalled(allowed_now(now(given, "C0"), alert.payload), LATER)

    assert may_be_told_more(given, [taken_back]) == ["acme"]


def test_an_alert_that_is_pending_and_exceeds_is_replaced_by_one_that_does_not() -> None:
    given = notified("C3", publish_summary=True)
    pending = told(given, status=AlertStatus.PENDING)

    assert may_be_told_more(now(given, "C3"), [pending]) == ["acme"]
    assert may_be_told_more(given, [pending]) == []


@pytest.mark.parametrize(
    "progress", [{"state": State.CLOSED}, {"routing": Routing.HELD}, {"state": State.INADMISSIBLE}]
)
def test_of_a_case_that_has_ended_or_is_held_nobody_is_told_more(progress: dict[str, Any]) -> None:
    given = notified("C2")
    after = now(given, "C3").model_copy(update=progress)

    assert may_be_told_more(after, [told(given)]) == []
