"""Identifiers of a query and of the registry in one written form: "scheme:VALUE"."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from chalicelib.domain.factories.identifiers import IdentifierKind, check, compact, find_in


class QueryIdentifiers(NamedTuple):
    """`valid` ones as "scheme:VALUE"; `broken` ones as they were written in an identifier field."""

    valid: frozenset[str]
    broken: frozenset[str]


def identifiers_in(fields: Iterable[str], texts: Iterable[str]) -> QueryIdentifiers:
    """What the identifier fields say, and what stands in free text.

    A field that is no valid identifier of any known kind is broken; in free text it is just text.
    """
    valid, broken = set(), set()
    for raw in fields:
        checked = [check(kind, raw) for kind in IdentifierKind]
        names = {f"{one.kind}:{one.value}" for one in checked if one.valid}
        valid |= names
        if raw.strip() and not names:
            broken.add(raw.strip())
    for text in texts:
        if any(map(str.isdigit, text)):
            valid |= {f"{one.kind}:{one.value}" for one in find_in(text)}
    return QueryIdentifiers(frozenset(valid), frozenset(broken))


def canonical_identifiers(identifiers: Mapping[str, str]) -> frozenset[str]:
    """A facility's identifiers as "scheme:VALUE", compact."""
    written = ((scheme, compact(value)) for scheme, value in identifiers.items())
    return frozenset(f"{scheme}:{value}" for scheme, value in written if value)


def scheme_of(identifier: str) -> str:
    return identifier.partition(":")[0]
