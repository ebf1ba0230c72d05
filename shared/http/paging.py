"""Lists in pages: an opaque cursor is the key after which the next page begins; nobody counts."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Query, Request, Response
from pydantic import BaseModel

from shared.errors import Malformed

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """One page of a list; `next` is absent on the last one."""

    items: Sequence[T]
    next: str | None = None


Limit = Annotated[int, Query(ge=1, le=1000, description="Items on a page.")]
Cursor = Annotated[str | None, Query(max_length=500, description="Where the page begins: `next` of the one before.")]


def after(cursor: str | None, kind: Callable[[str], T]) -> T | None:
    """Return the key in a cursor, read as the list's key."""
    if cursor is None:
        return None
    try:
        return kind(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode())
    except (ValueError, binascii.Error):
        raise Malformed(pointer="/cursor") from None


def page(rows: Sequence[T], limit: int, key: str, request: Request, response: Response) -> Page[T]:
    """Cut a page from at most `limit + 1` rows; `key` is the field that the list is sorted by."""
    if len(rows) <= limit:
        return Page(items=rows)
    cursor = base64.urlsafe_b64encode(str(getattr(rows[limit - 1], key)).encode()).rstrip(b"=").decode()
    response.headers["Link"] = f'<{request.url.include_query_params(cursor=cursor)}>; rel="next"'
    return Page(items=rows[:limit], next=cursor)
