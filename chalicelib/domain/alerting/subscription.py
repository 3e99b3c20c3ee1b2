"""What a brand's topic is subscribed to: where alerts go, and which of them.

A filter is lists that must all match. What nobody may filter out carries one more value, `always`,
in every attribute, and every filter lets that through: SNS has no `or` between attributes that
would leave room for anything else within its limits.

A digest is a message of a kind of its own, and has no other attribute to filter on. So a
subscription to digests asks for that kind and `always`, and no other subscription gets one.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from chalicelib.domain.text import CountryCode
from chalicelib.domain.values import Value
from chalicelib.domain.vocabulary import AlertKind, Category, Severity

ALWAYS = "always"
"""The value of what comes whatever a filter says."""

MOST_COMBINATIONS = 150
"""SNS: the numbers of values of all attributes of a filter, multiplied."""

MOST_SUBSCRIPTIONS = 200
"""SNS takes so many filters a topic."""

DAYS_LOOKED_BACK = 90

Attributes = Mapping[str, Sequence[str]]
"""What is filtered on: the values of each message attribute."""


class Protocol(StrEnum):
    """How an alert gets to an endpoint, as SNS calls it."""

    EMAIL = "email"
    HTTPS = "https"
    SQS = "sqs"
    SMS = "sms"


class Rhythm(StrEnum):
    """How often what need not come singly comes in a digest."""

    NONE = "none"
    DAILY = "daily"
    WEEKLY = "weekly"


class SubscriptionStatus(StrEnum):
    """Whether whoever has the endpoint has agreed to get alerts."""

    PENDING = "pending"
    CONFIRMED = "confirmed"


def filtered_on(
    *, brand_id: str, kind: AlertKind, severity: Severity, category: Category, country: str | None
) -> dict[str, tuple[str, ...]]:
    """The message attributes of an alert: what it says, and whether it comes always."""
    said = {
        "kind": kind,
        "severity": severity,
        "category": category,
        "country": country or "unknown",
    }
    more = (ALWAYS,) if comes_always(kind, severity) else ()
    return {"brand_id": (brand_id,), **{name: (value, *more) for name, value in said.items()}}


def comes_always(kind: AlertKind, severity: Severity) -> bool:
    """Whether no filter holds it back: recalls, critical alerts, tests."""
    return kind in (AlertKind.RECALL, AlertKind.TEST) or severity is Severity.S1


def _each_once(values: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    if values is not None and len(set(values)) < len(values):
        raise ValueError("name each value once")
    return values


def digest_kind(rhythm: Rhythm) -> str:
    """What a digest says as its `kind`, in its attributes and in its JSON."""
    return f"digest_{rhythm}"


DIGEST_KINDS = {digest_kind(rhythm): rhythm for rhythm in Rhythm if rhythm is not Rhythm.NONE}


class AlertFilter(Value):
    """Which alerts: those that match every list that is given. A list left out is no limit."""

    kinds: Annotated[
        tuple[AlertKind, ...] | None, Field(min_length=1), AfterValidator(_each_once)
    ] = None
    severities: Annotated[
        tuple[Severity, ...] | None, Field(min_length=1), AfterValidator(_each_once)
    ] = None
    categories: Annotated[
        tuple[Category, ...] | None, Field(min_length=1), AfterValidator(_each_once)
    ] = None
    countries: Annotated[
        tuple[CountryCode, ...] | None,
        Field(min_length=1, max_length=100, description="Of the factory."),
        AfterValidator(_each_once),
    ] = None

    @model_validator(mode="after")
    def _within_the_limits_of_sns(self) -> Self:
        combinations = 1
        for values in filter_policy(self).values():
            combinations *= len(values)
        if combinations > MOST_COMBINATIONS:
            raise ValueError(
                "SNS takes filters of 150 combinations at most: the lengths of the lists, each"
                f" plus one, multiplied. These are {combinations}. Shorten a list, leave one out,"
                " or make several subscriptions"
            )
        return self


_ATTRIBUTE_OF = {
    "kinds": "kind",
    "severities": "severity",
    "categories": "category",
    "countries": "country",
}
_LIST_OF = {attribute: name for name, attribute in _ATTRIBUTE_OF.items()}


def filter_policy(wish: AlertFilter) -> dict[str, list[str]]:
    """The filter as SNS takes it (scope: message attributes); empty where nothing is filtered."""
    lists = ((attribute, getattr(wish, name)) for name, attribute in _ATTRIBUTE_OF.items())
    return {attribute: [*values, ALWAYS] for attribute, values in lists if values}


def filter_in(policy: Mapping[str, Any]) -> AlertFilter | None:
    """The filter that a policy of SNS is; None where it is not one that we make."""
    if not all(name in _LIST_OF and _lets_always_through(policy[name]) for name in policy):
        return None
    lists = {_LIST_OF[name]: [v for v in policy[name] if v != ALWAYS] for name in policy}
    try:
        return AlertFilter.model_validate(lists)
    except ValidationError:
        return None


def _lets_always_through(values: Any) -> bool:
    return isinstance(values, list) and ALWAYS in values


_NO_DIGEST: Mapping[str, Any] = {"kind": [{"anything-but": list(DIGEST_KINDS)}]}
"""What lets every alert through, of kinds that are yet to come, too, and no digest."""


class Wanted(NamedTuple):
    """What a subscription asks for: alerts that match a filter, or digests of all of them."""

    filter: AlertFilter
    digest: Rhythm = Rhythm.NONE


def policy_of(wanted: Wanted) -> Mapping[str, Any]:
    """What a subscription asks for as SNS takes it (scope: message attributes)."""
    if wanted.digest is not Rhythm.NONE:
        return {"kind": [digest_kind(wanted.digest), ALWAYS]}
    return filter_policy(wanted.filter) or _NO_DIGEST


def wanted_in(policy: Mapping[str, Any]) -> Wanted | None:
    """What a policy of SNS asks for; None where it is not one that we make."""
    if policy == _NO_DIGEST:
        return Wanted(AlertFilter())
    for kind, rhythm in DIGEST_KINDS.items():
        if policy == {"kind": [kind, ALWAYS]}:
            return Wanted(AlertFilter(), rhythm)
    found = filter_in(policy) if policy else None
    return Wanted(found) if found is not None else None


def lets_through(wish: AlertFilter, attributes: Attributes) -> bool:
    """Whether SNS delivers what has these attributes: each list has one of its values."""
    policy = filter_policy(wish)
    return all(set(values) & set(attributes[name]) for name, values in policy.items())


def comes_singly(wanted: Wanted, attributes: Attributes) -> bool:
    """Whether SNS delivers an alert that has these attributes by itself."""
    if wanted.digest is not Rhythm.NONE:
        return ALWAYS in attributes["kind"]
    return lets_through(wanted.filter, attributes)


def explained(
    wish: AlertFilter | None, texts: Mapping[str, str], digest: Rhythm | None = Rhythm.NONE
) -> str:
    """What a subscription gets, in words.

    A filter that is None was not made here; a rhythm that is None says that there is no filter at
    all, so that whatever is published comes.
    """
    if wish is None:
        return texts["filter.own"]
    if digest is None:
        return texts["filter.none"]
    if digest is not Rhythm.NONE:
        return "\n".join((texts[f"filter.{digest_kind(digest)}"], texts["filter.always"]))
    if not filter_policy(wish):
        return texts["filter.everything"]
    lines = [texts["filter.narrowed"], *_lists(wish, texts), texts["filter.always"]]
    return "\n".join(lines)


def _lists(wish: AlertFilter, texts: Mapping[str, str]) -> list[str]:
    words: dict[str, Callable[[str], str]] = {
        "kinds": lambda value: texts[f"kind.{value}"],
        "severities": lambda value: texts[f"severity.{value}"],
        "categories": lambda value: texts[f"category.{value}"],
        "countries": lambda value: value,
    }
    given = ((name, getattr(wish, name)) for name in words)
    return [
        texts[f"filter.{name}"].format(values=", ".join(map(words[name], values)))
        for name, values in given
        if values
    ]


# Endpoints. What is wrong with one is said without repeating it: it may be a person's.

# What browsers take for an address (HTML, section 4.10.5.1.5), with a dot in the domain.
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_EMAIL = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+")
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.[a-zA-Z](?:[a-zA-Z0-9-]{{0,61}}[a-zA-Z0-9])?")
_QUEUE = re.compile(r"arn:aws(?:-[a-z]+)*:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,80}")
_PRIVATE = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "invalid", "onion")


class EndpointOfProtocol(Value):
    """Where alerts go."""

    protocol: Protocol
    endpoint: Annotated[
        str,
        Field(
            min_length=1,
            max_length=2048,
            description="`email`: an address. `https`: a URL that is reached from the internet,"
            " with a certificate that browsers trust. `sqs`: a queue's ARN. `sms`: a telephone"
            " number, as `+` and digits.",
        ),
    ]

    @field_validator("endpoint")
    @classmethod
    def _is_of_its_protocol(cls, endpoint: str, info: ValidationInfo) -> str:
        if "protocol" in info.data:
            _CHECKS[info.data["protocol"]](endpoint)
        return endpoint


class WantedOfAlerts(Value):
    """Which alerts, and whether singly: every one by itself, if nothing is said."""

    filter: AlertFilter = AlertFilter()
    digest: Annotated[
        Rhythm,
        Field(
            description="`daily`, `weekly`: one message each morning (06:00 UTC), or each Monday's,"
            " if anything happened. Recalls, critical alerts (S1) and tests come singly all the"
            " same. A digest lists all alerts: it takes no filter."
        ),
    ] = Rhythm.NONE

    @field_validator("digest")
    @classmethod
    def _takes_no_filter(cls, digest: Rhythm, info: ValidationInfo) -> Rhythm:
        if digest is not Rhythm.NONE and info.data.get("filter", AlertFilter()) != AlertFilter():
            raise ValueError("lists all alerts: leave the filter out, or the digest")
        return digest

    @property
    def wanted(self) -> Wanted:
        """What is asked of SNS."""
        return Wanted(self.filter, self.digest)


class NewSubscription(EndpointOfProtocol, WantedOfAlerts):
    """Where alerts shall go, and which of them; every one by itself, if nothing is said."""


def _is_an_address(endpoint: str) -> None:
    if len(endpoint) > 254 or not _EMAIL.fullmatch(endpoint):
        raise ValueError("must be an e-mail address, as desk@brand.example")


def _is_a_url_from_outside(endpoint: str) -> None:
    if not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint:
        raise ValueError("must be a URL in ASCII, as https://brand.example/alerts")
    try:
        url = urlsplit(endpoint)
        host, _ = url.hostname or "", url.port
    except ValueError:
        raise ValueError("must be a URL, as https://brand.example/alerts") from None
    if url.scheme != "https" or not host:
        raise ValueError("must begin with https:// and a host: alerts are not sent in the clear")
    if url.username is not None or url.password is not None or url.fragment:
        raise ValueError("must have no password and no fragment in it: check signatures instead")
    if not _is_reached_from_outside(host):
        raise ValueError("must have a host that SNS reaches from the internet")


def _is_reached_from_outside(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        private = any(host == name or host.endswith(f".{name}") for name in _PRIVATE)
        return bool(_HOST.fullmatch(host)) and not private


def _is_a_queue(endpoint: str) -> None:
    if endpoint.endswith(".fifo"):
        raise ValueError("must be a standard queue: SNS does not send to a FIFO queue from here")
    if not _QUEUE.fullmatch(endpoint):
        raise ValueError("must be a queue's ARN, as arn:aws:sqs:<region>:<account>:<name>")


def _is_a_number(endpoint: str) -> None:
    import phonenumbers  # 25 ms that only a number pays

    try:
        number = phonenumbers.parse(endpoint, None)
    except phonenumbers.NumberParseException:
        number = None
    as_it_is_called = phonenumbers.PhoneNumberFormat.E164
    if (
        number is None
        or not phonenumbers.is_possible_number(number)
        or phonenumbers.format_number(number, as_it_is_called) != endpoint
    ):
        raise ValueError("must be a telephone number in E.164: + and digits, nothing else")


_CHECKS: Mapping[Protocol, Callable[[str], None]] = {
    Protocol.EMAIL: _is_an_address,
    Protocol.HTTPS: _is_a_url_from_outside,
    Protocol.SQS: _is_a_queue,
    Protocol.SMS: _is_a_number,
}


class Subscription(NamedTuple):
    """A subscription as SNS has it.

    SNS tells the id of one that is not confirmed only to who makes it. A `filter` that is None is
    one that was not made here, or of a subscription whose id is not known; a `digest` that is None
    is the same, or of a subscription without any filter.
    """

    subscription_id: str | None
    protocol: str
    endpoint: str
    status: SubscriptionStatus
    filter: AlertFilter | None
    digest: Rhythm | None
    keeps_undelivered: bool

    @property
    def wanted(self) -> Wanted | None:
        """What it asks for, where that is something that can be asked for here."""
        if self.filter is None or self.digest is None:
            return None
        return Wanted(self.filter, self.digest)
