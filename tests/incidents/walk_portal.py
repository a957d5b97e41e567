"""The portal of the random walk."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.portal.contract import Command, Outcome
from bot.portal.manual import ManualPortal


@dataclass
class TalkingPortal(ManualPortal):
    """Answers every restart with what was arranged, and remembers which it was given."""

    outcome: Outcome = Outcome.ACCEPTED
    sent: list[str] = field(default_factory=list)

    async def restart(self, station_id: str, *, key: str, expires_at: datetime) -> Command:
        """Take the restart."""
        self.sent.append(key)
        return Command("c-1", self.outcome, f"<!channel> {station_id}")
