"""A factory turns out to be another one: what happens to its cases then, and what must not."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain, repeat
from typing import Any

import pytest

from chalicelib.domain.record.ledger import Entry, first_bad_entry
from chalicelib.store.work import WorkRow
from chalicelib.usecases.work.work_due import work_rows
from tests.calls import counted_calls
from tests.service import Caller, Service
from tests.usecases.alerting.test_raise_coalitions import coalitions, files, next_day
from tests.usecases.alerting.test_tell_later import WAY_TO_AN_END, actions, payloads, told
from tests.usecases.cases.test_transition_grievance import closed_as_resolved, went
from tests.usecases.merges import LATER, MID, NEW, OLD, merged, taken_back
from tests.usecases.stories import alerted, case_of, consented, submitted
from tests.usecases.work.test_reconcile import deleted, found, reconciled

OTHER_NAME = "Red Lantern Clothing"
REPORTED = {"name": "Yi Chang Tai Garment Factory", "city": "Shenzhen", "country": "CN"}


def two_factories(service: Service) -> tuple[str, str]:
    """One with the old id that acme sources from, one with the new id that bolt sources from."""
    old, new = service.factory(os_id=OLD), service.factory(OTHER_NAME, os_id=NEW)
    for brand, factory_id in (("acme", old), ("bolt", new)):
        service.brand(brand)
        service.link(factory_id, brand)
    return old, new


def ticks(service: Service) -> None:
    """Until nothing is due any more: a merge is followed up once more after a minute."""
    for _ in range(4):
        service.tick()
        service.clock.forward(minutes=1)


def entries(service: Service, grievance_id: str) -> list[Entry]:
    case = service.deps.cases.head(grievance_id)
    assert case is not None
    found = list(service.deps.cases.entries(case, 100, None).items)
    assert first_bad_entry(found) is None
    return found


def is_at(partner: Caller, grievance_id: str) -> str:
    return str(case_of(partner, grievance_id)["factory_id"])


def merged_notes(service: Service) -> list[str]:
    found = (i["case_id"] for i in service.all_items() if i["sk"] == "WATCH")
    return [note for note in found if note.startswith("WATCH#merged#")]


# Cases that brands work on


def test_an_open_case_goes_to_the_factory_with_the_current_id_and_its_brands_are_told(
    service: Service,
) -> None:
    (old, new), partner = two_factories(service), service.partner()
    grievance_id = alerted(service, partner)
    before = case_of(partner, grievance_id)
    assert told(service, "acme") == ["new"]

    service.clock.forward(days=40)
    merged(service)
    ticks(service)

    (payload,) = payloads(service, "bolt")
    assert (payload["kind"], payload["public_ref"]) == ("retro", before["public_ref"])
    assert payload["factory"]["factory_id"] == new
    assert told(service, "acme") == []
    after = case_of(partner, grievance_id)
    assert after["factory_id"] == new
    assert (after["state"], after["clocks"]) == (before["state"], before["clocks"])
    assert actions(partner, grievance_id) == ["received", "routed", "factory_merged"]
    entry = entries(service, grievance_id)[-1]
    assert (entry.actor, entry.data["method"]) == ("system", "exact_name")
    assert entry.private["factory_id"] == [old, new]
    assert entry.private["alerts"] == [payload["alert_id"]]
    assert len({each["commitment"] for each in entry.data["factory_id"]}) == 2
    assert old not in str(entry.data)
    assert merged_notes(service) == []


def test_a_brand_that_was_told_already_hears_nothing(service: Service) -> None:
    (old, new), partner = two_factories(service), service.partner()
    service.link(old, "bolt")
    grievance_id = alerted(service, partner)
    assert told(service, "acme") == told(service, "bolt") == ["new"]

    merged(service)
    ticks(service)

    assert told(service, "acme") == told(service, "bolt") == []
    assert is_at(partner, grievance_id) == new
    assert actions(partner, grievance_id) == ["received", "routed", "factory_merged"]


@pytest.mark.parametrize("steps", range(len(WAY_TO_AN_END) + 1))
def test_it_goes_there_wherever_it_is_until_its_end(service: Service, steps: int) -> None:
    (_, new), partner = two_factories(service), service.partner()
    grievance_id = alerted(service, partner)
    for to, wish in WAY_TO_AN_END[:steps]:
        went(partner, grievance_id, to, **wish)
    state = case_of(partner, grievance_id)["state"]

    merged(service)
    ticks(service)

    after = case_of(partner, grievance_id)
    assert (after["factory_id"], after["state"]) == (new, state)
    assert told(service, "bolt") == ["retro"]


def test_one_that_has_ended_stays_until_it_is_reopened(service: Service) -> None:
    (old, new), partner = two_factories(service), service.partner()
    grievance_id = alerted(service, partner)
    for to, wish in WAY_TO_AN_END:
        went(partner, grievance_id, to, **wish)
    closed_as_resolved(service, grievance_id)
    merged(service)
    ticks(service)
    assert (is_at(partner, grievance_id), told(service, "bolt")) == (old, [])

    went(partner, grievance_id, "reopened", reason="The wages were not paid after all.")
    ticks(service)

    assert (is_at(partner, grievance_id), told(service, "bolt")) == (new, ["retro"])
    assert actions(partner, grievance_id)[-1] == "factory_merged"


def test_one_that_is_held_goes_there_at_once_and_is_told_of_when_it_goes_on(
    service: Service,
) -> None:
    (_, new), partner = two_factories(service), service.partner()
    grievance_id = alerted(service, partner)
    until = {"reason": "She asks for time.", "until": "2027-01-01T00:00:00Z"}
    went(partner, grievance_id, "on_hold", **until)
    merged(service)
    ticks(service)
    assert (is_at(partner, grievance_id), told(service, "bolt")) == (new, [])

    went(partner, grievance_id, "brand_notified")
    ticks(service)

    assert told(service, "bolt") == ["retro"]


def test_without_consent_it_goes_there_and_nobody_is_told(service: Service) -> None:
    (_, new), partner = two_factories(service), service.partner()
    grievance_id = alerted(service, partner)
    version = case_of(partner, grievance_id)["version"]
    assert consented(partner, grievance_id, version, level="C0").status == 200

    merged(service)
    ticks(service)

    assert (is_at(partner, grievance_id), told(service, "bolt")) == (new, [])


def test_a_wider_consent_reaches_the_brand_of_the_factory_that_it_was_filed_about(
    service: Service,
) -> None:
    two_factories(service)
    partner = service.partner()
    narrow = {"level": "C2", "cross_border": True, "script_version": "helpline-zh-3"}
    grievance_id = alerted(service, partner, consent=narrow)
    merged(service)
    ticks(service)
    assert (told(service, "acme"), told(service, "bolt")) == (["new"], ["retro"])

    version = case_of(partner, grievance_id)["version"]
    wider = {**narrow, "level": "C3"}
    assert consented(partner, grievance_id, version, **wider).status == 200
    ticks(service)

    assert told(service, "acme") == told(service, "bolt") == ["update"]


def test_cases_of_the_factory_that_stays_reach_the_brands_of_the_other_one(
    service: Service,
) -> None:
    (_, new), partner = two_factories(service), service.partner()
    reported = {**REPORTED, "name": OTHER_NAME}
    grievance_id = alerted(service, partner, factory_reported=reported)
    assert (told(service, "acme"), told(service, "bolt")) == ([], ["new"])

    merged(service)
    ticks(service)

    assert (told(service, "acme"), told(service, "bolt")) == (["retro"], [])
    assert is_at(partner, grievance_id) == new


def test_a_reconciliation_finds_the_alert_that_a_merge_wrote_and_somebody_lost(
    service: Service,
) -> None:
    two_factories(service)
    grievance_id = alerted(service, service.partner())
    merged(service)
    ticks(service)
    assert found(reconciled(service)) == {}
    (alert,) = [a for a in service.alert_rows(grievance_id) if a.brand_id == "bolt"]

    deleted(service, grievance_id, f"ALERT#{alert.alert_id}")

    assert found(reconciled(service)) == {("alert_missing", alert.alert_id, 3): 1}


# Cases that nobody was told about


def test_a_case_that_no_brand_was_told_about_is_checked_again(service: Service) -> None:
    old, new = service.factory(os_id=OLD), service.factory(OTHER_NAME, os_id=NEW)
    service.brand("bolt")
    service.link(new, "bolt")
    partner = service.partner()
    grievance_id = alerted(service, partner)
    assert case_of(partner, grievance_id)["state"] == "not_covered"
    assert is_at(partner, grievance_id) == old

    merged(service)
    ticks(service)

    after = case_of(partner, grievance_id)
    assert (after["state"], after["factory_id"]) == ("brand_notified", new)
    assert told(service, "bolt") == ["retro"]


def unsure(service: Service) -> tuple[Caller, str]:
    """A case that waits for a reviewer."""
    partner = service.partner()
    return partner, alerted(service, partner, factory_reported={"name": "Red", "country": "CN"})


def test_what_a_reviewer_chose_goes_there_too_and_the_ledger_says_who_had_chosen(
    service: Service,
) -> None:
    old, new = two_factories(service)
    partner, grievance_id = unsure(service)
    path = f"/v1/grievances/{grievance_id}/factory"
    assert partner.post(path, {"factory_id": old, "remember_spelling": False}).status == 200
    service.tick()
    assert (is_at(partner, grievance_id), told(service, "acme")) == (old, ["new"])

    merged(service)
    ticks(service)

    assert (is_at(partner, grievance_id), told(service, "bolt")) == (new, ["retro"])
    assert entries(service, grievance_id)[-1].data["method"] == "reviewer"


@pytest.mark.parametrize("remembered", [True, False])
def test_a_case_for_which_a_reviewer_refused_the_other_factory_stays(
    service: Service, remembered: bool
) -> None:
    old, new = two_factories(service)
    partner, grievance_id = unsure(service)
    path, remember = f"/v1/grievances/{grievance_id}", {"remember_spelling": remembered}
    refused = partner.post(f"{path}/refused-factories", {"factory_ids": [new], **remember})
    assert refused.status == 200, refused.body
    chosen = partner.post(f"{path}/factory", {"factory_id": old, "remember_spelling": False})
    assert chosen.status == 200, chosen.body
    service.tick()

    merged(service)
    ticks(service)

    assert (is_at(partner, grievance_id), told(service, "bolt")) == (old, [])
    assert "factory_merged" not in actions(partner, grievance_id)
    assert merged_notes(service) == []


def test_a_reviewer_who_chooses_the_old_record_means_the_one_that_it_is_now(
    service: Service,
) -> None:
    old, new = two_factories(service)
    merged(service)
    ticks(service)
    partner, grievance_id = unsure(service)

    path = f"/v1/grievances/{grievance_id}/factory"
    chosen = partner.post(path, {"factory_id": old})

    assert chosen.json()["factory_id"] == new
    service.tick()
    again = alerted(service, partner, "k-2", factory_reported={"name": "Red", "country": "CN"})
    assert is_at(partner, again) in (new, "None")


# What is reported from then on


@pytest.mark.parametrize("index", ["none", "before the merge", "after the merge"])
@pytest.mark.parametrize(
    "reported",
    [
        REPORTED,
        {**REPORTED, "name": OTHER_NAME},
        {**REPORTED, "identifiers": [OLD]},
        {**REPORTED, "identifiers": [NEW]},
        {"name": OTHER_NAME, "country": "CN", "identifiers": [OLD]},
    ],
)
def test_a_report_of_either_means_the_one_that_stands_for_both(
    service: Service, index: str, reported: dict[str, Any]
) -> None:
    (_, new), partner = two_factories(service), service.partner()
    if index == "before the merge":
        service.build_index()
    merged(service)
    if index == "after the merge":
        service.clock.forward(minutes=20)
        service.build_index()

    grievance_id = alerted(service, partner, factory_reported=reported)

    assert is_at(partner, grievance_id) == new
    assert told(service, "acme") == told(service, "bolt") == ["new"]
    case = case_of(partner, grievance_id)
    assert case["factory_reported"]["identifiers"] == reported.get("identifiers", [])


@pytest.mark.parametrize("indexed", [True, False])
@pytest.mark.parametrize("says", [OLD, MID, NEW])
@pytest.mark.parametrize("has", [OLD, MID, NEW])
def test_a_report_is_matched_by_whatever_its_id_was_merged_into(
    service: Service, has: str, says: str, indexed: bool
) -> None:
    factory_id, partner = service.factory(os_id=has), service.partner()
    if indexed:
        service.build_index()
    merged(service, MID, NEW)
    merged(service, OLD, MID)

    grievance_id = alerted(service, partner, factory_reported={"identifiers": [says]})

    assert is_at(partner, grievance_id) == factory_id


@pytest.mark.parametrize(
    ("says", "steps"), [(None, 0), (NEW, 0), (MID, 1), (OLD, 2)], ids=["no id", "now", "one", "two"]
)
def test_a_check_asks_once_more_for_each_step_that_an_id_was_merged_and_else_never(
    service: Service, says: str | None, steps: int
) -> None:
    service.factory(os_id=NEW)
    merged(service, OLD, MID)
    merged(service, MID, NEW)
    service.build_index()
    ticks(service)
    alerted(service, service.partner(), "k-0")  # has the index from then on
    submitted(service.partner())
    with counted_calls() as usual:
        service.tick()
    reported = {**REPORTED, "identifiers": [says] if says else []}
    submitted(service.partner(), "k-2", factory_reported=reported)

    with counted_calls() as calls:
        service.tick()

    assert len(calls) - len(usual) == steps
    assert calls.count("dynamodb.BatchGetItem") - usual.count("dynamodb.BatchGetItem") == steps


@pytest.mark.parametrize("indexed", [True, False])
def test_a_report_that_waited_is_matched_once_the_merge_is_known(
    service: Service, indexed: bool
) -> None:
    factory_id, partner = service.factory(os_id=NEW), service.partner()
    if indexed:
        service.build_index()
    grievance_id = alerted(service, partner, factory_reported={"identifiers": [OLD]})
    waiting = {"country": "CN", "identifiers": [OLD]}
    in_country = alerted(service, partner, "k-2", factory_reported=waiting)
    assert case_of(partner, grievance_id)["routing"] == "needs_review"

    merged(service)
    ticks(service)

    assert is_at(partner, grievance_id) == is_at(partner, in_country) == factory_id


@pytest.mark.parametrize("indexed", [True, False])
def test_a_refusal_of_either_holds_for_the_one_that_stands_for_both(
    service: Service, indexed: bool
) -> None:
    (old, new), partner = two_factories(service), service.partner()
    if indexed:
        service.build_index()
    merged(service)
    ticks(service)
    grievance_id = submitted(partner)
    path = f"/v1/grievances/{grievance_id}/refused-factories"
    assert partner.post(path, {"factory_ids": [old]}).status == 200

    service.tick()
    again = alerted(service, partner, "k-2")

    for each in (grievance_id, again):
        case = case_of(partner, each)
        assert (case["routing"], case["factory_id"]) == ("needs_review", None)
    assert told(service, "acme") == told(service, "bolt") == []
    assert new not in [c["factory_id"] for c in _candidates(partner, grievance_id)]


def _candidates(partner: Caller, grievance_id: str) -> list[dict[str, Any]]:
    rows = partner.get("/v1/review-queue").json()["items"]
    (row,) = [row for row in rows if row["grievance_id"] == grievance_id]
    candidates: list[dict[str, Any]] = row["candidates"]
    return candidates


def test_a_later_change_of_either_record_leaves_both_found(service: Service) -> None:
    (old, new), partner = two_factories(service), service.partner()
    merged(service)
    service.clock.forward(minutes=20)
    service.build_index()
    service.clock.forward(minutes=20)
    path = f"/v1/factories/{old}"
    body = {"name": "Yi Chang Tai Garment Factory", "country": "CN", "city": "Shenzhen"}
    version = service.operator().get(path).headers["ETag"]
    answer = service.operator().put(path, {**body, "os_id": OLD, "workers": 9}, If_Match=version)
    assert answer.json()["merged_into"] == new

    both = [
        alerted(service, partner, name, factory_reported={**REPORTED, "name": name})
        for name in (REPORTED["name"], OTHER_NAME)
    ]

    assert [is_at(partner, each) for each in both] == [new, new]


# What must not fire


def test_a_merge_with_an_id_that_no_factory_has_leaves_cases_where_they_are(
    service: Service,
) -> None:
    (old, _), partner = two_factories(service), service.partner()
    grievance_id = alerted(service, partner)
    service.received_alerts("acme")

    merged(service, OLD, LATER)
    ticks(service)

    assert is_at(partner, grievance_id) == old
    assert actions(partner, grievance_id) == ["received", "routed"]
    assert told(service, "acme") == told(service, "bolt") == []


def test_a_merge_that_is_taken_back_sends_no_case_back(service: Service) -> None:
    (old, new), partner = two_factories(service), service.partner()
    grievance_id = alerted(service, partner)
    merged(service)
    ticks(service)
    for brand in ("acme", "bolt"):
        service.received_alerts(brand)

    taken_back(service)
    ticks(service)

    assert is_at(partner, grievance_id) == new
    assert actions(partner, grievance_id) == ["received", "routed", "factory_merged"]
    later = alerted(service, partner, "k-2")
    assert is_at(partner, later) == old
    assert (told(service, "acme"), told(service, "bolt")) == (["new"], [])


def test_a_merge_that_is_taken_back_before_its_note_is_worked_off_moves_nothing(
    service: Service,
) -> None:
    (old, _), partner = two_factories(service), service.partner()
    grievance_id = alerted(service, partner)

    merged(service)
    taken_back(service)
    ticks(service)

    assert is_at(partner, grievance_id) == old
    assert merged_notes(service) == []


def test_nobody_hears_of_silence_because_cases_went_to_another_record(service: Service) -> None:
    old, new = two_factories(service)
    partner, worker = service.partner("ngo-1"), {"phone": "+1 555 0100"}
    for month in range(2, 9):
        service.clock.now = datetime(2026, month, 10, tzinfo=UTC)
        if month == 8:
            merged(service)
        ids = [submitted(partner, f"{month}-{n}", worker=worker) for n in range(6)]
        service.tick()
        for grievance_id in ids:  # they stay where they are
            went(partner, grievance_id, "closed", outcome="withdrawn", root_cause="unknown")
        service.clock.forward(days=1)
        ticks(service)

    service.clock.now = datetime(2026, 9, 1, 0, 1, tzinfo=UTC)
    ticks(service)

    assert partner.get("/v1/signals?kind=silence").json()["items"] == []
    notes = [i["case_id"] for i in service.all_items() if i["sk"] == "WATCH"]
    assert [note for note in notes if f"#signals#{old}" in note] == []
    assert [note for note in notes if f"#signals#{new}" in note] != []


def test_those_who_say_the_same_of_either_are_a_coalition_of_the_one(service: Service) -> None:
    two_factories(service)
    for number in range(5):
        name = REPORTED["name"] if number < 3 else OTHER_NAME
        partner = ("ngo-1", "ngo-2")[number % 2]
        files(service, number, partner, factory_reported={**REPORTED, "name": name})
    next_day(service)
    assert coalitions(service, "acme") == coalitions(service, "bolt") == []

    merged(service)
    ticks(service)
    next_day(service)

    assert len(coalitions(service, "acme")) == len(coalitions(service, "bolt")) == 1


# Much, and in between


def test_hundreds_of_cases_go_over_in_several_runs_none_of_them_twice(service: Service) -> None:
    (old, new), partner = two_factories(service), service.partner()
    first = alerted(service, partner, factory_reported={"identifiers": [OLD]})
    many = [first, *service.multiply(first, 249)]
    service.received_alerts("bolt")
    merged(service)
    note, moved = WorkRow(f"WATCH#merged#{old}", "WATCH"), [0]

    def run(*, pages: int) -> None:
        left: Iterator[int] = chain(repeat(300, pages), repeat(0))
        work_rows([note], seconds_left=lambda: next(left), deps=service.deps)
        heads = service.deps.cases.heads(many)
        moved.append(sum(head.factory_id == new for head in heads.values()))

    for _ in range(3):
        run(pages=1)

    assert moved == [0, 100, 200, 250]
    heads = service.deps.cases.heads(many).values()
    assert {(head.version, head.alerted_brands) for head in heads} == {(3, ("acme", "bolt"))}
    assert merged_notes(service) == [note.case_id]
    service.clock.forward(minutes=1)
    run(pages=3)
    assert merged_notes(service) == []
    assert {head.version for head in service.deps.cases.heads(many).values()} == {3}


def test_a_case_that_somebody_changes_meanwhile_is_come_back_to(service: Service) -> None:
    (old, new), partner = two_factories(service), service.partner()
    grievance_id = alerted(service, partner)
    merged(service)

    def said() -> None:
        path = f"/v1/grievances/{grievance_id}/messages"
        assert partner.post(path, {"text": "She called again."}).status == 201

    with service.before_call("TransactWriteItems", said):
        service.tick()
    assert is_at(partner, grievance_id) == old
    ticks(service)

    assert (is_at(partner, grievance_id), told(service, "bolt")) == (new, ["retro"])
    assert actions(partner, grievance_id)[-2:] == ["message_added", "factory_merged"]


def test_a_case_that_a_check_writes_meanwhile_is_come_back_to(service: Service) -> None:
    (_, new), partner = two_factories(service), service.partner()
    grievance_id = submitted(partner)

    def done() -> None:
        merged(service)
        note = WorkRow(merged_notes(service)[0], "WATCH")
        work_rows([note], seconds_left=lambda: 300, deps=service.deps)

    with service.before_call("TransactWriteItems", done):
        service.tick()
    service.clock.forward(minutes=1)
    ticks(service)

    assert is_at(partner, grievance_id) == new
    assert told(service, "bolt") == ["retro"]
