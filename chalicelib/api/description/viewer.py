"""/docs: the API's description as an interactive page (Swagger UI).

Its files ship with the project (`viewer_files/README.md` says where from), so that the page needs
no other host; the policy below holds it to that.
"""

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources

from chalicelib import errors
from chalicelib.api.endpoint import Audience, Call, Reply

audience = Audience(__name__, "Page")
blueprint = audience.blueprint

ASSETS: Mapping[str, str] = {
    "favicon.svg": "image/svg+xml",
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
}
"""What the page loads, with its content type. All of it is text: nothing needs API Gateway's
handling of binary answers."""

SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_FOR_EVER = "public, max-age=31536000, immutable"


@audience.route("GET", "/docs", replies={200: "text/html"})
def read_docs(call: Call) -> Reply:
    """Read this description as a page from which every request can be tried out."""
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": SECURITY_POLICY,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "public, max-age=300",
    }
    return Reply(_page(), headers=headers)


@audience.route(
    "GET",
    "/docs/{asset}",
    replies={200: "text/css, text/javascript, image/svg+xml"},
    raises=[errors.NotFound],
)
def read_docs_asset(call: Call) -> Reply:
    """Read a file of that page. Its address changes with its content, so it may be kept."""
    name = call.path["asset"]
    if name not in ASSETS:
        raise errors.NotFound()
    return Reply(_text(name), headers={"Content-Type": ASSETS[name], "Cache-Control": _FOR_EVER})


@cache
def _page() -> str:
    """The page, its assets' addresses with a part that depends on their bytes."""
    return re.sub(r"{([\w.-]+)}", lambda found: _version(found[1]), _text("page.html"))


def _version(name: str) -> str:
    return hashlib.sha256(_text(name).encode()).hexdigest()[:12]


@cache
def _text(name: str) -> str:
    file = resources.files("chalicelib.api.description").joinpath("viewer_files", name)
    return file.read_bytes().decode("utf-8")
