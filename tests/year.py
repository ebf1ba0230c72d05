"""What the tables of the year of Long Biên come to, worked out by reading them and without the system."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache, cached_property

from ops.stories import Story, story
from shared import law

Row = dict[str, str]
FIRST, LAST = date(2021, 9, 30), date(2022, 12, 1)
BEFORE = FIRST - (LAST - FIRST) - timedelta(days=1)
"""First day of the window of the same length that ends the day before the period."""
GIANG_BIEN, PHUC_DONG = "Q004-00121-v1", "Q004-00151-v1"
WARDS = {f"Q004-{code:05d}-v1" for code in range(115, 155, 3)}
"""The 14 wards of Quận Long Biên in 2022."""
PARTY = {"RESIDENT_PARTY_MEMBER", "REG_213"}
TAUGHT = {"FIRE", "RESCUE"}
"""What a head must have learnt."""


def day(written: str) -> date:
    """Read a day."""
    return date.fromisoformat(written)


def within(on: str | date) -> bool:
    """Tell whether a day lies in the period."""
    return FIRST <= (day(on) if isinstance(on, str) else on) <= LAST


class Year:
    """The tables of the story, and what they come to on a day; the first day of something is with it, the last not."""

    def __init__(self, told: Story) -> None:
        """Read them."""
        self.told = told

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table."""
        return self.told.table(f"{table}.csv")

    def by(self, table: str, column: str) -> dict[str, Row]:
        """Return the rows of a table by a column that names each."""
        return {row[column]: row for row in self.rows(table)}

    def gathered(self, table: str, column: str, wanted: str) -> dict[str, set[str]]:
        """Return the values of one column by those of another."""
        found = defaultdict(set)
        for row in self.rows(table):
            found[row[column]].add(row[wanted])
        return found

    def _days(self, table: str, column: str, on: str = "on") -> dict[str, date]:
        return {row[column]: day(row[on]) for row in self.rows(table)}

    # Places.

    @cached_property
    def ward_of_building(self) -> dict[str, str]:
        """Return the ward of each building."""
        return {row["building"]: row["ward"] for row in self.rows("buildings")}

    @cached_property
    def ward_of_group(self) -> dict[str, str]:
        """Return the ward of each group."""
        return {row["group"]: row["ward"] for row in self.rows("groups")}

    def in_use(self, on: date = LAST) -> set[str]:
        """Return the buildings in use."""
        began, ended = self._days("uses", "building"), self._days("disuses", "building")
        return {one for one, since in began.items() if since <= on < ended.get(one, date.max)}

    def housed(self, on: date = LAST) -> set[str]:
        """Return the groups linked to a building in use."""
        used = self.in_use(on)
        return {row["group"] for row in self.rows("links") if row["building"] in used and day(row["on"]) <= on}

    # Boards.

    @cached_property
    def buildings_of(self) -> dict[str, list[str]]:
        """Return the buildings of each board, the leading one first."""
        return {row["board"]: row["buildings"].split() for row in self.rows("boards")}

    @cached_property
    def ward_of_board(self) -> dict[str, str]:
        """Return the ward of each board's leading building."""
        return {board: self.ward_of_building[managed[0]] for board, managed in self.buildings_of.items()}

    @cached_property
    def formed(self) -> dict[str, date]:
        """Return the day of each board's first recognition."""
        return self._days("boards", "board", "dated")

    @cached_property
    def consolidated(self) -> dict[str, date]:
        """Return the day of each board's consolidation; no board has two."""
        return self._days("consolidations", "board", "dated")

    def term(self, board: str, on: date = LAST) -> tuple[date, date]:
        """Return the first and the last day of a board's term."""
        again = self.by("consolidations", "board").get(board)
        renewed = again is not None and again["new_term"] == "yes" and day(again["dated"]) <= on
        begins = day(again["dated"]) if again and renewed else self.formed[board]
        return begins, law.term_end(begins, begins)

    def in_force(self, on: date = LAST) -> set[str]:
        """Return the boards in force: formed, not closed, their term not over."""
        closed = self._days("closures", "board")
        return {
            board
            for board, since in self.formed.items()
            if since <= on < closed.get(board, date.max) and on <= self.term(board, on)[1]
        }

    def seats(self, board: str, on: date = LAST) -> dict[str, str]:
        """Return who sits on a board, and in what role."""
        again = self.consolidated.get(board, date.max) <= on
        table = "consolidated_members" if again else "members"
        left = set() if again else {row["person"] for row in self.rows("departures") if day(row["on"]) <= on}
        return {
            row["person"]: row["role"]
            for row in self.rows(table)
            if row["board"] == board and row["person"] not in left
        }

    def serving(self, on: date = LAST) -> dict[str, str]:
        """Return the board in force on which each person sits."""
        return {person: board for board in self.in_force(on) for person in self.seats(board, on)}

    def heads(self, on: date = LAST) -> set[str]:
        """Return the heads of the boards in force."""
        return {
            person for board in self.in_force(on) for person, role in self.seats(board, on).items() if role == "HEAD"
        }

    def reviewed(self) -> set[str]:
        """Return the boards reviewed within the period."""
        return {row["board"] for row in self.rows("reviews") if within(row["on"])}

    # People.

    @cached_property
    def ties(self) -> dict[str, set[str]]:
        """Return what each person is at the end of the period; no tie of the story ends."""
        found = defaultdict(set)
        for row in self.rows("memberships"):
            found[row["person"]].add(row["category"])
        for row in self.rows("offices"):
            if row["office"] != "COMMITTEE_MEMBER_IN_CHARGE":
                found[row["person"]].add("GROUP_OFFICE")
        return found

    @cached_property
    def introduced(self) -> dict[str, tuple[str, set[str]]]:
        """Return who was introduced within the period: by which ward, with which categories."""
        return {
            row["person"]: (row["ward"], set(row["categories"].split()))
            for row in self.rows("introductions")
            if within(row["on"])
        }

    def introductions(self, categories: Iterable[str], ward: str | None = None) -> set[str]:
        """Return who was introduced with one of some categories, by one ward or by any."""
        return {
            person for person, (by, told) in self.introduced.items() if told & set(categories) and ward in (None, by)
        }

    # Groups beside boards.

    def bodies(self, on: date = LAST) -> set[tuple[str, str]]:
        """Return which groups have which bodies."""
        ended = self._days("bodies_ended", "id")
        rows = self.rows("bodies") + self.rows("bodies_again")
        return {(row["group"], row["body"]) for row in rows if day(row["on"]) <= on < ended.get(row["id"], date.max)}

    def cells(self, on: date = LAST) -> set[tuple[str, str]]:
        """Return which cells answer for which groups."""
        ended = self._days("cells_ended", "link")
        rows = self.rows("cells") + self.rows("cells_founded")
        return {(row["cell"], row["group"]) for row in rows if day(row["on"]) <= on < ended.get(row["link"], date.max)}

    def pairs(self, on: date = LAST) -> set[tuple[str, str]]:
        """Return each group and each board in force that have a building in common."""
        linked = self.gathered("links", "building", "group")
        return {
            (group, board) for board in self.in_force(on) for one in self.buildings_of[board] for group in linked[one]
        }

    def regulated(self, on: date = LAST) -> set[tuple[str, str]]:
        """Return the pairs for which a regulation holds."""
        lapsed = self._days("lapses", "regulation")
        issued = self._days("regulations", "regulation")
        return {
            (row["group"], row["board"])
            for row in self.rows("regulation_pairs")
            if issued.get(row["regulation"], date.max) <= on < lapsed.get(row["regulation"], date.max)
        }

    def trained(self, on: date = LAST) -> set[str]:
        """Return who has learnt all that a head must have learnt."""
        learnt: dict[str, set[str]] = defaultdict(set)
        attended = self.gathered("attendances", "training", "person")
        for row in self.rows("trainings"):
            if day(row["held"]) <= on:
                for person in attended[row["training"]]:
                    learnt[person] |= set(row["topics"].split())
        return {person for person, topics in learnt.items() if topics >= TAUGHT}

    # The report.

    def figures(self) -> dict[str, int]:
        """Return the number of every line of the report that is not a ratio of two others."""
        return {
            **self._of_places(),
            **self._of_boards(),
            **self._of_people(),
            **self._of_programme(),
            **self._of_groups(),
        }

    def _of_places(self) -> dict[str, int]:
        handled = self.by("violations_decided", "violation").keys() | self.by("violations_remedied", "violation").keys()
        violations = {row["violation"] for row in self.rows("violations") if within(row["on"])}
        return {
            "LB-01": len(self.rows("groups")),
            "LB-02a": len({self.ward_of_building[one] for one in self.in_use()}),
            "LB-02b": len(WARDS),
            "LB-03": len(self.housed()),
            "LB-20a": sum(within(row["on"]) for row in self.rows("inspections")),
            "LB-20b": len(violations),
            "LB-20c": len(violations & handled),
            "LB-22h": sum(within(row["on"]) for row in self.rows("groups")),
        }

    def _of_boards(self) -> dict[str, int]:
        formed = {board for board, on in self.formed.items() if within(on)}
        consolidated = {board for board, on in self.consolidated.items() if within(on)} - formed
        reviewed = self.reviewed() - formed
        return {
            "LB-05": len(formed),
            "LB-06": len(reviewed | consolidated),
            "LB-06a": len(reviewed - consolidated),
            "LB-06b": len(consolidated),
            "LB-19a": len(self.heads() & self.trained()),
            "LB-19b": len(self.heads()),
            "LB-19c": sum(within(row["held"]) for row in self.rows("trainings")),
        }

    def _of_people(self) -> dict[str, int]:
        tied = {person: self.ties[person] for person in self.serving()}
        residents = {person for person, what in tied.items() if "RESIDENT_PARTY_MEMBER" in what}
        officers = {person for person, what in tied.items() if "GROUP_OFFICE" in what}
        return {
            "LB-07": len(residents | officers),
            "LB-08": len(residents),
            "LB-09": len(officers),
            "LB-10": sum("GROUP_OFFICE" not in self.ties[person] for person in self.introductions({"REG_213"})),
            "LB-11a": len(self.introductions(PARTY, GIANG_BIEN)),
            "LB-11b": len(self.introductions({"GROUP_OFFICE"}, GIANG_BIEN)),
            "LB-12a": len(self.introductions(PARTY, PHUC_DONG)),
            "LB-12b": len(self.introductions({"GROUP_OFFICE"}, PHUC_DONG)),
        }

    def _of_programme(self) -> dict[str, int]:
        commended = [row["recipient"] for row in self.rows("commendations") if within(row["dated"])]
        days = [day(row["on"]) for row in self.rows("conflicts")]
        return {
            "LB-13": len(self.rows("speeches")),
            "LB-14a": commended.count("COLLECTIVE"),
            "LB-14b": commended.count("INDIVIDUAL"),
            "LB-15a": sum(FIRST <= on <= LAST for on in days),
            "LB-15b": sum(BEFORE <= on < FIRST for on in days),
            "LB-16": 0,
        }

    def _of_groups(self) -> dict[str, int]:
        housed, cells = self.housed(), self.cells()
        resolved = self._days("overlaps_resolved", "overlap")
        raised = self._days("overlaps", "overlap")
        have = self.bodies() | {(group, "CELL") for _, group in cells}
        lacking = ("CELL", "HEAD", "FRONT_COMMITTEE", "WOMEN", "VETERANS", "ELDERLY", "YOUTH")
        return {
            "LB-04": len({cell for cell, group in cells if group in housed}),
            "LB-17a": sum(map(within, raised.values())),
            "LB-17b": sum(map(within, resolved.values())),
            "LB-17c": sum(on <= LAST < resolved.get(one, date.max) for one, on in raised.items()),
            "LB-18a": len(self.pairs() & self.regulated()),
            "LB-18b": len(self.pairs()),
            "LB-18c": len({row["regulation"] for row in self.rows("evaluations") if within(row["on"])}),
            **{
                f"LB-22{letter}": sum((group, body) not in have for group in housed)
                for letter, body in zip("abcdefg", lacking, strict=True)
            },
        }


@cache
def the_year() -> Year:
    """Return the year as the shipped story tells it."""
    return Year(story("long_bien_2022"))
