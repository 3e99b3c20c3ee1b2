"""Limits: what is left is told with every answer and is true; nobody else pays; nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib.domain.vocabulary import Role
from infra.local.gateway import Answer
from tests.calls import counted_calls, on_every_call, one_at_a_time
from tests.conftest import Lines
from tests.service import Caller, Service, filing
from tests.usecases.people import logged
from tests.usecases.stories import fields, refusal

LIST = "/v1/grievances"
HOUSE = "/v1/organisations/handshake-gz"


def told(answer: Answer) -> tuple[str | None, str | None]:
    """Both fields."""
    return answer.headers.get("RateLimit-Policy"), answer.headers.get("RateLimit")


def left(answer: Answer) -> dict[str, int]:
    """How many are left, by the name of the policy."""
    items = (item.split(";") for item in answer.headers["RateLimit"].split(", "))
    return {name.strip('"'): int(r.removeprefix("r=")) for name, r, _ in items}


def filed(partner: Caller, key: str, **changes: Any) -> Answer:
    return partner.post(LIST, filing(**changes), Idempotency_Key=key)


def cases(partner: Caller) -> int:
    return len(partner.get(LIST).json()["items"])


# Requests of one key


def test_every_request_is_counted_and_the_one_too_many_waits_for_the_next_minute(
    service: Service,
) -> None:
    service.limit(requests_per_minute=3)
    partner = service.partner()
    service.clock.forward(seconds=18.5)

    answers = [partner.get(LIST) for _ in range(5)]

    assert [a.status for a in answers] == [200, 200, 200, 429, 429]
    assert [told(a) for a in answers] == [
        ('"requests";q=3;w=60', f'"requests";r={r};t=42') for r in (2, 1, 0, 0, 0)
    ]
    refused = answers[3]
    assert refusal(refused) == (429, "too_many_requests")
    assert refused.headers["Retry-After"] == "42"
    assert refused.json()["detail"] == (
        "Your key has used up its requests for this minute. Nothing was done. "
        "Send the same request, with the same keys, in 42 seconds."
    )
    service.clock.forward(seconds=41)
    assert partner.get(LIST).headers["Retry-After"] == "1"
    service.clock.forward(seconds=1)
    assert told(partner.get(LIST)) == ('"requests";q=3;w=60', '"requests";r=2;t=60')


def test_each_key_has_its_own_requests(service: Service) -> None:
    service.limit(requests_per_minute=1)
    first, second = service.partner(person=1), service.partner(person=2)

    assert [first.get(LIST).status for _ in range(2)] == [200, 429]
    assert second.get(LIST).status == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", f"{LIST}/g_00000000000000000000000000", None, 404),
        ("GET", "/v1/organisations", None, 403),
        ("POST", LIST, {"unheard_of": 1}, 422),
        ("POST", LIST, b"{", 400),
        ("GET", f"{LIST}?cursor=x", None, 400),
    ],
)
def test_an_error_is_counted_and_says_what_is_left_too(
    service: Service, method: str, path: str, body: Any, status: int
) -> None:
    service.limit(requests_per_minute=9)

    answer = service.partner().send(method, path, body, {})

    assert (answer.status, left(answer)) == (status, {"requests": 8})


def test_what_the_framework_refuses_says_what_is_left_too(service: Service) -> None:
    service.limit(requests_per_minute=9)

    answer = service.partner().send("POST", LIST, b"x", {"content-type": "text/plain"})

    assert (refusal(answer), left(answer)) == (
        (415, "unsupported_media_type"),
        {"requests": 8},
    )


def test_who_has_no_key_is_told_of_no_limit(service: Service) -> None:
    stranger = Caller(service.gateway, "hsk_unknown")

    answers = [
        service.public().get("/health"),
        service.public().get("/v1/receipts", Receipt_Code="0000-0000-0000-0001"),
        service.public().get(LIST),
        stranger.get(LIST),
    ]

    assert [a.status for a in answers] == [200, 404, 401, 401]
    assert {told(a) for a in answers} == {(None, None)}
    assert not _counters(service)


def test_counters_name_no_key_and_are_gone_an_hour_after_their_window(service: Service) -> None:
    """So that neither the rows nor their backups say who worked when."""
    partner = service.partner()
    filed(partner, "k-1")

    rows = _counters(service)

    (key,) = partner.get(f"{HOUSE}/keys").json()["items"]
    assert key["key_id"] not in str(rows)

    assert [row["pk"].split("#")[1] for row in rows] == ["filings", "requests"]
    assert [row["expires"] - service.clock().timestamp() for row in rows] == [17 * 3600, 3660]
    assert str(partner.key) not in str(rows)


def _counters(service: Service) -> list[dict[str, Any]]:
    rows = service.items_of(service.deps.settings.access_table)
    counters = [r for r in rows if r["pk"].startswith(("LIMIT#requests", "LIMIT#filings"))]
    return sorted(counters, key=lambda row: str(row["pk"]))


# Grievances of one partner


def test_the_grievances_of_a_partner_are_counted_together_and_by_the_day(service: Service) -> None:
    service.limit(requests_per_minute=100, filings_per_day=2)
    first, second = service.partner(person=1), service.partner(person=2)
    other = service.partner("night-line")

    answers = [filed(first, "k-1"), filed(second, "k-2"), filed(first, "k-3")]

    assert [a.status for a in answers] == [201, 201, 429]
    assert [left(a) for a in answers] == [
        {"requests": 99, "filings": 1},
        {"requests": 99, "filings": 0},
        {"requests": 98, "filings": 0},
    ]
    assert answers[2].headers["RateLimit-Policy"] == (
        '"requests";q=100;w=60, "filings";q=2;w=86400'
    )
    assert filed(other, "k-1").status == 201
    assert first.get(LIST).status == 200


def test_a_grievance_that_was_refused_is_taken_with_the_same_key_later(service: Service) -> None:
    service.limit(filings_per_day=1)
    partner = service.partner()
    filed(partner, "k-1")

    refused = filed(partner, "k-2")

    assert refusal(refused) == (429, "too_many_requests")
    assert refused.headers["Retry-After"] == str(16 * 3600)
    assert refused.json()["detail"] == (
        "Your organisation has used up its grievances for today (UTC). Nothing was done. "
        "Send the same request, with the same keys, in 57600 seconds."
    )
    assert cases(partner) == 1
    service.clock.forward(hours=16)
    taken = filed(partner, "k-2")
    assert (taken.status, left(taken)["filings"], cases(partner)) == (201, 0, 2)


def test_what_comes_to_nothing_new_uses_no_grievance_up(service: Service) -> None:
    service.limit(filings_per_day=3)
    partner = service.partner()
    filed(partner, "k-1")

    again = filed(partner, "k-1")
    reused = filed(partner, "k-1", partner_ref="another body")
    keyless = partner.post(LIST, filing())
    invalid = filed(partner, "k-2", categories=[])

    assert [a.status for a in (again, reused, keyless, invalid)] == [200, 422, 400, 422]
    assert [left(a)["filings"] for a in (again, reused, keyless)] == [2, 2, 2]
    assert "filings" not in left(invalid)
    assert left(filed(partner, "k-2"))["filings"] == 1


def test_after_an_outage_nobody_knows_so_nothing_is_given_back(service: Service) -> None:
    service.limit(filings_per_day=3)
    partner = service.partner()

    with service.refusing("PutItem"):
        failed = filed(partner, "k-1")

    assert (refusal(failed), left(failed)["filings"]) == ((503, "unavailable"), 2)
    assert left(filed(partner, "k-1"))["filings"] == 1


def test_many_at_once_file_as_many_as_there_are(service: Service) -> None:
    service.limit(filings_per_day=5)
    partner = service.partner()

    with one_at_a_time(), ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: filed(partner, f"k-{n}"), range(16)))

    assert sorted(a.status for a in answers) == [201] * 5 + [429] * 11
    assert cases(partner) == 5


# A quota of a partner's own


def test_an_operator_gives_a_partner_a_quota_of_its_own_at_once(service: Service) -> None:
    service.limit(filings_per_day=1)
    partner, operator = service.partner(), service.operator()
    body = {"kind": "partner", "name": "handshake-gz"}
    filed(partner, "k-1")
    assert filed(partner, "k-2").status == 429

    raised = operator.put(HOUSE, {**body, "filings_per_day": 3})

    assert (raised.status, raised.json()) == (200, operator.get(HOUSE).json())
    assert (raised.json()["filings_per_day"], raised.json()["version"]) == (3, 2)
    assert operator.put(HOUSE, {**body, "filings_per_day": 3}).json()["version"] == 2
    assert [str(e.event) for e in logged(service)] == ["organisation_changed"]
    assert [filed(partner, f"k-{n}").status for n in (2, 3, 4)] == [201, 201, 429]


def test_without_a_quota_of_its_own_the_default_holds_again(service: Service) -> None:
    service.limit(filings_per_day=7)
    partner, operator = service.partner(), service.operator()
    body = {"kind": "partner", "name": "handshake-gz"}
    operator.put(HOUSE, {**body, "filings_per_day": 3})
    assert left(filed(partner, "k-1"))["filings"] == 2

    operator.put(HOUSE, body)

    assert left(filed(partner, "k-2"))["filings"] == 5


@pytest.mark.parametrize("quota", [0, -1, 1_000_001, "7", 1.5])
def test_a_quota_is_a_whole_number_within_reason(service: Service, quota: Any) -> None:
    service.partner()
    body = {"kind": "partner", "name": "handshake-gz", "filings_per_day": quota}

    assert list(fields(service.operator().put(HOUSE, body))) == ["filings_per_day"]
    assert service.operator().get(HOUSE).json()["filings_per_day"] is None


def test_only_partners_have_a_quota(service: Service) -> None:
    body = {"kind": "auditor", "name": "Linden Audit", "filings_per_day": 5}

    answer = service.operator().put("/v1/organisations/linden-audit", body)

    assert fields(answer) == {"filings_per_day": "not_a_partner"}


# Fail open


def test_where_nothing_can_be_counted_a_grievance_is_taken_and_the_log_says_so(
    service: Service, lines: Lines
) -> None:
    service.limit(requests_per_minute=1, filings_per_day=1)
    partner = service.partner()
    filed(partner, "k-1")

    with service.refusing("UpdateItem"):
        answer = filed(partner, "k-2")

    assert (answer.status, told(answer)) == (201, (None, None))
    said = [line for line in lines() if line["message"] == "limit_not_counted"]
    assert [(line["level"], line["limit"]) for line in said] == [
        ("ERROR", "requests"),
        ("ERROR", "filings"),
    ]
    service.clock.forward(minutes=1)
    assert cases(partner) == 2


def test_a_grievance_is_taken_although_it_could_not_be_given_back(service: Service) -> None:
    service.limit(filings_per_day=9)
    partner = service.partner()
    first = filed(partner, "k-1")
    updates: list[str] = []

    def third_fails(model: Any, **_: Any) -> None:
        updates.extend([model.name] if model.name == "UpdateItem" else [])
        if len(updates) == 3:
            raise EndpointConnectionError(endpoint_url="https://aws.test")

    with on_every_call("before-call", third_fails):
        again = filed(partner, "k-1")

    assert (again.status, again.body) == (200, first.body)
    assert left(again)["filings"] == 7


def test_a_request_costs_one_call_more_and_a_filing_two(service: Service) -> None:
    partner = service.caller(Role.PARTNER_INTAKE, "handshake-gz")
    with counted_calls() as reading:
        partner.get(LIST)
    with counted_calls() as filing_one:
        filed(partner, "k-1")

    assert reading == ["dynamodb.BatchGetItem", "dynamodb.UpdateItem", "dynamodb.Query"]
    assert filing_one == [
        "dynamodb.BatchGetItem",
        "dynamodb.UpdateItem",
        "dynamodb.UpdateItem",
        "dynamodb.PutItem",
    ]
