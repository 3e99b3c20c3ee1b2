"""Digests: where periods begin and end, and that the longest one fits what SNS takes."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.alerting.digest import (
    MOST_LISTED,
    DigestItem,
    DigestPayload,
    OverdueItem,
    digest_id,
    due_after,
    ended_period,
    period_start,
)
from chalicelib.domain.alerting.digest_message import attributes, email_text, sms_text, subject
from chalicelib.domain.alerting.subscription import Rhythm
from chalicelib.domain.vocabulary import AlertKind, Category, Severity
from chalicelib.texts import catalogue, languages
from chalicelib.usecases.alerting.send_digest import notice_of

RHYTHMS = (Rhythm.DAILY, Rhythm.WEEKLY)
TIMES = st.integers(0, 800 * 24 * 3600).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
SUNDAY = datetime(2026, 11, 22, 8, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rhythm", "moment", "start"),
    [
        (Rhythm.DAILY, at(22, 6), at(22, 6)),
        (Rhythm.DAILY, at(22, 5, 59), at(21, 6)),
        (Rhythm.WEEKLY, at(22, 23, 59), at(16, 6)),
        (Rhythm.WEEKLY, at(23, 5, 59), at(16, 6)),
        (Rhythm.WEEKLY, at(23, 6), at(23, 6)),
        (Rhythm.WEEKLY, at(29, 6), at(23, 6)),
    ],
)
def test_a_period_begins_in_the_morning(rhythm: Rhythm, moment: datetime, start: datetime) -> None:
    assert period_start(rhythm, moment) == start


def test_a_digest_is_written_once_its_alerts_are_all_there() -> None:
    assert ended_period(Rhythm.DAILY, at(22, 6, 14)) == at(21, 6)
    assert ended_period(Rhythm.DAILY, at(22, 6, 15)) == at(22, 6)
    assert due_after(Rhythm.DAILY, at(21, 6)) == at(22, 6, 15)
    assert due_after(Rhythm.WEEKLY, at(16, 6)) == at(23, 6, 15)


@given(st.sampled_from(RHYTHMS), TIMES)
def test_periods_follow_each_other_without_a_gap(rhythm: Rhythm, moment: datetime) -> None:
    start = period_start(rhythm, moment)
    due = due_after(rhythm, start)
    end = ended_period(rhythm, due)

    assert start <= moment < end
    assert period_start(rhythm, start) == start
    assert period_start(rhythm, end - timedelta(milliseconds=1)) == start
    assert ended_period(rhythm, due - timedelta(milliseconds=1)) == start


@given(TIMES, TIMES)
def test_another_beginning_brand_or_rhythm_is_another_digest(
    one: datetime, other: datetime
) -> None:
    ids = {digest_id(b, r, t) for b in ("acme", "bolt") for r in RHYTHMS for t in {one, other}}
    assert len(ids) == 4 * len({one, other})


ALERT = f"a_{'z' * 26}_{'z' * 26}"
LINK = f"https://{'h' * 200}.example/v1/alerts/{ALERT}"


def longest(kind: AlertKind, category: Category) -> DigestPayload:
    """As much as there may be, of what is longest; the counts are what a run looks at."""
    item = DigestItem(
        alert_id=ALERT,
        kind=kind,
        public_ref="2026-7KQ4-9XZM-3T8H",
        severity=Severity.S2,
        category=category,
        country="CN",
        alerted_at=SUNDAY,
        respond_by=SUNDAY,
        link=LINK,
    )
    late = OverdueItem(
        alert_id=ALERT,
        kind=kind,
        public_ref=item.public_ref,
        severity=item.severity,
        due_at=SUNDAY,
        link=LINK,
    )
    return DigestPayload(
        digest_id=digest_id("b" * 40, Rhythm.WEEKLY, SUNDAY),
        kind="digest_weekly",
        brand_id="b" * 40,
        since=SUNDAY,
        until=SUNDAY,
        alerts=(item,) * MOST_LISTED,
        left_out=4900,
        overdue=(late,) * MOST_LISTED,
        overdue_left_out=4900,
        read_on=LINK,
    )


@pytest.mark.parametrize("language", sorted(languages()))
def test_the_longest_digest_is_less_than_what_sns_takes(language: str) -> None:
    texts = catalogue(language)
    kind = max(AlertKind, key=lambda kind: len(texts[f"kind.{kind}"].encode()))
    category = max(Category, key=lambda c: len(texts[f"category.{c}"].encode()))

    notice = notice_of(longest(kind, category), language)

    size = len(notice.message.encode()) + len(notice.subject) + 200
    assert size < 256 * 1024
    assert set(json.loads(notice.message)) == {"default", "email", "sms"}


@pytest.mark.parametrize("language", sorted(languages()))
def test_a_text_message_is_whole_and_does_not_say_what_it_is_about(language: str) -> None:
    payload = longest(AlertKind.NEW, Category.OTHER)

    text = sms_text(payload, catalogue(language))

    assert "5000" in text
    assert len(text) <= (140 if text.isascii() else 70)
    assert payload.alerts[0].public_ref not in text


@pytest.mark.parametrize("language", sorted(languages()))
def test_a_mailbox_reads_each_alert_and_how_many_more_there_are(language: str) -> None:
    texts, payload = catalogue(language), longest(AlertKind.NEW, Category.OTHER)

    text = email_text(payload, texts)

    assert text.count(LINK) == 2 * MOST_LISTED + 1
    assert text.count("4900") == 2
    assert text.endswith(texts["alert.no_reprisals"])
    assert "{" not in text


def test_a_subject_is_what_sns_takes() -> None:
    payload = longest(AlertKind.NEW, Category.OTHER)

    assert subject(payload) == "weekly digest 2026-11-22: alerts 5000, overdue 5000"
    assert attributes(payload) == {"brand_id": ("b" * 40,), "kind": ("digest_weekly",)}


def test_an_english_mailbox_reads_this() -> None:
    whole = longest(AlertKind.NEW, Category.COMPENSATION)
    short = whole.model_copy(
        update={
            "alerts": whole.alerts[:1],
            "left_out": 0,
            "overdue": whole.overdue[:1],
            "overdue_left_out": 0,
        }
    )

    assert email_text(short, catalogue("en")) == (
        "What you were told from 2026-11-22 08:00 UTC to 2026-11-22 08:00 UTC:\n\n"
        "2026-7KQ4-9XZM-3T8H | New grievance | S2 (high) | Wages and benefits | CN\n"
        f"Reply by 2026-11-22 08:00 UTC\n{LINK}\n\n"
        "Overdue: these alerts wait for your answer.\n\n"
        f"2026-7KQ4-9XZM-3T8H | S2 (high) | was due 2026-11-22 08:00 UTC\n{LINK}\n\n"
        f"All alerts are at your alert desk:\n{LINK}\n\n"
        "Do not try to find out who spoke. Asking or punishing workers is retaliation, and will be"
        " a grievance of its own."
    )
