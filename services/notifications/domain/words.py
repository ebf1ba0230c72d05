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
    "severity": {
        "INFO": ("để biết", "for information"),
        "WARN": ("cần kiểm tra", "to be checked"),
    },
}
"""Field, code, and its words: Vietnamese, English."""

DATES = frozenset({"on", "date", "term_from", "term_to"})
"""Fields that hold a day."""


def spoken(parameters: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """Put a delivery's parameters into words of a language."""
    return {name: _spoken(name, value, language) for name, value in parameters.items()}


def _spoken(name: str, value: Any, language: Language) -> Any:  # noqa: ANN401 (whatever a parameter is)
    if value is None:
        return None
    if name in WORDS:
        vietnamese, english = WORDS[name][value]
        return vietnamese if language is Language.VI else english
    if name in DATES:
        day = date.fromisoformat(value)
        return day.strftime("%d/%m/%Y") if language is Language.VI else day.isoformat()
    return value
