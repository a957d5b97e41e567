"""The stories that the demo plays by itself, as data.

To add one, write it in a file beside this one and name it in `STORIES`: each scene is a sentence for the one who
watches, what happens, and words that the station's card shows when it has happened. `{serial}` stands for the
station, which the player chooses.
"""

from bot.demo.plays.on_site import BEHIND_TWO_GATES
from bot.demo.plays.restarts import CAR_CHARGING, LEAD_INSISTS, RESTART_HELPS
from bot.demo.plays.visits import ANOTHER_TECHNICIAN, NOT_DELIVERED
from bot.demo.plays.waits import CARRIER_FAILS, HEALS, PORTAL_AWAY, SIM_CAP_EXCEEDED

STORIES = (
    RESTART_HELPS,
    NOT_DELIVERED,
    ANOTHER_TECHNICIAN,
    BEHIND_TWO_GATES,
    CAR_CHARGING,
    LEAD_INSISTS,
    SIM_CAP_EXCEEDED,
    CARRIER_FAILS,
    HEALS,
    PORTAL_AWAY,
)
