"""Writes a report as a table that spreadsheets open rightly."""

import csv
import io
from typing import Any

from services.reporting.domain.export import HIDDEN

COLUMNS = (
    "code part_of name_vi name_en declared declaration computed numerator denominator difference target"
    " withheld confirmed of issues"
).split()
"""Columns of a report as a table."""


def csv_of(report: dict[str, Any]) -> bytes:
    """Write a table with a byte-order mark, and no cell that begins a formula; a cell left out says so."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for one in report["lines"]:
        said = one["declaration"]
        row = [
            one["code"],
            one["part_of"],
            one["name"]["vi"],
            one["name"]["en"],
            HIDDEN if one.get("declared_suppressed") else one["declared"],
            said and said["display"],
            HIDDEN if one.get("suppressed") else one["computed"],
            one["numerator"],
            one["denominator"],
            one["difference"],
            one["target"],
            one["withheld"],
            one["coverage"]["confirmed"],
            one["coverage"]["of"],
            " ".join(dict.fromkeys(issue["rule"] for issue in one["issues"])),
        ]
        table.writerow([_harmless(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t")) else cell
