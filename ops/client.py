"""Asking the services as any other client does: with a token, and with patience for what passes by itself."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import httpx

from ops.console import Fault
from ops.running import Running, token

PATIENCE = 30.0
"""Seconds for which a question is repeated before its answer stands."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0
_TIMEOUT = httpx.Timeout(10.0, connect=3.0)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why there is no good answer: a service's problem details, or that nobody answered (then `status` is 0)."""

    status: int
    code: str
    title: str
    pointer: str | None = None

    def __str__(self) -> str:
        """Say it in one line."""
        where = f" [{self.pointer}]" if self.pointer else ""
        return f"{self.title}{where} ({f'{self.status} ' if self.status else ''}{self.code})"

    @property
    def passes(self) -> bool:
        """Tell whether asking again may help: nobody there, a fault of the server, news still on its way."""
        unknown_yet = self.status == HTTPStatus.CONFLICT and self.code.endswith("-not-yet-known")
        return not self.status or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR or unknown_yet


class Declined(Fault):
    """A service said no, or gave no answer in time; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        """Keep what was said last."""
        super().__init__(str(problem))
        self.problem = problem


class Client:
    """Asks services by name. Commands need an idempotency key, because what fails may be asked again."""

    def __init__(self, running: Running, *, patience: float = PATIENCE, restricted: bool = False) -> None:
        """Prepare to ask the system that runs; `patience` is in seconds, for each question.

        `restricted` asks with permissions that reach restricted facts, too.
        """
        self._urls = running.urls
        self._patience = patience
        # The environment's proxies are not meant for services that answer on this machine.
        self._http = httpx.AsyncClient(
            headers={
                "Authorization": f"Bearer {token(running, restricted=restricted)}",
                "Accept-Language": "vi, en;q=0.5",
            },
            timeout=_TIMEOUT,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        """Return the client, ready."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def ask(
        self,
        service: str,
        path: str,
        *,
        method: str = "GET",
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Return a service's good answer; raise `Declined` when it says no or patience has run out."""
        request = self._http.build_request(
            method, f"{self._urls[service]}{path}", json=body, params=params, headers=headers
        )
        until = time.monotonic() + self._patience
        pause = _FIRST_PAUSE
        while True:
            wait = pause
            try:
                response = await self._http.send(request)
            except httpx.TransportError as error:
                problem = _silence(service, error)
            else:
                if response.is_success:
                    return response
                problem = _problem(response)
                wait = _retry_after(response) or pause
            left = until - time.monotonic()
            if not problem.passes or left <= 0:
                raise Declined(problem)
            await asyncio.sleep(min(wait, left))
            pause = min(pause * 2, _LONGEST_PAUSE)


def _silence(service: str, error: httpx.TransportError) -> Problem:
    return Problem(0, type(error).__name__, f"Dịch vụ {service} không trả lời · The {service} service does not answer")


def _problem(response: httpx.Response) -> Problem:
    try:
        said = response.json()
        return Problem(response.status_code, str(said["type"]), str(said["title"]), said.get("pointer"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Problem(response.status_code, "about:blank", response.reason_phrase)


def _retry_after(response: httpx.Response) -> float | None:
    asked = response.headers.get("retry-after", "")
    return float(asked) if asked.isdecimal() else None
