"""What leads a life to each of the named points: an alert, a click, a restart, the hour of the digest."""

import asyncio
from datetime import timedelta
from typing import Final

from bot.demo.faults import MODEM_HANG
from bot.demo.stories import SUPPORT_1
from tests.soak.lives import Lives
from tests.soak.people import Offer, offers_of
from tests.stories.killable import PATIENCE

# From the end of a way to its beginning: what the one before left behind does not lead the next one to its point.
BY_AN_ALERT: Final = (
    "alert committed, not answered",
    "alert taken, not committed",
    "card's ts saved",
    "card's ts saved, not committed",
    "card posted, its ts not saved",
    "card claimed, not posted",
    "line posted, its ts not saved",
    "line claimed, not posted",
    "timer's move committed",
    "timer's move not committed",
    "timer looked at, nothing decided",
    "timer claimed",
    "edit sent, not noted",
    "edit claimed, not sent",
)
BY_A_CLICK: Final = ("click committed, not acked", "click taken, not committed")
BY_A_RESTART: Final = (
    "restart's answer stored",
    "restart's answer not committed",
    "restart sent, its answer not stored",
    "restart claimed, not sent",
)
BY_THE_HOUR: Final = (
    "digest written, not committed",
    "digest written",
    "digest claimed, not posted",
    "digest posted, its ts not saved",
    "digest's ts saved, its chart not made",
    "chart shared, not noted",
)
IN_ORDER: Final = (*BY_AN_ALERT, *BY_A_CLICK, *BY_A_RESTART, *BY_THE_HOUR)
STATIONS: Final = len(BY_AN_ALERT) + len(BY_A_CLICK) + len(BY_A_RESTART)
"""How many stations break on the way to all of them."""

AGO: Final = timedelta(minutes=12)
"""Long enough for the alert, too short to call anybody."""


class Ways:
    """Leads a life to a point, with a station that was sound where it takes one."""

    def __init__(self, lives: Lives) -> None:
        self._lives = lives
        self._world = lives.world
        self._sound = iter([each.station.serial for each in self._world.town.fleet.all()])

    async def to(self, point: str) -> None:
        """One life that ends at the point."""
        way = self._an_alert
        if point in BY_A_CLICK:
            way = self._a_click
        elif point in BY_A_RESTART:
            way = self._a_restart
        elif point in BY_THE_HOUR:
            way = self._the_hour
        await self._lives.one_dies_at(point, way)

    async def _an_alert(self) -> None:
        await self._breaks()

    async def _a_click(self) -> None:
        await self._press(await self._breaks(), "stop-waiting")

    async def _a_restart(self) -> None:
        serial = await self._breaks()
        await self._press(serial, "stop-waiting")
        await self._press(serial, "restart")

    async def _the_hour(self) -> None:
        now = self._world.clock.now()
        if now.hour < 7:
            self._world.passes(hours=7 - now.hour)

    async def _breaks(self) -> str:
        """A station broke a while ago, and the alert is sent; its serial. No time passes: what waits stays due."""
        serial = next(self._sound)
        self._world.town.fleet.with_serial(serial).fail(MODEM_HANG, self._world.clock.now() - AGO)
        self._lives.load.sender.look()
        await self._lives.load.sender.send()
        return serial

    async def _press(self, serial: str, choice: str) -> None:
        """Press this as soon as the station's card offers it."""
        async with asyncio.timeout(PATIENCE):
            seen = self._world.town.slack.seq
            while (offer := self._offer(serial, choice)) is None:
                seen = await self._world.town.slack.changed(seen)
        await self._lives.load.people.press(SUPPORT_1.id, offer)

    def _offer(self, serial: str, choice: str) -> Offer | None:
        card = self._world.card(serial)
        offers = offers_of(card) if card is not None else ()
        return next((offer for offer in offers if offer.pressed.choice == choice), None)
