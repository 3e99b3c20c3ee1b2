"""What a line of each provider must have, and must not."""

from typing import Any

import pytest

from chalicelib.domain.helpline.helpline_line import (
    FormField,
    HelplineLine,
    Provider,
    unfit,
    unfit_secrets,
)

SID = f"AC{'0123456789abcdef' * 2}"
NUMBER = "+15550100"
BAD_ADDRESS = ("address", "does_not_fit_provider")
LONG = "0123456789abcdefghij"
FITTING: dict[Provider, dict[str, Any]] = {
    Provider.TWILIO_MESSAGES: {"account": SID, "address": NUMBER},
    Provider.TWILIO_VOICE: {"account": SID, "address": NUMBER},
    Provider.QQ: {"account": "102000001"},
    Provider.WECHAT: {"account": "gh_0123456789ab"},
    Provider.RAPIDPRO: {"fields": {"text": "results.complaint.value"}},
    Provider.KOBO: {"fields": {"summary": "case/summary", "factory_name": "case/factory"}},
}


def a_line(provider: Provider, **more: Any) -> HelplineLine:
    plain = {
        "line_id": f"ln_{'0' * 26}",
        "partner_id": "zhidao",
        "provider": provider,
        "name": "Night line",
        "created_at": "2026-11-26T08:00:00Z",
    }
    return HelplineLine.model_validate({**plain, **more})


def found(line: HelplineLine) -> list[tuple[str, str]]:
    return [(error.field, error.code) for error in unfit(line)]


@pytest.mark.parametrize("provider", Provider)
def test_a_line_with_what_its_provider_needs_fits(provider: Provider) -> None:
    assert found(a_line(provider, **FITTING[provider])) == []


@pytest.mark.parametrize(
    ("provider", "missing"),
    [
        (Provider.TWILIO_MESSAGES, ["account", "address"]),
        (Provider.TWILIO_VOICE, ["account", "address"]),
        (Provider.QQ, ["account"]),
        (Provider.WECHAT, ["account"]),
        (Provider.RAPIDPRO, []),
        (Provider.KOBO, []),
    ],
)
def test_what_a_provider_needs_is_missed(provider: Provider, missing: list[str]) -> None:
    assert found(a_line(provider)) == [(field, "missing") for field in missing]


@pytest.mark.parametrize(
    ("provider", "more", "error"),
    [
        (Provider.TWILIO_MESSAGES, {"account": SID.upper()}, ("account", "does_not_fit_provider")),
        (Provider.TWILIO_MESSAGES, {"account": "102000001"}, ("account", "does_not_fit_provider")),
        (Provider.TWILIO_MESSAGES, {"address": "555 0100"}, BAD_ADDRESS),
        (Provider.TWILIO_VOICE, {"address": "+05550100"}, BAD_ADDRESS),
        (Provider.TWILIO_VOICE, {"address": "+1555010\uff10"}, BAD_ADDRESS),
        (Provider.TWILIO_VOICE, {"fields": {"text": "a"}}, ("fields", "not_of_provider")),
        (Provider.QQ, {"account": "bot"}, ("account", "does_not_fit_provider")),
        (Provider.QQ, {"address": NUMBER}, ("address", "not_of_provider")),
        (Provider.WECHAT, {"account": "wx0123"}, ("account", "does_not_fit_provider")),
        (Provider.RAPIDPRO, {"account": SID}, ("account", "not_of_provider")),
        (Provider.KOBO, {"address": NUMBER}, ("address", "not_of_provider")),
        (Provider.KOBO, {"fields": {"text": "a", "salary": "b"}}, ("fields", "unknown_name")),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(
    provider: Provider, more: dict[str, Any], error: tuple[str, str]
) -> None:
    assert found(a_line(provider, **{**FITTING[provider], **more})) == [error]


def test_every_name_of_the_closed_list_can_be_mapped() -> None:
    everything = {name.value: f"group/{name}" for name in FormField}

    assert found(a_line(Provider.KOBO, fields=everything)) == []
    assert list(everything) == [
        "text", "factory_name", "factory_address", "factory_city", "factory_country", "categories",
        "incident_from", "workers_affected", "language", "worker_name", "worker_phone",
        "consent_level", "consent_script_version", "cross_border", "contact_back", "summary",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("provider", "names"),
    [
        (Provider.TWILIO_MESSAGES, ["auth_token"]),
        (Provider.TWILIO_VOICE, ["auth_token"]),
        (Provider.QQ, ["bot_secret"]),
        (Provider.WECHAT, ["app_id", "app_secret", "token"]),
        (Provider.RAPIDPRO, ["header_secret"]),
        (Provider.KOBO, ["header_secret"]),
        (Provider.KOBO, ["basic_user", "basic_password"]),
    ],
)
def test_a_provider_takes_its_own_secrets(provider: Provider, names: list[str]) -> None:
    assert unfit_secrets(provider, dict.fromkeys(names, LONG)) == []


@pytest.mark.parametrize(
    ("provider", "names", "wanted"),
    [
        (Provider.QQ, [], "Send exactly `bot_secret`."),
        (Provider.QQ, ["auth_token"], "Send exactly `bot_secret`."),
        (Provider.WECHAT, ["token"], "Send exactly `app_id` and `app_secret` and `token`."),
        (
            Provider.KOBO,
            ["header_secret", "basic_user"],
            "Send exactly `header_secret` or `basic_password` and `basic_user`.",
        ),
    ],
)
def test_other_secrets_are_refused_with_the_names_of_the_right_ones(
    provider: Provider, names: list[str], wanted: str
) -> None:
    (error,) = unfit_secrets(provider, dict.fromkeys(names, LONG))

    assert (error.field, error.code, error.detail) == ("body", "does_not_fit_provider", wanted)


@pytest.mark.parametrize(
    ("provider", "secrets", "too_short"),
    [
        (Provider.RAPIDPRO, {"header_secret": LONG[:-1]}, ["header_secret"]),
        (Provider.KOBO, {"basic_user": "kobo", "basic_password": "kobo"}, ["basic_password"]),
        (Provider.KOBO, {"basic_user": "kobo", "basic_password": LONG}, []),
        (Provider.WECHAT, {"token": "abc", "app_id": "wx1", "app_secret": "abc"}, []),
    ],
)
def test_what_alone_lets_messages_in_must_be_long(
    provider: Provider, secrets: dict[str, str], too_short: list[str]
) -> None:
    errors = unfit_secrets(provider, secrets)

    assert [(error.field, error.code) for error in errors] == [
        (name, "too_short") for name in too_short
    ]


def test_a_line_is_ready_once_its_secrets_are_set_until_it_ends() -> None:
    new = a_line(Provider.QQ, account="102000001")
    at = "2026-11-26T09:00:00Z"
    ready = new.changed(secret_names=("bot_secret",), secrets_set_at=at)

    assert not new.is_ready
    assert ready.is_ready
    assert not ready.changed(ended_at=at).is_ready
