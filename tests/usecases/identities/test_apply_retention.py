"""Retention: announced before it is done, done as announced, written down; stopped by a hold."""

from typing import Any

import pytest

from chalicelib.domain.vocabulary import Role
from infra.local.gateway import Answer
from tests.service import Caller, Service
from tests.usecases.identities.test_erase import dpo, dumped, erased, restored
from tests.usecases.identities.test_identity import WORKER, chain_verifies, history, opened
from tests.usecases.stories import case_of, refusal, submitted, walked

WITHDRAWN = {"to": "closed", "outcome": "withdrawn", "root_cause": "unknown"}


def closed(partner: Caller, key: str = "k-1", **changes: Any) -> str:
    grievance_id = submitted(partner, key, **{"worker": WORKER, **changes})
    answer = partner.post(f"/v1/grievances/{grievance_id}/transitions", WITHDRAWN)
    assert answer.status == 200, answer.body
    return grievance_id


def reopened(partner: Caller, grievance_id: str) -> None:
    wish = {"to": "reopened", "reason": "She was wronged again."}
    answer = partner.post(f"/v1/grievances/{grievance_id}/transitions", wish)
    assert answer.status == 200, answer.body


def plans(service: Service) -> list[dict[str, Any]]:
    return walked(dpo(service), "/v1/retention/plans?limit=2")


def lines(service: Service, plan_id: str) -> dict[str, str]:
    found = walked(dpo(service), f"/v1/retention/plans/{plan_id}/cases?limit=2")
    return {line["grievance_id"]: line["outcome"] for line in found}


def preview(service: Service, days: int) -> list[dict[str, Any]]:
    return walked(dpo(service), f"/v1/retention/preview?days={days}&limit=2")


def day_by_day(service: Service, days: int) -> None:
    for _ in range(days):
        service.clock.forward(days=1)
        service.apply_retention()


def test_an_identity_is_erased_after_its_time_and_seven_days_notice(service: Service) -> None:
    partner = service.partner()
    grievance_id = closed(partner)
    service.clock.forward(days=29)
    service.apply_retention()
    assert plans(service) == []

    day_by_day(service, 1)

    (plan,) = plans(service)
    assert plan == {
        "plan_id": "2026-12-22.cn.identity",
        "rule_id": "cn.identity",
        "erases": "identity",
        "announced_at": "2026-12-22T08:00:00.000Z",
        "carry_out_at": "2026-12-29T08:00:00.000Z",
        "planned": 1,
        "erased": 0,
        "held": 0,
        "dropped": 0,
    }
    assert lines(service, plan["plan_id"]) == {grievance_id: "announced"}
    day_by_day(service, 6)
    assert opened(partner, grievance_id).status == 201

    day_by_day(service, 1)

    assert refusal(opened(partner, grievance_id)) == (410, "identity_erased")
    assert plans(service) == [{**plan, "erased": 1}]
    assert lines(service, plan["plan_id"]) == {grievance_id: "erased"}
    entry = history(partner, grievance_id)[-1]
    assert (entry["action"], entry["actor"]) == ("identity_erased", "system")
    assert entry["data"] == {
        "scope": "identity",
        "rule": "cn.identity",
        "plan": "2026-12-22.cn.identity",
    }
    assert chain_verifies(service, grievance_id)


def test_texts_follow_after_three_years_and_the_record_stays(service: Service) -> None:
    partner = service.partner()
    grievance_id = closed(partner, narrative="Canary-Narrative")
    path = f"/v1/grievances/{grievance_id}"
    partner.post(f"{path}/messages", {"text": "Canary-Message"})
    for days in (30, 7, 3 * 365 - 37 - 1):
        service.clock.forward(days=days)
        service.apply_retention()
    assert "Canary" in repr(service.everything())

    for days in (1, 7):
        service.clock.forward(days=days)
        service.apply_retention()

    assert "Canary" not in repr(service.everything())
    assert history(partner, grievance_id)[-1]["data"]["rule"] == "default.texts"
    assert case_of(partner, grievance_id)["state"] == "closed"
    assert chain_verifies(service, grievance_id)
    assert preview(service, 3650) == []


def test_the_dry_run_says_what_would_be_done_and_changes_nothing(service: Service) -> None:
    partner = service.partner()
    ids = [closed(partner, f"k-{n}") for n in range(3)]
    dpo(service).put(f"/v1/grievances/{ids[1]}/retention-hold", {"reason": "investigation"})
    before = service.everything()

    found = preview(service, 30)

    assert preview(service, 29) == []
    assert {row["grievance_id"]: row["would"] for row in found} == {
        ids[0]: "erase",
        ids[1]: "held",
        ids[2]: "erase",
    }
    assert found[0] == {
        "grievance_id": found[0]["grievance_id"],
        "rule_id": "cn.identity",
        "erases": "identity",
        "due_at": "2026-12-22T08:00:00.000Z",
        "plan_id": None,
        "would": found[0]["would"],
    }
    assert service.everything() == before


def test_a_partner_sees_its_own_cases_and_an_operator_counts(service: Service) -> None:
    ours, theirs = service.partner(), service.partner("other-ngo")
    own, others = closed(ours), closed(theirs)
    service.clock.forward(days=30)
    service.apply_retention()
    (plan,) = plans(service)
    cases = f"/v1/retention/plans/{plan['plan_id']}/cases?"
    due = "/v1/retention/preview?days=60&"

    for path in (cases, due):
        for caller, expected in ((ours, {own}), (theirs, {others}), (dpo(service), {own, others})):
            found = walked(caller, f"{path}limit=1")
            seen = {row["grievance_id"] for row in found}
            assert seen == expected
        assert refusal(service.operator().get(path)) == (403, "forbidden")
    counted = service.operator().get("/v1/retention/plans").body.decode()
    assert '"planned":2' in counted
    assert own not in counted
    assert others not in counted


def test_what_the_dry_run_says_is_what_is_done(service: Service) -> None:
    partner = service.partner()
    ids = [closed(partner, f"k-{n}") for n in range(5)]
    dpo(service).put(f"/v1/grievances/{ids[0]}/retention-hold", {"reason": "investigation"})
    erased(service, ids[1])
    service.clock.forward(days=30)
    service.apply_retention()
    said = {row["grievance_id"]: row["would"] for row in preview(service, 7)}

    day_by_day(service, 7)

    (plan,) = plans(service)
    done = {"erase": "erased", "held": "held", "dropped": "dropped"}
    assert lines(service, plan["plan_id"]) == {g: done[would] for g, would in said.items()}
    assert (plan["planned"], plan["erased"], plan["held"], plan["dropped"]) == (5, 3, 1, 1)
    assert opened(partner, ids[0]).status == 201


def test_a_hold_is_looked_at_again_and_once_lifted_the_identity_goes(service: Service) -> None:
    partner = service.partner()
    grievance_id = closed(partner)
    path = f"/v1/grievances/{grievance_id}/retention-hold"
    dpo(service).put(path, {"reason": "investigation"})
    for days in (30, 7):
        service.clock.forward(days=days)
        service.apply_retention()
    dpo(service).delete(path)

    for days in (30, 7):
        service.clock.forward(days=days)
        service.apply_retention()

    assert refusal(opened(partner, grievance_id)) == (410, "identity_erased")
    assert [plan["erased"] for plan in plans(service)] == [1, 0]


@pytest.mark.parametrize("announced", [False, True])
def test_a_case_that_is_reopened_keeps_its_identity(service: Service, announced: bool) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, worker=WORKER)
    path = f"/v1/grievances/{grievance_id}/transitions"
    for to in ({"to": "acknowledged"}, {"to": "screening"}):
        partner.post(path, to)
    partner.post(path, {"to": "inadmissible", "inadmissible_reason": "not_about_work"})
    service.clock.forward(days=60)
    if announced:
        service.apply_retention()

    answer = partner.post(path, {"to": "screening", "reason": "An appeal."})
    day_by_day(service, 8)

    assert answer.status == 200
    assert opened(partner, grievance_id).status == 201
    assert [(p["planned"], p["dropped"], p["erased"]) for p in plans(service)] == (
        [(1, 1, 0)] if announced else []
    )
    assert preview(service, 3650) == []


def test_a_case_that_ends_again_runs_its_time_from_then(service: Service) -> None:
    partner = service.partner()
    grievance_id = closed(partner)
    service.clock.forward(days=20)
    reopened(partner, grievance_id)
    partner.post(f"/v1/grievances/{grievance_id}/transitions", WITHDRAWN)

    (row,) = preview(service, 90)
    assert row["due_at"] == "2027-01-11T08:00:00.000Z"


def test_an_ended_case_takes_no_identity_that_nobody_would_erase(service: Service) -> None:
    partner = service.partner()
    grievance_id = closed(partner, worker=None)

    answer = partner.put(f"/v1/grievances/{grievance_id}/identity", WORKER)

    assert refusal(answer) == (409, "state_conflict")
    (row,) = preview(service, 3650)
    assert row["rule_id"] == "default.texts"


def test_a_poisoned_case_stops_nobody_and_is_tried_again(service: Service) -> None:
    partner = service.partner()
    ids = [closed(partner, f"k-{n}") for n in range(4)]
    service.clock.forward(days=30)
    service.apply_retention()
    service.poison(ids[0])
    day_by_day(service, 7)

    (plan,) = plans(service)
    assert plan["erased"] == 3
    service.set_attributes(ids[0], "CASE", severity="S3")
    day_by_day(service, 1)
    assert plans(service)[0]["erased"] == 4


def test_a_run_without_time_leaves_everything_due(service: Service) -> None:
    partner = service.partner()
    closed(partner)
    service.clock.forward(days=30)
    before = service.everything()

    service.apply_retention(seconds=10)

    assert service.everything() == before


def test_a_run_by_hand_goes_through_the_register_of_erasures(service: Service) -> None:
    grievance_id = submitted(service.partner(), worker=WORKER)
    backup = dumped(service)
    erased(service, grievance_id)
    restored(backup)

    service.apply_retention(erase_again=True)

    assert service.items_of(service.deps.settings.vault_table) == []


def test_plans_are_for_those_who_watch_over_them(service: Service) -> None:
    absent: Answer = dpo(service).get("/v1/retention/plans/2026-12-22.cn.identity/cases")
    assert refusal(absent) == (404, "not_found")
    assert service.caller(Role.OPERATOR, "operations").get("/v1/retention/plans").status == 200
