"""Boards of the story and their people: such as the law allows, with ties that come to the source's figures."""

from collections import Counter, defaultdict

from services.boards.domain.person import Office
from shared import law
from shared.events.boards import Category, Closure, Departure, GroupBody, Role
from tests.year import FIRST, GIANG_BIEN, LAST, PARTY, PHUC_DONG, WARDS, Row, day, the_year, within

YEAR = the_year()
RESIDENT, OFFICER, REG_213 = "RESIDENT_PARTY_MEMBER", "GROUP_OFFICE", "REG_213"
BODY_OF = {
    Office.GROUP_HEAD: GroupBody.HEAD,
    Office.FRONT_COMMITTEE_HEAD: GroupBody.FRONT_COMMITTEE,
    Office.WOMEN_HEAD: GroupBody.WOMEN,
    Office.VETERANS_HEAD: GroupBody.VETERANS,
    Office.ELDERLY_HEAD: GroupBody.ELDERLY,
    Office.YOUTH_SECRETARY: GroupBody.YOUTH,
}


def decided(board: str) -> list[Row]:
    return [YEAR.by("boards", "board")[board], *filter(None, [YEAR.by("consolidations", "board").get(board)])]


def on_boards() -> dict[str, set[str]]:
    """Return what the people are who serve at the end, as far as they are anything."""
    return {person: YEAR.ties[person] for person in YEAR.serving() if YEAR.ties[person]}


# Boards.


def test_39_boards_are_in_force_at_the_end_with_about_130_people() -> None:
    assert len(YEAR.in_force()) == 39
    assert len(YEAR.serving()) == 132
    assert [row["board"] for row in YEAR.rows("closures")] == sorted(set(YEAR.formed) - YEAR.in_force())


def test_8_boards_are_formed_in_the_period_both_ends_included() -> None:
    formed = sorted(YEAR.formed.values())

    assert sum(map(within, formed)) == 8
    assert {FIRST, LAST} <= set(formed)
    assert max(on for on in formed if on < FIRST).isoformat() == "2021-09-29"


def test_of_the_31_others_23_are_consolidated_and_8_only_reviewed() -> None:
    new = {board for board, on in YEAR.formed.items() if within(on)}
    consolidated = set(YEAR.consolidated)

    assert all(map(within, YEAR.consolidated.values()))
    assert LAST in YEAR.consolidated.values()
    assert not new & consolidated
    assert len(consolidated) == 23
    assert len(YEAR.reviewed() - consolidated - new) == 8
    assert YEAR.reviewed() & consolidated, "reviewed as well, and counted once"
    assert YEAR.reviewed() & new, "reviewed, and counted as new"
    assert YEAR.in_force() == new | consolidated | YEAR.reviewed()


def test_boards_that_are_not_recognised_again_were_recognised_less_than_three_years_before() -> None:
    again = {row["board"] for row in YEAR.rows("consolidations") if row["new_term"] == "yes"}

    assert len(again) == 8
    assert min(on for board, on in YEAR.formed.items() if board not in again).isoformat() == "2019-12-02"
    for board in again:
        before = law.term_end(YEAR.formed[board], YEAR.formed[board])
        assert YEAR.consolidated[board] <= before < LAST, "the new term leaves no gap"


def test_10_boards_get_new_members_and_5_other_roles() -> None:
    kinds: Counter[str] = Counter()
    for row in YEAR.rows("consolidations"):
        seats = {one["person"]: one["role"] for one in YEAR.rows("members") if one["board"] == row["board"]}
        after = YEAR.seats(row["board"])
        same = "people" if set(seats) != set(after) else "roles" if seats != after else "nothing"
        kinds[f"{row['new_term']}, {same}"] += 1

    assert kinds == {"yes, nothing": 8, "no, people": 10, "no, roles": 5}


def test_a_board_has_enough_members_one_head_and_one_or_two_deputies_for_each_building() -> None:
    buildings = YEAR.by("buildings", "building")
    seats = defaultdict(list)
    for table in ("members", "consolidated_members"):
        for row in YEAR.rows(table):
            seats[table, row["board"]].append(row)

    for (table, board), sitting in seats.items():
        managed, roles = YEAR.buildings_of[board], Counter(Role(row["role"]) for row in sitting)
        blocks = sum(int(buildings[one]["blocks"]) for one in managed)
        on = day(decided(board)[table == "consolidated_members"]["dated"])
        assert roles.total() >= law.smallest_board(blocks, len(managed), on)
        assert roles[Role.HEAD] == 1
        assert len(managed) <= roles[Role.DEPUTY] <= 2 * len(managed), "each building sends one or two deputies"
        assert len({row["person"] for row in sitting}) == len(sitting)
    assert len(seats) == 40 + 23


def test_everyone_sits_on_one_board_only() -> None:
    boards = defaultdict(set)
    for row in YEAR.rows("members") + YEAR.rows("consolidated_members"):
        boards[row["person"]].add(row["board"])

    assert all(len(on) == 1 for on in boards.values())


def test_who_leaves_had_a_seat_which_the_next_consolidation_fills() -> None:
    for row in YEAR.rows("departures"):
        first = {one["person"] for one in YEAR.rows("members") if one["board"] == row["board"]}
        assert Departure(row["reason"])
        assert row["person"] in first
        assert YEAR.formed[row["board"]] < day(row["on"]) < YEAR.consolidated[row["board"]]
        assert row["person"] not in YEAR.serving()


def test_a_board_is_recognised_for_buildings_in_use_after_its_election_on_a_working_day() -> None:
    used = {row["building"]: day(row["on"]) for row in YEAR.rows("uses")}

    for row in YEAR.rows("boards"):
        on, elected = day(row["dated"]), day(row["elected_on"])
        assert set(row["buildings"].split()) <= YEAR.in_use(on)
        assert all(used[building] < elected < on for building in row["buildings"].split())
        assert elected.weekday() == 6
    assert all(day(row["dated"]).weekday() < 5 for row in YEAR.rows("boards") + YEAR.rows("consolidations"))


def test_no_building_has_two_boards_and_every_board_is_owed() -> None:
    buildings = YEAR.by("buildings", "building")
    managed = [one for several in YEAR.buildings_of.values() for one in several]

    assert len(set(managed)) == len(managed)
    assert all(buildings[one]["owners"] == "MULTIPLE" and int(buildings[one]["apartments"]) >= 20 for one in managed)
    for several in YEAR.buildings_of.values():
        assert len({buildings[one]["ward"] for one in several}) == 1
    assert max(map(len, YEAR.buildings_of.values())) == 3, "there is a cluster"


def test_a_board_ends_no_earlier_than_its_building_leaves_use() -> None:
    ended = {row["building"]: day(row["on"]) for row in YEAR.rows("disuses")}

    for row in YEAR.rows("closures"):
        assert Closure(row["reason"])
        assert all(ended[building] <= day(row["on"]) <= LAST for building in YEAR.buildings_of[row["board"]])


# People.


def test_everyone_on_a_board_is_in_the_vault_of_its_ward() -> None:
    kept = {row["person"]: row["unit"] for row in YEAR.rows("people")}
    sitting = YEAR.rows("members") + YEAR.rows("consolidated_members")

    assert all(kept[row["person"]] == YEAR.ward_of_board[row["board"]] for row in sitting)
    beside = set(kept) - {row["person"] for row in sitting}
    assert len(beside) == 6
    assert all(YEAR.ties[person] or person in YEAR.by("offices", "person") for person in beside)
    assert set(kept.values()) <= WARDS


def test_87_people_on_boards_have_a_tie_36_7_22_and_22() -> None:
    kinds = Counter(frozenset(what) for what in on_boards().values())

    assert kinds == {
        frozenset({RESIDENT}): 36,
        frozenset({RESIDENT, OFFICER}): 7,
        frozenset({OFFICER}): 22,
        frozenset({REG_213}): 22,
    }
    assert kinds.total() == 87


def test_all_of_them_and_nobody_else_were_introduced_in_the_period_as_what_they_are() -> None:
    assert {person: what for person, (_, what) in YEAR.introduced.items()} == on_boards()
    assert len(YEAR.rows("introductions")) == 87, "those who are both were introduced once, in both categories"


def test_94_introductions_are_65_of_party_members_and_29_of_office_holders() -> None:
    by_ward: Counter[tuple[str, bool]] = Counter()
    for ward, what in YEAR.introduced.values():
        by_ward.update((ward, party) for party in (True, False) if what & (PARTY if party else {OFFICER}))
    others = WARDS - {GIANG_BIEN, PHUC_DONG}

    assert by_ward.total() == 94
    assert [by_ward[ward, True] for ward in (GIANG_BIEN, PHUC_DONG)] == [35, 10]
    assert sum(by_ward[ward, True] for ward in others) == 20
    assert [by_ward[ward, False] for ward in (GIANG_BIEN, PHUC_DONG)] == [8, 2]
    assert sum(by_ward[ward, False] for ward in others) == 19


def test_they_sit_on_boards_formed_or_consolidated_and_were_introduced_before_by_the_board_s_ward() -> None:
    serving = YEAR.serving()

    for row in YEAR.rows("introductions"):
        board = serving[row["person"]]
        decision = decided(board)[-1]
        assert within(decision["dated"])
        assert FIRST <= day(row["on"]) < day(decision.get("elected_on", decision["dated"]))
        assert row["ward"] == YEAR.ward_of_board[board]


def test_a_tie_is_older_than_the_introduction() -> None:
    introduced = {row["person"]: day(row["on"]) for row in YEAR.rows("introductions")}

    for row in YEAR.rows("memberships") + YEAR.rows("offices"):
        assert day(row["since"]) < introduced.get(row["person"], LAST)
    for row in YEAR.rows("memberships"):
        assert Category(row["category"]) is not Category.GROUP_OFFICE
        assert row["category"] != REG_213 or day(row["since"]).year >= 2020, "the regulation dates from January 2020"
    assert len(YEAR.by("memberships", "person")) == len(YEAR.rows("memberships"))


def test_in_no_ward_has_everybody_on_the_boards_a_tie() -> None:
    sitting = Counter(YEAR.ward_of_board[board] for board in YEAR.serving().values())
    tied = Counter(YEAR.ward_of_board[YEAR.serving()[person]] for person in on_boards())
    per_category = Counter(
        (YEAR.ward_of_board[YEAR.serving()[person]], one) for person, what in on_boards().items() for one in what
    )

    assert all(number < sitting[ward] for ward, number in tied.items())
    assert all(number < sitting[ward] for (ward, _), number in per_category.items())
    assert tied[GIANG_BIEN] == 38


def test_an_office_is_held_once_in_a_group_that_has_it_then() -> None:
    groups = {row["group"]: day(row["on"]) for row in YEAR.rows("groups")}
    rows = [row for row in YEAR.rows("offices") if row["group"]]

    assert len({(row["group"], row["office"]) for row in rows}) == len(rows)
    for row in rows:
        since, office = day(row["since"]), Office(row["office"])
        assert groups[row["group"]] < since
        if office in BODY_OF:
            assert (row["group"], BODY_OF[office]) in YEAR.bodies(since) & YEAR.bodies()
    assert [row["office"] for row in YEAR.rows("offices") if not row["group"]] == ["COMMITTEE_MEMBER_IN_CHARGE"]


def test_who_sits_on_a_board_holds_office_in_a_group_of_its_building() -> None:
    linked = YEAR.gathered("links", "building", "group")

    for row in YEAR.rows("offices"):
        if board := YEAR.serving().get(row["person"]):
            assert row["group"] in {group for one in YEAR.buildings_of[board] for group in linked[one]}


def test_only_tables_of_the_vault_say_who_has_a_tie() -> None:
    confidential = {"memberships.csv", "offices.csv", "introductions.csv"}
    ties = {RESIDENT, OFFICER, REG_213} | {office.value for office in Office}

    for phase in YEAR.told.phases:
        if phase.table not in confidential:
            said = " ".join(str(step.body) for step in YEAR.told.steps(phase))
            assert not [tie for tie in ties if f"'{tie}'" in said], phase.name
        else:
            assert phase.path == "/v1/people/id:{person}/ties"
