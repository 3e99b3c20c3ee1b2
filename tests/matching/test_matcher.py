"""Which decision a report gets, and what is said about it."""

import pytest

from chalicelib.matching.index import Index
from chalicelib.matching.matcher import Matcher
from chalicelib.matching.overlay import Overlay, alias_key, name_key
from chalicelib.matching.records import Decision, Facility, Query, Status

from .registry import NHATRANG_OS_ID, VERSION, WANDA_OS_ID, match

MATCHED, REVIEW, UNMATCHED = Status.MATCHED, Status.REVIEW, Status.UNMATCHED


def codes(decision: Decision) -> set[str]:
    return {reason.code for reason in decision.reasons}


def best_codes(decision: Decision) -> set[str]:
    return {reason.code for reason in decision.candidates[0].reasons}


def test_the_disclosed_name_and_address_are_matched_with_all_evidence() -> None:
    decision = match(
        Query("POSH GARMENTS LIMITED", "227/1, Begunbari, Tejgaon I/A, Dhaka Tejgaon", "", "BD")
    )
    assert (decision.status, decision.facility_id) == (MATCHED, "posh")
    assert decision.method == "model"
    assert decision.matched_alias == "Posh Garments Ltd."
    assert decision.index_version == VERSION
    assert decision.model_version
    assert {reason.text for reason in decision.reasons} >= {
        "same name after removing the legal form",
        "same trade: garment",
        "same country: BD",
        "same address",
    }
    assert decision.candidates[0].features["exact"] == 1.0


def test_a_native_chinese_name_in_other_characters_is_matched_at_its_address() -> None:
    decision = match(Query("友胜机电股份有限公司", "台中市大里区中兴路二段69-3号", "", "TW"))
    assert (decision.status, decision.facility_id) == (MATCHED, "yousheng")


@pytest.mark.parametrize(
    ("query", "facility_id"),
    [
        (Query("the Wanda shoe factory near Nhon Trach"), "wanda"),
        (Query("Công ty TNHH Giày Wanda Việt Nam, Đồng Nai"), "wanda"),
        (Query("ক্লিফটন ফ্যাশন লিমিটেড, চট্টগ্রাম", country="BD"), "clifton"),
        (Query("南通惠源塑胶制品有限公司", country="CN"), "huiyuan"),
        (Query("Youshengjidian Co., Ltd.", country="TW"), "yousheng"),
        (Query("posh garmenst tejgoan"), "posh"),
        (Query("Gokuldas Image"), "gokaldas"),
    ],
)
def test_the_factory_that_is_meant_comes_first(query: Query, facility_id: str) -> None:
    decision = match(query)
    assert decision.candidates[0].facility_id == facility_id
    assert decision.status is not UNMATCHED


@pytest.mark.parametrize(("address", "city"), [("", "Konabari"), ("Kona Bari, Gazipur", "")])
def test_the_very_name_with_a_place_that_agrees_is_matched(address: str, city: str) -> None:
    decision = match(Query("PALKI APPARELS (PVT) LTD", address, city, "BD"))
    assert (decision.status, decision.facility_id) == (MATCHED, "palki")
    assert decision.score >= 0.97


@pytest.mark.parametrize(
    "query",
    [
        Query("Palki Apparels (Pvt) Ltd.", city="Khulna", country="BD"),
        Query("Palki Apparels (Pvt) Ltd.", city="Gazipur", country="IN"),
    ],
    ids=["another place", "another country"],
)
def test_the_very_name_elsewhere_is_no_proof(query: Query) -> None:
    assert match(query).status is REVIEW


def test_a_name_that_is_rare_beyond_a_small_registry_is_matched_without_a_place() -> None:
    decision = match(Query("Palki Apparels (Pvt) Ltd.", country="BD"))
    assert (decision.status, decision.facility_id) == (MATCHED, "palki")
    assert decision.method == "model"


def test_a_name_that_is_common_beyond_a_small_registry_is_not() -> None:
    decision = match(Query("Babylon Garments Ltd.", country="BD"))
    assert (decision.status, codes(decision)) == (REVIEW, {"not_certain"})


def test_a_country_behind_the_name_is_where_the_factory_is() -> None:
    decision = match(Query("Clifton Fashion Ltd., Chittagong, Bangladesh"))
    assert "country_not_in_name" not in codes(decision)
    assert decision.candidates[0].features["country_equal"] == 1.0


def test_only_what_is_alike_is_shown_to_a_person() -> None:
    decision = match(Query("Wanda Footwear", country="VN"))
    assert [candidate.facility_id for candidate in decision.candidates] == ["wanda"]
    assert match(Query("Zyxograph Quantum Holdings", country="BD")).candidates == ()


SOUND_ALIKE = (
    Facility("youde", ("友得工業股份有限公司",), "臺中市豐原區水源路19號", "TW"),
    Facility("youde-2", ("友德工業股份有限公司",), "臺中市北區天祥街28號", "TW"),
    Facility("youde-3", ("佑德工業股份有限公司",), "臺中市東區大興街8號", "TW"),
)


@pytest.mark.parametrize(("name", "meant"), [("友得工業", "youde"), ("友德工业", "youde-2")])
def test_a_chinese_name_that_only_sounds_so_is_no_rival_of_the_one_that_is_written_so(
    name: str, meant: str
) -> None:
    decision = Matcher(Index.in_memory(SOUND_ALIKE, version="1")).match(Query(name, country="TW"))
    assert decision.candidates[0].facility_id == meant
    assert len(decision.candidates) == 3
    assert "factory_ambiguous" not in codes(decision)


def test_chinese_names_that_only_sound_as_was_said_rival_each_other() -> None:
    decision = Matcher(Index.in_memory(SOUND_ALIKE[1:], version="1")).match(
        Query("右德工業", country="TW")
    )
    assert decision.status is REVIEW
    assert "factory_ambiguous" in codes(decision)


def test_a_chinese_company_that_is_called_a_works_is_of_no_other_trade() -> None:
    decision = match(Query("南通惠源塑胶制品厂", country="CN"))
    best = decision.candidates[0]
    assert (best.facility_id, best.features["trades"], best.features["exact"]) == ("huiyuan", 1, 1)


def test_two_factories_of_one_name_in_one_city_go_to_review() -> None:
    decision = match(Query("Lotus Kamal Knit Ltd.", "Uttara, Dhaka", "", "BD"))
    assert (decision.status, decision.facility_id) == (REVIEW, None)
    shown = [candidate.facility_id for candidate in decision.candidates[:2]]
    assert sorted(shown) == ["lotus-dhaka", "lotus-uttara"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (Query("Sunrise Sportswear Unit-3", "Shataish Road, Tongi", "", "BD"), "unit_differs"),
        (Query("Posh Garments Ltd. Unit-2", "227/1, Begunbari, Dhaka", "", "BD"), "unit_unknown"),
        (Query("偉孚興業股份有限公司二廠", "", "", "TW"), "unit_differs"),
        (Query("Posh Garments Ltd.", "", "", "VN"), "country_differs"),
        (Query("Clifton Fashion (Bangladesh) Ltd.", "", "", "BD"), "country_not_in_name"),
        (Query("Wanda Footwear Vietnam", "", "", "", ("VN2021309MVTSMC",)), "identifier_broken"),
        (
            Query(
                "Wanda Footwear Vietnam Co., Ltd.",
                "Nhon Trach 3, Hiep Phuoc, Dong Nai",
                "",
                "VN",
                latitude=21.0,
                longitude=105.8,
            ),
            "far_apart",
        ),
    ],
)  # fmt: skip
def test_a_veto_sends_to_review_whatever_the_score(query: Query, code: str) -> None:
    decision = match(query)
    assert decision.status is REVIEW
    assert code in codes(decision)


@pytest.mark.parametrize(
    "name",
    [
        "garment factory",
        "Apparels Ltd.",
        "服装有限公司",
        "গার্মেন্টস কারখানা",
        "Unit 2",
        "Knitwear Ltd",
        "công ty may",
    ],
)
def test_a_general_name_is_never_matched(name: str) -> None:
    assert match(Query(name)).status is not MATCHED
    assert match(Query(name, country="BD")).status is not MATCHED


def test_an_unknown_factory_is_unmatched() -> None:
    decision = match(Query("Zyxograph Quantum Holdings", "", "", "BD"))
    assert (decision.status, codes(decision)) == (UNMATCHED, {"factory_unknown"})


def test_a_distance_is_said_in_kilometres() -> None:
    query = Query(
        "Wanda Footwear", "Nhon Trach", "Dong Nai", "VN", latitude=10.7336, longitude=106.93
    )
    said = [reason.text for reason in match(query).candidates[0].reasons]
    assert "0.4 km apart" in said
    assert "same district or city: nhon, trach, dong, nai" in said


class TestIdentifiers:
    def test_an_identifier_alone_is_enough(self) -> None:
        decision = match(Query(identifiers=(WANDA_OS_ID,)))
        assert (decision.status, decision.facility_id, decision.method) == (
            MATCHED,
            "wanda",
            "identifier",
        )

    def test_an_identifier_in_the_text_is_found(self) -> None:
        decision = match(Query("wanda footwear os id vn 2021309 mvtsmb"))
        assert (decision.status, decision.facility_id) == (MATCHED, "wanda")

    def test_an_identifier_with_a_general_name_is_enough(self) -> None:
        assert match(Query("factory", identifiers=(WANDA_OS_ID,))).facility_id == "wanda"

    def test_an_identifier_of_a_factory_with_another_name_goes_to_review(self) -> None:
        decision = match(Query("Posh Garments Ltd.", "Tejgaon", "", "BD", (WANDA_OS_ID,)))
        assert decision.status is REVIEW
        assert "identifier_and_name_disagree" in codes(decision)
        assert {c.facility_id for c in decision.candidates[:2]} == {"wanda", "posh"}

    def test_two_identifiers_of_two_factories_go_to_review(self) -> None:
        decision = match(Query("Wanda", identifiers=(WANDA_OS_ID, NHATRANG_OS_ID)))
        assert (decision.status, codes(decision)) == (REVIEW, {"identifiers_disagree"})

    def test_a_mistyped_identifier_alone_finds_nothing(self) -> None:
        decision = match(Query(identifiers=("VN2021309MVTSMC",)))
        assert (decision.status, codes(decision)) == (
            UNMATCHED,
            {"identifier_broken", "factory_unknown"},
        )

    def test_an_identifier_with_another_unit_goes_to_review(self) -> None:
        decision = match(Query("Wanda Footwear Vietnam Unit 2", identifiers=(WANDA_OS_ID,)))
        assert (decision.status, codes(decision)) == (REVIEW, {"unit_unknown"})

    def test_a_valid_identifier_that_the_best_name_does_not_have_goes_to_review(self) -> None:
        query = Query(
            "Wanda Footwear Vietnam Co., Ltd.",
            "Lot 5, Nhon Trach 3, Hiep Phuoc, Dong Nai",
            "",
            "VN",
            ("CN2019303BQ3FZP",),
        )
        decision = match(query)
        assert decision.status is REVIEW
        assert "identifier_differs" in codes(decision)


class TestOverlay:
    def test_a_factory_added_since_the_build_is_found(self) -> None:
        added = Facility("new", ("Meghna Rangpur Knitting Ltd.",), "Mirpur, Dhaka", "BD")
        decision = match(
            Query("Meghna Rangpur Knitting Ltd.", "Mirpur, Dhaka", "", "BD"), Overlay.of([added])
        )
        assert (decision.status, decision.facility_id) == (MATCHED, "new")
        assert decision.index_version == VERSION

    def test_a_changed_facility_replaces_its_old_record(self) -> None:
        moved = Facility("posh", ("Posh Apparel Dhaka Ltd.",), "Mirpur, Dhaka", "BD")
        decision = match(Query("Posh", country="BD"), Overlay.of([moved]))
        names = [c.name for c in decision.candidates if c.facility_id == "posh"]
        assert names == ["Posh Apparel Dhaka Ltd."]

    def test_a_removed_facility_is_not_found_by_name_or_identifier(self) -> None:
        gone = Overlay.of(removed=["wanda"])
        by_name = match(Query("Wanda Footwear Vietnam Co., Ltd.", country="VN"), gone)
        assert "wanda" not in {candidate.facility_id for candidate in by_name.candidates}
        assert match(Query(identifiers=(WANDA_OS_ID,)), gone).status is UNMATCHED

    def test_an_identifier_of_a_new_facility_is_found(self) -> None:
        added = Facility("new", ("Rangpur Dyeing",), "", "CN", {"os_id": "CN2019303BQ3FZP"})
        decision = match(Query(identifiers=("CN2019303BQ3FZP",)), Overlay.of([added]))
        assert (decision.status, decision.facility_id) == (MATCHED, "new")

    def test_a_confirmed_spelling_matches_at_once(self) -> None:
        query = Query("the poshy place", country="BD")
        before = match(query)
        after = match(query, Overlay.of(confirmed={alias_key(query): "posh"}))
        assert before.status is not MATCHED
        assert (after.status, after.facility_id, after.method) == (
            MATCHED,
            "posh",
            "confirmed_alias",
        )

    def test_a_confirmed_spelling_holds_for_its_place_only(self) -> None:
        confirmed = Overlay.of(
            confirmed={alias_key(Query("the poshy place", city="Dhaka", country="BD")): "posh"}
        )
        elsewhere = match(Query("the poshy place", city="Khulna", country="BD"), confirmed)
        assert elsewhere.method != "confirmed_alias"

    def test_a_confirmed_spelling_does_not_beat_an_identifier(self) -> None:
        query = Query("the poshy place", country="BD", identifiers=("CN2019303BQ3FZP",))
        decision = match(query, Overlay.of(confirmed={alias_key(query): "posh"}))
        assert decision.status is REVIEW
        assert "identifier_differs" in codes(decision)

    def test_a_refused_factory_is_never_matched_again(self) -> None:
        query = Query("Posh Garments Ltd.", "227/1, Begunbari, Tejgaon I/A, Dhaka", "", "BD")
        assert match(query).facility_id == "posh"
        decision = match(query, Overlay.of(refused={name_key(query): frozenset({"posh"})}))
        assert decision.status is REVIEW
        assert "refused_before" in codes(decision)

    def test_a_refusal_holds_against_an_identifier_too(self) -> None:
        query = Query("Wanda Footwear", identifiers=(WANDA_OS_ID,))
        refused = Overlay.of(refused={name_key(query): frozenset({"wanda"})})
        decision = match(query, refused)
        assert (decision.status, codes(decision)) == (REVIEW, {"refused_before"})
