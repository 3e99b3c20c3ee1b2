"""The verifier as an auditor starts it."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.verifier.world import CASES, ENTRIES, Files, found_in, verified

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command, in a process that has nothing of AWS."""
    return subprocess.run(
        [sys.executable, "-m", "verifier", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_true_export_holds(files: Files, tmp_path: Path) -> None:
    report = verified(files, tmp_path, leaves=True)

    assert report.plain() == {
        "result": "ok",
        "rows": CASES,
        "entries": CASES * ENTRIES,
        "sealed_rows": CASES,
        "heads": 4,
        "leaves": CASES * ENTRIES,
        "notes": [],
        "found": 0,
        "findings": [],
    }


def test_what_a_worker_got_is_in_its_columns_and_in_an_entry_and_neither_can_be_changed(
    files: Files, tmp_path: Path
) -> None:
    (row,) = [row for row in files.rows if row["remedy_type"]]
    (proof,) = [proof for proof in files.proofs if proof["public_ref"] == row["public_ref"]]

    assert (row["remedy_type"], row["remedy_amount_band"]) == ("apology restitution", "3-to-12")
    assert proof["entries"][-1]["data"]["remedy"][1] == {
        "types": ["apology", "restitution"],
        "amount_band": "3-to-12",
    }
    assert verified(files, tmp_path / "true").plain()["result"] == "ok"

    row["remedy_amount_band"] = "12-or-more"
    assert verified(files, tmp_path / "row").plain()["result"] != "ok"
    row["remedy_amount_band"] = "3-to-12"
    proof["entries"][-1]["data"]["remedy"][1]["amount_band"] = "12-or-more"
    files.sign_manifest()
    found = found_in(verified(files, tmp_path / "entry"))
    assert ("entry", row["public_ref"], ENTRIES) in found


def test_the_command_says_so_and_ends_with_zero(files: Files, tmp_path: Path) -> None:
    files.write(tmp_path)

    done = run(".", "--key", "key.pem", "--heads", "heads.json", folder=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == ("OK: 5 rows, 25 entries, 5 rows sealed to their latest entry, 4 heads\n")


def test_a_zip_is_read_as_it_is(files: Files, tmp_path: Path) -> None:
    files.write(tmp_path)
    with zipfile.ZipFile(tmp_path / "export.zip", "w", zipfile.ZIP_DEFLATED) as zipped:
        for name in ("manifest.json", "cases.csv", "proofs.jsonl"):
            zipped.write(tmp_path / name, f"x_123/{name}")

    given = ("export.zip", "--key", "key.pem", "--heads", "heads.json", "--json")
    done = run(*given, folder=tmp_path)

    assert (done.returncode, json.loads(done.stdout)["result"]) == (0, "ok")


def test_a_changed_entry_ends_with_one_and_is_named(files: Files, tmp_path: Path) -> None:
    proof = files.proofs[2]
    proof["entries"][3]["actor"] = "system"
    files.sign_manifest()
    files.write(tmp_path)

    given = (".", "--key", "key.pem", "--heads", "heads.json")
    done = run(*given, folder=tmp_path)
    as_json = json.loads(run(*given, "--json", folder=tmp_path).stdout)

    assert done.returncode == 1
    ref = proof["public_ref"]
    assert f"BAD   case {ref}: entry 4: was changed: its hash is another one [entry]" in done.stdout
    assert as_json["findings"][0] == {
        "check": "entry",
        "detail": "was changed: its hash is another one",
        "public_ref": ref,
        "seq": 4,
    }


def test_what_cannot_be_read_ends_with_two(files: Files, tmp_path: Path) -> None:
    files.write(tmp_path)
    (tmp_path / "not.pem").write_text("no key")
    for arguments in (
        (".", "--key", "absent.pem"),
        (".", "--key", "not.pem"),
        ("absent", "--key", "key.pem"),
        ("key.pem", "--key", "key.pem"),
        (".", "--key", "key.pem", "--heads", "absent.json"),
        (".", "--key", "key.pem", "--leaves", "cases.csv"),
        (".",),
    ):
        done = run(*arguments, folder=tmp_path)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert done.stderr
        assert "Traceback" not in done.stderr


def test_without_published_heads_it_says_what_was_not_compared(
    files: Files, tmp_path: Path
) -> None:
    files.write(tmp_path)

    done = run(".", "--key", "key.pem", folder=tmp_path)

    assert done.returncode == 0
    assert "note  the tree head was not compared with published ones (--heads)" in done.stdout


def test_what_was_entered_after_the_head_is_no_fault_and_is_not_counted_as_sealed(
    files: Files, tmp_path: Path
) -> None:
    for proof in files.proofs:
        last = proof["entries"][-2]["hash"]
        proof["sealed"] = files.place_of(last)
    files.sign_manifest()

    report = verified(files, tmp_path)

    assert (report.found, report.sealed_rows, report.entries) == (0, 0, 25)


def test_an_old_entry_that_the_head_does_not_cover_is_a_fault(files: Files, tmp_path: Path) -> None:
    head = files.heads[-1]
    head["sealed_at"] = "2026-11-26T09:00:00.000Z"
    files.sign_head(head)
    files.manifest["tree_head"] = head
    files.proofs[0]["sealed"] = None
    files.sign_manifest()

    report = verified(files, tmp_path)

    assert found_in(report) == {("unsealed", files.proofs[0]["public_ref"], 1)}


def test_heads_may_come_as_pages_a_list_or_lines(files: Files, tmp_path: Path) -> None:
    files.write(tmp_path)
    pages = [{"items": files.heads[2:]}, {"items": files.heads[:2]}]
    for name, text in (
        ("pages.json", json.dumps(pages)),
        ("list.json", json.dumps(files.heads)),
        ("lines.jsonl", "\n".join(json.dumps(head) for head in files.heads)),
        ("pages.jsonl", "\n".join(json.dumps(page) for page in pages)),
    ):
        (tmp_path / name).write_text(text)
        given = (".", "--key", "key.pem", "--heads", name, "--heads", "heads.json")
        done = run(*given, folder=tmp_path)
        assert (done.returncode, "4 heads" in done.stdout) == (0, True), name


def test_it_imports_nothing_of_the_service(tmp_path: Path) -> None:
    code = (
        "import sys, verifier.__main__; "
        "print(sorted(m for m in sys.modules if m.split('.')[0] in "
        "('chalicelib', 'boto3', 'botocore', 'chalice', 'pydantic', 'requests')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
