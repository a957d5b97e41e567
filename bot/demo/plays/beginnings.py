"""What several stories begin with."""

from collections.abc import Mapping

from bot.demo.script import Breaks, Passes, Scene


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


def sim(*, cap: str = "no", case: str = "") -> Mapping[str, str]:
    """What ChargePoint Support says of a SIM."""
    return {"active": "yes", "cap": cap, "carrier": "no", "defective": "no", "case": case}
