"""The words of texts: every code that an event carries, in Vietnamese and in English."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from shared.events.notifications import Language

WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "kind": {
        "COMPLAINT": ("khiếu nại", "complaint"),
        "PROPOSAL": ("kiến nghị", "proposal"),
        "FEEDBACK": ("phản ánh", "feedback"),
    },
    "topic": {
        "BOARD": ("ban quản trị nhà chung cư", "management board"),
        "MAINTENANCE_FUND": ("kinh phí bảo trì phần sở hữu chung", "maintenance fund"),
        "OPERATION": ("quản lý vận hành nhà chung cư", "operation of the building"),
        "FIRE_SAFETY": ("phòng cháy, chữa cháy và cứu nạn, cứu hộ", "fire safety and rescue"),
        "COMMON_PARTS": ("phần sở hữu chung, sử dụng chung", "common parts"),
        "CONSTRUCTION_ORDER": ("trật tự xây dựng", "construction order"),
        "OTHER": ("nội dung khác", "another matter"),
    },
    "topics": {
        "FIRE": ("phòng cháy, chữa cháy", "fire safety"),
        "RESCUE": ("cứu nạn, cứu hộ", "rescue"),
        "OPERATION": ("quản lý vận hành nhà chung cư", "operation of the building"),
        "LAW": ("pháp luật về nhà chung cư", "law of apartment buildings"),
        "FINANCE": ("quản lý tài chính", "managing money"),
    },
    "bodies": {
        "PARTY_COMMITTEE": ("cấp ủy", "Party committee"),
        "PEOPLES_COMMITTEE": ("ủy ban nhân dân", "people's committee"),
        "DIVISIONS": ("các phòng, ban chuyên môn", "specialised divisions"),
    },
    "severity": {
        "INFO": ("để biết", "for information"),
        "WARN": ("cần kiểm tra", "to be checked"),
    },
}
"""Field, code, and its words: Vietnamese, English."""

DATES = frozenset({"on", "date", "term_from", "term_to", "held_on", "due"})
"""Fields that hold a day."""
BILINGUAL = frozenset({"readings"})
"""Fields that come in both languages."""
ILLUSTRATION = "Dữ liệu minh hoạ · Illustration data"
"""What every text says where what it tells is made up."""


def spoken(parameters: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """Put a delivery's parameters into words of a language."""
    return {name: _spoken(name, value, language) for name, value in parameters.items()}


def _spoken(name: str, value: Any, language: Language) -> Any:  # noqa: ANN401 (whatever a parameter is)
    if value is None:
        return None
    if isinstance(value, list):
        return [_spoken(name, one, language) for one in value]
    if name in BILINGUAL:
        return value[language.value]
    if name in WORDS:
        vietnamese, english = WORDS[name][value]
        return vietnamese if language is Language.VI else english
    if name in DATES:
        day = date.fromisoformat(value)
        return day.strftime("%d/%m/%Y") if language is Language.VI else day.isoformat()
    return value
