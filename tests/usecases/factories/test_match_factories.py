"""The check with an index: what it matches by likeness, what it leaves to people."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.store.clients import client
from chalicelib.store.current_index import MOST_CHANGES
from tests.calls import counted_calls
from tests.service import Service
from tests.usecases.stories import alerted, case_of, submitted

WANDA = "Wanda Footwear Vietnam Co., Ltd."
MISSPELT = {"name": "Wanda Footware Vietnam", "city": "Nhon Trach, Dong Nai", "country": "VN"}
TOWNS = (("Savar", "BD"), ("Tirupur", "IN"), ("Binh Duong", "VN"), ("Shenzhen", "CN"))
FIRST = ("Arunima", "Babylon", "Dekko", "Esquire", "Fakir", "Hameem", "Ivory", "Jamuna", "Kailash")


def stocked(service: Service) -> None:
    """A registry in which names are as rare as in a real one."""
    for first in FIRST:
        for town, country in TOWNS:
            service.factory(f"{first} Garments Ltd.", city=town, country=country)


def wanda(service: Service, **fields: Any) -> str:
    """A shoe factory in a stocked registry that a brand sources from; its id."""
    stocked(service)
    place = {"address": "Lot 5, Nhon Trach 3 Industrial Zone, Hiep Phuoc", "city": "Dong Nai"}
    factory_id = service.factory(WANDA, **{"country": "VN", **place, **fields})
    service.brand()
    service.link(factory_id)
    return factory_id


def routed(case: dict[str, Any]) -> tuple[str, str | None]:
    return case["routing"], case["routing_reason"]


def corrupt(service: Service, spoil: Callable[[bytes], bytes]) -> None:
    """Change the bytes of the current index in the bucket."""
    build = service.deps.index_builds.current()
    assert build is not None
    content = service.deps.files.get(build.key)
    assert content is not None
    service.deps.files.put(build.key, spoil(content), "application/octet-stream")


def indexes(service: Service) -> list[str]:
    listed = client("s3").list_objects_v2(
        Bucket=service.deps.settings.files_bucket, Prefix="matching/"
    )
    return [item["Key"] for item in listed.get("Contents", [])]


# With an index


def test_a_misspelt_name_at_the_right_place_is_matched_with_its_evidence(service: Service) -> None:
    factory_id = wanda(service)
    service.build_index()
    partner = service.partner()

    case = case_of(partner, alerted(service, partner, factory_reported=MISSPELT))

    assert (case["state"], case["factory_id"]) == ("brand_notified", factory_id)
    match = case["match"]
    build = service.deps.index_builds.current()
    assert build is not None
    assert match["method"] == "exact_name"
    assert match["matched_name"] == WANDA
    assert match["version"].startswith(f"{build.version}/")
    assert 0.9 < match["score"] <= 1
    assert "same country: VN" in match["evidence"]
    assert any(text.startswith("same district or city: ") for text in match["evidence"])
    assert match["features"]["country_equal"] == 1
    assert len(service.received_alerts()) == 1
    routed_entry = partner.get(f"/v1/grievances/{case['grievance_id']}/history").json()["items"][1]
    assert routed_entry["data"]["decided_by"] == match["version"]
    assert routed_entry["data"]["score"] == match["score"]


def test_coordinates_that_agree_are_evidence_and_those_that_do_not_are_a_veto(
    service: Service,
) -> None:
    wanda(service, latitude=10.73, longitude=106.93)
    service.build_index()
    partner = service.partner()
    near = {**MISSPELT, "latitude": 10.7336, "longitude": 106.93}
    far = {**MISSPELT, "latitude": 21.03, "longitude": 105.85}

    here = case_of(partner, alerted(service, partner, "k-1", factory_reported=near))
    away = case_of(partner, alerted(service, partner, "k-2", factory_reported=far))

    assert "0.4 km apart" in here["match"]["evidence"]
    assert routed(away) == ("needs_review", "far_apart")


def test_half_a_pair_of_coordinates_is_refused(service: Service) -> None:
    answer = service.partner().post(
        "/v1/grievances",
        {"categories": ["compensation"], "factory_reported": {"name": "X", "latitude": 10.7}},
        Idempotency_Key="k-1",
    )

    assert answer.status == 422


def test_what_is_not_certain_waits_with_ranked_candidates_and_reasons(service: Service) -> None:
    stocked(service)
    service.build_index()
    partner = service.partner()

    grievance_id = alerted(
        service,
        partner,
        factory_reported={"name": "Arunima Garments"},
    )

    (review,) = partner.get("/v1/review-queue").json()["items"]
    assert review["grievance_id"] == grievance_id
    assert review["reason"] == "factory_ambiguous"
    names = [candidate["matched_name"] for candidate in review["candidates"][:4]]
    assert names == ["Arunima Garments Ltd."] * 4
    assert all(candidate["evidence"] for candidate in review["candidates"])
    assert len({candidate["factory_id"] for candidate in review["candidates"]}) >= 4


@pytest.mark.parametrize(
    ("reported", "reason"),
    [
        ({"name": "garment factory", "country": "BD"}, "only_general_words"),
        ({"name": WANDA + " Unit 2", "city": "Dong Nai", "country": "VN"}, "unit_unknown"),
        (
            {
                "name": WANDA,
                "city": "Dong Nai",
                "country": "VN",
                "identifiers": ["VN2021309MVTSM0"],
            },
            "identifier_broken",
        ),
    ],
    ids=["general", "unit", "identifier"],
)
def test_what_could_be_another_factory_is_never_matched(
    service: Service, reported: dict[str, Any], reason: str
) -> None:
    wanda(service)
    service.build_index()
    partner = service.partner()

    case = case_of(partner, alerted(service, partner, factory_reported=reported))

    assert routed(case) == ("needs_review", reason)
    assert service.received_alerts() == []


@pytest.mark.parametrize(
    "name", ["🏭🏭", "x" * 500, "؟؟؟", "Wanda ওয়ান্ডা 万达 ワンダ", "My wages were not paid. " * 20]
)
def test_a_name_that_is_none_is_never_matched_and_never_fails(service: Service, name: str) -> None:
    wanda(service)
    service.build_index()
    partner = service.partner()

    grievance_id = alerted(service, partner, factory_reported={"name": name, "country": "BD"})

    assert case_of(partner, grievance_id)["routing"] == "needs_review"
    assert service.failed_attempts(grievance_id) == 0


# What is newer than the index


def test_a_factory_that_was_added_a_minute_ago_is_found_by_likeness(service: Service) -> None:
    stocked(service)
    service.build_index()
    service.clock.forward(minutes=1)
    factory_id = service.factory(WANDA, city="Dong Nai", address="Nhon Trach", country="VN")
    partner = service.partner()

    case = case_of(partner, alerted(service, partner, factory_reported=MISSPELT))

    assert case["factory_id"] == factory_id


def test_a_factory_that_was_changed_or_deleted_since_is_not_what_the_index_says(
    service: Service,
) -> None:
    stocked(service)
    first = service.factory(WANDA, city="Dong Nai", address="Nhon Trach", country="VN")
    second = service.factory("Palki Apparels Ltd.", city="Konabari, Gazipur", country="BD")
    service.build_index()
    service.clock.forward(hours=2)
    operator = service.operator()
    assert operator.delete(f"/v1/factories/{first}", If_Match='"1"').status == 204
    renamed = {"name": "Orchid Silk Mills", "city": "Konabari, Gazipur", "country": "BD"}
    assert operator.put(f"/v1/factories/{second}", renamed, If_Match='"1"').status == 200
    partner = service.partner()

    gone = alerted(service, partner, "k-1", factory_reported=MISSPELT)
    palki = {"name": "Palki Apparels", "city": "Konabari, Gazipur", "country": "BD"}
    old = alerted(service, partner, "k-2", factory_reported=palki)
    new = alerted(service, partner, "k-3", factory_reported=renamed)

    assert case_of(partner, gone)["factory_id"] is None
    assert case_of(partner, old)["factory_id"] is None
    assert case_of(partner, new)["factory_id"] == second


def test_an_open_index_is_replaced_when_a_newer_one_was_built(service: Service) -> None:
    wanda(service)
    service.build_index()
    partner = service.partner()
    first = case_of(partner, alerted(service, partner, "k-1", factory_reported=MISSPELT))
    service.clock.forward(hours=1)
    service.factory("Lotus Kamal Knit Ltd.", city="Uttara", country="BD")
    service.build_index()

    second = case_of(partner, alerted(service, partner, "k-2", factory_reported=MISSPELT))

    assert first["factory_id"] == second["factory_id"]
    assert first["match"]["version"] != second["match"]["version"]


def test_a_batch_asks_for_the_index_once_however_many_cases_it_has(service: Service) -> None:
    wanda(service)
    service.build_index()
    partner = service.partner()
    grievance_id = submitted(partner, factory_reported=MISSPELT)
    service.tick()
    one = case_of(partner, grievance_id)
    assert one["state"] == "brand_notified"
    for number in range(10):
        submitted(partner, f"many-{number}", factory_reported=MISSPELT)

    with counted_calls() as calls:
        service.tick()

    assert calls.count("s3.GetObject") == 0
    shards = calls.count("sqs.DeleteMessage")
    assert calls.count("dynamodb.GetItem") <= shards


# Without one


def test_before_the_first_index_only_what_is_equal_is_matched(service: Service) -> None:
    factory_id = wanda(service)
    partner = service.partner()
    equal = {"name": WANDA, "city": "Dong Nai", "country": "VN"}

    exact = case_of(partner, alerted(service, partner, "k-1", factory_reported=equal))
    alike = case_of(partner, alerted(service, partner, "k-2", factory_reported=MISSPELT))

    assert (exact["factory_id"], exact["match"]["version"]) == (factory_id, "exact-2")
    assert routed(alike) == ("needs_review", "factory_unknown")


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("spoil", [_cut, _flipped, lambda _: b"", lambda _: b"no index"])
def test_a_damaged_index_is_not_used_and_nothing_is_matched_wrongly(
    service: Service, spoil: Callable[[bytes], bytes]
) -> None:
    wanda(service)
    service.build_index()
    corrupt(service, spoil)
    partner = service.partner()

    case = case_of(partner, alerted(service, partner, factory_reported=MISSPELT))

    assert routed(case) == ("needs_review", "factory_unknown")
    assert service.failed_attempts(case["grievance_id"]) == 0


def test_a_damaged_index_is_fetched_once_and_the_next_one_is_used_again(service: Service) -> None:
    wanda(service)
    service.build_index()
    corrupt(service, _flipped)
    partner = service.partner()
    grievance_id = alerted(service, partner, "k-1", factory_reported=MISSPELT)

    with counted_calls() as calls:
        alerted(service, partner, "k-2", factory_reported=MISSPELT)
    assert calls.count("s3.GetObject") == 0

    service.clock.forward(days=1)
    service.build_index()
    service.tick()  # looks at what waits
    service.tick()
    assert case_of(partner, grievance_id)["state"] == "brand_notified"


def test_an_index_that_is_missing_is_no_outage(service: Service) -> None:
    wanda(service)
    service.build_index()
    (key,) = indexes(service)
    client("s3").delete_object(Bucket=service.deps.settings.files_bucket, Key=key)
    partner = service.partner()

    case = case_of(partner, alerted(service, partner, factory_reported=MISSPELT))

    assert routed(case) == ("needs_review", "factory_unknown")


def test_a_registry_in_the_middle_of_a_large_import_is_matched_by_what_is_equal(
    service: Service,
) -> None:
    wanda(service)
    service.build_index()
    service.clock.forward(hours=1)
    service.deps.registry.note_changes(
        [f"f_{number:026d}" for number in range(MOST_CHANGES + 1)], service.clock()
    )
    partner = service.partner()

    case = case_of(partner, alerted(service, partner, factory_reported=MISSPELT))

    assert routed(case) == ("needs_review", "factory_unknown")


def test_an_outage_of_the_bucket_leaves_the_case_due(service: Service) -> None:
    wanda(service)
    service.build_index()
    partner = service.partner()
    grievance_id = submitted(partner, factory_reported=MISSPELT)

    with service.refusing("GetObject"):
        service.tick()
    assert service.work_queue_of(grievance_id).startswith("due#")

    service.tick()
    assert case_of(partner, grievance_id)["state"] == "brand_notified"
