"""Under which keys reviewers' judgements are kept, so that they act at once.

The keys are digests: what somebody reported is nothing that may stand in a key.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from chalicelib.domain.cases.facts import FactoryReported

from .conversions import query_of
from .exact import CONFIRMED, REFUSED, Key
from .names import parse_name
from .overlay import alias_key, name_key


class Judged(NamedTuple):
    """What reviewers have said about spellings, as `Overlay` takes it."""

    confirmed: Mapping[str, str]
    refused: Mapping[str, frozenset[str]]


def is_a_name(reported: FactoryReported) -> bool:
    """Whether the name has a word of its own: `garment factory` could be anybody's."""
    parsed = parse_name(reported.name or "")
    return bool(parsed.proper or parsed.han)


def confirmed_key(reported: FactoryReported) -> Key:
    """The key of a confirmed spelling: name, trade, unit, country and place as they were said."""
    return Key(CONFIRMED, _digest(alias_key(query_of(reported))))


def refused_key(reported: FactoryReported) -> Key:
    """The key of a refused spelling; the place does not matter there."""
    return Key(REFUSED, _digest(name_key(query_of(reported))))


def judged(
    reported: FactoryReported,
    found: Mapping[Key, frozenset[str]],
    refused: Iterable[str] = (),
) -> Judged:
    """What the findings of a look-up say about a report.

    A spelling that was confirmed for two factories is confirmed for neither. `refused` are
    factories that were refused for this report alone.
    """
    query = query_of(reported)
    confirmed = found.get(confirmed_key(reported), frozenset())
    vetoed = found.get(refused_key(reported), frozenset()) | frozenset(refused)
    return Judged(
        {alias_key(query): min(confirmed)} if len(confirmed) == 1 else {},
        {name_key(query): vetoed} if vetoed else {},
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
