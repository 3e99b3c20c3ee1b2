"""Draft what every officer shall say to a question; or take a draft away again."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.helpline.standard_answer import (
    AnswerDraft,
    AnswerFields,
    answer_id_for,
    content_hash,
    draft_of,
)
from chalicelib.domain.references import derive_id
from chalicelib.errors import NotFound, StateConflict


def draft_answer(stated: AnswerFields, *, by: Principal, deps: Deps) -> AnswerDraft:
    """Keep a draft for somebody else to approve. Raises StateConflict (published as it is)."""
    answer_id = answer_id_for(stated.topic, stated.jurisdiction, stated.language)
    newest = deps.standard_answers.newest(answer_id)
    if newest is not None and newest.content_hash == content_hash(stated):
        raise StateConflict("The newest version of this answer says the same.")
    draft = draft_of(
        stated,
        draft_id=derive_id("ad", answer_id, deps.token(16)),
        supersedes=newest.version if newest else 0,
        by=by.user_id,
        at=deps.now(),
    )
    deps.standard_answers.add_draft(draft)
    return draft


def open_draft(draft_id: str, *, deps: Deps) -> AnswerDraft:
    """A draft that nobody has decided about. Raises NotFound."""
    draft = deps.standard_answers.draft(draft_id)
    if draft is None:
        raise NotFound()
    return draft


def discard_draft(draft_id: str, *, deps: Deps) -> None:
    """Refuse a draft, or take one's own back. Raises NotFound, VersionConflict."""
    open_draft(draft_id, deps=deps)
    deps.standard_answers.discard(draft_id)
