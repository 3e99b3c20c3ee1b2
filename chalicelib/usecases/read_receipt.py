"""What a worker may know with her receipt code alone."""

from chalicelib.deps import Deps
from chalicelib.domain.case import Case
from chalicelib.domain.references import normalise_receipt_code
from chalicelib.errors import NotFound
from chalicelib.usecases.submit_grievance import receipt_hash


def read_receipt(code: str, *, deps: Deps) -> Case:
    """The case a receipt code opens. NotFound for a mistyped and for an unknown code alike."""
    if normalise_receipt_code(code) is None:
        raise NotFound()
    case = deps.cases.by_receipt(receipt_hash(code, deps.keyring))
    if case is None:
        raise NotFound()
    return case
