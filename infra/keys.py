"""Issues a key for a deployed stack: `python -m infra.keys --stack handshake-prod ...`.

A stack has no key until somebody with rights to its AWS account makes the first. The key is shown
once; what is stored is a hash that only the stack's own secret can make.
"""

import argparse
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import boto3

from chalicelib.domain.access import KEY_PREFIX, AccessKey
from chalicelib.domain.references import derive_id, keyed_hash
from chalicelib.domain.vocabulary import Role
from chalicelib.store.access import Access
from chalicelib.store.keyring import Keyring, Purpose, root_secret
from chalicelib.store.table import Table

RANDOM_BYTES = 32

Client = Callable[[str], Any]


def aws(service: str) -> Any:
    """A client with the caller's own credentials and region."""
    make: Any = boto3.client  # its stubs have one overload for each service's literal name
    return make(service)


def issue(
    role: Role,
    organisation: str,
    name: str,
    *,
    outputs: Mapping[str, str],
    client: Client,
    now: datetime,
    expires_at: datetime | None = None,
) -> str:
    """Make a key for a role in an organisation; returns it, in the only moment it can be read.

    `outputs` are the stack's; `client` makes an AWS client for a service. For a brand, the
    organisation is its brand_id. Raises Unavailable where AWS refuses.
    """
    key = KEY_PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    keyring = Keyring(lambda: root_secret(client("secretsmanager"), outputs["RootSecretArn"]))
    hashed = keyed_hash(keyring.key(Purpose.API_KEY_HASH), key)
    access = Access(Table(client("dynamodb"), outputs["AccessTable"]))
    access.save(
        hashed,
        AccessKey(
            key_id=derive_id("k", hashed),
            role=role,
            organisation=organisation,
            name=name,
            created_at=now,
            expires_at=expires_at,
        ),
    )
    return key


def outputs_of(stack: str, *, client: Client) -> dict[str, str]:
    """A stack's outputs by name."""
    (found,) = client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}


def main(arguments: Sequence[str]) -> int:
    """Print a new key, and nothing else, to standard output."""
    parser = argparse.ArgumentParser(prog="python -m infra.keys", description=__doc__)
    parser.add_argument("--stack", required=True)
    parser.add_argument("--role", required=True, type=Role, choices=list(Role))
    parser.add_argument("--organisation", required=True, help="a brand's brand_id, for a brand")
    parser.add_argument("--name", required=True, help="what the key is for")
    parser.add_argument("--expires", type=datetime.fromisoformat, help="2027-01-31T00:00:00+00:00")
    given = parser.parse_args(arguments)
    key = issue(
        given.role,
        given.organisation,
        given.name,
        outputs=outputs_of(given.stack, client=aws),
        client=aws,
        now=datetime.now(UTC),
        expires_at=given.expires,
    )
    print(key)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
