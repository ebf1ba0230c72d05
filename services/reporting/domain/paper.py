"""Tells how a Party committee heads and signs its report (Guidance 36-HD/VPTW of 2018), from its unit's name alone."""

import re
from dataclasses import dataclass

COMMITTEES = (
    ("Thành phố ", "Thành ủy {}", "TU"),
    ("Quận ", "Quận ủy {}", "QU"),
    ("Huyện ", "Huyện ủy {}", "HU"),
    ("Thị xã ", "Thị ủy {}", "TU"),
    ("Phường ", "Đảng ủy phường {}", "ĐU"),
    ("Xã ", "Đảng ủy xã {}", "ĐU"),
    ("Thị trấn ", "Đảng ủy thị trấn {}", "ĐU"),
)
"""What a unit's name begins with, what its committee is called, and how its papers are numbered."""
KINDS = {
    "BC": "Báo cáo",
    "CT": "Chỉ thị",
    "KH": "Kế hoạch",
    "KL": "Kết luận",
    "NQ": "Nghị quyết",
    "QĐ": "Quyết định",
    "TB": "Thông báo",
    "TT": "Thông tri",
}
"""What a Party paper is called, by its symbol: `05-TT/QU` is a Thông tri, while 05/2024/TT-BXD, a Thông tư, is none."""
CENTRE = "Ban Chấp hành Trung ương"
"""What stands above a city's committee."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands at the top and at the foot of a Party report."""

    superior: str
    issuing: str
    number: str
    place: str
    signed: str
    to: tuple[str, ...]


def named(symbol: str) -> str:
    """Return the symbol of a paper with what such a paper is called."""
    kind = re.match(r"\d+-(\w+)/", symbol)
    return f"{KINDS[kind[1]]} {symbol}" if kind and kind[1] in KINDS else symbol


def heading(unit: str, above: str | None) -> Heading:
    """Head the report of a unit, which lies in another; the number is left for whoever signs."""
    committee, mark, place = _committee(unit)
    superior = _committee(above)[0] if above else CENTRE
    return Heading(
        superior=f"Đảng bộ {above[0].lower()}{above[1:]}" if above else CENTRE,
        issuing=committee,
        number=f"Số      -BC/{mark}",
        place=place,
        signed="T/M Ban Thường vụ",
        to=(
            f"{superior} (để báo cáo)",
            f"Các đồng chí Ủy viên Ban Thường vụ {committee}",
            f"Lưu Văn phòng {committee}",
        ),
    )


def _committee(unit: str) -> tuple[str, str, str]:
    for kind, committee, mark in COMMITTEES:
        if unit.startswith(kind):
            place = unit.removeprefix(kind)
            return committee.format(place), mark, place
    return f"Đảng ủy {unit}", "ĐU", unit
