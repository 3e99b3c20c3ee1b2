"""Codes on posters, in the `registry` table: one row a code, for good."""

from datetime import datetime
from typing import Any

from chalicelib.domain.dates import timestamp
from chalicelib.domain.helpline.poster import PosterCode
from chalicelib.errors import AlreadyExists, NotFound
from chalicelib.store.codec import dump, encode, load
from chalicelib.store.faults import ConditionFailed
from chalicelib.store.paging import Page, Start
from chalicelib.store.table import Table

_POSTER = "POSTER"


class Posters:
    """The codes on partners' posters. What was printed once never comes to mean anything else."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, code: str) -> PosterCode | None:
        """A code (eight symbols, upper case), one that has ended included; None for no code."""
        item = self._table.get(_key(code))
        return load(PosterCode, item) if item else None

    def add(self, poster: PosterCode) -> None:
        """Keep a code that is new. AlreadyExists, whatever has become of the other one."""
        listing = {
            "listing": _listing(poster.factory_id),
            "listing_sort": f"{poster.partner_id}#{poster.code}",
        }
        item = encode({**_key(poster.code), **listing, **dump(poster)})
        try:
            self._table.put(item, "attribute_not_exists(pk)")
        except ConditionFailed as refused:
            raise AlreadyExists() from refused

    def end(self, code: str, at: datetime) -> None:
        """End a code; the first time counts. NotFound."""
        expression = "SET ended_at = if_not_exists(ended_at, :at)"
        try:
            self._table.update(_key(code), expression, "attribute_exists(pk)", at=timestamp(at))
        except ConditionFailed as refused:
            raise NotFound() from refused

    def page(
        self, factory_id: str, partner_id: str | None, limit: int, start: Start | None
    ) -> Page[PosterCode]:
        """A page of a factory's codes, ended ones included; of one partner if given.

        One that was made a moment ago may lack.
        """
        narrowed: dict[str, Any] = {}
        if partner_id is not None:
            sort = "begins_with(listing_sort, :prefix)"
            narrowed = {"sort": sort, "values": {"prefix": f"{partner_id}#"}}
        page = self._table.page(
            {"listing": _listing(factory_id)}, limit, start, index="listing", **narrowed
        )
        return Page([load(PosterCode, item) for item in page.items], page.next_start)

    def name(self, factory_id: str) -> bool:
        """Whether a code that has not ended names a factory."""
        page = self._table.page(
            {"listing": _listing(factory_id)},
            1,
            None,
            index="listing",
            filters="attribute_not_exists(ended_at)",
        )
        return bool(page.items)


def _key(code: str) -> dict[str, str]:
    return {"pk": f"{_POSTER}#{code}", "sk": _POSTER}


def _listing(factory_id: str) -> str:
    return f"posters#{factory_id}"
