"""A key that no operator may make alone, an operator's own or of somebody near a worker: one
operator asks for it, another one confirms, the holder made it herself.

Neither of the two ever sees the key. Had the one who confirms seen it, she could be two people.
"""

from datetime import timedelta

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import KeyProposal, Principal, key_of
from chalicelib.domain.admission.access_log import AccessEvent
from chalicelib.domain.references import derive_id
from chalicelib.errors import (
    FieldError,
    Forbidden,
    NotFound,
    StateConflict,
    ValidationFailed,
)
from chalicelib.usecases.admission.administered import noted
from chalicelib.usecases.admission.keep_keys import Issued, KeyWish, hash_of, reachable_user

OPEN_FOR = timedelta(days=7)


def propose_operator_key(wish: KeyWish, *, by: Principal, deps: Deps) -> KeyProposal:
    """Ask for such a key. Raises NotFound, ValidationFailed (no digest), StateConflict."""
    organisation_id = wish.organisation_id or by.organisation
    user = reachable_user(organisation_id, wish.user_id, by=by, deps=deps)
    if wish.key_sha256 is None:
        detail = "Its holder makes the key and hands over its SHA-256 only."
        raise ValidationFailed(errors=[FieldError("key_sha256", "missing", detail)])
    now = deps.now()
    proposal = KeyProposal(
        proposal_id=derive_id("p", deps.token(16)),
        organisation=organisation_id,
        user_id=user.user_id,
        name=wish.name,
        key_sha256=wish.key_sha256,
        key_expires_at=now + timedelta(days=wish.expires_in_days),
        proposed_by=by.user_id,
        proposed_at=now,
        expires_at=now + OPEN_FOR,
    )
    entry = noted(
        AccessEvent.KEY_PROPOSED,
        by=by,
        organisation=organisation_id,
        subject=proposal.proposal_id,
        deps=deps,
    )
    deps.access.save([deps.access.proposal_row(proposal)], entry)
    return proposal


def confirm_operator_key(proposal_id: str, *, by: Principal, deps: Deps) -> Issued:
    """Let the proposed key open from now on.

    Raises NotFound, Forbidden (who proposed it, or whose it is), StateConflict (decided, expired,
    or the user has ended meanwhile), VersionConflict.
    """
    proposal = _open(proposal_id, deps)
    if by.user_id in (proposal.proposed_by, proposal.user_id):
        raise Forbidden("Another operator has to confirm this.")
    user = reachable_user(proposal.organisation, proposal.user_id, by=by, deps=deps)
    now = deps.now()
    key_hash = hash_of(proposal.key_sha256, deps)
    key = key_of(
        user,
        key_hash,
        name=proposal.name,
        ends_with=None,
        issued_by=by.user_id,
        at=now,
        expires_at=proposal.key_expires_at,
    )
    entry = noted(
        AccessEvent.KEY_ISSUED,
        by=by,
        organisation=user.organisation,
        subject=key.key_id,
        second_user=proposal.proposed_by,
        deps=deps,
    )
    decided = proposal.decided(by.user_id, now, confirmed=True)
    rows = [deps.access.decided_proposal_row(decided), *deps.access.new_key_rows(key, key_hash)]
    deps.access.save(rows, entry)
    return Issued(key, None)


def refuse_operator_key(proposal_id: str, *, by: Principal, deps: Deps) -> None:
    """Refuse a proposed key, or take one's own proposal back. Raises NotFound, StateConflict."""
    proposal = _open(proposal_id, deps)
    entry = noted(
        AccessEvent.KEY_PROPOSAL_REFUSED,
        by=by,
        organisation=proposal.organisation,
        subject=proposal_id,
        second_user=proposal.proposed_by,
        deps=deps,
    )
    decided = proposal.decided(by.user_id, deps.now(), confirmed=False)
    deps.access.save([deps.access.decided_proposal_row(decided)], entry)


def _open(proposal_id: str, deps: Deps) -> KeyProposal:
    proposal = deps.access.proposal(proposal_id)
    if proposal is None:
        raise NotFound()
    if not proposal.is_open(deps.now()):
        raise StateConflict("This proposal has been decided, or has expired. Make a new one.")
    return proposal
