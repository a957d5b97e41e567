"""A drill at the desk: one a person, simulated, refused what is real, and left out of everything that counts."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import NotAllowed, Refused
from bot.incidents import drills, opening, ownership, pausing, practice, progress, reporting
from bot.incidents.drills import Begun
from bot.incidents.stations import StationSeen
from bot.incidents.values import Values
from bot.people import Person
from bot.portal.contract import Outcome
from bot.runbook.model import CLOSED, Gate, Phase
from bot.runbook.moves import Taken
from bot.runbook.press import Press
from db import drills as db_drills
from db import history, queries
from db import stations as db_stations
from db.models import Outgoing
from tests.incidents.desk import BY_HAND, LEAD, ONE, REASON, RULES, STRANGER, TECHNICIAN, TWO, Desk, alert

DAY = timedelta(hours=24)
CHOSEN = Values("visit", {"technician": TECHNICIAN.user_id}, {"technician": TECHNICIAN})
PAPER = Values("paper", {"result": "put right", "fix": "SIM reseat", "technician": "Tech 1"})


async def begun(desk: Desk, person: Person = ONE) -> Begun:
    """A drill of this person begins."""
    return await desk.db.write(drills.begin, person, RULES, desk.now)


async def at_restart(desk: Desk) -> None:
    """A drill stands at its restart; no portal is connected."""
    desk.capabilities = BY_HAND
    await begun(desk)
    for _ in range(2):
        await desk.look(active=True, online=False)
    await desk.stands("restart-station")


async def at_dispatch(desk: Desk) -> None:
    """Everything remote was tried in a drill."""
    await at_restart(desk)
    await desk.press("skip", values=REASON)
    await desk.press("no-answer")
    await desk.look(others=[True, True])
    await desk.stands("dispatch")


async def closed(desk: Desk) -> None:
    """A drill was played to its end: back after a power cycle."""
    await at_restart(desk)
    await desk.press("restart")
    await desk.answered(Outcome.ACCEPTED)
    desk.later(minutes=3)
    for said in ({"online": True}, {"online": True}, {"active": False}, {"milliseconds": 840}):
        await desk.look(**said)
    await desk.press("waive")
    await desk.look(bars=4)
    await desk.press("log", values=Values("repair-log", {"fix": "modem power cycle"}))


async def test_it_belongs_to_whoever_began_it_and_needs_no_portal(desk: Desk) -> None:
    await at_restart(desk)
    incident = await desk.incident()
    assert (incident.drill, incident.owner, incident.label) == (True, ONE.user_id, "DRILL-0001")
    assert incident.last_communication == incident.opened_at - timedelta(minutes=31)
    assert (await desk.timers())["drill"] == incident.opened_at + DAY
    assert "take" not in await desk.timers()


@pytest.mark.parametrize("person", [TECHNICIAN, STRANGER])
async def test_it_is_for_support_and_leads(desk: Desk, person: Person) -> None:
    with pytest.raises(NotAllowed):
        await begun(desk, person)
    assert await desk.incidents() == []


async def test_everybody_has_one_at_a_time_on_a_station_of_their_own(desk: Desk) -> None:
    for person in (ONE, LEAD, TWO):
        await begun(desk, person)
    with pytest.raises(Refused, match="Your drill DRILL-0002 is still running"):
        await begun(desk, LEAD)
    assert [label for label, _ in await desk.incidents()] == ["DRILL-0001", "DRILL-0002", "DRILL-0003"]


async def test_a_later_drill_is_a_new_incident_with_a_fresh_budget(desk: Desk) -> None:
    await closed(desk)
    desk.later(minutes=1)
    assert (await begun(desk)).incident == 2
    assert await desk.incidents() == [("DRILL-0001", False), ("DRILL-0001", True)]
    for _ in range(2):
        await desk.look(active=True, online=False)
    await desk.press("restart", incident=2)
    await desk.stands("wait-for-reconnect", 2)


async def test_it_is_not_opened_again(desk: Desk) -> None:
    await closed(desk)
    drill = await desk.incident()
    with pytest.raises(Refused, match="begin a new one"):
        await desk.db.write(opening.reopen, drill, desk.now, None, RULES, desk.now)


# What it may not do


@pytest.mark.parametrize(("choice", "values"), [("choose", CHOSEN), ("paper", PAPER)])
async def test_nobody_is_sent(desk: Desk, choice: str, values: Values) -> None:
    await at_dispatch(desk)
    turn = (await desk.incident()).turn
    with pytest.raises(Refused, match="This is a drill: nobody is sent"):
        await desk.press(choice, values=values)
    with pytest.raises(Refused, match="This is a drill: nobody is sent"):
        await desk.db.read(progress.ask, Press(1, turn, choice), ONE, RULES, desk.now)
    incident = await desk.incident()
    assert (incident.step, incident.visit, incident.turn) == ("dispatch", None, turn)


async def test_no_step_on_site_and_no_gate_is_ever_reached(desk: Desk) -> None:
    await at_dispatch(desk)
    drill = await desk.incident()
    plain = Taken(
        "dispatch", "x", "dispatch", frozenset(), {}, None, None, False, False, False, None, False, False
    )
    on_site = [step.id for step in RULES.runbook.steps.values() if step.phase is Phase.ON_SITE]
    assert {"open-cabinet", "verify-zero-volts", "inspect-sim"} <= set(on_site)
    wrong = [replace(plain, to=step) for step in on_site]
    wrong += [replace(plain, gates_after=frozenset({gate})) for gate in Gate]
    wrong += [replace(plain, sets={"visit": how}) for how in ("asked", "accepted", "on site")]
    for taken in wrong:
        with pytest.raises(Refused):
            practice.refuse_move(drill, taken, RULES)
        practice.refuse_move(drill._replace(drill=False), taken, RULES)
    for taken in (plain, replace(plain, to=CLOSED)):
        practice.refuse_move(drill, taken, RULES)


async def release(desk: Desk) -> None:
    """Its owner gives it back."""
    await desk.db.write(ownership.release, 1, ONE, RULES, desk.now)


async def hand_over(desk: Desk) -> None:
    """Its owner hands it over."""
    await desk.db.write(ownership.hand_over, 1, ONE, TWO, RULES, desk.now)


async def mute(desk: Desk) -> None:
    """Its station is muted."""
    await desk.db.write(pausing.mute, 1, ONE, "2026-11-25", "why not", RULES, desk.now)


@pytest.mark.parametrize("tries", [release, hand_over, mute])
async def test_it_stays_with_its_owner_and_leaves_nothing_behind(
    desk: Desk, tries: Callable[[Desk], Awaitable[None]]
) -> None:
    await at_restart(desk)
    with pytest.raises(Refused, match="This is a drill"):
        await tries(desk)
    assert (await desk.incident()).owner == ONE.user_id
    assert (await desk.station("DRILL-0001"))["muted_until"] is None


@pytest.mark.parametrize(
    ("status", "name"),
    [
        ("raised", ("DRILL-0001", None)),
        ("raised", (None, "drill:U0SUPPORT1")),
        ("cleared", ("drill-0001", None)),
        ("cleared", ("CT4G-1", "drill:U0SUPPORT1")),
    ],
)
async def test_no_alert_opens_or_moves_one(
    desk: Desk, status: str, name: tuple[str | None, str | None]
) -> None:
    await begun(desk)
    due = await desk.timers()
    seen = StationSeen(*name)
    (result,) = await desk.take(alert("d-1", station=seen, status=status, cleared_at=desk.now))
    assert (result.outcome, result.incident) == ("ignored", None)
    assert (await desk.timers(), len(await desk.incidents())) == (due, 1)


async def test_nobody_reports_one(desk: Desk) -> None:
    seen = StationSeen("DRILL-0001", None)
    with pytest.raises(Refused, match="is a station of drills"):
        await desk.db.write(reporting.report, seen, ONE, "dark", RULES, desk.now)
    assert await desk.incidents() == []


# Its end


async def test_forgotten_it_closes_itself_after_a_day_and_says_so(desk: Desk) -> None:
    await at_dispatch(desk)
    began = (await desk.incident()).opened_at
    assert (await desk.timers())["drill"] == began + DAY
    desk.later(hours=23, minutes=59)
    await desk.look(online=False)
    assert (await desk.incident()).closed_at is None
    desk.later(minutes=1)
    await desk.look(online=False)

    incident = await desk.incident()
    assert (incident.closed_at, incident.fix) == (desk.now, "could not complete")
    assert (await desk.choices())[-2:] == ["give-up", "log"]
    (why,) = [said.value for said in await desk.answers() if said.source == "relink"]
    assert why == {"reason": "Nobody ended this drill for 24 hours."}
    assert await desk.timers() == {}


async def test_forgotten_before_its_log_it_is_logged(desk: Desk) -> None:
    await at_restart(desk)
    await desk.press("give-up", values=REASON)
    desk.later(hours=24)
    await desk.look(online=False)

    assert ((await desk.choices())[-1], (await desk.incident()).step) == ("log", "log-repair")
    assert (await desk.incident()).closed_at == desk.now


# What counts leaves it out


async def test_what_counts_leaves_it_out(desk: Desk) -> None:
    await closed(desk)
    desk.later(minutes=1)
    await begun(desk)
    await begun(desk, TWO)
    station = (await desk.incident()).station_id
    assert (await desk.incident()).fix == "modem power cycle"

    assert await desk.db.read(queries.count_open) == 0
    assert (await desk.db.read(history.sums_of, station, "modem power cycle")).incidents == 0
    assert await desk.db.read(history.newest_of, station, 10) == []
    assert await desk.db.read(history.last_of, station) is None
    assert await desk.db.read(history.times_down, station, desk.now - DAY) == 0
    assert await desk.db.read(db_stations.flagged_stations) == []
    assert await desk.db.read(db_stations.stations_ending_in, "0001", 10) == []
    assert await desk.db.read(db_stations.serials_as_long_as, "CRILL-0001", 10) == []


async def test_whoever_has_it_sees_it_among_theirs(desk: Desk) -> None:
    await begun(desk)
    assert [one.label for one in await desk.db.read(queries.open_of, ONE.user_id, 10)] == ["DRILL-0001"]


async def test_how_it_stands_is_read_from_its_incident(desk: Desk) -> None:
    """A new process, or a second one, plays the same station."""
    assert await desk.db.read(db_drills.standing, "DRILL-0001") is None
    await at_restart(desk)
    began = (await desk.incident()).opened_at
    await desk.press("restart")
    await desk.answered(Outcome.ACCEPTED)
    for name in ("DRILL-0001", "drill:U0SUPPORT1"):
        stand = await desk.db.read(db_drills.standing, name)
        assert stand == ("CP-ERR-WIFI", began - timedelta(minutes=31), desk.now)
    await desk.opened()
    assert await desk.db.read(db_drills.standing, "CT4G-20117") is None


async def test_its_command_goes_to_its_own_station(desk: Desk) -> None:
    def stations(session: Session) -> list[str]:
        rows = session.scalars(select(Outgoing).where(Outgoing.kind == "command"))
        return [row.payload["station"] for row in rows]

    await at_restart(desk)
    await desk.press("restart")
    assert await desk.db.read(stations) == ["drill:U0SUPPORT1"]
