"""A reviewer says which factories are not meant; the case is looked at again without them."""

from collections.abc import Sequence

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.case import Case
from chalicelib.domain.factories.registry import Factory
from chalicelib.domain.record.ledger import Action, commitment
from chalicelib.domain.vocabulary import JudgementVerdict
from chalicelib.errors import FieldError, ValidationFailed
from chalicelib.usecases.cases.own_case import case_awaiting_its_factory
from chalicelib.usecases.factories.judge_spelling import judge_spelling
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.work.hurry import hurry


def refuse_factories(
    grievance_id: str,
    factory_ids: Sequence[str],
    *,
    remember_spelling: bool,
    expected_version: int | None,
    by: Principal,
    deps: Deps,
) -> Case:
    """Never match the case with some factories, and send it back to the check.

    With `remember_spelling` the reported name never again means one of them without a person.
    A factory that was chosen or matched before and is refused now is not the case's any more.
    Raises NotFound, ValidationFailed (no such factory), PreconditionFailed, StateConflict,
    VersionConflict.
    """
    case = case_awaiting_its_factory(grievance_id, expected_version, by=by, deps=deps)
    factories = _existing(factory_ids, deps)
    if remember_spelling:
        for factory in factories:
            judge_spelling(
                case.factory_reported,
                factory,
                JudgementVerdict.DIFFERENT,
                organisation=by.organisation,
                deps=deps,
            )
    return _refused(case, [factory.factory_id for factory in factories], by=by, deps=deps)


def _existing(factory_ids: Sequence[str], deps: Deps) -> list[Factory]:
    known = deps.registry.factories(factory_ids)
    errors = [
        FieldError(f"factory_ids.{position}", "unknown_factory", "There is no such factory.")
        for position, factory_id in enumerate(factory_ids)
        if factory_id not in known
    ]
    if errors:
        raise ValidationFailed(errors=errors)
    return [known[factory_id] for factory_id in dict.fromkeys(factory_ids)]


def _refused(case: Case, factory_ids: Sequence[str], *, by: Principal, deps: Deps) -> Case:
    at = deps.now()
    refused, commit = sorted(factory_ids), committer(case, deps.keyring)
    unmatched = {"factory_id": None, "match": None} if case.factory_id in factory_ids else {}
    changed = case.recorded(
        Action.FACTORIES_REFUSED,
        by=ledger_actor(by, deps.keyring),
        at=at,
        data={
            "factory_ids": commitment("factory_ids", refused, commit),
            "was": case.routing_reason,
        },
        private={"factory_ids": refused},
        refused_factories=tuple(sorted({*case.refused_factories, *factory_ids})),
        **case.sent_back_to_check(at),
        **unmatched,
    )
    deps.cases.save(changed.case, changed.entry)
    hurry(changed.case, deps=deps)
    return changed.case
