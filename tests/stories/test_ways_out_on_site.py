"""Nobody is ever stuck on site: where "No access", "Stop here", "Leave" and what was found lead, and late answers."""

import pytest

from tests.stories.visiting import (
    LOCKS,
    SIGNAL,
    UNLOCK,
    ZERO,
    do,
    errors,
    gate_open,
    locked,
    offered,
    on_site,
    power_on,
    press,
    told,
)
from tests.world import SUPPORT, TECHNICIAN, World


async def at_signal(world: World) -> None:
    """Just arrived."""
    await on_site(world)


async def at_breaker(world: World) -> None:
    """Before anything is opened."""
    await on_site(world)
    await do(world, "Enter what you see", **SIGNAL)
    await press(world, "Breaker off and on")


async def at_lock_out(world: World) -> None:
    """Nothing is locked."""
    await on_site(world)
    await do(world, "Enter what you see", **SIGNAL)
    await press(world, "Lock out")


async def at_boot(world: World) -> None:
    """The power is back."""
    await locked(world)
    await press(world, "Leave")
    await power_on(world)


async def at_wifi(world: World) -> None:
    """Wi-Fi is the path there."""
    await at_boot(world)
    await press(world, "Wi-Fi is meant here")


async def at_connection(world: World) -> None:
    """The indicator is there."""
    await at_boot(world)
    await press(world, "Indicator is there")


WITHOUT_A_LOCK = (at_signal, at_breaker, at_lock_out, at_boot, at_wifi, at_connection)


@pytest.mark.parametrize("there", WITHOUT_A_LOCK, ids=lambda one: one.__name__)
async def test_without_a_lock_no_access_leads_to_dispatch_and_stop_to_the_log(
    world: World, there: object
) -> None:
    assert callable(there)
    await there(world)
    assert {"No access", "Stop here"} <= set(offered(world))
    assert "Stop" not in offered(world)

    await do(world, "Stop here", reason="The site sends me away")
    assert "could not complete" in told(world)
    await press(world, "Not yet")
    await do(world, "No access", reason="The gate is shut")

    assert "visit needed" in world.state()
    assert "Tech 1 has no access (The gate is shut). Who goes?" in world.thread()[-1]
    assert world.pushed(SUPPORT)[-1] == world.thread()[-1]


async def test_who_cannot_lock_out_gives_the_visit_back_and_says_why(world: World) -> None:
    await at_lock_out(world)

    await do(world, "Cannot lock", reason="The panel is not ours")

    assert "visit needed" in world.state()
    assert "Tech 1 cannot lock out (The panel is not ours)" in world.pushed(SUPPORT)[-1]


async def test_with_a_lock_on_every_way_out_is_the_closed_cabinet(world: World) -> None:
    await at_lock_out(world)
    await do(world, "Enter lock-out", **LOCKS | {"car": "yes"})
    assert {"No access", "Stop here", "Cannot lock"} & set(offered(world)) == set()
    await press(world, "Leave")
    assert "0 V is not proved: treat as live. Do not reach in." in told(world)
    assert 'In trouble: call the lead (menu, "Call for help").' in told(world)
    assert {"Stop", "No access", "Stop here"} & set(offered(world)) == set()
    await press(world, "Panel is closed")
    assert {"Stop", "No access", "Stop here"} & set(offered(world)) == set()
    assert "In trouble: call the lead" in told(world)
    await do(world, "Enter lock off", **UNLOCK)
    assert "Boot" in told(world)


@pytest.mark.parametrize(
    "steps", [[], ["Panel is off"], ["Panel is off", "Fine"]], ids=["panel", "SIM", "antenna"]
)
async def test_stop_is_on_every_cabinet_step(world: World, steps: list[str]) -> None:
    await gate_open(world)
    for label in steps:
        await press(world, label)

    await press(world, "Stop")

    assert "treat as live. Do not reach in." in told(world)
    assert "Not finished inside" not in offered(world)


async def test_answers_that_come_late_are_taken_until_the_power_is_back_with_their_time(world: World) -> None:
    await gate_open(world)
    for label in ("Panel is off", "Fine", "Fine", "Panel is closed"):
        await press(world, label)
    done = int(world.clock.now().timestamp()) - 600
    await press(world, "Enter all answers")
    late = {"sim": "was loose", "antenna": "was off, put right", "notes": "no bars inside"}
    await world.fill(TECHNICIAN, **late, at=str(done + 660))
    assert errors(world) == {"at": "This is in the future. When was it done?"}

    await world.fill(TECHNICIAN, **late, at=str(done))

    line = world.thread()[-1]
    assert "SIM: was loose; antenna: was off, put right." in line
    assert "Done 03:" in line
    assert "no bars inside" in line
    await do(world, "Enter lock off", **UNLOCK)
    assert "Enter all answers" not in offered(world)
    await do(world, "Stop here", reason="That was it")
    assert "could not complete" in told(world)


async def test_a_damaged_sim_leads_to_a_new_one_before_the_next_visit(world: World) -> None:
    await gate_open(world)
    await press(world, "Panel is off")
    await press(world, "Damaged")
    assert "LOCKED OUT" in world.shown()

    await power_on(world)

    assert "SIM defective" in world.state()
    assert "a new SIM is needed, found by Tech 1 on site." in world.pushed(SUPPORT)[-1]
    assert "Not your visit any more" in told(world)
    await world.press(SUPPORT, "SIM arrived")
    assert "visit needed" in world.state()


async def test_a_part_that_is_needed_leads_to_a_new_visit(world: World) -> None:
    await gate_open(world)
    for label in ("Panel is off", "Fine", "Part needed"):
        await press(world, label)

    await power_on(world)

    assert "a part is needed" in world.state()
    assert "a part is needed, found by Tech 1 on site." in world.pushed(SUPPORT)[-1]
    await world.press(SUPPORT, "Part is there: new visit")
    await world.fill(SUPPORT, part="Patch antenna")
    assert "visit needed" in world.state()


async def test_what_the_display_shows_decides_first(world: World) -> None:
    await on_site(world)

    await do(world, "Enter what you see", **SIGNAL | {"display": "normal"})

    assert any("The display is normal. Verifying." in line for line in world.thread())
    # The portal does not see it online, so the signal is looked at once more.
    assert offered(world)[0] == "Enter what you see"


async def test_a_dark_display_is_no_power_and_no_communications_fault(world: World) -> None:
    await on_site(world)

    await do(world, "Enter what you see", **SIGNAL | {"display": "dark"})

    assert "no power (not communications)" in told(world)


async def test_weak_bars_recommend_wifi_for_gen_2_and_are_put_right_when_entered_again(world: World) -> None:
    await on_site(world)

    await do(world, "Enter what you see", **SIGNAL | {"bars": "1", "wifi": "yes"})
    assert "Recommend a Wi-Fi connection (Gen 2) or an external LTE antenna." in told(world)
    await do(world, "Enter it again", **SIGNAL)

    assert "Recommend" not in told(world)
    assert "The signal should do: look further." in told(world)


async def test_no_indicator_leads_back_to_the_signal(world: World) -> None:
    await at_boot(world)

    await press(world, "No indicator")

    assert "signal check" in told(world)


async def test_what_looks_like_a_wifi_key_goes_nowhere(world: World) -> None:
    await at_wifi(world)
    assert "never into Slack" in told(world)
    before = world.thread()

    await do(world, "Not possible now", reason="password: hunter2hunter2")
    assert "This looks like a Wi-Fi key." in errors(world)["reason"]
    answer = await world.type(TECHNICIAN, "note CT4G-20117 psk is hunter2hunter2")

    assert "This looks like a Wi-Fi key." in answer
    assert world.thread() == before


async def test_the_log_tells_locks_readings_meters_and_the_deviation(world: World) -> None:
    await locked(world)
    await do(world, "Enter readings", **ZERO | {"before": "12"})
    await do(world, "Enter readings", **ZERO | {"l1_ground": "118", "meter": "M-8"})
    for _ in range(2):
        await do(world, "Measure anew", **ZERO)
    for label in ("Panel is off", "Was loose", "Fine"):
        await press(world, label)
    await power_on(world)
    await do(world, "Stop here", reason="Late")
    await do(world, "Log the repair", fix="SIM reseat")

    log = world.thread()[-1]
    assert "Lock: Tech 1, breaker 14, tag T-114, on 03:" in log
    assert ", off 03:" in log
    assert "0 V read 6 times; not 0: 118 V, L1 to ground" in log
    assert "Meter: M-7\nMeter: M-8" in log
    assert "Panel closed before power (the manual closes it in 5, 9, after power: deviation" in log
