"""What the template says of everything that keeps data."""

from pathlib import Path
from typing import Any

Resources = dict[str, dict[str, Any]]

KEY = {"Fn::GetAtt": ["Key", "Arn"]}

# docs/architecture.md, "Tables and indexes": index -> (partition key, sort key, projection)
CASES = {
    "work": ("work_queue", "due_at", "KEYS_ONLY"),
    "by_partner": ("partner_id", "received_at", "INCLUDE"),
    "by_factory": ("factory_id", "received_at", "INCLUDE"),
    "by_brand": ("brand_id", "alerted_at", "INCLUDE"),
    "by_day": ("received_day", "received_at", "KEYS_ONLY"),
    "by_receipt": ("receipt_hash", None, "KEYS_ONLY"),
    "by_waiting": ("waiting", "received_at", "KEYS_ONLY"),
    "deadlines": ("deadline_queue", "deadline_at", "KEYS_ONLY"),
    "by_change": ("changed_day", "at", "INCLUDE"),
}
REGISTRY = {
    "listing": ("listing", "listing_sort", "ALL"),
    "by_brand": ("link_brand", "link_factory", "ALL"),
}
JOBS = {
    "due": ("due_queue", "due_at", "KEYS_ONLY"),
    "by_owner": ("owner", "created_at", "ALL"),
}


def of_type(resources: Resources, kind: str) -> Resources:
    return {name: r["Properties"] for name, r in resources.items() if r.get("Type") == kind}


def tables(resources: Resources) -> Resources:
    return of_type(resources, "AWS::DynamoDB::Table")


def queues(resources: Resources) -> Resources:
    return of_type(resources, "AWS::SQS::Queue")


def keys(schema: list[dict[str, str]]) -> tuple[str | None, str | None]:
    by_type = {part["KeyType"]: part["AttributeName"] for part in schema}
    return by_type.get("HASH"), by_type.get("RANGE")


def indexes(table: dict[str, Any]) -> dict[str, tuple[str | None, str | None, str]]:
    return {
        index["IndexName"]: (*keys(index["KeySchema"]), index["Projection"]["ProjectionType"])
        for index in table.get("GlobalSecondaryIndexes", [])
    }


def test_there_are_seven_tables_with_the_keys_the_architecture_names(resources: Resources) -> None:
    found = {name: keys(table["KeySchema"]) for name, table in tables(resources).items()}
    assert found == {
        "CasesTable": ("case_id", "sk"),
        "RegistryTable": ("pk", "sk"),
        "AccessTable": ("pk", "sk"),
        "JobsTable": ("job_id", None),
        "VaultTable": ("case_id", None),
        "VaultKeysTable": ("pk", "sk"),
        "LedgerTable": ("pk", "sk"),
    }


def test_every_index_of_the_architecture_is_there_and_no_other(resources: Resources) -> None:
    found = {name: indexes(table) for name, table in tables(resources).items()}
    assert found == {
        "CasesTable": CASES,
        "RegistryTable": REGISTRY,
        "AccessTable": {},
        "JobsTable": JOBS,
        "VaultTable": {},
        "VaultKeysTable": {},
        "LedgerTable": {},
    }


def test_the_architecture_page_names_every_table_index_and_key() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "architecture.md").read_text("utf-8")
    for named in (CASES, REGISTRY, JOBS):
        for index, (partition, sort, _) in named.items():
            assert all(f"`{word}`" in page for word in (index, partition, sort) if word)


VAULT = {"VaultTable": "vault", "VaultKeysTable": "vault-keys"}


def test_every_table_is_billed_by_request_and_all_but_the_vaults_can_be_recovered(
    resources: Resources,
) -> None:
    for name, table in tables(resources).items():
        recoverable = {"PointInTimeRecoveryEnabled": name not in VAULT}
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["PointInTimeRecoverySpecification"] == recoverable
        assert table["DeletionProtectionEnabled"] is True


def test_every_table_is_encrypted_with_the_services_own_key(resources: Resources) -> None:
    for table in tables(resources).values():
        assert table["SSESpecification"] == {
            "SSEEnabled": True,
            "SSEType": "KMS",
            "KMSMasterKeyId": KEY,
        }


def test_nobody_may_copy_the_vaults_tables_and_nothing_streams_them(resources: Resources) -> None:
    for name, called in VAULT.items():
        table = tables(resources)[name]
        (deny,) = table["ResourcePolicy"]["PolicyDocument"]["Statement"]
        assert table["TableName"] == {"Fn::Sub": f"handshake-${{Stage}}-{called}"}
        assert "StreamSpecification" not in table
        assert (deny["Effect"], deny["Principal"]) == ("Deny", "*")
        assert set(deny["Action"]) == {
            "dynamodb:CreateBackup",
            "dynamodb:ExportTableToPointInTime",
            "dynamodb:UpdateContinuousBackups",
        }
        assert deny["Resource"]["Fn::Sub"].endswith(f":table/handshake-${{Stage}}-{called}")


def test_the_vaults_key_is_asked_with_tenant_and_case_or_does_not_answer(
    resources: Resources,
) -> None:
    key = resources["VaultKey"]["Properties"]
    denied = {
        name
        for s in key["KeyPolicy"]["Statement"]
        if s["Effect"] == "Deny" and s["Principal"] == "*"
        for name, missing in s["Condition"]["Null"].items()
        if missing == "true" and {"kms:Decrypt", "kms:GenerateDataKey"} <= set(s["Action"])
    }
    assert denied == {"kms:EncryptionContext:tenant", "kms:EncryptionContext:case"}


def test_keys_jobs_and_what_is_of_no_case_yet_expire_by_themselves(resources: Resources) -> None:
    found = {
        name: table.get("TimeToLiveSpecification") for name, table in tables(resources).items()
    }
    expires = {"AttributeName": "expires", "Enabled": True}
    assert found == {
        "CasesTable": None,
        "RegistryTable": expires,
        "AccessTable": expires,
        "JobsTable": expires,
        "VaultTable": None,
        "VaultKeysTable": expires,
        "LedgerTable": None,
    }


def test_whatever_keeps_data_or_opens_it_outlives_the_stack(resources: Resources) -> None:
    others = {"Key", "VaultKey", "LedgerKey", "RootSecret", "FilesBucket", "LedgerBucket"}
    lasting = {*others, *tables(resources)}
    for name in lasting:
        assert resources[name]["DeletionPolicy"] == "Retain", name
        assert resources[name]["UpdateReplacePolicy"] == "Retain", name


def test_the_keys_rotate_and_are_deleted_only_after_thirty_days(resources: Resources) -> None:
    """But for the key that signs: KMS rotates no asymmetric one."""
    for name, key in of_type(resources, "AWS::KMS::Key").items():
        assert key.get("EnableKeyRotation", False) is (name != "LedgerKey")
        assert key["PendingWindowInDays"] == 30


def test_aws_services_use_the_key_only_for_this_account(resources: Resources) -> None:
    statements = resources["Key"]["Properties"]["KeyPolicy"]["Statement"]
    services = [s for s in statements if "Service" in s["Principal"]]
    assert [s["Principal"]["Service"] for s in services] == [
        "cloudwatch.amazonaws.com",
        {"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"},
    ]
    assert all(s["Condition"] for s in services)


def test_the_bucket_is_private_versioned_and_encrypted(resources: Resources) -> None:
    bucket = resources["FilesBucket"]["Properties"]
    assert bucket["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": KEY,
    }


def test_the_ledgers_key_signs_and_does_nothing_else(resources: Resources) -> None:
    key = resources["LedgerKey"]["Properties"]
    assert (key["KeySpec"], key["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")
    assert key["PendingWindowInDays"] == 30
    (statement,) = key["KeyPolicy"]["Statement"]
    assert list(statement["Principal"]) == ["AWS"]


def test_the_sealed_ledger_is_locked_private_and_encrypted(
    resources: Resources, template: dict[str, Any]
) -> None:
    bucket, files = (resources[n]["Properties"] for n in ("LedgerBucket", "FilesBucket"))
    assert bucket["ObjectLockEnabled"] is True
    assert bucket["ObjectLockConfiguration"] == {
        "ObjectLockEnabled": "Enabled",
        "Rule": {
            "DefaultRetention": {
                "Mode": {"Ref": "LedgerLockMode"},
                "Days": {"Ref": "LedgerLockDays"},
            }
        },
    }
    assert template["Parameters"]["LedgerLockMode"]["AllowedValues"] == ["GOVERNANCE", "COMPLIANCE"]
    assert "LifecycleConfiguration" not in bucket
    for same in ("PublicAccessBlockConfiguration", "OwnershipControls", "BucketEncryption"):
        assert bucket[same] == files[same]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}


def test_the_bucket_of_attachments_is_private_encrypted_and_keeps_no_older_versions(
    resources: Resources,
) -> None:
    """So that what is deleted there is gone. Nothing public, nothing without TLS, no CORS."""
    bucket, files = (resources[n]["Properties"] for n in ("AttachmentsBucket", "FilesBucket"))
    assert set(files) - set(bucket) == {"VersioningConfiguration"}
    for name in ("PublicAccessBlockConfiguration", "OwnershipControls", "BucketEncryption"):
        assert bucket[name] == files[name]
    assert "CorsConfiguration" not in bucket
    rules = bucket["LifecycleConfiguration"]["Rules"]
    assert [(r.get("Prefix"), r.get("ExpirationInDays"), r["Status"]) for r in rules] == [
        (None, None, "Enabled"),
        ("incoming/", 7, "Enabled"),
        ("lists/", 7, "Enabled"),
    ]


def test_files_do_not_stay_longer_than_they_are_needed(resources: Resources) -> None:
    rules = resources["FilesBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    assert [(r.get("Prefix"), r.get("ExpirationInDays"), r["Status"]) for r in rules] == [
        (None, None, "Enabled"),
        ("imports/", 30, "Enabled"),
        ("exports/", 30, "Enabled"),
        ("matching/", 30, "Enabled"),
    ]
    assert rules[0]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert all(r["NoncurrentVersionExpiration"] == {"NoncurrentDays": 7} for r in rules[1:])


def test_bucket_queues_and_topic_refuse_whoever_comes_without_tls(resources: Resources) -> None:
    refusing = {
        "FilesBucketPolicy",
        "AttachmentsBucketPolicy",
        "LedgerBucketPolicy",
        "QueuesPolicy",
        "ScheduleDeadLettersPolicy",
        "DeliveryDeadLettersPolicy",
        "OperationsTopicPolicy",
    }
    for name in refusing:
        statements = resources[name]["Properties"]["PolicyDocument"]["Statement"]
        (tls_only,) = [s for s in statements if s["Effect"] == "Deny"]
        assert tls_only["Principal"] == "*"
        assert tls_only["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


FILLED_BY_AWS = ("ScheduleDeadLetters", "DeliveryDeadLetters")
"""EventBridge could not use a key that is kept to one account; SNS would need it everywhere."""


def test_every_queue_has_a_policy_and_is_encrypted(resources: Resources) -> None:
    covered = [
        reference["Ref"]
        for policy in of_type(resources, "AWS::SQS::QueuePolicy").values()
        for reference in policy["Queues"]
    ]
    assert sorted(covered) == sorted(queues(resources))
    for name, queue in queues(resources).items():
        if name in FILLED_BY_AWS:
            assert queue["SqsManagedSseEnabled"] is True
        else:
            assert queue["KmsMasterKeyId"] == KEY


def test_eventbridge_may_send_only_from_a_rule_of_this_account(resources: Resources) -> None:
    policy = resources["ScheduleDeadLettersPolicy"]["Properties"]["PolicyDocument"]
    (allowed,) = [s for s in policy["Statement"] if s["Effect"] == "Allow"]
    rules = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/*"
    assert allowed["Principal"] == {"Service": "events.amazonaws.com"}
    assert allowed["Action"] == "sqs:SendMessage"
    assert allowed["Condition"] == {"ArnLike": {"aws:SourceArn": {"Fn::Sub": rules}}}


def test_sns_may_keep_only_what_a_brands_topic_could_not_deliver(resources: Resources) -> None:
    policy = resources["DeliveryDeadLettersPolicy"]["Properties"]["PolicyDocument"]
    (allowed,) = [s for s in policy["Statement"] if s["Effect"] == "Allow"]
    topics = "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:handshake-${Stage}-brand-*"
    assert allowed["Principal"] == {"Service": "sns.amazonaws.com"}
    assert allowed["Action"] == "sqs:SendMessage"
    assert allowed["Condition"] == {"ArnLike": {"aws:SourceArn": {"Fn::Sub": topics}}}


def test_what_fails_too_often_is_kept_for_two_weeks(resources: Resources) -> None:
    for queue, dead_letters, attempts in (
        ("WorkQueue", "WorkDeadLetters", 5),
        ("JobsQueue", "JobsDeadLetters", 3),
        ("AttachmentsQueue", "AttachmentsDeadLetters", 3),
        ("OutboundQueue", "OutboundDeadLetters", 3),
    ):
        assert queues(resources)[queue]["RedrivePolicy"] == {
            "deadLetterTargetArn": {"Fn::GetAtt": [dead_letters, "Arn"]},
            "maxReceiveCount": attempts,
        }
        assert queues(resources)[dead_letters]["MessageRetentionPeriod"] == 14 * 24 * 3600
    for name in FILLED_BY_AWS:
        assert queues(resources)[name]["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_the_root_secret_is_made_by_aws_and_long_enough(resources: Resources) -> None:
    secret = resources["RootSecret"]["Properties"]
    assert secret["GenerateSecretString"] == {"PasswordLength": 64, "ExcludePunctuation": True}
    assert secret["KmsKeyId"] == KEY
    assert "SecretString" not in secret


def test_alarms_are_published_to_an_encrypted_topic(resources: Resources) -> None:
    assert resources["OperationsTopic"]["Properties"]["KmsMasterKeyId"] == KEY
