"""Writes the review as an Excel workbook: figures as numbers, and no text that could be taken for a formula."""

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from services.reporting.api import words
from services.reporting.api.layout import Cell, Laid, Mark
from services.reporting.api.words import Language
from services.reporting.domain.indicator import ReportForm

CLOSED = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
"""Texts stay texts, whatever they begin with."""
ILLUSTRATION = ("DỮ LIỆU MINH HOẠ – không dùng để ký hoặc trích dẫn", "ILLUSTRATIVE DATA – not to be signed or quoted")
COLUMNS = (
    (("Mã", "Code"), 10),
    (("Chỉ tiêu", "Line"), 52),
    (("Đếm gì", "Counted"), 18),
    (("Khai báo", "Declared"), 12),
    (("Khai báo (chữ)", "Declared, as said"), 18),
    (("Tính toán", "Computed"), 12),
    (("Tính toán (chữ)", "Computed, as said"), 20),
    (("Tử số", "Numerator"), 10),
    (("Mẫu số", "Denominator"), 10),
    (("Chênh lệch", "Difference"), 11),
    (("Phường xác nhận sổ", "Wards confirmed"), 14),
    (("Ghi chú", "Notes"), 44),
    (("Vấn đề", "Findings"), 22),
)


class _Book:
    """A workbook in one language, and its few formats."""

    def __init__(self, out: io.BytesIO, language: Language) -> None:
        self.book = Workbook(out, CLOSED)
        self.language = language
        self.title = self._format(bold=True, font_size=14)
        self.head = self._format(
            bold=True, text_wrap=True, valign="vcenter", align="center", bottom=2, bg_color="#F5F2EC"
        )
        self.text = self._format(text_wrap=True, valign="top")
        self.strong = self._format(bold=True, text_wrap=True, valign="top")
        self.said = self._format(italic=True, valign="top", align="right")
        self.mark = self._format(bold=True, font_color="#8C1C13")
        self.whole = self._format(num_format="#,##0", valign="top")
        self.broken = self._format(num_format="#,##0.00", valign="top")

    def _format(self, **how: object) -> Format:
        return self.book.add_format({"font_name": "Times New Roman", "font_size": 11, **how})

    def indented(self, depth: int) -> Format:
        """Return how the name of a line is written, by how deep it lies."""
        return self._format(text_wrap=True, valign="top", indent=depth, bold=depth == 0)

    def say(self, said: words.Said) -> str:
        """Return the words of this workbook's language."""
        return words.either(said, self.language)

    def sheet(
        self, name: words.Said, heads: Sequence[tuple[str, float]], above: Sequence[tuple[str, Format]]
    ) -> tuple[Worksheet, int]:
        """Begin a sheet whose head stays in sight; return it and the first free row."""
        sheet = self.book.add_worksheet(self.say(name))
        for row, (line, how) in enumerate(above):
            sheet.write_string(row, 0, line, how)
        row = len(above)
        for column, (head, width) in enumerate(heads):
            sheet.write_string(row, column, head, self.head)
            sheet.set_column(column, column, width)
        sheet.freeze_panes(row + 1, 2)
        sheet.repeat_rows(row)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet, row + 1

    def number(self, sheet: Worksheet, row: int, column: int, value: float | None) -> None:
        """Write a number, where there is one."""
        if value is not None:
            sheet.write_number(row, column, value, self.broken if isinstance(value, float) else self.whole)

    def cell(self, sheet: Worksheet, row: int, column: int, cell: Cell) -> None:
        """Write a cell: its number, or what is said in place of one."""
        if cell.value is not None and cell.mark not in (Mark.WITHHELD, Mark.SUPPRESSED):
            self.number(sheet, row, column, cell.value)
        elif cell.text:
            sheet.write_string(row, column, cell.text, self.said)


def write(report: Mapping[str, Any], laid: Laid, form: ReportForm, language: Language) -> bytes:
    """Write the report; the same report gives the same bytes."""
    out = io.BytesIO()
    book = _Book(out, language)
    above = _above(book, report, form)
    _lines(book, laid, above)
    _by_ward(book, laid, above)
    _findings(book, laid, above)
    _definitions(book, report, laid, above)
    told = {"title": words.either(form.name.model_dump(), language), "author": "chungcu"}
    book.book.set_properties({**told, "created": datetime(1980, 1, 1, tzinfo=UTC)})
    book.book.close()
    return out.getvalue()


def _above(book: _Book, report: Mapping[str, Any], form: ReportForm) -> list[tuple[str, Format]]:
    """Return the lines above every table: what it is of, and whether it is made up."""
    period, language = report["period"], book.language
    days = f"{words.day(period['from'], language)} – {words.day(period['to'], language)}"
    counted = book.say((f"{period['days']} ngày, tính cả hai đầu", f"{period['days']} days, both ends counted"))
    position = words.number(report["as_of"]["position"], language)
    known = book.say((f"như đã biết ở vị trí {position}", f"as known at position {position}"))
    above = [
        (words.either(form.name.model_dump(), language), book.title),
        (
            f"{report['unit']['name']} · {days} ({counted}) · {known}",
            book.book.add_format({"font_name": "Times New Roman"}),
        ),
    ]
    return [*above, *([(book.say(ILLUSTRATION), book.mark)] if report["synthetic"] else [])]


def _lines(book: _Book, laid: Laid, above: Sequence[tuple[str, Format]]) -> None:
    sheet, first = book.sheet(("Báo cáo", "Review"), [(book.say(head), width) for head, width in COLUMNS], above)
    indents = [book.indented(depth) for depth in range(max((one.depth for one in laid.rows), default=0) + 1)]
    for row, one in enumerate(laid.rows, first):
        sheet.write_string(row, 0, one.code, book.text)
        sheet.write_string(row, 1, one.name, indents[one.depth])
        sheet.write_string(row, 2, one.counted, book.text)
        book.number(sheet, row, 3, one.declared.value)
        sheet.write_string(row, 4, one.declared.text, book.said)
        book.number(sheet, row, 5, one.computed.value)
        sheet.write_string(row, 6, one.computed.text, book.said)
        book.number(sheet, row, 7, one.above.value)
        book.number(sheet, row, 8, one.below.value)
        book.number(sheet, row, 9, one.difference.value)
        sheet.write_string(row, 10, one.coverage, book.said)
        sheet.write_string(row, 11, "; ".join(one.notes), book.text)
        sheet.write_string(row, 12, ", ".join(dict.fromkeys(issue.rule for issue in one.issues)), book.text)


def _by_ward(book: _Book, laid: Laid, above: Sequence[tuple[str, Format]]) -> None:
    """Write all wards side by side; a sheet is as wide as it needs to be."""
    wards = [ward for table in laid.by_ward for ward in table.wards]
    heads = [("Mã", 10.0), (book.say(("Chỉ tiêu", "Line")), 48.0), *((ward, 11.0) for ward in wards)]
    sheet, first = book.sheet(("Theo phường", "By ward"), [*heads, (book.say(("Cộng", "Total")), 10.0)], above)
    for row, same in enumerate(zip(*(table.rows for table in laid.by_ward), strict=True), first):
        cells = [cell for part in same for cell in part.cells]
        sheet.write_string(row, 0, same[0].code, book.text)
        sheet.write_string(row, 1, same[0].name, book.text)
        for column, cell in enumerate([*cells, same[0].total], 2):
            book.cell(sheet, row, column, cell)


def _findings(book: _Book, laid: Laid, above: Sequence[tuple[str, Format]]) -> None:
    heads = [
        (book.say(("Quy tắc", "Rule")), 10.0),
        (book.say(("Nội dung", "Message")), 70.0),
        (book.say(("Mức", "Severity")), 14.0),
        (book.say(("Chỉ tiêu", "Lines")), 24.0),
        (book.say(("Số được so", "Figures compared")), 28.0),
        (book.say(("Các cách hiểu", "Readings")), 70.0),
        (book.say(("Đã ghi nhận", "Acknowledged")), 40.0),
    ]
    sheet, first = book.sheet(("Vấn đề", "Findings"), heads, above)
    for row, one in enumerate([*laid.unfit, *laid.remarks], first):
        said = (
            one.rule,
            one.message,
            words.code(words.SEVERITIES, one.severity, book.language),
            ", ".join(one.lines),
            "; ".join(f"{line}: {value}" for line, value in one.figures),
            "\n".join(one.readings),
            one.acknowledged or "",
        )
        for column, text in enumerate(said):
            sheet.write_string(row, column, text, book.text)


def _definitions(book: _Book, report: Mapping[str, Any], laid: Laid, above: Sequence[tuple[str, Format]]) -> None:
    heads = [
        (book.say(("Mã", "Code")), 10.0),
        (book.say(("Chỉ tiêu", "Line")), 48.0),
        (book.say(("Định nghĩa", "Definition")), 90.0),
        (book.say(("Loại", "Kind")), 20.0),
        (book.say(("Bản", "Version")), 8.0),
    ]
    edition = book.say(("Bản định nghĩa ", "Definitions ")) + report["as_of"]["definitions"]
    sheet, first = book.sheet(("Định nghĩa", "Definitions"), heads, [*above, (edition, book.strong)])
    for row, one in enumerate(laid.rows, first):
        for column, text in enumerate((one.code, one.name, one.definition, one.kind)):
            sheet.write_string(row, column, text, book.text)
        book.number(sheet, row, 4, one.version)
