"""Imports and exports."""

from chalicelib.domain.factories.registry import SourcingLink
from tests.faults.kills import Scenario
from tests.faults.scenarios.steps import later_ticks, submitted, tick
from tests.service import Caller, Service

_LIST = (
    b"Factory Name,Address,City,Country\r\n"
    b"Yi Chang Tai Garment Factory,48 Kangzheng Road,Shenzhen,China\r\n"
    b"Fair Design Printing,140 Bason Sorok,Gazipur,Bangladesh\r\n"
)


def _export_asked_for(service: Service) -> Caller:
    partner = submitted(service)
    service.tick()
    assert partner is not None
    auditor = service.auditor()
    auditor.post("/v1/exports", {"received_from": "2026-11-22", "received_to": "2026-11-22"})
    return auditor


def _export_is_whole(service: Service, auditor: Caller) -> None:
    (row,) = auditor.get("/v1/exports").json()["items"]
    export = auditor.get(f"/v1/exports/{row['export_id']}").json()
    assert export["status"] == "done"
    content = service.deps.files.get(f"exports/{row['export_id']}/cases.csv")
    assert content is not None
    assert len(content) == export["manifest"]["bytes"]
    assert content.count(b"\r\n") == export["manifest"]["row_count"] + 1 == 2


def _import_asked_for(service: Service) -> Caller:
    service.brand("acme")
    operator = service.operator()
    operator.send(
        "POST",
        "/v1/imports?brand_id=acme&disclosed_at=2026-06-30&source=factory-list",
        _LIST,
        {"content-type": "text/csv"},
    )
    return operator


def _import_is_whole(service: Service, operator: Caller) -> None:
    (row,) = operator.get("/v1/imports").json()["items"]
    assert (row["status"], row["counts"]["facilities"]) == ("done", 2)
    links: list[SourcingLink] = list(service.deps.registry.links_of_brand("acme"))
    factories = service.deps.registry.factories(link.factory_id for link in links)
    assert sorted(f.name for f in factories.values()) == [
        "Fair Design Printing",
        "Yi Chang Tai Garment Factory",
    ]
    found = service.deps.registry.find([("name", "BD|fair design printing")])
    assert len(found) == 1


_GRIEVANCES = (
    b"partner_ref,text,categories,worker_phone\r\n"
    b"GZ-1,No wages since May.,compensation,+15550123\r\n"
    b",No wages either.,compensation,\r\n"
    b"GZ-3,Nobody knows of what.,nonsense,\r\n"
)


def _grievances_uploaded(service: Service) -> Caller:
    partner = service.partner()
    _upload_grievances(service, partner)
    return partner


def _upload_grievances(service: Service, partner: Caller) -> None:
    partner.send("POST", "/v1/grievance-imports", _GRIEVANCES, {"content-type": "text/csv"})


def _upload_again_and_ticks(service: Service, partner: Caller) -> None:
    _upload_grievances(service, partner)
    later_ticks(service, partner)


def _each_row_has_one_case(service: Service, partner: Caller) -> None:
    cases = partner.get("/v1/grievances").json()["items"]
    assert sorted(case["partner_ref"] or "" for case in cases) == ["", "GZ-1"]


def _grievances_are_filed_once(service: Service, partner: Caller) -> None:
    (row,) = partner.get("/v1/grievance-imports").json()["items"]
    counts = row["counts"]
    assert (row["status"], counts["refused"]) == ("done", 1)
    assert counts["filed"] + counts["repeated"] == 2
    cases = partner.get("/v1/grievances").json()["items"]
    assert sorted(case["partner_ref"] or "" for case in cases) == ["", "GZ-1"]
    assert service.deps.grievance_lists.get(row["import_id"], "list") is None
    assert service.deps.grievance_lists.get(row["import_id"], "refused.csv") is not None


SCENARIOS = [
    Scenario(
        "upload of grievances",
        lambda service: service.partner(),
        _upload_grievances,
        _upload_again_and_ticks,
        _each_row_has_one_case,
        at_least_calls=3,
    ),
    Scenario(
        "import of grievances",
        _grievances_uploaded,
        tick,
        later_ticks,
        _grievances_are_filed_once,
        at_least_calls=20,
    ),
    Scenario(
        "export",
        _export_asked_for,
        tick,
        later_ticks,
        _export_is_whole,
        at_least_calls=20,
    ),
    Scenario(
        "import",
        _import_asked_for,
        tick,
        later_ticks,
        _import_is_whole,
        at_least_calls=20,
    ),
]
