"""Builds `country_names.json` from the Unicode CLDR as Babel ships it.

Rewrite the table after an update of Babel: `python -m tests.channels.disclosure.cldr_table`.
"""

import json
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TypedDict

from babel import Locale
from babel.core import get_global
from rapidfuzz.distance import OSA

from chalicelib.channels.disclosure import countries
from chalicelib.channels.disclosure.text import fold

TABLE = Path(countries.__file__).with_name("country_names.json")

# Languages in which lists are really written: their names count although a slip is near
MAIN = ("en", "de", "fr", "es", "it", "pt", "nl", "zh_Hans", "zh_Hant", "ja", "ko", "tr", "pl")
FURTHER = (
    *("vi", "id", "ms", "bn", "hi", "ur", "ta", "si", "th", "km", "lo", "my", "ne", "ar", "he"),
    *("fa", "cs", "sk", "sl", "hr", "ro", "hu", "bg", "uk", "ru", "el", "sv", "da", "nb", "fi"),
    *("et", "lv", "lt", "sq", "mk", "ka", "hy", "az", "uz", "ca"),
)
# Reserved or left to users by ISO 3166-1; Kosovo's XK is the one of them that lists use
NOT_ASSIGNED = re.compile("AA|Q[M-Z]|X[A-JL-Z]|ZZ|EU|UN|EZ|AC|CP|CQ|DG|EA|IC|TA")


class Table(TypedDict):
    alpha3: dict[str, str]
    english: dict[str, str]
    names: dict[str, list[str]]


@cache
def alpha3() -> dict[str, str]:
    aliases: dict[str, list[str]] = get_global("territory_aliases")  # type: ignore[assignment]
    return {
        code: targets[0]
        for code, targets in sorted(aliases.items())
        if len(code) == 3 and code.isalpha() and len(targets) == 1
        if not NOT_ASSIGNED.fullmatch(targets[0])
    }


def meanings(codes: set[str], languages: tuple[str, ...]) -> dict[str, set[str]]:
    """Folded name -> the countries that it names in these languages."""
    found: dict[str, set[str]] = defaultdict(set)
    for language in languages:
        territories = Locale.parse(language).territories
        for code in codes & set(territories):
            found[fold(territories[code])].add(code)
    return found


def names(codes: set[str]) -> dict[str, str]:
    """Folded name -> alpha-2, but for names that could as well mean another country."""
    english = {fold(Locale("en").territories[code]): code for code in codes}
    main = meanings(codes, MAIN)
    return {
        name: code
        for name, found in meanings(codes, MAIN + FURTHER).items()
        for code in found
        if english.get(name, code) == code
        and (len(found) == 1 or name in english)
        and not is_code_of_another(name, code, codes)
        and (name in main or not is_a_slip_from_another(name, code, english))
    }


def is_code_of_another(name: str, code: str, codes: set[str]) -> bool:
    """Nga is Vietnamese for Russia and the code of Nigeria."""
    return alpha3().get(name.upper(), code) != code or name.upper() in codes - {code}


def is_a_slip_from_another(name: str, code: str, english: dict[str, str]) -> bool:
    """Nigera is Latvian for Niger, and more often a slip for Nigeria."""
    return any(
        other != code and OSA.distance(name, theirs, score_cutoff=1) <= 1
        for theirs, other in english.items()
    )


def build() -> Table:
    by_alpha3 = alpha3()
    codes = set(by_alpha3.values())
    by_code: dict[str, list[str]] = {code: [] for code in sorted(codes)}
    for name, code in sorted(names(codes).items()):
        by_code[code].append(name)
    return Table(
        alpha3=by_alpha3,
        english={code: Locale("en").territories[code] for code in sorted(codes)},
        names=by_code,
    )


def written(table: Table) -> str:
    """As JSON with one country's names a line, so that an update shows what changed."""
    parts = []
    for part, entries in table.items():
        lines = [f"{json.dumps(k)}:{json.dumps(v, ensure_ascii=False)}" for k, v in entries.items()]  # type: ignore[attr-defined]
        parts.append(f"{json.dumps(part)}:{{\n" + ",\n".join(lines) + "\n}")
    return "{" + ",\n".join(parts) + "}\n"


if __name__ == "__main__":
    TABLE.write_text(written(build()), encoding="utf-8")
