"""Merges of OS IDs: written, read, refused, taken back; and what the registry says after that."""

from typing import Any

import pytest

from tests.service import Service, but_for_the_count
from tests.usecases.imports import as_csv, counts, imported, links
from tests.usecases.merges import (
    APART,
    LATER,
    MID,
    NEW,
    OLD,
    factory_of,
    merged,
    put_merge,
    taken_back,
    what_it_is,
)
from tests.usecases.stories import fields, refusal, walked

PATH = f"/v1/os-id-merges/{OLD}"
SAID = {"source": "Open Supply Hub", "merged_on": "2026-06-12"}


def view(os_id: str = OLD, *way: str, **changes: Any) -> dict[str, Any]:
    way = way or (NEW,)
    return {
        "into": way[0],
        "source": None,
        "merged_on": None,
        "os_id": os_id,
        "current_os_id": way[-1],
        "way": [os_id, *way],
        "updated_at": "2026-11-22T08:00:00.000Z",
        "version": 1,
        **changes,
    }


def notes(service: Service) -> list[str]:
    return sorted(i["case_id"] for i in service.all_items() if i["sk"] == "WATCH")


# Written and read


def test_a_merge_is_kept_and_says_what_the_id_is_now(service: Service) -> None:
    answer = put_merge(service, **SAID)

    assert answer.status == 201
    assert answer.headers["ETag"] == '"1"'
    assert answer.json() == view(**SAID)
    read = service.operator().get(PATH)
    assert (read.status, read.json(), read.headers["ETag"]) == (200, view(**SAID), '"1"')
    assert service.partner().get(PATH).json() == view(**SAID)


def test_the_same_merge_again_changes_nothing(service: Service) -> None:
    put_merge(service, **SAID)
    before = service.items_of(service.deps.settings.registry_table)
    service.clock.forward(days=1)

    again = put_merge(service, into=" cn 2019303-BQ3FZP ", **SAID)

    assert (again.status, again.json()) == (200, view(**SAID))
    assert service.items_of(service.deps.settings.registry_table) == before


def test_what_is_said_about_a_merge_may_be_said_better(service: Service) -> None:
    merged(service)

    answer = put_merge(service, **SAID)

    assert (answer.status, answer.json()) == (200, view(**SAID, version=2))


@pytest.mark.parametrize("steps", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_merges_are_followed_to_what_the_id_is_now_in_whatever_order_they_came(
    service: Service, steps: list[int]
) -> None:
    chain = [(OLD, MID), (MID, LATER), (LATER, NEW)]
    for step in steps:
        merged(service, *chain[step])

    assert service.operator().get(PATH).json() == view(OLD, MID, LATER, NEW)
    listed = walked(service.partner(), "/v1/os-id-merges?limit=1")
    assert sorted(listed, key=lambda row: len(row["way"])) == [
        view(LATER, NEW),
        view(MID, LATER, NEW),
        view(OLD, MID, LATER, NEW),
    ]


# Refused


def test_an_id_that_is_none_is_refused(service: Service) -> None:
    answer = put_merge(service, OLD[:-1] + "0", into="CN2019303BQ3FZ")

    assert fields(answer) == {"os_id": "os_id_invalid", "into": "os_id_invalid"}
    assert refusal(put_merge(service, "cn-1")) == (404, "not_found")
    assert walked(service.operator(), "/v1/os-id-merges") == []


def test_no_id_is_merged_into_itself(service: Service) -> None:
    assert fields(put_merge(service, OLD, OLD)) == {"into": "merged_into_itself"}


def test_merges_never_go_round_in_a_circle(service: Service) -> None:
    merged(service, OLD, MID)
    merged(service, MID, NEW)

    answer = put_merge(service, NEW, OLD)

    assert fields(answer) == {"into": "merge_circle"}
    assert refusal(service.operator().get(f"/v1/os-id-merges/{NEW}")) == (404, "not_found")


@pytest.mark.parametrize("known", [[], [(MID, LATER)]])
def test_two_that_are_written_at_once_close_no_circle(
    service: Service, known: list[tuple[str, str]]
) -> None:
    service.operator()  # is known before that
    for step in known:
        merged(service, *step)
    end = known[-1][1] if known else MID

    with service.before_call("TransactWriteItems", lambda: merged(service, end, OLD)):
        answer = put_merge(service, OLD, MID)

    assert refusal(answer) == (409, "version_conflict")
    assert service.operator().get(f"/v1/os-id-merges/{end}").json()["current_os_id"] == OLD


def test_an_id_that_was_merged_is_not_merged_into_another_one_as_well(service: Service) -> None:
    merged(service)

    assert refusal(put_merge(service, into=APART)) == (409, "already_exists")

    assert service.operator().get(PATH).json() == view()


def test_what_is_not_there_cannot_be_read_or_taken_back(service: Service) -> None:
    operator = service.operator()
    assert refusal(operator.get(PATH)) == (404, "not_found")
    assert refusal(operator.delete(PATH, If_Match='"1"')) == (404, "not_found")
    merged(service)
    assert refusal(operator.delete(PATH)) == (428, "precondition_required")
    assert refusal(operator.delete(PATH, If_Match='"2"')) == (412, "precondition_failed")


# Factories


def test_a_merge_between_ids_that_no_factory_has_sets_nothing_off(service: Service) -> None:
    service.factory(os_id=APART)
    service.tick()
    before = notes(service)

    merged(service)
    merged(service, MID, LATER)
    taken_back(service)

    assert notes(service) == before


def test_two_factories_are_one_once_their_ids_are(service: Service) -> None:
    old, new = service.factory(os_id=OLD), service.factory("Yi Chang Tai Two", os_id=NEW)

    merged(service)

    assert what_it_is(service, old) == (NEW, new, [])
    assert what_it_is(service, new) == (None, None, [old])
    assert factory_of(service, old)["os_id"] == OLD
    assert f"WATCH#merged#{old}" in notes(service)


def test_the_factory_whose_id_is_nearest_to_the_current_one_stands_for_all(
    service: Service,
) -> None:
    old, mid = service.factory(os_id=OLD), service.factory("Yi Chang Tai Two", os_id=MID)
    merged(service, OLD, MID)
    merged(service, MID, NEW)
    assert what_it_is(service, old) == (NEW, mid, [])
    assert what_it_is(service, mid) == (NEW, None, [old])

    new = service.factory("Yi Chang Tai Three", os_id=NEW)

    assert what_it_is(service, old) == (NEW, new, [])
    assert what_it_is(service, mid) == (NEW, new, [])
    assert what_it_is(service, new) == (None, None, sorted([old, mid]))


def test_of_two_that_are_equally_near_the_older_id_stands_for_both(service: Service) -> None:
    one, two = service.factory(os_id=OLD), service.factory("Yi Chang Tai Two", os_id=MID)

    merged(service, OLD, NEW)
    merged(service, MID, NEW)

    assert MID[2:9] < OLD[2:9]
    assert what_it_is(service, one) == (NEW, two, [])
    assert what_it_is(service, two) == (NEW, None, [one])


def test_of_two_that_were_disclosed_with_one_id_none_stands_for_the_other(
    service: Service,
) -> None:
    one, two = service.factory(os_id=OLD), service.factory("Yi Chang Tai Two")
    body = {"name": "Yi Chang Tai Two", "country": "CN", "os_id": OLD}
    assert service.operator().put(f"/v1/factories/{two}", body, If_Match='"1"').status == 200

    merged(service)

    assert what_it_is(service, one) == what_it_is(service, two) == (NEW, None, [])
    assert not [note for note in notes(service) if note.startswith("WATCH#merged#")]


def test_a_factory_that_gets_or_loses_an_id_later_is_one_with_others_or_is_not(
    service: Service,
) -> None:
    merged(service)
    old, other = service.factory(os_id=OLD), service.factory("Yi Chang Tai Two")
    assert what_it_is(service, old) == (NEW, None, [])
    operator, path = service.operator(), f"/v1/factories/{other}"
    body = {"name": "Yi Chang Tai Two", "country": "CN", "city": "Shenzhen"}

    given = operator.put(path, {**body, "os_id": NEW}, If_Match='"1"')

    assert what_it_is(service, old) == (NEW, other, [])
    assert (given.json()["merged_from"], given.headers["ETag"]) == ([old], '"3"')
    assert operator.put(path, body, If_Match='"3"').json()["merged_from"] == []
    assert what_it_is(service, old) == (NEW, None, [])


def test_a_factory_that_goes_leaves_none_that_leads_to_nothing(service: Service) -> None:
    old, new = service.factory(os_id=OLD), service.factory("Yi Chang Tai Two", os_id=NEW)
    merged(service)

    assert service.operator().delete(f"/v1/factories/{new}", If_Match='"2"').status == 204

    assert what_it_is(service, old) == (NEW, None, [])


def test_a_merge_that_was_taken_back_is_as_if_it_had_never_been(service: Service) -> None:
    old, new = service.factory(os_id=OLD), service.factory("Yi Chang Tai Two", os_id=NEW)
    merged(service, OLD, MID)
    merged(service, MID, NEW)
    assert what_it_is(service, old) == (NEW, new, [])

    taken_back(service, MID)

    assert what_it_is(service, old) == (MID, None, [])
    assert what_it_is(service, new) == (None, None, [])
    assert refusal(service.operator().get(f"/v1/os-id-merges/{MID}")) == (404, "not_found")
    assert service.operator().get(PATH).json()["current_os_id"] == MID
    merged(service, MID, NEW)
    assert what_it_is(service, old) == (NEW, new, [])


# Looked up


@pytest.mark.parametrize("os_id", [OLD, NEW, "cn 2021045-M4T9XQ"])
def test_factories_are_listed_by_what_an_id_means_now(service: Service, os_id: str) -> None:
    service.factory(os_id=OLD)
    new = service.factory("Yi Chang Tai Two", os_id=NEW)
    service.factory("Fair Design Printing", os_id=APART)
    merged(service)

    answer = service.partner().get(f"/v1/factories?os_id={os_id.replace(' ', '%20')}")

    assert but_for_the_count(answer).json() == {
        "items": [factory_of(service, new)],
        "next_cursor": None,
    }
    assert walked(service.partner(), f"/v1/factories?os_id={OLD}&country=BD") == []


ROW = ("Yi Chang Tai Garments", "48 Kangzheng Road", "Shenzhen", "China")


def test_a_list_that_names_the_old_id_means_the_factory_that_has_the_new_one(
    service: Service,
) -> None:
    service.brand()
    new = service.factory(os_id=NEW)
    merged(service)

    view = imported(service, as_csv((*ROW, OLD)))

    assert view["counts"] == counts(facilities=1, factories_updated=1, links_created=1)
    factory = factory_of(service, new)
    assert (factory["os_id"], factory["aliases"]) == (NEW, [ROW[0]])
    assert list(links(service)) == ["Yi Chang Tai Garment Factory"]


def test_a_list_that_names_the_new_id_means_the_factory_that_has_the_old_one(
    service: Service,
) -> None:
    service.brand()
    old = service.factory(os_id=OLD)
    merged(service)

    view = imported(service, as_csv((*ROW, NEW)))

    assert view["counts"] == counts(facilities=1, factories_updated=1, links_created=1)
    assert factory_of(service, old)["os_id"] == OLD


def test_a_list_means_the_one_that_stands_for_both_also_by_name_and_address(
    service: Service,
) -> None:
    service.brand()
    service.factory(ROW[0], address=ROW[1], os_id=OLD)
    new = service.factory("Yi Chang Tai Two", os_id=NEW)
    merged(service)

    imported(service, as_csv(ROW))

    (link,) = service.deps.registry.links_of_brand("acme")
    assert link.factory_id == new


def test_an_id_of_a_list_that_nobody_knows_is_kept_as_it_was_disclosed(service: Service) -> None:
    service.brand()
    merged(service)

    imported(service, as_csv((*ROW, OLD)))

    (factory,) = walked(service.operator(), "/v1/factories")
    assert (factory["os_id"], factory["current_os_id"]) == (OLD, NEW)
    assert walked(service.operator(), f"/v1/factories?os_id={NEW}") == [factory]
