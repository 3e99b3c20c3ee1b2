"""What proves the record to anybody: the signed heads of the sealed ledger, and the public key."""

from chalicelib import errors
from chalicelib.api.audiences import AUDITOR
from chalicelib.api.endpoint import Audience, Call, Reply
from chalicelib.api.listing import Listing, Paging, list_reply
from chalicelib.domain.record.seal import SignedHead
from chalicelib.domain.values import Value
from chalicelib.usecases.record.read_heads import list_heads as use_list_heads
from chalicelib.usecases.record.read_heads import locate_leaves as use_locate_leaves

audience = Audience(__name__, "Ledger")
blueprint = audience.blueprint

PEM = "application/x-pem-file"


class LeavesView(Value):
    """Where the leaves are that a head added to the tree: JSON Lines, in the tree's order."""

    tree_size: int
    first_leaf: int
    leaves_url: str


@audience.route(
    "GET",
    "/v1/ledger/heads",
    query=Paging,
    replies={200: Listing[SignedHead]},
    raises=[errors.InvalidCursor],
)
def list_heads(call: Call) -> Reply:
    """List the signed heads of the sealed ledger, newest first. Keep a copy of your own.

    Each has the proof that the tree of the head before it is its beginning.
    """
    return list_reply(
        call,
        Listing[SignedHead],
        lambda limit, start: use_list_heads(limit=limit, start=start, deps=call.deps),
        lambda head: head,
        "/v1/ledger/heads",
    )


@audience.route(
    "GET",
    "/v1/ledger/heads/{tree_size}/leaves",
    roles=AUDITOR,
    replies={200: LeavesView},
    raises=[errors.NotFound],
)
def read_leaves(call: Call) -> Reply:
    """Get a link to the leaves that a head added. Whoever has all of them can build the tree anew.

    A leaf names a chain by the hash of its first entry, and no case.
    """
    found = use_locate_leaves(int(call.path["tree_size"]), deps=call.deps)
    return Reply(LeavesView(**found._asdict()))


@audience.route("GET", "/v1/ledger/key", replies={200: PEM})
def read_ledger_key(call: Call) -> Reply:
    """Read the public key that heads and exports are signed with (PEM, ECDSA P-256)."""
    return Reply(call.deps.signer.pem, headers={"Content-Type": PEM})
