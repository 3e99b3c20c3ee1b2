"""One line for each request: method, path template, status, milliseconds. Never a query or body."""

import re
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

WSGIApplication = Callable[..., Iterable[bytes]]
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNKNOWN = "(no such path)"


class RequestLog:
    """WSGI application around another one; `say` gets the lines."""

    def __init__(
        self, application: WSGIApplication, templates: Iterable[str], say: Callable[[str], None]
    ) -> None:
        self._application = application
        self._say = say
        self._templates = [(_pattern(template), template) for template in sorted(templates)]

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer, and say so."""
        started = time.monotonic()
        status = "500"

        def noted(line: str, headers: list[tuple[str, str]]) -> Any:
            nonlocal status
            status = line.split(" ", 1)[0]
            return start_response(line, headers)

        try:
            return self._application(environ, noted)
        finally:
            self._say(self._line(environ, status, time.monotonic() - started))

    def _line(self, environ: dict[str, Any], status: str, seconds: float) -> str:
        method = environ["REQUEST_METHOD"]
        shown = method if method in _METHODS else "?"
        path = self._template_of(environ["PATH_INFO"])
        return f"{datetime.now():%H:%M:%S}  {status}  {shown:6} {path}  {seconds * 1000:.0f} ms"  # noqa: DTZ005  the reader's own clock

    def _template_of(self, path: str) -> str:
        """The route's pattern: a path itself may hold an id, or anything at all."""
        found = (template for pattern, template in self._templates if pattern.fullmatch(path))
        return next(found, _UNKNOWN)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{\w+\}", "[^/]+", template) + "/?")
