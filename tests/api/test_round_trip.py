"""What is accepted comes back as it was, to the last combining mark."""

import json

from tests.api import hostile
from tests.api.told import tell
from tests.service import Service, filing


def test_the_words_of_a_grievance_come_back_exactly(service: Service) -> None:
    tell(service, until="known")
    partner = service.partner()
    for number, text in enumerate(hostile.PROSES):
        line = text if text in hostile.LINES else "a factory"
        told = {
            "narrative": text,
            "summary": text[::-1],
            "requested_remedy": text[:100],
            "factory_reported": {
                "name": line,
                "address": line,
                "city": line,
                "country": "CN",
                "identifiers": [line],
                "latitude": 22.5429,
                "longitude": 114.0596,
            },
        }
        body = json.dumps(filing(**told), ensure_ascii=False).encode()
        filed = partner.post("/v1/grievances", body, Idempotency_Key=f"k{number}")
        assert filed.status == 201, (number, filed)
        read = partner.get(f"/v1/grievances/{filed.json()['grievance_id']}").json()
        assert {name: read[name] for name in told} == told


def test_the_words_of_a_correction_come_back_exactly(service: Service) -> None:
    tell(service, until="filed")
    partner = service.partner()
    (row,) = partner.get("/v1/grievances").json()["items"]
    path, version = f"/v1/grievances/{row['grievance_id']}", row["version"]
    for text in hostile.PROSES:
        answer = partner.patch(path, {"summary": text}, If_Match=f'"{version}"')
        assert answer.status == 200, answer
        version = answer.json()["version"]
        assert partner.get(path).json()["summary"] == text


def test_the_words_of_messages_come_back_exactly_and_in_order(service: Service) -> None:
    tell(service, until="filed")
    partner = service.partner()
    (row,) = partner.get("/v1/grievances").json()["items"]
    path = f"/v1/grievances/{row['grievance_id']}/messages"
    for text in hostile.PROSES:
        service.clock.forward(seconds=1)
        assert partner.post(path, {"text": text}).status == 201
    told = [message["text"] for message in partner.get(f"{path}?limit=200").json()["items"]]
    assert told == list(hostile.PROSES)


def test_the_words_of_a_brands_reply_come_back_exactly(service: Service) -> None:
    tell(service)
    desk = service.brand_desk()
    (row,) = desk.get("/v1/alerts").json()["items"]
    path = f"/v1/alerts/{row['alert_id']}"
    for text in hostile.LINES:
        assert desk.post(f"{path}/replies", {"text": text}).status == 201
    assert [reply["text"] for reply in desk.get(path).json()["replies"]] == list(hostile.LINES)


def test_the_words_of_the_registry_come_back_exactly(service: Service) -> None:
    tell(service, until="known")
    operator = service.operator()
    for number, text in enumerate(hostile.LINES):
        words = {"name": text, "aliases": [text + "!"[: 500 - len(text)]], "address": text}
        created = operator.post("/v1/factories", {**words, "country": "CN", "city": str(number)})
        assert created.status == 201, created
        read = operator.get(created.headers["Location"]).json()
        assert {name: read[name] for name in words} == words
        brand = {"name": text, "code_of_conduct": {"version": text, "clauses": []}}
        assert operator.put(f"/v1/brands/b{number}", brand).status == 201
        read = operator.get(f"/v1/brands/b{number}").json()
        assert {name: read[name] for name in brand} == brand


def test_a_repeat_in_another_normal_form_is_another_grievance(service: Service) -> None:
    """Text is never normalised: é as one letter and as two are two bodies."""
    sent_to = service.partner()
    one, two = (filing(narrative=text) for text in ("caf\u00e9", "cafe\u0301"))
    assert sent_to.post("/v1/grievances", one, Idempotency_Key="k").status == 201
    answer = sent_to.post("/v1/grievances", two, Idempotency_Key="k")
    assert (answer.status, answer.json()["code"]) == (422, "idempotency_key_reused")
