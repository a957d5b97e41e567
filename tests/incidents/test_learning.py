"""A closed incident counts once, as it was closed last; one that is open again does not count."""

from collections.abc import Mapping

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.incidents.stations import StationSeen
from bot.incidents.values import Values
from bot.reports import history
from db import migrate
from db.models import Incident
from db.tallies import Evidence, Tally
from tests.incidents.desk import BY_HAND, REASON, REPAIR_LOG, SERIAL, Desk, alert
from tests.made_up import rows_of

PIER_9 = StationSeen(SERIAL, "1:1", site="Pier 9", area="north", carrier="T-Mobile", generation=2)
HANGS = {
    "all": 1,
    "area 0 north / T-Mobile": 1,
    "hours 0 1": 1,
    "kind none 2 T-Mobile": 1,
    "site Pier 9": 1,
    "station 1": 1,
}
"""What one modem hang of that station at three in the morning counts for."""


def read_tallies(session: Session) -> dict[tuple[str, str], int]:
    rows = session.execute(select(Tally.key, Tally.cause, Tally.cases).where(Tally.cases != 0))
    return {(key, cause): cases for key, cause, cases in rows}


async def tallies(desk: Desk, cause: str = "modem hang") -> Mapping[str, int]:
    """How often each key counts for this cause."""
    found = await desk.db.read(read_tallies)
    return {key: cases for (key, of), cases in found.items() if of == cause}


async def give_up(desk: Desk, incident: int, fix: str) -> None:
    """An open incident is closed with this fix."""
    desk.capabilities = BY_HAND
    await desk.press("give-up", values=REASON, incident=incident)
    await desk.press("log", values=Values(REPAIR_LOG, {"fix": fix}), incident=incident)


async def fails_again(desk: Desk, number: int, station: StationSeen = PIER_9) -> None:
    """The station goes down once more."""
    await desk.take(alert(f"a-{number}", station=station, raised_at=desk.now, last_communication=desk.now))


async def hung(desk: Desk, station: StationSeen = PIER_9) -> None:
    """Down at Pier 9, restarted, logged as a modem that hung."""
    await desk.take(alert(station=station))
    desk.capabilities = BY_HAND
    await desk.press("active")
    await desk.press("older")
    await desk.press("sent-by-hand")
    desk.later(minutes=31)
    await desk.press("back")
    await give_up(desk, 1, "modem power cycle")


async def test_a_closed_incident_counts_at_every_level(desk: Desk) -> None:
    await hung(desk)
    assert await tallies(desk) == HANGS


async def test_open_again_it_counts_no_more_and_closed_again_once_as_it_was_closed_last(desk: Desk) -> None:
    await hung(desk)
    desk.later(hours=1)
    await fails_again(desk, 2)
    assert (await desk.incident()).reopenings == 1
    assert await desk.db.read(read_tallies) == {}

    await give_up(desk, 1, "antenna reconnection")
    assert await tallies(desk) == {}
    antenna = await tallies(desk, "antenna")
    assert (antenna["all"], antenna["station 1"]) == (1, 1)
    assert await desk.count(Evidence) == 1


async def test_what_was_counted_is_taken_back_although_the_station_was_described_anew(desk: Desk) -> None:
    await hung(desk)
    desk.later(hours=1)
    moved = StationSeen(SERIAL, "1:1", site="Pier 10", area="south", carrier="AT&T", generation=2)
    await fails_again(desk, 2, moved)
    assert await desk.db.read(read_tallies) == {}


async def test_two_rows_that_turn_out_to_be_one_station_keep_their_past_and_their_flag(desk: Desk) -> None:
    await hung(desk, StationSeen(None, "1:1"))
    desk.later(hours=48)
    await desk.take(alert("a-2", station=StationSeen(SERIAL, None)))
    assert (await tallies(desk))["station 1"] == 1

    await desk.take(alert("a-3", station=PIER_9))

    assert {key for key in await tallies(desk) if key.startswith("station")} == {"station 2"}
    (flagged,) = (await desk.db.read(history.flagged))["stations"]
    assert flagged["label"] == SERIAL


@pytest.mark.parametrize("fix", ["false alarm", "could not complete"])
async def test_what_says_nothing_is_not_counted(desk: Desk, fix: str) -> None:
    await desk.take(alert(station=PIER_9))
    await give_up(desk, 1, fix)
    assert await desk.count(Evidence) == 0
    assert await desk.count(Tally) == 0


async def test_a_drill_is_not_counted(desk: Desk) -> None:
    await desk.take(alert(station=PIER_9))
    await desk.db.write(_make_a_drill)
    await give_up(desk, 1, "SIM reseat")
    assert await desk.count(Evidence) == 0


def _make_a_drill(session: Session) -> None:
    session.execute(update(Incident).values(drill=True))


async def test_how_the_last_restart_ended_is_what_the_next_incident_is_likened_by(desk: Desk) -> None:
    await hung(desk)
    for number, fix in enumerate(("modem power cycle", "SIM reseat"), start=2):
        desk.later(hours=30)
        await fails_again(desk, number)
        await give_up(desk, number, fix)
    kinds = {key for key, _ in await desk.db.read(read_tallies) if key.startswith("kind")}
    assert kinds == {"kind none 2 T-Mobile", "kind helped 2 T-Mobile"}, (
        "no restart in between changes nothing"
    )


async def test_many_of_many_stations_add_up(desk: Desk) -> None:
    for number in range(12):
        await fails_again(desk, number, StationSeen(f"CT4G-{number}", None, site=f"Site {number % 2}"))
        await give_up(desk, number + 1, "SIM reseat" if number % 3 else "antenna replaced")
    assert (await tallies(desk, "SIM"))["all"] == 8
    assert (await tallies(desk, "antenna"))["all"] == 4
    assert (await tallies(desk, "SIM"))["site Site 0"] == 4


async def test_the_migration_counts_a_filled_database_as_the_closings_did(
    desk: Desk, database_url: str
) -> None:
    """Names are an enemy's; one incident is open, one healed early, one was no alarm."""
    enemy = StationSeen(
        "x'); DROP TABLE tallies; --",
        None,
        site="%s {} ' \" \\ : ? / 'a' || 'b' \u202e",
        area="/ / :x",
        carrier="'",
        generation=1,
    )
    await hung(desk)
    for number, (fix, hours) in enumerate(
        (("SIM reseat", 30), ("recovered by itself", 37), ("modem replaced", 44), ("false alarm", 50)),
        start=2,
    ):
        desk.later(hours=hours)
        await fails_again(desk, number, enemy)
        desk.later(minutes=31)
        await give_up(desk, number, fix)
    desk.later(hours=30)
    await fails_again(desk, 6)
    await give_up(desk, 6, "recovered by itself")
    desk.later(hours=30)
    await fails_again(desk, 7, enemy)
    desk.later(minutes=1)
    counted = rows_of(database_url, Evidence, Tally)
    assert len(counted["evidence"]) == 4
    await desk.db.close()

    migrate.downgrade(database_url, "0004")
    migrate.upgrade(database_url)

    assert rows_of(database_url, Evidence, Tally) == counted
