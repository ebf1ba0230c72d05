"""Every no is an RFC 9457 problem, in the language asked for."""

import re
from collections.abc import Sequence

import asyncpg
import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from shared.database import TRANSIENT
from shared.errors import Malformed, NotFound, Refused, Unavailable, phrase, problem
from shared.http.pages import Pages, wants_a_page
from shared.telemetry import log


def language(request: Request) -> str:
    """Return the language to answer in: Vietnamese unless English is preferred."""
    wanted = re.findall(
        r"\b(vi|en)\b(?:-\w+)?(?:\s*;\s*q=(\d(?:\.\d{0,3})?))?", request.headers.get("accept-language", "")
    )
    ranked = sorted(wanted, key=lambda pair: -float(pair[1] or 1))
    return ranked[0][0] if ranked else "vi"


def refusal(request: Request, refused: Refused) -> Response:
    """Answer a refusal: to a program as a problem, to a person, where there are pages, in words."""
    pages: Pages | None = request.app.state.pages
    if pages and wants_a_page(request):
        return pages.refused(request, refused)
    headers = {"Retry-After": str(refused.retry_after)} if refused.retry_after else {}
    if refused.status == 401:  # noqa: PLR2004 (the status that must name its scheme, RFC 9110 section 11.6.1)
        headers["WWW-Authenticate"] = "Bearer"
    return _problem(problem(refused, language(request)), refused.status, headers)


def install(app: FastAPI) -> None:
    """Give an application its way of saying no."""

    @app.exception_handler(Refused)
    async def _refused(request: Request, refused: Refused) -> Response:
        return refusal(request, refused)

    @app.exception_handler(RequestValidationError)
    async def _malformed(request: Request, error: RequestValidationError) -> Response:
        fields = [
            {"pointer": _pointer(one["loc"]), "detail": one["msg"], "in": one["loc"][0]} for one in error.errors()
        ]
        return refusal(request, Malformed(pointer=fields[0]["pointer"] if fields else None, errors=fields))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        if error.status_code == NotFound.status:
            return refusal(request, NotFound())
        body = {"type": "about:blank", "title": phrase(error.status_code), "status": error.status_code}
        return _problem(body, error.status_code, dict(error.headers or {}))

    @app.exception_handler(asyncpg.CharacterNotInRepertoireError)
    async def _not_text(request: Request, _: asyncpg.CharacterNotInRepertoireError) -> Response:
        return refusal(request, Malformed())

    for transient in TRANSIENT:
        app.add_exception_handler(transient, _unavailable)

    @app.exception_handler(Exception)
    async def _unexpected(_: Request, error: Exception) -> Response:
        log.error("unexpected error", exc_info=error)
        return _problem({"type": "about:blank", "title": phrase(500), "status": 500}, 500, {})


def _pointer(location: Sequence[str | int]) -> str:
    """Return where a fault lies as a JSON Pointer (RFC 6901); the kind by which a union chose its form is no field."""
    return "/" + "/".join(str(part) for part in location[1:] if not str(part).isupper())


async def _unavailable(request: Request, error: Exception) -> Response:
    log.warning("database unavailable", error=type(error).__name__, sqlstate=getattr(error, "sqlstate", None))
    return refusal(request, Unavailable())


def _problem(body: dict[str, object], status: int, headers: dict[str, str]) -> Response:
    return Response(orjson.dumps(body, default=str), status, headers, "application/problem+json")
