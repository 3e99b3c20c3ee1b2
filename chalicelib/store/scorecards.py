"""Scorecards of brands, one a quarter: rows of the `registry` table."""

from chalicelib.domain.alerting.scorecard import Quarter, Scorecard
from chalicelib.errors import VersionConflict
from chalicelib.store.codec import Item, dump, encode, load
from chalicelib.store.faults import ConditionFailed
from chalicelib.store.table import Table

NOT_THERE_YET = "attribute_not_exists(pk)"
STILL_THAT_VERSION = "version = :expected"


class Scorecards:
    """The cards in the `registry` table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, brand_id: str, quarter: Quarter) -> Scorecard | None:
        """A card that was computed; None when it was not yet."""
        item = self._table.get(_key(brand_id, str(quarter)))
        return load(Scorecard, item) if item else None

    def keep(self, card: Scorecard) -> bool:
        """Keep a new card; whether it is the first of its brand and quarter. Another one stays."""
        try:
            self._table.put(_item(card), NOT_THERE_YET)
        except ConditionFailed:
            return False
        return True

    def save(self, card: Scorecard) -> None:
        """Write a card's next version. VersionConflict."""
        try:
            self._table.put(_item(card), STILL_THAT_VERSION, expected=card.version - 1)
        except ConditionFailed as changed:
            raise VersionConflict() from changed


def _item(card: Scorecard) -> Item:
    return encode({**_key(card.brand_id, card.quarter), **dump(card)})


def _key(brand_id: str, quarter: str) -> dict[str, str]:
    return {"pk": f"SCORECARD#{brand_id}", "sk": quarter}
