"""Countries are read in the spellings of real lists, and never guessed wrongly in silence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels.disclosure.countries import (
    CountryReading,
    Reading,
    english_name,
    read_country,
)
from tests.channels.disclosure import cldr_table

EXACT = """
BD Bangladesh|BANGLADESH|bangladesh |BD|BGD|bd|Bangladesch|বাংলাদেশ|孟加拉国
BD People's Republic of Bangladesh
CN China|CHINA (MAINLAND)|Mainland China|P.R. China|P.R.China|PRC|中国|中國
CN China 中国|中国 China|Chine|People's Republic of China
TW Taiwan|Taiwan, China|Taiwan (ROC)|Taiwan, R.O.C.|Taiwan, Province of China
TW China (Taiwan)|Chinese Taipei|台灣|台湾
HK Hong Kong|Hong Kong SAR|Hong Kong, China|China - Hong Kong|HONGKONG|香港
HK Hong Kong (China)
MO Macau|Macao SAR|Macao
VN Viet Nam|VIETNAM|Viet-Nam|Việt Nam|VNM|VN - Vietnam|越南
TR Türkiye|Turkiye|TURKEY|TÜRKİYE|Türkei|Turquie|Türkiye (Turkey)
KR South Korea|Korea (South)|Republic of Korea|Korea, Republic of|Korea Rep.
KR S. Korea|Südkorea|Corea del Sur|韩国|KOR
KP North Korea|Korea (North)|DPRK|Korea, Democratic People's Republic of
KP Corea del Norte|PRK
NE Niger|NER|Republic of Niger
NG Nigeria|NGA|Federal Republic of Nigeria
CD DR Congo|Congo, Democratic Republic of the|Democratic Republic of the Congo
CD Congo (Kinshasa)|COD
CG Republic of the Congo|Congo (Brazzaville)|COG
GN Guinea|Guinée|Republic of Guinea
GW Guinea-Bissau|Guinea Bissau
GQ Equatorial Guinea|Guinea Ecuatorial
PG Papua New Guinea
GY Guyana
IE Ireland|Irland|Republic of Ireland|Eire
GB UK|U.K.|United Kingdom|Great Britain|England|Scotland|Wales
GB Northern Ireland|Reino Unido|Great Britain (UK)
GB United Kingdom (Northern Ireland)
IS Iceland
US USA|U.S.A.|US|United States|United States of America|Estados Unidos|美国
PR Puerto Rico|Puerto Rico (US)
DE Germany|Deutschland|Alemania|Allemagne|DEU
AL Albania
DO Dominican Republic|República Dominicana|Dominican Rep.
DM Dominica
AT Austria|Österreich
AU Australia
SK Slovakia|Slovak Republic
SI Slovenia
CZ Czechia|Czech Republic|Czech Rep.
MM Myanmar|Burma|Myanmar (Burma)|Burma/Myanmar
LA Laos|Lao PDR|Lao People's Democratic Republic
KH Cambodia|Kampuchea|Cambodge|Kingdom of Cambodia
LK Sri Lanka|SRILANKA
MK North Macedonia|Macedonia|FYROM
BA Bosnia|Bosnia & Herzegovina|Bosnia-Herzegovina
CI Ivory Coast|Côte d'Ivoire|Cote d Ivoire
PH Philippines|Phillipines
NL Netherlands|The Netherlands|Holland
MD Moldova|Moldova, Republic of
RU Russia|Russian Federation
PS Palestine|West Bank
XK Kosovo
SZ Eswatini|Swaziland
AE UAE|U.A.E.|United Arab Emirates
MX Mexico|México|Mexiko
ML Mali
MW Malawi
MU Mauritius
MR Mauritania
"""
SPELLINGS = [
    (line.split(" ", 1)[0], spelling)
    for line in EXACT.strip().splitlines()
    for spelling in line.split(" ", 1)[1].split("|")
]


@pytest.mark.parametrize(("code", "spelling"), SPELLINGS)
def test_a_usual_spelling_is_read(code: str, spelling: str) -> None:
    assert read_country(spelling) == CountryReading(Reading.EXACT, code)


@pytest.mark.parametrize(
    ("code", "slip"),
    [
        ("BD", "Bangaldesh"),
        ("VN", "Vietnm"),
        ("ID", "Indoneisa"),
        ("KH", "Cambodai"),
        ("TH", "Thialand"),
        ("TW", "Tiawan"),
        ("JO", "Jordon"),
    ],
)
def test_a_slip_is_corrected_and_called_so(code: str, slip: str) -> None:
    assert read_country(slip) == CountryReading(Reading.CORRECTED, code)


@pytest.mark.parametrize(
    ("slip", "candidates"),
    [
        ("Nigera", ("NE", "NG")),
        ("Nambia", ("GM", "NA", "ZM")),
        ("Irelnd", ("IE", "IS")),
        ("Slovania", ("SI", "SK")),
        ("Austrlia", ("AT", "AU")),
    ],
)
def test_a_slip_between_two_countries_is_asked_about(
    slip: str, candidates: tuple[str, ...]
) -> None:
    assert read_country(slip) == CountryReading(Reading.UNKNOWN, None, candidates)


@pytest.mark.parametrize(("code", "short"), [("KR", "Korea"), ("KR", "Corea"), ("CG", "Congo")])
def test_a_short_name_with_a_usual_meaning_is_assumed_and_called_so(code: str, short: str) -> None:
    assert read_country(short) == CountryReading(Reading.ASSUMED, code)


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("Republic of China", ("CN", "TW")),
        ("Virgin Islands", ("VG", "VI")),
        ("India, Bangladesh", ("BD", "IN")),
        ("CN/VN", ("CN", "VN")),
        ("Serbia and Montenegro", ("ME", "RS")),
        ("NA", ("NA",)),  # Namibia, or "not available"
    ],
)
def test_what_could_be_several_countries_is_asked_about(
    text: str, candidates: tuple[str, ...]
) -> None:
    assert read_country(text) == CountryReading(Reading.AMBIGUOUS, None, candidates)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "-", "Asia", "EMEA", "Various", "Total", "Dhaka", "Guangdong", "California"),
        *("New Mexico", "New Jersey", "America", "State of Georgia", "China and Vietnam"),
        *("XX", "ZZ", "EU", "AA", "UN", "123", "Chin", "x" * 5000, "\x00", "Nga"),
    ],
)
def test_what_names_no_country_is_unknown(text: str) -> None:
    assert read_country(text).how is Reading.UNKNOWN
    assert read_country(text).code is None


@given(st.text(max_size=80))
def test_any_text_gets_a_reading(text: str) -> None:
    reading = read_country(text)
    sure = reading.how in {Reading.EXACT, Reading.CORRECTED, Reading.ASSUMED}
    assert sure == (reading.code is not None)


def test_every_english_name_and_every_code_names_its_own_country() -> None:
    table = cldr_table.build()
    wrong = [
        code
        for code, name in table["english"].items()
        if {read_country(name).code, read_country(code).code} != {code}
        and code not in {"NA", "MF"}  # asked about: not available, Saint Martin of two states
    ]
    assert wrong == []
    assert [a for a, code in table["alpha3"].items() if read_country(a).code != code] == []


def test_there_are_the_249_countries_of_iso_3166_and_kosovo() -> None:
    assert len(cldr_table.build()["english"]) == 250
    assert english_name("TR") == "Türkiye"


def test_no_single_slip_in_an_english_name_gives_another_country_in_silence() -> None:
    """Every name with each letter dropped, doubled or swapped with the next."""
    wrong = []
    for code, name in cldr_table.build()["english"].items():
        for i in range(len(name) - 1):
            dropped = name[:i] + name[i + 1 :]
            doubled = name[: i + 1] + name[i:]
            swapped = name[:i] + name[i + 1] + name[i] + name[i + 2 :]
            for slip in (dropped, doubled, swapped):
                read = read_country(slip)
                if read.how is Reading.EXACT and read.code != code:
                    wrong.append((name, slip, read.code))
    assert wrong == []


def test_the_table_is_what_the_cldr_says() -> None:
    """After an update of Babel: python -m tests.channels.disclosure.cldr_table"""
    assert cldr_table.TABLE.read_text(encoding="utf-8") == cldr_table.written(cldr_table.build())
