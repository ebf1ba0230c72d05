"""Writes the review as a Word document in the layout of Party papers (Guidance 36-HD/VPTW of 2018)."""

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.document import Document as Paper
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Row
from docx.text.paragraph import Paragraph

from services.reporting.api import archive, words
from services.reporting.api.finding import Finding
from services.reporting.api.layout import Laid, Mark, WardTable
from services.reporting.domain.indicator import ReportForm
from services.reporting.domain.paper import Heading, named

FONT = "Times New Roman"
ILLUSTRATION = "DỮ LIỆU MINH HOẠ – không dùng để ký hoặc trích dẫn"
COLUMNS = (("Mã", 16), ("Chỉ tiêu", 58), ("Khai báo", 22), ("Tính toán", 25), ("Chênh lệch", 17), ("Ghi chú", 22))
"""Columns of the main table, and how wide they are in millimetres: 160 between the margins."""
SMALL = 10
UNBROKEN = "\N{NON-BREAKING HYPHEN}"
CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT


def write(report: Mapping[str, Any], laid: Laid, form: ReportForm, heading: Heading) -> bytes:
    """Write the report; the same report gives the same bytes."""
    paper = Document()
    _style(paper)
    _page(paper.sections[0], upright=True)
    _number_pages(paper.sections[0], synthetic=report["synthetic"])
    _head(paper, heading)
    _title(paper, report, form)
    _introduction(paper, report, form)
    _heading(paper, "I. Kết quả theo chỉ tiêu")
    _lines(paper, laid)
    _findings(paper, "II. Số liệu chưa khớp", laid.unfit, "Không có.")
    _findings(paper, "III. Điều cần lưu ý", laid.remarks, "Không có.")
    _unconfirmed(paper, laid)
    _sign(paper, heading)
    _by_ward(paper, laid)
    out = io.BytesIO()
    _date(paper, report, form)
    paper.save(out)
    return archive.settled(out.getvalue())


def _style(paper: Paper) -> None:
    normal = paper.styles["Normal"]
    assert isinstance(normal, ParagraphStyle)
    normal.font.name, normal.font.size = FONT, Pt(14)
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(script), FONT)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN")
    normal.element.get_or_add_rPr().append(language)
    normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.line_spacing = 1.1


def _page(section: Section, *, upright: bool) -> None:
    """A4; margins of 20, 20, 30 and 20 mm."""
    long, short = Mm(297), Mm(210)
    section.orientation = WD_ORIENT.PORTRAIT if upright else WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = (short, long) if upright else (long, short)
    section.top_margin = section.bottom_margin = section.right_margin = Mm(20)
    section.left_margin = Mm(30 if upright else 20)
    section.header_distance = Mm(10)


def _number_pages(section: Section, *, synthetic: bool) -> None:
    """Number pages at the top, but not the first one; the mark of illustrative data stands on all."""
    section.different_first_page_header_footer = True
    numbered = section.header.paragraphs[0]
    numbered.alignment = CENTRE
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        run = numbered.add_run()
        if kind:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        else:
            part = OxmlElement("w:instrText")
            part.text = text
        run._r.append(part)  # noqa: SLF001 (python-docx has no fields of its own)
    if synthetic:
        for header in (section.header, section.first_page_header):
            marked = header.paragraphs[0] if header is section.first_page_header else header.add_paragraph()
            _say(marked, ILLUSTRATION, size=10, italic=True, align=RIGHT)


def _head(paper: Paper, heading: Heading) -> None:
    table = _table(paper, 1, (75, 85))
    left, right = table.rows[0].cells
    _say(left.paragraphs[0], heading.superior.upper(), size=13, align=CENTRE)
    _say(left.add_paragraph(), heading.issuing.upper(), size=13, bold=True, align=CENTRE)
    _say(left.add_paragraph(), "*", align=CENTRE)
    _say(left.add_paragraph(), heading.number, align=CENTRE)
    _say(right.paragraphs[0], "ĐẢNG CỘNG SẢN VIỆT NAM", bold=True, underline=True, align=CENTRE)
    _say(right.add_paragraph(), f"{heading.place}, ngày      tháng      năm          ", italic=True, align=CENTRE)


def _title(paper: Paper, report: Mapping[str, Any], form: ReportForm) -> None:
    _say(paper.add_paragraph(), "BÁO CÁO", size=16, bold=True, align=CENTRE, before=24)
    _say(paper.add_paragraph(), form.name.vi, bold=True, align=CENTRE)
    period = report["period"]
    days = f"{words.day(period['from'], 'vi')} – {words.day(period['to'], 'vi')}"
    _say(paper.add_paragraph(), f"{report['unit']['name']}, kỳ {days}", italic=True, align=CENTRE)
    if report["synthetic"]:
        _say(paper.add_paragraph(), ILLUSTRATION, bold=True, align=CENTRE, before=6)
    _say(paper.add_paragraph(), "-----", align=CENTRE)


def _introduction(paper: Paper, report: Mapping[str, Any], form: ReportForm) -> None:
    asked, period = form.document, report["period"]
    first, last = words.day(period["from"], "vi"), words.day(period["to"], "vi")
    text = (
        f"Thực hiện {named(asked.symbol)}, ngày {words.day(asked.date, 'vi')} của {asked.issuer}; số liệu tính "
        f"từ ngày {first} đến hết ngày {last} ({period['days']} ngày, "
        f"tính cả ngày đầu và ngày cuối; cách nhau {period['days_apart']} ngày), như đã biết ở vị trí "
        f"{words.number(report['as_of']['position'], 'vi')}, bản định nghĩa {report['as_of']['definitions']}. Số khai "
        "báo là số nêu trong văn bản, số tính toán cộng từ các việc đã ghi sổ; không số nào thay số nào."
    )
    said = _say(paper.add_paragraph(), text, before=6)
    said.alignment, said.paragraph_format.first_line_indent = WD_ALIGN_PARAGRAPH.JUSTIFY, Mm(12.7)


def _heading(paper: Paper, text: str) -> None:
    _say(paper.add_paragraph(), text, bold=True, before=12, after=4).paragraph_format.keep_with_next = True


def _lines(paper: Paper, laid: Laid) -> None:
    table = _table(paper, 1 + len(laid.rows), [width for _, width in COLUMNS], grid=True)
    for cell, (head, _) in zip(table.rows[0].cells, COLUMNS, strict=True):
        _say(cell.paragraphs[0], head, size=11, bold=True, align=CENTRE)
    _repeat(table)
    for row, written in zip(laid.rows, table.rows[1:], strict=True):
        code, name, declared, computed, difference, notes = written.cells
        _whole(written)
        _say(code.paragraphs[0], row.code, size=11)
        named = _say(name.paragraphs[0], row.name, size=11, bold=row.depth == 0)
        _say(named, f" ({row.counted})", size=10, italic=True).paragraph_format.left_indent = Mm(4 * row.depth)
        _say(declared.paragraphs[0], row.declared.text, size=11, align=RIGHT)
        italic = row.computed.mark in (Mark.WITHHELD, Mark.UNKNOWN, Mark.SUPPRESSED)
        _say(computed.paragraphs[0], row.computed.text, size=11, italic=italic, align=RIGHT)
        _say(
            difference.paragraphs[0], row.difference.text, size=11, bold=row.difference.mark is Mark.OTHER, align=RIGHT
        )
        said = [*row.notes, *([f"Xác nhận sổ {row.coverage}"] if not row.covered else [])]
        rules = ", ".join(dict.fromkeys(one.rule.replace("-", UNBROKEN) for one in row.issues))
        _say(notes.paragraphs[0], "; ".join([*said, *([rules] if rules else [])]), size=9)


def _findings(paper: Paper, title: str, findings: Sequence[Finding], otherwise: str) -> None:
    _heading(paper, title)
    if not findings:
        _say(paper.add_paragraph(), otherwise)
    for one in findings:
        said = paper.add_paragraph()
        _say(said, f"{one.rule}. ", size=13, bold=True, before=4)
        _say(said, one.message, size=13)
        if one.lines:
            _say(said, f" ({', '.join(one.lines)})", size=12, italic=True)
        for reading in one.readings:
            _say(paper.add_paragraph(), f"– {reading}", size=12).paragraph_format.left_indent = Mm(10)
        if one.acknowledged:
            _say(paper.add_paragraph(), f"Đã ghi nhận {one.acknowledged}", size=12, italic=True)


def _unconfirmed(paper: Paper, laid: Laid) -> None:
    if laid.unconfirmed:
        _heading(paper, "IV. Phường chưa xác nhận sổ đến hết kỳ")
        for ward, registers in laid.unconfirmed:
            _say(paper.add_paragraph(), f"– {ward}: {registers}.", size=13)


def _sign(paper: Paper, heading: Heading) -> None:
    table = _table(paper, 1, (80, 80))
    left, right = table.rows[0].cells
    _whole(table.rows[0])
    _say(left.paragraphs[0], "Nơi nhận:", size=12, underline=True, before=18)
    for one in heading.to:
        _say(left.add_paragraph(), f"- {one}{'.' if one == heading.to[-1] else ','}", size=12)
    _say(right.paragraphs[0], heading.signed.upper(), bold=True, align=CENTRE, before=18)
    _say(right.add_paragraph(), "BÍ THƯ", align=CENTRE)
    for _ in range(4):
        right.add_paragraph()


def _by_ward(paper: Paper, laid: Laid) -> None:
    shown = [table for table in laid.by_ward if table.rows]
    if not shown:
        return
    section = paper.add_section(WD_SECTION.NEW_PAGE)
    _page(section, upright=False)
    section.different_first_page_header_footer = False
    for nth, table in enumerate(shown, 1):
        _say(paper.add_paragraph(), "PHỤ LỤC", bold=True, align=CENTRE, before=12 if nth > 1 else 0)
        title = "Số tính toán theo phường" + (f" ({nth}/{len(shown)})" if len(shown) > 1 else "")
        _say(paper.add_paragraph(), title, size=13, bold=True, align=CENTRE, after=4)
        _ward_table(paper, table)
    note = "Chỉ cộng những chỉ tiêu cộng được. Dấu — là chưa xác định; “ẩn” là ít hơn 5 người hoặc ô có thể tính ngược."
    _say(paper.add_paragraph(), note, size=10, italic=True, before=4)


def _ward_table(paper: Paper, shown: WardTable) -> None:
    figures = len(shown.wards) + shown.totals
    width = min(16.0, 190 / figures)
    table = _table(paper, 1 + len(shown.rows), [257 - width * figures, *([width] * figures)], grid=True)
    _tighten(table)
    heads = ["Chỉ tiêu", *shown.wards, *(["Cộng"] if shown.totals else [])]
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        _say(cell.paragraphs[0], head, size=8, bold=True, align=CENTRE)
    _repeat(table)
    for row, written in zip(shown.rows, table.rows[1:], strict=True):
        name, *cells = written.cells
        _whole(written)
        _say(name.paragraphs[0], f"{row.code} {row.name}", size=9).paragraph_format.left_indent = Mm(3 * row.depth)
        figures_ = [cell.text for cell in row.cells] + ([row.total.text] if shown.totals else [])
        for cell, text in zip(cells, figures_, strict=True):
            _say(cell.paragraphs[0], text, size=9, align=RIGHT)


def _table(paper: Paper, rows: int, widths: Sequence[float], *, grid: bool = False) -> Table:
    table: Table = paper.add_table(rows, len(widths))
    table.style = "Table Grid" if grid else "Normal Table"
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    return table


def _tighten(table: Table) -> None:
    """Leave less beside the text of narrow columns: half a millimetre."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("w:left", "w:right"):
        margin = OxmlElement(side)
        margin.set(qn("w:w"), "28")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook")  # noqa: SLF001 (python-docx cannot say it)


def _repeat(table: Table) -> None:
    """Repeat the head on every page."""
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 (python-docx cannot say it)


def _whole(row: _Row) -> None:
    """Keep a row from being broken between pages."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001 (the same)


def _say(
    paragraph: Paragraph,
    text: str,
    *,
    size: float = 14,
    bold: bool = False,
    italic: bool = False,
    underline: bool = False,
    align: WD_ALIGN_PARAGRAPH | None = None,
    before: float | None = None,
    after: float | None = None,
) -> Paragraph:
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic, run.underline = Pt(size), bold or None, italic or None, underline or None
    if size < SMALL:
        paragraph.paragraph_format.line_spacing = Pt(size * 1.2)  # else an empty cell is as high as a line of the text
    if align is not None:
        paragraph.alignment = align
    if before is not None:
        paragraph.paragraph_format.space_before = Pt(before)
    if after is not None:
        paragraph.paragraph_format.space_after = Pt(after)
    return paragraph


def _date(paper: Paper, report: Mapping[str, Any], form: ReportForm) -> None:
    """Say what the document is, and nothing of the moment or the machine that wrote it."""
    told = paper.core_properties
    told.title, told.author, told.last_modified_by, told.comments = form.name.vi, "chungcu", "chungcu", ""
    told.subject = f"{report['unit']['name']}, vị trí {report['as_of']['position']}"
    told.language, told.revision = "vi-VN", 1
    told.created = told.modified = datetime(1980, 1, 1, tzinfo=UTC)
