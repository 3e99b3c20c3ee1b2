"""What the terminal says when everything answers: where it is, and what to try first."""

import json
from datetime import date, timedelta
from pathlib import Path

from infra.local.options import ROOT, Options
from infra.local.places import Places
from infra.local.stack import Stack

FIRST_FILING = {
    "channel": "phone",
    "filed_by": "group",
    "workers_affected": 34,
    "factory_reported": {
        "name": "Yi Chang Tai (Shenzhen) Garment Factory",
        "city": "Shenzhen",
        "country": "CN",
    },
    "incident_from": "2026-09",
    "incident_to": "ongoing",
    "categories": ["compensation"],
    "narrative": "Wages for September and October were not paid.",
    "summary": "Two months of wages outstanding for a group of workers.",
    "language": "zh-CN",
    "consent": {
        "level": "C3",
        "cross_border": True,
        "contact_back": True,
        "script_version": "helpline-zh-3",
    },
}
"""A grievance about a factory of Acme Outdoor's list."""

_BEFORE, _AFTER = timedelta(days=14), timedelta(days=7)
"""The period of the export: whoever pastes it may do so some days after the start."""


def banner(stack: Stack, options: Options, places: Places, today: date) -> str:
    """The text: short, and every command can be pasted as it is."""
    parts = [_where(stack, options, places), _keys(stack)]
    if stack.brands:
        parts += [_filing(stack), _alert(stack), _export(stack, today)]
    parts.append("Ctrl-C stops it. Requests follow.")
    return "\n\n".join(parts)


def _where(stack: Stack, options: Options, places: Places) -> str:
    kept = "nothing is kept (--ephemeral)" if options.ephemeral else _shown(places.snapshot.parent)
    rows = [
        ("API", f"{stack.base_url}   {stack.base_url}/docs   {stack.base_url}/openapi.json"),
        ("AWS", f"{stack.aws_endpoint}   (moto; any credentials, region eu-central-1)"),
        ("Alerts", f"{stack.alerts_url}/   what the demo's HTTP endpoint has received"),
        ("Workers", f"{stack.alerts_url}/messages   what went out to workers, by SMS, QQ, WeChat"),
        ("Check", f"every {options.tick_seconds:g} s (TICK_SECONDS; deployed: every minute)"),
        ("State", kept),
        ("Logs", _shown(places.log)),
        ("Scripts", f"{_shown(places.stack)}   (URLs, keys, queues, topics)"),
    ]
    return "handshake is running.\n\n" + "\n".join(f"  {name:8} {text}" for name, text in rows)


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def _keys(stack: Stack) -> str:
    rows = [f"  {key.key}   {key.role.replace('_', ' ')}, {key.organisation}" for key in stack.keys]
    return "\n".join(["Keys, for Authorization: Bearer …", *rows])


def _filing(stack: Stack) -> str:
    rows = (f' "{name}": {json.dumps(value)}' for name, value in FIRST_FILING.items())
    body = "{\n" + ",\n".join(rows) + "\n}"
    return f"""File a grievance (the same Idempotency-Key again gives the same receipt):

curl -sS {stack.base_url}/v1/grievances \\
  -H 'Authorization: Bearer {stack.key("partner")}' \\
  -H 'Content-Type: application/json' \\
  -H "Idempotency-Key: try-$(date +%s)" \\
  -d '{body}'"""


def _alert(stack: Stack) -> str:
    return f"""Seconds later, what the brand has been told, by its HTTP endpoint and by the API:

curl -sS {stack.alerts_url}/
curl -sS {stack.base_url}/v1/alerts -H 'Authorization: Bearer {stack.key("brand")}'"""


def _export(stack: Stack, today: date) -> str:
    bearer = f"-H 'Authorization: Bearer {stack.key('auditor')}'"
    period = {"received_from": f"{today - _BEFORE}", "received_to": f"{today + _AFTER}"}
    return f"""The auditor's export; the last answer has the download_url:

EXPORT=$(curl -sS {stack.base_url}/v1/exports {bearer} \\
  -H 'Content-Type: application/json' -d '{json.dumps(period)}' \\
  | grep -o 'x_[0-9a-z]\\{{26\\}}' | head -n 1)
sleep 2; curl -sS {stack.base_url}/v1/exports/$EXPORT {bearer}"""
