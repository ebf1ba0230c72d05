"""Is asked for reports, and for what made their numbers."""

from typing import Annotated, Any

import orjson
from fastapi import Header, Query, Request, Response
from pydantic import BaseModel

from services.reporting import domain, store
from services.reporting.api import asked
from services.reporting.api.asked import Asks, Found, RestrictedPart
from services.reporting.api.table import csv_of
from services.reporting.domain.indicator import Additivity, Indicator, Kind, ReportForm, Words
from services.reporting.domain.report import ReportNotFound, RestrictedLine
from services.reporting.store.figures import Asking
from shared.database import Record, Transaction
from shared.http import Reading, Router, Who
from shared.settings import Environment

router = Router(tags=["reports"])


class IndicatorView(BaseModel):
    """What an indicator means."""

    code: str
    name: Words
    definition: Words
    counted: Words
    kind: Kind
    additivity: Additivity
    part_of: str | None
    restricted: bool
    within: str | None
    registers: list[str]
    of: list[str]
    version: int
    select: str


@router.question("/v1/indicators", answers=list[IndicatorView])
async def indicators() -> list[IndicatorView]:
    """List the indicators with their definitions."""
    return [IndicatorView(**one.model_dump(include=set(IndicatorView.model_fields))) for one in _every()]


@router.question("/v1/reports", answers=list[ReportForm])
async def reports() -> list[ReportForm]:
    """List the reports and their lines."""
    return list(store.definitions.reports().values())


@router.question("/v1/reports/{code}", needs="reports.read")
async def report(
    code: str,
    asks: Asks,
    apart: RestrictedPart,
    tx: Reading,
    who: Who,
    request: Request,
    accept: Annotated[str, Header()] = "application/json",
    format: Annotated[str | None, Query(pattern="^(json|csv)$")] = None,  # noqa: A002 (the word users expect)
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Give a report for a declared period, or for a unit and two days, as JSON or as CSV.

    Numbers carry numerator and denominator, parts by ward, coverage, and what does not fit; what was declared stands
    beside what is computed. `null` is not zero: without confirmed registers a zero is not known.
    `as_of.position` names the answer for ever.
    """
    found = await asked.find(tx, code, asks, who, apart)
    as_csv = format == "csv" or (format is None and accept.startswith("text/csv"))
    etag = f'"{found.etag}-{"csv" if as_csv else "json"}"'
    if if_none_match == etag:
        return Response(status_code=304, headers={"ETag": etag})
    told = await answer(tx, found, request)
    headers = {"ETag": etag, "Vary": "Accept, Authorization", "Cache-Control": "private, no-cache"}
    if as_csv:
        return Response(csv_of(domain.export.for_export(told)), headers=headers, media_type="text/csv; charset=utf-8")
    return Response(orjson.dumps(told), headers=headers, media_type="application/json")


@router.question("/v1/reports/{code}/lines/{line}/explain", needs="reports.read")
async def explain(code: str, line: str, asks: Asks, apart: RestrictedPart, tx: Reading, who: Who) -> Response:
    """Give what made a number: every entry with its event, document and day, and what was taken back."""
    found = await asked.find(tx, code, asks, who, apart)
    return Response(orjson.dumps(await explanation(tx, found, line), default=str), media_type="application/json")


async def answer(tx: Transaction, found: Found, request: Request) -> dict[str, Any]:
    """Return a report as it is shown, whatever it is written on."""
    known = await asked.known(tx, found, found.form.lines)
    return domain.report.report(
        found.form,
        asked.indicators(),
        known,
        definitions=store.definitions.edition(),
        synthetic=is_synthetic(request),
    )


def is_synthetic(request: Request) -> bool:
    """Tell whether people and papers here are made up: they are in development."""
    return bool(request.app.state.settings.env is Environment.DEVELOPMENT)


async def explanation(tx: Transaction, found: Found, line: str) -> dict[str, Any]:
    """Return what made a number of a report."""
    if line not in found.form.lines:
        raise ReportNotFound(pointer="/line")
    indicator = asked.indicators()[line]
    if indicator.restricted and found.withheld:
        raise RestrictedLine(pointer="/line", withheld=found.withheld)
    known = await asked.known(tx, found, (line,))
    asking, path, days = Asking(tx, found.as_of), found.unit.path, found.period
    (told,), _ = domain.report.with_issues(found.form, (line,), asked.indicators(), known)
    made_of = [asked.indicators()[one] for one in indicator.of or (line,)]
    return {
        "report": found.form.code,
        "unit": domain.report.place(found.unit),
        "period": domain.report.period(days, found.declared),
        "as_of": {"position": found.position},
        "line": told,
        "entries": {} if indicator.restricted else {one.code: await _entries(asking, one, found) for one in made_of},
        "participations": await _participations(indicator, found) if indicator.restricted else [],
        "retracted": [
            dict(row, document=orjson.loads(row["document"] or "null"))
            for row in await asking.retracted([kind for one in made_of for kind in one.events], path, days)
        ],
    }


async def _entries(asking: Asking, indicator: Indicator, found: Found) -> list[dict[str, object]]:
    return [_entry(row) for row in await asking.explain(indicator, found.unit.path, found.period)]


async def _participations(indicator: Indicator, found: Found) -> list[dict[str, object]]:
    async with found.apart.database.transaction(snapshot=True) as apart:
        rows = await store.restricted.explain(apart, indicator, found.unit.path, found.period)
    return [dict(row.items()) for row in rows]


def _every() -> list[Indicator]:
    return list(store.definitions.indicators().values())


def _entry(row: Record) -> dict[str, object]:
    return {
        **dict(row.items()),
        "unit": row["unit"].rpartition(".")[2],
        "document": orjson.loads(row["document"] or "null"),
        "registered_later": row["takeover"] is not None,
    }
