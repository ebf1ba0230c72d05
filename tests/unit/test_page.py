"""The page says everything there is to say of a report, in either language, and nothing it does not mean."""

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from services.reporting import domain
from services.reporting.api import explanation, html, layout, words
from services.reporting.api.layout import Mark
from services.reporting.api.words import Language
from services.reporting.domain.indicator import Indicator, Kind, Words
from tests.examples import made
from tests.reports import DOCUMENT, FORM, NASTY, issue, line, parts, report

ASKED = {"unit": "Q004", "from": "2021-09-30", "to": "2022-12-01"}
VOID = {"meta", "link", "br", "hr", "input", "col"}


class Read(HTMLParser):
    """Reads a page: its text, the attributes of its elements, and whether they are nested rightly."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())

    def all(self, attribute: str) -> list[str]:
        return [value for _, given in self.elements if (value := given.get(attribute)) is not None]


def shown(told: dict[str, Any], language: Language = "vi", asked: dict[str, str] | None = None) -> str:
    answer = html.page(
        "report.html",
        language,
        headers={},
        report=told,
        laid=layout.lay(told, language),
        form=FORM,
        name=FORM.name.model_dump()[language],
        paper=domain.paper.named(FORM.document.symbol),
        synthetic=told["synthetic"],
        periods=[],
        here="/reports/minh-hoa",
        link=html.linked(ASKED if asked is None else asked, language),
    )
    return bytes(answer.body).decode()


def row(told: dict[str, Any], code: str, language: Language = "vi") -> layout.Row:
    (found,) = (one for one in layout.lay(told, language).rows if one.code == code)
    return found


# What each cell says.


@pytest.mark.parametrize(
    ("code", "declared", "computed", "difference"),
    [
        ("LB-01", "1.222", "1.222", "0"),
        ("LB-02", "3/3", "2/3", "−1"),
        ("LB-02a", "—", "2", ""),
        ("LB-05", "9", "8", "−1"),
        ("LB-07", "65", "hạn chế", ""),
        ("LB-15", "“giảm”", "— (12/18)", ""),
        ("LB-16", "0", "chưa xác định", ""),
        ("LB-21", "—", "22,07 % (49/222)", ""),
    ],
)
def test_declared_stands_beside_computed(code: str, declared: str, computed: str, difference: str) -> None:
    said = row(report(), code)

    assert (said.declared.text, said.computed.text, said.difference.text) == (declared, computed, difference)


def test_english_writes_numbers_its_own_way() -> None:
    assert row(report(), "LB-01", "en").computed.text == "1,222"
    assert row(report(), "LB-21", "en").computed.text == "22.07 % (49/222)"
    assert row(report(), "LB-15", "en").declared.text == "“decreased”"
    assert words.day("2021-09-30", "en") == "30 Sep 2021"


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [(0, "0", "0"), (-1234, "−1.234", "−1,234"), (22.07, "22,07", "22.07"), (50.0, "50", "50"), (None, "—", "—")],
)
def test_a_number_is_written_as_people_read_it(value: float | None, vi: str, en: str) -> None:
    assert (words.number(value, "vi"), words.number(value, "en")) == (vi, en)


@pytest.mark.parametrize("why", ["permission", "period", "unit", "incomplete", "off"])
def test_a_withheld_line_says_why_and_keeps_what_was_declared(why: str) -> None:
    said = row(report(lines=[line("LB-07", "a", "a", withheld=why, restricted=True)]), "LB-07")

    assert (said.computed.text, said.computed.mark, said.computed.value) == ("hạn chế", Mark.WITHHELD, None)
    assert said.notes == (words.WITHHELD[why][0],)


def test_every_reason_for_withholding_has_words() -> None:
    assert set(words.WITHHELD) == {str(one) for one in domain.known.Withheld}


def test_parts_of_a_line_lie_under_it() -> None:
    assert [(one.code, one.depth) for one in layout.lay(report(), "vi").rows if one.depth] == [
        ("LB-02a", 1),
        ("LB-08", 1),
    ]


def test_only_what_may_be_summed_has_a_total() -> None:
    (table,) = layout.lay(report(), "vi").by_ward

    totals = {one.code: one.total.text for one in table.rows}
    assert totals == {
        "LB-01": "1.222",
        "LB-02": "",
        "LB-02a": "",
        "LB-05": "8",
        "LB-08": "43",
        "LB-16": "",
        "LB-21": "",
    }
    assert [cell.mark for cell in next(one for one in table.rows if one.code == "LB-08").cells] == [
        "",
        "small",
        "small",
    ]


def test_many_wards_are_shown_in_several_tables_and_the_last_has_the_totals() -> None:
    wards = [
        {"key": f"W{nth}", "name": f"Phường {nth}", "category": None, "declared": None, "computed": 1}
        for nth in range(40)
    ]
    told = report(lines=[line("LB-01", "a", "a", computed=40, parts=wards)])

    tables = layout.lay(told, "vi").by_ward

    assert [(len(one.wards), one.totals) for one in tables] == [(16, False), (16, False), (8, True)]
    assert tables[2].rows[0].total.text == "40"
    assert len(Read(shown(told)).all("id")) == len(set(Read(shown(told)).all("id")))


def test_a_cell_that_was_left_out_is_neither_shown_nor_summed() -> None:
    kept = parts(35, None, 4)
    kept[1] |= {"suppressed": True}
    told = report(lines=[line("LB-08", "a", "a", computed=None, display="ẩn · hidden", suppressed=True, parts=kept)])

    (table,) = layout.lay(told, "vi").by_ward

    assert row(told, "LB-08").computed.text == "ẩn"
    assert [cell.text for cell in table.rows[0].cells] == ["35", "ẩn", "4"]
    assert table.rows[0].total.text == ""


# What does not fit.


def test_figures_that_do_not_add_up_come_with_their_readings_and_what_was_acknowledged_comes_last() -> None:
    laid = layout.lay(report(), "vi")

    (sums,) = laid.unfit
    assert (sums.rule, sums.lines) == ("DQ-02", ("LB-07", "LB-08"))
    assert sums.figures == (("LB-07", "65"), ("LB-08", "43"))
    assert len(sums.readings) == 2
    assert [(one.rule, one.acknowledged) for one in laid.remarks] == [
        ("DQ-10", None),
        ("DQ-07", "05/01/2023: Kỳ theo văn bản minh họa"),
    ]
    assert laid.counts == {"lines": 9, "same": 2, "other": 2, "withheld": 1, "findings": 2}


def test_the_same_finding_on_many_lines_is_said_once() -> None:
    short = [issue("DQ-16", "Mới có 2/3.", "Only 2 of 3.", code) for code in ("LB-01", "LB-05")]
    told = report(lines=[line(one["lines"][0], "a", "a", issues=[one]) for one in short], issues=short)

    (found,) = layout.lay(told, "vi").remarks

    assert found.lines == ("LB-01", "LB-05")


# The page.


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_is_well_formed_and_says_its_language(language: Language) -> None:
    read = Read(shown(report(), language))

    assert read.elements[0] == ("html", {"lang": language, "class": "synthetic"})
    ids = read.all("id")
    assert len(ids) == len(set(ids))
    assert {one[1:] for one in read.all("href") if one.startswith("#")} <= set(ids)
    assert {name for one in read.all("aria-labelledby") for name in one.split()} <= set(ids)
    assert all(given.get("scope") for tag, given in read.elements if tag == "th")
    assert [tag for tag, _ in read.elements].count("h1") == 1


def test_the_page_asks_nothing_of_others_and_runs_nothing() -> None:
    page = html.page("index.html", "vi", headers={}, forms=[], unit="", here="/reports", link=html.linked({}, "vi"))
    policy = page.headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    read = Read(shown(report()))
    assert not {"script", "style", "img", "iframe"} & {tag for tag, _ in read.elements}
    assert [one for one in read.all("href") + read.all("src") if re.match(r"\w+:", one)] == ["data:,"]
    assert read.all("style") == []


def test_what_people_wrote_is_shown_and_never_run() -> None:
    page = shown(report())

    assert NASTY in Read(page).text
    assert "<script>alert" not in page


def test_every_figure_leads_to_what_made_it_and_a_withheld_one_does_not() -> None:
    read = Read(shown(report()))
    led = {one.partition("?")[0] for one in read.all("href") if "/lines/" in one and "#" not in one}

    assert led == {
        f"/reports/minh-hoa/lines/{one.code}" for one in layout.lay(report(), "vi").rows if one.code != "LB-07"
    }
    assert "/reports/minh-hoa.docx?unit=Q004&from=2021-09-30&to=2022-12-01" in read.all("href")


def test_the_language_is_kept_in_every_link() -> None:
    for one in Read(shown(report(), "en")).all("href"):
        if (
            one.startswith("/")
            and not one.startswith("/dress/")
            and one != "/reports/minh-hoa?unit=Q004&from=2021-09-30&to=2022-12-01"
        ):
            assert "lang=en" in one, one


def test_the_paper_the_unit_and_both_counts_of_days_are_named() -> None:
    said = Read(shown(report())).text

    for one in (
        "Thông tri 05-TT/QU",
        "Ban Thường vụ Quận ủy Long Biên",
        "Quận Long Biên",
        "30/09/2021 – 01/12/2022",
        "428 ngày",
        "427",
        "1.500",
    ):
        assert one in said


def test_made_up_data_are_marked_and_others_are_not() -> None:
    assert "Dữ liệu minh hoạ" in Read(shown(report())).text
    assert "Illustrative data" in Read(shown(report(), "en")).text
    assert "Dữ liệu minh hoạ" not in Read(shown(report(synthetic=False))).text


def test_a_page_with_restricted_figures_says_that_it_is_not_for_everybody() -> None:
    assert "Có số liệu hạn chế" in Read(shown(report())).text
    withheld = [one for one in report()["lines"] if one["code"] == "LB-07"]
    assert "Có số liệu hạn chế" not in Read(shown(report(lines=withheld))).text


def test_wards_that_have_not_confirmed_are_named() -> None:
    assert "Phường Ngọc Thụy : sổ đơn thư" in Read(shown(report())).text


# What made a number.


def test_each_fact_is_shown_with_its_day_ward_and_paper() -> None:
    indicator = Indicator(
        code="LB-05", name=Words(vi="Mới", en="New"), definition=Words(vi="x", en="x"), counted=Words(vi="x", en="x"),
        kind=Kind.FLOW, version=1,
    )  # fmt: skip
    entry = {
        "key": "b", "bearer": "x", "unit": "Q004-00118-v1", "on_day": date(2022, 5, 6), "sign": 1, "event": made("event"),
        "type": "boards.board_formed.v1", "recorded": datetime(2022, 6, 1, 20, tzinfo=UTC), "document": DOCUMENT,
        "registered_later": True,
    }  # fmt: skip
    told = report()
    answer = {
        "unit": told["unit"], "period": told["period"], "as_of": told["as_of"], "line": told["lines"][3],
        "entries": {"LB-05": [entry]},
        "retracted": [{"on_day": date(2022, 1, 1), "type": "boards.board_formed.v1", "document": None, "event": made("old")}],
    }  # fmt: skip

    page = html.page(
        "line.html", "vi", headers={}, synthetic=True, here="/reports/minh-hoa/lines/LB-05", back="/reports/minh-hoa",
        link=html.linked(ASKED, "vi"), **explanation.lay(answer, {"LB-05": indicator}, "vi"),
    )  # fmt: skip
    said = Read(bytes(page.body).decode()).text

    for one in (
        "06/05/2022",
        "Công nhận ban quản trị mới",
        "Phường Ngọc Thụy",
        "minh-hoa-12/BC-QU",
        "02/06/2022 ghi sổ sau",
        "Đã đính chính hoặc rút lại",
        str(made("old")),
    ):
        assert one in said


# How a Party report is headed.


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("05-TT/QU", "Thông tri 05-TT/QU"),
        ("79-KH/QU", "Kế hoạch 79-KH/QU"),
        ("213-QĐ/TW", "Quyết định 213-QĐ/TW"),
        ("05/2024/TT-BXD", "05/2024/TT-BXD"),
        ("12/BC-UBND", "12/BC-UBND"),
    ],
)
def test_a_party_paper_is_named_for_its_kind_and_a_circular_is_none(symbol: str, name: str) -> None:
    assert domain.paper.named(symbol) == name


@pytest.mark.parametrize(
    ("unit", "above", "superior", "issuing", "mark"),
    [
        ("Quận Long Biên", "Thành phố Hà Nội", "Đảng bộ thành phố Hà Nội", "Quận ủy Long Biên", "QU"),
        ("Phường Việt Hưng", "Quận Long Biên", "Đảng bộ quận Long Biên", "Đảng ủy phường Việt Hưng", "ĐU"),
        ("Xã Minh Họa", "Thành phố Hà Nội", "Đảng bộ thành phố Hà Nội", "Đảng ủy xã Minh Họa", "ĐU"),
        ("Thành phố Hà Nội", None, "Ban Chấp hành Trung ương", "Thành ủy Hà Nội", "TU"),
    ],
)
def test_a_committee_is_named_for_its_unit(
    unit: str, above: str | None, superior: str, issuing: str, mark: str
) -> None:
    head = domain.paper.heading(unit, above)

    assert (head.superior, head.issuing) == (superior, issuing)
    assert re.fullmatch(rf"Số +-BC/{mark}", head.number)
