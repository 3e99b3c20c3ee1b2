"""What one's own factory was asked, or nothing at all."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.errors import NotFound
from chalicelib.store.paging import Page, Start
from chalicelib.store.revised_rows import QuestionOfCase


def own_question(question_id: str, *, by: Principal, deps: Deps) -> QuestionOfCase:
    """The question with its case, if the caller's factory was asked it and may know of it now.

    NotFound, also for another factory's, where the case is about another one by now, and where the
    worker no longer agrees that the factory is named.
    """
    factory_id = _factory_of(by, deps)
    if factory_id is None:
        raise NotFound()
    found = deps.questions.one_asked_of(factory_id, question_id)
    if found is None or not found.question.is_known_to(factory_id, found.case):
        raise NotFound()
    return found


def list_own_questions(
    *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[QuestionOfCase]:
    """A page of what the caller's factory was asked and may know of now, newest first; it may be
    shorter than asked."""
    factory_id = _factory_of(by, deps)
    if factory_id is None:
        return Page([], None)
    page = deps.questions.asked_of(factory_id, limit, start)
    known = [each for each in page.items if each.question.is_known_to(factory_id, each.case)]
    return Page(known, page.next_start)


def _factory_of(by: Principal, deps: Deps) -> str | None:
    """The factory that the caller's organisation manages, as it is kept now."""
    organisation = deps.access.organisation(by.organisation)
    return organisation.factory_id if organisation else None
