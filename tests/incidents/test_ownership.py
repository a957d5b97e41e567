"""Who has an incident: taken, given back, handed over; who is called by it and who is not."""

import asyncio
from datetime import timedelta

import pytest

from bot.errors import NotAllowed, Refused, StaleChoice
from bot.incidents import ownership
from bot.people import Person
from bot.runbook.model import Role
from tests.incidents.desk import LEAD, ONE, RULES, STRANGER, TECHNICIAN, TWO, Desk

TEN_MINUTES = timedelta(minutes=10)


async def take(desk: Desk, person: Person) -> None:
    await desk.db.write(ownership.take, 1, person, RULES, desk.now)


async def release(desk: Desk, person: Person) -> None:
    await desk.db.write(ownership.release, 1, person, RULES, desk.now)


async def hand_over(desk: Desk, person: Person, to: Person) -> None:
    await desk.db.write(ownership.hand_over, 1, person, to, RULES, desk.now)


async def owner(desk: Desk) -> str | None:
    return (await desk.incident()).owner


async def test_given_back_it_can_be_taken_again_by_the_same_person(desk: Desk) -> None:
    await desk.at_restart()
    for _ in range(2):
        await take(desk, ONE)
        await release(desk, ONE)

    await take(desk, ONE)

    assert await owner(desk) == ONE.user_id
    assert (await desk.lines())[-5:] == ["lines/taken.j2", "rings/released.j2"] * 2 + ["lines/taken.j2"]


async def test_given_back_where_support_is_needed_calls_the_group_and_later_the_leads(desk: Desk) -> None:
    await desk.at_restart()
    await take(desk, ONE)
    assert "take" not in await desk.timers()

    await release(desk, ONE)

    assert await owner(desk) is None
    assert (await desk.lines())[-1] == "rings/released.j2"
    assert (await desk.timers())["take"] == desk.now + TEN_MINUTES


async def test_the_leads_are_called_again_when_nobody_takes_what_was_given_back(desk: Desk) -> None:
    """They were called for the same step before; the second call is one of its own."""
    await desk.at_restart()
    desk.later(minutes=10)
    await desk.look()
    await take(desk, ONE)
    await release(desk, ONE)
    desk.later(minutes=10)

    await desk.look()

    assert (await desk.lines()).count("rings/not-taken.j2") == 2


async def test_given_back_while_it_only_waits_calls_nobody(desk: Desk) -> None:
    await desk.opened()
    await desk.look(active=True)
    await desk.look()
    await desk.stands("wait-and-monitor")
    await take(desk, ONE)

    await release(desk, ONE)

    assert (await desk.lines())[-1] == "lines/released.j2"
    assert "take" not in await desk.timers()


async def test_given_back_during_the_three_minutes_calls_nobody(desk: Desk) -> None:
    """If the restart did not help, the look at their end calls the group."""
    await desk.restarted()

    await release(desk, ONE)

    assert (await desk.lines())[-1] == "lines/released.j2"


async def test_given_back_while_it_proves_itself_calls_nobody(desk: Desk) -> None:
    await desk.back()

    await release(desk, ONE)

    assert (await desk.lines())[-1] == "lines/released.j2"


async def test_given_back_after_somebody_was_called_for_the_step_calls_the_group(desk: Desk) -> None:
    """The portal could not tell after the restart and a person was asked: that question is still open."""
    await desk.back()
    desk.later(minutes=15)
    await desk.look()
    desk.later(minutes=3)
    await desk.look()
    assert (await desk.incident()).rung_step

    await release(desk, ONE)

    assert (await desk.lines())[-1] == "rings/released.j2"


async def test_only_the_owner_or_a_lead_gives_it_back(desk: Desk) -> None:
    await desk.at_restart()
    await take(desk, ONE)

    with pytest.raises(NotAllowed, match="owner or a lead"):
        await release(desk, TWO)
    assert await owner(desk) == ONE.user_id

    await release(desk, LEAD)
    assert await owner(desk) is None


async def test_what_nobody_has_cannot_be_given_back(desk: Desk) -> None:
    await desk.at_restart()

    with pytest.raises(Refused, match="Nobody has it"):
        await release(desk, LEAD)


async def test_handed_over_the_new_owner_is_called_and_the_leads_are_not(desk: Desk) -> None:
    await desk.at_restart()
    await take(desk, ONE)

    await hand_over(desk, ONE, TWO)

    assert await owner(desk) == TWO.user_id
    assert (await desk.lines())[-1] == "rings/handed-over.j2"
    assert "take" not in await desk.timers()


async def test_what_nobody_has_is_handed_over_by_anybody_of_the_support_desk(desk: Desk) -> None:
    await desk.at_restart()

    await hand_over(desk, TWO, ONE)

    assert await owner(desk) == ONE.user_id
    assert "take" not in await desk.timers(), "it has an owner: the leads need not be called"


async def test_only_the_owner_or_a_lead_hands_it_over(desk: Desk) -> None:
    await desk.at_restart()
    await take(desk, ONE)

    with pytest.raises(NotAllowed, match="owner or a lead"):
        await hand_over(desk, TWO, TWO)
    assert await owner(desk) == ONE.user_id

    await hand_over(desk, LEAD, TWO)
    assert await owner(desk) == TWO.user_id


async def test_a_lead_who_hands_it_to_themselves_is_not_called(desk: Desk) -> None:
    await desk.at_restart()
    await take(desk, ONE)

    await hand_over(desk, LEAD, LEAD)

    assert await owner(desk) == LEAD.user_id
    assert (await desk.lines())[-1] == "lines/taken.j2"


@pytest.mark.parametrize("to", [STRANGER, TECHNICIAN], ids=["no role", "technician"])
async def test_it_is_handed_only_to_somebody_of_the_support_desk(desk: Desk, to: Person) -> None:
    await desk.at_restart()
    await take(desk, ONE)

    with pytest.raises(Refused, match="neither support nor lead"):
        await hand_over(desk, ONE, to)

    assert await owner(desk) == ONE.user_id


@pytest.mark.parametrize("person", [ONE, LEAD], ids=["themselves", "by a lead"])
async def test_it_is_not_handed_to_who_has_it(desk: Desk, person: Person) -> None:
    await desk.at_restart()
    await take(desk, ONE)

    with pytest.raises(Refused, match="have it already"):
        await hand_over(desk, person, ONE)


@pytest.mark.parametrize("person", [STRANGER, TECHNICIAN], ids=["no role", "technician"])
async def test_who_is_not_of_the_support_desk_neither_gives_back_nor_hands_over(
    desk: Desk, person: Person
) -> None:
    await desk.at_restart()
    await take(desk, ONE)

    for attempt in (release(desk, person), hand_over(desk, person, TWO)):
        with pytest.raises(NotAllowed, match="Only support"):
            await attempt

    assert await owner(desk) == ONE.user_id


async def test_a_closed_incident_changes_hands_no_more(desk: Desk) -> None:
    await desk.closed()

    for attempt in (release(desk, ONE), hand_over(desk, ONE, TWO), take(desk, TWO)):
        with pytest.raises(Refused, match="closed"):
            await attempt


async def test_giving_it_back_makes_no_button_stale_and_is_no_move(desk: Desk) -> None:
    await desk.at_restart()
    await take(desk, ONE)
    before = await desk.incident()

    await release(desk, ONE)

    after = await desk.incident()
    assert (after.turn, after.step, after.version) == (before.turn, before.step, before.version + 1)
    assert len(await desk.moves()) == after.turn


async def test_an_owner_who_changed_in_between_is_left_alone(desk: Desk) -> None:
    """A lead gives it back at the moment at which its owner hands it over: one of them is first."""
    await desk.at_restart()
    await take(desk, ONE)
    work = [
        desk.db.write(ownership.hand_over, 1, ONE, TWO, RULES, desk.now),
        desk.db.write(ownership.hand_over, 1, ONE, Person("U0X", frozenset({Role.SUPPORT})), RULES, desk.now),
    ]

    done = await asyncio.gather(*work, return_exceptions=True)

    refused = [each for each in done if each is not None]
    assert len(refused) == 1
    assert isinstance(refused[0], StaleChoice | NotAllowed)
    assert (await desk.lines()).count("rings/handed-over.j2") == 1
