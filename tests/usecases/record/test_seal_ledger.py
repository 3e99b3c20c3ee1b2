"""Sealing: what becomes a leaf, what a head says, and that nothing is sealed twice or left out."""

import base64
import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from chalicelib.domain.record.merkle import leaf_hash
from chalicelib.domain.record.seal import Leaf, SignedHead
from chalicelib.store.clients import client
from chalicelib.usecases.record.seal_ledger import seal_ledger
from tests.calls import counted_calls
from tests.domain.trees import Tree
from tests.service import Caller, Service
from tests.usecases.stories import alerted, case_of, covered, submitted, walked


def heads_of(service: Service) -> list[SignedHead]:
    """The published heads, oldest first."""
    items = walked(service.public(), "/v1/ledger/heads")
    return [SignedHead.model_validate(item) for item in reversed(items)]


def leaves_of(service: Service) -> list[Leaf]:
    """All leaves, from the files that the heads point to, in the order of the tree."""
    found: list[Leaf] = []
    for head in heads_of(service):
        path = f"/v1/ledger/heads/{head.tree_size}/leaves"
        view = service.auditor().get(path).json()
        assert (view["tree_size"], view["first_leaf"]) == (head.tree_size, len(found))
        found += [Leaf.model_validate_json(line) for line in fetched(view["leaves_url"])]
    return found


def fetched(url: str) -> Iterator[bytes]:
    answer = requests.get(url, timeout=5)
    assert answer.status_code == 200
    yield from answer.content.splitlines()


def entries_of(partner: Caller, grievance_id: str) -> list[dict[str, Any]]:
    return walked(partner, f"/v1/grievances/{grievance_id}/history")


def told(service: Service, partner: Caller) -> str:
    covered(service)
    return alerted(service, partner)


def test_every_entry_becomes_one_leaf_that_names_no_case(service: Service) -> None:
    partner = service.partner()
    grievance_id = told(service, partner)

    service.seal()

    entries = entries_of(partner, grievance_id)
    leaves = leaves_of(service)
    assert len(leaves) == len(entries) == 2
    assert sorted((leaf.seq, leaf.hash) for leaf in leaves) == [
        (entry["seq"], entry["hash"]) for entry in entries
    ]
    assert {leaf.chain for leaf in leaves} == {entries[0]["hash"]}


def test_a_head_is_signed_over_size_root_time_and_the_head_before(service: Service) -> None:
    partner = service.partner()
    submitted(partner, "k-1")
    service.seal()
    service.clock.forward(hours=1)
    submitted(partner, "k-2")
    submitted(partner, "k-3")
    service.seal()

    first, second = heads_of(service)

    pem = service.public().get("/v1/ledger/key")
    assert pem.headers["Content-Type"] == "application/x-pem-file"
    key = load_pem_public_key(pem.body)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    for head in (first, second):
        signature = base64.b64decode(head.signature)
        key.verify(signature, head.statement, ec.ECDSA(hashes.SHA256()))
    assert first.statement.decode() == (
        "handshake tree head v1\n"
        f'{{"key_id":"{first.key_id}","previous":"{"0" * 64}","root":"{first.root}",'
        '"sealed_at":"2026-11-22T08:00:00.000Z","tree_size":1}'
    )
    assert (second.previous, second.tree_size) == (first.hash, 3)


def test_the_root_is_the_tree_over_all_leaves_and_each_tree_begins_with_the_one_before(
    service: Service,
) -> None:
    partner = service.partner()
    for number in range(9):
        submitted(partner, f"k-{number}")
        if number in (0, 2, 3, 8):
            service.seal()

    heads, tree = heads_of(service), Tree(leaf_hash(leaf.content) for leaf in leaves_of(service))

    assert [head.tree_size for head in heads] == [1, 3, 4, 9]
    for head in heads:
        assert head.root == tree.root(head.tree_size).hex()
    for earlier, later in pairwise(heads):
        proof = tree.consistency(earlier.tree_size, later.tree_size)
        assert [node.hex() for node in proof] == list(later.consistency)


def test_a_head_is_anchored_in_the_bucket_as_it_is_published(service: Service) -> None:
    submitted(service.partner())

    service.seal()

    (head,) = heads_of(service)
    bucket = service.deps.settings.ledger_bucket
    key = "heads/000000000000001.json"
    anchored = client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    assert json.loads(anchored) == head.model_dump(mode="json")


def test_where_nothing_has_changed_there_is_no_new_head(service: Service) -> None:
    submitted(service.partner())
    service.seal()
    before = heads_of(service)
    service.clock.forward(hours=1)

    with counted_calls() as calls:
        service.seal()

    assert heads_of(service) == before
    assert calls.count("kms.Sign") == 0
    assert calls.count("dynamodb.Query") == 4
    assert len(calls) == 8  # the last one notes the run


def test_before_the_first_entry_there_is_nothing_to_publish(service: Service) -> None:
    service.seal()

    assert service.public().get("/v1/ledger/heads").json() == {"items": [], "next_cursor": None}


def test_what_changed_twice_between_two_seals_has_two_leaves(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, intake_type="enquiry")
    for text in ("one", "two"):
        partner.post(f"/v1/grievances/{grievance_id}/messages", {"text": text})
    service.seal()
    partner.post(f"/v1/grievances/{grievance_id}/messages", {"text": "three"})
    service.seal()

    assert sorted(leaf.seq for leaf in leaves_of(service)) == [1, 2, 3, 4]
    assert [head.tree_size for head in heads_of(service)] == [3, 4]


def test_more_than_a_batch_becomes_several_heads(service: Service) -> None:
    first = submitted(service.partner(), intake_type="enquiry")
    service.seal()
    multiplied(service, first, 100)

    seal_ledger(seconds_left=lambda: 900, deps=service.deps, largest_batch=40)

    assert [head.tree_size for head in heads_of(service)] == [1, 41, 81, 101]
    assert len({leaf.chain for leaf in leaves_of(service)}) == 101


def multiplied(service: Service, grievance_id: str, times: int) -> None:
    """Copies of a case whose chains are chains of their own."""
    for number, copy in enumerate(service.multiply(grievance_id, times)):
        chain = f"{number:064x}"
        service.set_attributes(copy, "CASE", chain=chain, hash=chain)


def test_what_the_index_shows_late_is_sealed_later(service: Service) -> None:
    """An entry that was not in the index when the sealing looked there."""
    partner = service.partner()
    late = submitted(partner, "late")
    day = service.head_item(late)["changed_day"]
    service.set_attributes(late, "CASE", changed_day="not there yet")
    submitted(partner, "k-1")
    service.seal()
    service.clock.forward(minutes=60)
    service.set_attributes(late, "CASE", changed_day=day)

    service.seal()

    assert {leaf.hash for leaf in leaves_of(service)} == {
        entry["hash"]
        for case in walked(partner, "/v1/grievances")
        for entry in entries_of(partner, case["grievance_id"])
    }


@pytest.mark.parametrize("days", [0.3, 3, 45])
def test_what_was_not_sealed_for_days_is_sealed_by_the_next_run(
    service: Service, days: float
) -> None:
    partner = service.partner()
    submitted(partner, "k-0")
    service.seal()
    for number in range(1, 4):
        service.clock.forward(days=days / 3)
        submitted(partner, f"k-{number}")

    service.seal()

    assert [head.tree_size for head in heads_of(service)] == [1, 4]


def test_what_the_first_weeks_of_a_service_could_not_seal_is_sealed_by_the_first_run(
    service: Service,
) -> None:
    partner = service.partner()
    grievance_id = submitted(partner, "k-1")
    service.clock.forward(days=45)

    service.seal()

    assert [leaf.hash for leaf in leaves_of(service)] == [
        entry["hash"] for entry in entries_of(partner, grievance_id)
    ]


def test_a_run_with_little_time_left_leaves_the_rest_to_the_next_one(service: Service) -> None:
    submitted(service.partner())

    service.seal(seconds=60)
    assert heads_of(service) == []

    service.seal()
    assert [head.tree_size for head in heads_of(service)] == [1]


def test_two_runs_at_once_seal_everything_once(service: Service) -> None:
    partner = service.partner()
    submitted(partner, "k-1")

    for operation in ("PutItem", "BatchWriteItem", "Sign", "PutObject"):
        submitted(partner, operation)
        with service.before_call(operation, service.seal):
            service.seal()

    leaves = leaves_of(service)
    assert len(leaves) == len({(leaf.chain, leaf.seq) for leaf in leaves}) == 5
    heads = heads_of(service)
    assert heads[-1].tree_size == 5
    for earlier, later in pairwise(heads):
        assert later.previous == earlier.hash


def test_a_head_of_another_tree_under_the_same_key_stops_the_sealing(service: Service) -> None:
    submitted(service.partner())
    service.seal()
    (head,) = heads_of(service)
    forged = head.model_copy(update={"root": "0" * 64, "tree_size": 2})
    service.deps.sealed_log._files.put(
        "heads/000000000000002.json", forged.model_dump_json().encode(), "application/json"
    )
    submitted(service.partner(), "k-2")

    with pytest.raises(RuntimeError, match="the head of another tree"):
        service.seal()
    assert heads_of(service) == [head]


def test_heads_come_in_pages_newest_first(service: Service) -> None:
    partner = service.partner()
    for number in range(5):
        submitted(partner, f"k-{number}")
        service.seal()

    sizes = [item["tree_size"] for item in walked(service.public(), "/v1/ledger/heads?limit=2")]

    assert sizes == [5, 4, 3, 2, 1]


def test_leaves_of_a_head_that_is_not_there_are_not_there(service: Service) -> None:
    for size in ("1", "0", "x", "1" * 16):
        answer = service.auditor().get(f"/v1/ledger/heads/{size}/leaves")
        assert (answer.status, answer.json()["code"]) == (404, "not_found")


def test_the_case_says_which_chain_is_its_own(service: Service) -> None:
    partner = service.partner()
    grievance_id = submitted(partner)
    service.seal()

    (leaf,) = leaves_of(service)
    assert leaf.hash == case_of(partner, grievance_id)["ledger_hash"]
