"""What a worker may know with her receipt code alone."""

from datetime import datetime

from chalicelib.deps import Deps
from chalicelib.domain.cases.case import Case
from chalicelib.domain.limits import WRONG_CODES, network_of
from chalicelib.domain.references import keyed_hash, normalise_receipt_code
from chalicelib.errors import NotFound, TooManyRequests, Unavailable
from chalicelib.store.keyring import Purpose
from chalicelib.usecases.cases.submit_grievance import receipt_hash


def read_receipt(code: str, *, address: str, deps: Deps) -> Case:
    """The case a receipt code opens. NotFound for a mistyped and for an unknown code alike.

    Wrong codes are counted by the network they come from, and the limit fails closed: each look is
    counted before it is made and given back when it was right, so that many at once gain nothing.
    Raises TooManyRequests, Unavailable (also where nothing can be counted).
    """
    return open_receipt(code, counted_as=network_of(address), deps=deps)


def open_receipt(code: str, *, counted_as: str, partner_id: str | None = None, deps: Deps) -> Case:
    """The same for whoever can be told from others by something else than an address; with a
    partner's id, for its cases alone: another's is an unknown one. Raises as above."""
    if normalise_receipt_code(code) is None:
        raise NotFound()
    at = deps.now()
    seeker = _keyed_seeker(counted_as, at, deps)
    allowance = deps.counters.count(WRONG_CODES, seeker, at)
    if allowance.exceeded:
        raise TooManyRequests(_WAIT, retry_after=allowance.resets_in)
    case = deps.cases.by_receipt(receipt_hash(code, deps.keyring))
    if case is None or partner_id not in (None, case.partner_id):
        raise NotFound()
    _given_back(seeker, at, deps)
    return case


_WAIT = "Too many codes from your network opened nothing. Check the code, and try again later."


def _keyed_seeker(counted_as: str, at: datetime, deps: Deps) -> str:
    """Stands for the caller's network this hour: nobody can tell which, nor follow it further."""
    named = f"{WRONG_CODES.begins(at):%Y%m%dT%H}|{counted_as}"
    return keyed_hash(deps.keyring.key(Purpose.NETWORK), named)[:32]


def _given_back(seeker: str, at: datetime, deps: Deps) -> None:
    try:
        deps.counters.count(WRONG_CODES, seeker, at, by=-1)
    except Unavailable:
        return  # one look fewer within the hour; what she asked for she gets
