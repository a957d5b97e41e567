"""The whole visit, from the signal check to the repair log (manual 4.2 to 5 (9))."""

from tests.stories.visiting import UNLOCK, do, gate_open, press, told
from tests.world import TECHNICIAN, World

SESSION = dict.fromkeys(("authentication", "start", "energy", "end", "record"), "yes")


async def test_an_antenna_that_was_off_is_found_behind_both_gates_and_the_work_is_proved(
    world: World,
) -> None:
    await gate_open(world)
    assert "U.FL at the modem" in told(world)
    assert "LOCKED OUT by Tech 1, breaker 14, tag T-114; Tech 1, breaker 16, tag T-115." in world.shown()
    await press(world, "Panel is off")
    await press(world, "Fine")
    await press(world, "Was off, put right")
    await press(world, "Panel is closed")
    assert "U.FL" not in told(world)
    await do(world, "Enter lock off", **UNLOCK)
    assert "LOCKED OUT" not in world.shown()
    await world.mended()
    await world.later(minutes=4)
    assert "verifying" in world.state()

    await do(world, "Enter test session", **SESSION)
    await press(world, "Less than 2 bars")
    await do(world, "Log the repair", fix="antenna reconnection")

    log = world.thread()[-1]
    assert "*Fix: antenna reconnection*" in log
    assert "Lock: Tech 1, breaker 14, tag T-114" in log
    assert "0 V read 6 times" in log
    assert "Panel closed before power" in log
    assert "RFID test session" in log
    assert world.pushed(TECHNICIAN)[-1].endswith("the proof needs you.")
