"""What a worker sent, whatever carried it here."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.text import CountryCode, LanguageTag
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import Channel

LONGEST_TEXT = 10_000
"""What is longer than this is not read further; no provider sends as much."""


class InboundMedia(Value):
    """A picture or a recording that the provider holds for us."""

    reference: Annotated[str, Field(min_length=1, max_length=2_000, repr=False)]
    """A URL, or the provider's id of it."""
    content_type: str | None = None


class Inbound(Value):
    """A message as its adapter read it. `sender` goes to the vault and nowhere else."""

    message_id: Annotated[str, Field(min_length=1, max_length=255)]
    """The provider's own: the same message has the same one, however often it is sent."""
    named_by_content: bool = False
    """The provider has no id for it. The same words are the same message only where nothing was
    said in between: who writes STOP, START and STOP again means each of them."""
    channel: Channel
    sender: Annotated[str, Field(min_length=1, max_length=200, repr=False)]
    """As the provider names her: a number in E.164, an openid."""
    text: Annotated[str, Field(max_length=LONGEST_TEXT, repr=False)] = ""
    media: tuple[InboundMedia, ...] = ()
    language: LanguageTag | None = None
    country: CountryCode | None = None
    sent_at: Moment | None = None
