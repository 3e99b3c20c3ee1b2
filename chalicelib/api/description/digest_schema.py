"""The JSON Schema of a digest, kept and published as that of an alert is (`alert_schema`)."""

import json
from importlib import resources
from typing import Any

from chalicelib.api.description.alert_schema import schema_of
from chalicelib.domain.alerting.digest import SCHEMA_VERSION, DigestPayload

FILE = f"digest-{SCHEMA_VERSION}.schema.json"


def published_text() -> str:
    """The current schema, as it is committed."""
    return resources.files("chalicelib.api.description").joinpath(FILE).read_text("utf-8")


def text() -> str:
    """The current schema, as the code says."""
    return json.dumps(digest_schema(), indent=1, ensure_ascii=False) + "\n"


def digest_schema() -> dict[str, Any]:
    """The schema of what is sent for each digest."""
    return schema_of(DigestPayload, f"urn:handshake:schemas:digest:{SCHEMA_VERSION}")
