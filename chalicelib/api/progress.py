"""What a worker is told of her case: few words, no names, in her own language."""

import re
from typing import Annotated

from pydantic import Field

from chalicelib.domain.cases.case import Case
from chalicelib.domain.helpline.conversation import standing
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import State
from chalicelib.texts import for_workers


class ReceiptProgress(Value):
    """How a case stands, for the person who filed it."""

    public_ref: str
    state: State
    received_at: Moment
    language: Annotated[str, Field(description="Of `progress` and `next_step`.")]
    progress: Annotated[str, Field(description="Where it stands, in plain words.")]
    next_step: Annotated[str, Field(description="What happens next, in plain words.")]
    answer_by: Annotated[
        Moment | None, Field(description="When she hears from the helpline at the latest.")
    ]


def progress_of(case: Case, accept_language: str | None) -> ReceiptProgress:
    """The progress of a case in the language asked for, else in the case's, else in English."""
    wanted = _preferences(accept_language or "")
    language = for_workers.best_language(*wanted, case.language)
    texts = for_workers.catalogue(language)
    progress, next_step = standing(case)
    feedback = case.clocks.get(ClockKind.FEEDBACK)
    return ReceiptProgress(
        public_ref=case.public_ref,
        state=case.state,
        received_at=case.received_at,
        language=language,
        progress=texts[progress],
        next_step=texts[next_step],
        answer_by=feedback.due_at if feedback and feedback.met_at is None else None,
    )


class PreparedMessage(Value):
    """What a worker can be told of how her case stands: for an officer to send, or to change."""

    state: State
    language: Annotated[str, Field(description="The worker's, where there is a catalogue for it.")]
    text: Annotated[str, Field(description="Names nobody: not her, no factory, no brand.")]


def prepared_message(case: Case, code: str) -> PreparedMessage:
    """The words that her receipt shows, as a message: short enough for one or two SMS.

    It begins with the end of her receipt code. That she knows, as she does no `public_ref`; to who
    else reads her telephone it says nothing, and it opens nothing.
    """
    told = progress_of(case, None)
    begins = for_workers.catalogue(told.language)["chat.code_ends"].format(ending=code[-_ENDING:])
    text = f"{begins} {told.progress} {told.next_step}"
    return PreparedMessage(state=told.state, language=told.language, text=text)


def _preferences(accept_language: str) -> list[str]:
    """The tags of an `Accept-Language`, best first (RFC 9110, section 12.5.4)."""
    weighted = []
    for part in accept_language.split(","):
        tag, _, weight = part.lower().partition(";")
        weighted.append((_weight(weight), tag.strip()))
    return [tag for weight, tag in sorted(weighted, key=lambda w: -w[0]) if weight > 0]


def _weight(parameter: str) -> float:
    found = _QUALITY.fullmatch(parameter.strip())
    return float(found[1]) if found else 1.0


_ENDING = 4
_QUALITY = re.compile(r"q\s*=\s*([01](?:\.[0-9]{0,3})?)")
