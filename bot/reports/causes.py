"""What was to blame, by what put it right: the words of digest, chart, export and history."""

from collections.abc import Mapping
from typing import Final

NOT_KNOWN: Final = "not known"

CAUSES: Final[Mapping[str, str]] = {
    "SIM reseat": "SIM",
    "SIM replaced": "SIM",
    "antenna reconnection": "antenna",
    "antenna replaced": "antenna",
    "Wi-Fi reconfiguration": "Wi-Fi",
    "modem power cycle": "modem",
    "modem replaced": "modem",
    "provider restored service": "provider",
    "carrier recovered": "carrier",
    "recovered by itself": "by itself",
    "false alarm": "false alarm",
    "coverage finding": "coverage",
    "no power (not communications)": "power",
    "could not complete": NOT_KNOWN,
}
"""The cause of every fix the repair log offers."""


def cause_of(fix: str | None) -> str:
    """The cause behind a fix; `not known` where there is none yet."""
    return NOT_KNOWN if fix is None else CAUSES.get(fix, NOT_KNOWN)
