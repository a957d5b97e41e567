"""Parked is parked: nobody is called before the time, whoever else does something meanwhile, and then somebody is."""

from datetime import timedelta

from bot.incidents import ownership, pausing
from bot.incidents.values import Values
from bot.people import Person
from bot.portal.contract import Outcome
from bot.runbook.model import Role
from bot.runbook.press import Press
from db.models import Outgoing
from tests.incidents.desk import NIGHT, ONE, REPAIR_LOG, RULES, TECHNICIAN, TWO, Desk, alert

MORNING = NIGHT.replace(hour=7, minute=0)
BOTH = Person("U0BOTH", frozenset({Role.SUPPORT, Role.TECHNICIAN}), "Both")
NOT_KNOWN = dict.fromkeys(("active", "cap", "carrier", "defective"), "not known")


async def park(desk: Desk) -> None:
    pressed = Press(1, (await desk.incident()).turn, "park")
    await desk.db.write(pausing.park, pressed, ONE, RULES, desk.now)


async def called(desk: Desk) -> None:
    """The restart was not delivered: support stands before the call."""
    await desk.restarted()
    await desk.answered(Outcome.NOT_CONNECTED)
    await desk.stands("call-support")


async def to_visit(desk: Desk, technician: Person, by: Person = ONE) -> None:
    """A technician is asked for a visit."""
    await called(desk)
    await desk.press("no-answer")
    await desk.look(others=[True])
    await desk.stands("dispatch")
    await desk.press("choose", by, visit(technician))


def visit(technician: Person) -> Values:
    return Values("visit", {"technician": technician.user_id}, {"technician": technician})


async def rings(desk: Desk) -> list[str]:
    """Whoever was called in the thread."""
    return [line for line in await desk.lines() if line.startswith("rings/") and "visit-off" not in line]


async def test_unmuted_what_was_parked_still_calls_in_the_morning(desk: Desk) -> None:
    await desk.at_restart()
    await park(desk)
    await desk.db.write(pausing.mute, 1, ONE, "2026-11-24", "rebuilt", RULES, desk.now)

    await desk.db.write(pausing.unmute, 1, ONE, RULES, desk.now)

    assert (await desk.timers())["wake"] == MORNING
    desk.later(hours=4)
    await desk.look()
    assert (await rings(desk))[-1] == "rings/waking.j2"


async def test_parked_and_given_back_calls_the_group_in_the_morning_and_not_now(desk: Desk) -> None:
    await desk.at_restart()
    await park(desk)
    before = await rings(desk)

    await desk.db.write(ownership.release, 1, ONE, RULES, desk.now)

    assert await rings(desk) == before
    assert "take" not in await desk.timers()
    desk.later(hours=4)
    await desk.look()
    assert await rings(desk) == [*before, "rings/waking.j2"]


async def test_back_at_night_waits_for_the_morning_somebody_parked_it_until(desk: Desk) -> None:
    await called(desk)
    await park(desk)
    before = await rings(desk)
    desk.later(minutes=3)

    await desk.look(online=True)

    await desk.stands("verify-online")
    assert await rings(desk) == before
    assert (await desk.timers())["wake"] == MORNING


async def test_a_technician_who_cannot_go_to_a_muted_station_calls_when_the_mute_ends(desk: Desk) -> None:
    await to_visit(desk, TECHNICIAN)
    await desk.db.write(pausing.mute, 1, ONE, "2026-11-23", "rebuilt", RULES, desk.now)
    before = await rings(desk)

    await desk.press("cannot", TECHNICIAN, Values("reason", {"reason": "ill"}))

    assert await rings(desk) == before
    desk.later(hours=28)
    await desk.look()
    assert await rings(desk) == [*before, "rings/waking.j2"]


async def test_whoever_goes_on_ends_the_peace(desk: Desk) -> None:
    await called(desk)
    await park(desk)

    await desk.press("no-answer", TWO)

    assert "wake" not in await desk.timers()
    assert (await desk.incident()).parked_until is None


async def test_a_sim_nobody_has_ordered_yet_is_not_due(desk: Desk) -> None:
    await called(desk)
    await desk.press("answers", values=Values("sim-status", {**NOT_KNOWN, "defective": "yes"}))
    before = await rings(desk)

    await desk.look(online=False)

    assert await rings(desk) == before
    await desk.press("shipped", values=Values("sim-order", {"eta": "2026-11-23"}))
    desk.later(days=2)
    await desk.look(online=False)
    assert await rings(desk) == [*before, "rings/sim-due.j2"]


async def test_who_is_support_too_has_the_visit_and_not_the_incident_by_accepting_it(desk: Desk) -> None:
    await to_visit(desk, BOTH)
    await desk.db.write(ownership.release, 1, ONE, RULES, desk.now)

    await desk.press("accept", BOTH)

    assert (await desk.incident()).owner is None
    await desk.press("choose-another", BOTH, visit(TECHNICIAN))
    assert (await desk.incident()).owner == BOTH.user_id


async def wanted(desk: Desk, key: str) -> int:
    """Which version of a card is to be shown."""
    rows = await desk.db.read(lambda session: [(row.key, row.wanted) for row in session.query(Outgoing)])
    return dict(rows)[key]


async def test_an_alert_that_heard_it_later_is_shown_at_once(desk: Desk) -> None:
    await called(desk)
    desk.later(minutes=5)
    heard = desk.now - timedelta(minutes=1)

    await desk.take(alert("a-2", raised_at=desk.now, last_communication=heard))

    standing = await desk.incident()
    assert standing.last_communication == heard
    assert await wanted(desk, "card:1") == standing.version


async def test_down_again_the_former_technicians_card_follows(desk: Desk) -> None:
    await to_visit(desk, TECHNICIAN)
    paper = {"result": "not put right", "fix": "could not complete", "technician": "T"}
    await desk.press("paper", values=Values("paper", paper))
    await desk.press("log", values=Values(REPAIR_LOG, {"fix": "could not complete"}))
    desk.later(minutes=5)

    await desk.take(alert("a-2", raised_at=desk.now))

    standing = await desk.incident()
    assert (standing.step, standing.technician) == ("confirm-alert", None)
    assert await wanted(desk, f"visit:1:{TECHNICIAN.user_id}") == standing.version
