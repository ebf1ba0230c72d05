"""What an indicator is: a definition in words and one SELECT, as data."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.events import Document, Register


class Kind(StrEnum):
    """What a figure measures: what stands on the last day, what happened in the period, one figure over another."""

    STOCK = "stock"
    FLOW = "flow"
    RATIO = "ratio"


class Additivity(StrEnum):
    """Whether parts may be summed, or keys count once however often they occur."""

    ADDITIVE = "additive"
    DISTINCT = "distinct"


class Counts(StrEnum):
    """What is counted: the key of a row, or the unit in which its bearer lies."""

    KEY = "key"
    UNIT = "unit"


class Form(StrEnum):
    """How a ratio is said: x of y, or x per cent."""

    OF = "of"
    PERCENT = "percent"


class Words(BaseModel):
    """The same in both languages."""

    model_config = ConfigDict(frozen=True)

    vi: str
    en: str


class Indicator(BaseModel):
    """One indicator."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    name: Words
    definition: Words
    counted: Words
    kind: Kind
    additivity: Additivity = Additivity.ADDITIVE
    counts: Counts = Counts.KEY
    base: Annotated[str | None, Field(description="What the figure is to be seen against.")] = "itself"
    registers: tuple[Register, ...] = ()
    sources: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    form: Form | None = None
    of: tuple[str, ...] = ()
    version: int
    select: str = ""

    @property
    def kept_in_aggregates(self) -> bool:
        """Tell whether sums of this line are kept by bearer and month."""
        return self.kind is not Kind.RATIO and self.additivity is Additivity.ADDITIVE


class ReportForm(BaseModel):
    """A report: a list of indicators, and the paper that asks for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    name: Words
    document: Document
    lines: tuple[str, ...]
