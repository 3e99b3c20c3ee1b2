"""Read standard answers: the newest version, any version, all of them."""

from chalicelib.deps import Deps
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


def _there(answer: StandardAnswer | None) -> StandardAnswer:
    if answer is None:
        raise NotFound()
    return answer
