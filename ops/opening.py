"""`chungcu open`: an address that opens the review in a browser, once."""

import asyncio
import webbrowser
from typing import Annotated

import typer

from ops import secrets
from ops.client import Client
from ops.console import Fault, err, out
from ops.running import Running
from shared.auth import PERMISSIONS

REPORT = "thong-tri-05"


def address(running: Running, report: str | None = REPORT, *, restricted: bool = False, language: str = "vi") -> str:
    """Return an address that lets one browser in, once and within ten minutes, and leads to a report."""
    page = f"/reports/{report}" if report else "/reports"
    page += "?lang=en" if language == "en" else ""
    return asyncio.run(_ask(running, page, restricted=restricted))


async def _ask(running: Running, page: str, *, restricted: bool) -> str:
    bearer = secrets.mint(running.secrets, PERMISSIONS) if restricted else None
    async with Client(running) as client:
        given = await client.ask(
            "reporting",
            "/v1/tickets",
            method="POST",
            body={"next": page},
            headers={"Authorization": f"Bearer {bearer}"} if bearer else None,
        )
    return f"{running.urls['reporting']}{given.json()['enter']}"


def open_(
    report: Annotated[str, typer.Argument(help="Mã báo cáo · Code of the report.")] = REPORT,
    *,
    browser: Annotated[bool, typer.Option("--browser", help="Mở ngay trình duyệt · Open the browser too.")] = False,
    restricted: Annotated[bool, typer.Option(help="Cả số liệu hạn chế · Restricted figures too.")] = False,
    lang: Annotated[str, typer.Option(help="vi, en")] = "vi",
) -> None:
    """In địa chỉ mở được một lần, trong mười phút · Print an address that opens once, within ten minutes."""
    running = Running.load()
    if running is None:
        raise Fault("Hệ thống chưa chạy · The system is not running", "chungcu up")
    opened = address(running, report, restricted=restricted, language=lang)
    out.print(opened, markup=False, soft_wrap=True)
    if browser and not webbrowser.open(opened):
        err.print("Không tìm thấy trình duyệt; hãy tự mở địa chỉ trên · No browser found; open the address yourself")
