"""A reviewer says which factory is meant; the spelling is remembered."""

from chalicelib.deps import Deps
from chalicelib.domain.access import Principal
from chalicelib.domain.case import Case
from chalicelib.domain.ledger import Action
from chalicelib.domain.registry import Factory
from chalicelib.domain.routing import is_routable, reviewed_match
from chalicelib.domain.vocabulary import Routing
from chalicelib.errors import FieldError, PreconditionFailed, StateConflict, ValidationFailed
from chalicelib.matching.exact import VERSION, alias_key
from chalicelib.usecases.hurry import hurry
from chalicelib.usecases.own_case import own_case


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

    With `remember_spelling` the reported name becomes an alias of that factory in its country, for
    every later case. Raises NotFound, ValidationFailed (no such factory), PreconditionFailed,
    StateConflict (brands were told already, or the case has ended), VersionConflict.
    """
    case = own_case(grievance_id, by=by, deps=deps)
    if expected_version is not None and case.version != expected_version:
        raise PreconditionFailed()
    if not is_routable(case):
        raise StateConflict(f"A case in state `{case.state}` is not waiting for its factory.")
    factory = deps.registry.factory(factory_id)
    if factory is None:
        detail = "There is no such factory. Ask the operator to add it, then choose it."
        raise ValidationFailed(errors=[FieldError("factory_id", "unknown_factory", detail)])
    if remember_spelling:
        _remember(case, factory, deps)
    return _resolved(case, factory, by=by, deps=deps)


def _remember(case: Case, factory: Factory, deps: Deps) -> None:
    reported = case.factory_reported
    if reported.name:
        key = alias_key(reported.country or factory.country, reported.name)
        deps.registry.add_keys(factory.factory_id, [key])


def _resolved(case: Case, factory: Factory, *, by: Principal, deps: Deps) -> Case:
    at = deps.now()
    changed = case.recorded(
        Action.FACTORY_RESOLVED,
        by=by.actor,
        at=at,
        data={"factory_id": factory.factory_id, "was": case.routing_reason},
        factory_id=factory.factory_id,
        match=reviewed_match(factory.factory_id, case.candidates, VERSION),
        routing=Routing.PENDING,
        routing_reason=None,
        check_due_at=at,
        attempts=0,
    )
    deps.cases.save(changed.case, changed.entry)
    hurry(changed.case, deps=deps)
    return changed.case
