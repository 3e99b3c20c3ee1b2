"""What moto holds, as plain data, and back: the one place that knows moto from inside.

From inside, because nothing else sees a queue's messages without taking them, and because it is one
moment for all of it. Tables, the bucket and the root secret go by the name of their setting: the
names that CloudFormation gives them are new each time.
"""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from moto.dynamodb.models import dynamodb_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sns.models import sns_backends
from moto.sqs.models import Message, sqs_backends

from infra.local.environment import ACCOUNT, REGION, STAGE

State = dict[str, Any]
Settings = Mapping[str, str]

_TABLE_SUFFIX = "_TABLE"
_BUCKET_SUFFIX = "_BUCKET"
_KEY = "HANDSHAKE_LEDGER_KEY_ID"
_VAULT_KEY = "HANDSHAKE_VAULT_KEY_ARN"
_SECRET = "HANDSHAKE_ROOT_SECRET_ARN"  # noqa: S105  the name of a setting
_LINE_SECRETS = f"handshake-{STAGE}-line-"

_TOPIC_ATTRIBUTES = {
    "DisplayName": "display_name",
    "FifoTopic": "fifo_topic",
    "ContentBasedDeduplication": "content_based_deduplication",
}
_SUBSCRIPTION_ATTRIBUTES = (  # the scope first: the policy is read by it
    "FilterPolicyScope",
    "FilterPolicy",
    "RawMessageDelivery",
    "DeliveryPolicy",
    "RedrivePolicy",
)
_QUEUE_ATTRIBUTES = (
    "ContentBasedDeduplication",
    "DelaySeconds",
    "FifoQueue",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "Policy",
    "ReceiveMessageWaitTimeSeconds",
    "VisibilityTimeout",
)
_MESSAGE_FIELDS = (
    "id",
    "body",
    "message_attributes",
    "system_attributes",
    "sent_timestamp",
    "approximate_first_receive_timestamp",
    "approximate_receive_count",
    "deduplication_id",
    "group_id",
    "sequence_number",
    "delayed_until",
)


def read_state(settings: Settings) -> State:
    """Everything that is to survive. Only call while no AWS call runs."""
    return {
        "tables": {name: _items(table) for name, table in _tables(settings).items()},
        "buckets": {name: _objects(bucket) for name, bucket in _buckets(settings).items()},
        "topics": [_topic(topic) for topic in _sns().topics.values()],
        "subscriptions": [_subscription(s) for s in _sns().subscriptions.values()],
        "queues": [_queue(queue) for queue in _sqs().queues.values()],
        "ledger_key": _signing_key(settings),
        "root_secret": _secrets().get_secret_value(settings[_SECRET], "", "")["SecretString"],
        "line_secrets": _line_secrets(),
        "vault_key": _vault_key(settings[_VAULT_KEY]),
    }


def write_state(state: State, settings: Settings) -> None:
    """Put back what `read_state` read, into a storage that the template has just made.

    A message that somebody had received and not yet deleted can be received at once: whoever had
    it is gone. KeyError, TypeError or ValueError for what is no state.
    """
    for name, table in _tables(settings).items():
        for item in state["tables"].get(name, ()):
            table.put_item(item)
    for name, bucket in _buckets(settings).items():
        _put_objects(bucket, state["buckets"].get(name, ()))
    _keys()[settings[_KEY]].private_key.private_key = load_pem_private_key(
        state["ledger_key"].encode(), password=None
    )
    _secrets().put_secret_value(settings[_SECRET], state["root_secret"], "", "", ["AWSCURRENT"])
    _put_line_secrets(state.get("line_secrets", {}))
    _put_vault_key(settings[_VAULT_KEY], state["vault_key"])
    _make_queues(state["queues"])
    _make_topics(state["topics"])
    _subscribe(state["subscriptions"])


def _tables(settings: Settings) -> dict[str, Any]:
    backend = dynamodb_backends[ACCOUNT][REGION]
    return {
        setting: backend.tables[name]
        for setting, name in settings.items()
        if setting.endswith(_TABLE_SUFFIX)
    }


def _buckets(settings: Settings) -> dict[str, str]:
    return {name: value for name, value in settings.items() if name.endswith(_BUCKET_SUFFIX)}


def _signing_key(settings: Settings) -> str:
    """What the heads of the ledger are signed with (PEM): they are to be checked after a restart,
    too."""
    key = _keys()[settings[_KEY]].private_key.private_key
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode()


def _items(table: Any) -> list[dict[str, Any]]:
    return [item.to_json()["Attributes"] for item in table.all_items()]


def _objects(bucket: str) -> list[dict[str, Any]]:
    keys = s3_backends[ACCOUNT]["aws"].get_bucket(bucket).keys
    return [_object(keys[name]) for name in list(keys)]


def _object(key: Any) -> dict[str, Any]:
    metadata = dict(key.metadata)
    return {"key": key.name, "content": key.value, "metadata": metadata}


def _put_objects(bucket: str, objects: Iterable[Mapping[str, Any]]) -> None:
    backend = s3_backends[ACCOUNT]["aws"]
    for saved in objects:
        key = backend.put_object(bucket, saved["key"], saved["content"], disable_notification=True)
        key.set_metadata(dict(saved["metadata"]))


def _vault_key(arn: str) -> dict[str, Any]:
    """Its material, and every id it has had: a data key names the one it was wrapped under."""
    known = kms_backends[ACCOUNT][REGION].keys
    key = known[_key_id(arn)]
    material = base64.b64encode(key.key_material).decode()
    return {"material": material, "ids": [i for i, other in known.items() if other is key]}


def _put_vault_key(arn: str, saved: Mapping[str, Any]) -> None:
    known = kms_backends[ACCOUNT][REGION].keys
    key = known[_key_id(arn)]
    key.key_material = base64.b64decode(saved["material"])
    known.update(dict.fromkeys(saved["ids"], key))


def _key_id(arn: str) -> str:
    return arn.rsplit("/", 1)[1]


def _line_secrets() -> dict[str, str]:
    """What the lines of helplines are known by, by name: the template knows nothing of them."""
    backend = _secrets()
    names = [s.name for s in backend.secrets.values() if s.name.startswith(_LINE_SECRETS)]
    return {name: backend.get_secret_value(name, "", "")["SecretString"] for name in names}


def _put_line_secrets(saved: Mapping[str, str]) -> None:
    for name, value in saved.items():
        _secrets().create_secret(name, value, None, None, None, None, None, [], False)


def _topic(topic: Any) -> dict[str, Any]:
    attributes = {name: getattr(topic, field) for name, field in _TOPIC_ATTRIBUTES.items()}
    return {"name": topic.name, "attributes": {k: v for k, v in attributes.items() if v}}


def _make_topics(topics: Iterable[Mapping[str, Any]]) -> None:
    for saved in topics:
        _sns().create_topic(saved["name"], saved["attributes"])


def _subscription(subscription: Any) -> dict[str, Any]:
    attributes = subscription.attributes
    return {
        "arn": subscription.arn,
        "topic_arn": subscription.topic.arn,
        "protocol": subscription.protocol,
        "endpoint": subscription.endpoint,
        "attributes": {
            name: attributes[name] for name in _SUBSCRIPTION_ATTRIBUTES if attributes.get(name)
        },
    }


def _subscribe(subscriptions: Iterable[Mapping[str, Any]]) -> None:
    backend = _sns()
    for saved in subscriptions:
        made = backend.subscribe(saved["topic_arn"], saved["endpoint"], saved["protocol"])
        del backend.subscriptions[made.arn]
        made.arn = made.attributes["SubscriptionArn"] = saved["arn"]
        backend.subscriptions[made.arn] = made
        for name, value in saved["attributes"].items():
            backend.set_subscription_attributes(made.arn, name, value)


def _queue(queue: Any) -> dict[str, Any]:
    attributes = queue.attributes
    return {
        "name": queue.name,
        "attributes": {n: attributes[n] for n in _QUEUE_ATTRIBUTES if attributes.get(n)},
        "redrive": attributes.get("RedrivePolicy"),
        "messages": [{f: getattr(m, f) for f in _MESSAGE_FIELDS} for m in queue._messages],
    }


def _make_queues(queues: Iterable[Mapping[str, Any]]) -> None:
    """The queues that are not there yet, then everybody's messages; the template's own queues keep
    the attributes that the template gives them now."""
    missing = [saved for saved in queues if saved["name"] not in _sqs().queues]
    for saved in missing:
        _sqs().create_queue(saved["name"], **saved["attributes"])
    for saved in missing:
        if saved["redrive"]:
            _sqs().set_queue_attributes(saved["name"], {"RedrivePolicy": saved["redrive"]})
    for saved in queues:
        _sqs().queues[saved["name"]]._messages += [_message(m) for m in saved["messages"]]


def _message(saved: Mapping[str, Any]) -> Message:
    message = Message(saved["id"], saved["body"])
    for field in _MESSAGE_FIELDS:
        setattr(message, field, saved[field])
    return message


def _sns() -> Any:
    return sns_backends[ACCOUNT][REGION]


def _sqs() -> Any:
    return sqs_backends[ACCOUNT][REGION]


def _keys() -> Any:
    """KMS keys by ARN."""
    return {key.arn: key for key in kms_backends[ACCOUNT][REGION].keys.values()}


def _secrets() -> Any:
    return secretsmanager_backends[ACCOUNT][REGION]
