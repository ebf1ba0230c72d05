"""The feed: the past of a service's log over HTTP, for whoever came late or sees a gap."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

import httpx
import orjson
from fastapi import Query, Request, Response

from shared import event_log
from shared.consumers import Delivery
from shared.errors import NotFound, Refused
from shared.events import ORDINARY, UnitPath
from shared.http import Reading, ReadingRestricted, Router, Who
from shared.settings import Settings

router = Router(tags=["events"])


restricted_router = Router(tags=["events"])

NDJSON = "application/x-ndjson"
READ, HEAD, SENT = "Chungcu-Log-Read", "Chungcu-Log-Head", "Chungcu-Log-Sent"
POSITIONS = {
    READ: "Number up to which the log has been read for this page: the next `after`, also of an empty page.",
    HEAD: "Last number of the log.",
    SENT: "Last number that is known to have reached the bus.",
    "Link": '`rel="next"`: the next page; absent once the head is reached.',
}

After = Annotated[int, Query(ge=0, le=2**62, description="Number in the log after which to begin.")]
Most = Annotated[int, Query(ge=1, le=5000, description="Events on a page; it may hold fewer, or none, and lead on.")]


class UnknownType(Refused):
    """Dịch vụ này không có loại sự kiện như vậy.

    This service tells no events of such a type.
    """

    status = 422


@router.question("/events", needs="events.read", media=NDJSON, says=POSITIONS)
async def events(
    tx: Reading,
    who: Who,
    request: Request,
    after: After = 0,
    limit: Most = 500,
    types: Annotated[str | None, Query(description="Types to give, separated by commas.")] = None,
    unit: Annotated[UnitPath | None, Query(description="Path of a unit: its subtree only.")] = None,
) -> Response:
    """Give told events in the order of the log, a line of JSON each: `{"logseq": 57, "event": {…}}`.

    Follow `Link: rel="next"` until there is none; then ask again later, after what `Chungcu-Log-Read` says. A page has
    at most `limit` events and about 4 MiB, and looks through 10 000 numbers of the log, so that a filter may leave it
    empty. The numbers of a log are dense; with a filter, or where a token does not reach, some are left out.
    """
    if unit is not None and not who.covers(unit):
        raise NotFound
    wanted = _told_here(types, request.app.state.service) if types else None
    page = await event_log.page(tx, after, limit, wanted, unit, list(who.units))
    positions = {READ: str(page.read), HEAD: str(page.head), SENT: str(page.sent)}
    if page.read < page.head:
        positions["Link"] = f'<{request.url.include_query_params(after=page.read)}>; rel="next"'
    return _lines(page, positions)


@restricted_router.question("/events/restricted", needs="events.restricted", media=NDJSON)
async def restricted_events(tx: ReadingRestricted, who: Who, after: After = 0, limit: Most = 500) -> Response:
    """Give restricted events in the order of their own log, a line of JSON each: `{"logseq": 57, "event": {…}}`."""
    return _lines(await event_log.page(tx, after, limit, None, None, list(who.units)))


def _told_here(types: str, service: str) -> list[str]:
    wanted = [one.strip() for one in types.split(",")]
    known = {event.type for event in ORDINARY if event.source == service}
    unknown = [one for one in wanted if one not in known]
    if unknown:
        raise UnknownType(pointer="/types", unknown=unknown, known=sorted(known))
    return wanted


def _lines(page: event_log.Page, positions: dict[str, str] | None = None) -> Response:
    lines = b"".join(b'{"logseq":%d,"event":%s}\n' % (number, body.encode()) for number, body in page.events)
    return Response(lines, headers=positions, media_type=NDJSON)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page as its reader sees it: what came, up to which number that is all, and how far log and bus have it."""

    deliveries: list[Delivery]
    read: int
    head: int
    sent: int


async def leaf(client: httpx.AsyncClient, source: str, after: int, limit: int, **filters: str) -> Leaf:
    """Bring the page of a source's log that begins after a number.

    Raises `httpx.HTTPError` when the source cannot be asked.
    """
    answer = await client.get("/events", params={"after": after, "limit": limit, **filters})
    answer.raise_for_status()
    read, head, sent = (int(answer.headers[name]) for name in (READ, HEAD, SENT))
    return Leaf(_deliveries(source, answer), read, head, sent)


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
            page = _deliveries(source, answer)
            if not page:
                return
            yield page
            after = max(one.logseq or 0 for one in page)


def _deliveries(source: str, answer: httpx.Response) -> list[Delivery]:
    return [_delivery(source, line) for line in answer.content.splitlines() if line]


def _delivery(source: str, line: bytes) -> Delivery:
    # The bytes as told, not as parsed and written again.
    number = orjson.loads(line)["logseq"]
    return Delivery(line[line.index(b'"event":') + len(b'"event":') : -1], source, number)
