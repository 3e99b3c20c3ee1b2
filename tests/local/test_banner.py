"""The first screen: where everything is, and commands that can be pasted as they are."""

import json
import stat
from datetime import date
from pathlib import Path

import pytest

from infra.local.banner import FIRST_FILING, banner
from infra.local.keys import DemoKey
from infra.local.options import ROOT, Options
from infra.local.organisations import BRANDS, RegisteredBrand, holders
from infra.local.places import Places
from infra.local.stack import Stack

TODAY = date(2026, 11, 22)


@pytest.fixture
def stack() -> Stack:
    keys = [DemoKey(h.name, h.role, h.organisation, f"hsk_{h.name}") for h in holders()]
    brands = [
        RegisteredBrand(b.brand_id, b.name, f"arn:{b.brand_id}", "http://queue", "arn:q", None)
        for b in BRANDS
    ]
    names = (
        "CASES_TABLE",
        "REGISTRY_TABLE",
        "ACCESS_TABLE",
        "JOBS_TABLE",
        "LEDGER_TABLE",
        "FILES_BUCKET",
        "LEDGER_BUCKET",
        "ATTACHMENTS_BUCKET",
    )
    queues = ("WORK_QUEUE_URL", "JOBS_QUEUE_URL", "ATTACHMENTS_QUEUE_URL", "OUTBOUND_QUEUE_URL")
    others = ("BRAND_TOPIC_ARN_PREFIX", "ROOT_SECRET_ARN")
    settings = {f"HANDSHAKE_{name}": name.lower() for name in (*names, *queues, *others)}
    urls = ("http://127.0.0.1:8000", "http://127.0.0.1:4566", "http://127.0.0.1:8001")
    return Stack(*urls, keys=keys, settings=settings, brands=brands)


def _banner(stack: Stack, options: Options) -> str:
    return banner(stack, options, Places(options.directory), TODAY)


def test_it_says_where_everything_is(stack: Stack) -> None:
    api = "http://127.0.0.1:8000"
    assert _banner(stack, Options()).split("\n\n")[1].splitlines() == [
        f"  API      {api}   {api}/docs   {api}/openapi.json",
        "  AWS      http://127.0.0.1:4566   (moto; any credentials, region eu-central-1)",
        "  Alerts   http://127.0.0.1:8001/   what the demo's HTTP endpoint has received",
        "  Workers  http://127.0.0.1:8001/messages   what went out to workers, by SMS, QQ, WeChat",
        "  Check    every 5 s (TICK_SECONDS; deployed: every minute)",
        "  State    .local/state",
        "  Logs     .local/handshake.log",
        "  Scripts  .local/stack.json   (URLs, keys, queues, topics)",
    ]


def test_it_says_when_nothing_is_kept(stack: Stack, tmp_path: Path) -> None:
    shown = _banner(stack, Options(ephemeral=True, directory=tmp_path))
    assert "  State    nothing is kept (--ephemeral)\n" in shown
    assert f"  Logs     {tmp_path}/handshake.log\n" in shown


def test_it_shows_every_key_with_its_holder(stack: Stack) -> None:
    shown = _banner(stack, Options())
    assert "  hsk_partner   partner supervisor, pearl-river-helpline\n" in shown
    assert all(f"  {key.key}   " in shown for key in stack.keys)


def test_the_body_of_the_first_command_is_the_first_filing(stack: Stack) -> None:
    shown = _banner(stack, Options())
    body = shown[shown.index("-d '") + 4 :].split("'", 1)[0]
    assert json.loads(body) == FIRST_FILING
    assert "curl -sS http://127.0.0.1:8000/v1/grievances \\\n" in shown


def test_the_export_covers_the_days_in_which_somebody_may_try_it(stack: Stack) -> None:
    period = '{"received_from": "2026-11-08", "received_to": "2026-11-29"}'
    assert f"-d '{period}'" in _banner(stack, Options())


def test_a_stack_without_brands_shows_no_command_that_needs_one(stack: Stack) -> None:
    stack.brands = ()
    assert "curl" not in _banner(stack, Options(empty=True))


def test_stack_json_has_a_key_for_each_brands_desk(stack: Stack, tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.write_stack(stack.document())
    written = json.loads(places.stack.read_text("utf-8"))
    assert {brand_id: brand["key"] for brand_id, brand in written["brands"].items()} == {
        "acme-outdoor": "hsk_brand",
        "blue-lantern": "hsk_brand_2",
        "tall-oak": "hsk_brand_3",
    }
    assert written["tables"] == {
        "cases": "cases_table",
        "registry": "registry_table",
        "access": "access_table",
        "ledger": "ledger_table",
        "jobs": "jobs_table",
    }
    assert stat.S_IMODE(places.stack.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["stack.json"]


def test_the_paths_it_shows_are_relative_where_they_can_be() -> None:
    assert Options().directory == ROOT / ".local"
