"""The tick: look what is due, and ask for it to be worked. Costs the same however much there is."""

from chalicelib import log
from chalicelib.deps import Deps
from chalicelib.store.work import SHARDS

JOBS_A_TICK = 50
ATTACHMENTS_A_TICK = 200
OUTBOUND_A_TICK = 200
MEDIA_A_TICK = 200


def check_grievances(*, deps: Deps) -> None:
    """Send one message for each non-empty shard of due work, one for each job that is due,
    one for each attachment that has to be looked after, one for each message to a worker and one
    for each picture that came with a message and is to be fetched.

    What is due stays due until it is done, so a lost message, a missed tick or two ticks at once
    change nothing but the time it takes. Raises Unavailable.
    """
    now = deps.now()
    shards = [shard for shard in range(SHARDS) if deps.work.anything_due(shard, now)]
    jobs = deps.jobs.due(now, JOBS_A_TICK)
    deps.queues.send_shards(shards)
    deps.queues.send_jobs(jobs)
    attachments = deps.attachments.due(now, ATTACHMENTS_A_TICK)
    deps.queues.send_attachments(attachments)
    outbound = deps.outbound.due(now, OUTBOUND_A_TICK)
    deps.queues.send_outbound(outbound)
    media = deps.media.due(now, MEDIA_A_TICK)
    deps.queues.send_media(media)
    if shards or jobs or attachments or outbound or media:
        counts = {
            "shards": len(shards),
            "jobs": len(jobs),
            "attachments": len(attachments),
            "outbound": len(outbound),
            "media": len(media),
        }
        log.info(log.Event.CHECK_STARTED, **counts)
