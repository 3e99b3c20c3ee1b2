"""The first operators of a stack, and keys that only their holders see.

  python -m infra.operators key
  python -m infra.operators bootstrap --stack handshake-prod --name "first operator"
  python -m infra.operators bootstrap --local .local/stack.json --name "first operator"

A stack knows nobody until somebody with rights to its AWS account lets the first two operators in;
from then on two operators let in the next one through the API. `--emergency` goes past that, and
says so in the access log.
"""

import argparse
import json
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3

from chalicelib.domain.admission.access import (
    AccessKey,
    Organisation,
    Principal,
    User,
    key_of,
)
from chalicelib.domain.admission.access_log import AccessEvent, note
from chalicelib.domain.admission.key_text import RANDOM_BYTES, digest_of, ending, key_text
from chalicelib.domain.references import derive_id, keyed_hash
from chalicelib.domain.vocabulary import OrganisationKind, Role
from chalicelib.store.access import Access
from chalicelib.store.keyring import Keyring, Purpose, root_secret
from chalicelib.store.paging import Start
from chalicelib.store.table import Table

ORGANISATION = "operations"
ENOUGH = 2
"""Operators who can let in the next one by themselves."""

KEY_LIFE = timedelta(days=365)

Client = Callable[[str], Any]


class Refused(Exception):
    """What was asked is not done; the message says why."""


@dataclass(frozen=True)
class Bootstrapped:
    """A new operator's key, in the only moment it can be read."""

    text: str
    key: AccessKey


def bootstrap(
    access: Access, keyring: Keyring, name: str, *, now: datetime, emergency: str | None = None
) -> Bootstrapped:
    """Let an operator in while there are fewer than two; later only for a reason, which is noted.

    Refused when there are enough operators and no reason is given. Raises Unavailable, and
    VersionConflict when somebody else does the same.
    """
    if emergency is None and len(live_operators(access, now)) >= ENOUGH:
        raise Refused(
            "There are two operators. They let in the next one (POST /v1/key-proposals). "
            "Where they cannot: --emergency REASON."
        )
    text = key_text(secrets.token_hex(RANDOM_BYTES))
    hashed = keyed_hash(keyring.key(Purpose.API_KEY_HASH), digest_of(text))
    user = _user(name, hashed, now)
    key = key_of(
        user,
        hashed,
        name=name,
        ends_with=ending(text),
        issued_by=user.created_by,
        at=now,
        expires_at=now + KEY_LIFE,
    )
    entry = note(
        AccessEvent.OPERATOR_BOOTSTRAPPED,
        by=Principal(
            key_id="aws", user_id=user.created_by, role=Role.OPERATOR, organisation=ORGANISATION
        ),
        organisation=ORGANISATION,
        subject=key.key_id,
        at=now,
        entry_id=derive_id("l", key.key_id),
        reason=emergency,
    )
    rows = [access.new_user_row(user), *access.new_key_rows(key, hashed)]
    access.save([*_organisation_rows(access, now), *rows], entry)
    return Bootstrapped(text, key)


def live_operators(access: Access, now: datetime) -> set[str]:
    """The `user_id`s of operators who hold a key that opens."""
    house = access.organisation(ORGANISATION)
    if house is None or house.suspended_at is not None:
        return set()
    users = {u.user_id for u in _all(access.users) if u.ended_at is None}
    return {key.user_id for key in _all(access.keys) if key.is_live(now)} & users


def _all(page_of: Callable[[str, int, Start | None], Any]) -> list[Any]:
    found: list[Any] = []
    start: Start | None = None
    while True:
        page = page_of(ORGANISATION, 100, start)
        found += page.items
        if (start := page.next_start) is None:
            return found


def _user(name: str, hashed: str, now: datetime) -> User:
    return User(
        user_id=derive_id("u", ORGANISATION, hashed),
        organisation=ORGANISATION,
        role=Role.OPERATOR,
        name=name,
        created_at=now,
        created_by="bootstrap",
    )


def _organisation_rows(access: Access, now: datetime) -> list[Any]:
    """The operators' organisation where it is missing or shut: an operator must find it open."""
    known = access.organisation(ORGANISATION)
    if known is None:
        house = Organisation(
            organisation_id=ORGANISATION,
            kind=OrganisationKind.OPERATOR,
            name="Operations",
            created_at=now,
        )
        return access.organisation_rows(house)
    if known.suspended_at is None:
        return []
    update = {"suspended_at": None, "version": known.version + 1}
    return access.organisation_rows(known.model_copy(update=update))


def aws(service: str, endpoint: str | None = None) -> Any:
    """A client with the caller's own credentials and region."""
    make: Any = boto3.client  # its stubs have one overload for each service's literal name
    return make(service, endpoint_url=endpoint)


def outputs_of(stack: str, *, client: Client) -> dict[str, str]:
    """A stack's outputs by name."""
    (found,) = client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}


def opened(outputs: Mapping[str, str], *, client: Client) -> tuple[Access, Keyring]:
    """The stack's table of keys and its secret."""
    keyring = Keyring(lambda: root_secret(client("secretsmanager"), outputs["RootSecretArn"]))
    return Access(Table(client("dynamodb"), outputs["AccessTable"])), keyring


def main(arguments: Sequence[str], ask: Callable[[str], str] = input) -> int:
    """Print a new key to standard output, everything else to standard error. 1 when refused."""
    given = _parser().parse_args(arguments)
    if given.command == "key":
        return _made_a_key()
    client, outputs = _place(given)
    _say(f"An operator reads and changes registry, keys and rules of {given.stack or given.local}.")
    if not given.yes and ask("Let one in? [y/N] ").strip().lower() != "y":
        _say("Nothing was written.")
        return 1
    access, keyring = opened(outputs, client=client)
    try:
        made = bootstrap(
            access, keyring, given.name, now=datetime.now(UTC), emergency=given.emergency
        )
    except Refused as reason:
        _say(str(reason))
        return 1
    _say(f"User {made.key.user_id}, key {made.key.key_id}, until {made.key.expires_at}. The key:")
    print(made.text)
    return 0


def _made_a_key() -> int:
    text = key_text(secrets.token_hex(RANDOM_BYTES))
    _say(f"Hand over key_sha256, keep the key.\nkey_sha256 {digest_of(text)}\nkey:")
    print(text)
    return 0


def _place(given: argparse.Namespace) -> tuple[Client, Mapping[str, str]]:
    """How to reach the stack, and its outputs."""
    if given.stack:
        return aws, outputs_of(given.stack, client=aws)
    document = json.loads(Path(given.local).read_text("utf-8"))
    outputs = {
        "AccessTable": document["tables"]["access"],
        "RootSecretArn": document["root_secret_arn"],
    }
    return lambda service: aws(service, document["aws_endpoint"]), outputs


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.operators",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("key", help="make a key here, and its SHA-256 to hand over")
    first = commands.add_parser("bootstrap", help="let an operator in with rights to AWS")
    place = first.add_mutually_exclusive_group(required=True)
    place.add_argument("--stack", help="a CloudFormation stack")
    place.add_argument("--local", metavar="FILE", help="stack.json of the local stack")
    first.add_argument("--name", required=True, help="a label for the operator")
    first.add_argument("--yes", action="store_true", help="do not ask")
    first.add_argument(
        "--emergency", metavar="REASON", help="although there are two; the reason is noted"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
