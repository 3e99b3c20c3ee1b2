"""The first two operators are let in with rights to AWS; all others by two operators."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from chalicelib.domain.admission.access_log import AccessEvent, AccessLogEntry
from chalicelib.domain.admission.key_text import digest_of, is_key_text
from chalicelib.domain.references import keyed_hash
from chalicelib.domain.vocabulary import Role
from chalicelib.store.access import Access
from chalicelib.store.keyring import Keyring, Purpose
from infra import operators
from infra.template import create_storage

pytestmark = pytest.mark.usefixtures("aws_credentials")

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
MONTH = f"{NOW:%Y-%m}"


@pytest.fixture(autouse=True)
def an_aws_account() -> object:
    with mock_aws():
        yield


@pytest.fixture
def outputs() -> dict[str, str]:
    settings = create_storage(boto3.client("cloudformation"), stage="test")
    return {
        "AccessTable": settings["HANDSHAKE_ACCESS_TABLE"],
        "RootSecretArn": settings["HANDSHAKE_ROOT_SECRET_ARN"],
    }


@pytest.fixture
def opened(outputs: dict[str, str]) -> tuple[Access, Keyring]:
    return operators.opened(outputs, client=operators.aws)


def let_in(opened: tuple[Access, Keyring], emergency: str | None = None) -> operators.Bootstrapped:
    access, keyring = opened
    return operators.bootstrap(access, keyring, "an operator", now=NOW, emergency=emergency)


def role_of(text: str, opened: tuple[Access, Keyring]) -> Role | None:
    """Who the authorizer would say this is."""
    access, keyring = opened
    holder = access.holder(keyed_hash(keyring.key(Purpose.API_KEY_HASH), digest_of(text)))
    principal = holder.principal(NOW) if holder else None
    return principal.role if principal else None


def test_the_first_operators_key_opens_and_ends_after_a_year(
    opened: tuple[Access, Keyring],
) -> None:
    made = let_in(opened)

    assert is_key_text(made.text)
    assert role_of(made.text, opened) is Role.OPERATOR
    assert made.key.expires_at == NOW + timedelta(days=365)
    (entry,) = opened[0].log(MONTH, 10, None).items
    assert (entry.event, entry.subject, entry.reason) == (
        "operator_bootstrapped",
        made.key.key_id,
        None,
    )


def test_a_second_one_is_let_in_and_a_third_is_not(opened: tuple[Access, Keyring]) -> None:
    first, second = let_in(opened), let_in(opened)

    assert first.key.user_id != second.key.user_id
    with pytest.raises(operators.Refused):
        let_in(opened)
    assert len(opened[0].users("operations", 10, None).items) == 2


def test_an_operator_whose_key_has_ended_does_not_count(opened: tuple[Access, Keyring]) -> None:
    access, _ = opened
    first, second = let_in(opened), let_in(opened)
    access.save([access.revoked_key_row(first.key, NOW)], operators_entry(first))

    assert operators.live_operators(access, NOW) == {second.key.user_id}
    assert role_of(let_in(opened).text, opened) is Role.OPERATOR


def operators_entry(made: operators.Bootstrapped) -> AccessLogEntry:
    return AccessLogEntry(
        entry_id="l",
        at=NOW,
        event=AccessEvent.KEY_REVOKED,
        by_user="u",
        by_key="k",
        by_organisation="operations",
        organisation="operations",
        subject=made.key.key_id,
    )


def test_an_emergency_goes_past_that_and_is_on_record(opened: tuple[Access, Keyring]) -> None:
    let_in(opened)
    let_in(opened)

    made = let_in(opened, emergency="both have lost their keys")

    assert role_of(made.text, opened) is Role.OPERATOR
    reasons = {e.subject: e.reason for e in opened[0].log(MONTH, 10, None).items}
    assert reasons[made.key.key_id] == "both have lost their keys"


def test_a_suspended_house_of_operators_is_opened_again(opened: tuple[Access, Keyring]) -> None:
    access, _ = opened
    first = let_in(opened)
    house = access.organisation("operations")
    assert house is not None
    shut = house.model_copy(update={"suspended_at": NOW, "version": 2})
    access.save(access.organisation_rows(shut), operators_entry(first))
    assert role_of(first.text, opened) is None

    second = let_in(opened)

    assert role_of(second.text, opened) is Role.OPERATOR


def local(tmp_path: Path, outputs: dict[str, str]) -> list[str]:
    """The arguments that name a local stack."""
    file = tmp_path / "stack.json"
    document = {
        "aws_endpoint": None,
        "tables": {"access": outputs["AccessTable"]},
        "root_secret_arn": outputs["RootSecretArn"],
    }
    file.write_text(json.dumps(document), "utf-8")
    return ["bootstrap", "--local", str(file), "--name", "first"]


def test_the_command_asks_and_prints_the_key_alone(
    tmp_path: Path,
    outputs: dict[str, str],
    opened: tuple[Access, Keyring],
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[str] = []

    def yes(question: str) -> str:
        asked.append(question)
        return "y"

    assert operators.main(local(tmp_path, outputs), ask=yes) == 0

    said = capsys.readouterr()
    (text,) = said.out.split()
    assert len(asked) == 1
    assert text not in said.err
    access, keyring = opened
    assert access.holder(keyed_hash(keyring.key(Purpose.API_KEY_HASH), digest_of(text)))


def test_without_a_yes_nothing_is_written(
    tmp_path: Path, outputs: dict[str, str], opened: tuple[Access, Keyring]
) -> None:
    assert operators.main(local(tmp_path, outputs), ask=lambda _: "") == 1
    assert opened[0].organisation("operations") is None


def test_a_refusal_is_said_and_is_an_exit_code(
    tmp_path: Path,
    outputs: dict[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = [*local(tmp_path, outputs), "--yes"]
    assert [operators.main(arguments) for _ in range(3)] == [0, 0, 1]
    assert "POST /v1/key-proposals" in capsys.readouterr().err


def test_a_deployed_stack_is_found_by_its_name(
    outputs: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    declared = ", ".join(f'"{name}": {{"Value": "{value}"}}' for name, value in outputs.items())
    resources = '{"T": {"Type": "AWS::SNS::Topic"}}'
    body = f'{{"Resources": {resources}, "Outputs": {{{declared}}}}}'
    boto3.client("cloudformation").create_stack(StackName="deployed", TemplateBody=body)

    arguments = ["bootstrap", "--stack", "deployed", "--name", "first", "--yes"]
    assert operators.main(arguments) == 0

    assert is_key_text(capsys.readouterr().out.strip())


def test_a_key_is_made_at_home_and_its_digest_is_what_is_handed_over(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert operators.main(["key"]) == 0

    said = capsys.readouterr()
    text = said.out.strip()
    assert is_key_text(text)
    assert digest_of(text) in said.err
    assert text not in said.err
