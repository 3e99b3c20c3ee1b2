"""What AWS refuses, in the words of the domain; with botocore's own retries in play."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from chalicelib.errors import Unavailable
from chalicelib.store.codec import encode
from chalicelib.store.faults import (
    ConditionFailed,
    Contended,
    NoSuchThing,
    RefusedByStore,
    TransactionRefused,
    in_our_words,
)
from chalicelib.store.table import Table
from tests.service import Service
from tests.store.answers import Script, refusal

ITEM = encode({"pk": "a", "sk": "b", "colour": "red"})
URL = "https://dynamodb.test"

Client = Callable[[str], Any]


def translated(failure: Exception) -> Exception:
    """What leaves the package when botocore raises `failure`."""
    with pytest.raises(Exception) as left, in_our_words():  # noqa: PT011  any: it is looked at
        raise failure
    assert left.value.__cause__ is failure
    return left.value


def refused(code: str, **more: Any) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": "as told"}, **more}
    return ClientError(response, "PutItem")


def cancelled(*codes: str) -> ClientError:
    reasons = [{"Code": code} for code in codes]
    return refused("TransactionCanceledException", CancellationReasons=reasons)


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (refused("ConditionalCheckFailedException"), ConditionFailed),
        (cancelled("None", "ConditionalCheckFailed"), TransactionRefused),
        (cancelled("TransactionConflict", "ConditionalCheckFailed"), TransactionRefused),
        (cancelled("TransactionConflict", "None"), Contended),
        (refused("TransactionConflictException"), Contended),
        (cancelled("ValidationError"), RefusedByStore),
        (cancelled("ThrottlingError", "None"), Unavailable),
        (cancelled("ProvisionedThroughputExceeded"), Unavailable),
        (refused("TransactionCanceledException"), Unavailable),
        (refused("TransactionInProgressException"), Unavailable),
        (refused("ValidationException"), RefusedByStore),
        (refused("NoSuchKey"), NoSuchThing),
        (refused("404"), NoSuchThing),
        (refused("NotFound"), NoSuchThing),
        (refused("NotFoundException"), NoSuchThing),
        (refused("ResourceNotFoundException"), NoSuchThing),
        (refused("AccessDeniedException"), Unavailable),
        (refused("AuthorizationError"), Unavailable),
        (refused("ExpiredTokenException"), Unavailable),
        (refused("KMSDisabledException"), Unavailable),
        (refused("ThrottlingException"), Unavailable),
        (refused("ProvisionedThroughputExceededException"), Unavailable),
        (refused("InternalServerError"), Unavailable),
        (ReadTimeoutError(endpoint_url=URL), Unavailable),
        (ConnectTimeoutError(endpoint_url=URL), Unavailable),
        (EndpointConnectionError(endpoint_url=URL), Unavailable),
        (NoCredentialsError(), Unavailable),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else str(value)[-60:],
)
def test_a_refusal_becomes_one_of_our_own(
    failure: ClientError | BotoCoreError, kind: type[Exception]
) -> None:
    assert type(translated(failure)) is kind


def test_two_kinds_of_unavailable_have_names_of_their_own() -> None:
    assert issubclass(RefusedByStore, Unavailable)
    assert issubclass(Contended, Unavailable)


def test_a_failed_condition_brings_what_stood_there() -> None:
    found = translated(refused("ConditionalCheckFailedException", Item=ITEM))
    nothing = translated(refused("ConditionalCheckFailedException"))

    assert isinstance(found, ConditionFailed)
    assert isinstance(nothing, ConditionFailed)
    assert (found.item, nothing.item) == (ITEM, None)


def test_a_refused_transaction_brings_what_stood_in_the_way_by_position() -> None:
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Item": ITEM}]

    found = translated(refused("TransactionCanceledException", CancellationReasons=reasons))

    assert isinstance(found, TransactionRefused)
    assert found.items == [None, ITEM]


def test_what_is_not_aws_refusing_passes_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError), in_our_words():
        raise ZeroDivisionError


# With the retries that botocore makes

THROTTLE = refusal("ThrottlingException")


def writes(script: Script, fresh_client: Client, service: Service) -> None:
    """One write to a table, with a script for what AWS answers."""
    client = fresh_client("dynamodb")
    script.on(client, "PutItem")
    Table(client, service.deps.settings.registry_table).put(ITEM)


@pytest.mark.parametrize(
    "trouble",
    [
        THROTTLE,
        refusal("ProvisionedThroughputExceededException"),
        refusal("InternalServerError", 500),
        refusal("ServiceUnavailable", 503),
        ReadTimeoutError(endpoint_url=URL),
        ConnectionClosedError(endpoint_url=URL),
    ],
    ids=["throttle", "throughput", "500", "503", "timeout", "closed"],
)
def test_two_bad_answers_are_outlived_and_three_are_not(
    trouble: AWSResponse | Exception,
    fresh_client: Client,
    service: Service,
    waits: list[float],
) -> None:
    passing, lasting = Script(trouble, trouble, None), Script(trouble)

    writes(passing, fresh_client, service)
    with pytest.raises(Unavailable) as given_up:
        writes(lasting, fresh_client, service)

    assert (passing.attempts, lasting.attempts) == (3, 3)
    assert type(given_up.value) is Unavailable
    assert len(waits) == 4
    assert all(sum(pair) <= 1 + 2 for pair in (waits[:2], waits[2:]))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDeniedException", Unavailable),
        ("ExpiredTokenException", Unavailable),
        ("ValidationException", RefusedByStore),
        ("ResourceNotFoundException", NoSuchThing),
        ("ConditionalCheckFailedException", ConditionFailed),
        ("TransactionConflictException", Contended),
    ],
)
def test_what_another_attempt_cannot_mend_is_tried_once(
    code: str,
    kind: type[Exception],
    fresh_client: Client,
    service: Service,
    waits: list[float],
) -> None:
    script = Script(refusal(code))

    with pytest.raises(kind) as left:
        writes(script, fresh_client, service)

    assert type(left.value) is kind
    assert (script.attempts, waits) == (1, [])


def test_a_call_that_fails_for_good_takes_fifteen_seconds_at_most(
    fresh_client: Client, service: Service
) -> None:
    """Three attempts, each with its time to connect and to read, and waits of one and two."""
    for name in ("dynamodb", "kms", "sns", "sqs", "s3", "secretsmanager"):
        config = fresh_client(name).meta.config

        assert config.retries["total_max_attempts"] == 3
        assert config.retries["mode"] == "standard"
        assert 3 * (config.connect_timeout + config.read_timeout) + 1 + 2 <= 15


def test_a_transaction_that_collides_once_goes_through_with_the_next_attempt(
    fresh_client: Client, service: Service, waits: list[float]
) -> None:
    client = fresh_client("dynamodb")
    script = Script(refusal("TransactionInProgressException"), None).on(
        client, "TransactWriteItems"
    )
    table = Table(client, service.deps.settings.registry_table)

    table.transact([table.put_row(ITEM)])

    assert (script.attempts, len(waits)) == (2, 1)
    assert table.get({"pk": "a", "sk": "b"}) == ITEM


def test_a_cancelled_transaction_is_read_as_dynamodb_writes_it(
    fresh_client: Client, service: Service
) -> None:
    client = fresh_client("dynamodb")
    reasons = [{"Code": "None"}, {"Code": "TransactionConflict", "Message": "x"}]
    Script(refusal("TransactionCanceledException", CancellationReasons=reasons)).on(
        client, "TransactWriteItems"
    )
    table = Table(client, service.deps.settings.registry_table)

    with pytest.raises(Contended):
        table.transact([table.put_row(ITEM)])
    assert table.get({"pk": "a", "sk": "b"}) is None
