"""Which build of the matching index is current, and what it was built from."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from chalicelib.domain.values import Moment, Value

OVERLAP = timedelta(minutes=10)
"""How far before its start a build is taken to be blind: clocks differ, and the registry's list
lags behind its writes."""

REBUILT_AFTER = timedelta(days=1)
"""An index is built anew after this time even where nothing seems to have changed."""


class IndexBuild(Value):
    """A build that is current: an immutable file, and how to tell that it is whole."""

    version: str
    key: Annotated[str, Field(description="Of the file in the bucket; never written again.")]
    sha256: str
    size: Annotated[int, Field(description="Bytes.")]
    facilities: int
    built_at: Moment
    covers_until: Annotated[Moment, Field(description="Later changes are not in it for certain.")]
    last_change: Annotated[str, Field(description="The newest note of a change it has seen.")] = ""
    to_retry: Annotated[
        tuple[str, ...],
        Field(description="Countries whose waiting cases have yet to be sent for another look."),
    ] = ()
