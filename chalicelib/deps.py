"""The only place that wires clients to stores. Lazy: a function pays for what it uses."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property

from chalicelib.carriers.carriers import Carriers
from chalicelib.carriers.http import Internet
from chalicelib.settings import Settings, settings
from chalicelib.store.access import Access
from chalicelib.store.alerts import Alerts
from chalicelib.store.answer_index import AnswerIndex
from chalicelib.store.attachment_files import AttachmentFiles
from chalicelib.store.calls import Calls
from chalicelib.store.cases import Cases
from chalicelib.store.clients import client
from chalicelib.store.coalitions import Coalitions
from chalicelib.store.conversations import Conversations
from chalicelib.store.counters import Counters
from chalicelib.store.current_index import CurrentIndex
from chalicelib.store.deadlines import Deadlines
from chalicelib.store.deliveries import Deliveries
from chalicelib.store.digests import Digests
from chalicelib.store.due_rows import Attachments, MediaToFetch, OutboundMessages
from chalicelib.store.envelope import Envelope
from chalicelib.store.erasures import Erasures
from chalicelib.store.files import Files
from chalicelib.store.grievance_lists import GrievanceLists
from chalicelib.store.index_builds import IndexBuilds
from chalicelib.store.jobs import Jobs
from chalicelib.store.keyring import Keyring, root_secret
from chalicelib.store.lines import Lines, LineSecrets
from chalicelib.store.posters import Posters
from chalicelib.store.queues import Queues, queue_arn
from chalicelib.store.registry import Registry
from chalicelib.store.retention import Retention
from chalicelib.store.revised_rows import Extensions, Plans, Questions
from chalicelib.store.schedules import Schedules
from chalicelib.store.scorecards import Scorecards
from chalicelib.store.sealed_log import SealedLog
from chalicelib.store.signals import Signals
from chalicelib.store.signer import Signer
from chalicelib.store.standard_answers import StandardAnswers
from chalicelib.store.subscriptions import Subscriptions
from chalicelib.store.table import Table
from chalicelib.store.topics import Topics
from chalicelib.store.vault import Vault
from chalicelib.store.whole_cases import WholeCases
from chalicelib.store.work import Work


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Deps:
    """What a use case may be given: the stores, the time, randomness, the settings."""

    def __init__(
        self,
        config: Settings,
        *,
        now: Callable[[], datetime] = _utc_now,
        token: Callable[[int], str] = secrets.token_hex,
    ) -> None:
        self.settings = config
        self.now = now
        self.token = token

    @cached_property
    def cases(self) -> Cases:
        """Cases, ledgers, messages."""
        return Cases(self._cases_table)

    @cached_property
    def alerts(self) -> Alerts:
        """Alerts."""
        return Alerts(self._cases_table)

    @cached_property
    def coalitions(self) -> Coalitions:
        """Coalitions of several partners' cases."""
        return Coalitions(self._cases_table)

    @cached_property
    def plans(self) -> Plans:
        """Remediation plans."""
        return Plans(self._cases_table)

    @cached_property
    def questions(self) -> Questions:
        """What brands ask partners."""
        return Questions(self._cases_table)

    @cached_property
    def extensions(self) -> Extensions:
        """Requests for more time."""
        return Extensions(self._cases_table)

    @cached_property
    def vault(self) -> Vault:
        """Who the workers are."""
        return Vault(
            Table(client("dynamodb"), self.settings.vault_table),
            self._vault_keys_table,
            Envelope(lambda: client("kms"), self.settings.vault_key_arn),
        )

    @cached_property
    def conversations(self) -> Conversations:
        """Conversations with workers."""
        return Conversations(self._vault_keys_table)

    @cached_property
    def erasures(self) -> Erasures:
        """Erasures asked for, begun, registered."""
        return Erasures(self._cases_table, self.files)

    @cached_property
    def retention(self) -> Retention:
        """What the rules erase next, and their plans."""
        return Retention(self._cases_table)

    @cached_property
    def attachments(self) -> Attachments:
        """What has become of attachments."""
        return Attachments(self._cases_table)

    @cached_property
    def attachment_files(self) -> AttachmentFiles:
        """The files themselves."""
        return AttachmentFiles(lambda: client("s3"), self.settings.attachments_bucket)

    @cached_property
    def grievance_lists(self) -> GrievanceLists:
        """Files of grievances while they are read."""
        return GrievanceLists(lambda: client("s3"), self.settings.attachments_bucket)

    @cached_property
    def outbound(self) -> OutboundMessages:
        """Messages on their way to workers."""
        return OutboundMessages(self._cases_table)

    @cached_property
    def media(self) -> MediaToFetch:
        """Pictures that came with messages, until they are attachments."""
        return MediaToFetch(self._cases_table)

    @cached_property
    def carriers(self) -> Carriers:
        """Who carries messages to workers."""
        return Carriers(Internet(self.settings.carriers_url))

    @cached_property
    def whole_cases(self) -> WholeCases:
        """All that there is of a case."""
        return WholeCases(self._cases_table, self.attachment_files)

    @cached_property
    def deadlines(self) -> Deadlines:
        """Whose clocks ask for something."""
        return Deadlines(self._cases_table)

    @cached_property
    def signals(self) -> Signals:
        """What partners are told."""
        return Signals(self._cases_table)

    @cached_property
    def work(self) -> Work:
        """Due work."""
        return Work(self._cases_table)

    @cached_property
    def digests(self) -> Digests:
        """Whose digests are to be written, and how far they are."""
        return Digests(self._cases_table)

    @cached_property
    def registry(self) -> Registry:
        """Brands, factories, links."""
        return Registry(self._registry_table)

    @cached_property
    def index_builds(self) -> IndexBuilds:
        """Builds of the matching index."""
        return IndexBuilds(self._registry_table, self.files)

    @cached_property
    def current_index(self) -> CurrentIndex:
        """The matching index of this process."""
        return CurrentIndex(self.index_builds, self.registry)

    @cached_property
    def scorecards(self) -> Scorecards:
        """Scorecards of brands."""
        return Scorecards(self._registry_table)

    @cached_property
    def standard_answers(self) -> StandardAnswers:
        """Standard answers."""
        return StandardAnswers(self._registry_table)

    @cached_property
    def calls(self) -> Calls:
        """Calls to the helpline."""
        return Calls(self._registry_table)

    @cached_property
    def answer_index(self) -> AnswerIndex:
        """The searched answers of this process."""
        return AnswerIndex(self.standard_answers)

    @cached_property
    def access(self) -> Access:
        """Keys of callers."""
        return Access(Table(client("dynamodb"), self.settings.access_table))

    @cached_property
    def lines(self) -> Lines:
        """Lines of helplines."""
        return Lines(Table(client("dynamodb"), self.settings.access_table))

    @cached_property
    def line_secrets(self) -> LineSecrets:
        """The secrets of lines."""
        return LineSecrets(
            lambda: client("secretsmanager"),
            f"handshake-{self.settings.stage}-line-",
            key=f"alias/handshake-{self.settings.stage}",
        )

    @cached_property
    def posters(self) -> Posters:
        """Codes on posters."""
        return Posters(self._registry_table)

    @cached_property
    def counters(self) -> Counters:
        """Counters of limits."""
        return Counters(Table(client("dynamodb"), self.settings.access_table))

    @cached_property
    def jobs(self) -> Jobs:
        """Imports and exports."""
        return Jobs(Table(client("dynamodb"), self.settings.jobs_table))

    @cached_property
    def schedules(self) -> Schedules:
        """When schedules last ran."""
        return Schedules(Table(client("dynamodb"), self.settings.jobs_table))

    @cached_property
    def topics(self) -> Topics:
        """The brands' topics."""
        return Topics(
            client("sns"),
            self.settings.brand_topic_arn_prefix,
            key=f"alias/handshake-{self.settings.stage}",
        )

    @cached_property
    def subscriptions(self) -> Subscriptions:
        """What the brands' topics are subscribed to."""
        return Subscriptions(
            client("sns"),
            self.topics,
            dead_letters=queue_arn(
                self.settings.delivery_dead_letters_url, self.settings.brand_topic_arn_prefix
            ),
        )

    @cached_property
    def deliveries(self) -> Deliveries:
        """What became of what the brands' topics delivered."""
        return Deliveries(lambda: client("cloudwatch"), self.topics)

    @cached_property
    def queues(self) -> Queues:
        """The work and jobs queues."""
        return Queues(
            client("sqs"),
            work_url=self.settings.work_queue_url,
            jobs_url=self.settings.jobs_queue_url,
            dead_letter_urls={
                "work": self.settings.work_dead_letters_url,
                "jobs": self.settings.jobs_dead_letters_url,
                "attachments": self.settings.attachments_dead_letters_url,
                "outbound": self.settings.outbound_dead_letters_url,
                "schedules": self.settings.schedule_dead_letters_url,
                "deliveries": self.settings.delivery_dead_letters_url,
            },
            attachments_url=self.settings.attachments_queue_url,
            outbound_url=self.settings.outbound_queue_url,
        )

    @cached_property
    def files(self) -> Files:
        """The bucket."""
        return Files(lambda: client("s3"), self.settings.files_bucket)

    @cached_property
    def sealed_log(self) -> SealedLog:
        """The log that seals the ledger."""
        files = Files(lambda: client("s3"), self.settings.ledger_bucket)
        return SealedLog(Table(client("dynamodb"), self.settings.ledger_table), files)

    @cached_property
    def signer(self) -> Signer:
        """The ledger's signing key."""
        return Signer(lambda: client("kms"), self.settings.ledger_key_id)

    @cached_property
    def keyring(self) -> Keyring:
        """Derived secret keys."""
        arn = self.settings.root_secret_arn
        return Keyring(lambda: root_secret(client("secretsmanager"), arn))

    @cached_property
    def _registry_table(self) -> Table:
        return Table(client("dynamodb"), self.settings.registry_table)

    @cached_property
    def _vault_keys_table(self) -> Table:
        return Table(client("dynamodb"), self.settings.vault_keys_table)

    @cached_property
    def _cases_table(self) -> Table:
        return Table(client("dynamodb"), self.settings.cases_table)


class _Process:
    deps: Deps | None = None


def current() -> Deps:
    """The dependencies of this process, made on first use."""
    if _Process.deps is None:
        _Process.deps = Deps(settings())
    return _Process.deps


def use(deps: Deps | None) -> None:
    """Replace the process's dependencies (tests with their own clock); None makes them anew."""
    _Process.deps = deps
