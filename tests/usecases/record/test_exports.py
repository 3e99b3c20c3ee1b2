"""The auditor's export: every column, its proof, its filters; and what consent keeps out of it."""

import csv
import hashlib
import io
import json
from typing import Any

import pytest
import requests

from chalicelib.domain.references import derive_id
from chalicelib.domain.vocabulary import Role
from chalicelib.store.clients import client
from infra.local.gateway import Answer
from tests.service import Caller, Service, but_for_the_count
from tests.usecases.stories import alerted, case_of, covered, fields, refusal, submitted, walked

COLUMNS = [
    "public_ref",
    "received_at",
    "acknowledged_at",
    "brand_notified_at",
    "brand_acknowledged_at",
    "brand_first_reply_at",
    "plan_at",
    "closed_at",
    "state",
    "outcome",
    "reopened_count",
    "intake_type",
    "channel",
    "filed_by",
    "partner_pseudonym",
    "factory_id",
    "os_id",
    "country",
    "category",
    "severity",
    "ilo_indicators",
    "consent_level",
    "workers_band",
    "remedy_type",
    "remedy_amount_band",
    "days_open",
    "clock_breaches",
    "worker_verdict",
    "retaliation_linked",
    "taxonomy_version",
    "entry_hash",
]
TODAY = {"received_from": "2026-11-22", "received_to": "2026-11-22"}
ENGAGEMENT = derive_id("e", "audit-house", "test")
UNKNOWN = {"name": "Nobody knows it", "country": "CN"}


def asked(auditor: Caller, **request: Any) -> Answer:
    answer = auditor.post("/v1/exports", {**TODAY, **request})
    assert answer.status == 202, answer.body
    return answer


def exported(service: Service, **request: Any) -> dict[str, Any]:
    """An export that is done, as its auditor sees it."""
    auditor = service.auditor()
    export_id = asked(auditor, **request).json()["export_id"]
    service.drain()
    view: dict[str, Any] = auditor.get(f"/v1/exports/{export_id}").json()
    assert view["status"] == "done", view
    return view


def file_of(view: dict[str, Any]) -> bytes:
    """The file, fetched by its link as anybody would."""
    answer = requests.get(view["download_url"], timeout=5)
    assert answer.status_code == 200
    return answer.content


def proofs_file_of(view: dict[str, Any]) -> bytes:
    return requests.get(view["proofs_url"], timeout=5).content


def rows_of(view: dict[str, Any]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file_of(view).decode(), newline="")))


def refs_of(service: Service, **request: Any) -> set[str]:
    return {row["public_ref"] for row in rows_of(exported(service, **request))}


def test_a_request_is_accepted_and_says_where_to_look(service: Service) -> None:
    answer = asked(service.auditor(), countries=["CN"])

    view = answer.json()
    assert answer.headers["Location"] == f"/v1/exports/{view['export_id']}"
    assert view == {
        "export_id": view["export_id"],
        "status": "queued",
        "format": "csv",
        "engagement_id": ENGAGEMENT,
        "created_at": "2026-11-22T08:00:00.000Z",
        "finished_at": None,
        "progress": {"done": 0, "total": None},
        "error": None,
        "manifest": None,
        "download_url": None,
        "manifest_url": None,
        "proofs_url": None,
    }


def test_a_row_has_every_column_of_the_contract_in_its_order(service: Service) -> None:
    service.brand()
    factory_id = service.factory(os_id="CN2019303BQ3FZP")
    service.link(factory_id)
    partner = service.partner()
    grievance_id = alerted(service, partner, ilo_indicators=["withholding_of_wages", "deception"])
    desk = service.brand_desk()
    alert_id = desk.get("/v1/alerts").json()["items"][0]["alert_id"]
    service.clock.forward(days=6)
    desk.post(f"/v1/alerts/{alert_id}/replies", {"text": "We ask."})
    service.clock.forward(days=34)
    path = f"/v1/grievances/{grievance_id}/transitions"
    partner.post(path, {"to": "closed", "outcome": "withdrawn", "root_cause": "unknown"})
    case = case_of(partner, grievance_id)

    view = exported(service)

    text = file_of(view).decode()
    assert text.splitlines()[0] == ",".join(COLUMNS)
    assert text.endswith("\r\n")
    (row,) = rows_of(view)
    pseudonym = row.pop("partner_pseudonym")
    assert row == {
        "public_ref": case["public_ref"],
        "received_at": "2026-11-22T08:00:00.000Z",
        "acknowledged_at": "2026-11-22T08:00:00.000Z",
        "brand_notified_at": "2026-11-22T08:00:00.000Z",
        "brand_acknowledged_at": "2026-11-28T08:00:00.000Z",
        "brand_first_reply_at": "2026-11-28T08:00:00.000Z",
        "plan_at": "",
        "closed_at": "2027-01-01T08:00:00.000Z",
        "state": "closed",
        "outcome": "withdrawn",
        "reopened_count": "0",
        "intake_type": "grievance",
        "channel": "phone",
        "filed_by": "group",
        "factory_id": factory_id,
        "os_id": "CN2019303BQ3FZP",
        "country": "CN",
        "category": "compensation",
        "severity": "S2",
        "ilo_indicators": "deception withholding_of_wages",
        "consent_level": "C3",
        "workers_band": "11-50",
        "remedy_type": "",
        "remedy_amount_band": "",
        "days_open": "40",
        "clock_breaches": "1",
        "worker_verdict": "",
        "retaliation_linked": "false",
        "taxonomy_version": "2026-1",
        "entry_hash": case["ledger_hash"],
    }
    assert pseudonym.startswith("p_")
    assert len(pseudonym) == 18


def test_the_manifest_proves_the_file_to_the_byte(service: Service) -> None:
    partner = service.partner()
    for number in range(3):
        submitted(partner, f"k-{number}")

    view = exported(service, categories=["compensation"])

    content = file_of(view)
    manifest = requests.get(view["manifest_url"], timeout=5).json()
    proofs = proofs_file_of(view)
    assert manifest == view["manifest"]
    assert {name: manifest.pop(name) for name in ("proofs", "tree_head")} == {
        "proofs": {
            "file": "proofs.jsonl",
            "bytes": len(proofs),
            "sha256": hashlib.sha256(proofs).hexdigest(),
            "sealed": 0,
        },
        "tree_head": None,
    }
    assert manifest.pop("key_id") == service.deps.signer.key_id
    assert manifest.pop("signature")
    assert manifest == {
        "export_id": view["export_id"],
        "file": "cases.csv",
        "request": {
            "format": "csv",
            **TODAY,
            "countries": [],
            "categories": ["compensation"],
            "severities": [],
            "states": [],
            "intake_types": [],
            "engagement_id": ENGAGEMENT,
        },
        "engagement": {
            "engagement_id": ENGAGEMENT,
            "purpose": "due_diligence_audit",
            "brands": None,
            "countries": None,
            "received_from": "2000-01-01",
            "received_to": "2100-01-01",
        },
        "columns": COLUMNS,
        "row_count": 3,
        "withheld": {},
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "generated_at": "2026-11-22T08:00:00Z",
    }
    assert content.count(b"\r\n") == 4
    assert view["progress"] == {"done": 3, "total": 3}
    assert "X-Amz-Expires=300" in view["download_url"]


def test_json_lines_say_the_same_with_types(service: Service) -> None:
    partner = service.partner()
    for number in range(2):
        submitted(partner, f"k-{number}")
    in_csv = {row["public_ref"]: row for row in rows_of(exported(service))}

    view = exported(service, format="jsonl")

    assert view["manifest"]["file"] == "cases.jsonl"
    lines = [json.loads(line) for line in file_of(view).splitlines()]
    assert len(lines) == view["manifest"]["row_count"] == 2
    for row in lines:
        assert list(row) == COLUMNS
        assert (row["days_open"], row["outcome"]) == (0, None)
        as_text = {name: "" if value is None else str(value) for name, value in row.items()}
        assert as_text == in_csv[row["public_ref"]]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_an_export_of_nothing_is_a_whole_file_without_rows(service: Service, kind: str) -> None:
    view = exported(service, format=kind)

    content = file_of(view)
    assert content == (f"{','.join(COLUMNS)}\r\n".encode() if kind == "csv" else b"")
    assert (view["manifest"]["row_count"], view["manifest"]["bytes"]) == (0, len(content))
    assert view["manifest"]["sha256"] == hashlib.sha256(content).hexdigest()


def test_the_period_counts_whole_utc_days_on_both_ends(service: Service) -> None:
    partner = service.partner()
    refs: list[str] = []
    for hours in (0, 15, 1, 24):
        service.clock.forward(hours=hours)
        service.clock.forward(minutes=59 if hours == 15 else 0)
        grievance_id = submitted(partner, f"k-{len(refs)}")
        refs.append(case_of(partner, grievance_id)["public_ref"])
    # received at 22nd 08:00, 22nd 23:59, 23rd 00:59, 24th 00:59

    def during(first: str, last: str) -> set[str]:
        return refs_of(service, received_from=f"2026-11-{first}", received_to=f"2026-11-{last}")

    assert during("22", "22") == {refs[0], refs[1]}
    assert during("23", "23") == {refs[2]}
    assert during("22", "24") == set(refs)
    assert during("25", "30") == set()


def test_filters_narrow_the_export(service: Service) -> None:
    covered(service)
    partner = service.partner()
    named: dict[str, str] = {}
    for name, changes in (
        ("told", {}),
        ("bd", {"factory_reported": {"name": "Nobody", "country": "BD"}}),
        ("by law", {"factory_reported": UNKNOWN, "jurisdiction": "VN"}),
        ("violence", {"categories": ["harassment_violence", "other"], "factory_reported": UNKNOWN}),
        ("enquiry", {"intake_type": "enquiry"}),
    ):
        grievance_id = submitted(partner, name, **changes)
        named[case_of(partner, grievance_id)["public_ref"]] = name
    service.tick()

    for request, found in (
        ({}, set(named.values())),
        ({"countries": ["CN"]}, {"told", "violence", "enquiry"}),
        ({"countries": ["BD", "VN"]}, {"bd", "by law"}),
        ({"categories": ["other"]}, {"violence"}),
        ({"severities": ["S1"]}, {"violence"}),
        ({"states": ["brand_notified"]}, {"told"}),
        ({"states": ["screening"], "countries": ["CN"]}, {"violence"}),
        ({"intake_types": ["enquiry"]}, {"enquiry"}),
        ({"intake_types": ["suggestion"]}, set()),
    ):
        assert {named[ref] for ref in refs_of(service, **request)} == found, request


@pytest.mark.parametrize(
    ("consent", "named"),
    [
        ({"level": "C0", "cross_border": True, "script_version": "helpline-zh-3"}, False),
        ({"level": "C1", "cross_border": True, "script_version": "helpline-zh-3"}, False),
        ({"level": "C2", "cross_border": True, "script_version": "helpline-zh-3"}, False),
        ({"level": "X", "cross_border": True, "script_version": "helpline-zh-3"}, False),
        ({"level": "C3", "cross_border": True, "script_version": "helpline-zh-3"}, True),
        (
            {
                "level": "C4",
                "recipients": ["acme"],
                "cross_border": True,
                "script_version": "helpline-zh-3",
            },
            True,
        ),
    ],
    ids=str,
)
def test_the_factory_is_named_only_where_the_worker_lets_it_be_named(
    service: Service, consent: dict[str, Any], named: bool
) -> None:
    service.brand()
    factory_id = service.factory(os_id="CN2019303BQ3FZP")
    service.link(factory_id)
    alerted(service, service.partner(), consent=consent)

    view = exported(service)

    (row,) = rows_of(view)
    assert (row["factory_id"], row["os_id"]) == (
        (factory_id, "CN2019303BQ3FZP") if named else ("", "")
    )
    assert row["consent_level"] == consent["level"]
    assert (factory_id.encode() in file_of(view)) is named


def test_no_words_names_or_references_of_people_are_exported(service: Service) -> None:
    covered(service)
    partner = service.partner()
    alerted(service, partner, partner_ref="GZ-17", summary="Wages are outstanding.")

    views = [exported(service), exported(service, format="jsonl")]
    content = b"".join(file_of(view) + proofs_file_of(view) for view in views)

    for secret in ("Wages", "GZ-17", "handshake-gz", "Yi Chang", "Shenzhen", "zh-CN", "acme"):
        assert secret.encode() not in content


def test_a_partner_has_one_pseudonym_and_no_other_partner_has_it(service: Service) -> None:
    for number, organisation in enumerate(("ngo-a", "ngo-a", "ngo-b")):
        submitted(service.partner(organisation), f"k-{number}")

    pseudonyms = [row["partner_pseudonym"] for row in rows_of(exported(service))]

    assert sorted(pseudonyms.count(name) for name in set(pseudonyms)) == [1, 2]


def test_each_row_has_its_chain_and_where_the_tree_holds_it(service: Service) -> None:
    covered(service)
    partner = service.partner()
    told = alerted(service, partner)
    service.seal()
    partner.post(f"/v1/grievances/{told}/messages", {"text": "She called again."})
    late = submitted(partner, "late", intake_type="enquiry")

    view = exported(service)

    (head,) = service.public().get("/v1/ledger/heads").json()["items"]
    assert view["manifest"]["tree_head"] == head
    rows = {row["public_ref"]: row for row in rows_of(view)}
    proofs = [json.loads(line) for line in proofs_file_of(view).splitlines()]
    assert [proof["public_ref"] for proof in proofs] == list(rows)
    found = {proof["public_ref"]: proof for proof in proofs}
    for grievance_id, length, sealed in ((told, 3, 2), (late, 1, None)):
        case = case_of(partner, grievance_id)
        proof, history = (
            found[case["public_ref"]],
            partner.get(f"/v1/grievances/{grievance_id}/history").json()["items"],
        )
        hidden = ("private", "organisation")
        assert proof["entries"] == [
            {name: value for name, value in entry.items() if name not in hidden}
            for entry in history
        ]
        assert len(proof["entries"]) == length
        assert rows[case["public_ref"]]["entry_hash"] == proof["entries"][-1]["hash"]
        assert (proof["sealed"] and proof["sealed"]["seq"]) == sealed
    assert view["manifest"]["proofs"]["sealed"] == 0


def test_every_case_of_a_busy_day_is_exported_once(service: Service) -> None:
    """More than a page of the day's index, and than a batch of heads, holds."""
    first = submitted(service.partner(), intake_type="enquiry")
    service.multiply(first, 130)

    view = exported(service)

    assert view["manifest"]["row_count"] == 131
    assert len(file_of(view).splitlines()) == 132


def test_what_changes_after_the_export_does_not_change_the_export(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    view = exported(service)
    before = file_of(view)

    partner.post(f"/v1/grievances/{grievance_id}/transitions", {"to": "acknowledged"})
    service.clock.forward(days=2)

    again = service.auditor().get(f"/v1/exports/{view['export_id']}").json()
    assert file_of(again) == before
    assert again["manifest"] == view["manifest"]


# Whose it is, and where it lies


def test_another_auditors_export_is_not_there(service: Service) -> None:
    view = exported(service)
    stranger = service.caller(Role.AUDITOR, "other-house")

    theirs = stranger.get(f"/v1/exports/{view['export_id']}")
    absent = stranger.get("/v1/exports/x_" + "0" * 26)

    assert refusal(theirs) == (404, "not_found")
    assert but_for_the_count(theirs) == but_for_the_count(absent)
    assert stranger.get("/v1/exports").json() == {"items": [], "next_cursor": None}


def test_exports_are_listed_newest_first_and_without_links(service: Service) -> None:
    ids = []
    for _ in range(3):
        ids.append(exported(service)["export_id"])
        service.clock.forward(minutes=1)

    items = walked(service.auditor(), "/v1/exports?limit=2")

    assert [item["export_id"] for item in items] == ids[::-1]
    assert {(i["download_url"], i["manifest_url"], i["status"]) for i in items} == {
        (None, None, "done")
    }


def test_a_file_is_downloaded_under_its_own_name_and_type(service: Service) -> None:
    for kind, content_type in (("csv", "text/csv; charset=utf-8"), ("jsonl", "application/jsonl")):
        view = exported(service, format=kind)
        answer = requests.get(view["download_url"], timeout=5)
        assert answer.headers["Content-Type"] == content_type
        disposition = f'attachment; filename="cases.{kind}"'
        assert answer.headers["Content-Disposition"] == disposition


def test_no_half_written_upload_is_left_behind(service: Service) -> None:
    submitted(service.partner())
    auditor = service.auditor()
    with service.refusing("CompleteMultipartUpload"):
        asked(auditor)
        service.drain()
    service.clock.forward(minutes=2)
    service.tick()

    (export,) = auditor.get("/v1/exports").json()["items"]
    bucket = service.deps.settings.files_bucket
    files = client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert export["status"] == "done"
    assert {file["Key"].rsplit("/", 1)[1] for file in files} == {
        "cases.csv",
        "proofs.jsonl",
        "manifest.json",
    }


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        ({"received_to": "2026-11-21"}, {"body": "value_error"}),
        ({"received_from": "2016-11-13"}, {"body": "value_error"}),
        ({"received_from": None}, {"received_from": "date_type"}),
        ({"received_from": "22.11.2026"}, {"received_from": "date_parsing"}),
        ({"format": "xlsx"}, {"format": "enum"}),
        ({"countries": ["China"]}, {"countries.0": "string_pattern_mismatch"}),
        ({"categories": "other"}, {"categories": "tuple_type"}),
        ({"brands": ["acme"]}, {"body": "extra_forbidden"}),
    ],
    ids=str,
)
def test_a_request_that_makes_no_sense_is_refused_with_the_field(
    service: Service, request_: dict[str, Any], problem: dict[str, str]
) -> None:
    answer = service.auditor().post("/v1/exports", {**TODAY, **request_})

    assert fields(answer) == problem
    assert service.auditor().get("/v1/exports").json()["items"] == []
