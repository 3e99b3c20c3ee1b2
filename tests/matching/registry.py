"""A small registry that every case of these tests is about."""

from chalicelib.matching.index import Index
from chalicelib.matching.matcher import Matcher
from chalicelib.matching.overlay import Overlay
from chalicelib.matching.records import Decision, Facility, Query

VERSION = "registry-7"
WANDA_OS_ID = "VN2021309MVTSMB"
NHATRANG_OS_ID = "BD2020021QK28YZ"

FACILITIES = (
    Facility(
        "wanda",
        ("Wanda Footwear Vietnam Co., Ltd.",),
        "Lot 5, Nhon Trach 3 Industrial Zone, Hiep Phuoc, Dong Nai",
        "VN",
        {"os_id": WANDA_OS_ID},
        latitude=10.7300,
        longitude=106.9300,
    ),
    Facility(
        "posh",
        ("Posh Garments Ltd.",),
        "227/1, Begunbari, Tejgaon I/A, Dhaka Tejgaon",
        "BD",
        {"os_id": NHATRANG_OS_ID},
    ),
    Facility("clifton", ("Clifton Fashion Ltd.",), "271, D.T. Road, Kadamtoli, Chittagong", "BD"),
    Facility("lotus-dhaka", ("Lotus Kamal Knit Ltd.",), "12 Airport Road, Uttara, Dhaka", "BD"),
    Facility("lotus-uttara", ("Lotus Kamal Knit Ltd.",), "77 Sonargaon Road, Uttara, Dhaka", "BD"),
    Facility("sunrise-2", ("Sunrise Sportswear Ltd. Unit-2",), "26 Shataish Road, Tongi", "BD"),
    Facility("huiyuan", ("Nantong Huiyuan Plastic Products Co., Ltd",), "Su Chi Village", "CN"),
    Facility("yousheng", ("友勝機電股份有限公司",), "臺中市大里區大元里中興路二段69-3號", "TW"),
    Facility("weifu-1", ("偉孚興業股份有限公司一廠",), "臺中市西屯區協和里工業區五路４號", "TW"),
    Facility("gokaldas", ("Gokaldas Exports", "Gokuldas Images"), "Peenya, Bangalore", "IN"),
    Facility("palki", ("Palki Apparels (Pvt) Ltd.",), "Konabari, Gazipur", "BD"),
    *(
        Facility(f"other-{i}", (f"{first} {second} Ltd.",), f"{i} Station Road, {town}", country)
        for i, (first, second, town, country) in enumerate(
            (first, second, town, country)
            for first in ("Arunima", "Babylon", "Dekko", "Esquire", "Fakir", "Hameem", "Ivory")
            for second, town, country in (
                ("Garments", "Savar", "BD"),
                ("Knitwear", "Narayanganj", "BD"),
                ("Shoes", "Binh Duong", "VN"),
                ("Textiles", "Tirupur", "IN"),
                ("Apparels", "Ashulia", "BD"),
            )
        )
    ),
)  # fmt: skip


def matcher(overlay: Overlay | None = None) -> Matcher:
    return Matcher(Index.in_memory(FACILITIES, version=VERSION), overlay)


def match(query: Query, overlay: Overlay | None = None) -> Decision:
    return matcher(overlay).match(query)
