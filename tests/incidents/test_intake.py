"""An alert comes in: what it opens, repeats, re-opens, clears, or leaves as it is."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.incidents.intake import AlertIn
from bot.incidents.stations import StationSeen
from bot.portal.contract import Outcome
from db.models import Alert, Incident, Station
from tests.incidents.desk import CODE, NIGHT, RULES, SERIAL, SILENT_SINCE, Desk, alert

BY_SERIAL = StationSeen(serial=SERIAL, id=None)
BY_ID = StationSeen(serial=None, id="1:33973")
BY_BOTH = StationSeen(serial=SERIAL, id="1:33973")


def cleared(alert_id: str = "a-1", **changes: Any) -> AlertIn:
    """The end of an alert."""
    return alert(alert_id, status="cleared", **({"cleared_at": NIGHT} | changes))


async def test_a_first_alert_opens_an_incident_that_is_looked_at_at_once(desk: Desk) -> None:
    (result,) = await desk.take(alert())
    assert (result.outcome, result.incident, result.reason) == ("opened", "I-2026-0001", None)
    incident = await desk.incident()
    assert (incident.step, incident.turn, incident.last_communication) == ("confirm-alert", 0, SILENT_SINCE)
    assert await desk.timers() == {"look": NIGHT}


async def test_a_last_communication_in_the_future_is_a_wrong_clock_and_not_believed(desk: Desk) -> None:
    incident = await desk.opened(last_communication=NIGHT + timedelta(minutes=1))
    assert incident.last_communication is None


async def test_a_second_alert_of_an_open_incident_repeats_it_and_hurries_the_next_look(desk: Desk) -> None:
    await desk.opened()
    await desk.look(active=True)
    await desk.look(online=False)
    desk.later(minutes=1)
    heard = SILENT_SINCE + timedelta(minutes=2)
    (result,) = await desk.take(alert("a-2", last_communication=heard))
    assert (result.outcome, result.incident) == ("repeated", "I-2026-0001")
    assert (await desk.incident()).last_communication == heard
    assert await desk.timers() == {"look": desk.now}


async def test_a_repeat_never_makes_the_last_communication_older(desk: Desk) -> None:
    await desk.opened()
    await desk.take(alert("a-2", last_communication=SILENT_SINCE - timedelta(hours=1)))
    assert (await desk.incident()).last_communication == SILENT_SINCE


async def test_a_repeat_does_not_hurry_the_check_that_is_promised_three_minutes_after_a_restart(
    desk: Desk,
) -> None:
    """Manual 4.1 (3): a station that is still booting would be called "still down"."""
    await desk.restarted()
    await desk.answered(Outcome.ACCEPTED)
    promised = await desk.timers()
    desk.later(minutes=1)
    await desk.take(alert("a-2"), cleared("a-3"))
    assert (await desk.timers())["look"] == promised["look"]


@pytest.mark.parametrize(("hours", "outcome"), [(1, "reopened"), (24, "reopened"), (24.001, "opened")])
async def test_down_again_within_24_hours_is_the_same_incident(
    desk: Desk, hours: float, outcome: str
) -> None:
    closed = await desk.closed()
    desk.later(hours=hours)
    (result,) = await desk.take(alert("a-2", raised_at=desk.now, last_communication=None))
    assert result.outcome == outcome
    assert result.incident == (closed.reference if outcome == "reopened" else "I-2026-0002")


async def test_a_reopened_incident_starts_over_with_its_history_and_its_used_restart(desk: Desk) -> None:
    closed = await desk.closed()
    desk.later(hours=1)
    await desk.take(alert("a-2", raised_at=desk.now, last_communication=None))
    again = await desk.incident()
    assert (again.step, again.closed_at, again.back_at, again.fix) == ("confirm-alert", None, None, None)
    assert (again.reopenings, again.restarts, again.turn) == (1, 1, closed.turn + 1)
    assert again.last_communication is None, (
        "it was back since: the contact before that is none of this silence"
    )
    assert (await desk.choices())[-1] == "reopened"
    assert (await desk.lines())[-1] == "rings/reopened.j2"
    assert (await desk.timers())["look"] == desk.now


async def test_ten_alerts_that_reopen_at_once_reopen_once(desk: Desk) -> None:
    await desk.closed()
    desk.later(hours=1)
    alerts = [alert(f"b-{number}", raised_at=desk.now) for number in range(10)]
    results = await asyncio.gather(*(desk.take(each) for each in alerts))
    assert Counter(result.outcome for (result,) in results) == {"reopened": 1, "repeated": 9}
    assert (await desk.choices()).count("reopened") == 1


async def test_an_alert_older_than_the_end_of_the_incident_opens_nothing(desk: Desk) -> None:
    closed = await desk.closed()
    assert closed.closed_at is not None
    desk.later(minutes=5)
    (result,) = await desk.take(alert("late", raised_at=closed.closed_at))
    assert (result.outcome, result.reason) == ("ignored", "older than the end of the incident")
    assert (await desk.incident()).closed_at is not None


async def test_a_cleared_alert_believes_nothing_but_has_the_portal_asked_at_once(desk: Desk) -> None:
    await desk.opened()
    await desk.look(active=True)
    await desk.look(online=False)
    desk.later(minutes=1)
    (result,) = await desk.take(cleared())
    assert (result.outcome, result.incident) == ("cleared", "I-2026-0001")
    await desk.stands("wait-and-monitor")
    assert await desk.timers() == {"look": desk.now}


async def test_a_cleared_alert_with_nothing_open_is_ignored_and_says_why(desk: Desk) -> None:
    (result,) = await desk.take(cleared())
    assert (result.outcome, result.incident) == ("ignored", None)
    assert result.reason == "nothing is open for this station"


async def test_an_alert_that_was_cleared_before_it_was_raised_opens_nothing(desk: Desk) -> None:
    """Two deliveries overtook each other on the way."""
    await desk.take(cleared())
    (result,) = await desk.take(alert())
    assert (result.outcome, result.reason) == ("ignored", "this alert was already cleared")
    assert await desk.incidents() == []


async def test_the_same_delivery_twice_has_one_effect(desk: Desk) -> None:
    await desk.take(alert())
    (again,) = await desk.take(alert())
    assert (again.outcome, again.incident) == ("duplicate", None)
    assert await desk.count(Alert) == 1


async def test_two_sources_may_use_the_same_alert_id(desk: Desk) -> None:
    await desk.take(alert(), source="portal")
    (other,) = await desk.take(alert(), source="field")
    assert other.outcome == "repeated"


async def test_another_code_is_kept_and_ignored(desk: Desk) -> None:
    (result,) = await desk.take(alert(code="CP-ERR-GFCI"))
    assert (result.outcome, result.reason) == ("ignored", "no runbook for CP-ERR-GFCI")
    assert await desk.count(Alert) == 1
    assert await desk.count(Station) == 0


async def test_a_batch_is_taken_in_the_order_sent(desk: Desk) -> None:
    other = StationSeen(serial="CT4G-11873", id=None)
    results = await desk.take(alert(), alert("a-2", station=other), cleared(), alert("a-3"), alert())
    assert [result.outcome for result in results] == ["opened", "opened", "cleared", "repeated", "duplicate"]


@pytest.mark.parametrize("later", [BY_ID, BY_SERIAL])
async def test_a_sender_of_ids_and_a_sender_of_serials_meet_once_one_alert_named_both(
    desk: Desk, later: StationSeen
) -> None:
    await desk.take(alert(station=BY_BOTH))
    (result,) = await desk.take(alert("a-2", station=later))
    assert result.outcome == "repeated"


async def test_a_station_known_by_its_serial_learns_its_id(desk: Desk) -> None:
    await desk.take(alert(station=BY_SERIAL))
    await desk.take(alert("a-2", station=BY_BOTH))
    (result,) = await desk.take(alert("a-3", station=BY_ID))
    assert result.outcome == "repeated"
    assert (await desk.station())["portal_id"] == "1:33973"


async def test_an_alert_that_names_two_stations_known_apart_is_taken(desk: Desk) -> None:
    """One sender knew the serial, one the id; then a third names both. Nothing may fail, now or later."""
    await desk.take(alert("a-1", station=BY_SERIAL), alert("a-2", station=BY_ID))
    (result,) = await desk.take(alert("a-3", station=BY_BOTH))
    assert result.outcome == "repeated"


async def test_what_an_alert_says_of_a_station_is_kept_and_what_it_leaves_out_stays(desk: Desk) -> None:
    known = StationSeen(serial=SERIAL, id=None, name="Garage B 4", site="Pier 9", generation=2)
    await desk.take(alert(station=known))
    await desk.take(alert("a-2", station=StationSeen(serial=SERIAL, id=None, site="Pier 10")))
    station = await desk.station()
    assert (station["name"], station["site"], station["generation"]) == ("Garage B 4", "Pier 10", 2)


async def test_ten_alerts_of_one_new_station_at_once_open_one_incident(desk: Desk) -> None:
    alerts = [alert(f"a-{number}", station=BY_BOTH) for number in range(10)]
    results = await asyncio.gather(*(desk.take(each) for each in alerts))
    assert Counter(result.outcome for (result,) in results) == {"opened": 1, "repeated": 9}
    assert {result.incident for (result,) in results} == {"I-2026-0001"}
    assert await desk.incidents() == [(SERIAL, True)]


async def test_the_database_itself_allows_one_open_incident_of_a_station_and_code(desk: Desk) -> None:
    incident = await desk.opened()

    def open_another(session: Session) -> None:
        row = {"station_id": incident.station_id, "code": CODE, "step": "confirm-alert", "turn": 0}
        row |= {"version": 1, "runbook": RULES.runbook.digest, "attempts": 0, "rung_step": False}
        row |= {"restarts": 0, "reopenings": 0}
        times = dict.fromkeys(("opened_at", "raised_at", "entered_at"), NIGHT)
        session.execute(insert(Incident).values(**row, **times))

    def close(session: Session) -> None:
        session.execute(update(Incident).values(closed_at=NIGHT))

    with pytest.raises(IntegrityError):
        await desk.db.write(open_another)
    await desk.db.write(close)
    await desk.db.write(open_another)
    assert await desk.incidents() == [(SERIAL, False), (SERIAL, True)]
