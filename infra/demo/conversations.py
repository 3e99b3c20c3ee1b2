"""The fourth chapter: workers write by SMS and QQ, are answered, asked, and told of the outcome."""

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from infra.answers import answers_under
from infra.demo import cast
from infra.demo.api import eventually
from infra.demo.checks import (
    alert_in,
    expect,
    is_night,
    on_its_way,
    receipt_code_in,
    said,
    told_nothing_more,
)
from infra.demo.phones import Carriers, Phone, QqPhone, SmsPhone
from infra.demo.scene import Filed, Scene
from infra.local.options import ROOT

_ANSWERS = ROOT / "data" / "answers"
_IN_FORCE_FROM = date(2026, 1, 1)


def publish_answers(scene: Scene) -> None:
    """The starter set of standard answers: each is drafted by one person, approved by another."""
    for _, stated in answers_under(_ANSWERS):
        begun = stated.model_copy(update={"effective_from": _IN_FORCE_FROM})
        wish = begun.model_dump(mode="json")
        draft = scene.pearl_river.post("/v1/answer-drafts", json=wish)
        path = f"/v1/answer-drafts/{draft['draft_id']}/approval"
        answer = scene.pearl_river_second.post(path)
        told = f"{answer['question']}\n{answer['text']}"
        scene.answers[answer["topic"], answer["language"]] = told
    expect(not scene.pearl_river.get("/v1/answer-drafts")["items"], "a draft is still open")
    scene.teller.done(
        f"{len(scene.answers)} answers in force, each approved by a second supervisor"
    )
    scene.teller.aside("they are drafts for a lawyer: of the law of China, in Chinese and English")


def hear_the_workers(scene: Scene) -> None:
    """Two lines of a helpline; what is written to them becomes cases, as far as she agrees."""
    carriers = Carriers(scene.document["alerts_url"])
    token, bot_secret = secrets.token_hex(16), secrets.token_hex(16)
    sms = _line(scene, cast.SMS_LINE, {"auth_token": token})
    qq = _line(scene, cast.QQ_LINE, {"bot_secret": bot_secret})
    texted = SmsPhone(scene.anybody, sms, token, cast.SMS_WORKER, carriers)
    chatted = QqPhone(scene.anybody, qq, bot_secret, cast.QQ_WORKER, carriers)
    _tell(scene, cast.TEXTED, texted)
    _tell(scene, cast.CHATTED, chatted)


def _line(scene: Scene, described: Mapping[str, Any], given: Mapping[str, str]) -> Any:
    """A line of the helpline, with its secrets: as a supervisor sees it."""
    line = scene.pearl_river.post("/v1/lines", json=described)
    expect(not line["ready"], "a line hears before its secrets are set")
    line = scene.pearl_river.put(f"/v1/lines/{line['line_id']}/secrets", json=given)
    expect(line["ready"], "a line with its secrets does not hear")
    expect(not set(given.values()) & set(map(str, line.values())), "a line shows its secrets")
    scene.teller.done(f"{line['name']}: {line['provider']} is to call {line['webhook_url']}")
    return line


def _tell(scene: Scene, worker: cast.Talk, phone: Phone) -> None:
    """Her message, the answer with the code, and both questions: whom we may tell, and her."""
    scene.phones[worker.name] = phone
    reply = _written(scene, phone, worker.text)
    said(reply, worker.language, "chat.received", *_answer(scene, worker), worker.question)
    filed = scene.filed[worker.name] = _filed(scene, worker.text, receipt_code_in(reply))
    _written_and_told(scene, phone, worker, worker.yes_with_factory, "chat.agreed_factory",
                      "chat.ask_contact")  # fmt: skip
    _written_and_told(scene, phone, worker, worker.yes_write, "chat.contact_yes",
                      "chat.ask_factory")  # fmt: skip
    _written_and_told(scene, phone, worker, worker.factory, "chat.added")
    case = filed.read()
    expect(case["intake_type"] == "enquiry", f"what came in is a {case['intake_type']}")
    agreed, abroad = case["consent"], worker.question == "chat.ask_brands_abroad"
    expect((agreed["level"], agreed["contact_back"]) == ("C3", True), "her answers were not kept")
    expect(agreed["cross_border"] is abroad, "it may cross a border that she was not asked about")
    given = bool(case["standard_answer"])
    expect(given is bool(worker.topic), "the case does not say which standard answer was given")
    scene.teller.done(
        f"by {case['channel']}: {case['public_ref']}, an enquiry; she agrees to brands with the "
        f"factory's name and to be written to (script {agreed['script_version']})"
    )


def _answer(scene: Scene, worker: cast.Talk) -> tuple[str, ...]:
    """What is told her by itself, where a standard answer clearly fits."""
    if worker.topic is None:
        return ()
    return "chat.automatic", scene.answers[worker.topic, "zh-CN"]


def _written(scene: Scene, phone: Phone, text: str) -> str:
    scene.teller.say(f"{phone.channel}, she: {text}")
    reply = phone.write(text)
    for line in reply.splitlines():
        scene.teller.aside(line)
    return reply


def _written_and_told(
    scene: Scene, phone: Phone, worker: cast.Talk, text: str, *names: str
) -> None:
    said(_written(scene, phone, text), worker.language, *names)


def _filed(scene: Scene, text: str, code: str) -> Filed:
    """The case that a receipt code is of, as the helpline finds it."""
    progress = scene.anybody.get("/v1/receipts", headers={"Receipt-Code": code})
    listed = scene.pearl_river.get("/v1/grievances")["items"]
    found = [row for row in listed if row["public_ref"] == progress["public_ref"]]
    expect(len(found) == 1, "the helpline does not have the case of the receipt code")
    receipt = {
        "grievance_id": found[0]["grievance_id"],
        "public_ref": progress["public_ref"],
        "receipt_code": code,
    }
    body = json.dumps({"narrative": text}).encode()
    return Filed(body, json.dumps(receipt).encode(), scene.pearl_river)


def take_one_up(scene: Scene) -> None:
    """An officer reads the message and corrects the case: a grievance about a factory, an alert."""
    filed = scene.filed[cast.CHATTED.name]
    version = filed.read()["version"]
    filed.partner.patch(filed.path, json=cast.TAKEN_UP, headers={"If-Match": f'"{version}"'})
    scene.teller.done("the officer reads it: a grievance, which factory, what it is about")
    scene.tick()
    told = scene.settled(cast.CHATTED.name, "brand_notified", "alerted", ticks=True)
    reference = told["public_ref"]
    at_endpoint = eventually(
        lambda: scene.endpoint.about(reference), f"no alert about {reference} at the endpoint"
    )
    alert = alert_in(at_endpoint)
    told_nothing_more(alert, cast.CHATTED.text)
    told_nothing_more(alert, cast.QQ_WORKER)
    expect(alert["brand_id"] == cast.ACME, f"the alert is for {alert['brand_id']}")
    name = cast.TAKEN_UP["factory_reported"]["name"]
    expect(alert["factory"]["name"] == name, f"the alert names {alert['factory']['name']}")
    scene.teller.done(
        f"Acme Outdoor's endpoint: {reference}, {alert['severity']}, {alert['category']}, {name}; "
        "neither her words nor her account"
    )


def write_back(scene: Scene) -> None:
    """The helpline sends each the prepared message; each asks how it stands, in her language."""
    for worker in (cast.CHATTED, cast.TEXTED):
        phone, filed = scene.phones[worker.name], scene.filed[worker.name]
        _send_prepared(scene, worker, phone, filed)
        state = filed.read()["state"]
        _written_and_told(scene, phone, worker, worker.status, f"progress.{state}", f"next.{state}")
        scene.teller.done(f"asked for progress, she is told that of a case that is {state}")


def _send_prepared(scene: Scene, worker: cast.Talk, phone: Phone, filed: Filed) -> None:
    prepared = filed.partner.get(f"{filed.path}/prepared-message")
    expect(prepared["language"] == worker.language, f"prepared in {prepared['language']}")
    wish = {"text": prepared["text"], "visibility": "worker"}
    message = filed.partner.post(f"{filed.path}/messages", json=wish)
    delivery = eventually(
        lambda: on_its_way(_delivery(filed, message["message_id"]), _night(worker)),
        "the officer's message to the worker does not go out",
    )
    has_it = prepared["text"] in phone.received()
    scene.teller.say(f"the officer, to her: {prepared['text']}")
    if delivery["status"] == "queued":
        expect(not has_it, "a message went out at night")
        scene.teller.done(f"it is night in {worker.country}: queued, it goes out in the morning")
    else:
        expect(has_it, f"the carrier of {phone.channel} was not given the message")
        scene.teller.done(f"sent by {phone.channel}: the carrier has it")


def _delivery(filed: Filed, message_id: str) -> Any:
    messages = filed.partner.get(f"{filed.path}/messages")["items"]
    return next(each["delivery"] for each in messages if each["message_id"] == message_id)


def _night(worker: cast.Talk) -> bool:
    return is_night(worker.country, datetime.now(UTC))
