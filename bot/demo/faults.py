"""The nine ways to break the demo, and what the bot should make of each."""

from dataclasses import dataclass
from typing import Literal

from bot.portal.contract import Outcome

Where = Literal["station", "area", "portal"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong at one station, in one area, or with the whole portal.

    `restart` is what the portal answers to a restart meanwhile; only where it also `helps` does an accepted one
    end the fault. `bars` is the signal shown while it lasts and shortly afterwards.
    """

    name: str
    where: Where
    mended: str
    """What somebody does to end it, as a button says it."""
    expects: str
    """What the bot should do, in one line."""
    restart: Outcome = Outcome.NOT_CONNECTED
    helps: bool = False
    bars: int | None = None
    silences: bool = True
    generation: int | None = None
    """The only generation that can have it."""


MODEM_HANG = Fault(
    "modem hang",
    "station",
    mended="Mend the modem",
    expects="Watches until minute 30, then rings support. One restart brings it back; proof and log follow.",
    restart=Outcome.ACCEPTED,
    helps=True,
)
NOT_DELIVERABLE = Fault(
    "restart not deliverable",
    "station",
    mended="Mend the modem",
    expects="Says that the restart could not reach the station, rings the owner, and goes on without it.",
)
SIM_CAP = Fault(
    "SIM cap",
    "station",
    mended="Provider lifts the cap",
    expects="A restart is taken and does not help. ChargePoint knows of the cap: wait for the provider.",
    restart=Outcome.ACCEPTED,
)
SIM_DEFECTIVE = Fault(
    "SIM defective",
    "station",
    mended="Replace the SIM",
    expects="A restart does not help. ChargePoint finds the SIM dead: ship a new one before anybody drives.",
    restart=Outcome.ACCEPTED,
)
ANTENNA_OFF = Fault(
    "antenna off",
    "station",
    mended="Refit the antenna",
    expects="No remote step helps: a visit. Back with 1 bar at first, which the proof asks about.",
    bars=1,
)
WIFI_CHANGED = Fault(
    "Wi-Fi password changed",
    "station",
    mended="Enter the new password",
    expects="Gen 2 only. No remote step helps: a visit, with the Service Tool app at the station.",
    generation=2,
)
SESSION_RUNNING = Fault(
    "session running",
    "station",
    mended="The car leaves",
    expects="A car charges, and the portal keeps saying so. No restart now, unless a lead gives a reason.",
    silences=False,
)
CARRIER_OUTAGE = Fault(
    "carrier outage",
    "area",
    mended="Carrier is back",
    expects="Many fall silent at the same time: likely the carrier, not the stations. Nobody drives out.",
)
PORTAL_UNREACHABLE = Fault(
    "portal unreachable",
    "portal",
    mended="Portal is back",
    expects="What cannot be read is not known, never no. Waits go on; a person may say what they see.",
    silences=False,
)

FAULTS = {
    fault.name: fault
    for fault in (
        MODEM_HANG,
        NOT_DELIVERABLE,
        SIM_CAP,
        SIM_DEFECTIVE,
        ANTENNA_OFF,
        WIFI_CHANGED,
        SESSION_RUNNING,
        CARRIER_OUTAGE,
        PORTAL_UNREACHABLE,
    )
}
