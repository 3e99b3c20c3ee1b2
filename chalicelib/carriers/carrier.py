"""What a carrier is asked to do, and how it says no."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from chalicelib.domain.helpline_line import HelplineLine


class Parcel(NamedTuple):
    """A message as it is handed over. `to` is whose it is: it goes nowhere but to the carrier."""

    text: str
    to: str
    line: HelplineLine
    secrets: Mapping[str, str]
    answers: str | None
    tell: str
    """The URL at which the carrier may say what has become of it."""


class RefusedByCarrier(Exception):
    """It will not take this message, however often it is asked. `code` is its own."""

    def __init__(self, code: str) -> None:
        super().__init__("refused by the carrier")
        self.code = code[:40]


class Carrier(Protocol):
    """Takes one message."""

    def send(self, parcel: Parcel) -> str:
        """Hand a message over; the carrier's id of it.

        Raises RefusedByCarrier, Unavailable (it may have been taken all the same).
        """
        ...


def secret(parcel: Parcel, name: str) -> str:
    """One of the line's secrets. RefusedByCarrier where it was not given."""
    value = parcel.secrets.get(name)
    if not value:
        raise RefusedByCarrier("secret_missing")
    return value
