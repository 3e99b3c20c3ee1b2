"""The sealing of the ledger."""

import itertools

from chalicelib.domain.record.merkle import leaf_hash
from tests.domain.trees import Tree
from tests.faults.kills import Scenario
from tests.faults.scenarios.steps import (
    post,
    submitted,
)
from tests.service import Caller, Service
from tests.usecases.record.test_seal_ledger import heads_of, leaves_of


def _two_cases_one_sealed(service: Service) -> Caller:
    partner = submitted(service)
    service.seal()
    service.clock.forward(hours=1)
    service.tick()
    post(key="k-2", intake_type="enquiry")(service, partner)
    return partner


def _seal(service: Service, _: object) -> None:
    service.seal()


def _seal_later(service: Service, _: object) -> None:
    service.clock.forward(hours=1)
    service.seal()


def _sealed_once(service: Service, partner: Caller) -> None:
    """Each entry is one leaf, in a tree whose heads follow each other."""
    entries: list[tuple[str, int, str]] = []
    for row in partner.get("/v1/grievances").json()["items"]:
        history = partner.get(f"/v1/grievances/{row['grievance_id']}/history").json()["items"]
        entries += [(history[0]["hash"], entry["seq"], entry["hash"]) for entry in history]
    heads, leaves = heads_of(service), leaves_of(service)
    assert sorted((leaf.chain, leaf.seq, leaf.hash) for leaf in leaves) == sorted(entries)
    assert (heads[0].tree_size, heads[-1].tree_size) == (1, len(entries))
    tree = Tree(leaf_hash(leaf.content) for leaf in leaves)
    for earlier, later in itertools.pairwise(heads):
        assert later.previous == earlier.hash
        assert later.root == tree.root(later.tree_size).hex()
        proof = tree.consistency(earlier.tree_size, later.tree_size)
        assert [node.hex() for node in proof] == list(later.consistency)
    places = service.deps.sealed_log.places((leaf.chain, leaf.seq) for leaf in leaves)
    assert [places[leaf.chain, leaf.seq] for leaf in leaves] == list(range(len(leaves)))
    state = service.deps.sealed_log.state()
    assert state is not None
    assert (state.pending, state.tree_size) == (None, len(entries))


SCENARIOS = [
    Scenario(
        "sealing the ledger",
        _two_cases_one_sealed,
        _seal,
        _seal_later,
        _sealed_once,
        at_least_calls=17,
    ),
]
