"""Lists: a page, a sealed cursor to the next one, and a Link header (RFC 8288)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from pydantic import Field

from chalicelib.api.cursors import Cursors
from chalicelib.api.endpoint import Call, Reply
from chalicelib.domain.values import Value
from chalicelib.store.keyring import Purpose
from chalicelib.store.paging import Page, Start

T = TypeVar("T")


class Paging(Value):
    """The query of every list."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[
        str | None, Field(max_length=4096, description="From `next_cursor` or the Link header.")
    ] = None


class Listing(Value, Generic[T]):
    """A page of a list."""

    items: list[T]
    next_cursor: Annotated[
        str | None, Field(description="Send it as `cursor` for the next page; null on the last.")
    ] = None


def list_reply(
    call: Call,
    model: type[Listing[Any]],
    read: Callable[[int, Start | None], Page[Any]],
    show: Callable[[Any], Any],
    path: str,
) -> Reply:
    """Read one page with `read(limit, start)`, show each item, seal the way to the next."""
    paging: Paging = call.query
    filters = paging.model_dump(mode="json", exclude={"limit", "cursor"}, exclude_none=True)
    items, next_cursor = read_from_cursor(call, read, {"path": path, **filters})
    body = model(items=[show(item) for item in items], next_cursor=next_cursor)
    if next_cursor is None:
        return Reply(body)
    query = urlencode({**filters, "limit": paging.limit, "cursor": next_cursor})
    url = f"{call.deps.settings.public_url}{path}?{query}"
    return Reply(body, headers={"Link": f'<{url}>; rel="next"'})


def read_from_cursor(
    call: Call, read: Callable[[int, Start | None], Page[Any]], query: Mapping[str, object]
) -> tuple[Sequence[Any], str | None]:
    """The items of a page, and the cursor of the next: good for this caller and query alone."""
    paging: Paging = call.query
    cursors = _cursors(call, query)
    now = call.deps.now()
    page = read(paging.limit, cursors.read(paging.cursor, now))
    return page.items, cursors.write(page.next_start, now)


def _cursors(call: Call, query: Mapping[str, object]) -> Cursors:
    tenant = f"{call.by.role}:{call.by.organisation}" if call.principal else "public"
    return Cursors(call.deps.keyring.key(Purpose.CURSOR), tenant=tenant, query=query)
