"""The tick: look what is due, and ask for it to be worked. Costs the same however much there is."""

from chalicelib import log
from chalicelib.deps import Deps
from chalicelib.store.work import SHARDS

JOBS_A_TICK = 50


def check_grievances(*, deps: Deps) -> None:
    """Send one message for each non-empty shard of due work, and one for each job that is due.

    What is due stays due until it is done, so a lost message, a missed tick or two ticks at once
    change nothing but the time it takes. Raises Unavailable.
    """
    now = deps.now()
    shards = [shard for shard in range(SHARDS) if deps.work.anything_due(shard, now)]
    jobs = deps.jobs.due(now, JOBS_A_TICK)
    deps.queues.send_shards(shards)
    deps.queues.send_jobs(jobs)
    if shards or jobs:
        log.info(log.Event.CHECK_STARTED, shards=len(shards), jobs=len(jobs))
