"""Stories of a remote restart: it helps, it waits for a car, a lead insists on it."""

from bot.demo.faults import MODEM_HANG
from bot.demo.plays.beginnings import silent_for_30_minutes, silent_while_a_car_charges
from bot.demo.script import Fills, Leaves, Looks, Passes, Presses, Scene, Story
from bot.demo.stories import LEAD, SUPPORT_1, TECH_1

RESTART_HELPS = Story(
    "restart-helps",
    "Modem hang, restart helps",
    "The most common night: one ring, one restart, a proof and a log.",
    (
        *silent_for_30_minutes("The modem of {serial} hangs. Nobody knows yet.", MODEM_HANG.name),
        Scene(
            "Support 1 sends the one restart. A dialog names the station and the effect first.",
            Presses(SUPPORT_1, "Restart station"),
            shows="Restart taken",
        ),
        Scene(
            "Nobody has to wait at the screen: after 3 minutes Relink looks by itself.",
            Passes(3),
            shows="verifying",
        ),
        Scene(
            "It is back, and the portal has proved most of it. The test session needs somebody on site.",
            Presses(SUPPORT_1, "Waive: nobody on site"),
            shows="log the repair",
        ),
        Scene(
            "All that is left is the log. Its fix is filled in from what happened.",
            Presses(SUPPORT_1, "Log the repair"),
        ),
        Scene(
            "One look, one press, and the card shrinks.",
            Fills(SUPPORT_1, {"note": "Modem hang, cleared by the restart."}),
            shows="Closed",
        ),
        Scene(
            "The thread keeps the night line by line. The repair log is its last line.",
            Looks(SUPPORT_1, thread=True),
        ),
    ),
)

CAR_CHARGING = Story(
    "car-charging",
    "A car is charging",
    "A restart would end a driver's session. Relink waits until the car has left, and restarts then, once.",
    (
        *silent_while_a_car_charges(MODEM_HANG.name),
        Scene(
            "A plain restart is gone from the card. Support 1 orders it for the moment the session ends.",
            Presses(SUPPORT_1, "Restart when it ends"),
            shows="Restart as soon as the session ends",
        ),
        Scene(
            "Relink asks the portal every 3 minutes. The car is still there, and nobody is called.", Passes(6)
        ),
        Scene("The car leaves.", Leaves()),
        Scene(
            "Relink's next look finds no session and sends the restart, once.",
            Passes(3),
            shows="Restart taken",
        ),
        Scene("3 minutes later it is back. The driver noticed nothing.", Passes(3), shows="verifying"),
        Scene(
            "Card and thread say who ordered the restart, and when it was sent.",
            Looks(SUPPORT_1, thread=True),
        ),
    ),
)

LEAD_INSISTS = Story(
    "lead-insists",
    "A lead restarts anyway",
    "A car is charging and support may only wait. A lead may insist, with a reason that stays.",
    (
        *silent_while_a_car_charges(MODEM_HANG.name),
        Scene(
            "Support is offered to wait for the car. Only a lead may do otherwise.",
            Looks(SUPPORT_1),
            shows="No restart while a session is running",
        ),
        Scene("The lead decides otherwise.", Presses(LEAD, "Restart anyway")),
        Scene(
            "A reason is needed, and it stands in the log for good.",
            Fills(LEAD, {"reason": "The driver asked for it."}),
            shows="Restart taken",
        ),
        Scene("3 minutes later it is back.", Passes(3), shows="verifying"),
        Scene(
            "A technician happens to be on site: no waiver, a real test session.",
            Presses(TECH_1, "Enter test session"),
        ),
        Scene(
            "Five answers, five taps. Only the log is left.",
            Fills(
                TECH_1,
                {"authentication": "yes", "start": "yes", "energy": "yes", "end": "yes", "record": "yes"},
            ),
            shows="log the repair",
        ),
    ),
)
