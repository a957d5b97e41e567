"""Whose visit it is: somebody else is sent, other people click, clicks come twice or late, and what becomes of it."""

import pytest

from bot.demo.slack.workspace import User
from tests.stories.direct import Direct, forged
from tests.stories.test_visit import ACCESS, accepted, asked
from tests.world import CHANNEL, SUPPORT, TECHNICIAN, THE_LEAD, World

TECH_2 = "U0TECH2"


async def another_technician(world: World) -> Direct:
    """Tech 2 works here too."""
    workspace = world.town.slack.workspace
    workspace.users[TECH_2] = User(TECH_2, "Tech 2", workspace.team_id)
    workspace.channels[CHANNEL].members.add(TECH_2)
    workspace.groups["S0TECH"].members.append(TECH_2)
    await world.patience(61)
    return Direct(world, TECH_2)


# Somebody else goes


async def test_another_technician_is_rung_and_the_former_ones_card_says_so_with_a_line(world: World) -> None:
    first = await accepted(world)
    second = await another_technician(world)
    before = len(world.rung())

    await world.press(SUPPORT, "Another technician")
    await world.fill(SUPPORT, technician=TECH_2)

    assert sorted(who for _, who in world.rung()[before:]) == [TECHNICIAN, TECH_2]
    assert first.state() == "Not your visit any more"
    assert first.buttons() == []
    assert "Do not drive for it." in first.lines()[-1]
    assert ACCESS not in first.shown()
    assert second.state() == "A visit for you. Can you go?"
    assert ACCESS in second.shown()
    assert f"@{TECH_2} was asked for a visit" in world.state()


async def test_asked_once_more_the_same_card_is_used_and_a_line_rings(world: World) -> None:
    tech = await asked(world)
    await tech.press("Cannot")
    await world.fill(TECHNICIAN, reason="Not before nine")

    await world.press(SUPPORT, "Choose technician")
    await world.fill(SUPPORT, technician=TECHNICIAN)

    assert len(tech.all()) == 1
    assert tech.state() == "A visit for you. Can you go?"
    assert "a visit for you again. The card above says what and where." in tech.rung()[-1]


# Whose click counts


@pytest.mark.parametrize("label", ["Accept", "I come at...", "Cannot"])
async def test_only_the_click_of_who_was_asked_counts(world: World, label: str) -> None:
    tech = await asked(world)
    await another_technician(world)
    theirs, before = tech.card().blocks, (world.shown(), tech.shown(), world.rung())

    for who in (TECH_2, SUPPORT, THE_LEAD):
        await forged(world, who, label, theirs)

        assert world.whispers(who)[-1] == "This is for the technician of this visit."
        assert world.town.slack.open_view(who) is None
        assert (world.shown(), tech.shown(), world.rung()) == before, who


async def test_who_is_no_technician_any_more_has_no_visit_to_accept(world: World) -> None:
    tech = await asked(world)
    world.town.slack.workspace.groups["S0TECH"].members.remove(TECHNICIAN)
    await world.patience(61)

    await tech.press("Accept")

    assert world.whispers(TECHNICIAN) == ["This is for the technician of this visit."]
    assert "was asked for a visit" in world.state()


async def test_a_second_click_changes_nothing_and_is_told_so(world: World) -> None:
    tech = await asked(world)
    old = tech.card().blocks
    await tech.press("Accept")
    thread = world.thread()

    await tech.press_late("Accept", old)

    assert world.whispers(TECHNICIAN) == [
        f"@{TECHNICIAN} was first, at 03:29. The card shows how things stand; nothing was done twice."
    ]
    assert world.thread() == thread


async def test_a_late_yes_is_told_that_relink_was_first(world: World) -> None:
    tech = await asked(world)
    old = tech.card().blocks
    await world.until("03:44")

    await tech.press_late("Accept", old)

    assert "Relink was first, at 03:44." in world.whispers(TECHNICIAN)[-1]
    assert "visit needed" in world.state()
    assert tech.state() == "Not your visit any more"


# What becomes of it


async def test_back_before_the_visit_calls_the_owner_and_tells_the_technician(world: World) -> None:
    tech = await accepted(world)
    before = len(world.rung())

    await world.mended()
    await world.later(minutes=4)

    assert sorted(who for _, who in world.rung()[before:]) == sorted([SUPPORT, TECHNICIAN])
    assert "it is back online by itself" in world.pushed(SUPPORT)[-1]
    assert tech.lines()[-1] == (
        f"@{TECHNICIAN} CT4G-20117, Pier 9: back online before the visit. Ask support before you drive."
    )
    assert "ask support before you drive" in tech.state()


async def test_closed_the_technicians_card_says_so(world: World) -> None:
    tech = await accepted(world)

    await world.log_and_close(SUPPORT)

    assert tech.state().startswith("Closed 03:29")
    assert tech.buttons() == []


async def test_an_outage_takes_the_visit_back_and_says_do_not_drive(world: World) -> None:
    tech = await accepted(world)

    await world.press(SUPPORT, "More")
    await world.fill(SUPPORT, what="Others down too")

    assert "Do not drive for it." in tech.rung()[-1]
    assert tech.state() == "Not your visit any more"


async def test_a_visit_outside_slack_is_entered_afterwards(world: World) -> None:
    tech = await accepted(world)
    await world.press(SUPPORT, "Enter visit results")
    await world.fill(
        SUPPORT,
        result="not put right",
        fix="coverage finding",
        technician="Tech 1",
        notes="1 bar, panel closed",
    )

    assert "Visit results entered: not put right." in world.thread()[-1]
    assert world.state() == "Not back · write the log"
    assert "Not back" in tech.state()


async def test_a_note_of_the_technician_is_in_the_thread(world: World) -> None:
    tech = await accepted(world)

    await tech.press("Add note")
    await world.fill(TECHNICIAN, note="Gate is open")

    assert world.thread()[-1] == "Tech 1 noted: Gate is open"


async def test_help_called_from_the_direct_message_rings_the_leads_in_the_channel(world: World) -> None:
    tech = await accepted(world)
    before = len(world.rung())

    await tech.press("Call for help")
    await world.fill(TECHNICIAN, help="Panel is locked")

    assert [who for _, who in world.rung()[before:]] == [THE_LEAD]
    assert "Tech 1 calls for help: Panel is locked" in world.broadcasts()[-1]


async def test_what_the_portal_does_not_know_of_the_place_is_said(world_by_hand: World) -> None:
    world = world_by_hand
    await world.breaks()
    await world.until("03:12")
    for label in ("It is active", "Stop waiting", "It failed", "No answer, later", "No others"):
        await world.press(SUPPORT, label)
    await world.press(SUPPORT, "Choose technician")
    await world.fill(SUPPORT, technician=TECHNICIAN)
    tech = Direct(world, TECHNICIAN)

    assert "Address: not known" in tech.shown()
    assert "Access: not known" in tech.shown()
    assert "Panel: not known · circuits feeding it: not known" in tech.shown()
