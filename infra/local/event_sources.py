"""What starts the functions: the schedules that app.py registers, the queues that the template
connects. Both are read from there, so that the local stack cannot know better."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalice.app import Chalice, ScheduledEventConfig, ScheduleExpression, SQSEventConfig
from chalice.utils import to_cfn_resource_name

from infra import template
from infra.local.options import ROOT

_UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True)
class Schedule:
    """A function that runs every so many seconds."""

    function: str
    every_seconds: float
    timeout_seconds: float


@dataclass(frozen=True)
class QueueSource:
    """A function that a queue feeds."""

    function: str
    queue_url: str
    batch_size: int
    timeout_seconds: float


def schedules(app: Chalice) -> list[Schedule]:
    """The schedules. ValueError for an expression that is no rate."""
    return [
        Schedule(source.name, seconds_of(source.schedule_expression), _timeout(source.name))
        for source in app.event_sources
        if isinstance(source, ScheduledEventConfig)
    ]


def queue_sources(app: Chalice, settings: Mapping[str, str]) -> list[QueueSource]:
    """The queues; `settings` has their URLs, as `infra.template.create_storage` returns them."""
    declared = template.load()
    return [
        QueueSource(
            source.name,
            settings[_setting_of_queue(source.name, declared)],
            source.batch_size,
            _timeout(source.name),
        )
        for source in app.event_sources
        if isinstance(source, SQSEventConfig)
    ]


def seconds_of(expression: str | ScheduleExpression) -> float:
    """`rate(5 minutes)` is 300. ValueError for a cron expression."""
    text = expression if isinstance(expression, str) else expression.to_string()
    rate = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", text)
    if rate is None:
        raise ValueError(f"{text} is no rate; the local stack knows no other schedules")
    return int(rate[1]) * _UNIT_SECONDS[rate[2]]


def _timeout(function: str) -> float:
    """The function's timeout in the packaged configuration."""
    config = json.loads((ROOT / ".chalice" / "config.json").read_text("utf-8"))
    seconds: float = config["stages"]["dev"]["lambda_functions"][function]["lambda_timeout"]
    return seconds


def _setting_of_queue(function: str, declared: Mapping[str, Any]) -> str:
    """The setting that holds the URL of the queue that the template connects to a function."""
    events = declared["Resources"][to_cfn_resource_name(function)]["Properties"]["Events"]
    (event,) = events.values()
    queue = event["Properties"]["Queue"]["Fn::Sub"].removeprefix("${").removesuffix(".Arn}")
    (output,) = (n for n, o in declared["Outputs"].items() if o["Value"] == {"Ref": queue})
    return template.setting_name(output)
