"""Build the matching index anew when the registry has changed, and make it the current one."""

import tempfile
from collections.abc import Iterator, Set
from datetime import datetime
from pathlib import Path

from chalicelib import log
from chalicelib.deps import Deps
from chalicelib.domain.dates import timestamp
from chalicelib.domain.factories.index_build import OVERLAP, REBUILT_AFTER, IndexBuild
from chalicelib.domain.vocabulary import JudgementVerdict
from chalicelib.matching.conversions import facility_of
from chalicelib.matching.index_build import build_index
from chalicelib.matching.records import Facility

_TOKEN_BYTES = 4


def build_match_index(*, deps: Deps) -> IndexBuild | None:
    """Build, keep and publish an index of the whole registry; None where nothing has changed.

    The file first, then the pointer to it, then the notes that waiting cases are to be looked at
    again, then the mark that this was done: a run that is killed in between is gone on with by the
    next one. Raises Unavailable.
    """
    current = deps.index_builds.current()
    if current is not None and current.to_retry:
        _send_for_another_look(current, deps)
    last_change = deps.registry.latest_change()
    note = last_change.note if last_change else ""
    if current is not None and not _is_stale(current, note, deps.now()):
        return None
    build = _built(current, note, deps)
    if deps.index_builds.make_current(build):
        log.info(
            log.Event.INDEX_BUILT,
            version=build.version,
            facilities=build.facilities,
            bytes=build.size,
            countries=len(build.to_retry),
        )
        _send_for_another_look(build, deps)
    return build


def _is_stale(current: IndexBuild, last_change: str, now: datetime) -> bool:
    return last_change > current.last_change or now - current.built_at >= REBUILT_AFTER


def _built(before: IndexBuild | None, last_change: str, deps: Deps) -> IndexBuild:
    """A new file in the bucket, and all that is to be known about it."""
    now = deps.now()
    version = f"{timestamp(now)[:19].replace(':', '')}Z-{deps.token(_TOKEN_BYTES)}"
    changed = deps.registry.changed_since(before.covers_until) if before else None
    countries = set[str]()
    with tempfile.TemporaryDirectory(prefix="handshake-build-") as folder:
        path = Path(folder) / "factories.index"
        facilities = build_index(_facilities(changed, countries, deps), path, version=version)
        key, written = deps.index_builds.upload(version, path)
    return IndexBuild(
        version=version,
        key=key,
        sha256=written.sha256,
        size=written.size,
        facilities=facilities,
        built_at=now,
        covers_until=now - OVERLAP,
        last_change=last_change,
        to_retry=tuple(sorted(countries)),
    )


def _facilities(changed: Set[str] | None, countries: set[str], deps: Deps) -> Iterator[Facility]:
    """Every factory with its confirmed spellings.

    `countries` takes up where those in `changed` are; None stands for all of them.
    """
    spellings = _confirmed_spellings(deps)
    for factory in deps.registry.all_factories():
        if changed is None or factory.factory_id in changed:
            countries.add(factory.country)
        yield facility_of(factory, spellings.get(factory.factory_id, ()))


def _confirmed_spellings(deps: Deps) -> dict[str, list[str]]:
    """The spellings reviewers have confirmed, by factory; one that was refused as well is none."""
    confirmed: dict[str, list[str]] = {}
    refused: set[tuple[str, str | None]] = set()
    for judgement in deps.registry.all_judgements():
        name = judgement.reported.name
        if judgement.verdict is JudgementVerdict.DIFFERENT:
            refused.add((judgement.factory_id, name))
        elif name:
            confirmed.setdefault(judgement.factory_id, []).append(name)
    return {
        factory_id: [name for name in sorted(set(names)) if (factory_id, name) not in refused]
        for factory_id, names in confirmed.items()
    }


def _send_for_another_look(build: IndexBuild, deps: Deps) -> None:
    for country in build.to_retry:
        deps.work.watch_country(country, deps.now())
    deps.index_builds.retried(build)
