"""Asking: who asks, the transaction it happens in, and the answer that is sent once that is committed."""

import asyncio
import functools
import hmac
import inspect
import typing
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.datastructures import Default
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from pydantic import BaseModel

from shared import event_log, law
from shared.auth import PERMISSIONS, Identity, Unauthenticated
from shared.caller import HANOI, Caller
from shared.database import Transaction
from shared.errors import NotYetHere, Problem, phrase
from shared.events import Event, Told, cloud_event
from shared.http import pages

CONFIDENTIAL = "confidential"
"""The name under which confidential requests are logged and counted."""
PATIENCE = 2.0
"""Seconds a reader waits for what it asked to see."""

_bearer = HTTPBearer(auto_error=False, description="A JSON Web Token; in development: `chungcu token`.")


async def by_token(request: Request, _: Annotated[object, Depends(_bearer)]) -> Identity | None:
    """Return whom a bearer token speaks for; none where there is no token."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    identity: Identity = request.app.state.gate.identify(token)
    return identity


async def identify(request: Request, spoken_for: Annotated[Identity | None, Depends(by_token)]) -> Identity:
    """Return who asks, by token or else by the session of a browser, or refuse."""
    identity = spoken_for or await pages.guest(request)
    if identity is None:
        raise Unauthenticated
    return identity


Who = Annotated[Identity, Depends(identify)]


async def caller(
    request: Request,
    identity: Who,
    idempotency_key: Annotated[
        str | None,
        Header(max_length=200, description="Asked again under the same key, a command gives its first answer."),
    ] = None,
    if_match: Annotated[
        str | None, Header(max_length=50, description="The ETag under which the thing was read; refused if it changed.")
    ] = None,
    traceparent: Annotated[str | None, Header(max_length=100, pattern=r"^[0-9a-f-]+$")] = None,
) -> Caller:
    """Return one request's circumstances."""
    now: datetime = request.app.state.now()
    asked = b""
    if idempotency_key is not None:
        # Keyed with what only the caller has: the log is kept, and must not let anyone test a guess of what was asked.
        said = f"{request.method} {request.url.path}\n".encode() + await request.body()
        asked = hmac.digest(idempotency_key.encode(), said, "sha256")
    return Caller(
        identity=identity,
        now=now,
        correlation=uuid4(),
        back_date_days=law.number("record.back_date_days", now.astimezone(HANOI).date()),
        traceparent=traceparent,
        idempotency_key=idempotency_key,
        if_match=if_match,
        asked=asked,
    )


By = Annotated[Caller, Depends(caller)]


async def deciding(request: Request) -> AsyncIterator[Transaction]:
    """Begin a command's transaction; it is committed before the answer is sent, and then the relay is woken."""
    async with request.app.state.database.transaction() as tx:
        yield tx
    request.app.state.told.set()


Deciding = Annotated[Transaction, Depends(deciding, scope="function")]


async def deciding_restricted(request: Request) -> AsyncIterator[Transaction]:
    """Begin a transaction in the restricted part; what is told there waits for its relay."""
    async with request.app.state.restricted.transaction() as tx:
        yield tx
    request.app.state.told_restricted.set()


DecidingRestricted = Annotated[Transaction, Depends(deciding_restricted, scope="function")]


async def reading_restricted(request: Request) -> AsyncIterator[Transaction]:
    """Begin a reader's transaction in the restricted part."""
    async with request.app.state.restricted.transaction(snapshot=True) as tx:
        yield tx


ReadingRestricted = Annotated[Transaction, Depends(reading_restricted, scope="function")]


async def reading(
    request: Request,
    min_position: Annotated[
        UUID | None, Query(description="Wait until this is known: the Chungcu-Position of an earlier answer.")
    ] = None,
) -> AsyncIterator[Transaction]:
    """Begin a reader's transaction, which sees everything as of one moment."""
    if min_position:
        await _arrived(request, min_position)
    async with request.app.state.database.transaction(snapshot=True) as tx:
        yield tx


Reading = Annotated[Transaction, Depends(reading, scope="function")]


async def _arrived(request: Request, event: UUID) -> None:
    loop = asyncio.get_running_loop()
    until, pause = loop.time() + PATIENCE, 0.005
    while loop.time() < until:
        async with request.app.state.database.transaction() as tx:
            if await tx.value(
                """SELECT EXISTS (SELECT FROM inbox WHERE event = $1)
                       OR (NOT $2 AND EXISTS (SELECT FROM event_log WHERE id = $1))""",
                event,
                request.app.state.hears_itself,
            ):
                return
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.05)
    raise NotYetHere(min_position=str(event))


async def _day(
    request: Request, on: Annotated[date | None, Query(description="The day asked about; today when absent.")] = None
) -> date:
    now: datetime = request.app.state.now()
    return on or now.astimezone(HANOI).date()


OnDay = Annotated[date, Depends(_day)]
"""The day a question is about: `on`, or today where the city is."""


def permission(name: str) -> Any:  # noqa: ANN401 (FastAPI's marker has no public type)
    """Demand a permission."""
    assert name in PERMISSIONS, name

    async def check(identity: Who) -> None:
        identity.must_have(name)

    return Depends(check)


async def _kept_nowhere(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


async def history(tx: Transaction, subject: str | UUID, response: Response) -> list[dict[str, Any]]:
    """Return the events that made a thing, and say its version as the answer's ETag (for `If-Match`)."""
    events: list[dict[str, Any]] = [orjson.loads(body) for body in await event_log.history(tx, subject)]
    if events:
        response.headers["ETag"] = f'"{events[-1]["version"]}"'
    return events


Command = Callable[..., Awaitable[Told[Any]]]


class Router(APIRouter):
    """Endpoints of a service: commands, which tell one fact, and questions."""

    def take(self, *routers: APIRouter) -> None:
        """Take over the routes of others as they are: routers within routers are looked through one after the other."""
        for one in routers:
            self.routes.extend(one.routes)

    def command(
        self, path: str, *, needs: str, tells: type[Event] | None = None, method: str = "POST"
    ) -> Callable[[Command], Command]:
        """Declare a command: `POST` (or `PUT`) by a caller with a permission, answered 201 with the event it told.

        The endpoint takes `tx` and `who` and returns what was told; `tells` names the event where the
        annotation cannot. Asked again under the same
        Idempotency-Key, the first answer is given and nothing is decided.
        """

        def declare(endpoint: Command) -> Command:
            @functools.wraps(endpoint)
            async def answer(**asked: Any) -> Response:
                earlier = await event_log.answered(asked["tx"], asked["who"])
                if earlier is not None:
                    return _told(earlier, replayed=True)
                return _told((await endpoint(**asked)).body)

            event = tells or typing.get_args(typing.get_type_hints(endpoint)["return"])[0]
            self.add_api_route(
                path,
                answer,
                methods=[method],
                status_code=201,
                response_model=None,
                responses={
                    201: {"model": cloud_event(event), "description": "What was told."},
                    **_refusals(401, 403, 404, 409, 412, 413, 422, 503),
                },
                dependencies=[permission(needs)],
                description=_prose(endpoint) + f"\n\nTells `{event.type}`. Needs `{needs}`.",
            )
            return endpoint

        return declare

    def confidential(
        self, path: str, *, needs: str, answers: type[BaseModel], method: str = "POST"
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare what is asked or entered about people in confidence: nothing is told of it in the open.

        Clients choose ids, so entering the same again is harmless and answered alike. No cache keeps the answer, and
        all such requests are logged and counted as one, for that a tie was entered is a tie.
        """

        def declare(endpoint: Callable[..., Any]) -> Callable[..., Any]:
            self.add_api_route(
                path,
                endpoint,
                methods=[method],
                status_code=201 if method == "POST" else 200,
                response_model=answers,
                responses=_refusals(401, 403, 404, 409, 422, 503),
                dependencies=[permission(needs), Depends(_kept_nowhere)],
                description=_prose(endpoint) + f"\n\nTells nothing in the open. Needs `{needs}`.",
                name=CONFIDENTIAL,
            )
            return endpoint

        return declare

    def errand(self, path: str, *, answers: type[BaseModel]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare an errand: `POST` by anyone with a token, for themselves alone; it is no fact and tells nothing."""

        def declare(endpoint: Callable[..., Any]) -> Callable[..., Any]:
            self.add_api_route(
                path,
                endpoint,
                methods=["POST"],
                status_code=201,
                response_model=answers,
                responses=_refusals(401, 422, 503),
                dependencies=[Depends(identify)],
                description=_prose(endpoint) + "\n\nTells nothing. Open to every token.",
            )
            return endpoint

        return declare

    def question(
        self,
        path: str,
        *,
        needs: str | None = None,
        answers: Any = None,  # noqa: ANN401 (a model or nothing)
        media: str | None = None,
        says: Mapping[str, str] | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a question: `GET` by a caller with a permission, or by anyone with a token.

        `media` names the kind of what is answered, where that is no JSON; `says` what its headers mean.
        """
        kind: dict[int | str, dict[str, Any]] = {200: {"content": {media: {}}}} if media else {}
        if says:
            headers = {name: {"description": means, "schema": {"type": "string"}} for name, means in says.items()}
            kind.setdefault(200, {})["headers"] = headers

        def declare(endpoint: Callable[..., Any]) -> Callable[..., Any]:
            self.add_api_route(
                path,
                endpoint,
                methods=["GET"],
                response_model=answers,
                response_class=Response if media else Default(JSONResponse),
                responses={**kind, **_refusals(401, 403, 404, 422, 503)},
                dependencies=[permission(needs) if needs else Depends(identify)],
                description=_prose(endpoint) + (f"\n\nNeeds `{needs}`." if needs else "\n\nOpen to every token."),
            )
            return endpoint

        return declare


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {"model": Problem, "description": phrase(status), "content": {"application/problem+json": schema}}
        for status in statuses
    }


def _told(body: bytes, *, replayed: bool = False) -> Response:
    said = orjson.loads(body)
    headers = {"Chungcu-Position": said["id"], "ETag": f'"{said["version"]}"'}
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(body, 201, headers, "application/cloudevents+json")


def _prose(endpoint: Callable[..., Any]) -> str:
    return inspect.getdoc(endpoint) or ""
