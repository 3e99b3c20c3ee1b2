"""What proves and what erases: sealing, exports, their verifier; openings, erasure, retention."""

import csv
import io
import json
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.faults.kills import killed_at
from tests.model import life
from tests.model.observed import path_of
from tests.model.time_rules import TimeRules
from tests.model.values import Case
from tests.model.world import Kill, cases, counted, kills
from tests.service import START
from tests.usecases.stories import walked
from tests.verifier.world import fetched
from verifier.__main__ import checked


class AuditRules(TimeRules):
    """The officer's and the auditor's part."""

    @rule(key=cases)
    def open_identity(self, key: str) -> None:
        """Who the worker is can be read until it is erased, and every time is on record."""
        case = self.cases[key]
        path, body = f"{path_of(case)}/identity/openings", {"reason": "verify_person"}
        after: Case | int = {None: 404, "erased": 410}.get(case.identity) or case.after(
            "identity_opened"
        )
        answer = self.made(case, after, lambda: self.officer().post(path, body), kill=None)
        if answer is not None and answer.status == 201:
            assert answer.json()["worker"]["name"] == f"Worker {case.words}"

    @rule(key=cases, scope=st.sampled_from(["identity", "texts"]), kill=kills(14))
    def erase(self, key: str, scope: str, kill: Kill) -> None:
        """The officer erases, again if she got no answer; what is erased nobody finds."""
        case = self.cases[key]
        path = f"{path_of(case)}/erasure"
        body = {"scope": scope, "reason": "worker_request", "confirm": case.public_ref}
        after = life.erased(case, scope)
        if self.made(case, after, lambda: self.officer().post(path, body), kill=kill) is None:
            assert self.officer().post(path, body).status == 200
        self._unreadable(after)

    def _unreadable(self, case: Case) -> None:
        name = f"Worker {case.words}"
        assert name not in repr(self.service.everything())
        if case.texts_erased:
            assert case.words not in repr(_items_of(self, case))
        path = f"{path_of(case)}/identity/openings"
        assert self.officer().post(path, {"reason": "verify_person"}).status == 410

    @rule(kill=kills(40))
    def retention_runs(self, kill: Kill) -> None:
        """What was announced is erased, what falls due announced; killed, it is run once more."""
        self._killed_and_again(self.service.apply_retention, kill)
        for case in list(self.cases.values()):
            after = life.retained(case, self.service.clock())
            if after != case:
                self.expect(after)

    @rule(kill=kills(40))
    def seal(self, kill: Kill) -> None:
        """The ledger is sealed; killed, it is sealed once more."""
        self._killed_and_again(self.service.seal, kill)

    def _killed_and_again(self, work: Callable[[], None], kill: Kill) -> None:
        done = []
        if kill is not None:
            with killed_at(*kill):
                work()
                done.append(True)
            counted("model: kills", not done)
        if not done:
            work()

    @precondition(lambda self: self.cases)
    @rule()
    def export(self) -> None:
        """An auditor takes all there is, and checks it without the service."""
        self.worked(self.service.drain, surely=False)
        self.service.seal()
        auditor = self.service.auditor()
        period = {"received_from": f"{START:%Y-%m-%d}", "received_to": "2028-01-01"}
        asked = auditor.post("/v1/exports", period)
        assert asked.status == 202, asked.body
        self.service.drain()
        view = auditor.get(f"/v1/exports/{asked.json()['export_id']}").json()
        assert view["status"] == "done", view
        rows = fetched(view["download_url"])
        self._rows_are_right(rows, view["manifest"])
        self._proves_itself(view, rows)
        counted("model: exports verified")

    def _rows_are_right(self, content: bytes, manifest: dict[str, Any]) -> None:
        rows = {r["public_ref"]: r for r in csv.DictReader(io.StringIO(content.decode()))}
        shown = {c: life.exported(c, self.registry) for c in self.cases.values()}
        expected = {
            case.public_ref: {
                "state": case.state,
                "outcome": case.outcome or "",
                "severity": case.severity,
                "consent_level": case.consent.level,
                "reopened_count": str(case.reopened),
                "factory_id": (case.factory or "") if detail == life.FACTORY else "",
                "entry_hash": self._ledger_hash(case),
            }
            for case, detail in shown.items()
            if detail
        }
        columns = next(iter(expected.values()), {})
        found = {ref: {name: row[name] for name in columns} for ref, row in rows.items()}
        assert found == expected
        withheld = Counter(life.NOT_ACROSS for detail in shown.values() if not detail)
        assert manifest["withheld"] == withheld
        assert b"Canary" not in content

    def _ledger_hash(self, case: Case) -> str:
        return str(self.lead(case).get(path_of(case)).json()["ledger_hash"])

    def _proves_itself(self, view: dict[str, Any], rows: bytes) -> None:
        heads = walked(self.service.public(), "/v1/ledger/heads?limit=200")
        auditor = self.service.auditor()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "cases.csv").write_bytes(rows)
            (folder / "manifest.json").write_bytes(fetched(view["manifest_url"]))
            (folder / "proofs.jsonl").write_bytes(fetched(view["proofs_url"]))
            (folder / "key.pem").write_bytes(self.service.public().get("/v1/ledger/key").body)
            (folder / "heads.json").write_text(json.dumps({"items": heads, "next_cursor": None}))
            leaves = []
            for head in heads:
                at = auditor.get(f"/v1/ledger/heads/{head['tree_size']}/leaves").json()
                leaves.append(folder / f"leaves-{head['tree_size']}.jsonl")
                leaves[-1].write_bytes(fetched(at["leaves_url"]))
            report = checked(folder, [folder / "key.pem"], [folder / "heads.json"], leaves)
        assert report.is_good, report.text()
        assert report.sealed_rows == report.rows, "sealed, and the newest entries are not in it"

    def in_the_end(self) -> None:
        """As before; and the whole record verifies, and what is erased stays so."""
        super().in_the_end()
        self.export()
        for case in self.cases.values():
            if case.identity == "erased":
                self._unreadable(case)


def _items_of(world: AuditRules, case: Case) -> list[dict[str, Any]]:
    return [i for i in world.service.all_items() if i["case_id"] == case.grievance_id]
