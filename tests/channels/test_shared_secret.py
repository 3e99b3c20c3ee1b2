"""Who does not sign must know a secret: whole, in one of three ways."""

import base64

import pytest

from chalicelib.channels.shared_secret import carries

SECRET = {"header_secret": "a-secret-of-tests"}
BASIC = {"basic_user": "kobo", "basic_password": "a:password"}


def basic(text: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(text.encode()).decode()}


@pytest.mark.parametrize(
    ("headers", "secrets"),
    [
        ({"x-handshake-secret": "a-secret-of-tests"}, SECRET),
        ({"authorization": "Token a-secret-of-tests"}, SECRET),
        ({"authorization": "token  a-secret-of-tests "}, SECRET),
        ({"authorization": "Bearer x", "x-handshake-secret": "a-secret-of-tests"}, SECRET),
        (basic("kobo:a:password"), BASIC),
        (basic("kobo:a:password"), {**SECRET, **BASIC}),
        ({"x-handshake-secret": "geheim-ü"}, {"header_secret": "geheim-ü"}),
    ],
)
def test_who_knows_the_secret_is_let_in(headers: dict[str, str], secrets: dict[str, str]) -> None:
    assert carries(headers, secrets)


@pytest.mark.parametrize(
    ("headers", "secrets"),
    [
        ({}, SECRET),
        ({}, {}),
        ({"x-handshake-secret": ""}, {}),
        ({"x-handshake-secret": ""}, {"header_secret": ""}),
        ({"authorization": "Token "}, {"header_secret": ""}),
        ({"x-handshake-secret": "a-secret-of-test"}, SECRET),
        ({"x-handshake-secret": "a-secret-of-tests."}, SECRET),
        ({"x-handshake-secret": "A-secret-of-tests"}, SECRET),
        ({"x-handshake-secret": "\ud800"}, SECRET),
        ({"authorization": "Bearer a-secret-of-tests"}, SECRET),
        ({"authorization": "a-secret-of-tests"}, SECRET),
        (basic("a-secret-of-tests:"), SECRET),
        (basic(":"), {}),
        (basic(":"), {"basic_user": "", "basic_password": ""}),
        (basic("kobo:"), {"basic_user": "kobo", "basic_password": ""}),
        (basic("kobo"), BASIC),
        (basic("kobo:a:passwor"), BASIC),
        (basic("Kobo:a:password"), BASIC),
        ({"authorization": "Basic !!!!"}, BASIC),
        ({"authorization": "Basic /////w=="}, BASIC),
        ({"authorization": "Basic kobo:a:password"}, BASIC),
        ({"x-handshake-secret": "a:password"}, BASIC),
    ],
)
def test_who_does_not_is_not(headers: dict[str, str], secrets: dict[str, str]) -> None:
    assert not carries(headers, secrets)
