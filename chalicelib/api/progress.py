"""What a worker is told of her case: few words, no names, in her own language."""

import json
import re
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


def _language(accept_language: str | None, of_case: str) -> str:
    """The best language that we have: of those asked for, else the case's, else English."""
    for tag in (*_preferences(accept_language or ""), of_case.lower()):
        for candidate in _broader(tag):
            if candidate in languages():
                return candidate
    return FALLBACK


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


def _broader(tag: str) -> list[str]:
    """A tag and what it falls back to, `zh-hant-hk`, `zh-hant`, `zh` (RFC 4647, section 3.4)."""
    parts = _CHINESE.get(tag, tag).split("-")
    return ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]


_CHINESE = {"zh-tw": "zh-hant", "zh-hk": "zh-hant", "zh-mo": "zh-hant"}
_QUALITY = re.compile(r"q\s*=\s*([01](?:\.[0-9]{0,3})?)")


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
