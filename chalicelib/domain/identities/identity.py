"""Who the worker is: kept in the vault, apart from the case, and nowhere else."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Annotated, NamedTuple, Self

from pydantic import ConfigDict, Field, model_validator

from chalicelib.domain.record.ledger import canonical
from chalicelib.domain.references import keyed_hash
from chalicelib.domain.text import Line
from chalicelib.domain.values import Value

EVERYBODY = "everybody"
"""The circle of hashes that count distinct workers over all partners, for sums only."""

_BLANK = re.compile(r"\s+")


class WorkerIdentity(Value):
    """Name and contact details of the person who filed, as they were given. At least one."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    name: Annotated[Line, Field(max_length=200)] | None = None
    phone: Annotated[
        Annotated[Line, Field(max_length=40)] | None,
        Field(description="Best with its country code; else the case's country is assumed."),
    ] = None
    whatsapp: Annotated[
        Annotated[Line, Field(max_length=40)] | None, Field(description="The number, as `phone`.")
    ] = None
    email: Annotated[Line, Field(max_length=254)] | None = None
    qq: Annotated[Line, Field(max_length=100)] | None = None
    wechat: Annotated[Line, Field(max_length=100)] | None = None
    address: Line | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.fields_given:
            raise ValueError("give at least one field, or leave the identity out")
        return self

    @property
    def fields_given(self) -> list[str]:
        """The names of the fields that say something: what the ledger may know."""
        return sorted(name for name, value in dict(self).items() if value is not None)


class Identifier(NamedTuple):
    """Something that one person has and others have not, normalised for comparison."""

    kind: str
    value: str


def identifiers(worker: WorkerIdentity, country: str | None) -> list[Identifier]:
    """What the worker can be recognised by. A WhatsApp number is a telephone number.

    Names and addresses are none: two people share them too often.
    """
    found = {
        Identifier("phone", _phone(worker.phone, country)),
        Identifier("phone", _phone(worker.whatsapp, country)),
        Identifier("email", _account(worker.email)),
        Identifier("qq", _account(worker.qq)),
        Identifier("wechat", _account(worker.wechat)),
    }
    return sorted(identifier for identifier in found if identifier.value)


def circle_of(partner_id: str) -> str:
    """The circle of a partner: within it equal people look equal, across circles they do not."""
    return f"partner:{partner_id}"


def person_hashes(found: Iterable[Identifier], circle: str, key: bytes) -> list[str]:
    """A keyed hash of each identifier: what is stored to recognise a person by."""
    return [keyed_hash(key, canonical([circle, *identifier])) for identifier in found]


def _phone(text: str | None, country: str | None) -> str:
    """E.164 where it can be read as a number, else its digits."""
    import phonenumbers  # 25 ms that only an intake with a number pays

    if text is None:
        return ""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return "".join(str(int(c)) for c in text if c.isdecimal())
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _account(text: str | None) -> str:
    return _BLANK.sub("", unicodedata.normalize("NFKC", text or "")).casefold()
