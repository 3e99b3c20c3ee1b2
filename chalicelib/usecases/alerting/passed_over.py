"""Brands that were not told of a case, because it was not with anybody when their links came.

Apart from `tell_later.py`, which tells them: that reads the registry with the matcher, and whoever
only notes that somebody was passed over does not wait for the matcher to load.
"""

from chalicelib.deps import Deps
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.routing import is_with_brands
from chalicelib.store.table import Row


def passed_over_rows(before: Case, after: Case, *, deps: Deps) -> list[Row]:
    """Rows to save a case with that brands work on, where some may have been passed over: links
    came while it was held or had ended, or its worker did not agree to have it told."""
    went_on = is_with_brands(before) and before.agreed == after.agreed
    if went_on or not is_with_brands(after) or after.factory_id is None:
        return []
    return [deps.work.watch_row(after.factory_id, deps.now())]
