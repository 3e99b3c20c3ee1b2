"""OS IDs that Open Supply Hub has merged into others, and the factories that are one by that.

What was reported and disclosed is kept. What an id is now follows from the merges: an id that was
merged into another is that one, and whatever that one was merged into.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated

from pydantic import Field

from chalicelib.domain.factories.identifiers import compact
from chalicelib.domain.factories.registry import Factory
from chalicelib.domain.text import Line
from chalicelib.domain.values import Moment, Value

MOST_STEPS = 50
"""From an id to what it is now. Open Supply Hub itself names the current one."""


class OsIdMergeFields(Value):
    """Into which OS ID one was merged, and who says so."""

    into: Annotated[Line, Field(description="The OS ID that it is now.")]
    source: Annotated[Line | None, Field(description="Where that was read.")] = None
    merged_on: Annotated[date | None, Field(description="The day, if it is known.")] = None


class OsIdMerge(OsIdMergeFields):
    """One merge. From `taken_back` on it is not followed; it goes once its factories are apart."""

    os_id: str
    updated_at: Moment
    version: int = 1
    taken_back: bool = False


def way_of(os_id: str, into: Mapping[str, str]) -> tuple[str, ...]:
    """The id, what it was merged into, what that was merged into, to what it is now."""
    way = [os_id]
    while (further := into.get(way[-1])) is not None and further not in way:
        way.append(further)
    return tuple(way)


def settled(factories: Iterable[Factory], into: Mapping[str, str]) -> dict[str, Factory]:
    """The factories, by id, each with what its OS ID is now and which other factory it is by that.

    Of several whose ids are the same now, the one whose id took the fewest steps stands for all; of
    several equally near, the one that Open Supply Hub has known longest (an id begins with its
    day). Where two were disclosed with one id nobody can say which, and all stay what they are.
    """
    known = {factory.factory_id: factory for factory in factories}
    ways = {i: way_of(compact(f.os_id), into) for i, f in known.items() if f.os_id}
    same: dict[str, list[str]] = defaultdict(list)
    for factory_id, way in sorted(ways.items()):
        same[way[-1]].append(factory_id)
    found = {i: _apart(factory, ways.get(i, ())) for i, factory in known.items()}
    for members in same.values():
        found |= _joined(members, ways, found)
    return found


def _apart(factory: Factory, way: Sequence[str]) -> Factory:
    now = way[-1] if len(way) > 1 else None
    return factory.model_copy(update={"current_os_id": now, "merged_into": None, "merged_from": ()})


def _joined(
    members: Sequence[str], ways: Mapping[str, Sequence[str]], found: Mapping[str, Factory]
) -> dict[str, Factory]:
    near = sorted((len(ways[each]), ways[each][0], each) for each in members)
    if len(near) == 1 or near[0][:2] == near[1][:2]:
        return {}
    stands = near[0][2]
    others = sorted(each for each in members if each != stands)
    into = {each: found[each].model_copy(update={"merged_into": stands}) for each in others}
    for_all = found[stands].model_copy(update={"merged_from": tuple(others)})
    return {**into, stands: for_all}
