"""Count a request of a key, and a filing of an organisation. Both fail open.

A limit keeps one caller from crowding out the others. Where nothing can be counted nobody is
refused: a worker's grievance must not wait for a counter. The log says so, and an alarm hears it.
"""

from datetime import datetime

from chalicelib import log
from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.limits import Allowance, Limit, filings_limit, requests_limit
from chalicelib.domain.references import keyed_hash
from chalicelib.errors import Unavailable
from chalicelib.store.keyring import Purpose


def count_request(by: Principal, *, deps: Deps) -> Allowance | None:
    """What is left of a key's requests after this one; None where it could not be counted."""
    limit, at = requests_limit(deps.settings.requests_per_minute), deps.now()
    return _counted(limit, _keyed_key(by.key_id, limit.begins(at), deps), at, 1, deps)


def count_filing(by: Principal, *, a_day: int | None, at: datetime, deps: Deps) -> Allowance | None:
    """What is left of an organisation's filings after this one; None where it could not be counted.

    `a_day` is the organisation's own quota, if it has one.
    """
    return _counted(_filings(a_day, deps), by.organisation, at, 1, deps)


def give_filing_back(
    by: Principal, *, a_day: int | None, at: datetime, deps: Deps
) -> Allowance | None:
    """Take back what was counted `at` that time for a filing that came to nothing new."""
    return _counted(_filings(a_day, deps), by.organisation, at, -1, deps)


def _keyed_key(key_id: str, begins: datetime, deps: Deps) -> str:
    """Stands for a key in one window: the rows, and their backups, do not say who worked when."""
    named = f"{begins:%Y%m%dT%H%M}|{key_id}"
    return keyed_hash(deps.keyring.key(Purpose.COUNTED_KEY), named)[:32]


def _filings(a_day: int | None, deps: Deps) -> Limit:
    return filings_limit(a_day or deps.settings.filings_per_day)


def _counted(limit: Limit, subject: str, at: datetime, by: int, deps: Deps) -> Allowance | None:
    try:
        return deps.counters.count(limit, subject, at, by)
    except Unavailable:
        log.error(log.Event.LIMIT_NOT_COUNTED, limit=limit.kind)
        return None
