"""What every use case needs to know and what does not change while the process runs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, time, timedelta, tzinfo

from bot.runbook.model import Runbook


@dataclass(frozen=True, slots=True)
class Rules:
    """The procedure, our own times by their names (`look`, `watch`, ...), and where cards go."""

    runbook: Runbook
    timings: Mapping[str, timedelta]
    channel: str
    """The Slack channel of the cards."""
    zone: tzinfo = UTC
    """The sites' time zone: a day that was promised begins there."""
    park_at: time = time(7)
    """When what was parked calls again, where the sites are."""
    gen_1_serial: str = r"CT4G-1[0-9]{4}"
    gen_2_serial: str = r"CT4G-[2-9][0-9]{4}"
    """Which serials are of which generation (manual 1), where nobody says."""
    remind_at: time = time(9)
    """When a person is reminded on a day something was promised for, where the sites are."""

    def generation_of(self, serial: str | None) -> int | None:
        """The generation a serial tells; None if it tells none."""
        if serial is None:
            return None
        if re.fullmatch(self.gen_2_serial, serial):
            return 2
        return 1 if re.fullmatch(self.gen_1_serial, serial) else None
