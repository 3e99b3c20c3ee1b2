"""What the template adds to the functions Chalice makes, and who hears when they fail."""

import re
from typing import Any

import pytest

from chalicelib.log import Event
from chalicelib.settings import Settings
from chalicelib.store.current_index import Unusable
from infra.template import setting_name

Resources = dict[str, dict[str, Any]]

# logical name in the template -> name in .chalice/config.json and in the code
FUNCTIONS = {
    "APIHandler": "api_handler",
    "VaultHandler": "vault_handler",
    "Authorize": "authorize",
    "CheckGrievances": "check_grievances",
    "ApplyRetention": "apply_retention",
    "EnforceDeadlines": "enforce_deadlines",
    "BuildMatchIndex": "build_match_index",
    "SealLedger": "seal_ledger",
    "WorkDue": "work_due",
    "RunJob": "run_job",
    "CleanAttachment": "clean_attachment",
    "SendOutbound": "send_outbound",
}
LOG_GROUPS = {
    "APIHandler": "ApiHandlerLogGroup",
    **{name: f"{name}LogGroup" for name in FUNCTIONS if name != "APIHandler"},
}
ROLES = {
    "APIHandler": "ApiHandlerRole",
    **{name: f"{name}Role" for name in FUNCTIONS if name != "APIHandler"},
}
QUEUE_READERS = {
    "WorkDue": "WorkQueue",
    "RunJob": "JobsQueue",
    "CleanAttachment": "AttachmentsQueue",
    "SendOutbound": "OutboundQueue",
}


def alarms(resources: Resources) -> list[dict[str, Any]]:
    return [
        r["Properties"] for r in resources.values() if r.get("Type") == "AWS::CloudWatch::Alarm"
    ]


def event(resources: Resources, function: str) -> dict[str, Any]:
    (only,) = resources[function]["Properties"]["Events"].values()
    properties: dict[str, Any] = only["Properties"]
    return properties


def test_every_setting_reaches_every_function(template: dict[str, Any]) -> None:
    shared = template["Globals"]["Function"]["Environment"]["Variables"]
    assert set(shared) == {f"HANDSHAKE_{name.upper()}" for name in Settings.model_fields}


def test_an_output_has_the_value_of_the_setting_it_is_named_after(
    template: dict[str, Any],
) -> None:
    shared = template["Globals"]["Function"]["Environment"]["Variables"]
    outputs = {setting_name(name): o["Value"] for name, o in template["Outputs"].items()}
    assert {name: outputs[name] for name in shared} == shared


def test_every_function_has_its_own_name_log_group_and_traces(resources: Resources) -> None:
    for function, name in FUNCTIONS.items():
        properties = resources[function]["Properties"]
        log_group = resources[LOG_GROUPS[function]]["Properties"]
        assert properties["FunctionName"] == {"Fn::Sub": f"handshake-${{Stage}}-{name}"}
        assert properties["LoggingConfig"] == {"LogGroup": {"Ref": LOG_GROUPS[function]}}
        assert log_group["LogGroupName"] == {"Fn::Sub": f"/aws/lambda/handshake-${{Stage}}-{name}"}
        assert log_group["KmsKeyId"] == {"Fn::GetAtt": ["Key", "Arn"]}
        assert resources[ROLES[function]]["Properties"]["ManagedPolicyArns"] == [
            {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess"}
        ]


def test_logs_are_kept_for_ninety_days(
    resources: Resources, stages: dict[str, dict[str, Any]]
) -> None:
    assert {stage["log_retention_in_days"] for stage in stages.values()} == {90}
    assert resources["AccessLogGroup"]["Properties"]["RetentionInDays"] == 90


def test_a_queue_reader_names_the_messages_that_failed(resources: Resources) -> None:
    for function, queue in QUEUE_READERS.items():
        properties = event(resources, function)
        assert properties["Queue"] == {"Fn::Sub": f"${{{queue}.Arn}}"}
        assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert properties["ScalingConfig"]["MaximumConcurrency"] >= 2


def test_a_message_stays_hidden_six_times_as_long_as_its_reader_may_run(
    resources: Resources, stages: dict[str, dict[str, Any]]
) -> None:
    for stage in stages.values():
        for function, queue in QUEUE_READERS.items():
            timeout = stage["lambda_functions"][FUNCTIONS[function]]["lambda_timeout"]
            assert resources[queue]["Properties"]["VisibilityTimeout"] >= 6 * timeout


@pytest.mark.parametrize(
    "function",
    ["CheckGrievances", "ApplyRetention", "EnforceDeadlines", "BuildMatchIndex", "SealLedger"],
)
def test_a_failed_scheduled_run_is_kept_and_not_repeated(
    resources: Resources, function: str
) -> None:
    dead_letters = {"Fn::GetAtt": ["ScheduleDeadLetters", "Arn"]}
    properties = resources[function]["Properties"]
    never_again = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    assert properties["DeadLetterQueue"] == {"Type": "SQS", "TargetArn": dead_letters}
    assert properties["EventInvokeConfig"] == never_again
    assert event(resources, function)["DeadLetterConfig"] == {"Arn": dead_letters}
    assert event(resources, function)["RetryPolicy"] == never_again


def test_there_is_room_for_two_large_indexes_and_for_building_one(resources: Resources) -> None:
    """An index of a million facilities has some 300 MB; it is sorted from twice as much."""
    assert resources["WorkDue"]["Properties"]["EphemeralStorage"]["Size"] >= 600
    assert resources["BuildMatchIndex"]["Properties"]["EphemeralStorage"]["Size"] >= 1_500


def test_matching_without_an_index_raises_an_alarm(resources: Resources) -> None:
    watched = resources["IndexUnusable"]["Properties"]
    (metric,) = watched["MetricTransformations"]
    alarm = resources["IndexUnusableAlarm"]["Properties"]
    assert watched["FilterPattern"] == (
        f'{{ ($.message = "{Event.INDEX_UNUSABLE.name.lower()}") '
        f'&& ($.why != "{Unusable.NONE_BUILT}") }}'
    )
    assert (alarm["Namespace"], alarm["MetricName"]) == (
        metric["MetricNamespace"],
        metric["MetricName"],
    )


def test_what_retention_could_not_erase_raises_an_alarm(resources: Resources) -> None:
    watched = resources["RetentionFailed"]["Properties"]
    (metric,) = watched["MetricTransformations"]
    alarm = resources["RetentionFailedAlarm"]["Properties"]
    for event in (Event.RETENTION_FAILED, Event.ERASING_AGAIN_STOPPED):
        assert f'$.message = "{event.name.lower()}"' in watched["FilterPattern"]
    assert (alarm["Namespace"], alarm["MetricName"]) == (
        metric["MetricNamespace"],
        metric["MetricName"],
    )


def test_what_a_provider_would_not_delete_raises_an_alarm(resources: Resources) -> None:
    watched = resources["CopyLeft"]["Properties"]
    (metric,) = watched["MetricTransformations"]
    alarm = resources["CopyLeftAlarm"]["Properties"]
    assert f'$.message = "{Event.COPY_LEFT_AT_PROVIDER.name.lower()}"' in watched["FilterPattern"]
    assert watched["LogGroupName"] == {"Ref": "SendOutboundLogGroup"}
    assert (alarm["Namespace"], alarm["MetricName"]) == (
        metric["MetricNamespace"],
        metric["MetricName"],
    )


def test_a_tick_ends_before_the_next_one_begins(stages: dict[str, dict[str, Any]]) -> None:
    for stage in stages.values():
        assert stage["lambda_functions"]["check_grievances"]["lambda_timeout"] < 60


def test_the_api_answers_before_api_gateway_gives_up(stages: dict[str, dict[str, Any]]) -> None:
    for stage in stages.values():
        assert stage["lambda_functions"]["api_handler"]["lambda_timeout"] <= 29
        assert stage["lambda_functions"]["vault_handler"]["lambda_timeout"] <= 29


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_every_function_raises_an_alarm_for_errors_and_for_throttles(
    resources: Resources, metric: str
) -> None:
    watched = [
        alarm["Dimensions"]
        for alarm in alarms(resources)
        if (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", metric)
    ]
    assert sorted(d["Value"]["Ref"] for (d,) in watched) == sorted(FUNCTIONS)


def test_every_dead_letter_queue_raises_an_alarm_with_its_first_message(
    resources: Resources,
) -> None:
    watched = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for alarm in alarms(resources)
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
        and (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
    }
    assert watched == {name for name in resources if name.endswith("DeadLetters")}


def test_work_that_waits_too_long_raises_an_alarm(resources: Resources) -> None:
    watched = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]: alarm["Threshold"]
        for alarm in alarms(resources)
        if alarm["MetricName"] == "ApproximateAgeOfOldestMessage"
    }
    assert watched == {
        "WorkQueue": 600,
        "JobsQueue": 1800,
        "AttachmentsQueue": 1800,
        "OutboundQueue": 1800,
    }


def test_five_minutes_without_a_check_raise_an_alarm(resources: Resources) -> None:
    silent = resources["CheckGrievancesSilent"]["Properties"]
    assert {
        name: silent[name]
        for name in ("MetricName", "Period", "Threshold", "ComparisonOperator", "TreatMissingData")
    } == {
        "MetricName": "Invocations",
        "Period": 300,
        "Threshold": 1,
        "ComparisonOperator": "LessThanThreshold",
        "TreatMissingData": "breaching",
    }


def test_three_hours_without_a_seal_raise_an_alarm(resources: Resources) -> None:
    watched = resources["LedgerSealed"]["Properties"]
    alarm = resources["LedgerUnsealedAlarm"]["Properties"]
    assert watched["LogGroupName"] == {"Ref": "SealLedgerLogGroup"}
    assert watched["FilterPattern"] == f'{{ $.message = "{Event.LEDGER_SEALED.name.lower()}" }}'
    (metric,) = watched["MetricTransformations"]
    assert (alarm["Namespace"], alarm["MetricName"]) == (
        metric["MetricNamespace"],
        metric["MetricName"],
    )
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["Threshold"]) == (3600, 3, 1)
    assert (alarm["ComparisonOperator"], alarm["TreatMissingData"]) == (
        "LessThanThreshold",
        "breaching",
    )


def test_server_errors_of_the_api_raise_an_alarm(resources: Resources) -> None:
    alarm = resources["ApiServerErrors"]["Properties"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/ApiGateway", "5XXError")
    assert [d["Name"] for d in alarm["Dimensions"]] == ["ApiName", "Stage"]


def test_what_was_given_up_raises_an_alarm_by_what_the_worker_logs(resources: Resources) -> None:
    watched = resources["WorkQuarantined"]["Properties"]
    (metric,) = watched["MetricTransformations"]
    alarm = resources["WorkQuarantinedAlarm"]["Properties"]
    for event in (Event.WORK_FAILED, Event.PUBLISH_FAILED):
        assert f'$.message = "{event.name.lower()}"' in watched["FilterPattern"]
        assert "given_up" in event.value
    assert (alarm["Namespace"], alarm["MetricName"]) == (
        metric["MetricNamespace"],
        metric["MetricName"],
    )


def test_what_is_let_through_uncounted_raises_an_alarm(resources: Resources) -> None:
    alarm = resources["LimitsNotCountedAlarm"]["Properties"]
    watched = {
        name: resources[name]["Properties"] for name in ("RequestsNotCounted", "FilingsNotCounted")
    }
    assert {name: w["LogGroupName"]["Ref"] for name, w in watched.items()} == {
        "RequestsNotCounted": "AuthorizeLogGroup",
        "FilingsNotCounted": "ApiHandlerLogGroup",
    }
    for properties in watched.values():
        (metric,) = properties["MetricTransformations"]
        assert (
            properties["FilterPattern"]
            == f'{{ $.message = "{Event.LIMIT_NOT_COUNTED.name.lower()}" }}'
        )
        assert (alarm["Namespace"], alarm["MetricName"]) == (
            metric["MetricNamespace"],
            metric["MetricName"],
        )


def test_every_alarm_reaches_operations_and_says_what_it_means(resources: Resources) -> None:
    assert len(alarms(resources)) == 43
    for alarm in alarms(resources):
        assert alarm["AlarmActions"] == [{"Ref": "OperationsTopic"}]
        assert re.fullmatch(r"[A-Z].*\.", alarm["AlarmDescription"])


def test_no_function_reserves_concurrency_of_the_account(
    resources: Resources, stages: dict[str, dict[str, Any]]
) -> None:
    for function, name in FUNCTIONS.items():
        assert "ReservedConcurrentExecutions" not in resources[function]["Properties"]
        for stage in stages.values():
            assert "reserved_concurrency" not in stage["lambda_functions"][name]


def test_every_stage_runs_on_arm_with_traces_and_one_policy_file_for_each_function(
    stages: dict[str, dict[str, Any]],
) -> None:
    assert set(stages) == {"dev", "prod"}
    for stage in stages.values():
        assert stage["lambda_architecture"] == "arm64"
        assert stage["xray"] is True
        assert stage["autogen_policy"] is False
        assert {
            name: function["iam_policy_file"]
            for name, function in stage["lambda_functions"].items()
        } == {name: f"../infra/policies/{name}.json" for name in FUNCTIONS.values()}
