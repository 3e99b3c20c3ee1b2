"""Several partners' cases say the same: each brand hears so once, and of nobody."""

import json
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.record.ledger import first_bad_entry
from chalicelib.domain.vocabulary import Role
from chalicelib.domain.work.reconciliation import findings
from chalicelib.store import keys
from tests.service import START, Service
from tests.usecases.stories import (
    case_of,
    consented,
    covered,
    ended,
    engaged_again,
    refusal,
    submitted,
    walked,
)
from tests.usecases.work.test_reconcile import deleted, found, reconciled, without

COUNTED = {"level": "C1", "script_version": "helpline-zh-3"}
NAMED = {"level": "C3", "cross_border": True, "script_version": "helpline-zh-3"}
PARTNERS = ("ngo-1", "ngo-2")


def files(service: Service, number: int, partner: str = "ngo-1", **changes: Any) -> str:
    facts = {"consent": COUNTED, "worker": worker(number), **changes}
    return submitted(service.partner(partner), f"o-{number}", **facts)


def worker(number: int) -> dict[str, str]:
    return {"name": f"Worker {number}", "phone": f"138001380{number:02}"}


def five(service: Service, **changes: Any) -> list[str]:
    """Three workers of one partner and two of another."""
    return [files(service, n, PARTNERS[n % 2], **changes) for n in range(5)]


def next_day(service: Service) -> None:
    """The cases are checked, the night passes, what it brought is sent."""
    service.tick()
    service.clock.forward(days=1)
    for _ in range(3):
        service.tick()
        service.clock.forward(minutes=1)


def coalitions(service: Service, brand_id: str = "acme") -> list[dict[str, Any]]:
    """The alerts of this kind that a brand has got since the last look."""
    payloads = [json.loads(e["Message"]) for e in service.received_alerts(brand_id)]
    return [payload for payload in payloads if payload["kind"] == "coalition"]


def signals(service: Service, partner: str) -> list[dict[str, Any]]:
    return walked(service.partner(partner), "/v1/signals?kind=coalition")


def raised(service: Service, **changes: Any) -> dict[str, Any]:
    covered(service)
    five(service, **changes)
    next_day(service)
    (payload,) = coalitions(service)
    return payload


def test_it_goes_to_the_brand_after_midnight_once_and_names_nobody(service: Service) -> None:
    factory_id = covered(service)
    ids = five(service)
    service.tick()
    service.clock.forward(hours=15)
    service.tick()
    assert coalitions(service) == []

    next_day(service)

    (payload,) = coalitions(service)
    told = {name: payload[name] for name in ("category", "severity", "workers_band", "country")}
    assert told == {
        "category": "compensation",
        "severity": "S3",
        "workers_band": "2-10",
        "country": "CN",
    }
    assert payload["consent_level"] == "C1"
    assert "factory" not in payload
    assert payload["actions_required"] == ["acknowledge"]
    assert payload["acknowledge_by"] == payload["respond_by"]
    text = json.dumps(payload)
    refs = [service.deps.cases.heads(ids)[each].public_ref for each in ids]
    for hidden in (*ids, *refs, *PARTNERS, factory_id, "Yi Chang Tai"):
        assert hidden not in text

    for _ in range(3):
        next_day(service)
    assert coalitions(service) == []


def test_it_names_the_factory_where_enough_agreed_to_that(service: Service) -> None:
    payload = raised(service, consent=NAMED)

    assert payload["consent_level"] == "C3"
    assert payload["factory"]["name"] == "Yi Chang Tai Garment Factory"


def test_one_who_did_not_agree_to_that_is_enough_for_it_not_to(service: Service) -> None:
    covered(service)
    for number in range(5):
        consent = NAMED if number else {**NAMED, "cross_border": False}
        files(service, number, PARTNERS[number % 2], consent=consent)
    next_day(service)

    (payload,) = coalitions(service)

    assert payload["consent_level"] == "C1"
    assert "factory" not in payload


def test_each_partner_of_it_is_told_that_there_are_others_not_who(service: Service) -> None:
    factory_id = covered(service)
    five(service)
    files(service, 9, "ngo-3", categories=["working_time"], sub_codes=[])
    next_day(service)

    for partner in PARTNERS:
        (signal,) = signals(service, partner)
        assert {k: v for k, v in signal.items() if k != "signal_id"} == {
            "grievance_id": None,
            "public_ref": None,
            "factory_id": factory_id,
            "category": "compensation",
            "kind": "coalition",
            "clock": None,
            "level": None,
            "due_at": "2026-11-23T08:00:00.000Z",
            "at": "2026-11-23T08:00:00.000Z",
        }
    assert signals(service, "ngo-3") == []


def _four(service: Service) -> None:
    for number in range(4):
        files(service, number, PARTNERS[number % 2])


def _one_partner(service: Service) -> None:
    for number in range(20):
        files(service, number)


def _one_partner_and_a_stray(service: Service) -> None:
    _one_partner(service)
    files(service, 20, "ngo-2")


def _one_worker(service: Service) -> None:
    for number in range(9):
        files(service, number, f"ngo-{number % 3}", worker=worker(1))


def _without_a_name(service: Service) -> None:
    for number in range(9):
        files(service, number, f"ngo-{number % 3}", worker=None)


def _of_another_category(service: Service) -> None:
    _four(service)
    files(service, 4, categories=["working_time"], sub_codes=[])


def _who_agree_to_nothing(service: Service) -> None:
    _four(service)
    files(service, 4, consent={"level": "C0"})


def _too_long_ago(service: Service) -> None:
    files(service, 4)
    next_day(service)
    service.clock.forward(days=89)
    _four(service)


def _who_was_erased(service: Service) -> None:
    last = five(service)[-1]
    public_ref = case_of(service.partner("ngo-1"), last)["public_ref"]
    body = {"reason": "worker_request", "confirm": public_ref}
    dpo = service.caller(Role.DPO, "privacy-office")
    assert dpo.post(f"/v1/grievances/{last}/erasure", body).status == 200


def _before_the_brand_came(service: Service) -> None:
    service.brand("late")
    factory_id = service.factory()
    service.link(factory_id, "late", valid_from="2026-11-20")
    five(service, incident_from="2026-01-01", incident_to="2026-02-01")


@pytest.mark.parametrize(
    "filed",
    [
        _four,
        _one_partner,
        _one_partner_and_a_stray,
        _one_worker,
        _without_a_name,
        _of_another_category,
        _who_agree_to_nothing,
        _too_long_ago,
        _who_was_erased,
    ],
)
def test_it_is_none_where_they_are_not_enough(service: Service, filed: Any) -> None:
    covered(service)

    filed(service)
    next_day(service)

    assert coalitions(service) == []
    assert [s for n in range(4) for s in signals(service, f"ngo-{n}")] == []


def test_a_brand_hears_only_of_what_happened_while_it_sourced_there(service: Service) -> None:
    covered(service)
    _before_the_brand_came(service)
    next_day(service)

    assert len(coalitions(service)) == 1
    assert coalitions(service, "late") == []


def test_a_brand_whose_link_becomes_known_hears_of_one_that_stands(service: Service) -> None:
    raised(service)
    service.brand("bolt")
    service.link(service.factory(), "bolt")
    service.tick()
    service.clock.forward(minutes=1)
    next_day(service)

    (payload,) = coalitions(service, "bolt")

    assert payload["brand_id"] == "bolt"
    assert coalitions(service) == []
    assert len(signals(service, "ngo-1")) == 1


def test_a_new_one_is_raised_only_once_its_time_is_over_and_of_others(service: Service) -> None:
    first = raised(service)
    service.clock.forward(days=85)
    for number in range(5, 10):
        files(service, number, PARTNERS[number % 2])
    next_day(service)
    assert coalitions(service) == []

    service.clock.forward(days=10)
    files(service, 10)
    next_day(service)
    (second,) = coalitions(service)

    assert second["sequence"] == 2
    assert second["alert_id"] != first["alert_id"]
    assert second["public_ref"] != first["public_ref"]
    assert len(signals(service, "ngo-1")) == 2


# Its brand's desk


def test_its_brand_lists_reads_and_acknowledges_it(service: Service) -> None:
    payload = raised(service)
    desk, path = service.brand_desk(), f"/v1/alerts/{payload['alert_id']}"

    (row,) = walked(desk, "/v1/alerts")
    assert (row["alert_id"], row["kind"]) == (payload["alert_id"], "coalition")
    read = desk.get(path).json()
    assert read["alert"]["content_hash"] == payload["content_hash"]
    assert walked(desk, "/v1/alerts?open_only=true") == [row]
    answer = desk.post(f"{path}/acknowledgement")
    assert (answer.status, answer.json()["acknowledged_at"] is not None) == (200, True)
    assert desk.post(f"{path}/acknowledgement").json() == answer.json()
    assert walked(desk, "/v1/alerts?open_only=true") == []

    service.brand("other")
    assert refusal(service.brand_desk("other").get(path)) == (404, "not_found")
    coalition_id = "c_" + payload["alert_id"].split("_")[1]
    actions = [entry.action for entry in entries(service, coalition_id)]
    assert actions == ["coalition_raised", "alert_acknowledged"]


def entries(service: Service, coalition_id: str) -> list[Any]:
    whole = service.deps.whole_cases.read(coalition_id)
    assert first_bad_entry(whole.entries) is None
    return list(whole.entries)


def test_nobody_stands_behind_it_to_be_talked_to(service: Service) -> None:
    path = f"/v1/alerts/{raised(service)['alert_id']}"
    desk = service.brand_desk()
    plan = {
        "actions": [{"what": "Pay the wages.", "owner": "Factory manager", "due_on": "2027-01-10"}]
    }

    assert refusal(desk.post(f"{path}/replies", {"text": "We look."})) == (409, "state_conflict")
    assert refusal(desk.get(f"{path}/plans")) == (409, "state_conflict")
    assert desk.post(f"{path}/plans", plan).status in (409, 422)


# Withdrawn, erased, sent again


def test_it_is_neither_taken_back_nor_sent_again_once_too_few_are_left(service: Service) -> None:
    payload = raised(service)
    path = f"/v1/alerts/{payload['alert_id']}"
    operator = service.operator()
    assert operator.post(f"{path}/redeliver").status in (200, 202)
    service.tick()
    assert [p["alert_id"] for p in coalitions(service)] == [payload["alert_id"]]

    partner = service.partner("ngo-1")
    first = walked(partner, "/v1/grievances")[0]["grievance_id"]
    version = case_of(partner, first)["version"]
    assert consented(partner, first, version, level="C0", script_version="w-1").status == 200
    next_day(service)

    assert service.received_alerts() == []  # no recall: it would tell that somebody withdrew
    assert service.brand_desk().get(path).json()["alert"] is not None
    assert refusal(operator.post(f"{path}/redeliver")) == (409, "state_conflict")
    service.brand("bolt")
    service.link(service.factory(), "bolt")
    service.tick()
    next_day(service)
    assert coalitions(service, "bolt") == []
    coalition_id = "c_" + payload["alert_id"].split("_")[1]
    actions = [entry.action for entry in entries(service, coalition_id)]
    assert actions == ["coalition_raised", "alert_redelivered", "coalition_lapsed"]


def test_a_brand_that_is_not_engaged_any_more_is_not_told(service: Service) -> None:
    covered(service)
    service.brand_desk()
    ended(service)
    five(service)
    next_day(service)
    assert coalitions(service) == []

    engaged_again(service)
    service.tick()
    service.clock.forward(minutes=1)
    next_day(service)

    assert len(coalitions(service)) == 1


# The store


def test_all_that_is_stored_of_it_agrees_and_is_sealed(service: Service) -> None:
    payload = raised(service)
    coalition_id = "c_" + payload["alert_id"].split("_")[1]

    assert findings(service.deps.whole_cases.read(coalition_id)) == []
    day = (START + timedelta(days=1)).date().isoformat()
    ids = [each for page in service.deps.cases.ids_received_on(day) for each in page]
    assert coalition_id in ids
    leaves = [leaf for page in service.deps.cases.changed_on(day, START) for leaf in page]
    head = service.deps.coalitions.head(coalition_id)
    assert head is not None
    assert head.first_entry.hash in [leaf.hash for leaf in leaves]


def test_damage_to_it_is_found_and_what_can_be_is_repaired(service: Service) -> None:
    covered(service)
    five(service)
    service.tick()
    service.clock.forward(days=1)
    with service.refusing("Publish"), service.refusing("PublishBatch"):
        service.tick()
        service.clock.forward(minutes=1)
        service.tick()
    (head,) = [item for item in service.all_items() if item["sk"] == "COALITION"]
    coalition_id = head["case_id"]
    (alert,) = service.alert_rows(coalition_id)

    without(service, coalition_id, keys.alert(alert.alert_id), "work_queue")
    service.set_attributes(coalition_id, keys.COALITION, ledger_hash="0" * 64)
    report = _of_that_day(service, repair=True)

    assert found(report) == {
        ("alert_misplaced", alert.alert_id, None): 1,
        ("ledger_broken", coalition_id, 1): 1,
    }
    assert {f["kind"]: f["repaired"] for f in report["findings"]} == {
        "alert_misplaced": True,
        "ledger_broken": False,
    }
    service.clock.forward(hours=6)
    service.tick()
    assert [p["alert_id"] for p in coalitions(service)] == [alert.alert_id]

    deleted(service, coalition_id, keys.alert(alert.alert_id))
    service.set_attributes(coalition_id, keys.COALITION, version="broken")
    assert found(_of_that_day(service)) == {("unreadable", coalition_id, None): 1}


def _of_that_day(service: Service, *, repair: bool = False) -> dict[str, Any]:
    day = "2026-11-23"
    return reconciled(service, repair=repair, received_from=day, received_to=day)


# One that nobody sends for a while


def test_what_is_not_sent_when_it_lapses_is_withheld(service: Service) -> None:
    covered(service)
    ids = five(service)
    service.tick()
    service.clock.forward(days=1)
    with service.refusing("Publish"), service.refusing("PublishBatch"):
        service.tick()
        service.clock.forward(minutes=1)
        service.tick()
        partner = service.partner("ngo-2")
        version = case_of(partner, ids[1])["version"]
        assert consented(partner, ids[1], version, level="C0", script_version="w-1").status == 200
        service.clock.forward(days=1)
        service.tick()

    service.clock.forward(days=1)
    service.tick()

    assert coalitions(service) == []
    (head,) = [item for item in service.all_items() if item["sk"] == "COALITION"]
    (alert,) = service.alert_rows(head["case_id"])
    assert alert.status == "suppressed"
    path = f"/v1/alerts/{alert.alert_id}"
    assert refusal(service.brand_desk().get(path)) == (404, "not_found")
