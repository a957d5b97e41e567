"""Alerts of ever new stations, and incidents brought to `restart-station` by the use cases themselves."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.deps import Deps
from bot.incidents import intake, timers
from bot.incidents.answers import Readings
from bot.incidents.intake import AlertIn
from bot.incidents.rules import Rules
from bot.incidents.stations import StationSeen
from bot.portal.contract import Alarm, Capabilities, Nearby, Neighbour, Status
from bot.runbook.press import Press
from db.models import Incident

SILENT = timedelta(hours=1)
"""Since when the stations say nothing: long enough not to be waited for."""

CHOICE = "restart"
_SOURCE = "bench"
_AT_ONCE = 100


def serials(count: int, kind: str) -> list[str]:
    """Names of stations; each `kind` has its own."""
    return [f"{kind}-{number:06d}" for number in range(count)]


def alert(serial: str, now: datetime) -> AlertIn:
    """The alert of a station that fell silent."""
    station = StationSeen(
        serial,
        f"1:{serial}",
        name=f"Bay {serial}",
        site="Pier 9",
        area="north",
        carrier="T-Mobile",
        generation=2,
    )
    return AlertIn(serial, "CP-ERR-WIFI", "raised", station, now, None, now - SILENT)


async def waiting_for_a_restart(deps: Deps, count: int) -> list[Press]:
    """Open so many incidents and lead them to `restart-station`; gives the click that waits on each card."""
    names = serials(count, "CLICK")
    for first in range(0, count, _AT_ONCE):
        batch = names[first : first + _AT_ONCE]
        await deps.db.write(_lead, batch, deps.abilities.now, deps.rules, deps.clock.now())
    presses = await deps.db.read(_presses)
    assert len(presses) == count
    return presses


def _lead(
    session: Session, names: Sequence[str], capabilities: Capabilities, rules: Rules, now: datetime
) -> None:
    intake.take(session, _SOURCE, [alert(name, now) for name in names], rules, now)
    while due := timers.claim(session, rules, now, now):
        for one in due:
            timers.looked(session, one, _silence(one.station, now), capabilities, rules, now)


def _silence(station: str, now: datetime) -> Readings:
    """What the portal says of a station that is down while its neighbour is not."""
    return Readings(
        status=Status(station, online=False, last_communication=None, active_sessions=None, as_of=now),
        alarms=(Alarm(f"{station}-alarm", station, "CP-ERR-WIFI", now),),
        nearby=Nearby(
            (Neighbour("1:1", "NEXT-1", 20.0, online=True, last_communication=now),), complete=True
        ),
    )


def _presses(session: Session) -> list[Press]:
    rows = session.execute(
        select(Incident.id, Incident.turn).where(Incident.step == "restart-station").order_by(Incident.id)
    )
    return [Press(number, turn, CHOICE) for number, turn in rows]
