"""What a worker is told of her case: few words, no names, in her own language."""

import json
from functools import cache
from importlib import resources
from typing import Annotated

from pydantic import Field

from chalicelib.domain.case import Case
from chalicelib.domain.rules import ClockKind
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import State

FALLBACK = "en"


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
    language = _language(accept_language, case.language)
    texts = _catalogue(language)
    feedback = case.clocks.get(ClockKind.FEEDBACK)
    return ReceiptProgress(
        public_ref=case.public_ref,
        state=case.state,
        received_at=case.received_at,
        language=language,
        progress=texts[f"progress.{case.state}"],
        next_step=texts[f"next.{case.state}"],
        answer_by=feedback.due_at if feedback and feedback.met_at is None else None,
    )


def _language(*wanted: str | None) -> str:
    """The first language of a preference list that we have, by its tag or its primary subtag."""
    for preference in wanted:
        for part in (preference or "").split(","):
            tag = part.split(";")[0].strip().lower()
            for candidate in (_CHINESE.get(tag, tag), tag.split("-")[0]):
                if candidate in languages():
                    return candidate
    return FALLBACK


_CHINESE = {"zh-tw": "zh-hant", "zh-hk": "zh-hant", "zh-mo": "zh-hant"}


@cache
def languages() -> frozenset[str]:
    """The languages there is a catalogue for."""
    files = resources.files("chalicelib.texts").iterdir()
    return frozenset(f.name.removesuffix(".json") for f in files if f.name.endswith(".json"))


@cache
def _catalogue(language: str) -> dict[str, str]:
    text = resources.files("chalicelib.texts").joinpath(f"{language}.json").read_text("utf-8")
    catalogue: dict[str, str] = json.loads(text)
    return catalogue
