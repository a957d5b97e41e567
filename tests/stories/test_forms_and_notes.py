"""What people type: reasons, notes, test sessions. Shown as typed, ringing nobody, lost by no error."""

import pytest

from tests.world import OTHER_SUPPORT, SUPPORT, TECHNICIAN, World

HOSTILE = "<!channel> *bold* <@U0LEAD> <https://evil.example|click> &amp; `x` @here {{ 7 }}"


async def test_giving_up_needs_a_reason_and_ends_in_the_log(world: World) -> None:
    await world.breaks()
    await world.until("03:12")

    await world.gives_up(SUPPORT, "Site is being demolished")
    assert world.state() == "Not back · write the log"
    await world.press(SUPPORT, "Log the repair")
    view = world.town.slack.open_view(SUPPORT)
    assert view is not None
    fix = next(block["element"] for block in view.body["blocks"] if block["block_id"] == "fix")
    assert fix["initial_option"]["value"] == "could not complete"
    await world.fill(SUPPORT, follow_up="Support 2 tells the owner")

    log = world.thread()[-1]
    assert "Gave up: Site is being demolished" in log
    assert "*Fix: could not complete*" in log
    assert "Follow-up: Support 2 tells the owner" in log
    assert "Proof" not in log
    assert world.rung() == []


async def test_not_yet_goes_back_to_the_step_it_came_from(world: World) -> None:
    await world.breaks()
    await world.until("03:12")
    await world.gives_up(SUPPORT, "Wrong button")

    await world.press(SUPPORT, "Not yet")

    assert world.state() == "No contact. Watching until 03:28."
    await world.until("03:28")
    assert world.state() == "No contact since 02:58 · needs you"


@pytest.mark.parametrize("empty", ["", "   ", "\u200b"])
async def test_a_reason_of_nothing_is_refused_on_its_field(world: World, empty: str) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Skip: call support")

    await world.fill(SUPPORT, reason=empty)

    view = world.town.slack.open_view(SUPPORT)
    assert view is not None
    assert view.errors["reason"].startswith("Please")
    assert world.state() == "No contact since 02:58 · needs you"


async def test_a_test_session_that_failed_asks_why_and_keeps_what_was_typed(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Restart station")
    await world.later(minutes=3)
    await world.press(TECHNICIAN, "Enter test session")
    answers = {"authentication": "yes", "start": "yes", "energy": "no", "end": "yes", "record": "yes"}

    await world.fill(TECHNICIAN, **answers)

    view = world.town.slack.open_view(TECHNICIAN)
    assert view is not None
    assert list(view.errors) == ["cause"]
    await world.fill(TECHNICIAN, **answers, cause="another reason")
    assert "failed, not because of the connection" in world.shown()


async def test_a_note_goes_to_thread_and_log_and_moves_nothing(world: World) -> None:
    await world.breaks()
    await world.until("03:12")

    await world.press(TECHNICIAN, "Add note")
    await world.fill(TECHNICIAN, note="Scaffolding in front of the garage")

    assert world.thread()[-1] == "Tech 1 noted: Scaffolding in front of the garage"
    assert world.state() == "No contact. Watching until 03:28."
    await world.mended()
    await world.later(minutes=40)
    assert "Note: Scaffolding in front of the garage" in world.thread()[-1]


async def test_a_note_can_be_added_while_the_log_is_open(world: World) -> None:
    await world.silent_for_30_minutes("restart not deliverable")
    await world.press(SUPPORT, "Restart station")

    await world.press(OTHER_SUPPORT, "Add note")
    await world.fill(OTHER_SUPPORT, note="Owner informed")

    assert world.thread()[-1] == "Support 2 noted: Owner informed"


async def test_the_same_note_twice_is_two_lines_only_if_it_was_sent_twice(world: World) -> None:
    await world.silent_for_30_minutes()

    for _ in range(2):
        await world.press(SUPPORT, "Add note")
        await world.fill(SUPPORT, note="Called the site")
        await world.later(minutes=1)

    assert sum("Called the site" in line for line in world.thread()) == 2


async def test_hostile_words_are_shown_as_typed_and_ring_nobody(world: World) -> None:
    await world.silent_for_30_minutes()
    rung = world.rung()

    await world.press(SUPPORT, "Add note")
    await world.fill(SUPPORT, note=HOSTILE)
    await world.press(SUPPORT, "Skip: call support")
    await world.fill(SUPPORT, reason=HOSTILE)
    await world.log_and_close(SUPPORT, note=HOSTILE, follow_up=HOSTILE)

    assert f"Support 1 noted: {HOSTILE}" in world.thread()
    assert world.thread()[-1].count(HOSTILE) == 4
    assert world.rung() == rung
    assert not any("<!channel>" in message.text for message in world.town.slack.messages("C0ALERTS"))


async def test_a_hostile_station_name_is_only_a_name(world_by_hand: World) -> None:
    world = world_by_hand
    station = {"serial": "CT4G-29999", "name": "<!here> B&W", "site": "<@U0LEAD> *x*"}

    await world.alert(station=station, last_communication=world.clock.now().isoformat())
    await world.later(minutes=30)

    assert world.shown("CT4G-29999").splitlines()[0] == "CT4G-29999 · <!here> B&W · <@U0LEAD> *x*"
    assert world.rung() == [("03:28", SUPPORT), ("03:28", OTHER_SUPPORT)]
    assert "<@U0LEAD>" in world.pushed(SUPPORT)[0]


async def test_a_station_without_a_site_leaves_no_gap(world_by_hand: World) -> None:
    world = world_by_hand
    await world.alert("CT4G-29998", last_communication=world.clock.now().isoformat())
    await world.later(minutes=30)

    assert world.card("CT4G-29998").text.startswith("CT4G-29998: no contact")
    assert world.pushed(SUPPORT) == ["@S0SUPPORT CT4G-29998: silent for 30 minutes or more. Restart it?"]
