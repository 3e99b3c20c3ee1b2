"""The third chapter: what the brand has received, what it answers, what the worker hears."""

from collections.abc import Mapping
from typing import Any

from infra.demo import cast
from infra.demo.api import eventually
from infra.demo.checks import alert_in, expect, filterable, told_nothing_more
from infra.demo.scene import Scene

_SHOWN = (
    "public_ref",
    "kind",
    "severity",
    "consent_level",
    "category",
    "ilo_indicators",
    "workers_band",
    "received_month",
    "summary",
    "code_clause",
    "respond_by",
)
_REPLY = "We have asked the factory for its payroll of both months and will answer by Friday."


def show_the_alert(scene: Scene) -> None:
    """The same notification, from the subscribed queue and at the HTTPS endpoint."""
    reference = scene.filed["unpaid"].receipt["public_ref"]
    from_queue = scene.envelope(cast.ACME, reference)
    alert = alert_in(from_queue)
    attributes = filterable(from_queue, alert)
    told_nothing_more(alert, cast.UNPAID["narrative"])
    at_endpoint = eventually(
        lambda: scene.endpoint.about(reference),
        f"no alert about {reference} reached the HTTPS endpoint",
        patience=15,
    )
    expect(alert_in(at_endpoint) == alert, "queue and endpoint received different alerts")
    _tell_alert(scene, alert, attributes)


def _tell_alert(scene: Scene, alert: Mapping[str, Any], attributes: Mapping[str, str]) -> None:
    factory = alert["factory"]
    scene.teller.done("the queue subscribed to Acme Outdoor's topic received it:")
    rows = {name: _words(alert[name]) for name in _SHOWN if alert.get(name)}
    scene.teller.pairs({**rows, "factory": f"{factory['name']}, {factory['address']}"})
    said = ", ".join(f"{name}={value}" for name, value in attributes.items())
    scene.teller.aside(f"message attributes to filter by: {said}")
    scene.teller.done("the HTTPS endpoint received the same, over a connection it can trust")
    scene.teller.done("the worker's own words and the helpline's name are in neither")


def _words(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def let_the_brand_answer(scene: Scene) -> None:
    """The brand's desk acknowledges and replies; the clocks of the case stop."""
    desk, filed = scene.desks[cast.ACME], scene.filed["unpaid"]
    rows = {row["public_ref"]: row for row in desk.get("/v1/alerts")["items"]}
    path = f"/v1/alerts/{rows[filed.receipt['public_ref']]['alert_id']}"
    acknowledged = desk.post(f"{path}/acknowledgement")
    expect(acknowledged["acknowledged_at"], "the alert is not acknowledged")
    replied = desk.post(f"{path}/replies", json={"text": _REPLY})
    expect([r["text"] for r in replied["replies"]] == [_REPLY], "the reply was not kept")
    scene.teller.done(f"Acme Outdoor acknowledges, and replies: {_REPLY}")
    _expect_stopped_clocks(filed.read())
    messages = [message["text"] for message in filed.partner.get(f"{filed.path}/messages")["items"]]
    expect(_REPLY in messages, "the helpline cannot read the brand's reply")
    scene.teller.done("the helpline reads it, and the clocks for acknowledgement and reply stop")
    _expect_hidden_from_others(scene, path)


def _expect_stopped_clocks(grievance: Mapping[str, Any]) -> None:
    for clock in ("brand_acknowledges", "brand_first_reply"):
        expect(grievance["clocks"][clock]["met_at"], f"the clock {clock} still runs")


def _expect_hidden_from_others(scene: Scene, path: str) -> None:
    status = scene.desks[cast.OAK].send("GET", path).status_code
    expect(status == 404, f"another brand's desk gets {status} instead of 404 for this alert")
    scene.teller.done("to any other brand this alert does not exist")


def let_the_workers_ask(scene: Scene) -> None:
    """With her receipt code alone, a worker asks how it stands, and is told in her language."""
    for name, language in (("unpaid", "zh"), ("overtime", "bn"), ("fees", "en")):
        code = scene.filed[name].receipt["receipt_code"]
        progress = scene.anybody.get("/v1/receipts", headers={"Receipt-Code": code})
        expect(
            progress["language"] == language,
            f"the receipt of a case in {language} answers in {progress['language']}",
        )
        expect(progress["state"] == "brand_notified", "the receipt does not know of the alert")
        scene.teller.done(f"{code}: {progress['progress']} {progress['next_step']}")
    status = scene.anybody.send(
        "GET", "/v1/receipts", headers={"Receipt-Code": "0000-0000-0000-0000"}
    ).status_code
    expect(status == 404, f"a code that was never given out answers {status}")
