"""Columns are found by their headings, in many spellings; columns about persons are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels.disclosure.headings import RecognisedColumns, TakenHeading, recognise


def taken(*headings: str) -> dict[str, str]:
    return {t.heading: t.column.value for t in recognise(headings, line=1, sheet=None).taken}


def test_nikes_headings_are_read() -> None:
    headings = [
        *("Factory Name", "Factory Type", "Product Type", "Nike, Inc. Brand(s)", "Supplier Group"),
        *("Address", "City", "State", "Postal Code", "Lattitude", "Longitude", "Country"),
        *("Total Workers", "Line Workers", "% Female Workers", "% Migrant Workers"),
    ]
    columns = recognise(headings, line=1, sheet=None)
    assert {t.heading: t.column.value for t in columns.taken} == {
        "Factory Name": "name",
        "Factory Type": "processing_types",
        "Product Type": "product_types",
        "Supplier Group": "parent",
        "Address": "address",
        "City": "city",
        "State": "admin_area",
        "Postal Code": "postal_code",
        "Lattitude": "latitude",
        "Longitude": "longitude",
        "Country": "country",
        "Total Workers": "workers",
    }
    assert columns.ignored == (
        "Nike, Inc. Brand(s)",
        "Line Workers",
        "% Female Workers",
        "% Migrant Workers",
    )


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Supplier Name", "Country"),
        ("factory_name", "country_code"),
        ("FactoryName", "FactoryCountry"),
        ("FACTORY NAME *", "COUNTRY / REGION"),
        ("name", "country"),
        ("工厂名称", "国家"),
        ("工厂名称 Factory Name", "国家/地区 Country"),
        ("Factory Name\n(in English)", "Country of production"),
        ("Name der Fabrik", "Land"),
        ("Nombre de la fábrica", "País"),
        ("Nom de l'usine", "Pays"),
        ("Nome fornitore", "Paese"),
        ("Nome da fábrica", "País"),
        ("Fabrika adı", "Ülke"),
        ("Tên nhà máy", "Quốc gia"),
        ("工場名", "国名"),
        ("공장명", "국가"),
    ],
)
def test_name_and_country_are_found_in_many_spellings(name: str, country: str) -> None:
    assert taken(name, country, "x") == {
        " ".join(name.split()): "name",
        " ".join(country.split()): "country",
    }


def test_a_supplier_is_the_facility_unless_a_factory_is_named_too() -> None:
    assert taken("Supplier Name", "Country") == {"Supplier Name": "name", "Country": "country"}
    assert taken("Supplier Name", "Factory", "Country") == {
        "Supplier Name": "parent",
        "Factory": "name",
        "Country": "country",
    }


def test_of_two_columns_for_one_field_the_surer_wins_and_then_the_first() -> None:
    assert taken("Region", "Province", "Zip", "Postal Code") == {
        "Province": "admin_area",
        "Zip": "postal_code",
    }


def test_a_part_in_brackets_does_not_turn_an_address_into_a_name() -> None:
    assert taken("Address (factory)", "Name (supplier)") == {
        "Address (factory)": "address",
        "Name (supplier)": "name",
    }


@pytest.mark.parametrize(
    "heading",
    [
        *("Contact Name", "Contact Person", "E-mail", "Email Address", "Phone No.", "Tel", "Fax"),
        *(
            "Mobile",
            "WeChat ID",
            "Factory Manager",
            "Owner",
            "Name of contact",
            "联系人",
            "电话号码",
        ),
        *("法人代表", "Ansprechpartner", "Teléfono", "Correo electrónico", "Responsable", "担当者"),
        *("Liên hệ", "Điện thoại", "Supplier contact", "Factory (contact)", "Phone / Address"),
    ],
)
def test_columns_about_persons_are_named_as_such_and_never_taken(heading: str) -> None:
    columns = recognise(["Factory Name", heading, "Country"], line=1, sheet=None)
    assert columns.personal == (heading,)
    assert heading not in [t.heading for t in columns.taken]


def test_what_was_recognised_says_where_it_stands() -> None:
    assert recognise(["", "Name", "x", "Country", "Phone"], line=4, sheet="Tier 1") == (
        RecognisedColumns.model_validate(
            {
                "sheet": "Tier 1",
                "heading_line": 4,
                "taken": (
                    {"column": "name", "heading": "Name", "position": 1},
                    {"column": "country", "heading": "Country", "position": 3},
                ),
                "ignored": ("x",),
                "personal": ("Phone",),
            }
        )
    )


def test_address_lines_and_kinds_may_have_several_columns() -> None:
    assert taken("addressLine1", "Address 2", "Processing Type", "Facility Type") == {
        "addressLine1": "address_line",
        "Address 2": "address_line",
        "Processing Type": "processing_types",
        "Facility Type": "processing_types",
    }


@given(st.lists(st.text(max_size=40), max_size=12))
def test_any_cells_can_be_asked_for_headings(cells: list[str]) -> None:
    columns = recognise(cells, line=1, sheet=None)
    assert all(isinstance(t, TakenHeading) for t in columns.taken)
    assert len({t.position for t in columns.taken}) == len(columns.taken)
