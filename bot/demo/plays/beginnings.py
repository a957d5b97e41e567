"""What several stories begin with."""

from collections.abc import Mapping

from bot.demo.faults import ANTENNA_OFF, SESSION_RUNNING
from bot.demo.script import Breaks, Fills, Passes, Presses, Scene
from bot.demo.stories import SUPPORT_1, TECH_1


def silent_for_30_minutes(goes_silent: str, fault: str) -> tuple[Scene, ...]:
    """A station falls silent, and support is rung at minute 30."""
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


def silent_while_a_car_charges(fault: str) -> tuple[Scene, ...]:
    """A car is at the station, and the portal still shows its session when support is rung."""
    return (
        Scene("A car charges at {serial}, and the portal shows it.", Breaks(SESSION_RUNNING.name)),
        *silent_for_30_minutes("Then the modem hangs. The car goes on charging.", fault),
    )


def visit_asked(asks: str, told: str) -> tuple[Scene, ...]:
    """An antenna comes off, the restart and the call lead nowhere: Tech 1 is asked to go (`asks`, and `told`)."""
    return (
        *silent_for_30_minutes("The antenna of {serial} comes off.", ANTENNA_OFF.name),
        Scene(
            "The one restart cannot reach it.",
            Presses(SUPPORT_1, "Restart station"),
            shows="call support",
        ),
        Scene("ChargePoint finds nothing.", Presses(SUPPORT_1, "Enter answers")),
        Scene("So somebody has to go.", Fills(SUPPORT_1, sim()), shows="visit needed"),
        Scene(asks, Presses(SUPPORT_1, "Choose technician")),
        Scene(told, Fills(SUPPORT_1, {"technician": TECH_1.id}), shows="was asked for a visit"),
    )


def sim(*, cap: str = "no", case: str = "") -> Mapping[str, str]:
    """What ChargePoint Support says of a SIM."""
    return {"active": "yes", "cap": cap, "carrier": "no", "defective": "no", "case": case}
