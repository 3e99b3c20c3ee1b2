"""A run of a schedule, noted at its end, so that somebody sees when the next ones do not come."""

from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.deps import Deps
from chalicelib.domain.work.operations import Schedule
from chalicelib.errors import Unavailable


@contextmanager
def run_of(schedule: Schedule, *, deps: Deps) -> Iterator[None]:
    """Around a run. One that raises is not noted; a note that cannot be made fails no run."""
    yield
    try:
        deps.schedules.note(schedule, deps.now())
    except Unavailable:
        return
