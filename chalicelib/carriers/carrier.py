"""What a carrier is asked to do, and how it says no."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from chalicelib.carriers.http import Answer
from chalicelib.domain.helpline.helpline_line import HelplineLine
from chalicelib.domain.helpline.media import MediaRefusal
from chalicelib.errors import Unavailable


class Parcel(NamedTuple):
    """A message as it is handed over. `to` is whose it is: it goes nowhere but to the carrier."""

    text: str
    to: str
    line: HelplineLine
    secrets: Mapping[str, str]
    answers: str | None
    tell: str
    """The URL at which the carrier may say what has become of it."""


class Wanted(NamedTuple):
    """What came with a message, as its provider holds it: a URL, or an id of the provider's."""

    reference: str
    line: HelplineLine
    secrets: Mapping[str, str]


class NotFetched(Exception):
    """It is not to be had, however often it is asked for."""

    def __init__(self, because: MediaRefusal) -> None:
        super().__init__(because)
        self.because = because


class RefusedByCarrier(Exception):
    """It will not take this message, however often it is asked. `code` is its own."""

    def __init__(self, code: str) -> None:
        super().__init__("refused by the carrier")
        self.code = code[:40]


class Carrier(Protocol):
    """Takes one message, hands out what came with one, and forgets both."""

    def send(self, parcel: Parcel) -> str:
        """Hand a message over; the carrier's id of it.

        Raises RefusedByCarrier, Unavailable (it may have been taken all the same).
        """
        ...

    def fetch(self, wanted: Wanted) -> bytes:
        """What came with a message, at most `attachment.LARGEST` bytes of it.

        Raises NotFetched, RefusedByCarrier, Unavailable.
        """
        ...

    def delete(self, held: Wanted) -> None:
        """Have the provider delete its copy of a message, or of what came with one. What is gone
        already is gone; where it ends by itself nothing is asked.

        Raises RefusedByCarrier, Unavailable (it may be gone all the same).
        """
        ...


_TOO_MANY = 429


def content_of(answer: Answer) -> bytes:
    """What a provider has handed out. NotFetched where it will not, Unavailable where it may."""
    if answer.status == _TOO_MANY or answer.status >= 500:
        raise Unavailable()
    if answer.status != 200:
        raise NotFetched(MediaRefusal.REFUSED_BY_CARRIER)
    return answer.body


def secret(parcel: Parcel | Wanted, name: str) -> str:
    """One of the line's secrets. RefusedByCarrier where it was not given."""
    value = parcel.secrets.get(name)
    if not value:
        raise RefusedByCarrier("secret_missing")
    return value
