"""What a picture takes: asked for, made anew, read, removed."""

import hashlib
import io
from collections.abc import Iterator
from typing import Any

from PIL import Image

from bench.calls.population import file
from bench.calls.world import Measured, World
from bench.events import PARTNER

ATTACHMENTS = "/v1/grievances/{grievance_id}/attachments"
ATTACHMENT = ATTACHMENTS + "/{attachment_id}"


def attaching(service: World) -> Iterator[Measured]:
    """One picture of one case, from the request to its removal."""
    ids = {"grievance_id": file(service, 0).grievance_id}

    def ask(method: str, resource: str, body: object = None) -> Any:
        where = {"resource": resource, "parameters": ids}
        return service.ask(method, resource.format(**ids), by=PARTNER, body=body, **where)

    def asked_for() -> None:
        ids["attachment_id"] = ask("POST", ATTACHMENTS, wish)["attachment_id"]

    service.tick()
    service.drain()  # the case itself is no longer due
    picture = _picture()
    wish = {"kind": "photo", "content_type": "image/png", "bytes": len(picture)}
    wish |= {"sha256": hashlib.sha256(picture).hexdigest()}
    yield service.measured("attachment.ask", 1, asked_for)
    _upload(service, ids, picture)
    service.forward(minutes=1)
    service.tick()
    yield service.measured("attachment.clean", 1, service.drain)
    yield service.measured("attachment.read", 1, lambda: ask("GET", ATTACHMENT))
    yield service.measured("attachment.remove", 1, lambda: ask("DELETE", ATTACHMENT))


def _upload(service: World, ids: dict[str, str], content: bytes) -> None:
    key = "incoming/{grievance_id}/{attachment_id}".format(**ids)
    bucket = service.deps.settings.attachments_bucket
    service.outside("s3").put_object(Bucket=bucket, Key=key, Body=content)


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "white").save(out, "PNG")
    return out.getvalue()
