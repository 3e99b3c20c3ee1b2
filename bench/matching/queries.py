"""Questions about known factories, with the noise kinds of noise.py and the right answers."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chalicelib.matching.scripts import fold, has_han, only_han

from . import noise


@dataclass(frozen=True, slots=True)
class Row:
    """A registry row of the benchmark's file format."""

    id: str
    name: str
    address: str
    country: str
    os_id: str = ""
    src: str = "synthetic"


@dataclass(frozen=True, slots=True)
class Question:
    """A query row of the benchmark's file format, without its number."""

    kind: str
    fid: str
    name: str
    address: str = ""
    country: str = ""
    os_id: str = ""
    note: str = ""
    matches: bool = True  # whether the facility `fid` is the right answer if it is there


_FREE: Final = (
    "I work at {name}, {place}", "{name} in {place}", "{name} ({place})",
    "{name} factory near {place}",
    "factory name: {name}; location {place}", "{name}, {place}", "worker from {name} - {place}",
)  # fmt: skip
_UNITS: Final = (
    "Unit-{n}",
    "Unit {r}",
    "- {n}",
    "(Unit {n})",
    "Plant {n}",
    "Factory {n}",
    "Branch {n}",
)
_ROMAN: Final = ("II", "III", "IV", "V", "VI", "VII", "VIII")
GENERIC: Final = (
    "garment factory", "the shoe factory near the river", "Apparels Ltd", "textile mill", "unknown",
    "服装有限公司", "工厂", "鞋厂", "গার্মেন্টস কারখানা", "công ty may", "Fashion Co., Ltd.", "Unit 3",
    "knitting factory", "International Garment Co Ltd", "电子厂", "nhà máy giày", "Limited", "???",
)  # fmt: skip


def place_of(row: Row, rng: random.Random) -> str:
    """A city or district out of an address: one or two of its last parts without numbers."""
    parts = [p.strip() for p in re.split(r"[,.]", row.address) if not re.search(r"\d", p)]
    parts = [p for p in parts if 3 < len(p) < 40]
    if not parts:
        return ""
    start = max(0, len(parts) - rng.choice((1, 2, 3)))
    return " ".join(parts[start : start + rng.choice((1, 1, 2))])


def _another_list(address: str, rng: random.Random) -> str:
    """An address as another list has it: parts left out or reordered, slips, other numbers."""
    parts = [part.strip() for part in address.split(",") if part.strip()]
    way = rng.random()
    if way < 0.2 and len(parts) > 1:
        return ", ".join(parts[-2:])
    if way < 0.35:
        return noise.as_heard(address, rng)
    if way < 0.5:
        return re.sub(r"\d+", lambda _: str(rng.randrange(1, 400)), address)
    if way < 0.6:
        rng.shuffle(parts)
    if len(parts) > 2 and rng.random() < 0.6:
        parts.pop(rng.randrange(len(parts) - 1))
    text = ", ".join(parts)
    if rng.random() < 0.3:
        text = noise.typo(text, rng)
    return re.sub(r"\d+", "", text, count=1) if rng.random() < 0.15 else text


def _latin(row: Row, rng: random.Random) -> Question:
    name, note = noise.noisy(row.name, rng)
    place = place_of(row, rng)
    view = rng.random()
    if view < 0.3:
        return Question(
            "pert_full", row.id, name, _another_list(row.address, rng), row.country, note=note
        )
    if view < 0.6:
        return Question("pert_name_cc", row.id, name, "", row.country, note=note)
    if view < 0.7 or not place:
        return Question("pert_name", row.id, name, note=note)
    text = rng.choice(_FREE).format(name=name, place=place)
    return Question("pert_free", row.id, text, note=note)


def _own(row: Row, rng: random.Random) -> Question:
    if rng.random() < 0.4:
        return Question("self_full", row.id, row.name, row.address, row.country)
    return Question("self_name_cc", row.id, row.name, "", row.country)


def _short(row: Row, rng: random.Random) -> Question:
    words = noise.dropped(row.name, rng).split()
    name = " ".join(words[: max(1, min(len(words), rng.choice((1, 2, 2, 3))))])
    country = row.country if rng.random() < 0.5 else ""
    return Question("short_city", row.id, f"{name} {place_of(row, rng)}".strip(), "", country)


def _unit(row: Row, rng: random.Random) -> Question:
    n = rng.randrange(2, 9)
    name = f"{row.name} {rng.choice(_UNITS).format(n=n, r=_ROMAN[n - 2])}"
    if has_han(row.name):
        name = row.name + rng.choice("二三四五六七八") + "廠"
        return Question("tw_plant", row.id, name, "", row.country, matches=False)
    return Question("unit_add", row.id, name, "", row.country, matches=False)


def _foreign(row: Row, rng: random.Random) -> Question | None:
    country = row.country if rng.random() < 0.6 else ""
    place = f", {place_of(row, rng)}" if rng.random() < 0.4 else ""
    if row.country == "BD":
        bengali = noise.in_bengali(row.name + place, rng)
        return Question("bn", row.id, bengali, "", country)
    if row.country == "VN":
        return Question("vi", row.id, noise.in_vietnamese(row.name, rng) + place, "", country)
    chinese = noise.in_chinese(row.name, rng) if row.country == "CN" else None
    return Question("zh", row.id, chinese, "", country) if chinese else None


def _han(row: Row, rng: random.Random) -> Question:
    """A question about a Chinese name: as it stands, shortened, misheard, or in other letters."""
    kind = rng.choice(
        ("tw_full", "tw_drop", "tw_homo", "tw_pinyin", "tw_district", "tw_t2s", "tw_drop_t2s")
    )
    country = row.country if rng.random() < 0.6 else ""
    bare = re.sub("(股份)?有限公司", "", row.name)
    names = {
        "tw_full": row.name,
        "tw_drop": bare,
        "tw_homo": noise.homophone(row.name, rng),
        "tw_pinyin": noise.in_pinyin(row.name),
        "tw_district": f"{bare} {only_han(row.address)[:6]}",
        "tw_t2s": fold(row.name),
        "tw_drop_t2s": fold(bare),
    }
    address = row.address if kind == "tw_full" else ""
    return Question(kind, row.id, names[kind], address, country)


def questions(row: Row, rng: random.Random, count: int) -> Iterator[Question]:
    """Up to `count` different questions about one facility."""
    for _ in range(count):
        draw = rng.random()
        if draw < 0.08:
            yield _unit(row, rng)
        elif has_han(row.name):
            yield _han(row, rng)
        elif draw < 0.2:
            yield _own(row, rng)
        elif draw < 0.3:
            yield _short(row, rng)
        elif draw < 0.5 and (foreign := _foreign(row, rng)):
            yield foreign
        else:
            yield _latin(row, rng)
