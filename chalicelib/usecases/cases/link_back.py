"""Cases that a new one names: a partner's own, or none at all."""

from collections.abc import Sequence

from chalicelib.deps import Deps
from chalicelib.domain.admission.access import Principal
from chalicelib.domain.cases.case import Case, Changed, linked_back, takes_links
from chalicelib.domain.cases.case_link import FiledLink
from chalicelib.errors import FieldError, ValidationFailed
from chalicelib.usecases.record.committer import committer
from chalicelib.usecases.record.pseudonyms import ledger_actor


def link_back(
    newer: Case, links: Sequence[FiledLink], *, by: Principal, deps: Deps
) -> list[Changed]:
    """The cases that a new one names, each with the entry that says so; no call where it names
    none. They may be in any state: reprisals come after a case has ended, too.

    Raises ValidationFailed, which does not tell another's case from one that is not there.
    """
    if not links:
        return []
    found = deps.cases.heads([link.grievance_id for link in links])
    own = {g: case for g, case in found.items() if case.partner_id == by.organisation}
    _refuse_unless_linkable(newer, links, own)
    return [
        linked_back(
            own[link.grievance_id],
            link,
            newer.grievance_id,
            by=ledger_actor(by, deps.keyring),
            at=newer.received_at,
            commit=committer(own[link.grievance_id], deps.keyring),
        )
        for link in links
    ]


def _refuse_unless_linkable(newer: Case, links: Sequence[FiledLink], own: dict[str, Case]) -> None:
    wrong = []
    for number, link in enumerate(links):
        field, case = f"links.{number}.grievance_id", own.get(link.grievance_id)
        if case is None or case.grievance_id == newer.grievance_id:
            detail = "Name a grievance of your own that is there already."
            wrong.append(FieldError(field, "no_such_grievance", detail))
        elif not takes_links(case) and not _is_repeat(newer, case):
            detail = "So many cases name this one that it takes no more."
            wrong.append(FieldError(field, "too_many_links", detail))
    if wrong:
        raise ValidationFailed(errors=wrong)


def _is_repeat(newer: Case, case: Case) -> bool:
    return any(link.grievance_id == newer.grievance_id for link in case.links)
