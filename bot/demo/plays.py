"""The stories that the demo plays by itself, as data.

To add one, append to `STORIES`: each scene is a sentence for the one who watches, what happens, and words that the
station's card shows when it has happened. `{serial}` stands for the station, which the player chooses.
"""

from collections.abc import Mapping

from bot.demo.faults import MODEM_HANG, NOT_DELIVERABLE, SESSION_RUNNING, SIM_CAP
from bot.demo.script import (
    Breaks,
    Carrier,
    Fills,
    Looks,
    Mends,
    Passes,
    Portal,
    Presses,
    Scene,
    Story,
    Types,
)
from bot.demo.stories import LEAD, SUPPORT_1, SUPPORT_2, TECH_1


def _silent_for_30_minutes(goes_silent: str, fault: str) -> tuple[Scene, ...]:
    return (
        Scene(goes_silent, Breaks(fault)),
        Scene(
            "10 minutes of silence: the alert comes in. One card, and nobody is woken.",
            Passes(10),
            shows="Watching until",
        ),
        Scene(
            "It stays silent. At minute 30 Relink asks for a decision and rings support, once.",
            Passes(20),
            shows="needs you",
        ),
    )


def _sim(*, cap: str = "no", case: str = "") -> Mapping[str, str]:
    """What ChargePoint Support says of a SIM."""
    return {"active": "yes", "cap": cap, "carrier": "no", "defective": "no", "case": case}


STORIES = (
    Story(
        "restart-helps",
        "Modem hang, restart helps",
        "The most common night: one ring, one restart, a proof and a log.",
        (
            *_silent_for_30_minutes("The modem of {serial} hangs. Nobody knows yet.", MODEM_HANG.name),
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
    ),
    Story(
        "not-delivered",
        "Restart cannot be delivered",
        "A station that is offline often cannot take a restart. That is normal, and said so.",
        (
            *_silent_for_30_minutes("{serial} goes silent and cannot be reached.", NOT_DELIVERABLE.name),
            Scene(
                "Support 1 tries the restart. The portal says at once that it cannot reach the station.",
                Presses(SUPPORT_1, "Restart station"),
                shows="call support",
            ),
            Scene(
                "Who pressed is told in the thread: nothing was restarted. On the card stands what to ask.",
                Looks(SUPPORT_1, thread=True),
            ),
            Scene(
                "Support 1 calls ChargePoint about the SIM, and enters what they say.",
                Presses(SUPPORT_1, "Enter answers"),
            ),
            Scene(
                "Nothing wrong with the SIM, and no other station of the area is down: a visit is needed.",
                Fills(SUPPORT_1, _sim(case="00417")),
                shows="visit needed",
            ),
        ),
    ),
    Story(
        "sim-cap",
        "Data cap exceeded",
        "A restart does not help, a call does. Then it is the provider's turn, and nobody drives.",
        (
            *_silent_for_30_minutes("The SIM of {serial} has used up its data.", SIM_CAP.name),
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
                Fills(SUPPORT_1, _sim(cap="yes")),
                shows="Waiting for the provider",
            ),
            Scene("The provider lifts the cap.", Mends()),
            Scene("Relink looks every hour, and finds it back.", Passes(61), shows="Back "),
        ),
    ),
    Story(
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
            Scene("The carrier is back after a quarter of an hour.", Carrier(gone=False)),
            Scene("Relink's next looks find them online, one after the other.", Passes(16), shows="Back "),
        ),
    ),
    Story(
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
    ),
    Story(
        "car-charging",
        "A car is charging",
        "A restart would end a driver's session. Support cannot; a lead can, with a reason.",
        (
            Scene("A car charges at {serial}, and the portal shows it.", Breaks(SESSION_RUNNING.name)),
            *_silent_for_30_minutes("Then the modem hangs. The car goes on charging.", MODEM_HANG.name),
            Scene(
                "A plain restart is gone from the card: it would end the session. A lead may insist.",
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
    ),
    Story(
        "portal-away",
        "The portal does not answer",
        "Not known is never shown as no, and nobody is asked what a wait can answer.",
        (
            *_silent_for_30_minutes("{serial} goes silent.", MODEM_HANG.name),
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
    ),
)
