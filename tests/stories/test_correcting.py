"""A wrong answer is put right: back to its step by a new move, never for a restart, once."""

import pytest

from tests.stories.test_remote_path import called, undelivered
from tests.world import OTHER_SUPPORT, SUPPORT, TECHNICIAN, World


def offered(world: World, who: str) -> list[str]:
    """The answers that the form in front of somebody lets them correct."""
    view = world.town.slack.open_view(who)
    assert view is not None
    element = next(block["element"] for block in view.body["blocks"] if block["block_id"] == "answer")
    return [option["text"]["text"] for option in element["options"]]


async def corrects(world: World, who: str, answer: str, right: str) -> None:
    """Somebody puts an answer right from the card's menu."""
    await world.press(who, "Correct an answer")
    await world.fill(who, answer=answer, right=right)


async def test_back_to_the_step_of_the_wrong_answer_by_a_new_move(world: World) -> None:
    await undelivered(world)
    await called(world, carrier="yes")
    assert "Likely a carrier outage" in world.state()

    await corrects(world, SUPPORT, "03:29 call support: carrier issue", "I had the wrong station open")

    assert world.state() == "No contact since 02:58 · call support"
    assert world.thread()[-1] == (
        "Support 1: An answer was wrong, back to its step: I had the wrong station open"
    )
    assert any("the carrier has an issue" in line for line in world.thread()), "what was said stays told"
    await called(world)
    assert "visit needed" in world.state()


async def test_the_log_tells_the_answer_and_its_correction(world: World) -> None:
    await undelivered(world)
    await called(world, carrier="yes")
    await corrects(world, SUPPORT, "03:29 call support: carrier issue", "Wrong line read out")
    await world.log_and_close(SUPPORT)

    log = world.thread()[-1]
    assert "the carrier has an issue" in log
    assert "An answer was wrong, back to its step: Wrong line read out" in log


async def test_newest_first_and_no_restart_among_them(world: World) -> None:
    await world.breaks("restart not deliverable")
    await world.until("03:15")
    await world.press(SUPPORT, "Stop waiting")
    await world.press(SUPPORT, "Restart station")
    await world.press(SUPPORT, "No answer, later")

    await world.press(SUPPORT, "Correct an answer")

    assert offered(world, SUPPORT) == [
        "03:15 call support: No answer, later",
        "03:15 wait and monitor: Stop waiting",
    ]


async def test_nothing_answered_yet_is_said_instead_of_an_empty_form(world: World) -> None:
    await world.silent_for_30_minutes()

    await world.press(SUPPORT, "Correct an answer")

    assert world.town.slack.open_view(SUPPORT) is None
    assert world.whispers(SUPPORT) == ["Nobody has answered anything yet that could be corrected."]


async def test_what_relink_or_a_restart_did_is_no_answer(world: World) -> None:
    await world.silent_for_30_minutes()
    await world.press(SUPPORT, "Restart station")
    await world.later(minutes=3)
    assert "verifying" in world.state()

    await world.press(SUPPORT, "Correct an answer")

    assert "Nobody has answered anything yet" in world.whispers(SUPPORT)[-1]


async def test_the_second_corrector_is_told_who_was_first(world: World) -> None:
    await undelivered(world)
    await called(world, carrier="yes")
    await world.press(OTHER_SUPPORT, "Correct an answer")
    await corrects(world, SUPPORT, "03:29 call support: carrier issue", "Wrong station")
    thread = world.thread()

    await world.fill(OTHER_SUPPORT, answer="03:29 call support: carrier issue", right="It was another one")

    (sentence,) = world.wrong(OTHER_SUPPORT).values()
    assert sentence.startswith(f"<@{SUPPORT}> was first, at ")
    assert world.thread() == thread


async def test_who_is_support_and_corrects_has_it_and_a_technician_does_not(world: World) -> None:
    await world.breaks()
    await world.until("03:12")
    await world.press(SUPPORT, "Stop waiting")
    await world.type(SUPPORT, "/charger release")

    await corrects(world, TECHNICIAN, "03:12 wait and monitor: Stop waiting", "Nobody asked the site yet")
    assert world.state() == "No contact. Watching until 03:28."
    assert "Owner: nobody" in world.shown()
    await corrects(world, OTHER_SUPPORT, "03:12 wait and monitor: Stop waiting", "As the technician says")

    assert f"Owner: @{OTHER_SUPPORT}" in world.shown()


async def test_correcting_rings_nobody(world: World) -> None:
    await undelivered(world)
    await called(world, carrier="yes")
    before = world.rung()

    await corrects(world, OTHER_SUPPORT, "03:29 call support: carrier issue", "Wrong station")

    assert world.rung() == before


async def test_a_corrected_proof_is_open_again_with_all_that_came_after_it(world_by_hand: World) -> None:
    world = world_by_hand
    await world.breaks()
    await world.until("03:12")
    for label in ("It is active", "Stop waiting", "I sent it"):
        await world.press(SUPPORT, label)
    await world.later(minutes=3)
    for label in ("Back online", "Online", "Cleared", "Answered in 5 s", "Waive: nobody on site"):
        await world.press(SUPPORT, label)
    assert "`OK   ` CP-ERR-WIFI cleared" in world.shown()

    await corrects(world, SUPPORT, "03:15 verify alert cleared: Cleared", "It is still on the list")

    assert "`OK   ` Online" in world.shown()
    assert "`OPEN ` CP-ERR-WIFI" in world.shown()
    assert "`OPEN ` Get Configuration" in world.shown()
    assert "`OPEN ` RFID test session" in world.shown()
    await world.press(SUPPORT, "Cleared")
    assert "`OK   ` CP-ERR-WIFI cleared" in world.shown()


@pytest.mark.parametrize("right", ["", "   "])
async def test_without_what_is_right_nothing_is_corrected(world: World, right: str) -> None:
    await undelivered(world)
    await world.press(SUPPORT, "No answer, later")
    state = world.state()

    await corrects(world, SUPPORT, "03:29 call support: No answer, later", right)

    assert world.wrong(SUPPORT)["right"].startswith("Please")
    assert world.state() == state


async def test_a_visit_given_to_somebody_ends_when_triage_begins_anew(world: World) -> None:
    await undelivered(world)
    await called(world)
    await world.press(SUPPORT, "Choose technician")
    await world.fill(SUPPORT, technician=TECHNICIAN)

    await corrects(
        world, SUPPORT, "03:29 call support: nothing found", "They called back: the SIM is over its cap"
    )

    assert "the visit is not yours any more. Do not drive for it." in world.pushed(TECHNICIAN)[-1]
