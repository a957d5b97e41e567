"""Locks on breakers: put on, measured, handed over, taken off. A record that never takes one off by itself."""

import pytest

from bot.errors import FieldsWrong, NotAllowed, Refused
from bot.people import Person
from bot.runbook.model import Role
from db.models import Lockout
from tests.incidents import site
from tests.incidents.desk import LEAD, ONE, STRANGER, Desk
from tests.incidents.site import NEXT, ONE_LOCK, TECH, TWO_LOCKS, UNLOCK, form

ONE_ON = [(TECH.user_id, 1, "T-114")]
TWO_ON = [*ONE_ON, (TECH.user_id, 2, "T-115")]


def wrong(raised: pytest.ExceptionInfo[FieldsWrong]) -> set[str]:
    return set(raised.value.fields)


# Putting on


async def test_a_lock_is_recorded_with_who_where_and_when(desk: Desk) -> None:
    await site.locked(desk)

    (lock,) = await site.locks_of(desk)
    assert (lock.technician, lock.technician_name, lock.circuit) == (TECH.user_id, "Tech 1", 1)
    assert (lock.breaker, lock.tag, lock.on_at, lock.measured_at, lock.off_at) == (
        "14",
        "T-114",
        desk.now,
        None,
        None,
    )


async def test_two_circuits_are_two_locks(desk: Desk) -> None:
    await site.locked(desk, TWO_LOCKS)

    assert await site.standing(desk) == TWO_ON


@pytest.mark.parametrize("sign", [{"display": "still lit"}, {"car": "yes"}])
async def test_the_lock_stands_also_where_the_station_is_not_dead(desk: Desk, sign: dict[str, str]) -> None:
    await site.at_lock_out(desk)
    await site.lock_out(desk, ONE_LOCK | sign)

    await desk.stands("lock-out")
    assert await site.standing(desk) == ONE_ON


@pytest.mark.parametrize("tag", ["T-114", "t-114", " T-114 "])
async def test_entered_again_it_stays_one_lock_whatever_the_case_of_its_tag(desk: Desk, tag: str) -> None:
    await site.at_lock_out(desk)
    await site.lock_out(desk, ONE_LOCK | {"car": "yes"})
    await site.lock_out(desk, ONE_LOCK | {"tag-1": tag})

    await desk.stands("verify-zero-volts")
    assert await site.standing(desk) == ONE_ON


async def test_another_tag_on_the_same_breaker_is_refused_and_nothing_changes(desk: Desk) -> None:
    await site.at_lock_out(desk)
    await site.lock_out(desk, TWO_LOCKS | {"car": "yes"})
    with pytest.raises(FieldsWrong) as raised:
        await site.lock_out(desk, TWO_LOCKS | {"tag-2": "T-7"})

    assert wrong(raised) == {"tag-2"}
    assert await site.standing(desk) == TWO_ON


async def test_a_second_lock_is_not_forgotten(desk: Desk) -> None:
    await site.at_lock_out(desk)
    await site.lock_out(desk, TWO_LOCKS | {"car": "yes"})
    with pytest.raises(FieldsWrong) as raised:
        await site.lock_out(desk, ONE_LOCK)

    assert wrong(raised) == {"circuits"}
    await desk.stands("lock-out")


async def test_a_refused_lock_out_leaves_no_lock_behind(desk: Desk) -> None:
    await site.at_lock_out(desk)
    with pytest.raises(FieldsWrong):
        await site.lock_out(desk, ONE_LOCK | {"glasses": "no"})

    assert await site.locks_of(desk) == []


@pytest.mark.parametrize(
    "person", [ONE, LEAD, NEXT, STRANGER, Person(TECH.user_id, frozenset({Role.SUPPORT}))]
)
async def test_nobody_but_the_technician_of_the_visit_locks_or_measures(desk: Desk, person: Person) -> None:
    await site.at_lock_out(desk)
    with pytest.raises(NotAllowed):
        await site.lock_out(desk, ONE_LOCK, person)
    assert await desk.count(Lockout) == 0

    await site.lock_out(desk)
    with pytest.raises(NotAllowed):
        await site.measure(desk, person)
    assert (await desk.incident()).zero_at is None


# Measuring


async def test_the_gate_opens_when_the_last_circuit_is_proved(desk: Desk) -> None:
    await site.locked(desk, TWO_LOCKS)
    await site.measure(desk)
    assert (await site.measured(desk), (await desk.incident()).zero_at) == ([True, False], None)

    desk.later(minutes=2)
    await site.measure(desk)

    await desk.stands("open-cabinet")
    assert (await site.measured(desk), (await desk.incident()).zero_at) == ([True, True], desk.now)


@pytest.mark.parametrize("volts", [{"l1_l2": "0.1"}, {"l2_ground": "-0.1"}, {"l1_ground": "120"}])
async def test_volts_anywhere_undo_what_was_proved_and_call_the_leads(
    desk: Desk, volts: dict[str, str]
) -> None:
    await site.locked(desk, TWO_LOCKS)
    await site.measure(desk)
    await site.measure(desk, TECH, **volts)

    await desk.stands("verify-zero-volts")
    assert await site.measured(desk) == [False, False]
    assert (await desk.lines())[-1] == "rings/volts.j2"


async def test_a_doubt_undoes_it_too(desk: Desk) -> None:
    await site.locked(desk, TWO_LOCKS)
    await site.measure(desk)
    await desk.press("in-doubt", TECH)

    assert await site.measured(desk) == [False, False]


async def test_a_meter_that_proves_nothing_proves_no_circuit(desk: Desk) -> None:
    await site.locked(desk)
    await site.measure(desk, after="99.9")

    await desk.stands("verify-zero-volts")
    assert await site.measured(desk) == [False]


@pytest.mark.parametrize("way", ["closed-up", "stop"])
async def test_what_shuts_the_gate_undoes_the_proof_and_leaves_the_lock(desk: Desk, way: str) -> None:
    await site.gate_open(desk)
    if way == "closed-up":
        for choice in ("opened", "sim-fine", "antenna-fine"):
            await desk.press(choice, TECH)
    await desk.press(way, TECH)

    assert (await desk.incident()).zero_at is None
    assert (await site.standing(desk), await site.measured(desk)) == (ONE_ON, [False])


async def test_locked_out_anew_it_is_measured_anew(desk: Desk) -> None:
    await site.locked(desk, TWO_LOCKS)
    await site.measure(desk)
    await desk.press("other-source", TECH)
    await site.lock_out(desk, TWO_LOCKS)

    assert await site.measured(desk) == [False, False]


# Taking off


async def test_the_power_comes_back_when_every_tag_is_typed_again(desk: Desk) -> None:
    await site.at_restore(desk, TWO_LOCKS)
    await desk.press("unlock", TECH, form("unlock", UNLOCK | {"tag-1": "t-114", "tag-2": " T-115"}))

    await desk.stands("wait-for-boot")
    assert await site.standing(desk) == []
    assert {(lock.off_at, lock.off_by, lock.off_why) for lock in await site.locks_of(desk)} == {
        (desk.now, TECH.user_id, None)
    }


@pytest.mark.parametrize("tags", [{"tag-1": "T-115", "tag-2": "T-114"}, {"tag-2": "T-1"}, {"tag-2": ""}])
async def test_a_tag_that_is_not_the_one_takes_no_lock_off(desk: Desk, tags: dict[str, str]) -> None:
    await site.at_restore(desk, TWO_LOCKS)
    with pytest.raises(FieldsWrong) as raised:
        await desk.press("unlock", TECH, form("unlock", UNLOCK | tags))

    assert wrong(raised) == set(tags)
    assert await site.standing(desk) == TWO_ON
    await desk.stands("restore-power")


async def test_while_a_lock_is_on_no_way_leads_to_a_restart_a_visit_or_the_end(desk: Desk) -> None:
    await site.locked(desk)
    for choice in ("give-up", "no-access", "stop-here", "cannot-lock", "restart", "log"):
        for person in (TECH, ONE, LEAD):
            with pytest.raises(Refused):
                await desk.press(choice, person, form("reason", {"reason": "away"}))
    await desk.stands("verify-zero-volts")
