"""Filters: what SNS takes, what they let through, how they read; and what is no endpoint."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.sns.utils import FilterPolicyMatcher
from pydantic import ValidationError

from chalicelib.domain.alerting.subscription import (
    ALWAYS,
    DIGEST_KINDS,
    AlertFilter,
    NewSubscription,
    Rhythm,
    Wanted,
    comes_singly,
    explained,
    filter_in,
    filter_policy,
    filtered_on,
    lets_through,
    policy_of,
    wanted_in,
)
from chalicelib.domain.vocabulary import AlertKind, Category, Severity
from chalicelib.texts import catalogue, languages

COUNTRIES = ("BD", "CN", "IN", "VN", "KH")


def lists(values: list[Any]) -> st.SearchStrategy[Any]:
    some = st.lists(st.sampled_from(values), min_size=1, max_size=4, unique=True)
    return st.none() | some.map(tuple)


FILTERS: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    kinds=lists(list(AlertKind)),
    severities=lists(list(Severity)),
    categories=lists(list(Category)),
    countries=lists(list(COUNTRIES)),
)
ALERTS: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    kind=st.sampled_from(list(AlertKind)),
    severity=st.sampled_from(list(Severity)),
    category=st.sampled_from(list(Category)),
    country=st.none() | st.sampled_from(COUNTRIES),
)


def valid(lists_of: dict[str, Any]) -> AlertFilter | None:
    try:
        return AlertFilter.model_validate(lists_of)
    except ValidationError:
        return None


@given(FILTERS, ALERTS)
def test_a_filter_lets_through_what_somebody_elses_matcher_does(
    lists_of: dict[str, Any], alert: dict[str, Any]
) -> None:
    """moto's reading of a filter policy, on the attributes as they are published."""
    wish = valid(lists_of)
    if wish is None:
        return
    attributes = filtered_on(brand_id="acme", **alert)
    policy = filter_policy(wish)
    matcher = FilterPolicyMatcher(policy, "MessageAttributes")
    sent = as_sent(attributes)

    assert lets_through(wish, attributes) is bool(not policy or matcher.matches(sent, ""))


def as_sent(attributes: Mapping[str, Sequence[str]]) -> dict[str, dict[str, str]]:
    return {
        name: {"Type": "String", "Value": values[0]}
        if len(values) == 1
        else {"Type": "String.Array", "Value": json.dumps(list(values))}
        for name, values in attributes.items()
    }


@given(FILTERS, st.sampled_from(list(Rhythm)), ALERTS)
def test_what_comes_singly_is_what_somebody_elses_matcher_lets_through(
    lists_of: dict[str, Any], rhythm: Rhythm, alert: dict[str, Any]
) -> None:
    wish = valid(lists_of)
    if wish is None:
        return
    wanted = Wanted(wish) if rhythm is Rhythm.NONE else Wanted(AlertFilter(), rhythm)
    attributes = filtered_on(brand_id="acme", **alert)
    matcher = FilterPolicyMatcher(dict(policy_of(wanted)), "MessageAttributes")

    assert comes_singly(wanted, attributes) is bool(matcher.matches(as_sent(attributes), ""))
    if rhythm is not Rhythm.NONE:
        always = alert["kind"] in ("recall", "test") or alert["severity"] == "S1"
        assert comes_singly(wanted, attributes) is always
    assert wanted_in(json.loads(json.dumps(policy_of(wanted)))) == wanted


@given(FILTERS, st.sampled_from(list(Rhythm)))
def test_a_digest_reaches_who_asked_for_its_rhythm_and_nobody_else(
    lists_of: dict[str, Any], rhythm: Rhythm
) -> None:
    wish = valid(lists_of)
    if wish is None:
        return
    wanted = Wanted(wish) if rhythm is Rhythm.NONE else Wanted(AlertFilter(), rhythm)
    matcher = FilterPolicyMatcher(dict(policy_of(wanted)), "MessageAttributes")

    for kind, of in DIGEST_KINDS.items():
        sent = as_sent({"brand_id": ["acme"], "kind": [kind]})
        assert bool(matcher.matches(sent, "")) is (of is rhythm)


def test_a_policy_that_is_almost_ours_is_not_taken_for_it() -> None:
    for policy in (
        {},
        {"kind": ["digest_daily"]},
        {"kind": ["digest_daily", "digest_weekly", ALWAYS]},
        {"kind": ["digest_daily", ALWAYS], "severity": ["S2", ALWAYS]},
        {"kind": [{"anything-but": ["digest_daily"]}]},
    ):
        assert wanted_in(policy) is None


@given(FILTERS, ALERTS)
def test_recalls_critical_alerts_and_tests_come_whatever_the_filter(
    lists_of: dict[str, Any], alert: dict[str, Any]
) -> None:
    wish = valid(lists_of)
    always = alert["kind"] in ("recall", "test") or alert["severity"] == "S1"
    if wish is None or not always:
        return
    assert lets_through(wish, filtered_on(brand_id="acme", **alert))


@given(FILTERS)
def test_a_filter_is_within_the_limits_of_sns_and_read_back_as_it_was(
    lists_of: dict[str, Any],
) -> None:
    wish = valid(lists_of)
    product = 1
    for values in lists_of.values():
        product *= len(values) + 1 if values else 1

    assert (wish is not None) is (product <= 150)
    if wish is None:
        return
    policy = json.loads(json.dumps(filter_policy(wish)))
    assert len(policy) <= 5
    assert filter_in(policy) == wish


@pytest.mark.parametrize(
    "policy",
    [
        {"kind": ["new"]},
        {"kind": [{"prefix": "n"}, ALWAYS]},
        {"kind": [ALWAYS]},
        {"store": ["acme", ALWAYS]},
        {"kind": {"new": [ALWAYS]}},
        {"country": ["Bangladesh", ALWAYS]},
    ],
    ids=["not always", "prefix", "nothing else", "another attribute", "nested", "no country"],
)
def test_a_filter_that_was_not_made_here_is_not_put_into_words(policy: dict[str, Any]) -> None:
    assert filter_in(policy) is None
    assert explained(None, catalogue("en")) == catalogue("en")["filter.own"]


def test_a_filter_is_explained() -> None:
    wish = AlertFilter.model_validate(
        {"kinds": ("new", "retaliation"), "severities": ("S2",), "countries": ("BD", "CN")}
    )

    assert explained(wish, catalogue("en")) == (
        "You get the alerts that match all of this:\n"
        "Kind: New grievance, Reprisals\n"
        "Severity: S2 (high)\n"
        "Country: BD, CN\n"
        "Recalls, critical alerts (S1) and tests come always."
    )
    assert explained(AlertFilter(), catalogue("en")) == "You get every alert."


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_word_of_a_filter_is_in_every_language(language: str) -> None:
    for values in (
        {"kinds": tuple(AlertKind)},
        {"severities": tuple(Severity)},
        {"categories": tuple(Category)},
    ):
        wish = AlertFilter.model_validate(values)
        assert len(explained(wish, catalogue(language)).splitlines()) == 3


def refused(protocol: str, endpoint: str) -> str:
    """What is said of an endpoint that is none."""
    with pytest.raises(ValidationError) as caught:
        NewSubscription.model_validate({"protocol": protocol, "endpoint": endpoint})
    (error,) = caught.value.errors()
    assert error["loc"] == ("endpoint",)
    return str(error["msg"])


@pytest.mark.parametrize(
    ("protocol", "endpoint"),
    [
        ("email", "desk@brand.example"),
        ("email", "due.diligence+alerts@cs.brand.example"),
        ("https", "https://brand.example/alerts"),
        ("https", "https://alerts.brand.example:8443/sns?tenant=1"),
        ("https", "https://8.8.8.8/"),
        ("sqs", "arn:aws:sqs:eu-central-1:123456789012:desk-acme"),
        ("sqs", "arn:aws-cn:sqs:cn-north-1:123456789012:desk_acme"),
        ("sms", "+12025550123"),
    ],
)
def test_an_endpoint_of_its_protocol_is_taken_as_it_is(protocol: str, endpoint: str) -> None:
    wish = NewSubscription.model_validate({"protocol": protocol, "endpoint": endpoint})
    assert (wish.endpoint, wish.filter) == (endpoint, AlertFilter())


@pytest.mark.parametrize(
    ("protocol", "endpoint"),
    [
        ("email", "somebody"),
        ("email", "other@brand"),
        ("email", "Desk <desk@brand.example>"),
        ("email", "other@brand.example\n"),
        ("email", "a" * 65 + "@brand.example"),
        ("email", "desk@" + "a." * 130 + "example"),
        ("https", "http://brand.example/alerts"),
        ("https", "brand.example/alerts"),
        ("https", "https:///nowhere"),
        ("https", "https://user:secret@brand.example/"),
        ("https", "https://brand.example/#part"),
        ("https", "https://brand.example:99999/"),
        ("https", "https://[::1"),
        ("https", "https://bränd.example/"),
        ("https", "https://brand.example/a b"),
        ("https", "https://localhost/"),
        ("https", "https://desk.internal/"),
        ("https", "https://intranet/"),
        ("https", "https://127.0.0.1/"),
        ("https", "https://127.1/"),
        ("https", "https://2130706433/"),
        ("https", "https://0x7f.0.0.1/"),
        ("https", "https://10.0.0.8/"),
        ("https", "https://169.254.169.254/latest/meta-data"),
        ("https", "https://[::1]/"),
        ("https", "https://[fd00::1]/"),
        ("sqs", "https://sqs.eu-central-1.amazonaws.com/123456789012/desk-acme"),
        ("sqs", "arn:aws:sns:eu-central-1:123456789012:desk-acme"),
        ("sqs", "arn:aws:sqs:eu-central-1:123456789012:desk-acme.fifo"),
        ("sms", "12025550123"),
        ("sms", "+1 202 555 0123"),
        ("sms", "+1"),
        ("sms", "0012025550123"),
        ("sms", "+1202555012345678"),
    ],
)
def test_anything_else_is_refused_and_not_repeated(protocol: str, endpoint: str) -> None:
    said = refused(protocol, endpoint)

    assert said.startswith("Value error, must ")
    assert endpoint.strip() not in said


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"kinds": []}, "at least 1 item"),
        ({"kinds": ["new", "new"]}, "name each value once"),
        ({"countries": ["bd"]}, "match pattern"),
        ({"categories": list(Category), "severities": list(Severity), "kinds": ["new", "retro"]},
         "150 combinations at most"),
    ],
    ids=["an empty list", "twice", "no country", "too many"],
)  # fmt: skip
def test_a_filter_that_sns_would_not_take_is_refused(wish: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        AlertFilter.model_validate_json(json.dumps(wish), strict=True)
