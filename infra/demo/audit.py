"""The last chapter: an auditor proves what happened, with the verifier and without the service."""

import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from infra.demo.api import eventually
from infra.demo.checks import StepFailed, expect, verified_chain, verified_rows
from infra.demo.scene import Scene
from infra.local.options import ROOT

_COLUMNS = (
    "public_ref",
    "brand_notified_at",
    "state",
    "country",
    "category",
    "severity",
    "consent_level",
)
_TO_THE_MINUTE = 16  # 2026-11-22T08:00


def export(scene: Scene) -> None:
    """The auditor's export through its presigned link, checked against its manifest."""
    today = datetime.now(UTC).date()
    period = {"received_from": f"{today - timedelta(days=1)}", "received_to": f"{today}"}
    asked = scene.auditor.post("/v1/exports", json=period)
    done = eventually(lambda: _finished(scene, asked["export_id"]), "the export did not finish")
    if done["status"] == "failed":
        raise StepFailed(f"the export failed: {done['error']}")
    content = _fetched(done["download_url"])
    rows = verified_rows(content, done["manifest"])
    _expect_all_cases(scene, rows)
    _expect_nothing_restricted(scene, content, rows)
    scene.teller.done(
        f"{len(rows)} rows, {len(content)} bytes, SHA-256 {done['manifest']['sha256'][:16]}…: "
        "as the manifest says"
    )
    scene.teller.table(_COLUMNS, [_shown(row) for row in rows])


def _finished(scene: Scene, export_id: str) -> dict[str, Any] | None:
    job: dict[str, Any] = scene.auditor.get(f"/v1/exports/{export_id}")
    return job if job["status"] in ("done", "failed") else None


def _fetched(url: str) -> bytes:
    """The file, as anybody with the link gets it: without a key."""
    answer = requests.get(url, timeout=60)
    expect(answer.ok, f"the presigned link answered {answer.status_code}")
    return answer.content


def _expect_all_cases(scene: Scene, rows: list[dict[str, str]]) -> None:
    filed = {f.receipt["public_ref"]: f.read()["state"] for f in scene.filed.values()}
    found = {row["public_ref"]: row["state"] for row in rows}
    expect(found == filed, "the export does not hold exactly the cases of this story")


def _expect_nothing_restricted(scene: Scene, content: bytes, rows: list[dict[str, str]]) -> None:
    """No worker's words; no factory where she did not agree to that."""
    narratives = [json.loads(filed.body)["narrative"] for filed in scene.filed.values()]
    text = content.decode()
    expect(not any(n in text for n in narratives), "the export holds a worker's own words")
    named = [row["factory_id"] for row in rows if row["consent_level"] == "C0"]
    expect(not any(named), "the export names the factory of a case with consent C0")


def _shown(row: dict[str, str]) -> dict[str, str]:
    at = row["brand_notified_at"][:_TO_THE_MINUTE].replace("T", " ")
    return {**row, "brand_notified_at": at}


def prove(scene: Scene) -> None:
    """The ledger is sealed; an export made after that is checked by the verifier, and a change of
    one entry in it is found."""
    scene.tick()
    done = eventually(lambda: _sealed_export(scene), "the ledger was not sealed")
    with tempfile.TemporaryDirectory(prefix="handshake-audit-") as name:
        folder = Path(name)
        _download(scene, done, folder)
        code, report = _verifier(folder)
        expect(code == 0, f"the verifier ended with {code}: {report}")
        sealed, rows = report["sealed_rows"], report["rows"]
        expect(sealed == rows == len(scene.filed), f"{sealed} of {rows} rows are sealed")
        scene.teller.done(
            f"python -m verifier: {rows} rows, {report['entries']} entries, every one under the "
            f"signed head of {done['manifest']['tree_head']['tree_size']} leaves"
        )
        _change_one_entry(folder)
        code, report = _verifier(folder)
        named = [f for f in report["findings"] if f["check"] == "entry"]
        expect(code == 1 and named, "a changed entry was not found")
        ref, seq = named[0]["public_ref"], named[0]["seq"]
        scene.teller.done(f"with one word changed: NOT OK, case {ref}, entry {seq}")


def _sealed_export(scene: Scene) -> dict[str, Any] | None:
    """An export of all cases, once a tree head covers every entry of them."""
    today = datetime.now(UTC).date()
    period = {"received_from": f"{today - timedelta(days=1)}", "received_to": f"{today}"}
    asked = scene.auditor.post("/v1/exports", json=period)
    done = eventually(lambda: _finished(scene, asked["export_id"]), "the export did not finish")
    manifest = done["manifest"] or {}
    return done if manifest and manifest["proofs"]["sealed"] == manifest["row_count"] else None


def _download(scene: Scene, done: dict[str, Any], folder: Path) -> None:
    """What an auditor has: the export's files, the public key, the published heads."""
    for name, link in (
        ("cases.csv", "download_url"),
        ("manifest.json", "manifest_url"),
        ("proofs.jsonl", "proofs_url"),
    ):
        (folder / name).write_bytes(_fetched(done[link]))
    (folder / "key.pem").write_bytes(scene.anybody.send("GET", "/v1/ledger/key").content)
    heads = scene.anybody.get("/v1/ledger/heads?limit=200")
    (folder / "heads.json").write_text(json.dumps(heads))


def _verifier(folder: Path) -> tuple[int, Any]:
    key, heads = str(folder / "key.pem"), str(folder / "heads.json")
    ended = subprocess.run(
        [sys.executable, "-m", "verifier", str(folder), "--key", key, "--heads", heads, "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, json.loads(ended.stdout)


def _change_one_entry(folder: Path) -> None:
    path = folder / "proofs.jsonl"
    lines = path.read_text("utf-8").splitlines()
    proof = json.loads(lines[0])
    proof["entries"][-1]["actor"] = "somebody else"
    path.write_text("\n".join([json.dumps(proof), *lines[1:]]) + "\n", "utf-8")


def verify_ledger(scene: Scene) -> None:
    """The history of a case, read over HTTP: every entry is tied to the one before."""
    filed = scene.filed["unpaid"]
    entries = filed.partner.get(f"{filed.path}/history")["items"]
    chain = verified_chain(entries, filed.read()["ledger_hash"])
    for entry in chain:
        actor = entry.actor.rsplit(":", 1)[0]
        scene.teller.aside(f"{entry.seq}  {entry.action.value:18} {actor:40} {entry.hash[:16]}…")
    actions = [entry.action.value for entry in chain]
    expected = ["received", "routed", "alert_acknowledged", "alert_replied"]
    expect(actions == expected, f"the ledger records {', '.join(actions)}")
    scene.teller.done("the chain holds, from the first entry to the hash that the case names")
