"""Text that people wrote: what is refused, how long it may be. Accepted text is kept as it is."""

import re
from collections.abc import Callable, Iterator
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

# C0/C1 controls but for tab, line feed, carriage return; and the bidirectional overrides and
# isolates with which a text can be made to read as something else (Unicode TR 36, CVE-2021-42574).
_CONTROLS = (
    r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f"
    r"\u202a-\u202e\u2066-\u2069\ufffe\uffff"
)
_BREAKS = r"\u0009\u000a\u000d\u2028\u2029"
_BLANKS = r"\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_REFUSED = re.compile(f"[{_CONTROLS}]")
_LINE_BREAKS = re.compile(f"[{_BREAKS}]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")

# The same rules for readers of a JSON Schema. Not used here: a pattern's error tells nobody what
# to mend.
_LINE_PATTERN = (
    rf"^[^{_CONTROLS}{_BREAKS}]*[^{_CONTROLS}{_BREAKS}{_BLANKS}][^{_CONTROLS}{_BREAKS}]*$"
)
_PROSE_PATTERN = rf"^[^{_CONTROLS}]*$"
_PASSAGE_PATTERN = rf"^[^{_CONTROLS}\s]([^{_CONTROLS}\r]*[^{_CONTROLS}\s])?$"


def printable(text: str) -> str:
    """A text from where nobody can mend it (a telephone), without what is refused elsewhere."""
    return _REFUSED.sub("", text)


def _printable(value: str) -> str:
    if _REFUSED.search(value):
        raise ValueError("must not contain control characters or bidirectional overrides")
    return value


def _one_line(value: str) -> str:
    if _LINE_BREAKS.search(value):
        raise ValueError("must be one line")
    if not value.strip():
        raise ValueError("must not be blank")
    return value


def _trimmed(value: str) -> str:
    if "\r" in value:
        raise ValueError("must break lines with line feeds alone")
    if value != value.strip():
        raise ValueError("must not begin or end with white space")
    return value


def readable(text: str) -> str:
    """Words from where nobody can be asked to mend them: without the characters that are refused
    (and without halves of surrogate pairs, which no encoding takes), lines broken by line feeds."""
    whole = _SURROGATES.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _REFUSED.sub("", whole).strip()


def readable_line(text: str) -> str:
    """The same on one line, with single blanks."""
    return " ".join(readable(text).split())


def in_parts(text: str, most: int, size: Callable[[str], int] = len) -> Iterator[str]:
    """The text in pieces that a carrier takes as one message each, of `size` `most` at the most,
    cut between words where there are any. Nothing for a blank text."""
    while size(text) > most:
        end = most
        while size(text[:end]) > most:
            end -= 1
        cut = max(text.rfind(blank, 0, end) for blank in "\n ") + 1 or end
        yield text[:cut].rstrip()
        text = text[cut:]
    if text.strip():
        yield text


Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500),
    AfterValidator(_printable),
    AfterValidator(_one_line),
    Field(json_schema_extra={"pattern": _LINE_PATTERN}),
]
"""One line for a name, an address, a reference: 1 to 500 characters."""

Prose = Annotated[
    str,
    StringConstraints(min_length=1, max_length=20_000),
    AfterValidator(_printable),
    Field(json_schema_extra={"pattern": _PROSE_PATTERN}),
]
"""What somebody tells: 1 to 20,000 characters, line breaks allowed."""

Passage = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2_000),
    AfterValidator(_printable),
    AfterValidator(_trimmed),
    Field(json_schema_extra={"pattern": _PASSAGE_PATTERN}),
]
"""What is read out or sent: 1 to 2,000 characters, the same after every editor has had it."""

CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""

LanguageTag = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)
]
"""BCP 47, the subset without grandfathered tags and extensions' semantics."""

GrievanceId = Annotated[str, StringConstraints(pattern=r"^g_[0-9a-z]{26}$")]
"""How a grievance's id looks."""
