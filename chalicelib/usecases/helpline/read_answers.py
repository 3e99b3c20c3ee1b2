"""Read standard answers: the newest version, any version, all of them; to whom one was given."""

from typing import NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.helpline.call import LoggedCall
from chalicelib.domain.helpline.standard_answer import StandardAnswer
from chalicelib.errors import NotFound
from chalicelib.store.paging import Page, Start


def newest_answer(answer_id: str, *, deps: Deps) -> StandardAnswer:
    """The newest version of an answer, in force or not. NotFound."""
    return _there(deps.standard_answers.newest(answer_id))


def answer_version(answer_id: str, version: int, *, deps: Deps) -> StandardAnswer:
    """A version of an answer. NotFound."""
    return _there(deps.standard_answers.version(answer_id, version))


def list_answer_versions(
    answer_id: str, *, limit: int, start: Start | None, deps: Deps
) -> Page[StandardAnswer]:
    """A page of an answer's versions, newest first. NotFound where there is no such answer."""
    page = deps.standard_answers.versions(answer_id, limit, start)
    if start is None and not page.items:
        raise NotFound()
    return page


class GivenCall(NamedTuple):
    """A call in which a version was given; whether she may be called back about its case now, and
    the version that is the newest now."""

    call: LoggedCall
    contact_back: bool
    newest_version: int


def list_answer_given(
    answer_id: str, version: int, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[GivenCall]:
    """A page of the caller's calls in which a version was given, newest first. NotFound.

    Nobody may be called back whose case is not known, or not the caller's any more.
    """
    answer_version(answer_id, version, deps=deps)
    newest = newest_answer(answer_id, deps=deps).version
    page = deps.calls.given(answer_id, version, by.organisation, limit, start)
    cases = deps.cases.heads([call.grievance_id for call in page.items if call.grievance_id])
    may = {
        case_id
        for case_id, case in cases.items()
        if case.partner_id == by.organisation and case.consent.contact_back
    }
    return Page(
        [GivenCall(call, call.grievance_id in may, newest) for call in page.items], page.next_start
    )


def _there(answer: StandardAnswer | None) -> StandardAnswer:
    if answer is None:
        raise NotFound()
    return answer
