"""Keys for each purpose from one root secret."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode

from chalicelib.errors import Unavailable
from chalicelib.store.keyring import Keyring, Purpose, root_secret
from tests.service import ROOT_SECRET, Service
from tests.store.answers import Script, refusal

ROOT = "a root secret of thirty-two chars"


def test_every_purpose_has_a_key_of_its_own() -> None:
    ring = Keyring(lambda: ROOT)

    keys = {ring.key(purpose) for purpose in Purpose}

    assert len(keys) == len(Purpose)
    assert {len(key) for key in keys} == {32}


@pytest.mark.parametrize("purpose", Purpose)
def test_a_key_is_what_nist_sp_800_108_derives_in_counter_mode(purpose: Purpose) -> None:
    derive = KBKDFHMAC(
        algorithm=SHA256(),
        mode=Mode.CounterMode,
        length=32,
        rlen=4,
        llen=2,
        location=CounterLocation.BeforeFixed,
        label=purpose.encode(),
        context=b"",
        fixed=None,
    ).derive

    assert Keyring(lambda: ROOT).key(purpose) == derive(ROOT.encode())


def test_a_key_stays_what_it_is() -> None:
    """Another derivation would make every stored hash worthless."""
    assert Keyring(lambda: ROOT).key(Purpose.API_KEY_HASH).hex() == (
        "d79bff3ddc4ca00d47f5ae07cc2befb94616d034b8566640924b3130a2ffe571"
    )


@pytest.mark.parametrize(("root", "good"), [("", False), ("x" * 31, False), ("x" * 32, True)])
def test_a_short_root_secret_is_refused(root: str, good: bool) -> None:
    ring = Keyring(lambda: root)

    if good:
        assert len(ring.key(Purpose.CURSOR)) == 32
        return
    with pytest.raises(Unavailable) as refused:
        ring.key(Purpose.CURSOR)
    assert refused.value.detail == "The root secret is shorter than 32 characters."


def test_the_root_secret_is_fetched_once_and_a_failure_is_not_remembered() -> None:
    fetched: list[str] = []

    def fetch() -> str:
        fetched.append("")
        if len(fetched) == 1:
            raise Unavailable
        return ROOT

    ring = Keyring(fetch)
    with pytest.raises(Unavailable):
        ring.key(Purpose.CURSOR)

    assert [len(ring.key(purpose)) for purpose in Purpose] == [32] * len(Purpose)
    assert len(fetched) == 2


def test_the_root_secret_comes_from_secrets_manager(
    service: Service, fresh_client: Callable[[str], Any]
) -> None:
    client = fresh_client("secretsmanager")

    assert root_secret(client, service.deps.settings.root_secret_arn) == ROOT_SECRET


@pytest.mark.parametrize(
    "answer", [None, refusal("AccessDeniedException"), refusal("DecryptionFailure")]
)
def test_without_its_root_secret_the_service_is_unavailable(
    answer: Any, service: Service, fresh_client: Callable[[str], Any]
) -> None:
    client = fresh_client("secretsmanager")
    Script(answer).on(client, "GetSecretValue")
    ring = Keyring(lambda: root_secret(client, "handshake-nowhere"))

    with pytest.raises(Unavailable):
        ring.key(Purpose.RECEIPT_CODE)
