"""Two people, double clicks, old cards: one effect, and the others are told who was first."""

import asyncio

from tests.world import CHANNEL, OTHER_SUPPORT, SUPPORT, World


def edits(world: World) -> int:
    return sum(exchange.name == "chat.update" for exchange in world.town.slack.traffic)


async def test_two_people_at_once_are_one_restart_and_the_second_reads_who_was_first(world: World) -> None:
    await world.silent_for_30_minutes()
    slack = world.town.slack

    await asyncio.gather(
        slack.press(SUPPORT, "Restart station", channel=CHANNEL),
        slack.press(OTHER_SUPPORT, "Restart station", channel=CHANNEL),
    )
    await world.settle()

    assert world.restarts() == 1
    told = {who: world.whispers(who) for who in (SUPPORT, OTHER_SUPPORT)}
    first, second = (SUPPORT, OTHER_SUPPORT) if told[OTHER_SUPPORT] else (OTHER_SUPPORT, SUPPORT)
    assert told[first] == []
    assert told[second] == [
        f"@{first} was first, at 03:28. The card shows how things stand; nothing was done twice."
    ]
    assert f"Owner: @{first}" in world.shown()
    assert sum("Restart, sent once." in line for line in world.thread()) == 1


async def test_a_double_click_is_one_restart(world: World) -> None:
    await world.silent_for_30_minutes()
    slack = world.town.slack

    await asyncio.gather(
        *(slack.press(SUPPORT, "Restart station", channel=CHANNEL) for _ in range(4)),
    )
    await world.settle()

    assert world.restarts() == 1
    assert world.outside.looks("/commands") == ["03:28"]
    assert sum("Restart, sent once." in line for line in world.thread()) == 1


async def test_two_people_who_take_it_at_once_are_one_owner(world: World) -> None:
    await world.silent_for_30_minutes()
    slack = world.town.slack

    await asyncio.gather(
        slack.press(SUPPORT, "Take", channel=CHANNEL), slack.press(OTHER_SUPPORT, "Take", channel=CHANNEL)
    )
    await world.settle()

    assert sum("took it" in line for line in world.thread()) == 1
    told = {who: world.whispers(who) for who in (SUPPORT, OTHER_SUPPORT)}
    first, second = (SUPPORT, OTHER_SUPPORT) if told[OTHER_SUPPORT] else (OTHER_SUPPORT, SUPPORT)
    assert told[first] == []
    assert told[second] == [
        f"@{first} was first, at 03:28. The card shows how things stand; nothing was done twice."
    ]
    assert f"Owner: @{first}" in world.shown()


async def test_a_click_on_an_old_card_changes_nothing_and_shows_the_card_anew(world: World) -> None:
    await world.silent_for_30_minutes()
    old = world.card().blocks
    await world.press(SUPPORT, "Restart station")
    shown, thread, before = world.shown(), world.thread(), edits(world)

    await world.press_late(OTHER_SUPPORT, "Restart station", old)

    assert world.restarts() == 1
    assert world.whispers(OTHER_SUPPORT) == [
        f"@{SUPPORT} was first, at 03:28. The card shows how things stand; nothing was done twice."
    ]
    assert world.whispers(SUPPORT) == []
    assert (world.shown(), world.thread()) == (shown, thread)
    assert edits(world) == before + 1


async def test_who_comes_later_than_relink_itself_is_told_so(world: World) -> None:
    await world.breaks()
    await world.until("03:20")
    old = world.card().blocks
    await world.until("03:28")

    await world.press_late(SUPPORT, "Stop waiting", old)

    (told,) = world.whispers(SUPPORT)
    assert "Relink was first, at 03:28." in told
    assert world.state() == "No contact since 02:58 · needs you"


async def test_a_form_on_an_old_card_is_not_opened(world: World) -> None:
    await world.silent_for_30_minutes()
    old = world.card().blocks
    await world.press(SUPPORT, "Restart station")

    await world.press_late(OTHER_SUPPORT, "Skip: call support", old)

    assert world.town.slack.open_view(OTHER_SUPPORT) is None
    assert f"@{SUPPORT} was first" in world.whispers(OTHER_SUPPORT)[-1]


async def test_a_form_filled_in_too_late_stays_open_and_says_who_was_first(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(OTHER_SUPPORT, "Skip: call support")
    await world.press(SUPPORT, "Restart station")

    await world.fill(OTHER_SUPPORT, reason="The site is closed tonight")

    view = world.town.slack.open_view(OTHER_SUPPORT)
    assert view is not None
    assert "was first" in view.errors["reason"]
    assert world.state().startswith("Restart taken by the portal")


async def test_an_old_card_of_a_closed_incident_says_that_it_is_over(world: World) -> None:
    await world.silent_for_30_minutes("restart not deliverable")
    await world.press(SUPPORT, "Restart station")
    old = world.card().blocks
    label = world.buttons()[0]
    await world.log_and_close(SUPPORT)
    closed = world.shown()

    await world.press_late(OTHER_SUPPORT, label, old)
    await world.press_late(OTHER_SUPPORT, "Add note", old)

    late, closed_already = world.whispers(OTHER_SUPPORT)
    assert f"@{SUPPORT} was first" in late
    assert closed_already == "This incident is closed. The card shows how it ended."
    assert world.town.slack.open_view(OTHER_SUPPORT) is None
    assert world.shown() == closed


async def test_a_click_while_the_portal_takes_its_time_sends_nothing_more(world: World) -> None:
    await world.silent_for_30_minutes()
    old = world.card().blocks
    world.outside.portal_holds = True
    pressing = asyncio.create_task(world.press(SUPPORT, "Restart station"))
    await world.outside.holds_one()

    await world.town.slack.click(OTHER_SUPPORT, CHANNEL, world.card().ts, "press:restart", stale=old)
    world.outside.releases()
    await pressing
    await world.settle()

    assert world.outside.looks("/commands") == ["03:28"]
    assert world.restarts() == 1
