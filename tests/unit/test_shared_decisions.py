"""Registers, batches of old paper, and who may tell what: decided without a server."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.auth import Identity, NotPermitted, OutsideYourUnits
from shared.caller import Asked, InTheFuture, TooLongAgo
from shared.errors import Changed, NotFound, Refused
from shared.events import Register, boards, buildings
from shared.registers import domain
from shared.registers.domain import ConfirmRegister, Kept, OpenRegister, OpenTakeover
from tests.examples import BATCH, CITY, DAY, DECISION, DISTRICT, FAR_WARD, NOW, WARD, WARD_ID, caller, made

BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
REGISTER = made("register")
HERE = frozenset({Register.GROUPS, Register.BUILDINGS})


# Registers.

OPEN = OpenRegister(register_id=REGISTER, register_kept=Register.GROUPS, unit=WARD_ID, on=DAY)


def test_a_register_is_opened_for_a_unit() -> None:
    event = domain.open_register(buildings.RegisterOpened, HERE, taken=False, unit=WARD, asked=OPEN)

    assert event == buildings.RegisterOpened(subject=str(REGISTER), unit=WARD, on=DAY, register_kept=Register.GROUPS)


@pytest.mark.parametrize(
    ("refusal", "taken", "unit", "kept"),
    [
        (domain.RegisterNotKeptHere, False, WARD, Register.BOARDS),
        (domain.UnitNotYetKnown, False, None, Register.GROUPS),
        (domain.RegisterAlreadyOpen, True, WARD, Register.GROUPS),
    ],
)
def test_a_register_is_not_opened_elsewhere_nowhere_or_twice(
    refusal: type[Refused], unit: str | None, kept: Register, *, taken: bool
) -> None:
    asked = OPEN.model_copy(update={"register_kept": kept})

    with pytest.raises(refusal):
        domain.open_register(buildings.RegisterOpened, HERE, taken=taken, unit=unit, asked=asked)


KEPT = Kept(REGISTER, Register.BOARDS, WARD, opened=BEFORE, through=None)


@pytest.mark.parametrize(("through", "before"), [(DAY, None), (BEFORE, None), (DAY, BEFORE), (DAY, DAY)])
def test_a_register_is_confirmed_through_a_day_that_has_come(through: date, before: date | None) -> None:
    asked = ConfirmRegister(on=DAY, through=through)

    event = domain.confirm_register(boards.RegisterConfirmed, replace(KEPT, through=before), asked)

    assert event == boards.RegisterConfirmed(
        subject=str(REGISTER), unit=WARD, on=DAY, register_kept=Register.BOARDS, through=through
    )


@pytest.mark.parametrize(
    ("refusal", "kept", "through"),
    [
        (NotFound, None, DAY),
        (domain.ConfirmedBeforeOpened, KEPT, AFTER),
        (domain.ConfirmedBeforeOpened, KEPT, BEFORE - timedelta(days=1)),
        (domain.ConfirmedFurther, replace(KEPT, through=DAY), BEFORE),
    ],
)
def test_a_register_is_not_confirmed_ahead_or_backwards(
    refusal: type[Refused], kept: Kept | None, through: date
) -> None:
    with pytest.raises(refusal):
        domain.confirm_register(boards.RegisterConfirmed, kept, ConfirmRegister(on=DAY, through=through))


TAKEOVER = OpenTakeover(takeover_id=BATCH, name="Hồ sơ cũ minh họa", unit="Q004", document=DECISION)


def test_a_batch_is_opened_today() -> None:
    event = domain.open_takeover(buildings.TakeoverOpened, taken=False, unit=DISTRICT, today=DAY, asked=TAKEOVER)

    assert event == buildings.TakeoverOpened(subject=str(BATCH), unit=DISTRICT, on=DAY, name="Hồ sơ cũ minh họa")


@pytest.mark.parametrize(
    ("refusal", "taken", "unit"),
    [(domain.UnitNotYetKnown, False, None), (domain.TakeoverAlreadyOpen, True, DISTRICT)],
)
def test_a_batch_is_not_opened_nowhere_or_twice(refusal: type[Refused], unit: str | None, *, taken: bool) -> None:
    with pytest.raises(refusal):
        domain.open_takeover(buildings.TakeoverOpened, taken=taken, unit=unit, today=DAY, asked=TAKEOVER)


# Who may tell what.


def test_a_fact_of_today_and_of_thirty_days_ago_may_be_told() -> None:
    caller().may_tell(WARD, DAY, None)
    caller().may_tell(WARD, DAY - timedelta(days=30), None)


def test_older_paper_needs_a_batch_and_then_has_no_limit() -> None:
    with pytest.raises(TooLongAgo) as refused:
        caller().may_tell(WARD, DAY - timedelta(days=31), None)
    caller().may_tell(WARD, date(2019, 1, 1), BATCH)

    assert refused.value.facts == {"on": "2026-01-30", "limit_days": 30}


def test_a_batch_needs_its_permission() -> None:
    identity = Identity("tester", frozenset({"boards.write"}), (CITY,))

    with pytest.raises(NotPermitted):
        caller(identity=identity).may_tell(WARD, DAY, BATCH)


@pytest.mark.parametrize("takeover", [None, BATCH])
def test_nobody_tells_the_future(takeover: object) -> None:
    with pytest.raises(InTheFuture):
        caller().may_tell(WARD, AFTER, takeover)  # type: ignore[arg-type]


def test_today_begins_in_ha_noi_seven_hours_early() -> None:
    evening = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)

    assert caller(now=evening).today == date(2026, 3, 3)
    assert caller(now=evening - timedelta(seconds=1)).today == DAY


def test_nothing_is_told_of_a_unit_outside_the_scope() -> None:
    with pytest.raises(OutsideYourUnits):
        caller(DISTRICT).may_tell(FAR_WARD, DAY, None)


@pytest.mark.parametrize(
    ("granted", "unit", "covered"),
    [
        (("HN.Q004",), "HN.Q004", True),
        (("HN.Q004",), "HN.Q004.Q004-00121-v1", True),
        (("HN.Q004",), "HN.Q0041", False),
        (("HN.Q004",), "HN", False),
        (("HN.Q004", "HN.Q009"), "HN.Q009.a", True),
        ((), "HN", False),
        (("",), "HN", False),
    ],
)
def test_a_scope_is_whole_subtrees(granted: tuple[str, ...], unit: str, *, covered: bool) -> None:
    assert Identity("tester", frozenset(), granted).covers(unit) is covered


def test_what_surrounds_a_request_goes_into_the_envelope() -> None:
    who = caller(traceparent="00-aa-bb-01")

    around = who.circumstances(Asked(document=DECISION, takeover=BATCH))

    assert (around.id, around.time, around.actor) == (who.event_id, NOW, "tester")
    assert (around.correlation, around.traceparent) == (made("request"), "00-aa-bb-01")
    assert (around.document, around.takeover, around.causation) == (DECISION, BATCH, None)


@pytest.mark.parametrize("asked", [None, "*", '"3"', "3"])
def test_the_version_read_or_none_lets_a_change_through(asked: str | None) -> None:
    caller(if_match=asked).must_match(3)


def test_another_version_than_the_one_read_is_refused() -> None:
    with pytest.raises(Changed) as refused:
        caller(if_match='"3"').must_match(4)

    assert refused.value.facts == {"version": 4}
