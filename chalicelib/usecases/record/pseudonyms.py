"""How organisations are named where others read: in ledger entries and exports."""

from chalicelib.domain.admission.access import Principal
from chalicelib.domain.references import keyed_hash
from chalicelib.domain.vocabulary import Role
from chalicelib.store.keyring import Keyring, Purpose

_PARTNERS = frozenset({Role.PARTNER_INTAKE, Role.PARTNER_SUPERVISOR})


def partner_pseudonym(partner_id: str, keyring: Keyring) -> str:
    """The same partner has the same pseudonym everywhere, and nobody can guess it back."""
    return f"p_{keyed_hash(keyring.key(Purpose.PSEUDONYM), partner_id)[:16]}"


def pseudonym_of(by: Principal, keyring: Keyring) -> str:
    """The pseudonym of a caller's organisation. One name in two roles makes two of them."""
    if by.role in _PARTNERS:
        return partner_pseudonym(by.organisation, keyring)
    key = keyring.key(Purpose.PSEUDONYM)
    return f"o_{keyed_hash(key, f'{by.role}:{by.organisation}')[:16]}"


def pseudonymous(by: Principal, keyring: Keyring) -> Principal:
    """The caller with a pseudonym for its organisation: who the ledger's entries know."""
    return by.model_copy(update={"organisation": pseudonym_of(by, keyring)})


def ledger_actor(by: Principal, keyring: Keyring) -> str:
    """How a ledger entry names a caller: role, pseudonym, and the key, which names the person to
    the operator alone."""
    return pseudonymous(by, keyring).actor
