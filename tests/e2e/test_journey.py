"""A grievance travels through the deployment: from a helpline's post to an auditor's file."""

import hashlib
import io
import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from PIL import Image
from twilio.request_validator import RequestValidator

from chalicelib.domain.admission.key_text import RANDOM_BYTES, digest_of, key_text
from chalicelib.domain.vocabulary import Role
from infra import operators
from infra.e2e.deployment import Deployed
from infra.local.functions import scheduled_event
from tests.e2e.policies import letting_in

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

BRAND = "acme"
A_MINUTE_AND_A_START = 100  # seconds: the schedule fires once a minute, then functions start cold

FACTORY = {"name": "Yi Chang Tai Garment Factory", "city": "Shenzhen", "country": "CN"}
NARRATIVE = "九月和十月的工资没有发。"
WORKER = {"name": "E2E-Canary-Worker", "wechat": "e2e-canary"}
FILING = {
    "channel": "phone",
    "filed_by": "group",
    "workers_affected": 34,
    "factory_reported": FACTORY,
    "incident_from": "2026-09",
    "incident_to": "ongoing",
    "categories": ["compensation"],
    "narrative": NARRATIVE,
    "language": "zh-CN",
    "consent": {
        "level": "C3",
        "cross_border": True,
        "contact_back": True,
        "script_version": "helpline-zh-3",
    },
}


class Caller:
    """Somebody with a key at the deployment's front door."""

    def __init__(self, http: requests.Session, base_url: str, key: str) -> None:
        self._http = http
        self._base_url = base_url
        self._key = key

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        """Send JSON. `If_Match` becomes `If-Match`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._http.request(
            method,
            f"{self._base_url}{path}",
            json=body,
            headers={"Authorization": f"Bearer {self._key}", **sent},
            timeout=60,
        )

    def upload(self, path: str, content: bytes, content_type: str) -> requests.Response:
        """POST bytes as they are."""
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": content_type}
        return self._http.post(f"{self._base_url}{path}", data=content, headers=headers, timeout=60)

    def made(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer's JSON, where the answer is a success."""
        answer = self.send(method, path, body, **headers)
        assert answer.ok, (method, path, answer.status_code, answer.text)
        return answer.json()


class Desk:
    """A brand's queue, subscribed to its topic."""

    def __init__(self, deployed: Deployed, topic_arn: str) -> None:
        self._sqs = deployed.client("sqs")
        self._url = self._sqs.create_queue(QueueName="desk")["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(
            QueueUrl=self._url, AttributeNames=["QueueArn"]
        )["Attributes"]
        self._sqs.set_queue_attributes(
            QueueUrl=self._url,
            Attributes={"Policy": letting_in(topic_arn, attributes["QueueArn"])},
        )
        deployed.client("sns").subscribe(
            TopicArn=topic_arn, Protocol="sqs", Endpoint=attributes["QueueArn"]
        )

    def received(self) -> dict[str, Any] | None:
        """The next notification, if one is there."""
        answer = self._sqs.receive_message(QueueUrl=self._url, WaitTimeSeconds=1)
        for message in answer.get("Messages", []):
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            envelope: dict[str, Any] = json.loads(message["Body"])
            return envelope
        return None


def eventually(look: Callable[[], Any], within: float) -> Any:
    """What `look` finds, as soon as it finds anything."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.5)
    raise AssertionError(f"nothing within {within} seconds")


ENGAGEMENT = {
    "purpose": "due_diligence_audit",
    "purpose_text": "To see the package at work.",
    "brands": None,
    "countries": None,
    "received_from": "2026-01-01",
    "received_to": "2100-01-01",
    "valid_from": "2026-01-01T00:00:00Z",
    "valid_until": f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
}


@pytest.fixture(scope="module")
def callers(deployed: Deployed, http: requests.Session) -> dict[Role, Caller]:
    """The first operator lets the others in."""
    access, keyring = operators.opened(deployed.outputs, client=deployed.client)
    first = operators.bootstrap(access, keyring, "e2e", now=datetime.now(UTC))
    operator = Caller(http, deployed.base_url, first.text)
    second = operators.bootstrap(access, keyring, "e2e 2", now=datetime.now(UTC))
    other = Caller(http, deployed.base_url, second.text)
    operator.made("PUT", f"/v1/brands/{BRAND}", {"name": "Acme Outdoor"})
    organisations = {
        Role.PARTNER_SUPERVISOR: ("partner", "helpline-gz"),
        Role.BRAND: ("brand", BRAND),
        Role.AUDITOR: ("auditor", "audit-house"),
        Role.DPO: ("dpo_office", "privacy-office"),
    }
    callers = {Role.OPERATOR: operator}
    for role, (kind, name) in organisations.items():
        house = f"/v1/organisations/{name}"
        operator.made("PUT", house, {"kind": kind, "name": name})
        user = operator.made("POST", f"{house}/users", {"role": role, "name": "e2e"})
        wish = {"user_id": user["user_id"], "name": "e2e", "organisation_id": name}
        key = key_text(secrets.token_hex(RANDOM_BYTES))
        asked = {**wish, "key_sha256": digest_of(key)}
        proposal = operator.made("POST", "/v1/key-proposals", asked)["proposal_id"]
        other.made("POST", f"/v1/key-proposals/{proposal}/confirmation")
        callers[role] = Caller(http, deployed.base_url, key)
        if kind in ("brand", "auditor"):
            operator.made("POST", f"{house}/engagements", ENGAGEMENT)
    return callers


@pytest.fixture(scope="module")
def desk(deployed: Deployed, callers: dict[Role, Caller]) -> Desk:
    """A brand that sources from the factory, and listens."""
    operator = callers[Role.OPERATOR]
    brand = operator.made("GET", f"/v1/brands/{BRAND}")
    factory = operator.made("POST", "/v1/factories", FACTORY)
    link = {"source": "acme-factory-list", "disclosed_at": "2026-06-30"}
    operator.made("PUT", f"/v1/factories/{factory['factory_id']}/links/{BRAND}", link)
    built = deployed.client("lambda").invoke(  # its schedule fires after five minutes only
        FunctionName="handshake-e2e-build_match_index",
        Payload=json.dumps(scheduled_event()).encode(),
    )
    assert "FunctionError" not in built, built["Payload"].read()
    return Desk(deployed, brand["topic_arn"])


@pytest.fixture(scope="module")
def receipt(callers: dict[Role, Caller], desk: Desk) -> dict[str, Any]:
    """The receipt of the grievance that travels, posted once."""
    partner = callers[Role.PARTNER_SUPERVISOR]
    made: dict[str, Any] = partner.made("POST", "/v1/grievances", FILING, Idempotency_Key="e2e-1")
    return made


@pytest.fixture(scope="module")
def envelope(desk: Desk, receipt: dict[str, Any]) -> dict[str, Any]:
    """What the brand's queue received, without anybody calling the check."""
    found: dict[str, Any] = eventually(desk.received, within=A_MINUTE_AND_A_START)
    return found


def test_a_repeated_post_gets_the_first_receipt_again(
    callers: dict[Role, Caller], receipt: dict[str, Any]
) -> None:
    again = callers[Role.PARTNER_SUPERVISOR].send(
        "POST", "/v1/grievances", FILING, Idempotency_Key="e2e-1"
    )
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert again.json() == receipt


def test_the_brand_is_alerted_by_the_schedule_alone(
    envelope: dict[str, Any], receipt: dict[str, Any]
) -> None:
    assert envelope["Type"] == "Notification"
    assert json.loads(envelope["Message"])["public_ref"] == receipt["public_ref"]
    assert NARRATIVE not in json.dumps(envelope, ensure_ascii=False)


def test_the_factory_was_found_in_the_index_that_was_built(
    deployed: Deployed,
    callers: dict[Role, Caller],
    envelope: dict[str, Any],
    receipt: dict[str, Any],
) -> None:
    case = callers[Role.PARTNER_SUPERVISOR].made("GET", f"/v1/grievances/{receipt['grievance_id']}")
    bucket = deployed.outputs["FilesBucket"]
    listed = deployed.client("s3").list_objects_v2(Bucket=bucket, Prefix="matching/")["Contents"]
    (key,) = [item["Key"] for item in listed]
    assert case["match"]["method"] == "similarity"
    assert case["match"]["version"].split("/")[0] == key[len("matching/") : -len(".index")]


def test_the_brand_acknowledges_and_replies_and_the_partner_sees_it(
    callers: dict[Role, Caller], envelope: dict[str, Any], receipt: dict[str, Any]
) -> None:
    brand, partner = callers[Role.BRAND], callers[Role.PARTNER_SUPERVISOR]
    (row,) = brand.made("GET", "/v1/alerts")["items"]
    assert row["alert_id"] == json.loads(envelope["Message"])["alert_id"]
    acknowledged = brand.made("POST", f"/v1/alerts/{row['alert_id']}/acknowledgement")
    assert acknowledged["acknowledged_at"]
    reply = {"text": "We have asked the factory for its payroll."}
    brand.made("POST", f"/v1/alerts/{row['alert_id']}/replies", reply)
    history = partner.made("GET", f"/v1/grievances/{receipt['grievance_id']}/history")["items"]
    assert len(history) >= 4


def test_an_auditor_fetches_an_export_that_its_manifest_proves(
    callers: dict[Role, Caller], http: requests.Session, receipt: dict[str, Any]
) -> None:
    auditor = callers[Role.AUDITOR]
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    wish = {"format": "csv", "received_from": today, "received_to": today}
    asked = auditor.made("POST", "/v1/exports", wish)

    def done() -> Any:
        export = auditor.made("GET", f"/v1/exports/{asked['export_id']}")
        assert export["status"] != "failed", export
        return export if export["status"] == "done" else None

    export = eventually(done, within=A_MINUTE_AND_A_START)
    file = http.get(export["download_url"], timeout=30)
    assert file.status_code == 200
    assert hashlib.sha256(file.content).hexdigest() == export["manifest"]["sha256"]
    assert export["manifest"]["row_count"] == file.text.count("\r\n") - 1 == 1
    assert receipt["public_ref"] in file.text


def test_a_download_link_is_good_for_its_own_file_only(
    callers: dict[Role, Caller], http: requests.Session, receipt: dict[str, Any]
) -> None:
    auditor = callers[Role.AUDITOR]
    (export, *_) = auditor.made("GET", "/v1/exports")["items"]
    read = auditor.made("GET", f"/v1/exports/{export['export_id']}")
    altered = read["download_url"].replace("cases.csv", "manifest.json")
    assert http.get(altered, timeout=30).status_code == 403


@dataclass(frozen=True)
class Upload:
    """A picture of a case's, the form it may come with, and whether another one in its place was
    taken."""

    path: str
    content: bytes
    form: dict[str, Any]
    was_taken: bool = False


def _picture() -> bytes:
    out, noted = io.BytesIO(), Image.Exif()
    noted[0x010F] = "E2ECanaryCamera"
    Image.new("RGB", (64, 48), "white").save(out, "JPEG", exif=noted.tobytes())
    return out.getvalue()


def _posted(http: requests.Session, upload: dict[str, Any], content: bytes, **other: str) -> int:
    fields = {**upload["fields"], **other}
    return http.post(upload["url"], fields, files={"file": content}, timeout=30).status_code


def _wish(content: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {
        "kind": "photo",
        "content_type": "image/jpeg",
        "bytes": len(content),
        "sha256": digest,
    }


def _asked_for(partner: Caller, key: str) -> Upload:
    content = _picture()
    filed = partner.made("POST", "/v1/grievances", FILING, Idempotency_Key=key)
    path = f"/v1/grievances/{filed['grievance_id']}/attachments"
    asked = partner.made("POST", path, _wish(content))
    return Upload(f"{path}/{asked['attachment_id']}", content, asked["upload"])


@pytest.fixture(scope="module")
def picture(callers: dict[Role, Caller]) -> Upload:
    return _asked_for(callers[Role.PARTNER_SUPERVISOR], "with-a-picture")


@pytest.fixture(scope="module")
def another_picture(http: requests.Session, callers: dict[Role, Caller]) -> Upload:
    """Sent in the place of the one that was asked for."""
    asked = _asked_for(callers[Role.PARTNER_SUPERVISOR], "with-another-picture")
    taken = _posted(http, asked.form, asked.content[:-1] + b"x") < 300
    return replace(asked, was_taken=taken)


@pytest.mark.usefixtures("another_picture")
def test_a_form_takes_this_very_picture(http: requests.Session, picture: Upload) -> None:
    """moto enforces nothing of a form: what S3 refuses is shown here.

    Nobody looks at an upload for a minute or two, and other tests go on meanwhile: the last ones
    see what has become of it.
    """
    form, content = picture.form, picture.content
    assert _posted(http, form, content + b"x") >= 400
    assert _posted(http, form, content[:-1]) >= 400
    assert _posted(http, form, content, **{"Content-Type": "text/html"}) >= 400
    assert _posted(http, form, content, key="clean/elsewhere") >= 400
    assert _posted(http, form, content) < 300


def test_an_operator_imports_a_list_as_a_brand_published_it(
    callers: dict[Role, Caller], http: requests.Session
) -> None:
    operator = callers[Role.OPERATOR]
    listed = "Factory Name,City,Country\r\nDong Fang Shoes,Dongguan,China\r\n"
    asked = operator.upload(
        f"/v1/imports?brand_id={BRAND}&disclosed_at=2026-10-01&source=acme-list&complete=false",
        listed.encode(),
        "text/csv",
    )
    assert asked.status_code == 202, asked.text

    def done() -> Any:
        read = operator.made("GET", f"/v1/imports/{asked.json()['import_id']}")
        assert read["status"] != "failed", read
        return read if read["status"] == "done" else None

    finished = eventually(done, within=A_MINUTE_AND_A_START)
    assert finished["counts"]["factories_created"] == 1
    assert http.get(finished["report_url"], timeout=30).json()["problems"] == []


def test_an_identity_is_kept_opened_and_erased_by_the_function_that_may(
    callers: dict[Role, Caller],
) -> None:
    partner, officer = callers[Role.PARTNER_SUPERVISOR], callers[Role.DPO]
    filed = partner.made(
        "POST", "/v1/grievances", {**FILING, "worker": WORKER}, Idempotency_Key="e2e-identity"
    )
    path = f"/v1/grievances/{filed['grievance_id']}"
    opening = {"reason": "verify_person"}
    opened = partner.made("POST", f"{path}/identity/openings", opening)
    assert {k: v for k, v in opened["worker"].items() if v} == WORKER

    erasure = {"reason": "worker_request", "confirm": filed["public_ref"]}
    assert officer.made("POST", f"{path}/erasure", erasure)["identity"] == "erased"

    gone = partner.send("POST", f"{path}/identity/openings", opening)
    assert (gone.status_code, gone.json()["code"]) == (410, "identity_erased")


def test_a_caller_of_another_role_is_refused(callers: dict[Role, Caller]) -> None:
    refused = callers[Role.BRAND].send("GET", "/v1/grievances")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_nothing_was_given_up_on_the_way(deployed: Deployed, receipt: dict[str, Any]) -> None:
    sqs = deployed.client("sqs")
    for name in ("work", "jobs", "schedule", "delivery"):
        url = sqs.get_queue_url(QueueName=f"handshake-e2e-{name}-dead-letters")["QueueUrl"]
        attributes = sqs.get_queue_attributes(
            QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        assert attributes["Attributes"] == {"ApproximateNumberOfMessages": "0"}


AUTH_TOKEN = "an-auth-token-of-e2e"
TWILIO = {
    "provider": "twilio_messages",
    "name": "SMS of e2e",
    "account": "AC" + "0" * 32,
    "address": "+15550100",
    "language": "bn",
}
HER_WORDS = "E2ECanary: two months of wages are missing"


@pytest.fixture(scope="module")
def line(callers: dict[Role, Caller]) -> dict[str, Any]:
    """A line for text messages, with its secret."""
    supervisor = callers[Role.PARTNER_SUPERVISOR]
    made: dict[str, Any] = supervisor.made("POST", "/v1/lines", TWILIO)
    assert made["ready"] is False
    secret = {"auth_token": AUTH_TOKEN}
    answer = supervisor.send("PUT", f"/v1/lines/{made['line_id']}/secrets", secret)
    assert answer.ok, answer.text
    return made


def _sent(
    http: requests.Session,
    deployed: Deployed,
    line: dict[str, Any],
    sid: str,
    text: str,
    **more: str,
) -> requests.Response:
    """Twilio posts what a worker sent, signed for the address that the line's view shows."""
    form = {
        "MessageSid": sid,
        "AccountSid": TWILIO["account"],
        "From": "+15550199",
        "To": TWILIO["address"],
        "Body": text,
        "NumMedia": "0",
    }
    signature = RequestValidator(AUTH_TOKEN).compute_signature(line["webhook_url"], form)
    return http.post(
        f"{deployed.base_url}/v1/channels/twilio/{line['line_id']}",
        data=form,
        headers={"X-Twilio-Signature": more.get("signature", signature)},
        timeout=60,
    )


def test_a_text_message_becomes_a_case_and_is_answered_over_http(
    http: requests.Session,
    deployed: Deployed,
    callers: dict[Role, Caller],
    line: dict[str, Any],
) -> None:
    partner = callers[Role.PARTNER_SUPERVISOR]

    first = _sent(http, deployed, line, "SM1", HER_WORDS)
    again = _sent(http, deployed, line, "SM1", HER_WORDS)
    forged = _sent(http, deployed, line, "SM2", HER_WORDS, signature="AAAA")

    assert (first.status_code, first.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert again.content == first.content
    assert forged.status_code == 403
    rows = partner.made("GET", "/v1/grievances?limit=100")["items"]
    views = [partner.made("GET", f"/v1/grievances/{row['grievance_id']}") for row in rows]
    (case,) = [view for view in views if view["narrative"] == HER_WORDS]
    assert (case["channel"], case["consent"]["level"], case["identity"]) == ("sms", "C0", "held")
    code = "".join(re.findall(r"\d{4}-\d{4}-\d{4}-\d{4}", first.text)[:1])
    progress = http.get(
        f"{deployed.base_url}/v1/receipts", headers={"Receipt-Code": code}, timeout=60
    )
    assert progress.json()["public_ref"] == case["public_ref"]


def test_an_answer_that_no_carrier_takes_stays_queued(
    http: requests.Session,
    deployed: Deployed,
    callers: dict[Role, Caller],
    line: dict[str, Any],
) -> None:
    """The function that sends may open the identity and read the line's secret: it gets as far as
    the carrier, which is nobody here."""
    partner = callers[Role.PARTNER_SUPERVISOR]
    _sent(http, deployed, line, "SM3", "E2ECanary: and another thing")
    rows = partner.made("GET", "/v1/grievances?limit=100")["items"]
    views = [partner.made("GET", f"/v1/grievances/{row['grievance_id']}") for row in rows]
    case = next(view for view in views if view["channel"] == "sms")
    path = f"/v1/grievances/{case['grievance_id']}"
    agreed = {"level": "C0", "contact_back": True, "script_version": "chat-en-1"}
    partner.made("PUT", f"{path}/consent", agreed, If_Match=f'"{case["version"]}"')
    message = partner.made("POST", f"{path}/messages", {"text": "We call.", "visibility": "worker"})

    def opened() -> Any:
        entries = partner.made("GET", f"{path}/history?limit=100")["items"]
        return any(entry["action"] == "identity_opened" for entry in entries)

    night = datetime.now(UTC).hour >= 21 or datetime.now(UTC).hour < 8
    assert message["delivery"]["status"] == "queued"
    if not night:  # it waits for the morning then
        eventually(opened, A_MINUTE_AND_A_START)


def test_a_file_of_grievances_is_filed_by_the_job(
    http: requests.Session, callers: dict[Role, Caller]
) -> None:
    partner = callers[Role.PARTNER_SUPERVISOR]
    content = (
        b"partner_ref,text,categories,worker_phone\r\n"
        b"E2E-1,No wages.,compensation,+15550123\r\nE2E-2,x,nonsense,\r\n"
    )
    asked = partner.upload("/v1/grievance-imports", content, "text/csv")
    assert asked.status_code == 202, asked.text
    path = f"/v1/grievance-imports/{asked.json()['import_id']}"

    def done() -> Any:
        view = partner.made("GET", path)
        return view if view["status"] in ("done", "failed") else None

    view = eventually(done, A_MINUTE_AND_A_START)
    assert (view["status"], view["counts"]) == (
        "done",
        {"filed": 1, "repeated": 0, "refused": 1},
    )
    back = http.get(view["refused_url"], timeout=30)
    assert "E2E-2" in back.text


def test_no_function_failed_and_none_logged_what_the_worker_said(
    deployed: Deployed, receipt: dict[str, Any]
) -> None:
    logs = deployed.client("logs")
    for function in (
        "api_handler",
        "vault_handler",
        "authorize",
        "check_grievances",
        "build_match_index",
        "work_due",
        "run_job",
        "clean_attachment",
        "send_outbound",
    ):
        group = f"/aws/lambda/handshake-e2e-{function}"
        lines = [e["message"] for e in logs.filter_log_events(logGroupName=group)["events"]]
        text = "\n".join(lines)
        assert "Traceback" not in text, text
        assert '"level":"ERROR"' not in text, text
        assert NARRATIVE not in text
        assert "E2ECanary" not in text
        assert "+15550199" not in text
        assert WORKER["name"] not in text
        assert receipt["receipt_code"] not in text


def test_a_revoked_key_is_refused_by_the_very_next_request(
    callers: dict[Role, Caller], deployed: Deployed, http: requests.Session
) -> None:
    """API Gateway keeps no answer of the authorizer. Its refusal is a 401 by the template's own
    gateway response, which ministack does not know: there it is 403."""
    operator, supervisor = callers[Role.OPERATOR], callers[Role.PARTNER_SUPERVISOR]
    house = "/v1/organisations/helpline-gz"
    user = supervisor.made("POST", f"{house}/users", {"role": "partner_intake", "name": "e2e"})
    issued = supervisor.made("POST", f"{house}/keys", {"user_id": user["user_id"], "name": "e2e"})
    desk = Caller(http, deployed.base_url, issued["key"])
    assert desk.send("GET", "/v1/grievances").status_code == 200
    assert operator.send("DELETE", f"{house}/keys/{issued['key_id']}").status_code == 204
    assert desk.send("GET", "/v1/grievances").status_code in (401, 403)


def test_what_was_uploaded_is_made_anew(
    http: requests.Session, callers: dict[Role, Caller], picture: Upload
) -> None:
    view = _settled(callers[Role.PARTNER_SUPERVISOR], picture.path)
    assert view["status"] == "clean", view
    clean = http.get(view["download_url"], timeout=30)
    assert b"E2ECanaryCamera" in picture.content
    assert b"E2ECanaryCamera" not in clean.content
    assert clean.headers["Content-Disposition"].startswith("attachment")


def test_another_file_of_the_same_size_is_never_kept(
    callers: dict[Role, Caller], another_picture: Upload
) -> None:
    """The form names its hash. ministack does not look at that: then the cleaning refuses it."""
    if another_picture.was_taken:
        view = _settled(callers[Role.PARTNER_SUPERVISOR], another_picture.path)
        assert (view["status"], view["refused_because"]) == ("refused", "other_content")


def _settled(partner: Caller, path: str) -> dict[str, Any]:
    def settled() -> Any:
        view = partner.made("GET", path)
        return view if view["status"] != "awaiting" else None

    view: dict[str, Any] = eventually(settled, 2 * A_MINUTE_AND_A_START)
    return view


def test_a_form_that_has_expired_takes_nothing(deployed: Deployed, http: requests.Session) -> None:
    bucket = deployed.outputs["AttachmentsBucket"]
    form = deployed.client("s3").generate_presigned_post(bucket, "incoming/late", ExpiresIn=1)
    time.sleep(2)
    assert _posted(http, form, b"late") >= 400
