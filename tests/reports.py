"""A report for tests, as reporting puts it together: every kind of line, and everything that can be said of one."""

from datetime import date
from typing import Any

from services.reporting.domain.indicator import ReportForm, Words
from shared.events import Document

FORM = ReportForm(
    code="minh-hoa",
    name=Words(
        vi="Sơ kết thực hiện Thông tri 05-TT/QU (minh họa)", en="Review of Party Notice 05-TT/QU (illustration)"
    ),
    document=Document(symbol="05-TT/QU", date=date(2021, 9, 30), issuer="Ban Thường vụ Quận ủy Long Biên"),
    lines=("LB-01", "LB-02", "LB-02a", "LB-05", "LB-07", "LB-08", "LB-15", "LB-16", "LB-21"),
)
WARDS = [
    ("Q004-00115-v1", "Phường Thượng Thanh"),
    ("Q004-00118-v1", "Phường Ngọc Thụy"),
    ("Q004-00121-v1", "Phường Giang Biên"),
]
DOCUMENT = {"symbol": "minh-hoa-12/BC-QU", "date": date(2022, 12, 1), "issuer": "Quận ủy (minh họa)"}
NASTY = "<script>alert(1)</script> & “=1+1”"
FULL = {"confirmed": 3, "of": 3, "missing": []}
SHORT = {"confirmed": 2, "of": 3, "missing": [{"unit": "Q004-00118-v1", "registers": ["PETITIONS"]}]}


def parts(*values: float | None, **more: list[Any]) -> list[dict[str, Any]]:
    """Return the parts of the three wards."""
    return [
        {"key": key, "name": name, "category": None, "declared": None, "computed": value}
        | {field: given[nth] for field, given in more.items()}
        for nth, ((key, name), value) in enumerate(zip(WARDS, values, strict=True))
    ]


def declared(value: int | None = None, denominator: int | None = None, **more: Any) -> dict[str, Any]:
    """Return what somebody declared."""
    shown = "—" if value is None else str(value) if denominator is None else f"{value}/{denominator}"
    said = {"claim": None, "baseline": None, "note": None, "document": DOCUMENT, "display": shown}
    return {"value": value, "denominator": denominator, **said, **more}


def line(code: str, vi: str, en: str, **given: Any) -> dict[str, Any]:
    """Return a line of a report."""
    computed = given.get("computed")
    said = given.get("declaration")
    figure = {
        "code": code,
        "part_of": None,
        "name": {"vi": vi, "en": en},
        "kind": "stock",
        "counted": {"vi": "tổ dân phố", "en": "groups"},
        "definition": {"vi": f"Định nghĩa của {vi}.", "en": f"Definition of {en}.", "version": 1},
        "restricted": False,
        "withheld": None,
        "declared": said and said["value"],
        "declaration": None,
        "computed": computed,
        "numerator": computed,
        "denominator": None,
        "display": "—" if computed is None else str(computed),
        "difference": None,
        "target": None,
        "rate": None,
        "summable": True,
        "small": False,
        "coverage": FULL,
        "overlap": 0,
        "parts": [],
        "issues": [],
        **given,
    }
    if figure["difference"] is None and figure["computed"] is not None and figure["declared"] is not None:
        figure["difference"] = figure["computed"] - figure["declared"]
    return figure


def issue(rule: str, vi: str, en: str, *lines: str, **more: Any) -> dict[str, Any]:
    """Return an issue."""
    said = {"rule": rule, "severity": "WARN", "message": {"vi": vi, "en": en}, "lines": list(lines)}
    return {"id": f"{rule}-{'-'.join(lines)}", **said, "figures": [], "readings": [], "acknowledged": None, **more}


def report(**changed: Any) -> dict[str, Any]:
    """Return a report with every kind of line."""
    zero = issue("DQ-10", "Chưa thể kết luận là không có.", "None were found: not known.", "LB-16")
    sums = issue(
        "DQ-02",
        "43 + 29 = 72, không phải 65.",
        "43 + 29 = 72, not 65.",
        "LB-07",
        "LB-08",
        figures=[{"line": "LB-07", "value": 65}, {"line": "LB-08", "value": 43}],
        readings=[
            {"vi": "Bảy người vừa là đảng viên vừa giữ chức vụ.", "en": "Seven are both."},
            {"vi": "65 là tổng số đảng viên.", "en": "65 are all party members."},
        ],
    )
    settled = issue(
        "DQ-07",
        "Gọi là một năm, thực tế 427 ngày.",
        "Called a year, in fact 427 days.",
        acknowledged={"on": date(2023, 1, 5), "reason": "Kỳ theo văn bản minh họa"},
    )
    lines = [
        line("LB-01", "Tổ dân phố", "Residential groups", computed=1222, declaration=declared(1222), parts=parts(400, 411, 411)),
        line(
            "LB-02",
            "Phường có nhà chung cư",
            "Wards with apartment buildings",
            kind="ratio",
            computed=2,
            numerator=2,
            denominator=3,
            display="2/3",
            summable=False,
            declaration=declared(3, 3, note=NASTY),
            parts=parts(1, 1, 0, numerator=[1, 1, 0], denominator=[1, 1, 1]),
        ),
        line(
            "LB-02a",
            "Phường đang có nhà sử dụng",
            "Wards with a building in use",
            part_of="LB-02",
            computed=2,
            summable=False,
            overlap=1,
            parts=parts(1, 1, 0),
        ),
        line("LB-05", "Ban quản trị thành lập mới", "Boards newly formed", kind="flow", computed=8, target=10, declaration=declared(9), parts=parts(5, 2, 1)),
        line(
            "LB-07",
            "Thành viên hệ thống chính trị tham gia",
            "Serving with a tie",
            restricted=True,
            withheld="permission",
            declaration=declared(65),
            issues=[sums],
        ),
        line("LB-08", "Đảng viên", "Party members", part_of="LB-07", restricted=True, computed=43, parts=parts(35, 4, 4, small=[False, True, True]), declaration=declared(43), issues=[sums]),
        line(
            "LB-15",
            "Mâu thuẫn so với kỳ trước",
            "Change of conflicts",
            kind="ratio",
            numerator=12,
            denominator=18,
            display="— (12/18)",
            summable=False,
            declaration=declared(claim="DECREASED", baseline="trước khi có Thông tri"),
        ),
        line("LB-16", "Vụ việc phức tạp", "Complex cases", kind="flow", coverage=SHORT, declaration=declared(0), parts=parts(0, None, 0), issues=[zero]),
        line(
            "LB-21",
            "Tỷ lệ tổ dân phố có nhà chung cư",
            "Share of groups",
            kind="ratio",
            computed=22.07,
            numerator=49,
            denominator=222,
            display="22,07 % (49/222)",
            summable=False,
            parts=parts(50.0, 20.0, None, numerator=[5, 2, None], denominator=[10, 10, 8]),
        ),
    ]  # fmt: skip
    return {
        "report": "minh-hoa",
        "name": FORM.name.model_dump(),
        "unit": {"id": "Q004", "path": "HN.Q004", "name": "Quận Long Biên"},
        "period": {
            "code": "ky-minh-hoa",
            "name": "Kỳ sơ kết minh họa",
            "from": date(2021, 9, 30),
            "to": date(2022, 12, 1),
            "days": 428,
            "days_apart": 427,
        },
        "synthetic": True,
        "as_of": {"position": 1500, "definitions": "ab12cd34"},
        "lines": lines,
        "issues": [sums, settled],
        "unconfirmed": [{"unit": "Q004-00118-v1", "name": "Phường Ngọc Thụy", "registers": ["PETITIONS"]}],
        **changed,
    }
