"""A reviewer says which factory is meant; the spelling is remembered."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.routing import reviewed_match
from chalicelib.domain.factories.registry import Factory
from chalicelib.domain.record.ledger import Action, commitment
from chalicelib.domain.vocabulary import JudgementVerdict
from chalicelib.errors import FieldError, ValidationFailed
from chalicelib.usecases.cases.own_case import case_awaiting_its_factory
from chalicelib.usecases.factories.judge_spelling import judge_spelling
from chalicelib.usecases.factories.settle_factories import heir_of
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.record.pseudonyms import ledger_actor
from chalicelib.usecases.work.hurry import hurry


def resolve_factory(
    grievance_id: str,
    factory_id: str,
    *,
    remember_spelling: bool,
    expected_version: int | None,
    by: Principal,
    deps: Deps,
) -> Case:
    """Set the case's factory and send it back to the check.

    With `remember_spelling` the factory as it was reported (name, place, country) means that
    factory for every later case. Raises NotFound, ValidationFailed (no such factory),
    PreconditionFailed, StateConflict (brands were told already, or the case has ended),
    VersionConflict.
    """
    case = case_awaiting_its_factory(grievance_id, expected_version, by=by, deps=deps)
    factory = deps.registry.factory(factory_id)
    if factory is None:
        detail = "There is no such factory. Ask the operator to add it, then choose it."
        raise ValidationFailed(errors=[FieldError("factory_id", "unknown_factory", detail)])
    if remember_spelling:
        judge_spelling(
            case.factory_reported,
            factory,
            JudgementVerdict.SAME,
            organisation=by.organisation,
            deps=deps,
        )
    return _resolved(case, _as_now(factory, case, deps), by=by, deps=deps)


def _as_now(factory: Factory, case: Case, deps: Deps) -> Factory:
    """What the factory has turned out to be, unless that was refused for the case."""
    heir = heir_of(factory, deps=deps)
    return factory if heir is None or heir.factory_id in case.refused_factories else heir


def _resolved(case: Case, factory: Factory, *, by: Principal, deps: Deps) -> Case:
    at = deps.now()
    changed = case.recorded(
        Action.FACTORY_RESOLVED,
        by=ledger_actor(by, deps.keyring),
        at=at,
        data={
            "factory_id": commitment(
                "factory_id", factory.factory_id, committer(case, deps.keyring)
            ),
            "was": case.routing_reason,
        },
        private={"factory_id": factory.factory_id},
        factory_id=factory.factory_id,
        match=reviewed_match(factory.factory_id, case.candidates),
        **case.sent_back_to_check(at),
    )
    deps.cases.save(changed.case, changed.entry)
    hurry(changed.case, deps=deps)
    return changed.case
