"""AWS without a network: every call of botocore in this process is answered here, at once."""

import json
from typing import Any

REPLIES: dict[str, dict[str, Any]] = {
    "DynamoDB_20120810.GetItem": {},
    "DynamoDB_20120810.PutItem": {},
    "DynamoDB_20120810.Query": {"Items": [], "Count": 0, "ScannedCount": 0},
    "DynamoDB_20120810.UpdateItem": {"Attributes": {"used": {"N": "1"}}},
    "secretsmanager.GetSecretValue": {"SecretString": "a-root-secret-for-the-bench-0123456789"},
}
"""By the name of the call (`X-Amz-Target`). Anything else is a KeyError: it was not foreseen."""


def cut_off() -> None:
    """Replace botocore's connections. Importing botocore is up to whoever calls it first."""
    from botocore.awsrequest import AWSResponse
    from botocore.compat import HTTPHeaders
    from botocore.httpsession import URLLib3Session

    class Body:
        """What urllib3 would hand over."""

        def __init__(self, content: bytes) -> None:
            self._content = content

        def stream(self, **_: Any) -> list[bytes]:
            return [self._content]

    def send(_: URLLib3Session, request: Any) -> AWSResponse:
        target = request.headers["X-Amz-Target"]
        name = target.decode() if isinstance(target, bytes) else target
        content = json.dumps(REPLIES[name]).encode()
        return AWSResponse(request.url, 200, HTTPHeaders(), Body(content))

    URLLib3Session.send = send  # type: ignore[method-assign, assignment]
