"""Word and Excel carry the very numbers of the report, in the layout of Party papers, and nothing a sheet would run."""

import io
import zipfile
from datetime import date
from typing import Any

import openpyxl
import pytest
from docx import Document
from docx.document import Document as Paper
from docx.shared import Mm, Pt
from docx.table import Table

from ops.services import SERVICES
from services.reporting.api import docx, layout, xlsx
from services.reporting.domain import export, paper
from shared.consumers import Delivery
from shared.events import FigureDeclared, PeriodDeclared, Told
from tests.conftest import Serve, Served
from tests.examples import CITY, DISTRICT, OTHER_WARD, WARD, group_formed, made, of, told, unit_established
from tests.reports import FORM, NASTY, line, parts, report

PERIOD = "minh-hoa-2026"
FACTS: tuple[Told[Any], ...] = (
    *(told(unit_established(path)) for path in (CITY, DISTRICT, WARD, OTHER_WARD)),
    *(told(group_formed(made(f"group {nth}"), number=str(nth))) for nth in range(7)),
    told(
        PeriodDeclared(
            subject=PERIOD,
            unit=DISTRICT,
            on=date(2026, 3, 5),
            report="thong-tri-05",
            period_from=date(2025, 9, 30),
            period_to=date(2026, 3, 4),
            name="Kỳ minh họa",
        )
    ),
    told(
        FigureDeclared(
            **of("figure", DISTRICT),
            period=PERIOD,
            line="LB-01",
            value=5,
            denominator=None,
            claim=None,
            baseline=None,
            note='=HYPERLINK("http://evil.example")',
        )
    ),
)


@pytest.fixture
async def reporting(serve: Serve) -> Served:
    served = await serve("reporting")
    deliveries = [Delivery(one.body, one.type.partition(".")[0]) for one in FACTS]
    await SERVICES["reporting"].consumers.settle(served.database, deliveries)
    return served


async def asked(served: Served, path: str, **more: str) -> Any:
    answer = await served.client.get(path, params={"period": PERIOD, **more})
    assert answer.status_code == 200, answer.text
    return answer


def word(content: bytes) -> Paper:
    return Document(io.BytesIO(content))


def table(found: Table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in found.rows]


def sheets(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def under(rows: list[tuple[Any, ...]], head: str) -> list[dict[str, Any]]:
    """Return the rows under a table's head, whose first word is given."""
    first = next(nth for nth, row in enumerate(rows) if row[0] == head)
    return [dict(zip(rows[first], row, strict=True)) for row in rows[first + 1 :]]


async def test_both_carry_the_numbers_of_the_report(reporting: Served) -> None:
    told_ = export.for_export((await asked(reporting, "/v1/reports/thong-tri-05")).json())
    laid = layout.lay(told_, "vi")

    written = word((await asked(reporting, "/reports/thong-tri-05.docx")).content)
    book = sheets((await asked(reporting, "/reports/thong-tri-05.xlsx")).content)

    lines = table(written.tables[1])[1:]
    assert [(one[0], one[2], one[3], one[4]) for one in lines] == [
        (row.code, row.declared.text, row.computed.text, row.difference.text) for row in laid.rows
    ]
    rows = {row["Mã"]: row for row in under(book["Báo cáo"], "Mã")}
    assert list(rows) == [one["code"] for one in told_["lines"]]
    for one in told_["lines"]:
        cells = rows[one["code"]]
        numbers = (one["declared"], one["computed"], one["numerator"], one["denominator"], one["difference"])
        assert (cells["Khai báo"], cells["Tính toán"], cells["Tử số"], cells["Mẫu số"], cells["Chênh lệch"]) == numbers
    assert (rows["LB-01"]["Khai báo"], rows["LB-01"]["Tính toán"], rows["LB-01"]["Chênh lệch"]) == (5, 7, 2)


async def test_both_carry_the_wards(reporting: Served) -> None:
    told_ = (await asked(reporting, "/v1/reports/thong-tri-05")).json()
    (groups,) = (one for one in told_["lines"] if one["code"] == "LB-01")
    expected = [part["computed"] for part in groups["parts"]]

    book = sheets((await asked(reporting, "/reports/thong-tri-05.xlsx")).content)
    written = word((await asked(reporting, "/reports/thong-tri-05.docx")).content)

    row = next(one for one in under(book["Theo phường"], "Mã") if one["Mã"] == "LB-01")
    assert [value if value != "—" else None for value in list(row.values())[2:-1]] == expected
    appendix = next(one for one in table(written.tables[-1]) if one[0].startswith("LB-01 "))
    assert [int(one) if one != "—" else None for one in appendix[1:-1]] == expected


async def test_the_same_report_gives_the_same_bytes(reporting: Served) -> None:
    for kind in ("docx", "xlsx"):
        first = await asked(reporting, f"/reports/thong-tri-05.{kind}")
        again = await asked(reporting, f"/reports/thong-tri-05.{kind}")

        assert first.content == again.content
        assert f'filename="thong-tri-05-Q004-2026-03-04.{kind}"' in first.headers["content-disposition"]


async def test_out_of_scope_there_is_no_document(reporting: Served) -> None:
    for kind in ("docx", "xlsx"):
        answer = await reporting.client.get(
            f"/reports/thong-tri-05.{kind}", params={"period": PERIOD}, headers=reporting.by("HN.Q009")
        )
        assert (answer.status_code, answer.json()["type"]) == (403, "outside-your-units")


# From a report with every kind of line.


def as_word(**changed: Any) -> Paper:
    told_ = export.for_export(report(**changed))
    return word(docx.write(told_, layout.lay(told_, "vi"), FORM, paper.heading("Quận Long Biên", "Thành phố Hà Nội")))


def as_excel(**changed: Any) -> dict[str, list[tuple[Any, ...]]]:
    told_ = export.for_export(report(**changed))
    return sheets(xlsx.write(told_, layout.lay(told_, "vi"), FORM, "vi"))


def test_the_paper_is_laid_out_as_the_party_does() -> None:
    written = as_word()

    head = table(written.tables[0])[0]
    assert head[0].splitlines() == ["ĐẢNG BỘ THÀNH PHỐ HÀ NỘI", "QUẬN ỦY LONG BIÊN", "*", "Số      -BC/QU"]
    assert head[1].splitlines()[0] == "ĐẢNG CỘNG SẢN VIỆT NAM"
    motto = written.tables[0].rows[0].cells[1].paragraphs[0].runs[0]
    assert (motto.bold, motto.underline) == (True, True)
    said = [one.text for one in written.paragraphs]
    assert "BÁO CÁO" in said
    assert not any("CỘNG HÒA XÃ HỘI CHỦ NGHĨA" in one for one in said)
    signed = next(table(one)[0] for one in written.tables if "Nơi nhận:" in one.rows[0].cells[0].text)
    assert "T/M BAN THƯỜNG VỤ" in signed[1]
    first = written.sections[0]
    assert [round(margin / Mm(1)) for margin in (first.top_margin, first.bottom_margin, first.left_margin, first.right_margin) if margin] == [20, 20, 30, 20]  # fmt: skip
    assert (written.styles["Normal"].font.name, written.styles["Normal"].font.size) == ("Times New Roman", Pt(14))


def test_what_is_made_up_is_marked_on_every_page_and_sheet() -> None:
    written, book = as_word(), as_excel()

    first = written.sections[0]
    for header in (first.header, first.first_page_header):
        assert any("MINH HOẠ" in one.text for one in header.paragraphs)
    assert all(any("MINH HOẠ" in str(row[0]) for row in rows) for rows in book.values())
    assert not any("MINH HOẠ" in one.text for one in as_word(synthetic=False).paragraphs)
    assert not any("MINH HOẠ" in str(row[0]) for rows in as_excel(synthetic=False).values() for row in rows)


def test_a_workbook_has_four_sheets_and_no_formula() -> None:
    told_ = report()
    content = xlsx.write(told_, layout.lay(told_, "vi"), FORM, "vi")

    book = openpyxl.load_workbook(io.BytesIO(content))
    assert [sheet.title for sheet in book.worksheets] == ["Báo cáo", "Theo phường", "Vấn đề", "Định nghĩa"]
    assert all(sheet.freeze_panes for sheet in book.worksheets)
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert NASTY in [cell.value for cell in cells]
    with zipfile.ZipFile(io.BytesIO(content)) as parts_:
        assert not any(b"<f>" in parts_.read(name) for name in parts_.namelist())


def test_a_text_that_begins_like_a_formula_stays_a_text() -> None:
    told_ = report(lines=[line("LB-01", "=1+1", "=1+1", computed=1, declaration=None, parts=parts(1, 0, 0))])

    book = openpyxl.load_workbook(io.BytesIO(xlsx.write(told_, layout.lay(told_, "vi"), FORM, "vi")))

    found = [cell for row in book["Báo cáo"].iter_rows() for cell in row if cell.value == "=1+1"]
    assert [cell.data_type for cell in found] == ["s"] or [cell.quotePrefix for cell in found] == [True]


def test_small_figures_stay_out_of_documents() -> None:
    names = {one["key"]: one["name"] for one in report()["lines"][0]["parts"]}
    row = next(one for one in under(as_excel()["Theo phường"], "Mã") if one["Mã"] == "LB-08")

    assert list(names.values())
    assert row["Ngọc Thụy"] == row["Giang Biên"] == "ẩn"
    assert row["Cộng"] is None
    appendix = next(one for one in table(as_word().tables[-1]) if one[0].startswith("LB-08 "))
    assert appendix[1:][1:] == ["ẩn", "ẩn", ""]
