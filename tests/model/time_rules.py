"""Time, the schedules and the queues: whole, killed, twice, and without an answer."""

import json

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from chalicelib.store.clients import client
from chalicelib.store.work import SHARDS
from tests.faults.kills import killed_at
from tests.model import life
from tests.model.observed import PARTNERS, path_of
from tests.model.world import BRANDS, MOMENTS, World, cases, counted

MOST_ATTEMPTS = 6
SPANS = ({"minutes": 2}, {"hours": 3}, {"days": 1}, {"days": 8}, {"days": 31})
positions = st.integers(1, 70)


class TimeRules(World):
    """What happens by itself."""

    @rule(span=st.sampled_from(SPANS))
    def wait(self, span: dict[str, float]) -> None:
        """Time passes, and nothing runs."""
        self.service.clock.forward(**span)

    @rule()
    def tick(self) -> None:
        """The schedule runs, and all that follows from it. What the registry has shown in one run
        is worked in the next."""
        self.worked(self._ticks, surely=True)

    def _ticks(self) -> None:
        for _ in range(2):
            self.service.tick()

    @rule(position=positions, moment=st.sampled_from(MOMENTS))
    def killed_tick(self, position: int, moment: str) -> None:
        """The schedule, or what follows from it, is killed somewhere."""
        done = []

        def work() -> None:
            with killed_at(position, moment):
                self.service.tick()
                done.append(True)

        self.worked(work, surely=False)
        counted("model: kills", not done)

    @rule(key=cases, shard=st.integers(0, SHARDS - 1))
    def deliver_twice(self, key: str, shard: int) -> None:
        """The queue delivers what was done long ago, twice."""
        bodies = [{"case_id": self.cases[key].grievance_id}] * 2 + [{"shard": shard}] * 2
        url = self.service.deps.settings.work_queue_url
        for body in bodies:
            client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(body))
        self.worked(self.service.drain, surely=False)

    @precondition(
        lambda self: all(
            told.attempts < MOST_ATTEMPTS for case in self.cases.values() for told in case.told
        )
    )
    @rule()
    def tick_while_topics_do_not_answer(self) -> None:
        """SNS does not answer: what was to go out is due again later."""

        def work() -> None:
            with self.service.refusing("PublishBatch"):
                self._ticks()

        self.worked(work, surely=True, answers=False)

    def in_the_end(self) -> None:
        """After half a day everybody knows what she may know, and nobody more than that."""
        self.service.clock.forward(hours=12)
        self.tick()
        for case in self.cases.values():
            self.recorded.clear()
            self.compare(case)
            stranger = next(p for p in PARTNERS if p != case.partner)
            assert self.service.partner(stranger).get(path_of(case)).status == 404
        self._nothing_is_left_to_do()
        self._brands_know_what_they_may()

    def _nothing_is_left_to_do(self) -> None:
        for case in self.cases.values():
            assert not self.is_looked_at(case)
            for told in case.told:
                assert told.status != "pending" or case.routing != "alerted"

    def _brands_know_what_they_may(self) -> None:
        """By what has arrived in their queues alone."""
        for brand in BRANDS:
            mail = self.mail[brand]
            taken_back = {i for m in mail if m["kind"] == "recall" for i in m["recalls"]}
            by_ref = {case.public_ref: case for case in self.cases.values()}
            for message in mail:
                case = by_ref[message["public_ref"]]
                if message["kind"] == "recall" or message["alert_id"] in taken_back:
                    continue
                level, country = message["consent_level"], message["country"]
                summary = "summary" in message
                assert life.may_show(case, level, country, self.registry, summary=summary), (
                    "a brand was never told to forget"
                )
            arrived = {(m["public_ref"], m["kind"], m["sequence"]) for m in mail}
            for case in self.cases.values():
                for told in case.told:
                    name = (case.public_ref, told.name.kind, told.name.round)
                    if told.name.brand == brand and told.status == "sent":
                        assert name in arrived, "marked as sent, and never arrived"
