"""Publish a standard answer: its author has drafted it, another person approves it."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.helpline.standard_answer import StandardAnswer
from chalicelib.errors import Forbidden, StateConflict, VersionConflict
from chalicelib.usecases.helpline.draft_answer import open_draft


def publish_answer(draft_id: str, *, by: Principal, deps: Deps) -> StandardAnswer:
    """Make a draft the newest version of its answer, for good.

    Raises NotFound, Forbidden (its author), StateConflict (another version was published since it
    was drafted), VersionConflict.
    """
    draft = open_draft(draft_id, deps=deps)
    if by.user_id == draft.drafted_by:
        raise Forbidden("Another person than its author has to approve this.")
    answer = draft.approved(by=by.user_id, at=deps.now())
    try:
        deps.standard_answers.publish(answer, draft)
    except VersionConflict:
        newest = deps.standard_answers.newest(draft.answer_id)
        if newest is not None and newest.version != draft.supersedes:
            raise StateConflict(
                "Another version was published since this was drafted. Draft it anew."
            ) from None
        raise
    return answer
