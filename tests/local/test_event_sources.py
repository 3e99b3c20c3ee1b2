"""What starts the functions is read from app.py, the template and the packaged configuration."""

import pytest
from chalice.app import Cron, Rate

from app import app
from infra.local.event_sources import (
    QueueSource,
    Schedule,
    queue_sources,
    schedules,
    seconds_of,
)

SETTINGS = {
    "HANDSHAKE_WORK_QUEUE_URL": "http://127.0.0.1/work",
    "HANDSHAKE_JOBS_QUEUE_URL": "http://127.0.0.1/jobs",
    "HANDSHAKE_ATTACHMENTS_QUEUE_URL": "http://127.0.0.1/attachments",
    "HANDSHAKE_OUTBOUND_QUEUE_URL": "http://127.0.0.1/outbound",
}


def test_the_schedules_are_those_of_the_app() -> None:
    assert schedules(app) == [
        Schedule("check_grievances", every_seconds=60, timeout_seconds=50),
        Schedule("build_match_index", every_seconds=300, timeout_seconds=900),
        Schedule("apply_retention", every_seconds=86_400, timeout_seconds=900),
        Schedule("enforce_deadlines", every_seconds=600, timeout_seconds=600),
        Schedule("seal_ledger", every_seconds=3_600, timeout_seconds=900),
    ]


def test_each_function_gets_the_queue_that_the_template_connects() -> None:
    assert queue_sources(app, SETTINGS) == [
        QueueSource("work_due", "http://127.0.0.1/work", batch_size=10, timeout_seconds=120),
        QueueSource("run_job", "http://127.0.0.1/jobs", batch_size=1, timeout_seconds=900),
        QueueSource(
            "clean_attachment", "http://127.0.0.1/attachments", batch_size=1, timeout_seconds=120
        ),
        QueueSource("send_outbound", "http://127.0.0.1/outbound", batch_size=1, timeout_seconds=60),
    ]


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [
        (Rate(1, unit=Rate.MINUTES), 60),
        (Rate(2, unit=Rate.HOURS), 7200),
        ("rate(1 day)", 86400),
        ("rate(5 minutes)", 300),
    ],
)
def test_a_rate_is_a_number_of_seconds(expression: str | Rate, seconds: float) -> None:
    assert seconds_of(expression) == seconds


def test_a_cron_expression_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"cron\(0 10 \* \* \? \*\) is no rate"):
        seconds_of(Cron(0, 10, "*", "*", "?", "*"))
