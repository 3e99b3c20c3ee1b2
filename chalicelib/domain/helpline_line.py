"""A line of a helpline: the number, account or form through which workers reach a partner."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from chalicelib.domain.access import OrganisationId, Principal
from chalicelib.domain.text import CountryCode, LanguageTag, Line
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import Role

LineId = Annotated[str, StringConstraints(pattern=r"^ln_[0-9a-z]{26}$")]


class Provider(StrEnum):
    """Who carries the messages, and in which of its formats they come."""

    TWILIO_MESSAGES = "twilio_messages"  # SMS and WhatsApp
    TWILIO_VOICE = "twilio_voice"
    QQ = "qq"
    WECHAT = "wechat"
    RAPIDPRO = "rapidpro"
    KOBO = "kobo"


class FormField(StrEnum):
    """What a form may say: the closed list of names that `fields` of a line maps to its paths."""

    TEXT = "text"
    FACTORY_NAME = "factory_name"
    FACTORY_ADDRESS = "factory_address"
    FACTORY_CITY = "factory_city"
    FACTORY_COUNTRY = "factory_country"
    CATEGORIES = "categories"
    INCIDENT_FROM = "incident_from"
    WORKERS_AFFECTED = "workers_affected"
    LANGUAGE = "language"
    WORKER_NAME = "worker_name"
    WORKER_PHONE = "worker_phone"
    CONSENT_LEVEL = "consent_level"
    CONSENT_SCRIPT_VERSION = "consent_script_version"
    CROSS_BORDER = "cross_border"
    CONTACT_BACK = "contact_back"
    SUMMARY = "summary"


_FIELD_PATH = re.compile(r"^[^\s\x00-\x1f]{1,200}$")

FieldPath = Annotated[str, StringConstraints(pattern=_FIELD_PATH.pattern)]
"""Where a form keeps a field: `results.factory.value`, `group1/q2`."""


class HelplineLine(Value):
    """A line as it is stored: everything but its secrets, which lie in Secrets Manager."""

    line_id: LineId
    partner_id: OrganisationId
    provider: Provider
    name: Annotated[Line, Field(description="What your staff call it.")]
    account: Annotated[
        Annotated[Line, Field(max_length=100)] | None,
        Field(
            description="Twilio: AccountSid. QQ: the bot's app id. WeChat: the account's original "
            "id (`gh_…`). RapidPro and Kobo: null."
        ),
    ] = None
    address: Annotated[
        Annotated[Line, Field(max_length=100)] | None,
        Field(description="Twilio: the number, as `+E.164`. Others: null."),
    ] = None
    language: Annotated[
        LanguageTag, Field(description="What it speaks until a worker's own language is known.")
    ] = "en"
    jurisdiction: Annotated[
        CountryCode | None, Field(description="Whose rules apply to what comes in here.")
    ] = None
    fields: Annotated[
        Mapping[str, FieldPath],
        Field(description="RapidPro and Kobo: where in the form each of our fields is."),
    ] = {}
    created_at: Moment
    ended_at: Moment | None = None
    version: int = 1

    @property
    def principal(self) -> Principal:
        """Who files what comes in here: the line itself, for its partner."""
        return Principal(
            key_id=self.line_id,
            user_id=self.line_id,
            role=Role.PARTNER_INTAKE,
            organisation=self.partner_id,
        )
