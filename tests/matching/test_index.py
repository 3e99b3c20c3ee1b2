"""The index file: built once, opened read-only, refused when it cannot be trusted."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chalicelib.matching.index import Index, IndexUnreadable
from chalicelib.matching.index_build import build_index
from chalicelib.matching.matcher import Matcher
from chalicelib.matching.records import Facility, Query, Status

from .registry import FACILITIES, VERSION, WANDA_OS_ID


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "index.sqlite"
    build_index(FACILITIES, path, version=VERSION)
    return path


def test_a_built_index_knows_its_version_and_sizes(path: Path) -> None:
    index = Index.open(path)
    names = sum(len(facility.names) for facility in FACILITIES)
    assert (index.version, index.size, index.facilities) == (VERSION, names, len(FACILITIES))
    index.close()


def test_a_file_answers_like_memory(path: Path) -> None:
    query = Query("Posh Garments, Tejgaon", country="BD")
    from_file = Matcher(Index.open(path)).match(query)
    from_memory = Matcher(Index.in_memory(FACILITIES, version=VERSION)).match(query)
    assert from_file == from_memory


def test_an_identifier_leads_to_its_facility_and_every_name_is_kept(path: Path) -> None:
    index = Index.open(path)
    assert index.facility_of(f"os_id:{WANDA_OS_ID}") == "wanda"
    assert index.facility_of("os_id:nothing") is None
    assert [entry.name for entry in index.entries("gokaldas")] == [
        "Gokaldas Exports",
        "Gokuldas Images",
    ]
    assert index.entries("nobody") == []
    index.close()


def test_the_same_facilities_give_the_same_bytes(path: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.sqlite"
    build_index(FACILITIES, again, version=VERSION)
    assert again.read_bytes() == path.read_bytes()


def test_the_file_is_never_written_to(path: Path) -> None:
    before = path.read_bytes()
    path.chmod(0o444)
    index = Index.open(path)
    Matcher(index).match(Query("Posh Garments", country="BD"))
    index.close()
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_an_existing_file_is_not_overwritten(path: Path) -> None:
    with pytest.raises(FileExistsError):
        build_index(FACILITIES, path, version="2")


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\x00" + b"x" * 500])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(content)
    with pytest.raises(IndexUnreadable):
        Index.open(damaged)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexUnreadable):
        Index.open(tmp_path / "nowhere.sqlite")


def test_another_format_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.matching.index_file.FORMAT", "of tomorrow")
    with pytest.raises(IndexUnreadable, match="index format '2', expected 'of tomorrow'"):
        Index.open(path)


def test_an_index_of_the_former_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("create table meta (key text primary key, value text not null)")
        db.execute("insert into meta values ('format', '1')")
        db.commit()
    with pytest.raises(IndexUnreadable):
        Index.open(path)


def test_an_empty_registry_gives_an_index_that_finds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "empty.sqlite"
    assert build_index([], path, version="0") == 0
    decision = Matcher(Index.open(path)).match(Query("Posh Garments"))
    assert (decision.status, decision.candidates) == (Status.UNMATCHED, ())


def test_large_buckets_spill_to_disk_and_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spilt = tmp_path / "spilt.sqlite"
    kept = tmp_path / "kept.sqlite"
    build_index(FACILITIES, kept, version=VERSION)
    monkeypatch.setattr("chalicelib.matching.index_build._SPILL", 8)
    build_index(FACILITIES, spilt, version=VERSION)
    assert spilt.read_bytes() == kept.read_bytes()


def test_a_facility_without_a_readable_name_is_kept_for_its_identifier(tmp_path: Path) -> None:
    path = tmp_path / "nameless.sqlite"
    build_index([Facility("x", ("",), "", "VN", {"os_id": WANDA_OS_ID})], path, version="1")
    index = Index.open(path)
    assert index.facility_of(f"os_id:{WANDA_OS_ID}") == "x"
    index.close()


def _crowded() -> Iterator[Facility]:
    """The word `Larimar` in so many names that only a country's part of its list is read."""
    for number in range(200):
        country = ("BD", "VN", "IN")[number % 3]
        yield Facility(f"f{number}", (f"Larimar {number * 7919} Textiles",), "", country)
    yield Facility("abroad", ("Larimar Bolsena Shoes",), "Savar", "BD")
    yield Facility("nowhere", ("Larimar Bolsena Knitwear",), "Savar", "")


@pytest.mark.parametrize("country", ["", "BD", "ZZ"])
def test_a_name_is_found_whether_the_country_is_given_lacking_or_unheard_of(country: str) -> None:
    matcher = Matcher(Index.in_memory(_crowded(), version="1"))
    found = matcher.match(Query("Larimar Bolsena", country=country)).candidates
    assert {"abroad", "nowhere"} <= {candidate.facility_id for candidate in found}


def test_a_facility_of_another_country_is_found_by_what_is_rare_in_its_name() -> None:
    matcher = Matcher(Index.in_memory(_crowded(), version="1"))
    found = matcher.match(Query("Larimar Bolsena Shoes", country="VN")).candidates
    assert "abroad" in {candidate.facility_id for candidate in found}


@pytest.mark.parametrize("name", ["Bolsnea", "Bolsea", "Bolsenna", "Bolsema", "Volsena"])
def test_a_word_with_one_slip_is_found(name: str) -> None:
    matcher = Matcher(Index.in_memory(_crowded(), version="1"))
    found = matcher.match(Query(name)).candidates
    assert "abroad" in {candidate.facility_id for candidate in found}


def test_an_index_of_many_is_searched_twice_as_far(monkeypatch: pytest.MonkeyPatch) -> None:
    facilities = [Facility(f"f{n}", (f"Example Mill {n}",), "", "CN") for n in range(3)]
    usual = Index.in_memory(facilities, version="v").reach
    monkeypatch.setattr("chalicelib.matching.index.MANY", 2)

    of_many = Index.in_memory(facilities, version="v").reach

    assert of_many == tuple(2 * each for each in usual)
