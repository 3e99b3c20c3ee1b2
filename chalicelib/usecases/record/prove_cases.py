"""What an export proves its rows with: each case's chain, and its place in the sealed log."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from chalicelib.deps import Deps
from chalicelib.domain.cases.case import Case
from chalicelib.domain.record.merkle import inclusion_path
from chalicelib.domain.record.seal import SignedHead
from chalicelib.domain.record.tiles import nodes_of
from chalicelib.store.sealed_log import Position


class Proof(NamedTuple):
    """A line of `proofs.jsonl`: a case's entries as they are stored, and the latest sealed one."""

    public_ref: str
    entries: Sequence[dict[str, Any]]
    sealed: dict[str, Any] | None

    @property
    def is_whole(self) -> bool:
        """Whether the tree holds the latest entry, and so all of them."""
        return self.sealed is not None and self.sealed["seq"] == len(self.entries)


def prove_cases(cases: Sequence[Case], head: SignedHead | None, deps: Deps) -> dict[str, Proof]:
    """The proofs of some cases by grievance id, against the tree of `head`.

    What was entered after that head was made is there without a proof. Raises Unavailable.
    """
    chains = deps.cases.chains(cases)
    places = _places(cases, head, deps)
    return {
        case.grievance_id: Proof(
            case.public_ref, chains[case.grievance_id], _sealed(case, places, head, deps)
        )
        for case in cases
    }


def _places(cases: Sequence[Case], head: SignedHead | None, deps: Deps) -> dict[Position, int]:
    """Where the tree holds the latest entry of each case; of those it does not, all entries."""
    if head is None:
        return {}
    size = head.tree_size
    latest = deps.sealed_log.places((_chain(case), case.version) for case in cases)
    within = {entry: leaf for entry, leaf in latest.items() if leaf < size}
    behind = [case for case in cases if (_chain(case), case.version) not in within]
    earlier = deps.sealed_log.places(
        (_chain(case), seq) for case in behind for seq in range(1, case.version)
    )
    return within | {entry: leaf for entry, leaf in earlier.items() if leaf < size}


def _sealed(
    case: Case, places: dict[Position, int], head: SignedHead | None, deps: Deps
) -> dict[str, Any] | None:
    """The latest sealed entry of a case with its audit path; None when none is sealed."""
    found = ((seq, places.get((_chain(case), seq))) for seq in range(case.version, 0, -1))
    seq, leaf = next(((seq, leaf) for seq, leaf in found if leaf is not None), (0, None))
    if head is None or leaf is None:
        return None
    nodes = nodes_of(head.tree_size, deps.sealed_log.tile)
    path = inclusion_path(leaf, head.tree_size, nodes)
    return {"seq": seq, "leaf_index": leaf, "path": [node.hex() for node in path]}


def _chain(case: Case) -> str:
    return case.first_entry.hash
