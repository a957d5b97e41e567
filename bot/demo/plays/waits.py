"""Stories in which waiting is right: provider, carrier, a station that heals, a portal that is away."""

from bot.demo.faults import MODEM_HANG, SIM_CAP
from bot.demo.plays.beginnings import silent_for_30_minutes, sim
from bot.demo.script import Breaks, Carrier, Fills, Looks, Mends, Passes, Portal, Presses, Scene, Story, Types
from bot.demo.stories import SUPPORT_1, SUPPORT_2

SIM_CAP_EXCEEDED = Story(
    "sim-cap",
    "Data cap exceeded",
    "A restart does not help, a call does. Then it is the provider's turn, and nobody drives.",
    (
        *silent_for_30_minutes("The SIM of {serial} has used up its data.", SIM_CAP.name),
        Scene(
            "Support 1 restarts it. The portal takes the command.",
            Presses(SUPPORT_1, "Restart station"),
            shows="Restart taken",
        ),
        Scene(
            "3 minutes later it is still silent. Only the one who pressed is rung.",
            Passes(3),
            shows="call support",
        ),
        Scene("ChargePoint looks the SIM up.", Presses(SUPPORT_1, "Enter answers")),
        Scene(
            "The cap is exceeded: wait for ChargePoint's NOC. Nothing to do until then.",
            Fills(SUPPORT_1, sim(cap="yes")),
            shows="Waiting for the provider",
        ),
        Scene("The provider lifts the cap.", Mends()),
        Scene("Relink looks every hour, and finds it back.", Passes(61), shows="Back "),
    ),
)

CARRIER_FAILS = Story(
    "carrier-outage",
    "The carrier fails",
    "Many silent stations at once are one cause. Nobody is rung, nobody drives out.",
    (
        Scene("The carrier of {serial} fails in its whole area.", Carrier(gone=True)),
        Scene(
            "Every station of that carrier is silent since the same minute, and each card says so.",
            Passes(11),
            shows="Others down: outage",
        ),
        Scene(
            "Support 2 happens to look in and says what it is.",
            Presses(SUPPORT_2, "Others down: outage"),
            shows="Likely a carrier outage",
        ),
        Scene(
            "What the next one should know goes into a note, from the menu.", Presses(SUPPORT_2, "Add note")
        ),
        Scene(
            "A note is a line of the thread, and later of the log. It rings nobody.",
            Fills(SUPPORT_2, {"note": "The carrier's status page speaks of 30 minutes."}),
        ),
        Scene("The carrier is back after a quarter of an hour.", Carrier(gone=False)),
        Scene("Relink's next looks find them online, one after the other.", Passes(16), shows="Back "),
    ),
)

HEALS = Story(
    "heals",
    "Heals by itself",
    "What heals while it is watched costs nobody's sleep: no ring, no form.",
    (
        Scene("{serial} loses contact.", Breaks(MODEM_HANG.name)),
        Scene(
            "The alert comes in. Relink watches; nobody is rung.",
            Passes(12),
            shows="Watching until",
        ),
        Scene("Before minute 30 the station is heard again.", Mends()),
        Scene(
            "At its next look Relink finds it online and proves it from the portal.",
            Passes(4),
            shows="log the repair",
        ),
        Scene(
            "Nobody touched it, so it must hold for 30 minutes. Then Relink writes the log and closes.",
            Passes(31),
            shows="Closed",
        ),
        Scene("The log says so: nobody touched it.", Looks(SUPPORT_1, thread=True)),
    ),
)

PORTAL_AWAY = Story(
    "portal-away",
    "The portal does not answer",
    "Not known is never shown as no, and nobody is asked what a wait can answer.",
    (
        *silent_for_30_minutes("{serial} goes silent.", MODEM_HANG.name),
        Scene(
            "Support 1 sends the restart, and the portal takes it.",
            Presses(SUPPORT_1, "Restart station"),
            shows="Restart taken",
        ),
        Scene("Now the portal itself stops answering.", Portal(reachable=False)),
        Scene(
            "The check after 3 minutes gets no answer. The card says so; it does not say: still down.",
            Passes(3),
            shows="NOT KNOWN",
        ),
        Scene("The portal answers again.", Portal(reachable=True)),
        Scene(
            "At the next look the station is back. Nobody was rung in between.",
            Passes(3),
            shows="verifying",
        ),
        Scene(
            "At any time anybody may ask how things stand.",
            Types(SUPPORT_1, "/charger status {serial}"),
        ),
    ),
)
