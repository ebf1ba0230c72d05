"""Shows pages: templates in two languages, a strict policy for browsers, and a no that says what to do."""

import hashlib
from collections.abc import Callable
from functools import cache, partial
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FunctionLoader, StrictUndefined

from services.reporting.api import words
from services.reporting.api.words import Language, Said
from services.reporting.domain.session import PAGES
from shared.errors import NotFound, Refused
from shared.http.pages import DRESS

TEMPLATES = files("services.reporting").joinpath("templates")
MEDIA = {".css": "text/css; charset=utf-8", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8"}
SAFE = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What a browser is told with every page: no script, nothing from elsewhere, no frame, no word to others."""
AT_THE_DOOR = frozenset({401, 410})
"""Statuses of those who have to be let in first."""
HEADINGS: dict[int, Said] = {
    401: ("Cần đăng nhập", "Sign in first"),
    403: ("Không thuộc phạm vi của bạn", "Outside your scope"),
    404: ("Không có trang này", "There is no such page"),
    410: ("Địa chỉ không còn dùng được", "This address is spent"),
    422: ("Chưa đúng mẫu", "Not quite in form"),
    503: ("Xin đợi giây lát", "One moment, please"),
}
SIGN_IN: Said = (
    "Trang này mở bằng một địa chỉ dùng một lần.",
    "This page is opened by an address that works once.",
)


def page(template: str, language: Language, *, status: int = 200, headers: dict[str, str], **context: Any) -> Response:
    """Show a page."""
    shown = _environment().get_template(template)
    text = shown.render(
        lang=language,
        status=status,
        t=lambda vietnamese, english: words.either((vietnamese, english), language),
        day=partial(words.day, language=language),
        number=partial(words.number, language=language),
        severity=partial(words.code, words.SEVERITIES, language=language),
        home=linked({}, language)(PAGES),
        dress=_stylesheet(),
        **context,
    )
    return HTMLResponse(text, status, {**SAFE, **headers})


def linked(query: dict[str, str], language: Language) -> Callable[..., str]:
    """Return what makes the links of a page: they keep what was asked for, and the language."""

    def link(path: str, *, only: bool = False, lang: str = language, **more: str) -> str:
        asked = {**({} if only else query), **more, **({"lang": "en"} if lang == "en" else {})}
        return f"{path}?{urlencode(asked)}" if asked else path

    return link


def refused(request: Request, refused: Refused) -> Response:
    """Say no to a person, in both languages."""
    vietnamese, english = HEADINGS.get(refused.status, HEADINGS[422])
    anonymous = refused.status == 401 and refused.code() == "unauthenticated"  # noqa: PLR2004 (an HTTP status)
    said = SIGN_IN if anonymous else (refused.message("vi"), refused.message("en"))
    again = request.url.path if not request.url.query else f"{request.url.path}?{request.url.query}"
    return page(
        "refused.html",
        "vi",
        status=refused.status,
        headers={"Cache-Control": "no-store"},
        vi={"heading": vietnamese, "message": said[0]},
        en={"heading": english, "message": said[1]},
        again=refused.status in AT_THE_DOOR,
        retry=again if anonymous else linked({}, "vi")(PAGES),
    )


async def dress(name: str) -> Response:
    """Give what pages are dressed in; an address names the edition, so it may be kept for ever."""
    kind = MEDIA.get(f".{name.rpartition('.')[2]}")
    if kind is None or name not in _wardrobe():
        raise NotFound
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(_wardrobe()[name], headers=headers, media_type=kind)


@cache
def _wardrobe() -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in TEMPLATES.joinpath("dress").iterdir()}


@cache
def _stylesheet() -> str:
    edition = hashlib.sha256(_wardrobe()["style.css"]).hexdigest()[:8]
    return f"{DRESS.format(name='style.css')}?{edition}"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(lambda name: TEMPLATES.joinpath(name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
