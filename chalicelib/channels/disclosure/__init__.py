"""Supplier lists as brands publish them: any common format in, typed rows and problems out.

`read_list` is the way in. Nothing here knows of brands, links or a store.
"""

from chalicelib.channels.disclosure.headings import Column, RecognisedColumns, TakenHeading
from chalicelib.channels.disclosure.reader import DisclosureReader, read_list
from chalicelib.channels.disclosure.rows import (
    MAX_CELL,
    MAX_FILE_BYTES,
    MAX_ROWS,
    FacilityRow,
    ProblemCode,
    RowProblem,
    Severity,
)
from chalicelib.channels.disclosure.sheets import ListFormat
from chalicelib.channels.disclosure.unreadable import UnreadableCode, UnreadableList

__all__ = [
    "MAX_CELL",
    "MAX_FILE_BYTES",
    "MAX_ROWS",
    "Column",
    "DisclosureReader",
    "FacilityRow",
    "ListFormat",
    "ProblemCode",
    "RecognisedColumns",
    "RowProblem",
    "Severity",
    "TakenHeading",
    "UnreadableCode",
    "UnreadableList",
    "read_list",
]
