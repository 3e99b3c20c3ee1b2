"""What each function may do, and that it may do nothing else."""

import re
from typing import Any

from chalicelib.domain.limits import LimitKind
from chalicelib.domain.work.operations import Schedule
from infra.template import references

Policies = dict[str, list[dict[str, Any]]]

FUNCTIONS = {
    "api_handler",
    "vault_handler",
    "apply_retention",
    "enforce_deadlines",
    "authorize",
    "check_grievances",
    "build_match_index",
    "seal_ledger",
    "work_due",
    "run_job",
    "clean_attachment",
    "send_outbound",
}


def allowed(policies: Policies, function: str, service: str) -> set[str]:
    return {
        action
        for statement in policies[function]
        for action in statement["Action"]
        if action.startswith(f"{service}:")
    }


def arns(statement: dict[str, Any]) -> list[str]:
    """The resources of a statement, as strings with their references in them."""
    return [str(resource) for resource in statement["Resource"]]


def test_there_is_one_policy_for_each_function(policies: Policies) -> None:
    assert set(policies) == FUNCTIONS


def test_no_statement_allows_a_wildcard_action(policies: Policies) -> None:
    for statements in policies.values():
        for statement in statements:
            assert statement["Effect"] == "Allow"
            assert isinstance(statement["Action"], list)
            for action in statement["Action"]:
                assert re.fullmatch(r"[a-z0-9]+:[A-Za-z]+", action)


OF_NO_RESOURCE = {
    "sns:GetSubscriptionAttributes",
    "sns:Unsubscribe",
    "cloudwatch:GetMetricData",
}
"""What AWS asks for `*`: it knows no subscriptions, and no metrics, as resources. The code looks at
one topic's."""


def test_every_statement_names_a_resource_of_this_stack(policies: Policies) -> None:
    for statements in policies.values():
        for statement in statements:
            assert isinstance(statement["Resource"], list)
            if set(statement["Action"]) <= OF_NO_RESOURCE:
                assert statement["Resource"] == ["*"]
                continue
            for resource in statement["Resource"]:
                assert isinstance(resource, dict)
                assert list(references(resource))


def test_a_wildcard_stands_only_at_the_end_of_a_name_that_is_ours(policies: Policies) -> None:
    found = {
        resource["Fn::Sub"]
        for statements in policies.values()
        for statement in statements
        for resource in statement["Resource"]
        if "*" in str(resource) and resource != "*"
    }
    ours = (
        r"\$\{FilesBucket\.Arn\}/(imports|exports|matching|erasures)/\*",
        r"\$\{LedgerBucket\.Arn\}/(heads|leaves|tile)/\*",
        r"\$\{AttachmentsBucket\.Arn\}/(incoming|clean|lists)/\*",
        r"arn:.*:secretsmanager:.*:secret:handshake-\$\{Stage\}-line-\*",
        r"arn:.*:sns:.*:handshake-\$\{Stage\}-brand-\*",
        r"arn:.*:logs:.*:log-group:/aws/lambda/handshake-\$\{Stage\}-\w+:log-stream:\*",
    )
    assert found
    for pattern in found:
        assert any(re.fullmatch(allowed_form, pattern) for allowed_form in ours), pattern


def test_every_reference_is_to_something_the_template_has(
    policies: Policies, template: dict[str, Any]
) -> None:
    known = {*template["Parameters"], *template["Resources"]}
    assert set(references(list(policies.values()))) <= known


def test_an_index_is_named_and_exists(policies: Policies, template: dict[str, Any]) -> None:
    resources = template["Resources"]
    named = {
        tuple(match.groups())
        for statements in policies.values()
        for statement in statements
        for match in re.finditer(r"\$\{(\w+)\.Arn\}/index/(\w+)", str(statement["Resource"]))
    }
    existing = {
        (name, index["IndexName"])
        for name, resource in resources.items()
        for index in resource["Properties"].get("GlobalSecondaryIndexes", [])
    }
    assert named == existing


def test_no_function_may_scan_or_remake_a_table(policies: Policies) -> None:
    for function in FUNCTIONS:
        assert allowed(policies, function, "dynamodb") <= {
            "dynamodb:BatchGetItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        }


def test_keys_are_read_by_the_authorizer_and_kept_by_the_api_alone(policies: Policies) -> None:
    """Nobody may delete a row: what was let in and when stays on record."""
    readers = {
        function: [
            action
            for statement in statements
            if "AccessTable" in references(statement["Resource"])
            for action in statement["Action"]
        ]
        for function, statements in policies.items()
    }
    assert readers == {
        "authorize": ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:UpdateItem"],
        "api_handler": [
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        ],
        "run_job": ["dynamodb:GetItem", "dynamodb:UpdateItem"],  # of counters of filings
        "send_outbound": ["dynamodb:GetItem"],  # of lines alone
        "work_due": ["dynamodb:Query"],
        "enforce_deadlines": ["dynamodb:Query"],
        **{
            name: []
            for name in FUNCTIONS
            - {"authorize", "api_handler", "run_job", "send_outbound", "work_due"}
            - {"enforce_deadlines"}
        },
    }


def test_the_authorizer_writes_nothing_but_the_counters_of_requests(policies: Policies) -> None:
    (counts,) = [s for s in policies["authorize"] if "dynamodb:UpdateItem" in s["Action"]]
    assert counts["Action"] == ["dynamodb:UpdateItem"]
    assert counts["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"LIMIT#{LimitKind.REQUESTS}#*"]}
    }


def test_who_exports_and_who_alerts_read_engagements_and_no_hash_of_a_key(
    policies: Policies,
) -> None:
    for function, sid in (
        ("run_job", "ReadEngagements"),
        ("work_due", "AskWhoIsEngaged"),
        ("enforce_deadlines", "AskWhoIsEngaged"),
    ):
        (reads,) = [s for s in policies[function] if s["Sid"] == sid]
        assert reads["Condition"] == {
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["ORGANISATION#*"]}
        }


def test_the_build_of_the_index_writes_nothing_in_the_registry_but_its_pointer(
    policies: Policies,
) -> None:
    statements = policies["build_match_index"]
    (writes,) = [
        s
        for s in statements
        if s["Resource"] == [{"Fn::GetAtt": ["RegistryTable", "Arn"]}]
        and not {"dynamodb:GetItem", "dynamodb:Query"} & set(s["Action"])
    ]
    assert writes["Action"] == ["dynamodb:PutItem"]
    assert writes["Condition"] == {
        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["MATCH_INDEX"]}
    }


def test_a_job_puts_no_whole_row_of_the_registry_but_scorecards(policies: Policies) -> None:
    (writes,) = [
        s
        for s in policies["run_job"]
        if s["Resource"] == [{"Fn::GetAtt": ["RegistryTable", "Arn"]}]
        and "dynamodb:PutItem" in s["Action"]
    ]
    assert writes["Action"] == ["dynamodb:PutItem"]
    assert writes["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["SCORECARD#*"]}
    }


def test_only_the_worker_and_the_job_of_a_test_alert_publish_to_brands(policies: Policies) -> None:
    publishers = {f for f in FUNCTIONS if "sns:Publish" in allowed(policies, f, "sns")}
    assert publishers == {"work_due", "run_job"}


def test_only_the_api_looks_after_topics_and_subscriptions_and_the_worker_reads_them(
    policies: Policies,
) -> None:
    assert {f: allowed(policies, f, "sns") - {"sns:Publish"} for f in FUNCTIONS} == {
        **{function: set() for function in FUNCTIONS},
        "work_due": {"sns:ListSubscriptionsByTopic", "sns:GetSubscriptionAttributes"},
        "api_handler": {
            "sns:CreateTopic",
            "sns:SetTopicAttributes",
            "sns:Subscribe",
            "sns:ListSubscriptionsByTopic",
            "sns:GetSubscriptionAttributes",
            "sns:Unsubscribe",
        },
    }


def test_only_the_api_reads_metrics(policies: Policies) -> None:
    readers = {f: allowed(policies, f, "cloudwatch") for f in FUNCTIONS}
    assert readers == {
        **{function: set() for function in FUNCTIONS},
        "api_handler": {"cloudwatch:GetMetricData"},
    }


def test_a_queue_is_read_by_its_own_function_only(policies: Policies) -> None:
    readers = {
        (function, resource["Fn::GetAtt"][0])
        for function, statements in policies.items()
        for statement in statements
        if "sqs:ReceiveMessage" in statement["Action"]
        for resource in statement["Resource"]
    }
    assert readers == {
        ("work_due", "WorkQueue"),
        ("run_job", "JobsQueue"),
        ("clean_attachment", "AttachmentsQueue"),
        ("send_outbound", "OutboundQueue"),
    }


def test_a_schedule_notes_its_own_runs_among_the_jobs_and_writes_nothing_else_there(
    policies: Policies,
) -> None:
    for schedule in Schedule:
        (notes,) = [
            s
            for s in policies[schedule]
            if s["Resource"] == [{"Fn::GetAtt": ["JobsTable", "Arn"]}]
            and "dynamodb:Query" not in s["Action"]
        ]
        assert notes["Action"] == ["dynamodb:PutItem"]
        assert notes["Condition"] == {
            "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [f"SCHEDULE#{schedule}"]}
        }


def test_the_check_reads_two_indexes_sends_messages_and_notes_its_runs(policies: Policies) -> None:
    actions = {a for s in policies["check_grievances"] for a in s["Action"]}
    assert {a for a in actions if not a.startswith(("kms:", "logs:"))} == {
        "dynamodb:PutItem",
        "dynamodb:Query",
        "sqs:SendMessage",
    }


def test_secrets_of_lines_are_kept_by_the_api_and_read_by_the_sender(policies: Policies) -> None:
    """Nobody lists them; the root secret, which another name has, nobody writes."""
    found: dict[str, list[str]] = {}
    for function, statements in policies.items():
        for statement in statements:
            if any("-line-*" in arn for arn in arns(statement)):
                found.setdefault(function, []).extend(statement["Action"])
    assert found == {
        "api_handler": [
            "secretsmanager:CreateSecret",
            "secretsmanager:DeleteSecret",
            "secretsmanager:GetSecretValue",
            "secretsmanager:PutSecretValue",
        ],
        "send_outbound": ["secretsmanager:GetSecretValue"],
    }
    of_the_root = {
        action
        for statements in policies.values()
        for statement in statements
        if {"Fn::GetAtt": ["RootSecret", "Id"]} in statement["Resource"]
        for action in statement["Action"]
    }
    assert of_the_root == {"secretsmanager:GetSecretValue"}


def of_key(statements: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """The statements about a key of KMS."""
    about = [s for s in statements if any(a.startswith("kms:") for a in s["Action"])]
    return [s for s in about if s["Resource"] == [{"Fn::GetAtt": [key, "Arn"]}]]


def test_the_key_is_used_only_through_the_services_that_hold_data(policies: Policies) -> None:
    for function, statements in policies.items():
        (kms,) = of_key(statements, "Key")
        services = kms["Condition"]["StringEquals"]["kms:ViaService"]
        called = {s["Fn::Sub"].split(".")[0] for s in services}
        used = {a.split(":")[0] for s in statements for a in s["Action"]} - {"kms", "logs"}
        assert called == used - {"cloudwatch"}, function  # which holds numbers only


def test_only_the_vaults_function_and_the_sender_open_identities(policies: Policies) -> None:
    uses = {f: of_key(statements, "VaultKey") for f, statements in policies.items()}
    assert {f: [s["Action"] for s in found] for f, found in uses.items() if found} == {
        "api_handler": [["kms:GenerateDataKey"]],
        "run_job": [["kms:GenerateDataKey"]],
        "vault_handler": [["kms:Decrypt", "kms:GenerateDataKey"]],
        "send_outbound": [["kms:Decrypt"]],
    }
    for found in uses.values():
        for statement in found:
            assert statement["Condition"] == {
                "Null": {
                    "kms:EncryptionContext:case": "false",
                    "kms:EncryptionContext:tenant": "false",
                },
                "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["case", "tenant"]},
            }


def test_nobody_else_reads_a_ciphertext(policies: Policies) -> None:
    actions: dict[str, set[str]] = {}
    for function, statements in policies.items():
        for statement in statements:
            if {"Fn::GetAtt": ["VaultTable", "Arn"]} in statement["Resource"]:
                actions.setdefault(function, set()).update(statement["Action"])
    assert actions["api_handler"] == {"dynamodb:PutItem"}
    readers = {f for f, found in actions.items() if "dynamodb:GetItem" in found}
    assert readers == {"vault_handler", "send_outbound"}
    assert not any("dynamodb:Query" in found for found in actions.values())


def test_the_check_counts_people_without_seeing_a_wrapped_key(policies: Policies) -> None:
    table = {"Fn::GetAtt": ["VaultKeysTable", "Arn"]}
    (found,) = [s for s in policies["work_due"] if table in s["Resource"]]
    assert found["Action"] == ["dynamodb:BatchGetItem"]
    assert found["Condition"] == {
        "ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "sk", "anywhere"]},
        "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
    }


def test_only_the_sealing_and_the_exports_sign_and_nobody_else_uses_that_key(
    policies: Policies,
) -> None:
    used = {
        function: statement["Action"]
        for function, statements in policies.items()
        for statement in statements
        if statement["Resource"] == [{"Fn::GetAtt": ["LedgerKey", "Arn"]}]
    }
    assert used == {
        "api_handler": ["kms:GetPublicKey"],
        "run_job": ["kms:GetPublicKey", "kms:Sign"],
        "seal_ledger": ["kms:GetPublicKey", "kms:Sign"],
    }
    signers = {f for f in FUNCTIONS if "kms:Sign" in allowed(policies, f, "kms")}
    assert signers == {"run_job", "seal_ledger"}


def test_nobody_but_the_sealing_writes_the_sealed_log_and_nobody_deletes_from_it(
    policies: Policies,
) -> None:
    of_log = {
        function: sorted(a for s in statements for a in s["Action"] if names_log(s))
        for function, statements in policies.items()
        if any(names_log(s) for s in statements)
    }
    assert of_log == {
        "api_handler": ["dynamodb:GetItem", "dynamodb:Query", "s3:GetObject"],
        "run_job": ["dynamodb:BatchGetItem", "dynamodb:Query", "s3:GetObject"],
        "seal_ledger": [
            "dynamodb:BatchGetItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "s3:GetObject",
            "s3:PutObject",
        ],
    }


def names_log(statement: dict[str, Any]) -> bool:
    return bool({"LedgerTable", "LedgerBucket"} & set(references(statement["Resource"])))


def test_the_sealing_reads_what_has_changed_and_no_case(policies: Policies) -> None:
    readers = [s for s in policies["seal_ledger"] if "CasesTable" in references(s["Resource"])]
    assert [(s["Action"], arns(s)) for s in readers] == [
        (["dynamodb:Query"], ["{'Fn::Sub': '${CasesTable.Arn}/index/by_change'}"])
    ]


def test_what_was_uploaded_is_read_by_the_function_that_cleans_it_and_by_nobody_else(
    policies: Policies,
) -> None:
    may: dict[str, set[tuple[str, str]]] = {}
    for function, statements in policies.items():
        for statement in statements:
            for resource in statement["Resource"]:
                if "AttachmentsBucket" in str(resource):
                    place = str(resource.get("Fn::Sub", "bucket")).rpartition("}/")[2]
                    may.setdefault(function, set()).update((a, place) for a in statement["Action"])
    assert may == {
        "api_handler": {
            ("s3:PutObject", "incoming/*"),
            ("s3:GetObject", "clean/*"),
            ("s3:GetObject", "lists/*"),
            ("s3:PutObject", "lists/*"),
        },
        "clean_attachment": {
            ("s3:GetObject", "incoming/*"),
            ("s3:DeleteObject", "incoming/*"),
            ("s3:PutObject", "clean/*"),
            ("s3:DeleteObject", "clean/*"),
            ("s3:ListBucket", "bucket"),
        },
        "run_job": {
            ("s3:ListBucket", "bucket"),
            ("s3:DeleteObject", "incoming/*"),
            ("s3:DeleteObject", "clean/*"),
            ("s3:DeleteObject", "lists/*"),
            ("s3:GetObject", "lists/*"),
            ("s3:PutObject", "lists/*"),
        },
        "send_outbound": {("s3:PutObject", "incoming/*")},
    }


def test_the_function_that_decodes_pictures_can_do_little_else(policies: Policies) -> None:
    actions = {a for s in policies["clean_attachment"] for a in s["Action"]}
    assert {a for a in actions if not a.startswith(("kms:", "logs:", "s3:", "sqs:"))} == {
        "dynamodb:GetItem",
        "dynamodb:PutItem",
    }
    assert not of_key(policies["clean_attachment"], "VaultKey")


def test_a_function_writes_only_its_own_log(policies: Policies) -> None:
    for function, statements in policies.items():
        (logs,) = [s for s in statements if any(a.startswith("logs:") for a in s["Action"])]
        (group,) = arns(logs)
        assert f"handshake-${{Stage}}-{function}:log-stream:" in group
