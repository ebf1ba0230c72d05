"""What an indicator is: a definition in words and one SELECT, as data; and what a report makes of indicators."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.events import Document, Register, UnitId


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
    """How a ratio is said: x of y, x per cent, or by how many per cent x differs from y."""

    OF = "of"
    PERCENT = "percent"
    CHANGE = "change"


class Window(StrEnum):
    """Over which days a line is counted: those asked for, or as many just before them."""

    ASKED = "asked"
    BEFORE = "before"


class Words(BaseModel):
    """The same in both languages."""

    model_config = ConfigDict(frozen=True)

    vi: str
    en: str

    def of(self, **figures: object) -> "Words":
        """Return the words with figures in their places."""
        return Words(vi=self.vi.format(**figures), en=self.en.format(**figures))


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
    part_of: Annotated[str | None, Field(description="The line under which this one is shown.")] = None
    restricted: Annotated[bool, Field(description="Counted from restricted facts, and shown to those permitted.")] = (
        False
    )
    within: Annotated[UnitId | None, Field(description="The only ward that this line is about.")] = None
    window: Window = Window.ASKED
    per: Annotated[str | None, Field(description="The indicator of which the figure is also said per thousand.")] = None
    registers: tuple[Register, ...] = ()
    sources: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    form: Form | None = None
    of: tuple[str, ...] = ()
    least: Annotated[int, Field(description="Cases that each side needs before a change is said.")] = 0
    version: int
    select: str = ""

    @property
    def kept_in_aggregates(self) -> bool:
        """Tell whether sums of this line are kept by bearer and month."""
        return self.kind is not Kind.RATIO and self.additivity is Additivity.ADDITIVE and not self.restricted

    @property
    def summable(self) -> bool:
        """Tell whether its parts may be summed."""
        return self.kind is not Kind.RATIO and self.additivity is Additivity.ADDITIVE


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Readings(_Rule):
    """What parts that do not add up to their whole could mean; each is given where the figures allow it.

    The words may name `whole`, `first`, `second`, `sum`, `over`, `overlap`, `only_first`, `only_second`, and where
    there is a line besides: `beside`, `with_beside`.
    """

    apart: Words
    overlapping: Words | None = None
    besides: Annotated[Words | None, Field(description="Added to the reading above.")] = None
    regrouped: Words | None = None
    wording: Words | None = None


class Partition(_Rule):
    """Two lines that are said to make up a third, and a line said to come besides (DQ-02)."""

    whole: str
    parts: tuple[str, str]
    beside: str | None = None
    readings: Readings | None = None


class Comparison(_Rule):
    """Lines that are set beside another: because they should not exceed it, or should not equal it by chance."""

    parts: tuple[str, ...]
    whole: str
    why: Words


class Lack(_Rule):
    """Lines that are said without what they are to be seen against (DQ-06)."""

    lines: tuple[str, ...]
    lacks: Words


class Called(_Rule):
    """What the period of a report is called, and how long that is (DQ-07)."""

    said: Words
    days: int
    tolerance: int


class Rules(_Rule):
    """What is looked at in the figures of one report."""

    subsets: Annotated[tuple[tuple[str, str], ...], Field(description="A part and its whole (DQ-01).")] = ()
    partitions: tuple[Partition, ...] = ()
    comparisons: Annotated[tuple[Comparison, ...], Field(description="Parts of a whole (DQ-03).")] = ()
    coincidences: Annotated[tuple[Comparison, ...], Field(description="Sums that are none (DQ-05).")] = ()
    without_base: tuple[Lack, ...] = ()
    called: Called | None = None


class ReportForm(BaseModel):
    """A report: a list of indicators, the paper that asks for it, and what is looked at in its figures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    name: Words
    document: Document
    lines: tuple[str, ...]
    rules: Rules = Rules()
