"""The environment of the local stack's processes: dummies where AWS asks for secrets."""

import os
from collections.abc import Mapping

REGION = "eu-central-1"
ACCOUNT = "123456789012"
STAGE = "local"

AWS: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    # moto does not know the host names that carry the account's number.
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
}
"""Credentials and region that open nothing but moto."""

_OURS = ("AWS_", "HANDSHAKE_", "POWERTOOLS_", "MOTO_")
_LOOPBACK = "127.0.0.1,localhost"


def adopt(environment: Mapping[str, str]) -> None:
    """Make it this process's own: boto3 and requests read theirs from there."""
    os.environ.clear()
    os.environ.update(environment)


def child_environment(environ: Mapping[str, str], endpoint: str) -> dict[str, str]:
    """The caller's environment without its AWS profile, credentials and proxies for this machine.

    `endpoint` is where every AWS client goes, and where presigned URLs point.
    """
    kept = {name: value for name, value in environ.items() if not name.startswith(_OURS)}
    direct = ",".join(part for part in (environ.get("NO_PROXY"), _LOOPBACK) if part)
    return {
        **kept,
        **AWS,
        "AWS_ENDPOINT_URL": endpoint,
        "MOTO_DISABLE_GLOBAL_CORS": "true",  # else any web page could read what moto holds
        "NO_PROXY": direct,
        "no_proxy": direct,
        "POWERTOOLS_SERVICE_NAME": "handshake",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "PYTHONUNBUFFERED": "1",
    }
