"""Stories that lead to a visit."""

from bot.demo.faults import NOT_DELIVERABLE
from bot.demo.plays.beginnings import silent_for_30_minutes, sim, visit_asked
from bot.demo.script import Fills, Looks, Mends, Passes, Presses, Scene, Story
from bot.demo.stories import SUPPORT_1, TECH_1, TECH_2

NOT_DELIVERED = Story(
    "not-delivered",
    "Not delivered: a visit",
    "An offline station often cannot take a restart. One call later a technician says when they come.",
    (
        *silent_for_30_minutes("{serial} goes silent and cannot be reached.", NOT_DELIVERABLE.name),
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
            Fills(SUPPORT_1, sim(case="00417")),
            shows="visit needed",
        ),
        Scene("Support 1 chooses who goes.", Presses(SUPPORT_1, "Choose technician")),
        Scene(
            "Tech 1 is asked. The card says so, and until when an answer is due.",
            Fills(SUPPORT_1, {"technician": TECH_1.id}),
            shows="was asked for a visit",
        ),
        Scene(
            "Tech 1's phone rings: a direct message with place, access, causes and tools.",
            Looks(TECH_1, direct=True),
        ),
        Scene("No typing: accept, or say when.", Presses(TECH_1, "I come at...")),
        Scene("09:00, says Tech 1.", Fills(TECH_1, {"at": "09:00"}), shows="comes"),
        Scene("The same message now says when the visit is.", Looks(TECH_1, direct=True)),
        Scene(
            "And everybody in the channel sees who comes, and when. Nobody was rung for that.",
            Looks(SUPPORT_1),
        ),
    ),
)

ANOTHER_TECHNICIAN = Story(
    "another-technician",
    "A visit is given on",
    "The first technician cannot, the second accepts. What they did on paper closes the incident.",
    (
        *visit_asked("Tech 1 is asked first.", "They get everything in a direct message."),
        Scene("Tech 1 cannot.", Presses(TECH_1, "Cannot")),
        Scene(
            "The reason goes to support, who is rung: somebody else is needed.",
            Fills(TECH_1, {"reason": "On leave until Monday."}),
            shows="visit needed",
        ),
        Scene("Support 1 asks Tech 2.", Presses(SUPPORT_1, "Choose technician")),
        Scene(
            "Tech 1's message says that the visit is not theirs any more.",
            Fills(SUPPORT_1, {"technician": TECH_2.id}),
            shows="was asked for a visit",
        ),
        Scene("Tech 2 accepts with one press.", Presses(TECH_2, "Accept"), shows="has accepted the visit"),
        Scene("Two hours later the results are on paper.", Presses(SUPPORT_1, "Enter visit results")),
        Scene(
            "The antenna was refitted. Relink believes it when the portal shows the station.",
            Fills(
                SUPPORT_1,
                {
                    "result": "put right",
                    "fix": "antenna reconnection",
                    "technician": "Tech 2",
                    "notes": "U.FL was off. Panel closed, power on.",
                },
            ),
            shows="verifying",
        ),
        Scene("The station speaks again.", Mends()),
        Scene("Relink's next look sees it: back, and the proof begins.", Passes(3), shows="Back "),
        Scene("The thread tells the whole way.", Looks(SUPPORT_1, thread=True)),
    ),
)
