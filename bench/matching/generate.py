"""A synthetic benchmark from Open Supply Hub's MIT-licensed sample lists (data/lists).

The registry holds the listed factories and made-up ones: their names with other proper words,
sister plants and numbered units of the same names, and Chinese names with Taiwanese addresses.
Queries ask about them with the noise kinds of noise.py; a fifth of the asked factories is then
taken out.
"""

import csv
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final

from chalicelib.matching.names import parse_name

from .files import Case, case_of
from .queries import GENERIC, Question, Row, questions

LISTS: Final = Path(__file__).parents[2] / "data" / "lists"
ABSENT_SHARE: Final = 0.2
_SYLLABLES: Final = [
    "ba",
    "be",
    "bi",
    "bo",
    "bu",
    "cha",
    "chen",
    "da",
    "dong",
    "du",
    "fa",
    "fei",
    "fu",
    "gao",
    "guo",
    "ha",
    "he",
    "hong",
    "hua",
    "ji",
    "jia",
    "jin",
    "ka",
    "kai",
    "ko",
    "la",
    "li",
    "long",
    "lu",
    "ma",
    "mei",
    "min",
    "mo",
    "na",
    "nin",
    "no",
    "pa",
    "pin",
    "qi",
    "ra",
    "ri",
    "ro",
    "sa",
    "shan",
    "shi",
    "su",
    "ta",
    "tai",
    "ti",
    "to",
    "va",
    "wei",
    "xi",
    "xin",
    "ya",
    "yi",
    "yu",
    "za",
    "zen",
    "zhe",
    "zhi",
    "zho",
    "nar",
    "mos",
    "tal",
    "ren",
    "bor",
    "vik",
    "del",
    "mar",
    "san",
    "gor",
    "len",
]
_HAN_SIGNS: Final = (
    "金大成永興隆泰新富華明宏信德昌盛順發利和達光裕豐祥源立東南正建聯國益嘉億瑞旺三福林美億台"
    "全中合世長安元山高友茂鼎勝強志振輝榮慶協久吉堅誠銘欣晟翔鴻展冠佳昇宇晉昶鑫耀承恆億"
)
_HAN_TRADES: Final = (
    "工業", "企業", "實業", "精密", "機械", "電子", "塑膠", "金屬", "紡織", "科技", "製鞋", "食品",
)  # fmt: skip
_HAN_FORMS: Final = ("股份有限公司", "有限公司", "有限公司", "企業社", "廠股份有限公司")
_HAN_AREAS: Final = (
    "臺中市西屯區", "臺中市大里區", "臺中市神岡區", "臺南市安南區", "桃園市龜山區", "新北市三重區",
    "高雄市仁武區", "彰化縣和美鎮", "新竹縣湖口鄉", "嘉義縣民雄鄉", "苗栗縣竹南鎮", "屏東縣內埔鄉",
)  # fmt: skip
_HAN_ROADS: Final = (
    "中山路", "工業路", "民生路", "中正路", "光復路", "復興路", "和平路", "自強路", "建國路",
)  # fmt: skip
_SISTERS: Final = ("Garments", "Apparels", "Knitwear", "Textiles", "Footwear", "Sportswear")


@dataclass(frozen=True, slots=True)
class Benchmark:
    rows: list[Row]
    cases: list[Case]


@cache
def listed() -> tuple[Row, ...]:
    """The factories of the sample lists, each name and country once."""
    found: dict[tuple[str, str], Row] = {}
    for path in sorted(LISTS.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for line in csv.DictReader(lines):
                name, country = line["name"].strip(), _code(line["country"])
                row = Row(f"L{len(found)}", name, line["address"].strip(), country, "", path.stem)
                found.setdefault((name.lower(), country), row)
    return tuple(found.values())


@cache
def _code(country: str) -> str:
    """The ISO code of a country that is written as a code or a name; empty when unknown."""
    if len(country) == 2:
        return country.upper()
    words = parse_name(country).countries
    return next(iter(words)) if len(words) == 1 else ""


def _word(rng: random.Random) -> str:
    return "".join(rng.choices(_SYLLABLES, k=rng.choice((2, 2, 3, 3, 4)))).capitalize()


def _renumbered(address: str, rng: random.Random) -> str:
    return re.sub(r"\d+", lambda m: str(rng.randrange(1, 10 ** min(len(m.group(0)), 4))), address)


def _latin(number: int, rng: random.Random) -> Row:
    """A listed factory under another proper name, at an address of the same country."""
    base = rng.choice(listed())
    there = rng.choice(_by_country()[base.country])
    own = set(parse_name(base.name).proper)
    words = [_word(rng) if w.lower().strip(".,()") in own else w for w in base.name.split()]
    name = " ".join(words)
    if name == " ".join(base.name.split()):
        name = f"{_word(rng)} {base.name}"
    return Row(f"S{number}", name, _renumbered(there.address, rng), base.country)


@cache
def _by_country() -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in listed():
        groups.setdefault(row.country, []).append(row)
    return groups


def _sister(number: int, row: Row, rng: random.Random) -> Row:
    """Another plant, unit or firm of the same name."""
    first = row.name.split()[0]
    name = rng.choice(
        (
            f"{row.name} Unit-{rng.randrange(2, 6)}",
            f"{first} {rng.choice(_SISTERS)} Ltd.",
            row.name,
        )
    )
    there = rng.choice(_by_country().get(row.country) or listed())
    return Row(f"S{number}", name, _renumbered(there.address, rng), row.country)


def _han(number: int, rng: random.Random) -> Row:
    name = "".join(rng.choices(_HAN_SIGNS, k=rng.choice((2, 2, 2, 3))))
    name += rng.choice(_HAN_TRADES) + rng.choice(_HAN_FORMS)
    name += rng.choice(("",) * 12 + ("二廠", "台中廠"))
    address = f"{rng.choice(_HAN_AREAS)}{rng.choice(_HAN_ROADS)}"
    address += f"{rng.randrange(1, 900)}巷{rng.randrange(1, 200)}號"
    return Row(f"S{number}", name, address, "TW")


def _os_id(country: str, rng: random.Random) -> str:
    """A made-up OS ID with the right check symbol."""
    symbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    body = f"{rng.randrange(2019, 2026)}{rng.randrange(1, 366):03d}"
    body += "".join(rng.choices(symbols, k=5))
    total = sum(map(ord, country)) + sum(map(symbols.index, body))
    return country + body + symbols[total % 32]


def registry(size: int, rng: random.Random) -> Iterator[Row]:
    """`size` facilities: the listed ones first, then made-up ones."""
    recent: list[Row] = []
    for number in range(size):
        draw = rng.random()
        if number < len(listed()):
            row = listed()[number]
        elif draw < 0.35:
            row = _han(number, rng)
        elif draw < 0.47 and recent:
            row = _sister(number, rng.choice(recent), rng)
        else:
            row = _latin(number, rng)
            recent = [*recent[-99:], row]
        yield replace(row, os_id=_os_id(row.country or "US", rng))


def fillers(count: int, rng: random.Random) -> Iterator[Row]:
    """`count` made-up facilities that are none of the listed ones, to pad another registry."""
    made = islice(registry(count + len(listed()), rng), len(listed()), None)
    return (replace(row, id=f"filler-{row.id}") for row in made)


def _identified(row: Row, rng: random.Random) -> Question:
    """A question that brings the OS ID: in its field, mistyped there, or in the text."""
    draw = rng.random()
    if draw < 0.4:
        return Question("osid_ok", row.id, rng.choice(("", row.name)), os_id=row.os_id)
    if draw < 0.7:
        text = f"{row.name} os id {row.os_id[:2]} {row.os_id[2:9]} {row.os_id[9:]}".lower()
        return Question("osid_in_text", row.id, text)
    i = rng.randrange(9, 14)
    wrong = row.os_id[:i] + ("7" if row.os_id[i] != "7" else "4") + row.os_id[i + 1 :]
    return Question("osid_typo", row.id, "", os_id=wrong, matches=False)


def _asked(row: Row, rng: random.Random) -> Iterator[Question]:
    if rng.random() < 0.06:
        yield _identified(row, rng)
    yield from questions(row, rng, 2)


def benchmark(size: int, asked: int, seed: int) -> Benchmark:
    """A registry of about `size` facilities and about `asked` questions, the same for a seed."""
    rng = random.Random(seed)
    rows = list(registry(size, rng))
    chosen = rng.sample(rows, min(len(rows), asked // 2))
    gone = {row.id for row in chosen if rng.random() < ABSENT_SHARE}
    there = [row for row in rows if row.id not in gone]
    twins = twins_of(there)
    cores = {_core(row) for row in there}
    cases: list[Case] = []
    for row in chosen:
        for question in _asked(row, rng):
            case = case_of(question, f"q{len(cases)}", present=row.id not in gone)
            case = with_twins(case, row, twins)
            # A made-up unit number may be one that the registry really has.
            real_unit = not question.matches and _core(replace(row, name=question.name)) in cores
            cases.append(replace(case, soft=True) if real_unit else case)
    cases += [
        case_of(Question("generic", "", text, matches=False), f"q{len(cases) + i}", present=False)
        for i, text in enumerate(GENERIC)
    ]
    return Benchmark(there, cases)


def twins_of(rows: Iterable[Row]) -> dict[str, list[str]]:
    """Name -> the facilities that bear it, when there are several."""
    names: dict[str, list[str]] = {}
    for row in rows:
        names.setdefault(_core(row), []).append(row.id)
    return {name: ids for name, ids in names.items() if len(ids) > 1}


def _core(row: Row) -> str:
    name = parse_name(row.name)
    return "|".join(("".join(name.proper), *sorted(name.trades), *sorted(name.units), row.country))


def with_twins(case: Case, row: Row, twins: dict[str, list[str]]) -> Case:
    """The same case, knowing that other factories bear the name.

    Without a place there is no right automatic answer; with a city in the text it depends on the
    city, so the case is left out.
    """
    same = twins.get(_core(row))
    if not same or case.query.address or case.query.identifiers or "osid" in case.kind:
        return case
    if case.kind in {"pert_free", "short_city", "tw_district", "bn", "vi"}:
        return replace(case, soft=True)
    return replace(case, answerable=False, truth=frozenset(same), also=frozenset())
