"""Sealing: what is bound to one tenant and case opens for no other, and not when altered."""

from typing import Any

import pytest

from chalicelib.errors import Unavailable
from chalicelib.store import clients
from chalicelib.store.envelope import Envelope, Sealed
from chalicelib.store.faults import RefusedByStore
from tests.service import Service

CONTEXT = {"tenant": "handshake-gz", "case": "g_1"}


@pytest.fixture
def envelope(service: Service) -> Envelope:
    return Envelope(lambda: clients.client("kms"), service.deps.settings.vault_key_arn)


def test_what_was_sealed_can_be_opened(envelope: Envelope) -> None:
    assert envelope.open(envelope.seal(b"plain", CONTEXT), CONTEXT) == b"plain"


def test_every_sealing_has_a_key_and_a_ciphertext_of_its_own(envelope: Envelope) -> None:
    one, other = (envelope.seal(b"plain", CONTEXT) for _ in range(2))
    assert one.wrapped_key != other.wrapped_key
    assert one.ciphertext != other.ciphertext
    with pytest.raises(RefusedByStore):
        envelope.open(Sealed(one.wrapped_key, other.ciphertext), CONTEXT)


@pytest.mark.parametrize("other", [{**CONTEXT, "case": "g_2"}, {**CONTEXT, "tenant": "x"}, {}])
def test_for_another_tenant_or_case_kms_does_not_unwrap(
    envelope: Envelope, other: dict[str, str]
) -> None:
    with pytest.raises(Unavailable):
        envelope.open(envelope.seal(b"plain", CONTEXT), other)


def test_a_changed_byte_anywhere_is_noticed(envelope: Envelope) -> None:
    sealed = envelope.seal(b"plain", CONTEXT)
    for position in range(len(sealed.ciphertext)):
        altered = bytearray(sealed.ciphertext)
        altered[position] ^= 1
        with pytest.raises(RefusedByStore):
            envelope.open(sealed._replace(ciphertext=bytes(altered)), CONTEXT)


def test_a_key_that_is_gone_is_an_outage(service: Service) -> None:
    gone = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
    envelope = Envelope(lambda: clients.client("kms"), gone)
    with pytest.raises(Unavailable):
        envelope.seal(b"plain", CONTEXT)


def test_kms_is_asked_with_tenant_and_case(service: Service) -> None:
    asked: list[dict[str, Any]] = []

    class Kms:
        def generate_data_key(self, **request: Any) -> dict[str, bytes]:
            asked.append(request)
            return {"Plaintext": bytes(32), "CiphertextBlob": b"wrapped"}

    Envelope(Kms, "arn").seal(b"plain", CONTEXT)
    assert asked == [{"KeyId": "arn", "KeySpec": "AES_256", "EncryptionContext": CONTEXT}]
