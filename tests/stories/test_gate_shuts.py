"""What shuts the gate: the text is withdrawn, forms go blank, the leads are rung, and no lock comes off."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.errors import Busy
from bot.incidents import locks
from db.writer import Database
from tests.cabinet_text import leaked
from tests.stories.outside import Trouble
from tests.stories.overhearing import heard, readable, sent
from tests.stories.slack_text import words
from tests.stories.visiting import (
    TECH_2,
    ZERO,
    do,
    gate_open,
    locked,
    offered,
    press,
    second_technician,
    told,
    visit_card,
)
from tests.world import SUPPORT, TECHNICIAN, THE_LEAD, World

TAGS = "LOCKED OUT by Tech 1, breaker 14, tag T-114; Tech 1, breaker 16, tag T-115."
NOT_AT_ALL = "Do not restart, not in the portal either."


async def stop(world: World) -> None:
    """The technician stops."""
    await press(world, "Stop")


async def another_technician(world: World) -> None:
    """Support says that somebody else is there now."""
    await world.press(SUPPORT, "Other technician there")
    await world.fill(SUPPORT, technician=TECH_2)


async def twelve_hours(world: World) -> None:
    """The measurement is too old."""
    world.later_at_once(hours=11, minutes=59)
    await world.settle()
    assert leaked([visit_card(world).blocks])
    await world.later(minutes=1)


async def online(world: World) -> None:
    """The station is seen online although it is locked out."""
    await world.later(minutes=1)
    await world.mended()
    await world.later(minutes=3)


WAYS = {
    "stop": (stop, "stops and leaves", "treat as live. Do not reach in."),
    "another technician": (another_technician, "takes over on site, entered by Support 1", ""),
    "12 hours": (
        twelve_hours,
        "0 V was proved 12 h 00 min ago",
        "12 h 00 min ago, too long. Keep out.",
    ),
    "online": (online, "online although it is locked out", "a source may still be on. Keep out."),
}


@pytest.mark.parametrize(("shuts", "rung", "card"), WAYS.values(), ids=WAYS.keys())
async def test_a_shut_gate_withdraws_the_text_and_leaves_the_locks(
    world: World, shuts: Callable[[World], Awaitable[None]], rung: str, card: str
) -> None:
    second_technician(world)
    await gate_open(world)
    await press(world, "Panel is off")
    await press(world, "Enter all answers")
    before, opened = visit_card(world).ts, len(world.town.slack.traffic)
    form = world.town.slack.open_view(TECHNICIAN)
    assert form is not None
    pushes = len(world.pushed(THE_LEAD))

    await shuts(world)

    assert leaked(readable(world)) == []
    after_the_edit = [one for one in sent(world, opened) if str(one.get("ts")) == before][-1]
    assert leaked([after_the_edit]) == []
    assert visit_card(world).ts == before
    if card:
        assert card in told(world)
    blank = world.town.slack.open_view(TECHNICIAN)
    assert blank is not None
    assert (blank.id, blank.body["title"]["text"]) == (form.id, "Withdrawn")
    assert "submit" not in blank.body
    rings = world.pushed(THE_LEAD)[pushes:]
    assert sum(rung in ring and "hone " in ring for ring in rings) == 1
    assert rung in world.broadcasts()[-1]
    assert TAGS in world.shown()
    assert NOT_AT_ALL in world.shown()
    assert "Enter all answers" not in offered(world) or shuts is stop


@pytest.mark.parametrize("shuts", [twelve_hours, online], ids=["12 hours", "online"])
async def test_whoever_is_at_the_cabinet_hears_of_what_nobody_pressed(
    world: World, shuts: Callable[[World], Awaitable[None]]
) -> None:
    await gate_open(world)
    before = len(world.pushed(TECHNICIAN))

    await shuts(world)

    (ring,) = world.pushed(TECHNICIAN)[before:]
    assert "Keep out of the cabinet" in ring
    assert "DANGER 240 VAC" in told(world)


async def test_online_while_the_cabinet_is_being_closed_is_told_too_and_does_not_keep_anybody_there(
    world: World,
) -> None:
    await gate_open(world)
    for label in ("Panel is off", "Fine", "Fine"):
        await press(world, label)
    assert "Close the cabinet first" in told(world)

    await online(world)
    assert "online although it is locked out" in world.broadcasts()[-1]
    await press(world, "Leave")
    rings = len(world.pushed(THE_LEAD))
    await world.later(minutes=7)

    assert "treat as live. Do not reach in." in told(world)
    assert offered(world) == ["Panel is closed", "Enter all answers"]
    assert len(world.pushed(THE_LEAD)) == rings


@pytest.mark.parametrize(
    ("field", "volts", "shown"),
    [
        ("l1_l2", "118", "118 V, L1 to L2"),
        ("l1_ground", "0.1", "0.1 V, L1 to ground"),
        ("l2_ground", "-0.1", "-0.1 V, L2 to ground"),
    ],
)
async def test_any_volts_stop_the_work_and_undo_what_was_proved(
    world: World, field: str, volts: str, shown: str
) -> None:
    await locked(world)
    await do(world, "Enter readings", **ZERO)
    rings = len(world.pushed(THE_LEAD))

    await do(world, "Enter readings", **ZERO | {field: volts})

    assert f"STOP. {shown}" in told(world)
    assert "Do not touch. Keep clear. Lead called." in told(world)
    (ring,) = world.pushed(THE_LEAD)[rings:]
    assert "voltage after lock-out, or doubt. Phone Tech 1 now." in ring
    assert "voltage after lock-out" in world.broadcasts()[-1]
    assert TAGS in world.shown()
    assert {"Measure anew", "Other source found", "Leave"} <= set(offered(world))
    assert "Enter readings" not in offered(world)
    await do(world, "Measure anew", **ZERO)
    assert "Now: circuit 2 of 2" in told(world)
    assert f"STOP. {shown}" in told(world), "it was this very circuit that was live"
    assert leaked([*heard(world), *readable(world)]) == []
    await do(world, "Measure anew", **ZERO)
    assert leaked([visit_card(world).blocks])


async def test_a_doubt_is_as_good_as_volts(world: World) -> None:
    await locked(world)
    await do(world, "Enter readings", **ZERO)

    await press(world, "Not zero or in doubt")

    assert "STOP. Do not touch." in told(world)
    assert "voltage after lock-out, or doubt" in world.broadcasts()[-1]
    assert "Now: circuit 1 of 2" in told(world)
    assert "Measure anew" in offered(world)
    await press(world, "Other source found")
    assert "Another source is on. Keep clear." in told(world)
    assert TAGS in world.shown()
    assert leaked([*heard(world), *readable(world)]) == []


async def test_a_form_slack_opened_without_saying_so_is_blanked_all_the_same(world: World) -> None:
    await gate_open(world)
    await press(world, "Panel is off")
    world.outside.trouble = Trouble.LOSES_ANSWERS
    await press(world, "Enter all answers")
    world.outside.trouble = None
    form = world.town.slack.open_view(TECHNICIAN)
    assert form is not None
    assert form.body["title"]["text"] == "Answers"

    await world.patience(60)
    await press(world, "Stop")

    blank = world.town.slack.open_view(TECHNICIAN)
    assert blank is not None
    assert (blank.id, blank.body["title"]["text"]) == (form.id, "Withdrawn")


async def test_a_form_that_cannot_be_written_down_is_not_opened(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gate_open(world)
    await press(world, "Panel is off")
    write = Database.write

    async def busy(self: Database, unit: Any, *given: Any) -> Any:
        if unit is locks.keep_view:
            raise Busy("full")
        return await write(self, unit, *given)

    monkeypatch.setattr(Database, "write", busy)
    await press(world, "Enter all answers")

    assert world.town.slack.open_view(TECHNICIAN) is None
    assert "cannot write this down" in world.whispers(TECHNICIAN)[-1]


async def test_a_form_opened_behind_the_gate_and_sent_after_it_shut_changes_nothing(world: World) -> None:
    await gate_open(world)
    await press(world, "Enter all answers")
    view = world.town.slack.open_view(TECHNICIAN)
    assert view is not None
    old = dict(view.body)
    await press(world, "Stop")
    view.body = old
    before = words(visit_card(world).blocks)

    await world.fill(TECHNICIAN, sim="fine", antenna="fine")

    assert "first" in str(view.errors)
    assert words(visit_card(world).blocks) == before
