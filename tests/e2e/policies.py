"""Resource policies that whoever subscribes brings along."""

import json


def letting_in(topic_arn: str, queue_arn: str) -> str:
    """A queue's policy that lets one topic send to it, and nobody else."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
