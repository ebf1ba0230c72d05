"""Groups beside boards, cases of the year and the programme, as the story tells them: facts that fit each other."""

from collections import Counter
from datetime import timedelta

from shared.events.boards import (
    AssigneeBody,
    Bloc,
    Channel,
    ConflictTopic,
    Delegation,
    Finding,
    GroupBody,
    OverlapTopic,
    Parties,
    PetitionKind,
    Recipient,
    SettledBy,
    SpeechTopic,
    Topic,
    TrainingTopic,
)
from shared.events.boards import Outcome as Answer
from shared.events.buildings import InspectionTopic, ViolationCode
from tests.year import BEFORE, FIRST, GIANG_BIEN, LAST, WARDS, day, the_year, within

YEAR = the_year()
PARTY_COMMITTEE, PEOPLES_COMMITTEE = AssigneeBody.PARTY_COMMITTEE, AssigneeBody.PEOPLES_COMMITTEE


# Groups beside boards.


def test_each_of_the_49_groups_has_one_cell_of_its_own() -> None:
    answering = [(cell, group) for cell, group in YEAR.cells() if group in YEAR.housed()]

    assert len({cell for cell, _ in answering}) == len({group for _, group in answering}) == len(answering) == 49


def test_one_cell_answered_for_two_groups_until_another_was_founded() -> None:
    (ended,) = YEAR.rows("cells_ended")
    on = day(ended["on"])

    assert within(on)
    assert len([cell for cell, _ in YEAR.cells(on - timedelta(days=1)) if cell == ended["cell"]]) == 2
    assert [group for cell, group in YEAR.cells(on) if cell == ended["cell"]] == ["group-GB-05"]


def test_a_group_has_bodies_and_a_cell_after_it_was_formed_and_one_of_each_at_a_time() -> None:
    formed = {row["group"]: day(row["on"]) for row in YEAR.rows("groups")}
    ended = {row["id"]: day(row["on"]) for row in YEAR.rows("bodies_ended")}
    rows = YEAR.rows("bodies") + YEAR.rows("bodies_again")

    assert all(formed[row["group"]] < day(row["on"]) <= LAST for row in rows + YEAR.rows("cells"))
    assert all(day(row["on"]) < ended.get(row["id"], LAST) for row in rows)
    assert ended.keys() <= {row["id"] for row in rows}
    for row in YEAR.rows("bodies_again"):
        (before,) = (one for one in rows if (one["group"], one["body"]) == (row["group"], row["body"]) and one != row)
        assert ended[before["id"]] <= day(row["on"])
    assert {GroupBody(row["body"]) for row in rows} == set(GroupBody)


def test_some_groups_lack_a_body_because_it_ended_and_groups_formed_lately_lack_most() -> None:
    lacking = {(group, body.value) for group in YEAR.housed() for body in GroupBody} - YEAR.bodies()

    assert {("group-TB-07", "HEAD"), ("group-BD-06", "FRONT_COMMITTEE"), ("group-PL-11", "WOMEN")} <= lacking
    assert Counter(group for group, _ in lacking).most_common(1) == [("group-VH-15", 5)]


def test_a_committee_member_is_in_charge_of_every_ward_on_every_day_of_the_period() -> None:
    ended = {row["supervision"]: day(row["on"]) for row in YEAR.rows("supervisions_ended")}

    for on in (FIRST, *ended.values(), LAST):
        in_charge = [
            row["ward"]
            for row in YEAR.rows("supervisions")
            if day(row["on"]) <= on < ended.get(row["supervision"], LAST + timedelta(days=1))
        ]
        assert sorted(in_charge) == sorted(WARDS)


def test_a_regulation_is_issued_for_neighbours_in_one_ward_while_the_board_is_in_force() -> None:
    issued = {row["regulation"]: day(row["on"]) for row in YEAR.rows("regulations")}

    for row in YEAR.rows("regulation_pairs"):
        on = issued[row["regulation"]]
        assert (row["group"], row["board"]) in YEAR.pairs(on)
        assert YEAR.term(row["board"], on)[0] >= YEAR.term(row["board"])[0], "issued anew for a new term"
    for row in YEAR.rows("evaluations"):
        assert Finding(row["finding"])
        assert issued[row["regulation"]] < day(row["on"]) <= LAST
    assert len({(row["group"], row["board"]) for row in YEAR.rows("regulation_pairs")}) == len(
        YEAR.rows("regulation_pairs")
    )


def test_the_pairs_without_a_regulation_are_those_of_new_boards() -> None:
    without = {board for _, board in YEAR.pairs() - YEAR.regulated()}

    assert len(without) == 4
    assert all(within(YEAR.formed[board]) for board in without)


def test_an_overlap_is_between_neighbours_and_resolved_after_it_was_raised() -> None:
    raised = YEAR.by("overlaps", "overlap")

    for row in raised.values():
        assert OverlapTopic(row["topic"])
        assert (row["group"], row["board"]) in YEAR.pairs(day(row["on"]))
    for row in YEAR.rows("overlaps_resolved"):
        assert day(raised[row["overlap"]]["on"]) < day(row["on"]) <= LAST


# Cases.


def test_conflicts_fall_into_two_windows_of_428_days_with_both_ends_in_each() -> None:
    days = [day(row["on"]) for row in YEAR.rows("conflicts")]

    assert (LAST - FIRST).days + 1 == (FIRST - BEFORE).days == 428
    assert {BEFORE, FIRST - timedelta(days=1), FIRST, LAST} <= set(days)
    assert BEFORE - timedelta(days=1) in days, "one just before both"


def test_conflicts_are_about_buildings_in_use_and_settled_after_they_came_up() -> None:
    recorded = YEAR.by("conflicts", "conflict")

    for row in recorded.values():
        assert row["building"] in YEAR.in_use(day(row["on"]))
        assert ConflictTopic(row["topic"])
        assert Parties(row["parties"])
    for row in YEAR.rows("conflicts_settled"):
        assert SettledBy(row["settled_by"])
        assert day(recorded[row["conflict"]]["on"]) < day(row["on"]) <= LAST


def test_petitions_are_about_buildings_in_use_taken_by_their_ward_and_none_is_complex() -> None:
    offices = {row["ward"]: row["issuer"] for row in YEAR.rows("registers_boards")}
    filed = YEAR.by("petitions", "petition")

    assert (len(filed), len(YEAR.rows("resolutions"))) == (12, 10)
    for row in filed.values():
        assert row["building"] in YEAR.in_use(day(row["on"]))
        assert PetitionKind(row["kind"])
        assert Topic(row["topic"])
        assert Channel(row["channel"])
        assert row["issuer"] == offices[YEAR.ward_of_building[row["building"]]]
        assert within(row["on"])
    for row in YEAR.rows("resolutions"):
        assert Answer(row["outcome"])
        assert day(filed[row["petition"]]["on"]) <= day(row["on"]) <= LAST
    assert not [phase for phase in YEAR.told.phases if "complex" in phase.path]


def test_inspections_look_at_buildings_in_use_and_violations_follow_them() -> None:
    inspected = YEAR.by("inspections", "inspection")

    for row in inspected.values():
        assert row["building"] in YEAR.in_use(day(row["on"]))
        assert InspectionTopic(row["topic"])
    for row in YEAR.rows("violations"):
        assert ViolationCode(row["code"])
        if row["inspection"]:
            assert inspected[row["inspection"]]["building"] == row["building"]
            assert day(inspected[row["inspection"]]["on"]) <= day(row["on"])
    assert {FIRST, LAST} <= {day(row["on"]) for row in inspected.values()}
    assert [row["violation"] for row in YEAR.rows("violations") if not row["inspection"]] == ["violation-08"]


def test_a_violation_is_decided_and_remedied_after_it_was_recorded() -> None:
    recorded = {row["violation"]: day(row["on"]) for row in YEAR.rows("violations")}
    decided = {row["violation"]: day(row["dated"]) for row in YEAR.rows("violations_decided")}
    remedied = {row["violation"]: day(row["on"]) for row in YEAR.rows("violations_remedied")}

    assert all(recorded[one] < on <= LAST for one, on in [*decided.items(), *remedied.items()])
    assert decided.keys() & remedied.keys(), "decided and remedied, and counted once"


# The programme.


def test_the_conference_invites_the_leaders_of_all_14_wards_and_counts_who_came() -> None:
    rows = YEAR.rows("invitations")

    assert {row["unit"] for row in rows if row["delegation"] == "WARD_LEADERS"} == WARDS
    assert {Delegation(row["delegation"]) for row in rows} == set(Delegation)
    assert all(1 <= int(row["attended"]) <= int(row["invited"]) for row in rows)
    secretaries = {row["unit"]: int(row["invited"]) for row in rows if row["delegation"] == "CELL_SECRETARIES"}
    assert secretaries == Counter(YEAR.ward_of_group[group] for group in YEAR.housed())


def test_each_bloc_holds_one_speech_on_its_own_topic() -> None:
    assert {Bloc(row["bloc"]): SpeechTopic(row["topic"]) for row in YEAR.rows("speeches")} == {
        Bloc.PARTY_COMMITTEE: SpeechTopic.LEADERSHIP,
        Bloc.DIVISION: SpeechTopic.STATE_MANAGEMENT,
        Bloc.FATHERLAND_FRONT: SpeechTopic.POLITICAL_SYSTEM,
        Bloc.RESIDENTIAL_GROUP: SpeechTopic.COORDINATION_REGULATION,
        Bloc.BOARD: SpeechTopic.TRAINING,
    }


def test_five_directives_go_to_whom_the_source_names_and_none_has_a_deadline() -> None:
    (phase,) = (one for one in YEAR.told.phases if one.name == "directives")
    told = {step.body["number"]: step.body for step in YEAR.told.steps(phase)}
    assigned = {
        number: {(one["body"], one["unit_assigned"]) for one in body["assignees"]} for number, body in told.items()
    }

    assert assigned == {
        1: {("DIVISIONS", "Q004"), *((body, ward) for ward in WARDS for body in (PARTY_COMMITTEE, PEOPLES_COMMITTEE))},
        2: set(),
        3: {(PARTY_COMMITTEE, ward) for ward in WARDS},
        4: {(PEOPLES_COMMITTEE, "Q004")},
        5: set(),
    }
    assert {(body["on"], body["due"]) for body in told.values()} == {(LAST.isoformat(), None)}


def test_25_collectives_and_25_individuals_are_commended_within_the_period_and_one_the_day_before() -> None:
    decided = Counter((Recipient(row["recipient"]), within(row["dated"])) for row in YEAR.rows("commendations"))

    assert decided[Recipient.COLLECTIVE, True] == decided[Recipient.INDIVIDUAL, True] == 25
    assert [row["dated"] for row in YEAR.rows("commendations") if not within(row["dated"])] == ["2021-09-29"]
    assert {row["unit"] for row in YEAR.rows("commendations")} <= {*WARDS, "Q004"}
    assert Counter(row["unit"] for row in YEAR.rows("commendations")).most_common(1)[0][0] == GIANG_BIEN


def test_two_classes_in_the_period_teach_fire_and_rescue_and_one_before_taught_fire_alone() -> None:
    taught = {row["training"]: set(row["topics"].split()) for row in YEAR.rows("trainings")}

    assert taught["training-1"] == {TrainingTopic.FIRE}
    assert not within(YEAR.by("trainings", "training")["training-1"]["held"])
    assert all({TrainingTopic.FIRE, TrainingTopic.RESCUE} <= taught[one] for one in ("training-2", "training-3"))
    assert all(day(row["announced"]) < day(row["held"]) for row in YEAR.rows("trainings"))


def test_classes_are_attended_by_heads_of_that_day_and_some_are_heads_no_more() -> None:
    attended = YEAR.gathered("attendances", "training", "person")
    held = {row["training"]: day(row["held"]) for row in YEAR.rows("trainings")}

    for training in ("training-2", "training-3"):
        assert attended[training] <= YEAR.heads(held[training])
    assert attended["training-2"] - YEAR.heads(), "heads then, not any more"
    assert (attended["training-1"] & YEAR.heads()) - YEAR.trained(), "who learnt of fire alone is not trained"
