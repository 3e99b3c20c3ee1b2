"""The schedule that builds the matching index: when it does, what is in it, what it wakes."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.factories.index_build import IndexBuild
from chalicelib.domain.vocabulary import Role
from chalicelib.store.clients import client
from tests.calls import counted_calls
from tests.service import Service
from tests.usecases.stories import alerted, case_of, covered, submitted

SPELLED = {"name": "Red Gate Sewing", "city": "Shenzhen", "country": "CN"}


def built(service: Service) -> IndexBuild:
    service.build_index()
    build = service.deps.index_builds.current()
    assert build is not None
    return build


def test_a_build_is_an_immutable_file_and_a_pointer_that_says_how_to_tell_it_is_whole(
    service: Service,
) -> None:
    service.factory()

    build = built(service)

    content = service.deps.files.get(build.key)
    assert content is not None
    assert build.size == len(content)
    assert build == IndexBuild(
        version=build.version,
        key=f"matching/{build.version}.index",
        sha256=build.sha256,
        size=len(content),
        facilities=1,
        built_at=service.clock(),
        covers_until=service.clock() - timedelta(minutes=10),
        last_change=build.last_change,
        to_retry=(),
    )
    assert build.version.startswith("2026-11-22T080000Z-")


def test_nothing_is_built_while_nothing_changes_and_that_costs_two_reads(service: Service) -> None:
    service.factory()
    first = built(service)
    service.clock.forward(hours=3)

    with counted_calls() as calls:
        service.build_index()

    assert calls == ["dynamodb.GetItem", "dynamodb.Query", "dynamodb.PutItem"]  # the run is noted
    assert service.deps.index_builds.current() == first


@pytest.mark.parametrize("change", ["create", "replace", "delete", "import", "judgement"])
def test_every_change_of_the_registry_leads_to_a_new_index(service: Service, change: str) -> None:
    factory_id = covered(service)
    other = service.factory("Fair Design Printing", country="BD", city="Gazipur")
    first = built(service)
    service.clock.forward(minutes=5)
    operator, partner = service.operator(), service.partner()
    if change == "create":
        service.factory("Lotus Kamal Knit Ltd.")
    elif change == "replace":
        body = {"name": "Renamed", "country": "CN"}
        assert operator.put(f"/v1/factories/{factory_id}", body, If_Match='"1"').status == 200
    elif change == "delete":
        assert operator.delete(f"/v1/factories/{other}", If_Match='"1"').status == 204
    elif change == "import":
        lists = b"Factory Name,Address,City,Country\r\nPalki Apparels,1 Road,Savar,Bangladesh\r\n"
        path = "/v1/imports?brand_id=acme&disclosed_at=2026-06-30&source=list"
        assert operator.send("POST", path, lists, {"content-type": "text/csv"}).status == 202
        service.drain()
    else:
        grievance_id = alerted(service, partner, factory_reported=SPELLED)
        path = f"/v1/grievances/{grievance_id}/factory"
        assert partner.post(path, {"factory_id": factory_id}).status == 200

    second = built(service)

    assert second.version != first.version
    expected = {"create": 3, "delete": 1, "import": 3}.get(change, 2)
    assert second.facilities == expected


def test_an_index_is_built_anew_every_day(service: Service) -> None:
    service.factory()
    first = built(service)
    service.clock.forward(hours=24)

    assert built(service).version != first.version


def test_a_build_that_was_overtaken_does_not_move_the_pointer_back(service: Service) -> None:
    service.factory()
    slow = built(service)
    service.clock.forward(minutes=5)
    service.factory("Fair Design Printing", country="BD", city="Gazipur")
    fast = built(service)

    assert service.deps.index_builds.make_current(slow) is False
    assert service.deps.index_builds.current() == fast


def test_a_confirmed_spelling_becomes_a_name_in_the_next_index(service: Service) -> None:
    """A report that is spelt a little differently again is then matched by likeness."""
    factory_id = covered(service)
    partner = service.partner()
    service.clock.forward(hours=1)
    first = alerted(service, partner, factory_reported=SPELLED)
    partner.post(f"/v1/grievances/{first}/factory", {"factory_id": factory_id})
    service.build_index()
    again = {**SPELLED, "name": "Redgate Sewing Co., Ltd."}

    second = alerted(service, partner, "k-2", factory_reported=again)

    case = case_of(partner, second)
    shown: list[dict[str, Any]] = partner.get("/v1/review-queue").json()["items"]
    names = [c["matched_name"] for review in shown for c in review["candidates"]]
    assert SPELLED["name"] in [(case["match"] or {}).get("matched_name"), *names]


# Waking what waits


def test_what_waits_in_a_country_is_routed_once_the_factory_is_in_the_registry(
    service: Service,
) -> None:
    service.brand()
    partner = service.partner()
    reported = {"name": "Yi Chang Tai Garment Factory", "city": "Shenzhen", "country": "CN"}
    waiting = alerted(service, partner, "k-1", factory_reported=reported)
    nowhere = alerted(service, partner, "k-2", factory_reported={**reported, "country": None})
    elsewhere = alerted(
        service, partner, "k-3", factory_reported={**reported, "country": "BD", "city": "Savar"}
    )
    assert case_of(partner, waiting)["routing_reason"] == "factory_unknown"
    before = service.head_item(elsewhere)

    service.link(service.factory())
    service.tick()
    service.tick()

    assert case_of(partner, waiting)["state"] == "brand_notified"
    assert case_of(partner, nowhere)["routing_reason"] != "factory_unknown"
    assert service.head_item(elsewhere) == before


def test_a_list_that_was_imported_routes_what_waits_after_the_next_build(service: Service) -> None:
    service.brand()
    service.build_index()
    partner = service.partner()
    reported = {"name": "Palki Apparels Ltd.", "city": "Savar", "country": "BD"}
    grievance_id = alerted(service, partner, factory_reported=reported)
    content = (
        b"Factory Name,Address,City,Country\r\nPalki Apparels Ltd.,1 Road,Savar,Bangladesh\r\n"
    )
    path = "/v1/imports?brand_id=acme&disclosed_at=2026-06-30&source=list"
    service.operator().send("POST", path, content, {"content-type": "text/csv"})
    service.tick()
    assert case_of(partner, grievance_id)["routing"] == "needs_review"

    service.clock.forward(minutes=5)
    service.build_index()
    service.tick()
    service.tick()

    assert case_of(partner, grievance_id)["state"] == "brand_notified"


def test_what_nothing_has_changed_for_is_read_and_not_written(service: Service) -> None:
    partner = service.partner()
    for number in range(5):
        submitted(partner, f"k-{number}", factory_reported=SPELLED)
    service.tick()
    before = service.all_items()
    service.factory()

    with counted_calls() as calls:
        service.tick()

    left = [item for item in service.all_items() if not item["case_id"].startswith("WATCH#")]
    assert left == before
    assert calls.count("dynamodb.PutItem") == 1  # the run is noted
    assert "dynamodb.TransactWriteItems" not in calls


def test_a_look_at_what_waits_goes_on_where_time_ran_out(service: Service) -> None:
    partner = service.partner()
    reported = {"name": "Yi Chang Tai Garment Factory", "city": "Shenzhen", "country": "CN"}
    first = alerted(service, partner, factory_reported=reported)
    copies = service.multiply(first, 120)
    service.factory()

    looked_at = 0
    service.look_for_due_work()
    service.drain(seconds=0)  # no time at all: nothing is lost
    for _ in range(6):  # on a busy machine a tick may stop before the end, as it may on Lambda
        service.tick()

    for case_id in (first, *copies):
        case = service.deps.cases.head(case_id)
        assert case is not None
        looked_at += case.state == "not_covered"
    assert looked_at == 121
    assert not [item for item in service.all_items() if item["case_id"].startswith("WATCH#")]


def test_a_reviewers_choice_is_not_looked_at_again(service: Service) -> None:
    chosen = service.factory("Fair Design Printing", country="BD", city="Gazipur")
    partner = service.partner()
    reported = {"name": "Yi Chang Tai Garment Factory", "city": "Shenzhen", "country": "CN"}
    grievance_id = alerted(service, partner, factory_reported=reported)
    partner.post(f"/v1/grievances/{grievance_id}/factory", {"factory_id": chosen})
    service.tick()
    assert case_of(partner, grievance_id)["state"] == "not_covered"
    assert "waiting" not in service.head_item(grievance_id)

    service.factory()
    service.tick()
    service.tick()

    assert case_of(partner, grievance_id)["factory_id"] == chosen


def test_an_uncovered_case_whose_factory_turns_out_to_have_a_namesake_goes_to_review(
    service: Service,
) -> None:
    service.factory(address="48 Kangzheng Road")
    partner = service.partner()
    grievance_id = alerted(service, partner)
    assert case_of(partner, grievance_id)["state"] == "not_covered"

    service.factory(address="7 Changan Road", city="Shenzhen")
    service.tick()
    service.tick()

    case = case_of(partner, grievance_id)
    assert (case["state"], case["routing"], case["factory_id"], case["match"]) == (
        "screening",
        "needs_review",
        None,
        None,
    )


def test_only_staff_of_the_registry_see_that_there_is_an_index(service: Service) -> None:
    """The file is nobody's download: it has no route."""
    built_key = built(service).key if service.factory() else ""

    for role in (Role.PARTNER_SUPERVISOR, Role.OPERATOR, Role.AUDITOR):
        assert service.caller(role, f"org-{role}".replace("_", "-")).get(
            f"/{built_key}"
        ).status in (
            403,
            404,
        )
    listed = client("s3").list_objects_v2(Bucket=service.deps.settings.files_bucket)
    assert [item["Key"] for item in listed["Contents"]] == [built_key]
