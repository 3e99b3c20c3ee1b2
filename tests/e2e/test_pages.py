"""Lists and exports over more than 10,000 rows and many megabytes, while others write.

moto goes through a whole table for each page: what takes it minutes is shown here.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
import requests

from infra.e2e.deployment import Deployed
from tests.calls import on_every_call
from tests.service import Service, filing

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

LIST = "/v1/grievances"
ROWS, MOVING = 10_000, 60
"""Copies of one case, and cases that officers work on meanwhile."""


class Helpline:
    """A partner with more cases than a page or a megabyte holds, whose officers go on working."""

    def __init__(self, service: Service) -> None:
        service.clock.forward(days=30)
        self.service, self.caller = service, service.partner("many-ngo")
        self.day = service.clock().date().isoformat()
        self._numbers = count()
        moving = [self._file() for _ in range(MOVING)]
        self._moves = iter(moving)
        self.ids = {*moving, *service.multiply(moving[0], ROWS)}
        service.clock.forward(hours=1)

    def work(self) -> None:
        """One case more, and one that was there moves on."""
        self.service.clock.forward(milliseconds=700)
        self._file()
        if (moved := next(self._moves, None)) is not None:
            answer = self.caller.post(f"{LIST}/{moved}/transitions", {"to": "acknowledged"})
            assert answer.status == 200, answer.body

    def _file(self) -> str:
        key = f"many-{next(self._numbers)}"
        answer = self.caller.post(LIST, filing(intake_type="enquiry"), Idempotency_Key=key)
        assert answer.status == 201, answer.body
        return str(answer.json()["grievance_id"])


@pytest.fixture(scope="module")
def helpline(service: Service) -> Helpline:
    return Helpline(service)


@contextmanager
def working(helpline: Helpline, every: int) -> Iterator[Counter[str]]:
    """Let its officers work after each `every`th query that others make; how often they did."""
    done: Counter[str] = Counter()

    def between(model: Any, **_: Any) -> None:
        if done["at work"] or model.name != "Query":
            return
        done["queries"] += 1
        if done["queries"] % every == 0:
            done["at work"] = 1
            helpline.work()
            done["at work"], done["worked"] = 0, done["worked"] + 1

    with on_every_call("after-call", between):
        yield done


def test_a_list_of_ten_thousand_cases_misses_and_doubles_none_while_others_write(
    helpline: Helpline, counts: Counter[str]
) -> None:
    seen: list[str] = []
    path = f"{LIST}?limit=200"
    with working(helpline, every=5) as done:
        while path:
            page = helpline.caller.get(path).json()
            seen += [row["grievance_id"] for row in page["items"]]
            path = page["next_cursor"] and f"{LIST}?limit=200&cursor={page['next_cursor']}"

    assert done["worked"] >= 10
    assert len(seen) == len(set(seen))
    assert helpline.ids <= set(seen)
    counts["ministack: rows listed while others wrote"] += len(seen)


def test_an_export_of_ten_thousand_cases_misses_and_doubles_none_while_others_write(
    deployed: Deployed, helpline: Helpline, counts: Counter[str]
) -> None:
    service, auditor = helpline.service, helpline.service.auditor()
    wish = {"received_from": helpline.day, "received_to": helpline.day, "format": "csv"}
    export_id = auditor.post("/v1/exports", wish).json()["export_id"]
    with working(helpline, every=10) as done:
        service.drain()

    view = auditor.get(f"/v1/exports/{export_id}").json()
    assert view["status"] == "done", view
    text = requests.get(view["download_url"], timeout=60, verify=str(deployed.ca)).text
    refs = [row["public_ref"] for row in csv.DictReader(io.StringIO(text, newline=""))]
    cases = service.deps.cases.heads(sorted(helpline.ids)).values()
    assert done["worked"] >= 10
    assert len(refs) == len(set(refs)) == view["manifest"]["row_count"]
    assert {case.public_ref for case in cases} <= set(refs)
    assert len(cases) == len(helpline.ids)
    counts["ministack: rows exported while others wrote"] += len(refs)
