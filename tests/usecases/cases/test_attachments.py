"""Attachments: this very file or none, made anew before anybody reads it, gone when removed."""

import io
import json
import re
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from PIL import Image

from chalicelib.channels.sounds import anew
from chalicelib.domain.record.ledger import first_bad_entry
from chalicelib.domain.vocabulary import AudioType, Role
from chalicelib.store.clients import client
from tests.service import Caller, Service
from tests.usecases import pictures, sounds
from tests.usecases.identities.test_erase import erased
from tests.usecases.pictures import asked, attachment, photo, posted, uploaded, wish
from tests.usecases.stories import case_of, fields, refusal, submitted, walked

BUCKET = "handshake-test-attachments"


def objects(service: Service) -> dict[str, bytes]:
    """What the bucket holds."""
    s3 = client("s3")
    found = s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return {o["Key"]: s3.get_object(Bucket=BUCKET, Key=o["Key"])["Body"].read() for o in found}


def next_minute(service: Service, **span: float) -> None:
    service.clock.forward(**(span or {"minutes": 1}))
    service.tick()


def cleaned(service: Service, partner: Caller, grievance_id: str, content: bytes) -> str:
    attachment_id = uploaded(partner, grievance_id, content)
    next_minute(service)
    return attachment_id


def history(partner: Caller, grievance_id: str) -> list[dict[str, Any]]:
    entries = walked(partner, f"/v1/grievances/{grievance_id}/history")
    return [e for e in entries if e["action"].startswith("attachment_")]


def policy_of(upload: dict[str, Any]) -> dict[str, Any]:
    policy: dict[str, Any] = json.loads(b64decode(upload["fields"]["policy"]))
    return policy


# Asked for


def test_the_answer_says_how_to_upload_this_very_file(service: Service) -> None:
    partner = service.caller(Role.PARTNER_INTAKE, "handshake-gz")
    grievance_id = submitted(partner)
    content = photo()

    answer = partner.post(f"/v1/grievances/{grievance_id}/attachments", wish(content))

    body = answer.json()
    its_id, upload = body["attachment_id"], body["upload"]
    assert answer.status == 201
    assert re.fullmatch(r"at_[0-9a-z]{26}", its_id)
    assert answer.headers["Location"] == f"/v1/grievances/{grievance_id}/attachments/{its_id}"
    assert body == {
        "attachment_id": its_id,
        "grievance_id": grievance_id,
        "kind": "payslip",
        "content_type": "image/jpeg",
        "bytes": len(content),
        "status": "awaiting",
        "refused_because": None,
        "clean": None,
        "created_at": "2026-11-22T08:00:00.000Z",
        "settled_at": None,
        "upload": upload,
    }
    assert upload["expires_at"] == "2026-11-22T08:10:00.000Z"


def test_the_form_is_signed_for_key_type_size_and_content_and_nothing_else(
    service: Service,
) -> None:
    """What S3 makes of it is shown where it is enforced: tests/e2e."""
    partner = service.partner()
    grievance_id = submitted(partner)
    content = photo()
    body = asked(partner, grievance_id, content)

    policy = policy_of(body["upload"])
    conditions, ends = policy["conditions"], datetime.fromisoformat(policy["expiration"])

    assert timedelta(minutes=9) < ends - datetime.now(UTC) <= timedelta(minutes=10)
    ranges = [c for c in conditions if isinstance(c, list)]
    exact = {name: value for c in conditions if isinstance(c, dict) for name, value in c.items()}
    assert ranges == [["content-length-range", len(content), len(content)]]
    assert {n: v for n, v in exact.items() if not n.startswith("x-amz-") or "checksum" in n} == {
        "bucket": BUCKET,
        "key": f"incoming/{grievance_id}/{body['attachment_id']}",
        "Content-Type": "image/jpeg",
        "x-amz-checksum-algorithm": "SHA256",
        "x-amz-checksum-sha256": b64encode(bytes.fromhex(wish(content)["sha256"])).decode(),
    }
    assert set(exact) == {*body["upload"]["fields"], "bucket"} - {"policy", "x-amz-signature"}


def test_a_lost_answer_is_asked_for_again(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    first = asked(partner, grievance_id, photo())
    service.clock.forward(minutes=9)

    path = f"/v1/grievances/{grievance_id}/attachments"
    again = partner.post(path, wish(photo()))

    assert again.status == 200
    assert again.json()["attachment_id"] == first["attachment_id"]
    assert again.json()["upload"]["expires_at"] == "2026-11-22T08:19:00.000Z"
    assert len(walked(partner, path)) == 1


def test_the_same_file_on_another_case_is_another_attachment(service: Service) -> None:
    partner = service.partner()
    one, other = submitted(partner, "k-1"), submitted(partner, "k-2")
    ids = {asked(partner, case, photo())["attachment_id"] for case in (one, other)}
    assert len(ids) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"content_type": "application/pdf"}, "content_type"),
        ({"content_type": "image/svg+xml"}, "content_type"),
        ({"content_type": "image/jpeg; x=y"}, "content_type"),
        ({"bytes": 0}, "bytes"),
        ({"bytes": 10 * 1024 * 1024 + 1}, "bytes"),
        ({"bytes": "100"}, "bytes"),
        ({"sha256": "ABC"}, "sha256"),
        ({"sha256": "A" * 64}, "sha256"),
        ({"kind": "payslip", "content_type": "audio/wav"}, "content_type"),
        ({"kind": "selfie"}, "kind"),
        ({"kind": "recording"}, "content_type"),
        ({"content_type": "audio/mp4"}, "content_type"),
        ({"file_name": "Chen Li.jpg"}, "body"),  # fields that nobody knows are not repeated
    ],
)
def test_what_cannot_be_attached_is_said_by_field(
    service: Service, changes: dict[str, Any], field: str
) -> None:
    partner = service.partner()
    path = f"/v1/grievances/{submitted(partner)}/attachments"
    answer = partner.post(path, wish(photo(), **changes))
    assert set(fields(answer)) == {field}
    assert b"Chen Li" not in answer.body
    assert objects(service) == {}


@pytest.mark.parametrize(
    ("content", "content_type", "ending"),
    [
        (sounds.telling(), "audio/wav", "wav"),
        (sounds.recording("spoken.opus.ogg"), "audio/ogg", "ogg"),
        (sounds.recording("spoken.vorbis.ogg"), "audio/ogg", "ogg"),
        (sounds.recording("spoken.mp3"), "audio/mpeg", "mp3"),
        (sounds.amr(), "audio/amr", "amr"),
        (sounds.amr(sounds.amr_frame(9, bytes(5)), mark=b"#!AMR-WB\n"), "audio/amr-wb", "awb"),
    ],
    ids=["wav", "opus", "vorbis", "mp3", "amr", "amr-wb"],
)
def test_an_officer_attaches_a_recording_and_downloads_it_clean(
    service: Service, content: bytes, content_type: str, ending: str
) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    attachment_id = uploaded(partner, grievance_id, content, content_type)

    next_minute(service)

    read = attachment(partner, grievance_id, attachment_id).json()
    told = (read["kind"], read["content_type"], read["status"])
    assert told == ("recording", content_type, "clean")
    loaded = requests.get(read["download_url"], timeout=10)
    assert loaded.content == anew(content, AudioType(content_type))
    assert not any(canary in loaded.content for canary in sounds.CANARIES)
    query = parse_qs(urlsplit(read["download_url"]).query)
    saved_as = f'attachment; filename="{attachment_id}.{ending}"'
    assert query["response-content-disposition"] == [saved_as]
    assert query["response-content-type"] == [content_type]


def test_a_case_has_twenty_at_most(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    path = f"/v1/grievances/{grievance_id}/attachments"
    bodies = [asked(partner, grievance_id, b"%d" % number) for number in range(20)]

    assert refusal(partner.post(path, wish(b"one too many"))) == (409, "state_conflict")
    assert partner.post(path, wish(b"7")).status == 200  # one that is awaited already
    assert partner.delete(f"{path}/{bodies[0]['attachment_id']}").status == 204
    assert partner.post(path, wish(b"one too many")).status == 201
    assert len(walked(partner, f"{path}?limit=7")) == 21


# Made anew


def test_a_picture_is_made_anew_before_anybody_can_read_it(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    content = photo()
    attachment_id = uploaded(partner, grievance_id, content)
    before = attachment(partner, grievance_id, attachment_id).json()
    assert (before["status"], before["download_url"]) == ("awaiting", None)
    assert objects(service) == {f"incoming/{grievance_id}/{attachment_id}": content}

    next_minute(service)

    after = attachment(partner, grievance_id, attachment_id).json()
    (clean,) = objects(service).items()
    assert clean[0] == f"clean/{grievance_id}/{attachment_id}"
    assert after["status"] == "clean"
    assert after["clean"] == {"bytes": len(clean[1]), "sha256": wish(clean[1])["sha256"]}
    for canary in pictures.CANARIES:
        assert canary in content  # the control
        assert canary not in clean[1]
    downloaded = requests.get(after["download_url"], timeout=10)
    assert downloaded.content == clean[1]


def test_what_is_downloaded_is_saved_and_not_shown(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    attachment_id = cleaned(service, partner, grievance_id, photo())

    url = attachment(partner, grievance_id, attachment_id).json()["download_url"]

    query = parse_qs(urlsplit(url).query)
    assert query["response-content-disposition"] == [f'attachment; filename="{attachment_id}.jpg"']
    assert query["response-content-type"] == ["image/jpeg"]
    assert query["X-Amz-Expires"] == ["300"]
    kept = client("s3").head_object(Bucket=BUCKET, Key=f"clean/{grievance_id}/{attachment_id}")
    assert kept["ContentDisposition"] == f'attachment; filename="{attachment_id}.jpg"'


def test_the_ledger_says_what_was_added_and_holds_keyed_hashes_of_it(service: Service) -> None:
    intake = service.caller(Role.PARTNER_INTAKE, "handshake-gz")
    grievance_id = submitted(intake)
    attachment_id = cleaned(service, intake, grievance_id, photo())

    (entry,) = history(intake, grievance_id)

    hashes = {entry["data"].pop(name)["commitment"] for name in ("uploaded", "clean")}
    clean = attachment(intake, grievance_id, attachment_id).json()["clean"]
    assert entry["actor"].startswith("partner_intake:")
    assert entry["data"] == {"attachment_id": attachment_id}
    assert entry["action"] == "attachment_added"
    assert len(hashes) == 2
    assert not hashes & {clean["sha256"], wish(photo())["sha256"]}
    case = service.deps.cases.head(grievance_id)
    assert case is not None
    assert first_bad_entry(service.deps.cases.entries(case, 100, None).items) is None


@pytest.mark.parametrize(
    ("content", "content_type", "reason"),
    [
        (pictures.png(), "image/jpeg", "wrong_type"),
        (b"MZ" + bytes(300), "image/jpeg", "wrong_type"),
        (photo()[:1000], "image/jpeg", "unreadable"),
        (pictures.png_of(50_000, 50_000), "image/png", "too_many_pixels"),
    ],
    ids=["png-as-jpeg", "exe", "cut", "bomb"],
)
def test_what_is_refused_is_deleted_and_says_why(
    service: Service, content: bytes, content_type: str, reason: str
) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    attachment_id = uploaded(partner, grievance_id, content, content_type)

    next_minute(service)

    view = attachment(partner, grievance_id, attachment_id).json()
    (entry,) = history(partner, grievance_id)
    assert (view["status"], view["refused_because"]) == ("refused", reason)
    assert (view["clean"], view["download_url"]) == (None, None)
    assert entry["data"] == {"attachment_id": attachment_id, "reason": reason}
    assert (entry["action"], entry["actor"]) == ("attachment_refused", "system")
    assert objects(service) == {}
    path = f"/v1/grievances/{grievance_id}/attachments"
    again = partner.post(path, wish(content, content_type))
    assert (again.status, again.json()["upload"]) == (200, None)


@pytest.mark.parametrize("other", [photo(orientation=3), photo() + b"x", b""])
def test_another_file_under_the_same_key_is_refused_whatever_the_store_let_through(
    service: Service, other: bytes
) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    attachment_id = asked(partner, grievance_id, photo())["attachment_id"]
    key = f"incoming/{grievance_id}/{attachment_id}"
    client("s3").put_object(Bucket=BUCKET, Key=key, Body=other)

    next_minute(service)

    view = attachment(partner, grievance_id, attachment_id).json()
    assert (view["status"], view["refused_because"]) == ("refused", "other_content")
    assert objects(service) == {}


def test_what_is_uploaded_in_the_last_second_is_found(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    body = asked(partner, grievance_id, photo())
    for _ in range(11):
        next_minute(service)
    assert posted(body["upload"], photo()).ok

    next_minute(service)

    assert attachment(partner, grievance_id, body["attachment_id"]).json()["status"] == "clean"


def test_what_is_never_uploaded_expires_and_may_be_asked_for_again(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    attachment_id = asked(partner, grievance_id, photo())["attachment_id"]
    for _ in range(21):
        next_minute(service)
    assert attachment(partner, grievance_id, attachment_id).json()["status"] == "expired"
    assert history(partner, grievance_id) == []

    assert cleaned(service, partner, grievance_id, photo()) == attachment_id
    assert attachment(partner, grievance_id, attachment_id).json()["status"] == "clean"


def test_missed_ticks_lose_nothing(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    attachment_id = uploaded(partner, grievance_id, photo())

    next_minute(service, days=3)

    assert attachment(partner, grievance_id, attachment_id).json()["status"] == "clean"


def test_a_form_that_is_used_again_after_the_cleaning_leaves_nothing(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    body = asked(partner, grievance_id, photo())
    posted(body["upload"], photo())
    next_minute(service)
    posted(body["upload"], photo())
    assert len(objects(service)) == 2

    next_minute(service, minutes=20)

    assert list(objects(service)) == [f"clean/{grievance_id}/{body['attachment_id']}"]
    assert service.deps.attachments.due(service.clock.forward(days=9), 10) == []


def test_an_outage_of_the_bucket_costs_no_upload(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    attachment_id = uploaded(partner, grievance_id, photo())
    for _ in range(12):
        with service.refusing("GetObject"):
            next_minute(service, hours=7)

    next_minute(service, hours=7)

    assert attachment(partner, grievance_id, attachment_id).json()["status"] == "clean"


# Removed, erased


def test_a_supervisor_removes_one_for_good(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    attachment_id = cleaned(service, partner, grievance_id, photo())
    path = f"/v1/grievances/{grievance_id}/attachments/{attachment_id}"

    assert partner.delete(path).status == 204

    view = partner.get(path).json()
    assert (view["status"], view["clean"], view["download_url"]) == ("removed", None, None)
    version = case_of(partner, grievance_id)["version"]
    assert partner.delete(path).status == 204
    assert case_of(partner, grievance_id)["version"] == version
    next_minute(service)
    assert objects(service) == {}
    entry = history(partner, grievance_id)[-1]
    assert entry["action"] == "attachment_removed"
    assert entry["data"] == {"attachment_id": attachment_id, "was": "clean"}
    row = next(i for i in service.all_items() if i["sk"] == f"ATTACHMENT#{attachment_id}")
    assert not {"sha256", "commitment_key", "clean"} & set(row)


def test_intake_may_not_remove(service: Service) -> None:
    intake = service.caller(Role.PARTNER_INTAKE, "handshake-gz")
    grievance_id = submitted(intake)
    attachment_id = cleaned(service, intake, grievance_id, photo())
    path = f"/v1/grievances/{grievance_id}/attachments/{attachment_id}"
    assert refusal(intake.delete(path)) == (403, "forbidden")
    assert intake.get(path).json()["status"] == "clean"


@pytest.mark.parametrize("scope", ["identity", "texts"])
def test_an_erasure_takes_attachments_along_in_every_state(service: Service, scope: str) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    kept = cleaned(service, partner, grievance_id, photo())
    awaited = uploaded(partner, grievance_id, pictures.png(), "image/png")

    assert erased(service, grievance_id, scope).status == 200
    next_minute(service)

    path = f"/v1/grievances/{grievance_id}/attachments"
    states = {row["attachment_id"]: row["status"] for row in walked(partner, path)}
    assert states == {kept: "erased", awaited: "erased"}
    assert objects(service) == {}
    assert refusal(partner.post(path, wish(b"another"))) == (409, "state_conflict")
    case = service.deps.cases.head(grievance_id)
    assert case is not None
    assert first_bad_entry(service.deps.cases.entries(case, 100, None).items) is None


def test_an_erasure_in_the_middle_of_the_cleaning_wins(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    attachment_id = uploaded(partner, grievance_id, photo())

    with service.before_call("PutObject", lambda: erased(service, grievance_id) and None):
        next_minute(service)
    next_minute(service, minutes=30)

    assert attachment(partner, grievance_id, attachment_id).json()["status"] == "erased"
    assert objects(service) == {}
    assert history(partner, grievance_id) == []


def test_a_removal_in_the_middle_of_the_cleaning_wins(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    attachment_id = uploaded(partner, grievance_id, photo())
    path = f"/v1/grievances/{grievance_id}/attachments/{attachment_id}"

    with service.before_call("PutObject", lambda: partner.delete(path) and None):
        next_minute(service)
    next_minute(service, minutes=30)

    assert attachment(partner, grievance_id, attachment_id).json()["status"] == "removed"
    assert objects(service) == {}


# Nobody else's


def test_no_name_and_no_word_is_in_a_key(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    cleaned(service, partner, grievance_id, photo())
    (key,) = objects(service)
    assert re.fullmatch(r"clean/g_[0-9a-z]{26}/at_[0-9a-z]{26}", key)


def test_another_partner_sees_nothing(service: Service) -> None:
    partner, other = service.partner(), service.partner("other-ngo")
    grievance_id = submitted(partner)
    attachment_id = cleaned(service, partner, grievance_id, photo())
    own = submitted(other)
    for case in (grievance_id, own):
        path = f"/v1/grievances/{case}/attachments/{attachment_id}"
        assert refusal(other.get(path)) == (404, "not_found")
        assert refusal(other.delete(path)) == (404, "not_found")
    path = f"/v1/grievances/{grievance_id}/attachments"
    assert refusal(other.get(path)) == (404, "not_found")
    assert refusal(other.post(path, wish(photo()))) == (404, "not_found")


def test_what_is_kept_looks_like_a_picture(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    cleaned(service, partner, grievance_id, photo(orientation=6))
    (content,) = objects(service).values()
    assert Image.open(io.BytesIO(content)).size == (48, 64)
