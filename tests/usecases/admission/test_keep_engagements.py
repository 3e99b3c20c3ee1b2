"""Engagements are made by operators, read by whose they are, and ended at once."""

from typing import Any

import pytest

from chalicelib.domain.vocabulary import Role
from tests.service import Service, but_for_the_count, user_id
from tests.usecases.people import logged, organisation
from tests.usecases.stories import fields, refusal, walked

FIELDS: dict[str, Any] = {
    "purpose": "remediation_verification",
    "purpose_text": "To see whether wages were paid.",
    "brands": ["acme"],
    "countries": ["CN"],
    "received_from": "2026-01-01",
    "received_to": "2026-12-31",
    "valid_from": "2026-11-01T00:00:00Z",
    "valid_until": "2027-02-01T00:00:00Z",
}


def test_an_engagement_says_who_made_it_and_is_read_by_whose_it_is(service: Service) -> None:
    house = organisation(service, "linden-audit", "auditor")

    answer = service.operator().post(f"{house}/engagements", FIELDS)

    made = answer.json()
    assert answer.status == 201
    assert made == {
        **FIELDS,
        "engagement_id": made["engagement_id"],
        "organisation": "linden-audit",
        "made_by": user_id(Role.OPERATOR, "operations"),
        "made_at": "2026-11-22T08:00:00.000Z",
        "valid_from": "2026-11-01T00:00:00.000Z",
        "valid_until": "2027-02-01T00:00:00.000Z",
        "ended_at": None,
    }
    auditor = service.caller(Role.AUDITOR, "linden-audit")
    assert made in walked(auditor, f"{house}/engagements")
    assert auditor.get(f"{house}/engagements/{made['engagement_id']}").json() == made


def test_another_houses_engagements_are_not_there(service: Service) -> None:
    house = organisation(service, "linden-audit", "auditor")
    made = service.operator().post(f"{house}/engagements", FIELDS).json()
    stranger = service.auditor()

    for below in ("engagements", f"engagements/{made['engagement_id']}"):
        theirs = stranger.get(f"{house}/{below}")
        absent = stranger.get(f"/v1/organisations/nowhere/{below}")
        assert refusal(theirs) == (404, "not_found")
        assert but_for_the_count(theirs) == but_for_the_count(absent)


@pytest.mark.parametrize("kind", ["partner", "factory", "dpo_office", "operator"])
def test_only_auditors_and_brands_are_engaged(service: Service, kind: str) -> None:
    house = organisation(service, kind=kind)

    answer = service.operator().post(f"{house}/engagements", FIELDS)

    assert fields(answer) == {"organisation_id": "not_engaged"}


@pytest.mark.parametrize(
    ("brands", "status"), [(None, 201), (["acme"], 201), (["bolt"], 422), (["acme", "bolt"], 422)]
)
def test_a_brand_is_engaged_for_itself(
    service: Service, brands: list[str] | None, status: int
) -> None:
    service.brand()
    house = organisation(service, "acme", "brand")

    answer = service.operator().post(f"{house}/engagements", {**FIELDS, "brands": brands})

    assert answer.status == status
    if status == 422:
        assert fields(answer) == {"brands": "not_its_own"}


def test_an_ended_engagement_stays_on_record(service: Service) -> None:
    house = organisation(service, "linden-audit", "auditor")
    operator = service.operator()
    made = operator.post(f"{house}/engagements", FIELDS).json()
    path = f"{house}/engagements/{made['engagement_id']}"

    assert operator.delete(path).status == 204
    service.clock.forward(days=1)
    assert operator.delete(path).status == 204

    assert operator.get(path).json() == {**made, "ended_at": "2026-11-22T08:00:00.000Z"}
    events = {str(e.event): e for e in logged(service)}
    for event in ("engagement_made", "engagement_ended"):
        assert events[event].engagement_id == made["engagement_id"]
        assert events[event].purpose == "remediation_verification"


def test_what_is_not_there_cannot_be_engaged_or_ended(service: Service) -> None:
    operator = service.operator()
    path = "/v1/organisations/nowhere/engagements"

    assert refusal(operator.post(path, FIELDS)) == (404, "not_found")
    assert refusal(operator.delete(f"{path}/e_{'0' * 26}")) == (404, "not_found")


def test_the_log_is_read_by_month_and_organisation(service: Service) -> None:
    for name in ("linden-audit", "other-audit"):
        house = organisation(service, name, "auditor")
        service.operator().post(f"{house}/engagements", FIELDS)
        service.clock.forward(minutes=1)
    operator = service.operator()

    rows = walked(operator, "/v1/access-log?month=2026-11&limit=3")
    own = walked(operator, "/v1/access-log?month=2026-11&organisation=linden-audit")

    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)
    assert len(rows) == 4
    assert {row["organisation"] for row in own} == {"linden-audit"}
    assert walked(operator, "/v1/access-log?month=2026-12") == []
    assert fields(operator.get("/v1/access-log?month=2026-13")) == {
        "month": "string_pattern_mismatch"
    }
