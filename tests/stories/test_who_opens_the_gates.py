"""Only the assigned technician's own Slack user opens a gate, with values typed once; nobody else, no replay."""

from collections.abc import AsyncIterator
from copy import deepcopy
from itertools import count
from typing import Any

import pytest

from bot.demo.slack.workspace import User
from tests.cabinet_text import leaked
from tests.stories.overhearing import heard, readable
from tests.stories.pairs import NewWorld
from tests.stories.visiting import (
    LOCKS,
    SIGNAL,
    TECH_2,
    ZERO,
    do,
    locked,
    on_site,
    press,
    second_technician,
    told,
    visit_card,
)
from tests.world import CHANNEL, SUPPORT, TECHNICIAN, THE_LEAD, World

GUEST, STRANGER = "U0GUEST", "U0STRANGER"
OTHERS = (SUPPORT, THE_LEAD, TECH_2, GUEST, STRANGER)


@pytest.fixture
async def world(new_world: NewWorld) -> AsyncIterator[World]:
    """More people than those who may do something, and all of them got hold of the technician's own message."""
    async with new_world() as one:
        second_technician(one)
        workspace = one.town.slack.workspace
        workspace.users[GUEST] = User(GUEST, "Guest", workspace.team_id, is_restricted=True)
        workspace.users[STRANGER] = User(STRANGER, "Stranger", workspace.team_id)
        workspace.groups["S0TECH"].members.append(GUEST)
        for who in (GUEST, STRANGER):
            workspace.channels[CHANNEL].members.add(who)
        workspace.open_im(TECHNICIAN).members.update(OTHERS)
        yield one


TOKENS = count()


async def resent(world: World, payload: Any) -> Any:
    """A payload comes once more, signed anew as only Slack can; what Slack was answered."""
    reply = await world.town.slack._deliverer.interact(payload | {"token": str(next(TOKENS))})
    await world.settle()
    return reply.body


def last_submission(world: World) -> Any:
    """The form that was sent last, as Slack sent it."""
    calls = [call for call in world.town.slack.traffic if call.name == "view_submission"]
    return deepcopy(calls[-1].request)


def as_it_stands(world: World) -> tuple[str, str, int]:
    """Both cards, and how many lines the thread has."""
    return world.shown(), told(world), len(world.thread())


async def test_nobody_elses_click_on_a_gate_button_does_anything(world: World) -> None:
    await on_site(world)
    await do(world, "Enter what you see", **SIGNAL)
    for label, after in (("Lock out", None), ("Enter lock-out", LOCKS), ("Enter readings", ZERO)):
        before = as_it_stands(world)
        for who in OTHERS:
            whispers = len(world.whispers(who))
            await press_as(world, who, label)
            (sentence,) = world.whispers(who)[whispers:]
            assert "technician of this visit" in sentence, who
            assert world.town.slack.open_view(who) is None
        assert as_it_stands(world) == before
        await (press(world, label) if after is None else do(world, label, **after))
    assert leaked([*heard(world), *readable(world)]) == []


async def press_as(world: World, who: str, label: str) -> None:
    """Somebody presses a button of the technician's own message."""
    card = visit_card(world)
    await world.town.slack.press(who, label, channel=card.channel, ts=card.ts)
    await world.settle()


async def test_a_form_of_the_gates_sent_as_somebody_else_is_refused(world: World) -> None:
    await locked(world)
    await press(world, "Enter readings")
    view = world.town.slack.open_view(TECHNICIAN)
    assert view is not None
    await world.fill(TECHNICIAN, **ZERO | {"before": "99"})
    await press(world, "Enter readings")
    sent = last_submission(world)
    current = world.town.slack.open_view(TECHNICIAN)
    assert current is not None
    sent["view"]["private_metadata"] = current.body["private_metadata"]
    sent["view"]["state"]["values"]["before"]["value"]["value"] = "120"
    before = as_it_stands(world)

    for who in OTHERS:
        body = await resent(world, sent | {"user": sent["user"] | {"id": who}})
        assert "technician of this visit" in str(body), who

    assert as_it_stands(world) == before


async def test_a_replayed_submission_opens_nothing(world: World) -> None:
    await locked(world)
    await do(world, "Enter readings", **ZERO)
    replay, before = last_submission(world), as_it_stands(world)

    for _ in range(2):
        body = await resent(world, replay)
        assert "first" in str(body)

    assert as_it_stands(world) == before
    assert "Now: circuit 2 of 2" in told(world)
    assert leaked([*heard(world), *readable(world)]) == []


async def test_a_press_made_up_or_kept_from_an_old_card_opens_nothing(world: World) -> None:
    await locked(world)
    old = visit_card(world).blocks
    for choice in ("all-proved", "circuit-proved", "opened", "answered-all"):
        made_up = deepcopy(old)
        for block in made_up:
            for one in block.get("elements", ()):
                if one.get("action_id") == "press:in-doubt":
                    one["value"] = one["value"].replace("in-doubt", choice)
        before = as_it_stands(world)
        card = visit_card(world)
        await world.town.slack.click(TECHNICIAN, card.channel, card.ts, "press:in-doubt", stale=made_up)
        await world.settle()
        assert as_it_stands(world) == before
    await do(world, "Enter readings", **ZERO)
    before, card = as_it_stands(world), visit_card(world)
    await world.town.slack.click(TECHNICIAN, card.channel, card.ts, "ask:measure", stale=old)
    await world.settle()
    assert world.town.slack.open_view(TECHNICIAN) is None
    assert as_it_stands(world) == before
    assert leaked([*heard(world), *readable(world)]) == []


async def test_who_is_no_technician_any_more_opens_nothing(world: World) -> None:
    await locked(world)
    await do(world, "Enter readings", **ZERO)
    world.town.slack.workspace.groups["S0TECH"].members.clear()
    await world.patience(61)
    before = as_it_stands(world)

    await press(world, "Enter readings")

    assert "technician of this visit" in world.whispers(TECHNICIAN)[-1]
    assert as_it_stands(world) == before


async def test_next_by_somebody_else_tells_no_more_than_the_channel_knows(world: World) -> None:
    await locked(world)
    for _ in range(2):
        await do(world, "Enter readings", **ZERO)
    before = as_it_stands(world)

    for who in OTHERS:
        answer = await world.type(who, "next CT4G-20117")
        assert leaked([answer]) == []
        assert "gate open" not in answer
        assert visit_card(world).channel not in answer

    assert as_it_stands(world) == before
