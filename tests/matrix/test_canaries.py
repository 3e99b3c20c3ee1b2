"""Personal data nowhere else: a canary in every personal field, through every journey, looked for
everywhere it must not be, in whatever disguise.

Journeys go well and fail: a filing that is accepted, repeated, refused for its form, its size, an
outage; values put where they do not belong (paths, queries, headers); a record that cannot be read;
an opening, a message, a hold, a reply, an erasure. Then logs, alerts, problem documents, every item
of every table, objects and their names are searched.
"""

import base64
import json
import logging
from collections.abc import Iterator, Mapping
from urllib.parse import quote

import pytest

from chalicelib.domain.vocabulary import Role
from chalicelib.store.clients import client
from infra.local.gateway import Answer
from tests.service import Service, filing
from tests.usecases import pictures
from tests.usecases.stories import case_of, covered

IDENTITY = {
    "name": "Kanari-Name-Qx7",
    "phone": "+86 199 0000 4417",
    "whatsapp": "+86 199 0000 4428",
    "email": "kanari-mail-qx7@example.org",
    "qq": "kanari-qq-qx7",
    "wechat": "kanari-wechat-qx7",
    "address": "Kanari-Street-Qx7 (房间四四一七)",
}
TEXTS = {
    "narrative": "Kanari-Narrative-Qx7 扣了两个月工资",
    "requested_remedy": "Kanari-Remedy-Qx7",
    "summary": "Kanari-Summary-Qx7",
}
LATER = {
    "message": "Kanari-Message-Qx7",
    "hold": "Kanari-Hold-Qx7",
    "note": "Kanari-Opening-Note-Qx7",
    "reply": "Kanari-Reply-Qx7",
}
IN_A_FILE = {word.decode(): word.decode() for word in pictures.CANARIES}
"""What a picture carries unseen: maker, comment, XMP, profile, bytes behind its end."""

PICTURE = pictures.photo()  # made here: whoever writes one logs what he writes
FILE_NAME = {"file name": "Kanari-File-Qx7"}

IN_THE_CASE = {**TEXTS, **LATER}
"""What stands in the case's own items by design, and in what its partner reads: nowhere else."""

SECRETS = {
    "header_secret": "Kanari-Header-Secret-Qx7",
    "basic_user": "Kanari-Basic-User-Qx7",
    "basic_password": "Kanari-Basic-Password-Qx7",
}
"""What a line's provider is known by."""

FULL = {"level": "C4", "cross_border": True, "script_version": "helpline-zh-3"}
FULL = {
    "level": "C4",
    "recipients": ["acme"],
    "cross_border": True,
    "script_version": "helpline-zh-3",
}


def disguises(word: str) -> Iterator[bytes]:
    """The canary as it is, and in each form in which it could slip through unseen."""
    for form in (word, word.casefold(), word.upper(), "".join(c for c in word if c.isalnum())):
        raw = form.encode()
        yield raw
        yield json.dumps(form)[1:-1].encode()
        yield quote(form, safe="").encode()
        yield form.encode("utf-16-le")
        yield form.encode("utf-16-be")
        yield raw.hex().encode()
        for before in (b"", b"x", b"xx"):  # base64 looks different at each of three offsets
            coded = base64.b64encode(before + raw)
            yield coded[4 * bool(before) : len(coded) // 4 * 4 - 4]


def found(canaries: Mapping[str, str], places: Mapping[str, bytes]) -> list[str]:
    """Where which canary was seen."""
    return sorted(
        f"{name} in {place}"
        for name, word in canaries.items()
        for place, content in places.items()
        if any(len(form) > 5 and form in content for form in disguises(word))
    )


class _Kept(logging.Handler):
    """Everything any logger writes, with tracebacks."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {vars(record)}")
        if record.exc_info:
            self.lines.append(logging.Formatter().formatException(record.exc_info))


@pytest.fixture
def logged() -> Iterator[_Kept]:
    """The logs of the service and of everything else but the SDK, at their most talkative."""
    kept, root, ours = _Kept(), logging.getLogger(), logging.getLogger("handshake")
    levels = {root: root.level, ours: ours.level}
    for logger in levels:
        logger.addHandler(kept)
        logger.setLevel(logging.DEBUG)
    for noisy in ("botocore", "boto3", "urllib3", "moto", "werkzeug", "s3transfer"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    yield kept
    for logger, level in levels.items():
        logger.removeHandler(kept)
        logger.setLevel(level)


class Journeys:
    """All of them, one after the other; problems are kept."""

    def __init__(self, service: Service) -> None:
        covered(service)
        self.service = service
        self.partner = service.partner()
        self.dpo = service.caller(Role.DPO, "privacy-office")
        self.problems: dict[str, bytes] = {}

    def kept(self, name: str, answer: Answer) -> Answer:
        """An answer that is expected to be a problem."""
        assert answer.status >= 400, (name, answer)
        self.problems[f"problem {name}"] = answer.body + str(answer.headers).encode()
        return answer

    def filed(self) -> str:
        body = filing(worker=IDENTITY, **TEXTS, consent=FULL)
        first = self.partner.post("/v1/grievances", body, Idempotency_Key="k-1")
        again = self.partner.post("/v1/grievances", body, Idempotency_Key="k-1")
        assert (first.status, again.status, first.body) == (201, 200, again.body), first.body
        self.problems["receipt"] = first.body
        return str(first.json()["grievance_id"])

    def refused(self) -> None:
        """Personal data in a filing that breaks a rule, in each of its fields; too much of it."""
        personal = {**IDENTITY, **TEXTS}
        for name, word in personal.items():
            for field in ("language", "incident_from", "jurisdiction", "channel", name + "x"):
                wrong = filing(worker=IDENTITY, **{**TEXTS, field: word})
                answer = self.partner.post("/v1/grievances", wrong, Idempotency_Key=f"r-{name}")
                self.kept(f"{name} as {field}", answer)
            wrong = filing(**TEXTS, worker={**IDENTITY, "name": [word]})
            self.kept(f"{name} in a list", self.partner.post("/v1/grievances", wrong))
            wrong = filing(worker={**IDENTITY, word: "x"})
            self.kept(f"{name} as a name", self.partner.post("/v1/grievances", wrong))
        large = filing(worker=IDENTITY, narrative=TEXTS["narrative"] * 20_000)
        self.kept("too large", self.partner.post("/v1/grievances", large))
        broken = json.dumps(filing(worker=IDENTITY)).encode()[:-1]
        self.kept("cut off", self.partner.send("POST", "/v1/grievances", broken, {}))

    def misplaced(self, grievance_id: str) -> None:
        """Where no personal data belongs, some arrive all the same."""
        for name, word in {**IDENTITY, **TEXTS}.items():
            where = quote(word, safe="")
            self.kept(f"{name} in a path", self.partner.get(f"/v1/grievances/{where}"))
            self.kept(f"{name} in a query", self.partner.get(f"/v1/grievances?state={where}"))
            self.kept(f"{name} as a query", self.partner.get(f"/v1/grievances?{where}=1"))
            self.kept(f"{name} as cursor", self.partner.get(f"/v1/grievances?cursor={where}"))
            if word.isascii():
                anybody = self.service.public()
                self.kept(f"{name} as code", anybody.get("/v1/receipts", Receipt_Code=word))
                bearer = {"authorization": f"Bearer hsk_{word}"}
                answer = anybody.send("GET", "/v1/grievances", None, bearer)
                self.kept(f"{name} as key", answer)
                path = f"/v1/grievances/{grievance_id}"
                patch = self.partner.patch(path, {"workers_affected": 2}, If_Match=word)
                self.kept(f"{name} as version", patch)

    def outages(self) -> None:
        for number, operation in enumerate(("PutItem", "TransactWriteItems", "GenerateDataKey")):
            body = filing(worker=IDENTITY, **TEXTS)
            with self.service.refusing(operation):
                answer = self.partner.post("/v1/grievances", body, Idempotency_Key=f"o-{number}")
            if answer.status >= 400:
                self.kept(f"outage of {operation}", answer)

    def worked(self, grievance_id: str) -> None:
        """The case goes on: told, spoken about, put on hold, opened, answered."""
        self.service.tick()
        path = f"/v1/grievances/{grievance_id}"
        made = [
            self.partner.post(f"{path}/messages", {"text": LATER["message"]}),
            self.partner.put(f"{path}/identity", {**IDENTITY, "qq": "kanari-qq-qx7"}),
            self.partner.post(
                f"{path}/identity/openings", {"reason": "contact_worker", "note": LATER["note"]}
            ),
        ]
        handed = {"recipient": "acme", "reason": "pay_worker"}
        made.append(self.partner.post(f"{path}/identity/hand-overs", handed))
        desk = self.service.brand_desk()
        (row,) = self.partner.get(f"{path}/alerts").json()["items"]
        made.append(desk.post(f"/v1/alerts/{row['alert_id']}/replies", {"text": LATER["reply"]}))
        hold = {"to": "on_hold", "reason": LATER["hold"], "until": "2026-12-01T00:00:00Z"}
        made.append(self.partner.post(f"{path}/transitions", hold))
        assert all(answer.status < 300 for answer in made), [a.body for a in made]
        today = {"received_from": "2026-11-22", "received_to": "2026-11-22"}
        for form in ("csv", "jsonl"):
            self.service.auditor().post("/v1/exports", {**today, "format": form})
        self.service.drain()

    def attached(self, grievance_id: str) -> None:
        """Pictures that carry names, one to be kept and two to be refused, are uploaded."""
        path, name = f"/v1/grievances/{grievance_id}/attachments", f"{FILE_NAME['file name']}.jpg"
        for content in (PICTURE, PICTURE[:900], PICTURE[1:]):
            asked = self.partner.post(path, pictures.wish(content))
            assert pictures.posted(asked.json()["upload"], content, name).ok
            wrong = pictures.wish(content, file_name=name)
            self.kept("a file's name", self.partner.post(path, wrong))

    def unreadable(self, grievance_id: str) -> None:
        """A record that nothing understands: the last resort answers, and is logged."""
        self.service.poison(grievance_id)
        self.kept("a broken record", self.partner.get(f"/v1/grievances/{grievance_id}"))
        self.service.tick()

    def erased(self, grievance_id: str) -> None:
        reference = case_of(self.partner, grievance_id)["public_ref"]
        answer = self.dpo.post(
            f"/v1/grievances/{grievance_id}/erasure",
            {"reason": "worker_request", "scope": "texts", "confirm": reference},
        )
        assert answer.status == 200, answer.body


def tables(service: Service) -> dict[str, bytes]:
    """Every item of every table, raw, by table and key."""
    dynamo = client("dynamodb")
    places: dict[str, bytes] = {}
    for table in dynamo.list_tables()["TableNames"]:
        for page in dynamo.get_paginator("scan").paginate(TableName=table):
            for number, item in enumerate(page["Items"]):
                key = item.get("case_id") or item.get("pk") or item.get("job_id") or {}
                name = f"{table} {key.get('S', number)} {item.get('sk', {}).get('S', '')}"
                places[name] = repr(item).encode() + str(item).encode("unicode_escape")
    return places


def bucket(service: Service) -> dict[str, bytes]:
    """Objects, their names and their metadata, of every bucket."""
    s3, places = client("s3"), {}
    for name in (row["Name"] for row in s3.list_buckets()["Buckets"]):
        for row in s3.list_objects_v2(Bucket=name).get("Contents", []):
            read = s3.get_object(Bucket=name, Key=row["Key"])
            said = f"{row['Key']} {read['Metadata']}".encode()
            places[f"{name}/{row['Key']}"] = said + read["Body"].read()
    return places


def topics(service: Service) -> dict[str, bytes]:
    envelopes = service.received_alerts()
    return {f"alert {n}": json.dumps(envelope).encode() for n, envelope in enumerate(envelopes)}


def outside(service: Service, journeys: Journeys, logged: _Kept) -> dict[str, bytes]:
    """Wherever no canary may ever be."""
    logs = {f"log line {n}": line.encode() for n, line in enumerate(logged.lines)}
    desk = service.brand_desk()
    read = {"the desk": desk.get("/v1/alerts").body}
    return {**logs, **read, **journeys.problems, **bucket(service), **topics(service)}


def of_no_case(places: Mapping[str, bytes]) -> dict[str, bytes]:
    """Places but for those in a case's own item collection."""
    return {name: text for name, text in places.items() if " g_" not in name}


def test_no_canary_is_seen_outside_the_vault_and_the_case(service: Service, logged: _Kept) -> None:
    journeys = Journeys(service)
    grievance_id = journeys.filed()
    journeys.refused()
    journeys.misplaced(grievance_id)
    journeys.outages()
    journeys.worked(grievance_id)

    elsewhere = outside(service, journeys, logged)
    items = tables(service)

    assert len(journeys.problems) > 120
    assert len(logged.lines) > 100
    assert found({**IDENTITY, **IN_THE_CASE}, elsewhere) == []
    assert found(IDENTITY, items) == []
    assert found(IN_THE_CASE, of_no_case(items)) == []


def test_what_a_picture_carries_is_nowhere_but_in_what_was_uploaded_and_that_is_deleted(
    service: Service, logged: _Kept
) -> None:
    journeys = Journeys(service)
    grievance_id = journeys.filed()
    journeys.attached(grievance_id)
    before = found(IN_A_FILE, {**tables(service), **outside(service, journeys, logged)})
    assert {line.split(" in ")[0] for line in before} == {*IN_A_FILE}  # the control
    assert {line.split(" in ")[1].rpartition("/")[0] for line in before} == {
        f"handshake-test-attachments/incoming/{grievance_id}"
    }

    service.clock.forward(minutes=1)
    service.tick()

    path = f"/v1/grievances/{grievance_id}/attachments"
    listed = journeys.partner.get(path)
    states = sorted(row["status"] for row in listed.json()["items"])
    assert states == ["clean", "refused", "refused"]
    places = {**tables(service), **outside(service, journeys, logged), "the list": listed.body}
    assert [p for p in places if "attachments/" in p and "/clean/" in p]
    assert found({**IN_A_FILE, **FILE_NAME}, places) == []


def test_secrets_of_a_line_are_in_secrets_manager_and_nowhere_else(
    service: Service, logged: _Kept
) -> None:
    partner = service.partner()
    line = {"provider": "kobo", "name": "Interviews", "fields": {"text": "q1"}}
    path = f"/v1/lines/{partner.post('/v1/lines', line).json()['line_id']}"
    first = {"header_secret": SECRETS["header_secret"]}
    second = {name: word for name, word in SECRETS.items() if name not in first}
    answers = [partner.put(f"{path}/secrets", SECRETS)]  # refused: one kind or the other
    for operation in ("CreateSecret", "PutItem", "TransactWriteItems"):
        with service.refusing(operation):
            answers.append(partner.put(f"{path}/secrets", first))
    for word in SECRETS.values():
        answers += [
            partner.put(f"{path}/secrets", {word: word}),
            partner.put(f"{path}/secrets", {"header_secret": [word]}),
            partner.put(f"{path}/secrets", {"header_secret": f"{word} {word}"}),
            partner.put(f"{path}/secrets", {"header_secret": word[:19]}),
            partner.patch(path, {"name": "x", word: word}, If_Match=word),
            partner.patch(path, {"fields": {word: "q1"}}, If_Match='"1"'),
        ]
    assert all(answer.status >= 400 for answer in answers)
    for secrets in (first, second):
        answers.append(partner.put(f"{path}/secrets", secrets))
        assert answers[-1].status == 200, answers[-1].body
    answers += [partner.get(path), partner.get("/v1/lines"), service.operator().get(path)]
    assert service.kept_secrets(path.rpartition("/")[2]) == second  # the control

    said = {f"answer {n}": a.body + str(a.headers).encode() for n, a in enumerate(answers)}
    logs = {f"log line {n}": text.encode() for n, text in enumerate(logged.lines)}

    assert len(logs) > 20
    assert found(SECRETS, {**said, **logs, **tables(service), **bucket(service)}) == []


def test_a_record_that_cannot_be_read_tells_nothing_either(service: Service, logged: _Kept) -> None:
    journeys = Journeys(service)
    grievance_id = journeys.filed()

    journeys.unreadable(grievance_id)

    assert any("request_failed" in line for line in logged.lines)
    everything = {**IDENTITY, **IN_THE_CASE}
    assert found(everything, outside(service, journeys, logged)) == []


def test_after_an_erasure_no_canary_is_left_anywhere(service: Service, logged: _Kept) -> None:
    """But for what a brand has written, and what of it was its own to keep."""
    journeys = Journeys(service)
    grievance_id = journeys.filed()
    journeys.worked(grievance_id)

    journeys.erased(grievance_id)

    gone = {**IDENTITY, **IN_THE_CASE}
    gone.pop("reply")
    assert found(gone, {**tables(service), **outside(service, journeys, logged)}) == []


def test_the_search_finds_every_canary_where_it_may_be_read(service: Service) -> None:
    """The positive control: in each disguise, and in what those may read who have a right to."""
    journeys = Journeys(service)
    grievance_id = journeys.filed()
    journeys.worked(grievance_id)
    path = f"/v1/grievances/{grievance_id}"
    opening = journeys.partner.post(f"{path}/identity/openings", {"reason": "contact_worker"})
    reads = {
        "opening": opening.body,
        "case": journeys.partner.get(path).body,
        "messages": journeys.partner.get(f"{path}/messages").body,
    }

    seen = {line.split(" in ")[0] for line in found({**IDENTITY, **IN_THE_CASE}, reads)}

    assert seen == {*IDENTITY, *IN_THE_CASE} - {"note"}
    for name, word in {**IDENTITY, **IN_THE_CASE}.items():
        for number, disguised in enumerate(disguises(word)):
            assert found({name: word}, {"here": b"..." + disguised + b"..."}), (name, number)
