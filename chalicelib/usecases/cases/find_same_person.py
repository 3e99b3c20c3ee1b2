"""A partner's other cases of the same person, by keyed hashes; nobody is named."""

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.case import Case
from chalicelib.store.paging import Page, Start, read_sharded_page
from chalicelib.usecases.cases.own_case import own_case


def find_same_person(
    grievance_id: str, *, limit: int, start: Start | None, by: Principal, deps: Deps
) -> Page[Case]:
    """A page of the caller's cases whose worker shares a telephone number or an account with this
    one's. Hashes are taken per partner, so nobody learns of another's cases.

    Raises NotFound.
    """
    case = own_case(grievance_id, by=by, deps=deps)
    row = deps.vault.key_row(case.grievance_id)
    person = row.person if row else ()

    def with_hash(number: int, size: int, at: Start | None) -> Page[Case]:
        page = deps.vault.same_person(person[number], size, at)
        others = [case_id for case_id in page.items if case_id != grievance_id]
        cases = deps.cases.heads(_first_seen(others, number))
        return Page([cases[i] for i in others if i in cases], page.next_start)

    def _first_seen(case_ids: list[str], number: int) -> list[str]:
        """Those that no hash before this one has shown."""
        if number == 0 or not case_ids:
            return case_ids
        known = deps.vault.persons(case_ids)
        return [i for i in case_ids if known.get(i, set()).isdisjoint(person[:number])]

    return read_sharded_page(with_hash, len(person), limit, start)
