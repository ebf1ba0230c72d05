"""The story's tables come to the figures of the review, and the story as a whole holds together."""

from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from ops.stories import Step, Story, load
from shared.events import Document, Register
from shared.events.buildings import Owners
from tests.e2e.figures import DECLARED, NUMBERS, SHARES
from tests.year import FIRST, LAST, WARDS, day, the_year, within

YEAR = the_year()
REAL_PAPERS = {"05-TT/QU", "Báo cáo nguồn (Long Biên, 2022)"}
"""The two papers that exist: what is reviewed, and the report whose figures are declared."""


def steps(told: Story = YEAR.told) -> list[Step]:
    return [step for phase in told.phases for step in told.steps(phase)]


def bodies(phase: str) -> list[dict[str, Any]]:
    return [step.body for step in steps() if step.phase == phase]


def papers(body: dict[str, Any]) -> list[dict[str, str]]:
    return [body[name] for name in ("document", "decision", "reviewed") if body.get(name)]


# The figures, counted without the system.


def test_the_tables_come_to_the_figures_of_the_review() -> None:
    assert YEAR.figures() == NUMBERS


@pytest.mark.parametrize("code", SHARES)
def test_a_share_is_one_number_over_another(code: str) -> None:
    above, below, shown = SHARES[code]
    share = f"{NUMBERS[above]}/{NUMBERS[below]}"
    percent = f"{100 * NUMBERS[above] / NUMBERS[below]:.2f}".replace(".", ",")

    assert shown == {"LB-02": share, "LB-15": f"— ({share})"}.get(code, f"{percent} % ({share})")


def test_fewer_than_20_conflicts_in_each_window_are_too_few_to_speak_of_a_decrease() -> None:
    assert max(NUMBERS["LB-15a"], NUMBERS["LB-15b"]) < 20


def test_what_the_source_gives_is_declared_and_the_tables_come_to_the_same() -> None:
    rows = YEAR.by("figures", "line")

    assert {line: int(row["value"]) for line, row in rows.items() if row["value"]} == DECLARED
    assert {line: int(row["denominator"]) for line, row in rows.items() if row["denominator"]} == {
        "LB-02": 14,
        "LB-21": 222,
    }
    assert {line: row["claim"] for line, row in rows.items() if row["claim"]} == {
        "LB-15": "DECREASED",
        "LB-17b": "PARTLY_RESOLVED",
    }
    computed = {**NUMBERS, "LB-02": NUMBERS["LB-02a"], "LB-21": NUMBERS["LB-03"]}
    assert {line: computed[line] for line in DECLARED} == DECLARED


def test_the_period_is_declared_before_anything_restricted_is_told() -> None:
    order = [phase.name for phase in YEAR.told.phases]

    assert order.index("period") < order.index("people") < order.index("telling")
    last_of_boards = [phase.name for phase in YEAR.told.phases if phase.service == "boards"][-2:]
    assert last_of_boards == ["telling", "registers-of-boards-confirmed"]
    (period,) = bodies("period")
    assert (period["from"], period["to"]) == (FIRST.isoformat(), LAST.isoformat())


# Places.


def test_13_of_14_wards_have_a_building_in_use() -> None:
    used = {YEAR.ward_of_building[one] for one in YEAR.in_use()}

    assert {row["ward"] for row in YEAR.rows("groups")} == WARDS
    assert WARDS - used == {"Q004-00154-v1"}, "assumed: Cự Khối has none"


def test_buildings_and_groups_are_many_to_many_and_two_groups_are_housed_no_more_or_not_yet() -> None:
    links = YEAR.rows("links")

    assert max(Counter(row["building"] for row in links).values()) > 1
    assert max(Counter(row["group"] for row in links).values()) > 1
    assert {row["group"] for row in links} - YEAR.housed() == {"group-DG-06", "group-TB-20"}


def test_groups_formed_in_the_period_are_among_the_222_and_are_housed() -> None:
    formed = {row["group"] for row in YEAR.rows("groups") if within(row["on"])}

    assert len(formed) == 4
    assert formed <= YEAR.housed()
    assert all(day(row["dated"]) <= day(row["on"]) <= LAST for row in YEAR.rows("groups")), "decided, then in effect"


def test_a_group_number_is_unique_in_its_ward() -> None:
    groups = YEAR.rows("groups")

    assert len({(row["ward"], row["number"]) for row in groups}) == len(groups)


def test_a_building_is_used_and_linked_after_it_is_registered() -> None:
    registered = YEAR.by("buildings", "building")
    used = {row["building"]: day(row["on"]) for row in YEAR.rows("uses")}
    groups = YEAR.by("groups", "group")

    for building, on in used.items():
        assert day(registered[building]["on"]) <= on <= LAST
        assert int(registered[building]["built_year"] or on.year) <= on.year
    for row in YEAR.rows("disuses"):
        assert used[row["building"]] < day(row["on"]) < LAST
    for row in YEAR.rows("links"):
        linked, group = registered[row["building"]], groups[row["group"]]
        assert linked["ward"] == group["ward"]
        assert max(day(linked["on"]), day(group["on"])) <= day(row["on"]) <= LAST
    assert set(registered) == {row["building"] for row in YEAR.rows("links")}


def test_buildings_are_such_as_the_law_and_the_contracts_allow() -> None:
    for body in bodies("buildings"):
        assert body["blocks"] >= 1
        assert body["storeys"] >= 2
        assert body["apartments"] > 0
        assert isinstance(body["lift"], bool)
        assert body["built_year"] is None or 1900 <= body["built_year"] <= 2022
        assert Owners(body["owners"])
        assert "minh họa" in body["name"].casefold()
        assert "minh họa" in body["address"].casefold()


def test_every_ward_keeps_all_four_registers_through_the_period() -> None:
    rows = YEAR.rows("registers_buildings") + YEAR.rows("registers_boards")

    assert {(row["ward"], row["kept"]) for row in rows} == {(ward, kept) for ward in WARDS for kept in Register}
    assert len(rows) == 14 * 4
    assert all(day(row["opened"]) <= FIRST and day(row["through"]) == LAST == day(row["confirmed_on"]) for row in rows)


def test_every_liaison_has_a_contact_that_is_plainly_synthetic() -> None:
    contacts = YEAR.by("contacts", "person")
    groups = {row["group"]: day(row["on"]) for row in YEAR.rows("groups")}
    wards, of_groups = YEAR.rows("liaisons_units"), YEAR.rows("liaisons_groups")

    assert {row["ward"] for row in wards} == WARDS
    assert {row["person"] for row in wards + of_groups} == set(contacts)
    assert all(groups[row["group"]] <= day(row["on"]) for row in of_groups)


# The story as a whole.


def test_everybody_is_plainly_synthetic_and_nobody_has_the_name_or_number_of_another() -> None:
    everybody = YEAR.rows("contacts") + YEAR.rows("people")

    for row in everybody:
        assert "Minh Họa" in row["name"]
        assert row["email"].endswith(".example")
        assert row["phone"].startswith("+844"), "area code 04 has been withdrawn"
    for column in ("name", "email", "phone"):
        assert len({row[column] for row in everybody}) == len(everybody)


def test_every_document_says_it_is_an_illustration_save_the_two_that_exist() -> None:
    document = TypeAdapter(Document)
    found = [document.validate_python(one) for step in steps() for one in papers(step.body)]

    assert {one.symbol for one in found if not one.symbol.startswith("minh-hoa-")} == REAL_PAPERS
    assert all(one.date <= LAST for one in found if one.symbol not in REAL_PAPERS)


def test_every_fact_has_its_paper_and_only_what_tells_none_has_not() -> None:
    without = {step.phase for step in steps() if not papers(step.body)}

    assert without == {"contacts", "people", "memberships", "offices", "introductions", "telling"}


def test_old_paper_is_entered_in_the_batch_of_its_service() -> None:
    batches = {step.service: step.body["takeover_id"] for step in steps() if step.path == "/v1/takeovers"}
    today = {"takeover-buildings", "takeover-boards", "period", "figures", "targets"}

    for step in steps():
        if step.phase not in today and papers(step.body):
            assert step.body["takeover"] == batches[step.service], step
        else:
            assert "takeover" not in step.body, step


def test_nothing_happens_after_the_story_ends() -> None:
    for step in steps():
        happened = [step.body[name] for name in ("on", "since", "held_on") if name in step.body]
        happened += [step.body["decision"]["date"]] if "decision" in step.body else []
        assert all(day(on) <= LAST for on in happened), step


def test_ids_and_keys_are_the_same_whenever_they_are_made_and_never_collide() -> None:
    once, again = steps(), steps(load(YEAR.told.folder))

    assert once == again
    assert len({step.key for step in once}) == len(once)
    assert all(UUID(str(step.key)).version == 5 for step in once)


def test_what_a_row_refers_to_was_told_in_an_earlier_phase() -> None:
    made = {str(YEAR.told.id(row["cell"])) for row in YEAR.rows("cells") + YEAR.rows("cells_founded")}
    liaisons = {str(YEAR.told.id(row["person"])) for row in YEAR.rows("contacts")}

    for phase in YEAR.told.phases:
        of_phase = YEAR.told.steps(phase)
        for step in of_phase:
            assert set(_named(step)) <= made | liaisons, step
        made |= {value for step in of_phase for name, value in step.body.items() if name.endswith("_id")}


def _named(step: Step) -> list[str]:
    """Return every id that a step speaks of, save the one it makes."""
    inside = [value for name, value in step.body.items() if not name.endswith("_id")]
    return [part for part in [*step.path.split("/"), *_texts(inside)] if len(part) == 36 and part.count("-") == 4]


def _texts(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for one in value.values() for text in _texts(one)]
        case list():
            return [text for one in value for text in _texts(one)]
        case _:
            return []


def test_the_story_says_that_it_is_synthetic_and_what_it_assumes() -> None:
    about = " ".join(one.about for one in YEAR.told.assumed)

    assert "tổng hợp" in YEAR.told.synthetic.vi
    assert "Synthetic" in YEAR.told.synthetic.en
    for needed in ("groups.csv", "buildings.csv", "links.csv", "boards.csv", "petitions.csv", "people.csv"):
        assert needed in about
    for line in ("02", "03", "04", "06", "07", "10", "11", "12", "13", "14", "15", "17", "18", "19", "20", "22"):
        assert f"LB-{line}" in about
