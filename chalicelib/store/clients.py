"""AWS clients with a time budget: a provider that hands on a call waits 15 s, all included."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

_HTTP_PATH = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 3},
    parameter_validation=False,
    s3={"addressing_style": "path"},
    signature_version="s3v4",
)


@cache
def _session() -> Any:
    return boto3.session.Session()


@cache
def client(service: str) -> Any:
    """The process's client for a service, made on first use."""
    config = _HTTP_PATH if service == "s3" else _HTTP_PATH.merge(Config(signature_version=None))
    return _session().client(service, config=config)
