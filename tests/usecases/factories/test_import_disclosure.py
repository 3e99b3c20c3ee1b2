"""Supplier lists into the registry: the same list twice, the next year's, lists that overlap."""

from typing import Any

import pytest

from tests.calls import counted_calls
from tests.service import Service
from tests.usecases.imports import LISTS, as_csv, counts, imported, links, report_of
from tests.usecases.stories import alerted, case_of, submitted

YI = ("Yi Chang Tai Garment Factory", "48 Kangzheng Road", "Shenzhen", "China")
FAIR = ("Fair Design Printing", "140 Bason Sorok", "Gazipur", "Bangladesh")
VINA = ("May Vina Ltd", "Lot 5 Song Than", "Di An", "Vietnam")
OS_ID = "CN2019303BQ3FZP"


def registry_of(service: Service) -> list[dict[str, Any]]:
    """Factories and links as they are stored."""
    found = service.deps.registry.list_factories(None, 1000, None).items
    known = [factory.model_dump(mode="json") for factory in found]
    return sorted(known, key=lambda f: str(f["factory_id"])) + sorted(
        (link.model_dump(mode="json") for link in service.deps.registry.links_of_brand("acme")),
        key=lambda link: str(link["factory_id"]),
    )


@pytest.mark.parametrize(
    ("file", "content_type", "rows"),
    [
        ("osh_sample_2.csv", "text/csv; charset=utf-8", 83),
        ("osh_sample_9.csv", "application/octet-stream", 34),
        ("osh_sample_12.xls", "application/vnd.ms-excel", 15),
        (
            "osh_sample_12.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            15,
        ),
    ],
)
def test_a_shipped_list_is_taken_in_whole_and_a_second_time_changes_nothing(
    service: Service, file: str, content_type: str, rows: int
) -> None:
    service.brand(subscribe=False)
    content = (LISTS / file).read_bytes()

    first = imported(service, content, content_type)
    before = registry_of(service)
    service.clock.forward(days=1)
    second = imported(service, content, content_type)

    created = first["counts"]["factories_created"]
    assert first["status"] == second["status"] == "done"
    assert first["counts"] == counts(
        facilities=rows, factories_created=created, links_created=created
    )
    assert rows - 5 <= created <= rows
    assert second["counts"] == counts(facilities=rows)
    assert registry_of(service) == before


def test_the_same_list_in_another_format_names_the_same_factories(service: Service) -> None:
    service.brand(subscribe=False)
    imported(service, (LISTS / "osh_sample_12.csv").read_bytes())

    again = imported(
        service, (LISTS / "osh_sample_12.xls").read_bytes(), "application/vnd.ms-excel"
    )

    # one address is torn in the publisher's own workbook: that line is another place
    assert again["counts"] == counts(facilities=15, factories_created=1, links_created=1)


def test_a_disclosed_facility_is_stored_with_all_the_list_says(service: Service) -> None:
    service.brand()
    content = (
        b"Supplier Name,Street,City,State,Country,OS ID,Lat,Lng,Parent Company,Workers,Tier\r\n"
        b"Yi Chang Tai,48 Kangzheng Road,Shenzhen,Guangdong,PRC,CN2019303BQ3FZP,22.6,114.1,"
        b"Yi Group,340,2\r\n"
    )

    view = imported(service, content, source="acme-map")

    (factory,) = service.operator().get("/v1/factories").json()["items"]
    assert view["counts"] == counts(facilities=1, factories_created=1, links_created=1)
    assert factory == {
        "factory_id": factory["factory_id"],
        "name": "Yi Chang Tai",
        "aliases": [],
        "address": "48 Kangzheng Road",
        "city": "Shenzhen",
        "admin_area": "Guangdong",
        "country": "CN",
        "os_id": OS_ID,
        "uscc": None,
        "lei": None,
        "gln": None,
        "latitude": 22.6,
        "longitude": 114.1,
        "parent": "Yi Group",
        "processing_types": [],
        "workers": 340,
        "updated_at": "2026-11-22T08:00:00.000Z",
        "version": 1,
        "current_os_id": None,
        "merged_into": None,
        "merged_from": [],
    }
    (link,) = service.operator().get("/v1/links?brand_id=acme").json()["items"]
    assert link == {
        "tier": 2,
        "valid_from": None,
        "valid_to": None,
        "source": "acme-map",
        "disclosed_at": "2026-06-30",
        "confidence": 1.0,
        "brand_id": "acme",
        "factory_id": factory["factory_id"],
        "updated_at": "2026-11-22T08:00:00.000Z",
        "version": 1,
    }


# The next list


def test_a_newer_list_closes_what_disappeared_on_its_day_and_keeps_the_rest(
    service: Service,
) -> None:
    service.brand()
    imported(service, as_csv(YI, FAIR, VINA))

    newer = imported(service, as_csv(YI, VINA), disclosed_at="2027-06-30")

    assert newer["counts"] == counts(facilities=2, links_updated=2, links_closed=1)
    found = links(service)
    assert (found[FAIR[0]]["valid_to"], found[FAIR[0]]["disclosed_at"]) == (
        "2027-06-30",
        "2026-06-30",
    )
    for name in (YI[0], VINA[0]):
        assert (found[name]["valid_to"], found[name]["disclosed_at"]) == (None, "2027-06-30")


def test_a_newer_list_run_again_closes_nothing_more(service: Service) -> None:
    service.brand()
    imported(service, as_csv(YI, FAIR))
    imported(service, as_csv(YI), disclosed_at="2027-06-30")
    before = registry_of(service)

    again = imported(service, as_csv(YI), disclosed_at="2027-06-30")

    assert again["counts"] == counts(facilities=1)
    assert registry_of(service) == before


def test_what_reappears_is_open_again(service: Service) -> None:
    service.brand()
    imported(service, as_csv(YI, FAIR))
    imported(service, as_csv(YI), disclosed_at="2027-06-30")

    view = imported(service, as_csv(YI, FAIR), disclosed_at="2028-06-30")

    assert view["counts"] == counts(facilities=2, links_updated=2)
    assert links(service)[FAIR[0]]["valid_to"] is None


def test_a_partial_list_closes_nothing(service: Service) -> None:
    service.brand()
    imported(service, as_csv(YI, FAIR))

    view = imported(service, as_csv(VINA), disclosed_at="2027-06-30", complete="false")

    assert view["counts"] == counts(facilities=1, factories_created=1, links_created=1)
    assert {link["valid_to"] for link in links(service).values()} == {None}


def test_a_list_closes_only_what_its_own_source_had_said(service: Service) -> None:
    service.brand("acme")
    service.brand("bolt")
    by_hand = service.factory("Known To The Operator")
    service.link(by_hand, source="by-hand")
    imported(service, as_csv(FAIR), source="shoes")
    imported(service, as_csv(FAIR), brand_id="bolt")
    imported(service, as_csv(YI))

    view = imported(service, as_csv(VINA), disclosed_at="2027-06-30")

    assert view["counts"]["links_closed"] == 1
    open_links = {name for name, link in links(service).items() if link["valid_to"] is None}
    assert open_links == {"Known To The Operator", FAIR[0], VINA[0]}
    assert links(service, "bolt")[FAIR[0]]["valid_to"] is None


def test_an_older_list_does_not_take_back_what_a_newer_one_says(service: Service) -> None:
    service.brand()
    imported(service, as_csv((*YI, "", "2")), disclosed_at="2027-06-30")
    before = registry_of(service)

    older = imported(service, as_csv((*YI, "", "1")), disclosed_at="2026-06-30")

    assert older["counts"] == counts(facilities=1)
    assert registry_of(service) == before


def test_since_when_a_link_holds_is_kept_when_a_list_confirms_it(service: Service) -> None:
    service.brand()
    imported(service, as_csv(YI))
    (factory,) = service.deps.registry.list_factories(None, 10, None).items
    service.link(factory.factory_id, valid_from="2019-01-01", disclosed_at="2026-06-30")

    imported(service, as_csv(YI), disclosed_at="2027-06-30")

    assert links(service)[YI[0]]["valid_from"] == "2019-01-01"


# Which factory a line means


def test_one_os_id_is_one_factory_whatever_it_is_called(service: Service) -> None:
    service.brand("acme")
    service.brand("bolt")
    imported(service, as_csv((*YI, OS_ID)))

    other = ("怡昌泰制衣厂", "康正路48号", "深圳", "CN", OS_ID)
    view = imported(service, as_csv(other), brand_id="bolt")

    assert view["counts"] == counts(facilities=1, factories_updated=1, links_created=1)
    (factory,) = service.deps.registry.list_factories(None, 10, None).items
    assert (factory.name, factory.aliases) == (YI[0], ("怡昌泰制衣厂",))
    assert (factory.address, factory.city) == (YI[1], YI[2])


def test_the_other_spelling_of_a_list_finds_the_factory(service: Service) -> None:
    service.brand("acme")
    imported(service, as_csv((*YI, OS_ID), ("Easy Tide Garments", *YI[1:], OS_ID)))
    partner = service.partner()
    reported = {"name": "EASY TIDE GARMENTS", "city": "Shenzhen", "country": "CN"}

    grievance_id = alerted(service, partner, factory_reported=reported)

    assert case_of(partner, grievance_id)["state"] == "brand_notified"


def test_the_same_name_at_the_same_address_is_one_factory_and_gaps_are_filled(
    service: Service,
) -> None:
    service.brand("acme")
    service.brand("bolt")
    imported(service, as_csv(YI))

    shouted = (YI[0].upper(), "48, KANGZHENG ROAD.", "", "CN", OS_ID)
    view = imported(service, as_csv(shouted), brand_id="bolt")

    assert view["counts"] == counts(facilities=1, factories_updated=1, links_created=1)
    (factory,) = service.deps.registry.list_factories(None, 10, None).items
    assert (factory.name, factory.os_id, factory.aliases) == (YI[0], OS_ID, ())


@pytest.mark.parametrize(
    "other",
    [
        (YI[0], "7 Changan Road", "Dongguan", "China"),
        (YI[0], YI[1], YI[2], "Vietnam"),
        (YI[0], YI[1], YI[2], "China", "BD2020021QK28YZ"),
        (YI[0], "", YI[2], "China"),
    ],
    ids=["another address", "another country", "another OS ID", "no address"],
)
def test_what_may_be_another_place_is_another_factory(
    service: Service, other: tuple[str, ...]
) -> None:
    service.brand()
    imported(service, as_csv((*YI, OS_ID)))

    view = imported(service, as_csv(other), source="another")

    assert view["counts"] == counts(facilities=1, factories_created=1, links_created=1)


def test_lines_of_one_list_are_put_together_like_lines_of_two(service: Service) -> None:
    """Whether two lines lie in one batch of the import or in two must not matter."""
    found = []
    for brand, country in (("acme", "China"), ("bolt", "Vietnam")):
        service.brand(brand)
        lines = [(*YI[:3], country), (YI[0].upper(), YI[1], "", country)]
        together = brand == "acme"
        for content in [as_csv(*lines)] if together else [as_csv(line) for line in lines]:
            imported(service, content, brand_id=brand, complete="false")
        found.append(len(links(service, brand)))

    assert found == [1, 1]


def test_a_facility_listed_under_two_tiers_has_the_first_in_every_run(service: Service) -> None:
    service.brand()
    filler = [(f"Filler {n}", f"{n} Road", "Hanoi", "Vietnam") for n in range(55)]
    content = as_csv((*YI, "", "3"), *filler, (*YI, "", "1"))

    imported(service, content)
    again = imported(service, content)

    assert links(service)[YI[0]]["tier"] == 3
    assert again["counts"] == counts(facilities=57)


def test_a_line_without_a_tier_has_the_tier_of_the_list(service: Service) -> None:
    service.brand()

    imported(service, as_csv(YI, (*FAIR, "", "1")), tier=3)

    assert {name: link["tier"] for name, link in links(service).items()} == {YI[0]: 3, FAIR[0]: 1}


# What follows from a list


def test_cases_that_waited_for_a_brand_are_routed_when_its_list_arrives(
    service: Service,
) -> None:
    service.brand()
    factory_id = service.factory(YI[0], city=YI[2], address=YI[1])
    partner = service.partner()
    grievance_id = alerted(service, partner)
    assert case_of(partner, grievance_id)["state"] == "not_covered"

    imported(service, as_csv(YI))
    service.tick()
    service.tick()

    case = case_of(partner, grievance_id)
    assert (case["state"], case["factory_id"]) == ("brand_notified", factory_id)
    assert len(service.received_alerts()) == 1


def test_a_disappeared_link_still_covers_what_happened_before(service: Service) -> None:
    service.brand()
    imported(service, as_csv(YI, FAIR))
    imported(service, as_csv(FAIR), disclosed_at="2026-10-01")
    partner = service.partner()
    before = submitted(partner, "k-1", incident_from="2026-09", incident_to="2026-09")
    after = submitted(partner, "k-2", incident_from="2026-11", incident_to="2026-11")

    service.tick()

    assert case_of(partner, before)["state"] == "brand_notified"
    assert case_of(partner, after)["state"] == "not_covered"


def test_a_list_costs_calls_by_the_batch_beside_one_for_each_new_key(service: Service) -> None:
    service.brand()
    rows = [(f"Factory {n}", f"{n} Road", "Hanoi", "Vietnam") for n in range(60)]
    content = as_csv(*rows)
    imported(service, content)

    with counted_calls() as calls:
        imported(service, content)

    # the note that links may have changed, and two requests that are counted
    assert calls.count("dynamodb.UpdateItem") <= 3
    assert calls.count("dynamodb.BatchWriteItem") == 0
    assert calls.count("dynamodb.BatchGetItem") <= 2 * 7


# The report


def test_the_report_names_every_line_that_could_not_be_read(service: Service) -> None:
    service.brand()
    content = as_csv(
        YI,
        ("", "1 Road", "Hanoi", "Vietnam"),
        ("No Country Ltd", "1 Road", "Hanoi", ""),
        ("Nowhere Ltd", "1 Road", "Hanoi", "Atlantis"),
        ("Bad Id Ltd", "1 Road", "Hanoi", "Vietnam", "CN2019303BQ3FZ0"),
    )

    view = imported(service, content)
    report = report_of(view)

    assert view["status"] == "done"
    assert view["problems"] == {"error": 3, "warning": 1}
    assert view["counts"] == counts(facilities=2, factories_created=2, links_created=2)
    assert [(p["line"], p["code"], p["severity"]) for p in report["problems"]] == [
        (3, "name_missing", "error"),
        (4, "country_missing", "error"),
        (5, "country_unknown", "error"),
        (6, "identifier_check_failed", "warning"),
    ]
    assert {name: report[name] for name in ("import_id", "format", "encoding", "counts")} == {
        "import_id": view["import_id"],
        "format": "csv",
        "encoding": "utf-8",
        "counts": view["counts"],
    }
    assert len(report["columns"]) == 1


def test_a_value_that_the_registry_refuses_costs_its_line_only(service: Service) -> None:
    service.brand()

    view = imported(service, as_csv(YI, ("x" * 600, "1 Road", "Hanoi", "Vietnam")))

    assert view["counts"]["facilities"] == 1
    assert view["problems"] == {"error": 1}
    (problem,) = report_of(view)["problems"]
    assert (problem["line"], problem["code"]) == (3, "value_refused")
    assert problem["detail"] == "The line was left out: name cannot be kept as written."


def test_all_problems_are_counted_although_the_report_ends_at_five_thousand(
    service: Service,
) -> None:
    service.brand()

    view = imported(service, as_csv(YI, *[("", f"{n} Road", "", "Vietnam") for n in range(5_050)]))

    assert view["problems"] == {"error": 5_050}
    assert len(report_of(view)["problems"]) == 5_000


def test_the_default_country_is_for_lines_that_give_none(service: Service) -> None:
    service.brand()
    content = as_csv(("No Country Ltd", "1 Road", "Hanoi", ""), FAIR)

    view = imported(service, content, default_country="VN")

    countries = [f.country for f in service.deps.registry.list_factories(None, 10, None).items]
    assert (view["problems"], sorted(countries)) == ({}, ["BD", "VN"])
