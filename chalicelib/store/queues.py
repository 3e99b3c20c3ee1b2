"""The queues for work, jobs, attachments and messages to workers: hints to look now.

What must not be lost is in the tables; but for a reply to a worker, which is in the queue alone.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.domain.work.operations import QueueDepth
from chalicelib.store.faults import in_our_words

BATCH = 10


def queue_arn(url: str, neighbour: str) -> str:
    """The ARN of a queue by its URL, and the ARN of anything in its account and region."""
    _, partition, _, region, account, *_ = neighbour.split(":")
    return f"arn:{partition}:sqs:{region}:{account}:{url.rsplit('/', 1)[1]}"


class Queues:
    """Senders to the queues, and how deep all queues are."""

    def __init__(
        self,
        client: Any,
        *,
        work_url: str,
        jobs_url: str,
        attachments_url: str,
        outbound_url: str,
        dead_letter_urls: Mapping[str, str],
    ) -> None:
        self._client = client
        self._work_url = work_url
        self._jobs_url = jobs_url
        self._attachments_url = attachments_url
        self._outbound_url = outbound_url
        self._dead_letter_urls = dead_letter_urls

    def send_shards(self, shards: Sequence[int]) -> None:
        """Ask for shards of due work to be worked."""
        self._send(self._work_url, [{"shard": shard} for shard in shards])

    def send_case(self, case_id: str) -> None:
        """Ask for one urgent case to be checked now."""
        self._send(self._work_url, [{"case_id": case_id}])

    def send_jobs(self, job_ids: Sequence[str]) -> None:
        """Ask for jobs to be run."""
        self._send(self._jobs_url, [{"job_id": job_id} for job_id in job_ids])

    def depths(self) -> tuple[QueueDepth, ...]:
        """How deep each queue and its dead-letter queue is; the schedules have only the latter.

        One call for each queue.
        """
        urls = {
            "work": self._work_url,
            "jobs": self._jobs_url,
            "attachments": self._attachments_url,
            "outbound": self._outbound_url,
        }
        return tuple(
            self._depth(name, urls.get(name), dead) for name, dead in self._dead_letter_urls.items()
        )

    def _depth(self, name: str, url: str | None, dead_letter_url: str) -> QueueDepth:
        waiting, in_flight = self._messages(url) if url else (0, 0)
        dead, _ = self._messages(dead_letter_url)
        return QueueDepth(queue=name, waiting=waiting, in_flight=in_flight, dead_letters=dead)

    def _messages(self, url: str) -> tuple[int, int]:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        with in_our_words():
            answer = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=names)
        waiting, in_flight = (int(answer["Attributes"][name]) for name in names)
        return waiting, in_flight

    def send_attachments(self, found: Sequence[tuple[str, str]]) -> None:
        """Ask for attachments to be looked after, each by the case's id and its own."""
        bodies = [{"case_id": case_id, "attachment_id": its_id} for case_id, its_id in found]
        self._send(self._attachments_url, bodies)

    def send_outbound(self, found: Sequence[tuple[str, str]]) -> None:
        """Ask for messages to workers to be sent, each by the case's id and its own."""
        bodies = [{"case_id": case_id, "outbound_id": its_id} for case_id, its_id in found]
        self._send(self._outbound_url, bodies)

    def send_media(self, found: Sequence[tuple[str, str]]) -> None:
        """Ask for pictures of messages to be fetched, each by the case's id and its own: whoever
        sends messages to workers has what the providers ask for."""
        bodies = [{"case_id": case_id, "media_id": its_id} for case_id, its_id in found]
        self._send(self._outbound_url, bodies)

    def send_reply(self, line_id: str, reply: str) -> None:
        """Ask for a sealed reply to be sent on a line. Nothing else keeps it: no hint, this one."""
        self._send(self._outbound_url, [{"line_id": line_id, "reply": reply}])

    def _send(self, url: str, bodies: Sequence[dict[str, Any]]) -> None:
        for position in range(0, len(bodies), BATCH):
            entries = [
                {"Id": str(number), "MessageBody": json.dumps(body)}
                for number, body in enumerate(bodies[position : position + BATCH])
            ]
            with in_our_words():
                self._client.send_message_batch(QueueUrl=url, Entries=entries)
