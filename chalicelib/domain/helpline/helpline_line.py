"""A line of a helpline: the number, account or form through which workers reach a partner."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints

from chalicelib.domain.admission.access import OrganisationId, Principal
from chalicelib.domain.text import CountryCode, LanguageTag, Line
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import Role
from chalicelib.errors import FieldError

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


SECRET_NAMES: Mapping[Provider, tuple[frozenset[str], ...]] = {
    Provider.TWILIO_MESSAGES: (frozenset({"auth_token"}),),
    Provider.TWILIO_VOICE: (frozenset({"auth_token"}),),
    Provider.QQ: (frozenset({"bot_secret"}),),
    Provider.WECHAT: (frozenset({"token", "app_id", "app_secret"}),),
    Provider.RAPIDPRO: (frozenset({"header_secret"}),),
    Provider.KOBO: (frozenset({"header_secret"}), frozenset({"basic_user", "basic_password"})),
}
"""Which secrets a line has: one of these sets, whole."""

UNSPOKEN = frozenset({"my"})
"""Languages with texts in which no call can be held: Twilio has no voice for them."""

_OWN_SECRETS = frozenset({"header_secret", "basic_password"})
_SHORTEST_OWN = 20

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
        Field(
            description="RapidPro and Kobo: where in the form each of our fields is, if it is not "
            "called as we call it."
        ),
    ] = {}
    created_at: Moment
    secret_names: Annotated[
        tuple[str, ...], Field(description="Which secrets were set; none: it hears nothing yet.")
    ] = ()
    secrets_set_at: Moment | None = None
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

    @property
    def is_ready(self) -> bool:
        """Whether it hears: its secrets are set, and it has not ended."""
        return bool(self.secret_names) and self.ended_at is None


class _Rule(NamedTuple):
    """What an account or an address of a provider looks like; None: it has none."""

    pattern: str | None
    detail: str


_NONE = _Rule(None, "Leave it out: this provider has none.")
_ACCOUNT_SID = _Rule(r"AC[0-9a-f]{32}", "Give Twilio's AccountSid: `AC` and 32 hex digits.")
_NUMBER = _Rule(r"\+[1-9][0-9]{6,14}", "Give the number as E.164: `+`, country code, number.")

_ACCOUNTS: Mapping[Provider, _Rule] = {
    Provider.TWILIO_MESSAGES: _ACCOUNT_SID,
    Provider.TWILIO_VOICE: _ACCOUNT_SID,
    Provider.QQ: _Rule(r"[0-9]{5,20}", "Give the bot's app id: digits alone."),
    Provider.WECHAT: _Rule(
        r"gh_[0-9a-zA-Z]{1,40}", "Give the account's original id: it begins with `gh_`."
    ),
    Provider.RAPIDPRO: _NONE,
    Provider.KOBO: _NONE,
}
_ADDRESSES: Mapping[Provider, _Rule] = {
    provider: _NUMBER if provider in (Provider.TWILIO_MESSAGES, Provider.TWILIO_VOICE) else _NONE
    for provider in Provider
}
_FORMS = (Provider.RAPIDPRO, Provider.KOBO)


def unfit(line: HelplineLine) -> list[FieldError]:
    """What of a line does not fit its provider; nothing where all is well."""
    return [
        *_broken("account", line.account, _ACCOUNTS[line.provider]),
        *_broken("address", line.address, _ADDRESSES[line.provider]),
        *_unfit_fields(line),
    ]


def _broken(field: str, value: str | None, rule: _Rule) -> Iterable[FieldError]:
    if rule.pattern is None:
        return [] if value is None else [FieldError(field, "not_of_provider", rule.detail)]
    if value is None:
        return [FieldError(field, "missing", rule.detail)]
    if not re.fullmatch(rule.pattern, value, re.ASCII):
        return [FieldError(field, "does_not_fit_provider", rule.detail)]
    return []


def _unfit_fields(line: HelplineLine) -> Iterable[FieldError]:
    if line.provider not in _FORMS:
        detail = "Leave it out: what is said here has no form."
        return [FieldError("fields", "not_of_provider", detail)] if line.fields else []
    if not set(line.fields) <= set(FormField):
        known = ", ".join(f"`{name}`" for name in FormField)
        return [FieldError("fields", "unknown_name", f"Map these names alone: {known}.")]
    return []


def unfit_secrets(provider: Provider, secrets: Mapping[str, str]) -> list[FieldError]:
    """What is wrong with a provider's secrets: their names, or how easily they are guessed."""
    if frozenset(secrets) not in SECRET_NAMES[provider]:
        wanted = " or ".join(
            " and ".join(f"`{name}`" for name in sorted(names)) for names in SECRET_NAMES[provider]
        )
        return [FieldError("body", "does_not_fit_provider", f"Send exactly {wanted}.")]
    detail = f"Make it of {_SHORTEST_OWN} characters at least: `openssl rand -hex 20`."
    return [
        FieldError(name, "too_short", detail)
        for name in sorted(_OWN_SECRETS & secrets.keys())
        if len(secrets[name]) < _SHORTEST_OWN
    ]
