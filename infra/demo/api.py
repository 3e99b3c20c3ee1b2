"""Callers of the service's HTTP API: somebody with a key, or nobody in particular."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import requests

from infra.demo.checks import StepFailed

T = TypeVar("T")

PATIENCE = 120.0  # seconds; a machine with loud neighbours is slow, not broken
_LOOK_AGAIN = 0.2  # seconds


class Caller:
    """Somebody at the front door."""

    def __init__(self, base_url: str, key: str | None = None) -> None:
        self._base_url = base_url
        self._session = requests.Session()
        if key is not None:
            self._session.headers["Authorization"] = f"Bearer {key}"

    def send(self, method: str, path: str, **request: Any) -> requests.Response:
        """The answer, whatever it is."""
        return self._session.request(method, self._base_url + path, timeout=60, **request)

    def get(self, path: str, **request: Any) -> Any:
        """GET; the JSON of a good answer."""
        return self._good("GET", path, request)

    def post(self, path: str, **request: Any) -> Any:
        """POST; the JSON of a good answer."""
        return self._good("POST", path, request)

    def put(self, path: str, **request: Any) -> Any:
        """PUT; the JSON of a good answer."""
        return self._good("PUT", path, request)

    def patch(self, path: str, **request: Any) -> Any:
        """PATCH; the JSON of a good answer."""
        return self._good("PATCH", path, request)

    def _good(self, method: str, path: str, request: dict[str, Any]) -> Any:
        answer = self.send(method, path, **request)
        if not answer.ok:
            raise StepFailed(f"{method} {path} answered {answer.status_code}: {_detail(answer)}")
        return answer.json()


def _detail(answer: requests.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return answer.reason
    fields = ", ".join(error["field"] for error in problem.get("errors", ()))
    return f"{problem.get('detail', answer.reason)}{f' ({fields})' if fields else ''}"


def eventually(look: Callable[[], T | None], otherwise: str, patience: float = PATIENCE) -> T:
    """The first thing that `look` finds. StepFailed when it finds nothing in time."""
    deadline = time.monotonic() + patience
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise StepFailed(f"{otherwise} (waited {patience:g} s)")
        time.sleep(_LOOK_AGAIN)
    return found
