"""Take in what a caller has said on a line's recorder, and find her receipt code again."""

from typing import Annotated

from pydantic import Field

from chalicelib.deps import Deps
from chalicelib.domain.cases.facts import Consent, Filing
from chalicelib.domain.helpline.helpline_line import HelplineLine
from chalicelib.domain.helpline.media import Media, recording_of_call
from chalicelib.domain.identities.identity import WorkerIdentity
from chalicelib.domain.references import receipt_code
from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import Category, Channel, ConsentLevel, Visibility
from chalicelib.errors import IdempotencyConflict, Unavailable
from chalicelib.store.keyring import Purpose
from chalicelib.texts import for_workers
from chalicelib.usecases.cases.add_message import add_message
from chalicelib.usecases.cases.submit_grievance import grievance_id_of, submit_grievance
from chalicelib.usecases.identities.keep_identity import keep_identity
from chalicelib.usecases.work.retried import retried

SCRIPT = 1
"""The number of the consent scripts that are read out (`voice.consent`): another text is another
number."""


class RecordedCall(Value):
    """A call in which something was recorded."""

    call_id: str
    recording: str
    """The carrier's id of the recording, which is fetched from there."""
    language: str
    """One that there is a catalogue for."""
    consent: ConsentLevel
    caller: Annotated[str | None, Field(repr=False)] = None
    """Her number; None where it is hidden, or was not told."""

    @property
    def as_told(self) -> str:
        """Which recording it is, for the officer who will listen to it."""
        return for_workers.catalogue(self.language)["voice.recorded"].format(
            recording=self.recording
        )


def take_call(call: RecordedCall, line: HelplineLine, *, deps: Deps) -> str:
    """Open the case of a call, or find it, and return its receipt code.

    A call has one case, however often and in whichever order it is told of. The carrier tells of a
    recording twice, to the caller's next step with her number and after a hang-up without it; and a
    caller who was cut off may record once more. What is new joins the case, and each recording is
    to be fetched once: that is in the same transaction as its id in the case or in a note.
    Raises VersionConflict (only under heavy traffic), Unavailable.
    """
    try:
        submitted = submit_grievance(
            _filing(call, line),
            worker=_worker(call),
            idempotency_key=_key(call.call_id, line),
            by=line.principal,
            deps=deps,
            beside=lambda case: [deps.media.row(_recording(call, case.grievance_id, line, deps))],
        )
    except IdempotencyConflict:
        return _joined(call, line, deps)
    return submitted.receipt.receipt_code


def script_of(language: str) -> str:
    """What the ledger calls the consent script of a call in this language."""
    return f"voice-{language}-{SCRIPT}"


def code_of_call(call_id: str, line: HelplineLine, *, deps: Deps) -> str | None:
    """The receipt code of a call; None where nothing was recorded in it. Unavailable."""
    grievance_id = _grievance_id(call_id, line, deps)
    case = deps.cases.head(grievance_id)
    return _code(grievance_id, deps) if case is not None else None


def _filing(call: RecordedCall, line: HelplineLine) -> Filing:
    return Filing(
        channel=Channel.PHONE,
        categories=(Category.OTHER,),
        narrative=call.as_told,
        language=call.language,
        jurisdiction=line.jurisdiction,
        consent=Consent(level=call.consent, script_version=script_of(call.language)),
    )


def _worker(call: RecordedCall) -> WorkerIdentity | None:
    return WorkerIdentity(phone=call.caller) if call.caller is not None else None


def _joined(call: RecordedCall, line: HelplineLine, deps: Deps) -> str:
    grievance_id = _grievance_id(call.call_id, line, deps)
    retried(lambda: _add_what_is_new(call, grievance_id, line, deps))
    return _code(grievance_id, deps)


def _add_what_is_new(call: RecordedCall, grievance_id: str, line: HelplineLine, deps: Deps) -> None:
    case = deps.cases.head(grievance_id)
    if case is None:  # two first tellings at once, of which the other one is not there yet
        raise Unavailable()
    worker = _worker(call)
    if worker is not None and case.identity is None:
        keep_identity(grievance_id, worker, expected_version=None, by=line.principal, deps=deps)
    recording = _recording(call, grievance_id, line, deps)
    if deps.media.get(grievance_id, recording.media_id) is None:
        add_message(
            grievance_id,
            call.as_told,
            Visibility.PARTNER,
            by=line.principal,
            beside=[deps.media.row(recording)],
            deps=deps,
        )


def _recording(call: RecordedCall, grievance_id: str, line: HelplineLine, deps: Deps) -> Media:
    """What is to be fetched. It is written with the first telling of it, and stays: also when what
    was told has been erased since, the same telling is known by it."""
    return recording_of_call(call.recording, line, grievance_id=grievance_id, at=deps.now())


def _grievance_id(call_id: str, line: HelplineLine, deps: Deps) -> str:
    return grievance_id_of(_key(call_id, line), line.partner_id, deps.keyring)


def _key(call_id: str, line: HelplineLine) -> str:
    return f"{line.line_id}:{call_id}"


def _code(grievance_id: str, deps: Deps) -> str:
    return receipt_code(grievance_id, deps.keyring.key(Purpose.RECEIPT_CODE))
