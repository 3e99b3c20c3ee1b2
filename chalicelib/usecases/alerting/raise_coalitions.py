"""Tell brands where several partners' cases say the same of one factory, and the partners that
others say so, too."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.alerting.coalition import (
    Coalition,
    Heard,
    Member,
    counts_differently,
    heard,
    lapsed,
    member,
    next_round,
    of_category,
    signals_of,
    stands,
    told,
    write_coalition_alert,
)
from chalicelib.domain.cases.case import Case
from chalicelib.domain.dates import next_midnight
from chalicelib.domain.factories.registry import Brand, Factory, SourcingLink, one_each
from chalicelib.domain.references import secret_id
from chalicelib.domain.rules import COALITION
from chalicelib.domain.vocabulary import Category
from chalicelib.errors import VersionConflict
from chalicelib.store.keyring import Purpose
from chalicelib.store.table import Row
from chalicelib.usecases.admission.engaged import Engaged
from chalicelib.usecases.record.committer import commitments_of

MOST_ROWS = 98
"""A transaction holds a hundred, the head and its entry among them."""


def signals_rows(before: Case, after: Case, *, deps: Deps) -> list[Row]:
    """Rows to save a changed case with: a note, where it counts otherwise than before.

    It is worked off after midnight (UTC): a brand that hears of a coalition the minute it comes
    about would know when the last of them filed.
    """
    at = deps.now()
    if at - after.received_at >= 2 * COALITION.within:
        return []  # nothing that stands counts it
    changed = counts_differently(before, after)
    return [deps.work.watch_signals_row(each, next_midnight(at)) for each in changed]


class About(NamedTuple):
    """A factory, and whoever sources there and may be told now."""

    factory: Factory
    sourcing: Sequence[tuple[Brand, SourcingLink]]


def raise_coalitions(factory: Factory, cases: Sequence[Case], *, deps: Deps) -> bool:
    """Look at each category of what was filed about a factory of late.

    False where somebody else changed a coalition just now: it is to be looked at again.
    """
    members = _members(factory, cases, deps)
    ids = {category: _id_of(factory, category, deps) for category in Category}
    known = deps.coalitions.existing(list(ids.values()))
    since = deps.now() - COALITION.within
    wanted = [
        category
        for category in Category
        if ids[category] in known or stands(of_category(members, category, since))
    ]
    if not wanted:
        return True
    about = About(factory, _sourcing(factory, deps))
    try:
        for category in wanted:
            _look_at(known.get(ids[category]), category, about, members, deps)
    except VersionConflict:
        return False
    return True


def _members(factory: Factory, cases: Sequence[Case], deps: Deps) -> list[Member]:
    workers = deps.vault.known_anywhere([case.grievance_id for case in cases]) if cases else {}
    none: frozenset[str] = frozenset()
    counted = (member(c, workers.get(c.grievance_id, none), factory) for c in cases)
    return [each for each in counted if each is not None]


def _id_of(factory: Factory, category: Category, deps: Deps) -> str:
    """Secret: a brand that is not told which factory must not find it by trying all it knows."""
    key = deps.keyring.key(Purpose.COALITION_ID)
    return secret_id("c", key, factory.factory_id, category)


def _sourcing(factory: Factory, deps: Deps) -> list[tuple[Brand, SourcingLink]]:
    links = one_each(deps.registry.links_of_all(factory.all_ids))
    brands = deps.registry.brands([link.brand_id for link in links]) if links else {}
    engaged = Engaged(deps)
    return [
        (brands[link.brand_id], link)
        for link in links
        if link.brand_id in brands and engaged.may_be_alerted(link.brand_id, factory.country)
    ]


def _look_at(
    coalition: Coalition | None,
    category: Category,
    about: About,
    members: Sequence[Member],
    deps: Deps,
) -> None:
    """Raise a coalition, tell it to brands known only now, or let it lapse. VersionConflict."""
    now = deps.now()
    since = now - COALITION.within
    already: Sequence[str] = ()
    if coalition is not None and coalition.is_live(now):
        if coalition.lapsed_at is not None:
            return
        since, already = coalition.counts_from, coalition.alerted_brands
    counted = of_category(members, category, since)
    if already and not stands(counted):
        _let_lapse(coalition, now, deps)
        return
    to_tell = [
        (brand, link, what)
        for brand, link in about.sourcing
        if brand.brand_id not in already and (what := heard(counted, link)) is not None
    ]
    if to_tell:
        _tell(coalition, category, about.factory, to_tell, counted, deps)


def _let_lapse(coalition: Coalition | None, now: datetime, deps: Deps) -> None:
    if coalition is not None:
        deps.coalitions.save(*lapsed(coalition, now))


def _tell(
    known: Coalition | None,
    category: Category,
    factory: Factory,
    to_tell: Sequence[tuple[Brand, SourcingLink, Heard]],
    counted: Sequence[Member],
    deps: Deps,
) -> None:
    """Write the alerts, and at the beginning of a round its signals. Raises VersionConflict."""
    at, coalition_id = deps.now(), _id_of(factory, category, deps)
    number = next_round(known, at)
    alerts = [
        write_coalition_alert(
            coalition_id, number, category, brand, factory, link, what,
            desk_url=deps.settings.public_url, at=at,
        )
        for brand, link, what in to_tell
    ]  # fmt: skip
    changed = told(
        known,
        coalition_id,
        factory,
        category,
        alerts,
        counted,
        at=at,
        commit=commitments_of(coalition_id, deps.keyring),
    )
    begins = known is None or number != known.round
    signals = signals_of(changed.coalition, at) if begins else []
    rows = [*map(deps.alerts.new_row, deps.alerts.write_ahead(alerts))]
    rows += deps.signals.rows(signals, room=MOST_ROWS - len(rows))
    deps.coalitions.save(changed.coalition, changed.entry, rows)
