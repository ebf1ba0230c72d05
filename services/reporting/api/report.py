"""Is asked for reports, and for what made their numbers."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import Depends, Header, Query, Response
from pydantic import BaseModel

from services.reporting import domain, store
from services.reporting.domain.indicator import Additivity, Indicator, Kind, ReportForm, Words
from services.reporting.domain.report import (
    Known,
    NotKnownYet,
    Period,
    PeriodUpsideDown,
    Place,
    ReportNotFound,
    UnitNotFound,
)
from services.reporting.store.figures import Asking
from shared.auth import Identity
from shared.database import Record, Transaction
from shared.events import UnitId
from shared.http import Reading, Router, Who

router = Router(tags=["reports"])

COLUMNS = "code name_vi name_en declared computed numerator denominator confirmed of issues".split()
"""Columns of a report as a table."""


class IndicatorView(BaseModel):
    """What an indicator means."""

    code: str
    name: Words
    definition: Words
    counted: Words
    kind: Kind
    additivity: Additivity
    registers: list[str]
    of: list[str]
    version: int
    select: str


@router.question("/v1/indicators", answers=list[IndicatorView])
async def indicators() -> list[IndicatorView]:
    """List the indicators with their definitions."""
    return [IndicatorView(**one.model_dump(include=set(IndicatorView.model_fields))) for one in _indicators().values()]


@router.question("/v1/reports", answers=list[ReportForm])
async def reports() -> list[ReportForm]:
    """List the reports and their lines."""
    return list(store.definitions.reports().values())


class Asked(BaseModel):
    """What a report is asked for."""

    unit: UnitId
    begin: date
    end: date
    as_of: int | None


def _asked(
    unit: Annotated[UnitId, Query(description="Id of the unit, e.g. Q004.")],
    begin: Annotated[date, Query(alias="from", description="First day, inclusive.")],
    end: Annotated[date, Query(alias="to", description="Last day, inclusive.")],
    as_of: Annotated[
        int | None, Query(ge=0, description="Answer as was known at this position of an earlier answer.")
    ] = None,
) -> Asked:
    if end < begin:
        raise PeriodUpsideDown(pointer="/to")
    return Asked(unit=unit, begin=begin, end=end, as_of=as_of)


Wanted = Annotated[Asked, Depends(_asked)]


@router.question("/v1/reports/{code}", needs="reports.read")
async def report(
    code: str,
    wanted: Wanted,
    tx: Reading,
    who: Who,
    accept: Annotated[str, Header()] = "application/json",
    format: Annotated[str | None, Query(pattern="^(json|csv)$")] = None,  # noqa: A002 (the word users expect)
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Give a report for a unit and a period, as JSON or as CSV.

    Numbers carry numerator and denominator, parts by ward, coverage, and what does not fit. `null` is not
    zero: without confirmed registers a zero is not known. `as_of.position` names the answer for ever.
    """
    form = _form(code)
    as_csv = format == "csv" or (format is None and accept.startswith("text/csv"))
    position = await store.journal.position(tx) if wanted.as_of is None else wanted.as_of
    etag = f'"{position}-{store.definitions.edition()}-{"csv" if as_csv else "json"}"'
    unit = await _unit(tx, wanted, who)
    if if_none_match == etag:
        return Response(status_code=304, headers={"ETag": etag})
    known = await _known(tx, wanted, unit, position, form.lines)
    told = _report(form, known)
    headers = {"ETag": etag, "Vary": "Accept, Authorization", "Cache-Control": "private, no-cache"}
    if as_csv:
        return Response(_csv(told["lines"]), headers=headers, media_type="text/csv; charset=utf-8")
    return Response(orjson.dumps(told), headers=headers, media_type="application/json")


@router.question("/v1/reports/{code}/lines/{line}/explain", needs="reports.read")
async def explain(code: str, line: str, wanted: Wanted, tx: Reading, who: Who) -> Response:
    """Give what made a number: every entry with its event, document and day, and what was taken back."""
    form = _form(code)
    if line not in form.lines:
        raise ReportNotFound(pointer="/line")
    unit = await _unit(tx, wanted, who)
    position = await store.journal.position(tx) if wanted.as_of is None else wanted.as_of
    known = await _known(tx, wanted, unit, position, (line,))
    indicator = _indicators()[line]
    asking = Asking(tx, wanted.as_of)
    made_of = [indicator] if indicator.kind is not Kind.RATIO else [_indicators()[one] for one in indicator.of]
    answer = {
        "report": code,
        "unit": _place(unit),
        "period": _period(known.period),
        "as_of": {"position": position},
        "line": domain.report.line(indicator, _indicators(), known),
        "entries": {
            one.code: [_entry(row) for row in await asking.explain(one, unit.path, known.period)] for one in made_of
        },
        "retracted": [
            dict(row, document=orjson.loads(row["document"] or "null"))
            for row in await asking.retracted([kind for one in made_of for kind in one.events], unit.path, known.period)
        ],
    }
    return Response(orjson.dumps(answer, default=str), media_type="application/json")


def _indicators() -> dict[str, Indicator]:
    return store.definitions.indicators()


def _form(code: str) -> ReportForm:
    form = store.definitions.reports().get(code)
    if form is None:
        raise ReportNotFound(pointer="/code", reports=sorted(store.definitions.reports()))
    return form


async def _unit(tx: Transaction, wanted: Asked, who: Identity) -> Place:
    if wanted.as_of is not None and wanted.as_of > await store.journal.position(tx):
        raise NotKnownYet(pointer="/as_of", position=await store.journal.position(tx))
    unit = await Asking(tx, wanted.as_of).unit(wanted.unit)
    if unit is None:
        raise UnitNotFound(pointer="/unit")
    who.must_cover(unit.path)
    return unit


async def _known(tx: Transaction, wanted: Asked, unit: Place, position: int, lines: Sequence[str]) -> Known:
    asking = Asking(tx, wanted.as_of)
    period = Period(wanted.begin, wanted.end)
    needed = [_indicators()[one] for code in lines for one in (_indicators()[code].of or (code,))]
    return Known(
        unit=unit,
        wards=await asking.wards(unit.path, period.end),
        period=period,
        position=position,
        figures={one.code: await asking.figure(one, unit.path, period) for one in needed},
        registers=await asking.registers(unit.path),
        standing=await asking.standing(),
    )


def _report(form: ReportForm, known: Known) -> dict[str, Any]:
    lines = [domain.report.line(_indicators()[code], _indicators(), known) for code in form.lines]
    return {
        "report": form.code,
        "name": form.name.model_dump(),
        "unit": _place(known.unit),
        "period": _period(known.period),
        "as_of": {"position": known.position, "definitions": store.definitions.edition()},
        "lines": lines,
        "issues": [one.described() for one in known.standing if set(one.lines) & set(form.lines)],
    }


def _place(unit: Place) -> dict[str, str]:
    return {"id": unit.id, "path": unit.path, "name": unit.name}


def _period(period: Period) -> dict[str, Any]:
    return {"from": period.begin, "to": period.end, "days": period.days}


def _entry(row: Record) -> dict[str, Any]:
    return {
        **dict(row.items()),
        "unit": row["unit"].rpartition(".")[2],
        "document": orjson.loads(row["document"] or "null"),
        "registered_later": row["takeover"] is not None,
    }


def _csv(lines: Sequence[Mapping[str, Any]]) -> bytes:
    """Write a table that a spreadsheet opens rightly: with a byte-order mark, and no cell that begins a formula."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for one in lines:
        row = [
            one["code"],
            one["name"]["vi"],
            one["name"]["en"],
            one["declared"],
            one["computed"],
            one["numerator"],
            one["denominator"],
            one["coverage"]["confirmed"],
            one["coverage"]["of"],
            " ".join(issue["rule"] for issue in one["issues"]),
        ]
        table.writerow(
            [
                f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t")) else cell
                for cell in row
            ]
        )
    return out.getvalue().encode("utf-8-sig")
