"""A lock outlasts a change of technician; only its owner takes it off, or a lead records that it was removed."""

import pytest

from bot.errors import FieldsWrong, NotAllowed, Refused
from bot.people import Person
from tests.incidents import site
from tests.incidents.desk import LEAD, ONE, STRANGER, Desk
from tests.incidents.site import NEXT, NEXT_LOCK, NEXT_LOCKS, TECH, TWO_LOCKS, UNLOCK, form

ONE_ON = [(TECH.user_id, 1, "T-114")]
TWO_ON = [*ONE_ON, (TECH.user_id, 2, "T-115")]


def wrong(raised: pytest.ExceptionInfo[FieldsWrong]) -> set[str]:
    return set(raised.value.fields)


# Another technician


async def test_the_next_one_locks_out_and_measures_and_only_then_the_former_one_is_free(desk: Desk) -> None:
    await site.gate_open(desk)
    await site.change(desk)
    assert ((await desk.incident()).zero_at, await site.measured(desk)) == (None, [False])
    with pytest.raises(Refused, match="Not before the lock of whoever follows"):
        await site.take_off_own(desk, TECH, tag_1="T-114")

    await site.lock_out(desk, NEXT_LOCK, NEXT)
    with pytest.raises(FieldsWrong):
        await site.take_off_own(desk, TECH, tag_1="N-1")
    await site.take_off_own(desk, TECH, tag_1="t-114")

    assert await site.standing(desk) == [(NEXT.user_id, 1, "N-1")]
    assert (await desk.lines())[-1] == "lines/own-locks.j2"
    with pytest.raises(NotAllowed):
        await site.take_off_own(desk, TECH, tag_1="T-114")


async def test_who_has_the_visit_takes_locks_off_only_where_the_power_comes_back(desk: Desk) -> None:
    await site.locked(desk)
    with pytest.raises(Refused, match="at the step that restores the power"):
        await site.take_off_own(desk, TECH, tag_1="T-114")
    for person in (ONE, LEAD, NEXT, STRANGER):
        with pytest.raises(NotAllowed):
            await site.take_off_own(desk, person, tag_1="T-114")


async def test_the_next_one_locks_every_breaker_the_former_one_has_locked(desk: Desk) -> None:
    await site.locked(desk, TWO_LOCKS)
    await site.change(desk)
    with pytest.raises(FieldsWrong) as raised:
        await site.lock_out(desk, NEXT_LOCK, NEXT)
    assert wrong(raised) == {"circuits"}

    await site.lock_out(desk, NEXT_LOCKS, NEXT)
    await site.take_off_own(desk, TECH, tag_1="T-114", tag_2="T-115")
    assert [whose for whose, *_ in await site.standing(desk)] == [NEXT.user_id] * 2


async def test_no_power_while_the_lock_of_somebody_else_is_on(desk: Desk) -> None:
    await site.locked(desk)
    await site.change(desk)
    await site.lock_out(desk, NEXT_LOCK, NEXT)
    await desk.press("leave", NEXT)
    await desk.press("closed-up", NEXT)
    with pytest.raises(FieldsWrong) as raised:
        await desk.press("unlock", NEXT, form("unlock", UNLOCK | {"tag-1": "N-1"}))

    assert wrong(raised) == {"others"}
    assert len(await site.standing(desk)) == 2


async def test_the_locks_of_the_former_one_prove_nothing_for_the_next(desk: Desk) -> None:
    await site.gate_open(desk)
    await site.change(desk)
    await site.lock_out(desk, NEXT_LOCK, NEXT)
    await site.measure(desk, NEXT)

    await desk.stands("open-cabinet")
    assert await site.measured(desk) == [False, True]


async def test_a_wrong_choice_of_technician_can_be_put_right(desk: Desk) -> None:
    await site.locked(desk)
    await site.change(desk)
    await desk.stands("lock-out")
    await site.change(desk, TECH)

    assert (await desk.incident()).technician == TECH.user_id
    await site.lock_out(desk)
    await desk.stands("verify-zero-volts")


# A lead's record


@pytest.mark.parametrize("person", [ONE, TECH, NEXT])
async def test_only_a_lead_records_that_a_lock_was_removed(desk: Desk, person: Person) -> None:
    await site.locked(desk)
    with pytest.raises(NotAllowed):
        await desk.press("lock-removed", person, form("lock-removed", site.REMOVED))
    assert await site.standing(desk) == ONE_ON


async def test_a_removed_lock_is_recorded_with_who_and_why_and_opens_nothing(desk: Desk) -> None:
    await site.gate_open(desk, TWO_LOCKS)
    await desk.press("lock-removed", LEAD, form("lock-removed", site.REMOVED))

    incident = await desk.incident()
    assert (incident.step, incident.zero_at, incident.technician, incident.hazard) == (
        "dispatch",
        None,
        None,
        None,
    )
    assert {(lock.off_by, lock.off_why) for lock in await site.locks_of(desk)} == {
        (LEAD.user_id, "the key was lost")
    }
    assert await desk.timers() == {"look": desk.now}


@pytest.mark.parametrize(
    "left", [{"panel": "no"}, {"power": "not known"}, {"panel": "not known", "power": "no"}]
)
async def test_a_lock_that_left_a_hazard_keeps_restarts_and_closing_away(
    desk: Desk, left: dict[str, str]
) -> None:
    await site.locked(desk)
    await desk.press("lock-removed", LEAD, form("lock-removed", site.REMOVED | left))
    hazard = (await desk.incident()).hazard
    assert hazard is not None
    await desk.press(
        "paper", values=form("paper", {"result": "put right", "fix": "SIM reseat", "technician": "T"})
    )
    desk.later(minutes=3)
    await desk.look(online=False)
    await desk.stands("restart-station")
    for choice, sessions in (("restart-again", 0), ("when-it-ends-again", 1)):
        desk.later(minutes=3)
        await desk.look(online=False, sessions=sessions)
        with pytest.raises(Refused, match="After a lock was removed"):
            await desk.press(choice, LEAD, form("reason", {"reason": "again"}))
    assert len(await site.rows(desk, "command")) == 1

    await desk.press("give-up", values=form("reason", {"reason": "enough"}))
    with pytest.raises(Refused):
        await desk.press("log", values=form("repair-log", {"fix": "could not complete"}))
    await desk.press("settled", values=form("reason", {"reason": "seen by the site"}))
    await desk.press("log", values=form("repair-log", {"fix": "could not complete"}))
    assert (await desk.incident()).closed_at is not None
