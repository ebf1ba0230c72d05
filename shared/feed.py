"""The feed: the past of a service's log over HTTP, for whoever came late or sees a gap."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import orjson
from fastapi import Query, Response

from shared import event_log
from shared.consumers import Delivery
from shared.errors import NotFound
from shared.http import Reading, ReadingRestricted, Router, Who
from shared.settings import Settings

router = Router(tags=["events"])


restricted_router = Router(tags=["events"])

After = Annotated[int, Query(ge=0, description="Number in the log after which to begin.")]
Most = Annotated[int, Query(ge=1, le=5000)]


@router.question("/events", needs="events.read")
async def events(
    tx: Reading,
    who: Who,
    after: After = 0,
    limit: Most = 500,
    types: Annotated[str | None, Query(description="Types to give, separated by commas.")] = None,
    unit: Annotated[str | None, Query(description="Path of a unit: its subtree only.")] = None,
) -> Response:
    """Give told events in the order of the log, a line of JSON each: `{"logseq": 57, "event": {…}}`."""
    if unit is not None and not who.covers(unit):
        raise NotFound
    return _lines(await event_log.page(tx, after, limit, types.split(",") if types else None, unit, list(who.units)))


@restricted_router.question("/events/restricted", needs="events.restricted")
async def restricted_events(tx: ReadingRestricted, who: Who, after: After = 0, limit: Most = 500) -> Response:
    """Give restricted events in the order of their own log, a line of JSON each: `{"logseq": 57, "event": {…}}`."""
    return _lines(await event_log.page(tx, after, limit, None, None, list(who.units)))


def _lines(rows: list[tuple[int, str]]) -> Response:
    lines = b"".join(b'{"logseq":%d,"event":%s}\n' % (number, body.encode()) for number, body in rows)
    return Response(lines, media_type="application/x-ndjson")


async def fetch(
    settings: Settings, source: str, first: int, last: int, *, restricted: bool = False
) -> AsyncIterator[list[Delivery]]:
    """Bring the events of a source, or its restricted ones, numbered from `first` to `last`, page by page.

    Raises `httpx.HTTPError` when the source cannot be asked.
    """
    file = settings.restricted_token_file if restricted else settings.token_file
    token, path = file.read_text().strip() if file else "", "/events/restricted" if restricted else "/events"
    async with httpx.AsyncClient(
        base_url=settings.feeds[source], headers={"Authorization": f"Bearer {token}"}, timeout=10, trust_env=False
    ) as client:
        after = first - 1
        while after < last:
            answer = await client.get(path, params={"after": after, "limit": min(500, last - after)})
            answer.raise_for_status()
            page = [_delivery(source, line) for line in answer.content.splitlines() if line]
            if not page:
                return
            yield page
            after = max(one.logseq or 0 for one in page)


def _delivery(source: str, line: bytes) -> Delivery:
    # The bytes as told, not as parsed and written again.
    number = orjson.loads(line)["logseq"]
    return Delivery(line[line.index(b'"event":') + len(b'"event":') : -1], source, number)
