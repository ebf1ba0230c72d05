"""Shows the review to people: the report as a paper, what made each number, and the report as a document."""

import asyncio
from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request, Response

from services.reporting import domain, store
from services.reporting.api import asked, docx, explanation, html, layout, report, xlsx
from services.reporting.api.asked import Asks, Found, RestrictedPart, Wanted
from services.reporting.api.words import Language
from services.reporting.domain.indicator import ReportForm
from services.reporting.domain.session import PAGES
from services.reporting.store.figures import Asking
from shared.auth import Identity
from shared.database import Transaction
from shared.events import UnitId
from shared.events.reporting import Code
from shared.http import Reading, Router, Who

router = Router(tags=["pages"])

PAGE = "text/html"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PRIVATE = {"Cache-Control": "private, no-store", "Vary": "Accept, Authorization, Cookie"}

Lang = Annotated[Language, Query(description="The language of the page.")]


async def _perhaps(
    period: Annotated[Code | None, Query(description="Code of a declared period.")] = None,
    unit: Annotated[UnitId | None, Query(description="Id of the unit, e.g. Q004.")] = None,
    begin: Annotated[date | None, Query(alias="from", description="First day, inclusive.")] = None,
    end: Annotated[date | None, Query(alias="to", description="Last day, inclusive.")] = None,
    as_of: Annotated[int | None, Query(ge=0, description="As was known at this position.")] = None,
) -> Wanted | None:
    """Read what is asked for; nothing at all asks for the latest declared period."""
    if (period, unit, begin, end, as_of) == (None,) * 5:
        return None
    return await asked.wanted(period, unit, begin, end, as_of)


Perhaps = Annotated[Wanted | None, Depends(_perhaps)]


@router.question(PAGES, needs="reports.read", media=PAGE)
async def index(tx: Reading, who: Who, lang: Lang = "vi") -> Response:
    """Show which reports there are, and the periods that were declared for your units."""
    return await _index(tx, who, lang, list(store.definitions.reports().values()))


# Before the page itself, whose code would take the ending for a part of it.
@router.question(f"{PAGES}/{{code}}.docx", needs="reports.read", media=WORD)
async def word(code: str, asks: Asks, apart: RestrictedPart, tx: Reading, who: Who, request: Request) -> Response:
    """Give a report as a Word document in the layout of Party papers, in Vietnamese; small figures are left out."""
    found = await asked.find(tx, code, asks, who, apart)
    told = domain.export.for_export(await report.answer(tx, found, request))
    heading = domain.paper.heading(found.unit.name, await _above(tx, found))
    # In a thread of its own: half a second of writing must not keep others waiting.
    written = await asyncio.to_thread(docx.write, told, layout.lay(told, "vi"), found.form, heading)
    return _file(written, WORD, f"{_name(found)}.docx")


@router.question(f"{PAGES}/{{code}}.xlsx", needs="reports.read", media=EXCEL)
async def excel(
    code: str, asks: Asks, apart: RestrictedPart, tx: Reading, who: Who, request: Request, lang: Lang = "vi"
) -> Response:
    """Give a report as an Excel workbook: lines, wards, findings and definitions; small figures are left out."""
    found = await asked.find(tx, code, asks, who, apart)
    told = domain.export.for_export(await report.answer(tx, found, request))
    written = await asyncio.to_thread(xlsx.write, told, layout.lay(told, lang), found.form, lang)
    return _file(written, EXCEL, f"{_name(found)}.xlsx")


@router.question(f"{PAGES}/{{code}}", needs="reports.read", media=PAGE)
async def review(
    code: str, asks: Perhaps, apart: RestrictedPart, tx: Reading, who: Who, request: Request, lang: Lang = "vi"
) -> Response:
    """Show a report as a page: for a declared period, a unit and two days, or the latest period of your units."""
    form = asked.form(code)
    periods = await store.declared.periods(Asking(tx, None), code, who.units)
    if asks is None and not periods:
        return await _index(tx, who, lang, [form])
    wanted = asks or Wanted(periods[0].code, None, None)
    found = await asked.find(tx, code, wanted, who, apart)
    told = await report.answer(tx, found, request)
    return html.page(
        "report.html",
        lang,
        headers=PRIVATE,
        report=told,
        laid=layout.lay(told, lang),
        form=form,
        name=form.name.model_dump()[lang],
        paper=domain.paper.named(form.document.symbol),
        synthetic=told["synthetic"],
        periods=periods,
        here=f"{PAGES}/{code}",
        link=html.linked(_query(wanted), lang),
    )


@router.question(f"{PAGES}/{{code}}/lines/{{line}}", needs="reports.read", media=PAGE)
async def made_of(
    code: str, line: str, asks: Asks, apart: RestrictedPart, tx: Reading, who: Who, request: Request, lang: Lang = "vi"
) -> Response:
    """Show what made a number: decision, day, ward, what was registered later, and what was taken back."""
    found = await asked.find(tx, code, asks, who, apart)
    answer = await report.explanation(tx, found, line)
    return html.page(
        "line.html",
        lang,
        headers=PRIVATE,
        **explanation.lay(answer, asked.indicators(), lang),
        synthetic=report.is_synthetic(request),
        here=f"{PAGES}/{code}/lines/{line}",
        back=f"{PAGES}/{code}",
        link=html.linked(_query(asks), lang),
    )


async def _index(tx: Transaction, who: Identity, lang: Language, forms: list[ReportForm]) -> Response:
    asking = Asking(tx, None)
    return html.page(
        "index.html",
        lang,
        headers=PRIVATE,
        forms=[(one, await store.declared.periods(asking, one.code, who.units)) for one in forms],
        unit=who.units[0].rpartition(".")[2] if who.units else "",
        here=PAGES,
        link=html.linked({}, lang),
    )


async def _above(tx: Transaction, found: Found) -> str | None:
    """Return the name of the unit that a report's unit lies in."""
    path, _, _ = found.unit.path.rpartition(".")
    above = await Asking(tx, found.as_of).unit(path.rpartition(".")[2]) if path else None
    return above.name if above else None


def _query(asks: Wanted) -> dict[str, str]:
    """Return what the links of a page keep of what was asked for."""
    known = {} if asks.as_of is None else {"as_of": str(asks.as_of)}
    if asks.place is None:
        return {"period": str(asks.period), **known}
    unit, days = asks.place
    return {"unit": unit, "from": days.begin.isoformat(), "to": days.end.isoformat(), **known}


def _name(found: Found) -> str:
    return f"{found.form.code}-{found.unit.id}-{found.period.end}"


def _file(content: bytes, media: str, name: str) -> Response:
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(content, headers=headers, media_type=media)
