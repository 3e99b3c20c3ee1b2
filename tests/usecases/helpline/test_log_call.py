"""A call is logged once, says what was said in it, and nothing of who called."""

from typing import Any

import pytest

from chalicelib.domain.record.ledger import first_bad_entry
from chalicelib.domain.vocabulary import Role
from tests.service import Caller, Service, but_for_the_count, user_id
from tests.usecases.answers import published
from tests.usecases.stories import case_of, fields, refusal, submitted, walked

CALL: dict[str, Any] = {
    "intake_type": "enquiry",
    "topic": "overtime-pay",
    "jurisdiction": "CN",
    "language": "zh-CN",
    "channel": "phone",
    "duration_seconds": 340,
    "outcome": "answered",
}
NOVEMBER = "/v1/calls?month=2026-11"


def logged(caller: Caller, key: str = "k-1", **changes: Any) -> dict[str, Any]:
    answer = caller.post("/v1/calls", {**CALL, **changes}, Idempotency_Key=key)
    assert answer.status == 201, answer.body
    call: dict[str, Any] = answer.json()
    return call


def test_a_call_is_kept_with_the_version_that_was_given(service: Service) -> None:
    answer_id = published(service)
    version = service.partner().get(f"/v1/answers/{answer_id}").json()

    call = logged(service.partner(), given={"answer_id": answer_id, "version": 1})

    assert call == {
        **CALL,
        "call_id": call["call_id"],
        "logged_by": user_id(Role.PARTNER_SUPERVISOR, "handshake-gz"),
        "logged_at": "2026-11-22T08:00:00.000Z",
        "grievance_id": None,
        "given": {"answer_id": answer_id, "version": 1, "content_hash": version["content_hash"]},
        "deviation": None,
    }
    assert walked(service.partner(), NOVEMBER) == [call]
    assert walked(service.partner(), "/v1/calls?month=2026-12") == []
    assert walked(service.partner("other-ngo"), NOVEMBER) == []


def test_a_repeat_is_the_same_call(service: Service) -> None:
    partner = service.partner()
    call = logged(partner)
    service.clock.forward(days=40)

    again = partner.post("/v1/calls", CALL, Idempotency_Key="k-1")

    assert (again.status, again.json()) == (200, call)
    assert again.headers["Idempotent-Replayed"] == "true"
    other_body = partner.post("/v1/calls", {**CALL, "outcome": "referred"}, Idempotency_Key="k-1")
    assert refusal(other_body) == (422, "idempotency_key_reused")
    assert refusal(partner.post("/v1/calls", CALL)) == (400, "idempotency_key_missing")
    assert walked(partner, NOVEMBER) == [call]
    assert logged(service.partner("other-ngo"))["call_id"] != call["call_id"]


def test_a_call_about_a_case_says_so_in_the_case_and_in_its_ledger(service: Service) -> None:
    answer_id, partner = published(service), service.partner()
    grievance_id = submitted(partner)

    call = logged(
        partner,
        intake_type="grievance",
        grievance_id=grievance_id,
        given={"answer_id": answer_id, "version": 1},
        deviation="local_rule_differs",
    )

    case = case_of(partner, grievance_id)
    assert (case["standard_answer"], case["version"]) == (call["given"], 2)
    entry = walked(partner, f"/v1/grievances/{grievance_id}/history")[-1]
    assert (entry["action"], entry["data"]) == (
        "answer_given",
        {"call_id": call["call_id"], "answer": call["given"], "deviation": "local_rule_differs"},
    )
    head = service.deps.cases.head(grievance_id)
    assert head is not None
    assert first_bad_entry(service.deps.cases.entries(head, 10, None).items) is None


def test_a_call_without_an_answer_leaves_its_case_as_it_is(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)

    logged(partner, grievance_id=grievance_id, outcome="no_answer_known")

    case = case_of(partner, grievance_id)
    assert (case["standard_answer"], case["version"]) == (None, 1)


def test_a_change_of_the_case_at_the_same_moment_loses_nothing(service: Service) -> None:
    answer_id, partner = published(service), service.partner()
    grievance_id = submitted(partner)
    given = {"answer_id": answer_id, "version": 1}

    def noted() -> None:
        path = f"/v1/grievances/{grievance_id}/messages"
        assert partner.post(path, {"text": "A note."}).status == 201

    with service.before_call("TransactWriteItems", noted):
        call = logged(partner, grievance_id=grievance_id, given=given)

    case = case_of(partner, grievance_id)
    assert (case["standard_answer"], case["version"]) == (call["given"], 3)
    assert walked(partner, NOVEMBER) == [call]


def test_anothers_case_is_not_there(service: Service) -> None:
    grievance_id = submitted(service.partner())
    other = service.partner("other-ngo")

    answers = [
        other.post("/v1/calls", {**CALL, "grievance_id": its_id}, Idempotency_Key="k-1")
        for its_id in (grievance_id, "g_" + "0" * 26)
    ]

    assert {refusal(answer) for answer in answers} == {(404, "not_found")}
    assert len({repr(but_for_the_count(answer)) for answer in answers}) == 1
    assert walked(other, NOVEMBER) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"given": {"answer_id": "sa_" + "0" * 26, "version": 1}}, "given"),
        ({"deviation": "answer_wrong"}, "body"),
        ({"duration_seconds": -1}, "duration_seconds"),
        ({"outcome": "other"}, "outcome"),
        ({"caller_name": "x"}, "body"),
        ({"topic": "Call Ms Example back"}, "topic"),
    ],
)
def test_what_cannot_be_is_refused_by_field(
    service: Service, changes: dict[str, Any], field: str
) -> None:
    answer = service.partner().post("/v1/calls", {**CALL, **changes}, Idempotency_Key="k-1")

    assert list(fields(answer)) == [field]
    assert walked(service.partner(), NOVEMBER) == []


def test_a_new_version_leaves_a_list_of_who_was_told_the_old_one(service: Service) -> None:
    answer_id, partner = published(service), service.partner()
    old = {"answer_id": answer_id, "version": 1}
    calls = []
    for number in range(3):
        calls.append(logged(partner, f"k-{number}", given=old))
        service.clock.forward(minutes=1)
    logged(partner, "k-without")
    theirs = logged(service.partner("other-ngo"), given=old)
    published(service, text="What holds from now on.")
    logged(partner, "k-new", given={**old, "version": 2})

    path = f"/v1/answers/{answer_id}/versions/1/given"
    newest = {"contact_back": False, "newest_version": 2}
    assert walked(partner, f"{path}?limit=2") == [{**each, **newest} for each in calls[::-1]]
    assert walked(service.partner("other-ngo"), path) == [{**theirs, **newest}]
    assert walked(service.partner("third-ngo"), path) == []
    absent = partner.get(f"/v1/answers/{answer_id}/versions/3/given")
    assert refusal(absent) == (404, "not_found")


def test_who_may_be_called_back_is_as_her_case_says_now(service: Service) -> None:
    answer_id, partner = published(service), service.partner()
    given = {"answer_id": answer_id, "version": 1}
    consent = {"level": "C2", "contact_back": True, "script_version": "helpline-1"}
    willing = submitted(partner, consent=consent)
    logged(partner, "k-1", given=given, grievance_id=willing)
    service.clock.forward(minutes=1)
    unasked = submitted(partner, "k-2", consent={"level": "C0"})
    logged(partner, "k-2", given=given, grievance_id=unasked)
    service.clock.forward(minutes=1)
    logged(partner, "k-3", given=given)
    path = f"/v1/answers/{answer_id}/versions/1/given"

    def may_be_called() -> list[tuple[str | None, bool]]:
        return [(each["grievance_id"], each["contact_back"]) for each in walked(partner, path)]

    assert [may for _, may in may_be_called()] == [False, False, True]
    assert may_be_called()[2] == (willing, True)
    assert {each["newest_version"] for each in walked(partner, path)} == {1}

    version = service.deps.cases.head(willing)
    assert version is not None
    body = {**consent, "contact_back": False}
    changed = partner.put(
        f"/v1/grievances/{willing}/consent", body, If_Match=f'"{version.version}"'
    )
    assert changed.status == 200, changed.body
    assert [may for _, may in may_be_called()] == [False, False, False]
