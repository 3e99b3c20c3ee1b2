"""OS IDs are merged: said once, followed by every case once, whenever the work dies."""

from typing import Any

from chalicelib.domain.record.ledger import Action, first_bad_entry
from tests.faults.kills import Scenario
from tests.faults.scenarios.asked import Asked, repeated
from tests.faults.scenarios.steps import ticks
from tests.service import Service
from tests.usecases.merges import NEW, OLD, merged, put_merge, what_it_is
from tests.usecases.stories import alerted

_OTHER = "Red Lantern Clothing"


def _two_factories(service: Service) -> tuple[str, str]:
    old, new = service.factory(os_id=OLD), service.factory(_OTHER, os_id=NEW)
    for brand, factory_id in (("acme", old), ("bolt", new)):
        service.brand(brand)
        service.link(factory_id, brand)
    return old, new


def _seen(service: Service, old: str, new: str) -> Any:
    """What both say of each other, and whether cases are to follow."""
    notes = {item["case_id"] for item in service.all_items() if item["sk"] == "WATCH"}
    is_one = (what_it_is(service, old)[1] == new, what_it_is(service, new)[2] == [old])
    return *is_one, f"WATCH#merged#{old}" in notes


def _merge(service: Service) -> Asked:
    old, new = _two_factories(service)
    return Asked(lambda: put_merge(service), lambda: _seen(service, old, new))


def _merge_to_take_back(service: Service) -> Asked:
    old, new = _two_factories(service)
    merged(service)
    for _ in range(2):
        ticks(service, None)
    path, operator = f"/v1/os-id-merges/{OLD}", service.operator()

    def seen() -> Any:
        return operator.get(path).status, *_seen(service, old, new)

    return Asked(lambda: operator.delete(path, If_Match='"1"'), seen)


def _second_factory(service: Service) -> Asked:
    """A factory is added whose OS ID another one's was merged into."""
    old = service.factory(os_id=OLD)
    merged(service)
    body = {"name": _OTHER, "country": "CN", "os_id": NEW}
    operator = service.operator()

    def seen() -> Any:
        (new,) = operator.get(f"/v1/factories?os_id={NEW}").json()["items"]
        return new["name"], *_seen(service, old, new["factory_id"])

    return Asked(lambda: operator.post("/v1/factories", body), seen)


def _case_to_follow(service: Service) -> str:
    _two_factories(service)
    grievance_id = alerted(service, service.partner())
    ticks(service, None)
    merged(service)
    return grievance_id


def _more_ticks(service: Service, world: object) -> None:
    for _ in range(2):
        ticks(service, world)


def _followed_once(service: Service, grievance_id: str) -> None:
    case = service.deps.cases.head(grievance_id)
    assert case is not None
    factory = service.deps.registry.factory(case.factory_id or "")
    assert factory is not None
    assert (factory.os_id, case.alerted_brands) == (NEW, ("acme", "bolt"))
    entries = service.deps.cases.entries(case, 100, None).items
    assert first_bad_entry(entries) is None
    assert [entry.action for entry in entries].count(Action.FACTORY_MERGED) == 1
    alerts = service.alert_rows(grievance_id)
    assert {alert.brand_id: alert.status for alert in alerts} == {"acme": "sent", "bolt": "sent"}
    assert len(alerts) == 2
    assert service.received_alerts("bolt")
    watched = [item["case_id"] for item in service.all_items() if item["sk"] == "WATCH"]
    assert not [note for note in watched if note.startswith("WATCH#merged#")]


SCENARIOS = [
    repeated("a merge of OS IDs", _merge, (True, True, True), calls=15),
    repeated(
        "end of a merge of OS IDs",
        _merge_to_take_back,
        (404, False, False, False),
        calls=15,
        done=["not_found"],
    ),
    repeated(
        "a factory that another one is by now",
        _second_factory,
        (_OTHER, True, True, True),
        calls=15,
    ),
    Scenario(
        "a case that follows a merge",
        _case_to_follow,
        ticks,
        _more_ticks,
        _followed_once,
        at_least_calls=20,
    ),
]
