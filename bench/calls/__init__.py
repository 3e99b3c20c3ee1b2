"""How many AWS calls and capacity units each thing the service does takes."""

import os

# What boto3 asks for where nothing is set, before anything here makes a client. moto, which
# answers, takes any credentials.
for _name, _value in {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}.items():
    os.environ.setdefault(_name, _value)
