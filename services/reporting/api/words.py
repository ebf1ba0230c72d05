"""Says figures, days and codes to people, in Vietnamese or in English."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

from shared.events.reporting import Claim

Language = Literal["vi", "en"]

Said = tuple[str, str]
"""The same in Vietnamese and in English."""

REGISTERS: Mapping[str, Said] = {
    "GROUPS": ("sổ tổ dân phố", "residential groups"),
    "BUILDINGS": ("sổ nhà chung cư", "buildings"),
    "BOARDS": ("sổ ban quản trị", "boards"),
    "PETITIONS": ("sổ đơn thư", "petitions"),
}
CLAIMS: Mapping[str, Said] = {
    Claim.DECREASED: ("giảm", "decreased"),
    Claim.INCREASED: ("tăng", "increased"),
    Claim.NONE: ("không có", "none"),
    Claim.PARTLY_RESOLVED: ("từng bước được giải quyết", "being resolved"),
}
WITHHELD: Mapping[str, Said] = {
    "permission": ("cần quyền xem riêng", "needs a permission of its own"),
    "period": ("chỉ tính cho kỳ báo cáo đã khai báo", "is counted for declared report periods only"),
    "unit": ("chỉ tính cho toàn đơn vị của kỳ báo cáo", "is counted for the whole unit of the period only"),
    "earlier": ("không trả lời như đã biết trước đây", "is not answered as it was known earlier"),
    "not_told": ("kỳ này chưa được tổng hợp", "nothing was told of this period yet"),
    "incomplete": ("còn dữ kiện hạn chế chưa đến", "restricted facts are still missing"),
    "off": ("nơi này không lưu loại dữ liệu này", "such data are not kept here"),
}
KINDS: Mapping[str, Said] = {
    "stock": ("tại ngày cuối kỳ", "on the last day"),
    "flow": ("phát sinh trong kỳ", "within the period"),
    "ratio": ("tỷ lệ", "ratio"),
}
SEVERITIES: Mapping[str, Said] = {"WARN": ("cần kiểm tra", "to be checked"), "INFO": ("để biết", "for information")}
TIES: Mapping[str, Said] = {
    "RESIDENT_PARTY_MEMBER": ("đảng viên chi bộ tổ dân phố", "party member of a residential cell"),
    "GROUP_OFFICE": ("giữ chức vụ ở tổ dân phố", "office holder of a group"),
    "REG_213": ("đảng viên theo Quy định 213-QĐ/TW", "party member under Regulation 213"),
}
COMPARED: Mapping[str, Said] = {
    "DAYS": ("số ngày, tính cả hai đầu", "days, both ends counted"),
    "DAYS-APART": ("số ngày cách nhau", "days apart"),
    "DIRECTIVES": ("số chỉ đạo", "directives"),
    "WITHOUT-DUE": ("không có thời hạn", "without a due day"),
    "WITHOUT-ASSIGNEE": ("không nêu ai thực hiện", "naming nobody"),
    "INVITED-WARDS": ("số phường được mời", "wards invited"),
    "WARDS": ("số phường", "wards"),
}
"""What rules compare that is no line."""
FACTS: Mapping[str, Said] = {
    "residential_group_formed": ("thành lập tổ dân phố", "residential group formed"),
    "residential_group_dissolved": ("giải thể tổ dân phố", "residential group dissolved"),
    "building_put_in_use": ("đưa nhà vào sử dụng", "building put in use"),
    "building_taken_out_of_use": ("dừng sử dụng nhà", "building taken out of use"),
    "building_linked_to_residential_group": ("nhà thuộc tổ dân phố", "building linked to a group"),
    "building_unlinked_from_residential_group": ("nhà thôi thuộc tổ dân phố", "building unlinked from a group"),
    "unit_established": ("thành lập đơn vị", "unit established"),
    "unit_closed": ("giải thể đơn vị", "unit closed"),
    "board_formed": ("công nhận ban quản trị mới", "board formed"),
    "board_reviewed": ("rà soát ban quản trị", "board reviewed"),
    "board_consolidated": ("kiện toàn ban quản trị", "board consolidated"),
    "board_member_ended": ("thôi làm thành viên", "member ended"),
    "board_closed": ("giải thể ban quản trị", "board closed"),
    "party_cell_linked": ("chi bộ phụ trách tổ dân phố", "party cell linked"),
    "party_cell_unlinked": ("chi bộ thôi phụ trách", "party cell unlinked"),
    "group_body_established": ("thành lập tổ chức ở tổ dân phố", "body of a group established"),
    "group_body_ended": ("tổ chức ở tổ dân phố kết thúc", "body of a group ended"),
    "coordination_regulation_issued": ("ban hành quy chế phối hợp", "regulation issued"),
    "coordination_regulation_evaluated": ("đánh giá quy chế phối hợp", "regulation evaluated"),
    "coordination_regulation_lapsed": ("quy chế phối hợp hết hiệu lực", "regulation lapsed"),
    "overlap_issue_raised": ("nêu vướng mắc chồng chéo", "overlap raised"),
    "overlap_issue_resolved": ("giải quyết vướng mắc", "overlap resolved"),
    "conflict_recorded": ("ghi nhận mâu thuẫn", "conflict recorded"),
    "conflict_settled": ("mâu thuẫn đã giải quyết", "conflict settled"),
    "conference_held": ("hội nghị", "conference held"),
    "speech_recorded": ("tham luận", "speech"),
    "commendation_decided": ("quyết định khen thưởng", "commendation decided"),
    "training_announced": ("thông báo tập huấn", "training announced"),
    "training_held": ("tổ chức tập huấn", "training held"),
    "petition_filed": ("tiếp nhận đơn", "petition filed"),
    "petition_flagged_complex": ("vụ việc phức tạp, nổi cộm", "petition flagged as complex"),
    "petition_resolved": ("trả lời đơn", "petition resolved"),
    "inspection_conducted": ("kiểm tra", "inspection conducted"),
    "violation_recorded": ("ghi nhận vi phạm", "violation recorded"),
    "violation_decided": ("quyết định xử lý vi phạm", "violation decided"),
    "violation_remedied": ("vi phạm đã khắc phục", "violation remedied"),
}
"""What events are called, by the word in their type."""

NONE = "—"
MINUS = "−"


def either(said: Mapping[str, str] | Said, language: Language) -> str:
    """Return what is said in a language."""
    if isinstance(said, tuple):
        return said[language == "en"]
    return said[language]


def code(words: Mapping[str, Said], given: str, language: Language) -> str:
    """Return the words of a code; one without words speaks for itself."""
    return either(words[given], language) if given in words else given


def registers(kept: Sequence[str], language: Language) -> str:
    """Name registers."""
    return ", ".join(code(REGISTERS, one, language) for one in kept)


def fact(kind: str, language: Language) -> str:
    """Return what an event is called, by its type."""
    said = code(FACTS, kind.split(".")[1], language)
    return said[:1].upper() + said[1:]


def number(value: float | None, language: Language) -> str:
    """Write a number: 1.234 and 22,07 in Vietnamese, 1,234 and 22.07 in English; a dash where there is none."""
    if value is None:
        return NONE
    written = f"{abs(value):,}" if isinstance(value, int) else f"{abs(value):,.2f}".rstrip("0").rstrip(".")
    sign = MINUS if value < 0 else ""
    return sign + (written if language == "en" else written.translate(str.maketrans(",.", ".,")))


def difference(value: float | None, language: Language) -> str:
    """Write by how much two figures differ, with its sign."""
    if value is None:
        return ""
    return f"+{number(value, language)}" if value > 0 else number(value, language)


def day(given: date | str | None, language: Language) -> str:
    """Write a day: 30/09/2021 in Vietnamese, 30 Sep 2021 in English."""
    if given is None:
        return NONE
    on = given if isinstance(given, date) else date.fromisoformat(given)
    return on.strftime("%d/%m/%Y") if language == "vi" else f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def figure(shown: str, language: Language) -> str:
    """Return a figure that the report says in both languages, in one: its words, and its numbers as written there."""
    said = _BOTH.sub(lambda both: either((both[1], both[2]), language), shown)
    return said if language == "vi" else _turned(said)


_BOTH = re.compile(r"([^()·]+) · ([^()·]+)")


def _turned(shown: str) -> str:
    """Write 22,07 as 22.07; a point or comma between digits is all that differs."""
    return re.sub(r"(?<=\d)[.,](?=\d)", lambda mark: "." if mark[0] == "," else ",", shown)


def ratio(part: Mapping[str, Any], language: Language) -> str:
    """Return one ward's part of a ratio: x of y."""
    above, below = part["numerator"], part["denominator"]
    return NONE if above is None or below is None else f"{number(above, language)}/{number(below, language)}"


def place(name: str) -> str:
    """Return the name of a ward without the word that all of them have."""
    for kind in ("Phường ", "Xã ", "Thị trấn "):
        if name.startswith(kind):
            return name.removeprefix(kind)
    return name
