"""The second chapter: three helplines file what workers told them, and the check routes it."""

import json
from typing import Any

from infra.demo import cast
from infra.demo.api import Caller
from infra.demo.checks import expect, same_receipt
from infra.demo.scene import Filed, Scene


def file_urgent(scene: Scene) -> None:
    """A severity S1 reaches its brand although no schedule has run yet."""
    filed = _file(scene, "beaten", scene.dhaka, cast.BEATEN)
    expect(filed.receipt["severity"] == "S1", "violence was not assessed as S1")
    envelope = scene.envelope(cast.LANTERN, filed.receipt["public_ref"])
    scene.settled("beaten", "brand_notified", "alerted")
    scene.teller.done(
        f"S1: told to Blue Lantern without waiting for the next tick ({envelope['Subject']})"
    )


def file_the_others(scene: Scene) -> None:
    """Chinese, Bengali, English; one consents to nothing, one is unclear, one nobody covers."""
    factory = scene.operator.post("/v1/factories", json=cast.UNDISCLOSED_FACTORY)
    scene.teller.aside(f"the operator knows one more factory: {factory['name']}, {factory['city']}")
    _file(scene, "unpaid", scene.pearl_river, cast.UNPAID)
    _file(scene, "overtime", scene.dhaka, cast.OVERTIME)
    _file(scene, "fees", scene.tirupur, cast.FEES)
    _file(scene, "silent", scene.dhaka, cast.SILENT)
    _file(scene, "unclear", scene.pearl_river, cast.UNCLEAR)
    _file(scene, "uncovered", scene.tirupur, cast.UNCOVERED)


def _file(scene: Scene, name: str, partner: Caller, filing: dict[str, Any]) -> Filed:
    body = json.dumps(filing, ensure_ascii=False).encode()
    answer = _post(partner, body)
    expect(answer.status_code == 201, f"{filing['partner_ref']} was answered {answer.status_code}")
    filed = scene.filed[name] = Filed(body, answer.content, partner)
    receipt = filed.receipt
    scene.teller.say(f"{filing['language']}: {filing['narrative']}")
    scene.teller.aside(
        f"{filing['factory_reported']['name']} → {receipt['public_ref']}, severity "
        f"{receipt['severity']}, the worker's code {receipt['receipt_code']}"
    )
    return filed


def _post(partner: Caller, body: bytes) -> Any:
    return partner.send(
        "POST", "/v1/grievances", data=body, headers={"Content-Type": "application/json"}
    )


def repeat_one(scene: Scene) -> None:
    """A line drops, the post is sent again: the same receipt, and still one grievance."""
    filed = scene.filed["unpaid"]
    before = filed.partner.get("/v1/grievances")["items"]
    again = _post(filed.partner, filed.body)
    same_receipt(
        filed.receipt_bytes,
        again.content,
        again.status_code,
        again.headers.get("Idempotent-Replayed"),
    )
    after = filed.partner.get("/v1/grievances")["items"]
    expect(after == before, "the repeat has changed the partner's grievances")
    scene.teller.done("the same post again: the same receipt, byte for byte, and no second case")


def tick(scene: Scene) -> None:
    """The scheduled check runs; each case goes where it belongs."""
    scene.tick()
    told = scene.settled("unpaid", "brand_notified", "alerted")
    scene.teller.done(f"{told['public_ref']} (wages, China): the brand is notified")
    told = scene.settled("overtime", "brand_notified", "alerted")
    scene.teller.done(f"{told['public_ref']} (overtime, Bangladesh): the brand is notified")
    match = told["match"]
    expect(match["method"] == "similarity", "the misspelt name was not matched by likeness")
    scene.teller.aside(f"matched with {match['matched_name']}: {'; '.join(match['evidence'])}")
    told = scene.settled("fees", "brand_notified", "alerted")
    scene.teller.done(f"{told['public_ref']} (fees, India): the brand is notified")
    held = scene.settled("silent", "admissible", "held")
    scene.teller.done(f"{held['public_ref']} (consent C0): held, {held['routing_reason']}")
    unclear = scene.settled("unclear", "screening", "needs_review")
    scene.teller.done(
        f"{unclear['public_ref']} (Jinlin Textile): to the review queue, "
        f"{unclear['routing_reason']}"
    )
    uncovered = scene.settled("uncovered", "not_covered", "no_brand")
    scene.teller.done(
        f"{uncovered['public_ref']} (JVS Sporting Goods): not covered, watched until it is"
    )


def review(scene: Scene) -> None:
    """A reviewer says which of two factories of the same name is meant."""
    filed = scene.filed["unclear"]
    (waiting,) = filed.partner.get("/v1/review-queue")["items"]
    candidates = waiting["candidates"]
    expect(len(candidates) > 1, "the review queue does not show the factories to choose from")
    for candidate in candidates:
        scene.teller.aside(f"{candidate['name']}, {candidate['address']}")
    chosen = next(c["factory_id"] for c in candidates if cast.MEANT in c["address"])
    filed.partner.post(
        f"{filed.path}/factory",
        json={"factory_id": chosen, "remember_spelling": True},
        headers={"If-Match": f'"{waiting["version"]}"'},
    )
    scene.tick()
    told = scene.settled("unclear", "brand_notified", "alerted")
    expect(told["factory_id"] == chosen, "the case went to another factory than the chosen one")
    expect(told["match"]["method"] == "reviewer", "the match is not the reviewer's")
    expect(not filed.partner.get("/v1/review-queue")["items"], "the review queue is not empty")
    scene.envelope(cast.OAK, told["public_ref"])
    scene.teller.done("the helpline asked back and chose; Tall Oak Shoes has been told")


def cover_later(scene: Scene) -> None:
    """A brand discloses the factory after all: the case that waited for that is routed."""
    uncovered = scene.filed["uncovered"].read()
    link = {"source": "tall-oak-late-disclosure", "disclosed_at": "2026-11-01"}
    scene.operator.put(f"/v1/factories/{uncovered['factory_id']}/links/{cast.OAK}", json=link)
    scene.tick()
    told = scene.settled("uncovered", "brand_notified", "alerted", ticks=True)
    alert = json.loads(scene.envelope(cast.OAK, told["public_ref"])["Message"])
    expect(alert["kind"] == "retro", f"the late alert is of kind {alert['kind']}, not retro")
    scene.teller.done("Tall Oak Shoes disclosed it later, and was told: an alert of kind retro")


def nobody_was_told_of_the_silent_one(scene: Scene) -> None:
    """She said no: no queue and no endpoint has ever heard of her case."""
    reference = scene.filed["silent"].receipt["public_ref"]
    heard = [e for known in scene.envelopes.values() for e in known if reference in e["Message"]]
    expect(not heard, "an alert about a case with consent C0 was published")
    expect(scene.endpoint.about(reference) is None, "the HTTPS endpoint heard of a C0 case")
    state = scene.filed["silent"].read()
    expect(state["brand_notified_at"] is None, "the C0 case says that a brand was notified")
    scene.teller.done(f"{reference} (consent C0): nobody was told anything")
