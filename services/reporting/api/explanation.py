"""Lays out what made a number: each fact with its day, ward and paper, and what no longer counts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.reporting.api import layout, words
from services.reporting.api.words import Language
from services.reporting.domain.indicator import Indicator
from shared.caller import HANOI


def lay(answer: Mapping[str, Any], indicators: Mapping[str, Indicator], language: Language) -> dict[str, Any]:
    """Return what the page of one line shows, in a language."""
    line, unit = answer["line"], answer["unit"]
    names = {part["key"]: part["name"] for part in line["parts"]} | {unit["id"]: unit["name"]}
    alone = {**line, "part_of": None}
    laid = layout.lay({"lines": [alone], "issues": [], "unconfirmed": []}, language)
    return {
        "row": laid.rows[0],
        "unit": unit,
        "period": answer["period"],
        "position": answer["as_of"]["position"],
        "declaration": line["declaration"],
        "made_of": [
            {
                "code": code,
                "name": words.either(indicators[code].name.model_dump(), language),
                "entries": [_entry(entry, names, language) for entry in entries],
            }
            for code, entries in answer["entries"].items()
        ],
        "participations": [
            {
                "ward": names.get(one["ward"], one["ward"]),
                "ties": ", ".join(words.code(words.TIES, tie, language) for tie in one["categories"]),
                "n": one["n"],
            }
            for one in answer.get("participations", [])
        ],
        "retracted": [
            {
                "on": one["on_day"],
                "fact": words.fact(one["type"], language),
                "document": one["document"],
                "event": one["event"],
            }
            for one in answer["retracted"]
        ],
        "missing": [
            (names.get(one["unit"], one["unit"]), words.registers(one["registers"], language))
            for one in line["coverage"]["missing"]
        ],
        "findings": [*laid.unfit, *laid.remarks],
    }


def _entry(entry: Mapping[str, Any], names: Mapping[str, str], language: Language) -> dict[str, Any]:
    recorded: datetime = entry["recorded"]
    return {
        "on": entry["on_day"],
        "fact": words.fact(entry["type"], language),
        "event": entry["event"],
        "sign": entry["sign"],
        "ward": names.get(entry["unit"], entry["unit"]),
        "document": entry["document"],
        "recorded": recorded.astimezone(HANOI).date(),
        "later": entry["registered_later"],
    }
