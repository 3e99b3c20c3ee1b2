"""A case in escrow goes out once enough others have filed the same, and not before."""

from typing import Any

import pytest

from chalicelib.domain.record.ledger import first_bad_entry
from chalicelib.domain.vocabulary import Role
from tests.service import Caller, Service
from tests.usecases.stories import case_of, consented, covered, submitted

ESCROW = {"level": "X", "cross_border": True, "script_version": "helpline-zh-3"}
COUNTED = {"level": "C1", "script_version": "helpline-zh-3"}
HELD = "consent_x_held_in_escrow"
HERS = {"name": "Example Worker", "wechat": "example-worker"}


def files(service: Service, number: int, partner: str = "ngo-2", **changes: Any) -> str:
    """Somebody else files the same; the id of the case."""
    facts = {"consent": COUNTED, "worker": worker(number), **changes}
    return submitted(service.partner(partner), f"o-{number}", **facts)


def worker(number: int) -> dict[str, str]:
    return {"name": f"Worker {number}", "phone": f"1380013800{number}"}


def ticks(service: Service) -> None:
    for _ in range(3):
        service.clock.forward(minutes=1)
        service.tick()


def held(service: Service, **changes: Any) -> tuple[Caller, str]:
    covered(service)
    partner = service.partner()
    facts = {"consent": ESCROW, "worker": HERS, **changes}
    grievance_id = submitted(partner, "k-1", **facts)
    ticks(service)
    assert case_of(partner, grievance_id)["routing_reason"] == HELD
    return partner, grievance_id


def four_others(service: Service) -> None:
    for number in range(4):
        files(service, number, partner=f"ngo-{number % 2}")


def test_it_goes_out_with_the_fifth_other_and_once(service: Service) -> None:
    partner, grievance_id = held(service)
    four_others(service)
    ticks(service)
    assert case_of(partner, grievance_id)["routing"] == "held"
    assert service.alert_rows(grievance_id) == []

    files(service, 4)
    ticks(service)

    case = case_of(partner, grievance_id)
    assert (case["state"], case["routing"]) == ("brand_notified", "alerted")
    assert case["escrow_released_at"] == "2026-11-22T08:09:00.000Z"
    assert case["consent"]["level"] == "X"
    (alert,) = service.alert_rows(grievance_id)
    assert (alert.status, alert.payload.consent_level) == ("sent", "C3")
    assert alert.payload.factory is not None
    desk = service.brand_desk().get(f"/v1/alerts/{alert.alert_id}").json()
    assert desk["alert"]["factory"]["name"] == "Yi Chang Tai Garment Factory"
    stored = service.deps.cases.head(grievance_id)
    assert stored is not None
    entries = service.deps.cases.entries(stored, 100, None).items
    assert first_bad_entry(entries) is None
    assert [entry.data.get("escrow") for entry in entries] == [None, None, "released"]

    files(service, 5)
    ticks(service)
    assert len(service.received_alerts()) == 1
    assert len(service.alert_rows(grievance_id)) == 1


def test_whoever_comes_last_finds_the_others_there(service: Service) -> None:
    covered(service)
    four_others(service)
    files(service, 4)
    ticks(service)
    partner = service.partner()
    grievance_id = submitted(partner, "k-1", consent=ESCROW, worker=HERS)

    ticks(service)

    assert case_of(partner, grievance_id)["routing"] == "alerted"


def _one_partner(service: Service) -> None:
    for number in range(9):
        files(service, number)


def _one_worker(service: Service) -> None:
    for number in range(9):
        files(service, number, partner=f"ngo-{number % 3}", worker=worker(1))


def _without_a_name(service: Service) -> None:
    for number in range(9):
        partner = service.partner(f"ngo-{number % 3}")
        submitted(partner, f"o-{number}", consent=COUNTED)


def _of_another_category(service: Service) -> None:
    four_others(service)
    files(service, 4, categories=["working_time"], sub_codes=[])


def _about_another_factory(service: Service) -> None:
    service.factory("Fair Design Printing", city="Dongguan")
    four_others(service)
    reported = {"name": "Fair Design Printing", "city": "Dongguan", "country": "CN"}
    files(service, 4, factory_reported=reported)


def _who_agree_to_nothing(service: Service) -> None:
    four_others(service)
    files(service, 4, consent={"level": "C0"})


def _who_has_withdrawn(service: Service) -> None:
    four_others(service)
    last = files(service, 4)
    partner = service.partner("ngo-2")
    answer = consented(partner, last, 1, level="C0", script_version="withdrawal-zh-2")
    assert answer.status == 200


def _who_was_erased(service: Service) -> None:
    four_others(service)
    last = files(service, 4)
    public_ref = case_of(service.partner("ngo-2"), last)["public_ref"]
    body = {"reason": "worker_request", "confirm": public_ref}
    answer = service.caller(Role.DPO, "privacy-office").post(f"/v1/grievances/{last}/erasure", body)
    assert answer.status == 200


def _who_is_she(service: Service) -> None:
    four_others(service)
    files(service, 4, worker=HERS)


@pytest.mark.parametrize(
    "others",
    [
        four_others,
        _one_partner,
        _one_worker,
        _without_a_name,
        _of_another_category,
        _about_another_factory,
        _who_agree_to_nothing,
        _who_has_withdrawn,
        _who_was_erased,
        _who_is_she,
    ],
)
def test_it_stays_where_others_are_not_enough(service: Service, others: Any) -> None:
    partner, grievance_id = held(service)

    others(service)
    ticks(service)

    case = case_of(partner, grievance_id)
    assert (case["routing"], case["routing_reason"]) == ("held", HELD)
    assert case["escrow_released_at"] is None
    assert service.received_alerts() == []


def test_who_files_without_a_name_waits_for_one_more(service: Service) -> None:
    partner, grievance_id = held(service, worker=None)
    four_others(service)
    files(service, 4, partner="ngo-1")
    ticks(service)
    assert case_of(partner, grievance_id)["routing"] == "held"

    files(service, 5, partner="ngo-1")
    ticks(service)

    assert case_of(partner, grievance_id)["routing"] == "alerted"


def test_a_name_or_a_consent_that_comes_later_counts_from_then(service: Service) -> None:
    partner, grievance_id = held(service)
    for number in range(3):
        files(service, number, partner=f"ngo-{number % 2}")
    late_name = submitted(service.partner("ngo-1"), "o-3", consent=COUNTED)
    late_yes = files(service, 4, consent={"level": "C0"})
    ticks(service)
    other = service.partner("ngo-1")
    kept = other.put(f"/v1/grievances/{late_name}/identity", worker(3))
    assert kept.status == 200
    ticks(service)
    assert case_of(partner, grievance_id)["routing"] == "held"

    version = case_of(service.partner("ngo-2"), late_yes)["version"]
    consented(service.partner("ngo-2"), late_yes, version, **COUNTED)
    ticks(service)

    assert case_of(partner, grievance_id)["routing"] == "alerted"


def test_a_category_that_is_corrected_counts_from_then(service: Service) -> None:
    partner, grievance_id = held(service)
    four_others(service)
    last = files(service, 4, categories=["working_time"], sub_codes=[])
    ticks(service)
    other = service.partner("ngo-2")
    version = case_of(other, last)["version"]

    answer = other.patch(
        f"/v1/grievances/{last}", {"categories": ["compensation"]}, If_Match=f'"{version}"'
    )
    ticks(service)

    assert answer.status == 200
    assert case_of(partner, grievance_id)["routing"] == "alerted"


def test_a_border_that_may_not_be_crossed_keeps_it_in(service: Service) -> None:
    within = {"level": "X", "script_version": "helpline-zh-3"}
    partner, grievance_id = held(service, consent=within)
    four_others(service)
    files(service, 4)

    ticks(service)

    case = case_of(partner, grievance_id)
    assert case["routing_reason"] == "cross_border_consent_missing"
    assert case["escrow_released_at"] is None
    assert consented(partner, grievance_id, case["version"], **ESCROW).status == 200
    ticks(service)
    assert case_of(partner, grievance_id)["routing"] == "alerted"


def test_what_was_released_can_be_taken_back(service: Service) -> None:
    partner, grievance_id = held(service)
    four_others(service)
    files(service, 4)
    ticks(service)
    version = case_of(partner, grievance_id)["version"]

    answer = consented(partner, grievance_id, version, level="C0", script_version="withdrawal-zh-2")
    ticks(service)

    assert answer.status == 200
    assert answer.json()["escrow_released_at"] is None
    kinds = {alert.payload.kind for alert in service.alert_rows(grievance_id)}
    assert kinds == {"new", "recall"}
    desk = service.brand_desk()
    shown = [desk.get(f"/v1/alerts/{a.alert_id}").body for a in service.alert_rows(grievance_id)]
    assert not any(b"Yi Chang Tai" in body for body in shown)


def test_an_export_names_the_factory_only_once_it_is_out(service: Service) -> None:
    _, grievance_id = held(service)
    stored = service.deps.cases.head(grievance_id)
    assert stored is not None
    assert stored.agreed.level == "X"
    four_others(service)
    files(service, 4)

    ticks(service)

    released = service.deps.cases.head(grievance_id)
    assert released is not None
    assert released.agreed.level == "C3"
