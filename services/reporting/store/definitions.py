"""Remembers what entries and indicators mean: texts and data that lie beside the code."""

import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from services.reporting.domain.indicator import Indicator, ReportForm

_ROOM = files("services.reporting")


@cache
def _written() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(_ROOM.joinpath("indicators.yaml").read_text(encoding="utf-8"))
    return loaded


@cache
def indicators() -> dict[str, Indicator]:
    """Return every indicator, by its code."""
    return {code: Indicator(code=code, **one) for code, one in _written()["indicators"].items()}


@cache
def reports() -> dict[str, ReportForm]:
    """Return every report, by its code."""
    return {code: ReportForm(code=code, **one) for code, one in _written()["reports"].items()}


@cache
def lines_of(source: str) -> tuple[str, ...]:
    """Return the lines that events of a source may touch."""
    touched = [one.code for one in indicators().values() if source in one.sources]
    return tuple(touched + [one.code for one in indicators().values() if set(one.of) & set(touched)])


@cache
def entry_texts() -> dict[str, str]:
    """Return the texts that derive entries from facts, by kind."""
    texts = {file.name: file.read_text(encoding="utf-8") for file in _ROOM.joinpath("entries").iterdir()}
    return {name.removesuffix(".sql"): texts[name] for name in sorted(texts) if name.endswith(".sql")}


@cache
def derived_by() -> str:
    """Return a fingerprint of what entries and sums are derived by: the texts, and the lines of which sums are kept."""
    summed = {one.code: one.select for one in indicators().values() if one.kept_in_aggregates}
    return hashlib.sha256(json.dumps([entry_texts(), summed]).encode()).hexdigest()[:16]


@cache
def edition() -> str:
    """Return a fingerprint of all definitions: an answer is the same only under the same one."""
    text = _ROOM.joinpath("indicators.yaml").read_text(encoding="utf-8") + "".join(entry_texts().values())
    return hashlib.sha256(text.encode()).hexdigest()[:8]
