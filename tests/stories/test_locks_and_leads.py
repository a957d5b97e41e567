"""Locks: put on, judged, handed over, taken off by their owner or by a lead's record; a technician who is silent."""

import pytest

from tests.cabinet_text import leaked
from tests.stories.overhearing import heard, readable
from tests.stories.visiting import (
    LOCKS,
    OTHER_LOCKS,
    SIGNAL,
    TECH_2,
    UNLOCK,
    ZERO,
    do,
    errors,
    gate_open,
    locked,
    offered,
    on_site,
    press,
    second_technician,
    told,
)
from tests.world import SUPPORT, TECHNICIAN, THE_LEAD, World

OWN = "LOCKED OUT by Tech 1, breaker 14, tag T-114; Tech 1, breaker 16, tag T-115."


async def at_lock_out(world: World) -> None:
    """The signal is checked, nothing is locked."""
    await on_site(world)
    await do(world, "Enter what you see", **SIGNAL)
    await press(world, "Lock out")


async def hand_over(world: World, to: str = TECH_2) -> None:
    """Support says who is there now."""
    await world.press(SUPPORT, "Other technician there")
    await world.fill(SUPPORT, technician=to)


@pytest.mark.parametrize("danger", [{"display": "still lit"}, {"car": "yes"}], ids=["lit", "car"])
async def test_with_a_lit_display_or_a_car_the_lock_is_recorded_and_the_way_is_shut(
    world: World, danger: dict[str, str]
) -> None:
    await at_lock_out(world)

    await do(world, "Enter lock-out", **LOCKS | danger)

    assert OWN in world.shown()
    assert "Your lock is recorded and stays on." in told(world)
    assert offered(world) == ["Enter lock-out", "Leave"]
    await do(world, "Enter lock-out", **LOCKS)
    assert "DANGER Live until proved dead." in told(world)
    assert leaked([*heard(world), *readable(world)]) == []


async def test_two_circuits_need_two_breakers_and_two_tags_of_ones_own(world: World) -> None:
    await at_lock_out(world)
    await press(world, "Enter lock-out")
    wrong = [
        ({"tag_2": "t-114"}, "tag-2"),
        ({"tag_2": ""}, "tag-2"),
        ({"breaker_2": "14"}, "breaker-2"),
        ({"circuits": "1"}, "breaker-2"),
        ({"glasses": "no"}, "glasses"),
        ({"told": "no"}, "told"),
    ]
    for changed, field in wrong:
        await world.fill(TECHNICIAN, **LOCKS | changed)
        assert field in errors(world), changed
        assert "LOCKED OUT" not in world.shown()
    await world.fill(TECHNICIAN, **LOCKS)
    assert OWN in world.shown()


async def test_a_meter_that_shows_no_known_source_proves_nothing(world: World) -> None:
    await locked(world)
    for weak in ({"before": "99"}, {"after": "0"}, {"before": "99.9", "after": "99.9"}):
        await do(world, "Enter readings", **ZERO | weak)
        assert "The meter did not show a known source: nothing is proved." in told(world)
        assert "Now: circuit 1 of 2" in told(world)
    await do(world, "Enter readings", **ZERO)
    assert "Now: circuit 2 of 2" in told(world)
    assert leaked([*heard(world), *readable(world)]) == []
    await do(world, "Enter readings", **ZERO)
    assert "Gate open" in told(world)


async def test_a_lock_ends_when_its_owner_types_the_tags_and_what_was_typed_is_kept(world: World) -> None:
    await gate_open(world)
    await press(world, "Stop")
    await press(world, "Panel is closed")
    await press(world, "Enter lock off")

    await world.fill(TECHNICIAN, **UNLOCK | {"tag_2": "T-999"})

    assert errors(world) == {"tag-2": "This is not the tag that was put on."}
    assert OWN in world.shown()
    for field, answer in (("clear", "no"), ("breaker", "no"), ("others", "yes")):
        await world.fill(TECHNICIAN, **UNLOCK | {field: answer})
        assert field in errors(world)
        assert OWN in world.shown()
    await world.fill(TECHNICIAN, **UNLOCK | {"tag_1": "t-114", "tag_2": "t-115"})
    assert "LOCKED OUT" not in world.shown()
    assert "Boot" in told(world)


async def test_whoever_takes_over_locks_and_measures_anew(world: World) -> None:
    second_technician(world)
    await gate_open(world)

    await hand_over(world)

    assert "You take over under a lock." in told(world, TECH_2)
    assert "On: Tech 1, breaker 14, tag T-114" in told(world, TECH_2)
    assert OWN in world.shown()
    await press(world, "Enter lock-out", TECH_2)
    await world.fill(TECH_2, **LOCKS)
    assert "This is the lock of Tech 1. Put your own on, too." in errors(world, TECH_2).values()
    one = {name: typed for name, typed in OTHER_LOCKS.items() if not name.endswith("_2")}
    await world.fill(TECH_2, **one | {"circuits": "1"})
    assert "Two circuits are locked out here already." in errors(world, TECH_2)["circuits"]
    await world.fill(TECH_2, **OTHER_LOCKS)
    assert "DANGER Live until proved dead." in told(world, TECH_2)
    for _ in range(2):
        assert leaked(readable(world)) == []
        await do(world, "Enter readings", TECH_2, **ZERO)
    assert "Gate open" in told(world, TECH_2)


async def test_the_former_takes_own_locks_off_once_the_successors_are_on_and_not_before(world: World) -> None:
    second_technician(world)
    await gate_open(world)
    await hand_over(world)
    assert "Your own locks are still on." in told(world)
    assert "Take my locks off" not in offered(world)
    await do(world, "Enter lock-out", TECH_2, **OTHER_LOCKS)
    await press(world, "Leave", TECH_2)
    await press(world, "Panel is closed", TECH_2)
    mine = UNLOCK | {"tag_1": "S-1", "tag_2": "S-2"}
    await do(world, "Enter lock off", TECH_2, **mine)
    assert "Its owner takes it off first." in errors(world, TECH_2)["others"]

    await do(world, "Take my locks off", tag_1="T-999", tag_2="T-115")
    assert errors(world) == {"tag-1": "This is not the tag that was put on."}
    await world.fill(TECHNICIAN, tag_1="t-114", tag_2="T-115")

    assert "Tech 1 took own locks off, after handing over." in world.thread()
    assert "LOCKED OUT by Tech 2, breaker 14, tag S-1; Tech 2, breaker 16, tag S-2." in world.shown()
    await world.fill(TECH_2, **mine)
    assert "LOCKED OUT" not in world.shown()


async def test_a_leads_record_leads_to_dispatch_and_what_it_left_open_forbids_closing(world: World) -> None:
    await gate_open(world)
    await world.press(SUPPORT, "Lock was removed")
    assert "a lead" in world.whispers(SUPPORT)[-1]
    assert OWN in world.shown()

    await world.press(THE_LEAD, "Lock was removed")
    await world.fill(THE_LEAD, reason="Owner went home, section 4", panel="yes", power="not known")

    assert "visit needed" in world.shown()
    assert "LOCKED OUT" not in world.shown()
    assert "After a lock was removed not known to be so: power on." in world.shown()
    assert leaked(readable(world)) == []
    assert "Keep out of the cabinet, treat it as live." in world.pushed(TECHNICIAN)[-1]
    await world.gives_up(SUPPORT, "Nobody can come")
    assert "Log the repair" not in world.buttons()
    await world.press(SUPPORT, "Panel closed, power on")
    await world.fill(SUPPORT, reason="The site looked")
    assert "After a lock was removed" not in world.shown()
    await world.log_and_close(SUPPORT, fix="could not complete")
    log = world.thread()[-1]
    assert "removed under the employer's procedure: Owner went home, section 4" in log
    assert "Panel closed before power" not in log


async def test_the_next_visit_says_what_a_removed_lock_left_open(world: World) -> None:
    await locked(world)
    await world.press(THE_LEAD, "Lock was removed")
    await world.fill(THE_LEAD, reason="Owner went home", panel="no", power="yes")
    await world.press(SUPPORT, "Choose technician")
    await world.fill(SUPPORT, technician=TECHNICIAN)
    for label in ("Accept", "I am on site"):
        assert "Treat the station as live." in told(world)
        await press(world, label)
    assert "Treat the station as live." in told(world)
    await do(world, "No access", reason="Gate shut")
    await world.press(SUPPORT, "Panel closed, power on")
    await world.fill(SUPPORT, reason="Seen on a picture")
    assert "After a lock was removed" not in world.shown()
    assert "visit needed" in world.state()


async def test_a_silent_technician_is_phoned_every_hour_and_no_lock_comes_off(world: World) -> None:
    await locked(world)
    before = len(world.broadcasts())
    await world.later(minutes=59)
    assert len(world.broadcasts()) == before

    await world.later(minutes=1)
    assert "Tech 1 has said nothing for 1 h 00 min. Phone them." in world.broadcasts()[-1]
    assert world.pushed(THE_LEAD)[-1] == world.broadcasts()[-1]
    await world.later(minutes=60)
    assert len(world.broadcasts()) == before + 2
    await do(world, "Enter readings", **ZERO)
    await world.later(minutes=59)

    assert len(world.broadcasts()) == before + 2
    assert OWN in world.shown()
