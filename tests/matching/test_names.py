"""What a name is taken apart into, whichever script and whatever noise it comes in."""

import pytest

from chalicelib.matching.names import ParsedName, parse_name


def test_a_full_name_is_sorted_into_its_drawers() -> None:
    assert parse_name("Youngones (BD) Garments Ltd. Unit-9") == ParsedName(
        proper=("youngones",),
        hinted=frozenset(),
        trades=("garment",),
        units=frozenset({"9"}),
        forms=frozenset({"ltd"}),
        countries=frozenset({"BD"}),
        located=frozenset(),
        repeated=frozenset(),
        han="",
        native="",
        guessed=0,
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("POSH GARMENTS LIMITED", "Posh Gmts Ltd."),
        ("Valiantgarments", "Valiant Garments Ltd."),
        ("Prima Garm ents (Pvt) Ltd.", "Prima Garments (Pvt) Ltd."),
        ("Needs Fash ions", "Needs Fashions"),
        ("o.b.a. Fashion", "OBA Fashions Limited"),
        ("Babylon Dreses & Apparells", "BABYLON DRESES AND APPARELS"),
        ("友勝機電股份有限公司", "友胜机电"),
        ("Wanda Footwear Viet Nam", "Wanda Shoes VIETNAM Co., Ltd"),
        ("H & L Apparel", "HL Apparels Ltd."),
        ("Công ty TNHH In Wanda", "Wanda Printing Co., Ltd."),
        ("Cong ty co phan may Viet Tan", "Công ty Cổ phần May Việt Tân"),
        ("Luna Bordados S.r.l. Società Benefit", "Luna Bordados S.r.l."),
    ],
)
def test_spellings_of_one_name_have_the_same_proper_words(one: str, other: str) -> None:
    assert parse_name(one).proper == parse_name(other).proper
    assert parse_name(one).trades == parse_name(other).trades


@pytest.mark.parametrize(
    ("name", "units"),
    [
        ("Sportswear Garments Ltd.(U-3)", {"3"}),
        ("Annic II S.A.", {"2"}),
        ("生坤興業股份有限公司二廠", {"2"}),
        ("嘉億齒輪機械廠第八廠", {"8"}),
        ("Plummy Fashions Unit 02", {"2"}),
        ("Plummy Fashions Unit2", {"2"}),
        ("Plummy Fashions – FTY3", {"3"}),
        ("Shams Jacquard Ltd. 2nd Unit", {"2"}),
        ("Nurani Dyeing Ltd. (Sw. Unit)", {"unit"}),
        ("Gimmill Industrial (M) Sdn Bhd (Gimmill B) Ltd.", {"b"}),
        ("3N Fashion Ltd.", set()),
        ("Posh Garments Ltd.", set()),
        ("Posh Garments Ltd. -6th Road", set()),
        ("Posh Garments Ltd., 6th Road", set()),
        ("Posh Garments, Ward 14, Go Vap District", set()),
    ],
)
def test_units_are_found_however_they_are_written(name: str, units: set[str]) -> None:
    assert parse_name(name).units == units


@pytest.mark.parametrize(
    ("name", "proper", "trades"),
    [
        ("Công ty TNHH Giày Wanda", ("wanda",), ("shoe",)),
        ("Công ty Cổ phần May Việt Tân", ("viet", "tan"), ("garment",)),
        ("南通惠源塑胶制品有限公司", ("nantong", "huiyuan"), ("plastic", "product")),
        ("Shengli Gongye Co., Ltd.", ("shengli",), ("industry",)),
        ("勝立工業股份有限公司", ("shengli",), ("industry",)),
        ("এনএইচটি ফ্যাশনস লিমিটেড", ("nht",), ("fashion",)),
        ("ক্লিফটন গার্মেন্টস লিঃ", ("kliftn",), ("garment",)),
        ("আলফা ক্লোদিং লিমিটেড", ("alfa",), ("garment",)),
        ("নিলয় ট্রাউজার্স লিমিটেড", ("nily",), ("trouser",)),
        ("নিলয় ফ্যাশনওয়্যার লিমিটেড", ("nily",), ("fashion", "wear")),
        ("บริษัท เบต้า การ์เม้นท์ (ประเทศไทย) จำกัด", ("ebta",), ("garment",)),
        ("राज गारमेंट्स प्राइवेट लिमिटेड", ("raj",), ("garment",)),
        ("شركة النيل للملابس الجاهزة", ("lnyl",), ("garment",)),
        ("주식회사 한솔섬유", ("hansol",), ("textile",)),
        ("株式会社東洋縫製", ("dongyang",), ("garment",)),
        ("ក្រុមហ៊ុន រោងចក្រ ABC", ("abc",), ("factory",)),
        ("Gamateks Tekstil San. ve Tic. A.S.", ("gamateks",), ("textile",)),
        ("Maglificio Rossi S.p.A.", ("rossi",), ("knit",)),
        ("Confecções Silva LTDA", ("silva",), ("garment",)),
        ("Zakłady Odzieżowe Bytom sp. z o.o.", ("bytom",), ("factory", "garment")),
        ("Schuhfabrik Müller GmbH & Co. KG", ("muller",), ("shoe",)),
        ("Confectii Arad SRL", ("arad",), ("garment",)),
        ("PT. Busana Jaya Tbk", ("jaya",), ("fashion",)),
        ("Bordados Luna S. de R.L. de C.V.", ("luna",), ("embroidery",)),
    ],
)
def test_other_languages_meet_in_latin_words(
    name: str, proper: tuple[str, ...], trades: tuple[str, ...]
) -> None:
    parsed = parse_name(name)
    assert (parsed.proper, parsed.trades) == (proper, trades)


@pytest.mark.parametrize(
    "name",
    [
        "garment factory",
        "Apparels Ltd",
        "服装有限公司",
        "公司",
        "công ty may",
        "গার্মেন্টস কারখানা",
        "Ltd.",
    ],
)
def test_a_general_name_has_no_proper_word(name: str) -> None:
    assert parse_name(name).proper == ()


@pytest.mark.parametrize(
    "text",
    [
        "Posh Garments, Tejgaon",
        "I work at Posh Garments near Tejgaon",
        "factory name: Posh Garments; location Tejgaon",
        "Posh Garments (Tejgaon)",
        "worker from Posh Garments - Tejgaon",
    ],
)
def test_words_that_may_be_a_place_are_marked(text: str) -> None:
    parsed = parse_name(text)
    assert (parsed.proper, set(parsed.hinted)) == (("posh", "tejgaon"), {"tejgaon"})


def test_initials_that_look_like_a_legal_form_open_a_name() -> None:
    assert parse_name("SA Apparel Inc.").proper == ("sa",)
    assert parse_name("PT. Riky Lestari").proper == ("riky", "lestari")


def test_a_misspelt_trade_word_is_recognised_and_counted() -> None:
    parsed = parse_name("Shaya Apparrels")
    assert (parsed.proper, parsed.trades, parsed.guessed) == (("shaya",), ("apparel",), 1)


def test_a_word_that_is_only_like_a_trade_word_is_a_name() -> None:
    assert parse_name("Hoosier Manufacturing").proper == ("hoosier",)


@pytest.mark.parametrize(
    ("text", "countries", "located"),
    [
        ("Posh Garments Vietnam", {"VN"}, set()),
        ("Posh Garments (Vietnam) Co., Ltd.", {"VN"}, set()),
        ("Posh Garments, Co., Ltd. Vietnam", {"VN"}, set()),
        ("Posh Garments - Vietnam", {"VN"}, set()),
        ("Posh Garments, Viet Nam", set(), {"VN"}),
        ("Posh Garments near Hanoi, Vietnam", set(), {"VN"}),
        ("worker from Posh Garments Vietnam - Hanoi, Vietnam", {"VN"}, {"VN"}),
    ],
)
def test_a_country_at_the_end_says_where_a_factory_is_and_not_how_it_is_called(
    text: str, countries: set[str], located: set[str]
) -> None:
    parsed = parse_name(text)
    assert (set(parsed.countries), set(parsed.located)) == (countries, located)


def test_a_place_that_is_a_word_of_the_name_is_not_counted_twice() -> None:
    parsed = parse_name("Dongguan Dingjia Shoes in Dongguan")
    assert parsed.proper == ("dongguan", "dingjia")
    assert parsed.repeated == {"dongguan"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("晶豐工野股份有限公司", "晶豐工業股份有限公司"),
        ("晶豐企叶有限公司", "晶豐企業有限公司"),
        ("晶豐科基", "晶豐科技"),
        ("晶豐金术工業股份有限公司", "晶豐金屬工業股份有限公司"),
        ("晶豐纺只厂", "晶豐纺织厂"),
        ("晶豐實野股份有限公司二廠", "晶豐實業股份有限公司二廠"),
    ],
)
def test_a_trade_word_in_characters_that_only_sound_so_is_recognised_and_counted(
    typed: str, meant: str
) -> None:
    parsed, right = parse_name(typed), parse_name(meant)
    assert (parsed.proper, parsed.trades, parsed.han) == (right.proper, right.trades, right.han)
    assert (parsed.guessed, right.guessed) == (1, 0)
    assert parsed.native != right.native


@pytest.mark.parametrize("name", ["大世業有限公司", "工野", "世業股份有限公司", "晶工野豐有限公司"])
def test_two_signs_are_left_to_a_name_and_its_middle_stays_as_it_is(name: str) -> None:
    assert parse_name(name).guessed == 0


@pytest.mark.parametrize(
    "name",
    [
        "东莞市晶丰鞋业有限公司",
        "东莞晶丰鞋业有限公司",
        "Dongguan Jingfeng Shoes Co., Ltd.",
    ],
)
def test_the_sign_of_a_city_is_no_part_of_a_name(name: str) -> None:
    parsed = parse_name(name)
    assert (parsed.proper, parsed.trades) == (("dongguan", "jingfeng"), ("shoe",))


@pytest.mark.parametrize(
    ("name", "proper"),
    [
        ("浙江省绍兴市柯桥区晶丰纺织有限公司", ("zhejiang", "shaoxing", "keqiao", "jingfeng")),
        ("广东省东莞市石排镇晶丰鞋厂", ("guangdong", "dongguan", "shipai", "jingfeng")),
        ("广东省晶丰鞋厂", ("guangdong", "jingfeng")),
    ],
)
def test_province_city_and_district_before_a_name_are_words_of_their_own(
    name: str, proper: tuple[str, ...]
) -> None:
    assert parse_name(name).proper == proper


@pytest.mark.parametrize(
    ("name", "proper", "trades"),
    [
        ("Cty TNHH SX TM DV Kim Lan", ("kim", "lan"), ("manufacturing", "trading", "service")),
        ("Công ty Cổ phần XNK Kim Lan", ("kim", "lan"), ("export", "import")),
        ("Doanh nghiệp tư nhân Kim Lan", ("kim", "lan"), ()),
        ("DNTN Kim Lan", ("kim", "lan"), ()),
        ("Công ty TNHH Da Giày Kim Lan", ("kim", "lan"), ("leather", "shoe")),
    ],
)
def test_what_vietnamese_companies_shorten_is_read(
    name: str, proper: tuple[str, ...], trades: tuple[str, ...]
) -> None:
    parsed = parse_name(name)
    assert (parsed.proper, parsed.trades) == (proper, trades)


def test_a_city_in_two_words_is_the_city_in_one() -> None:
    assert parse_name("Công ty May Hà Nội").proper == parse_name("Hanoi Garment JSC").proper
    assert parse_name("Công ty May Sài Gòn").proper == parse_name("Saigon Garment JSC").proper
