"""What is newer than the index file: added and removed facilities, and what reviewers decided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from .index import Index
from .records import Facility, Query
from .search import parse_query


def alias_key(query: Query) -> str:
    """The key under which a reviewer's decision about a reported factory is kept.

    Two reports have the same key when name, trade, unit, country and place say the same.
    """
    name, place, country = parse_query(query)
    parts = (
        " ".join(name.proper),
        " ".join(sorted(name.trades)),
        " ".join(sorted(name.units)),
        name.native,
        country,
        " ".join(sorted(place.words)),
    )
    return "|".join(parts)


def name_key(query: Query) -> str:
    """The part of `alias_key` that a refusal is kept under: the place does not matter there."""
    return alias_key(query).rpartition("|")[0]


@dataclass(frozen=True, slots=True)
class Overlay:
    """Recent changes, small enough for memory; an empty one is the default."""

    index: Index | None = None
    hidden: frozenset[str] = frozenset()  # facilities of the file that changed or are gone
    confirmed: Mapping[str, str] = field(default_factory=dict)  # alias_key -> facility
    refused: Mapping[str, frozenset[str]] = field(default_factory=dict)  # name_key -> facilities

    @classmethod
    def of(
        cls,
        additions: Iterable[Facility] = (),
        removed: Iterable[str] = (),
        confirmed: Mapping[str, str] | None = None,
        refused: Mapping[str, frozenset[str]] | None = None,
    ) -> "Overlay":
        """Index the additions; one with the id of a facility in the file replaces that one."""
        added = tuple(additions)
        return cls(
            index=Index.in_memory(added, version="overlay") if added else None,
            hidden=frozenset(removed) | {facility.id for facility in added},
            confirmed=confirmed or {},
            refused=refused or {},
        )

    def with_judgements(
        self, confirmed: Mapping[str, str], refused: Mapping[str, frozenset[str]]
    ) -> "Overlay":
        """The same changes of the registry, with what reviewers have said."""
        return replace(self, confirmed=confirmed, refused=refused)

    def refuses(self, query: Query, facility_id: str) -> bool:
        """Whether a reviewer has said that this name does not mean this facility."""
        return bool(self.refused) and facility_id in self.refused.get(name_key(query), frozenset())
