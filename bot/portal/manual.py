"""No portal at all: a person does everything in the portal's own screens and the bot asks for the result."""

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from bot.errors import PortalRefused
from bot.portal.contract import Alarm, Capabilities, Command, Nearby, Outcome, Signal, Station, Status

BY_HAND = "No portal is connected to Relink: look in the portal's own screens and press what you see."


class ManualPortal:
    """A portal that can do nothing by itself: every capability is a person's."""

    async def capabilities(self) -> Capabilities:
        """Everything `manual`."""
        return Capabilities()

    async def station(self, id_or_serial: str) -> Station | None:
        """Raises PortalRefused."""
        self._refuse()

    async def status(self, station_id: str) -> Status:
        """Raises PortalRefused."""
        self._refuse()

    async def statuses(self, station_ids: Sequence[str]) -> tuple[Status, ...]:
        """Raises PortalRefused."""
        self._refuse()

    async def alarms(self, station_id: str) -> tuple[Alarm, ...]:
        """Raises PortalRefused."""
        self._refuse()

    async def signal(self, station_id: str) -> Signal:
        """Raises PortalRefused."""
        self._refuse()

    async def nearby(self, station_id: str, radius_m: int) -> Nearby:
        """Raises PortalRefused."""
        self._refuse()

    async def restart(self, station_id: str, *, key: str, expires_at: datetime) -> Command:
        """Unsupported: nothing is sent anywhere."""
        return Command(id=None, outcome=Outcome.UNSUPPORTED, detail=BY_HAND)

    async def get_configuration(
        self, station_id: str, *, keys: tuple[str, ...], key: str, deadline_ms: int
    ) -> Command:
        """Unsupported: nothing is sent anywhere."""
        return Command(id=None, outcome=Outcome.UNSUPPORTED, detail=BY_HAND)

    @staticmethod
    def _refuse() -> NoReturn:
        raise PortalRefused(BY_HAND)
