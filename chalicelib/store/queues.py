"""The queues for work, jobs and attachments: hints to look now.

What must not be lost is in the tables.
"""

import json
from collections.abc import Sequence
from typing import Any

from chalicelib.store.faults import in_our_words

BATCH = 10


class Queues:
    """Senders to the two queues."""

    def __init__(self, client: Any, *, work_url: str, jobs_url: str, attachments_url: str) -> None:
        self._client = client
        self._work_url = work_url
        self._jobs_url = jobs_url
        self._attachments_url = attachments_url

    def send_shards(self, shards: Sequence[int]) -> None:
        """Ask for shards of due work to be worked."""
        self._send(self._work_url, [{"shard": shard} for shard in shards])

    def send_case(self, case_id: str) -> None:
        """Ask for one urgent case to be checked now."""
        self._send(self._work_url, [{"case_id": case_id}])

    def send_jobs(self, job_ids: Sequence[str]) -> None:
        """Ask for jobs to be run."""
        self._send(self._jobs_url, [{"job_id": job_id} for job_id in job_ids])

    def send_attachments(self, found: Sequence[tuple[str, str]]) -> None:
        """Ask for attachments to be looked after, each by the case's id and its own."""
        bodies = [{"case_id": case_id, "attachment_id": its_id} for case_id, its_id in found]
        self._send(self._attachments_url, bodies)

    def _send(self, url: str, bodies: Sequence[dict[str, Any]]) -> None:
        for position in range(0, len(bodies), BATCH):
            entries = [
                {"Id": str(number), "MessageBody": json.dumps(body)}
                for number, body in enumerate(bodies[position : position + BATCH])
            ]
            with in_our_words():
                self._client.send_message_batch(QueueUrl=url, Entries=entries)
