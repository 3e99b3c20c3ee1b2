"""A case is filed with others of the same partner: reprisals above all, whatever became of them."""

import json
from typing import Any

import pytest

from chalicelib.domain.cases.case_link import MOST_LINKS, CaseLink
from chalicelib.domain.record import ledger
from chalicelib.domain.record.ledger import first_bad_entry
from chalicelib.domain.vocabulary import LinkDirection, LinkType
from chalicelib.usecases.record.committer import committer
from tests.service import Caller, Service, filing
from tests.usecases.stories import (
    alerted,
    case_of,
    consented,
    covered,
    ended,
    fields,
    submitted,
    walked,
)

NOBODYS = "g_" + "0" * 26


def naming(*ids: str, kind: str = "retaliation_of", **changes: Any) -> dict[str, Any]:
    links = [{"type": kind, "grievance_id": each} for each in ids]
    filed_as = "retaliation" if kind == "retaliation_of" else "grievance"
    return filing(intake_type=filed_as, links=links, **changes)


def filed(partner: Caller, body: dict[str, Any], key: str = "reprisal") -> Any:
    return partner.post("/v1/grievances", body, Idempotency_Key=key)


def kinds(service: Service, brand_id: str = "acme") -> list[tuple[str, str]]:
    received = [json.loads(e["Message"]) for e in service.received_alerts(brand_id)]
    return [(payload["kind"], payload["public_ref"]) for payload in received]


def test_reprisals_are_a_case_of_their_own_and_both_cases_say_so(service: Service) -> None:
    partner = service.partner()
    first = submitted(partner)
    service.clock.forward(days=9)

    answer = filed(partner, naming(first))

    assert answer.status == 201
    second = answer.json()["grievance_id"]
    newer, older = case_of(partner, second), case_of(partner, first)
    assert newer["links"] == [{"type": "retaliation_of", "grievance_id": first, "direction": "to"}]
    assert older["links"] == [
        {"type": "retaliation_of", "grievance_id": second, "direction": "from"}
    ]
    assert (newer["severity"], newer["version"], older["version"]) == ("S1", 1, 2)
    assert newer["clocks"]["acknowledge"]["due_at"] == "2026-12-02T08:00:00.000Z"
    assert older["clocks"] == {
        **older["clocks"],
        "acknowledge": {**newer["clocks"]["acknowledge"], "due_at": "2026-11-29T08:00:00.000Z"},
    }
    assert service.deps.cases.head(second).retaliates == [first]  # type: ignore[union-attr]


def test_the_record_of_the_older_case_names_the_newer_one_to_its_partner_alone(
    service: Service,
) -> None:
    partner = service.partner()
    first = submitted(partner)
    second = filed(partner, naming(first)).json()["grievance_id"]

    *_, entry = walked(partner, f"/v1/grievances/{first}/history")

    case = service.deps.cases.head(first)
    assert case is not None
    named = ledger.commitment("grievance_id", second, committer(case, service.deps.keyring))
    assert (entry["action"], entry["data"], entry["private"]) == (
        "linked",
        {"type": "retaliation_of", "grievance_id": named},
        {"grievance_id": second},
    )
    assert first_bad_entry(list(service.deps.cases.entries(case, 10, None).items)) is None
    (opened,) = walked(partner, f"/v1/grievances/{second}/history")
    assert opened["data"]["links"] == ["retaliation_of"]


@pytest.mark.parametrize("kind", ["duplicate_of", "parent"])
def test_other_cases_are_linked_in_the_same_way(service: Service, kind: str) -> None:
    partner = service.partner()
    first, other = submitted(partner, "k-1"), submitted(partner, "k-2")

    second = filed(partner, naming(first, other, kind=kind)).json()["grievance_id"]

    assert [link["grievance_id"] for link in case_of(partner, second)["links"]] == [first, other]
    for each in (first, other):
        assert case_of(partner, each)["links"] == [
            {"type": kind, "grievance_id": second, "direction": "from"}
        ]


def test_the_same_post_again_links_once(service: Service) -> None:
    partner = service.partner()
    first = submitted(partner)
    once = filed(partner, naming(first))
    before = service.all_items()

    again = filed(partner, naming(first))

    assert (again.status, again.body) == (200, once.body)
    assert service.all_items() == before


def test_a_repeat_without_the_link_is_another_post(service: Service) -> None:
    partner = service.partner()
    first = submitted(partner)
    filed(partner, naming(first))

    answer = filed(partner, filing(intake_type="retaliation"))

    assert (answer.status, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_what_was_posted_before_there_were_links_matches_its_repeat(service: Service) -> None:
    """The fingerprint of a post without links is taken as if the field did not exist."""
    partner = service.partner()
    grievance_id = submitted(partner)
    case = service.deps.cases.head(grievance_id)
    assert case is not None

    empty = partner.post("/v1/grievances", filing(links=[]), Idempotency_Key="k-1")

    assert empty.status == 200
    assert case.fingerprint == FINGERPRINT_BEFORE_LINKS


FINGERPRINT_BEFORE_LINKS = "e11a5ad655b818ed8f3a37e6abd8aed94691c83325f3d011982469223206ade2"


@pytest.mark.parametrize("whose", ["another's", "nobody's"])
def test_a_case_of_another_house_and_one_that_is_not_there_are_refused_alike(
    service: Service, whose: str
) -> None:
    theirs = submitted(service.partner("other-ngo"))
    partner = service.partner()
    own = submitted(partner, "k-2")
    before = service.all_items()

    answer = filed(partner, naming(own, theirs if whose == "another's" else NOBODYS))

    assert fields(answer) == {"links.1.grievance_id": "no_such_grievance"}
    assert answer.json()["errors"][0]["detail"] == (
        "Name a grievance of your own that is there already."
    )
    assert service.all_items() == before


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (naming(NOBODYS, kind="coalition"), {"links.0": "value_error"}),
        (naming(NOBODYS, NOBODYS), {"links": "value_error"}),
        ({**naming(NOBODYS), "intake_type": "grievance"}, {"links": "value_error"}),
        (naming("x"), {"links.0.grievance_id": "string_pattern_mismatch"}),
        (naming(*(f"g_{n:026d}" for n in range(11))), {"links": "too_long"}),
    ],
    ids=["the service's own", "twice", "no reprisals", "no id", "eleven"],
)
def test_links_that_make_no_sense_are_refused(
    service: Service, body: dict[str, Any], wrong: dict[str, str]
) -> None:
    assert fields(filed(service.partner(), body)) == wrong
    assert service.all_items() == []


def test_a_case_takes_so_many_links_and_repeats_of_them(service: Service) -> None:
    partner = service.partner()
    first = submitted(partner)
    case = service.deps.cases.head(first)
    assert case is not None
    there = tuple(
        CaseLink(type=LinkType.PARENT, grievance_id=f"g_{n:026d}", direction=LinkDirection.FROM)
        for n in range(MOST_LINKS - 1)
    )
    service.deps.cases.rest(case.model_copy(update={"links": there}))

    assert filed(partner, naming(first), "one").status == 201
    assert fields(filed(partner, naming(first), "more")) == {
        "links.0.grievance_id": "too_many_links"
    }
    assert filed(partner, naming(first), "one").status == 200


def test_reprisals_are_filed_for_a_case_that_was_closed_or_never_taken_up(
    service: Service,
) -> None:
    partner = service.partner()
    closed, refused = submitted(partner, "k-1"), submitted(partner, "k-2")
    ways: dict[str, list[dict[str, Any]]] = {
        closed: [{"to": "closed", "outcome": "withdrawn", "root_cause": "unknown"}],
        refused: [
            {"to": "acknowledged"},
            {"to": "screening"},
            {"to": "inadmissible", "inadmissible_reason": "not_about_work"},
        ],
    }
    for each, steps in ways.items():
        for step in steps:
            assert partner.post(f"/v1/grievances/{each}/transitions", step).status == 200
    service.clock.forward(days=400)

    for number, each in enumerate((closed, refused)):
        assert filed(partner, naming(each), f"r-{number}").status == 201
        assert case_of(partner, each)["links"][0]["direction"] == "from"


# Brands


def test_brands_that_know_the_first_case_are_told_of_reprisals(service: Service) -> None:
    factory_id = covered(service, "acme")
    partner = service.partner()
    first = alerted(service, partner)
    service.brand("bolt")
    service.link(factory_id, "bolt", valid_from="2026-11-01")
    kinds(service)

    second = alerted(service, partner, "k-2", **naming(first, incident_from="2026-11-10"))

    reference = case_of(partner, second)["public_ref"]
    assert kinds(service, "acme") == [("retaliation", reference)]
    assert kinds(service, "bolt") == [("new", reference)]


def test_one_that_no_longer_sources_there_is_told_of_reprisals_too(service: Service) -> None:
    factory_id = covered(service, "acme")
    partner = service.partner()
    first = alerted(service, partner)
    service.link(factory_id, "acme", valid_from="2024-01-01", valid_to="2026-10-31")
    kinds(service)

    second = alerted(
        service,
        partner,
        "k-2",
        **naming(first, incident_from="2026-11-10", incident_to="2026-11-11"),
    )
    plain = alerted(service, partner, "k-3", incident_from="2026-11-10", incident_to="2026-11-11")

    assert kinds(service) == [("retaliation", case_of(partner, second)["public_ref"])]
    assert case_of(partner, plain)["state"] == "not_covered"


def test_no_alert_of_reprisals_says_what_a_worker_has_taken_back(service: Service) -> None:
    """Who must forget the first case is not told that another one is about it."""
    covered(service)
    partner = service.partner()
    first = alerted(service, partner)
    assert consented(partner, first, 2, level="C0").status == 200
    service.tick()
    kinds(service)

    second = alerted(service, partner, "k-2", **naming(first))

    assert kinds(service) == [("new", case_of(partner, second)["public_ref"])]


def test_the_worker_decides_anew_who_hears_of_reprisals(service: Service) -> None:
    covered(service)
    partner = service.partner()
    first = alerted(service, partner)
    kinds(service)

    second = alerted(service, partner, "k-2", **naming(first, consent={"level": "C0"}))

    case = case_of(partner, second)
    assert (case["routing"], kinds(service)) == ("held", [])
    consent = {"level": "C3", "cross_border": True, "script_version": "helpline-zh-3"}
    assert consented(partner, second, case["version"], **consent).status == 200
    service.tick()
    assert kinds(service) == [("retaliation", case["public_ref"])]


def test_a_brand_whose_engagement_is_over_is_not_told_of_reprisals_either(
    service: Service,
) -> None:
    covered(service)
    service.brand_desk()
    partner = service.partner()
    first = alerted(service, partner)
    kinds(service)
    ended(service)

    second = alerted(service, partner, "k-2", **naming(first))

    assert kinds(service) == []
    assert case_of(partner, second)["routing_reason"] == "brand_not_engaged"
