"""The people of the soak: they press what cards offer, also two at once; after an error the card still offers it."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass

from bot.demo.slack.blocks_check import elements_of
from bot.demo.slack.fields import CannotDo
from bot.demo.slack.talk import Message
from bot.demo.stories import ALERT_CHANNEL, LEAD, SUPPORT_1, SUPPORT_2
from bot.runbook.press import ASK, PRESS, TAKE, Press, decode
from tests.soak.ledger import Click, Ledger
from tests.stories.killable import Killable

DESK = (SUPPORT_1.id, SUPPORT_2.id, LEAD.id)
NEVER = frozenset({"not-yet", "others-down"})
"""What they do not press: it leads round in circles, or to an outage no station of the soak has."""
FIX = "provider restored service"
TWO_AT_ONCE = 0.3
FORM_SECONDS = 1.0
"""How long somebody waits for a form to open."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A button of a card."""

    ts: str
    action: str
    value: str

    @property
    def pressed(self) -> Press:
        """What pressing it means."""
        return decode(self.value)


class People:
    """Everybody who may press something in the alert channel."""

    def __init__(self, world: Killable, ledger: Ledger, chance: random.Random) -> None:
        self._world = world
        self._slack = world.town.slack
        self._ledger = ledger
        self._chance = chance

    async def act(self) -> None:
        """Somebody presses some button of some card, if there is one; at times two people press the same."""
        offers = [offer for card in self._cards() for offer in offers_of(card)]
        if not offers:
            return
        restarts = [offer for offer in offers if offer.pressed.choice == "restart"]
        offer = self._chance.choice(restarts or offers)
        first, second, _ = self._chance.sample(DESK, 3)
        if offer.action.startswith(ASK):
            await self._log(first, offer)
        elif self._chance.random() < TWO_AT_ONCE:
            await asyncio.gather(self.press(first, offer), self.press(second, offer))
        else:
            await self.press(first, offer)

    def _cards(self) -> list[Message]:
        everything = self._slack.messages(ALERT_CHANNEL.id)
        return [message for message in everything if message.thread_ts is None]

    async def press(self, who: str, offer: Offer) -> bool:
        """Somebody presses it; was it taken or refused, and not lost?"""
        try:
            reply = await self._slack.click(who, ALERT_CHANNEL.id, offer.ts, offer.action, offer.value)
        except CannotDo:  # the card has changed under the finger
            return False
        if reply is None or not reply.ok:
            self._ledger.unanswered_clicks += 1
            return False
        if offer.action.startswith((PRESS, TAKE)):
            self._arrived(who, offer)
        return True

    def _arrived(self, who: str, offer: Offer) -> None:
        self._ledger.clicks.append(Click(who, offer.pressed, self._world.clock.now()))

    async def _log(self, who: str, offer: Offer) -> None:
        """Fill in the repair log, if its form opens before the process dies."""
        while (left := self._slack.open_view(who)) is not None:
            await self._slack.close_view(who, left.id)
        if not await self.press(who, offer):
            return
        try:
            async with asyncio.timeout(FORM_SECONDS):
                seen = self._slack.seq
                while (view := self._slack.open_view(who)) is None:
                    seen = await self._slack.changed(seen)
        except TimeoutError:
            return
        try:
            reply = await self._slack.submit(who, view.id, {"fix": {"value": {"option": FIX}}})
        except CannotDo:
            return
        if reply is not None and reply.ok:
            self._arrived(who, offer)
        else:
            self._ledger.unanswered_clicks += 1


def offers_of(card: Message) -> Iterator[Offer]:
    """The buttons of a card that somebody of the soak would press."""
    for block in card.blocks:
        for element in elements_of(block):
            action, value = element.get("action_id", ""), element.get("value", "")
            if element["type"] != "button" or not action.startswith((PRESS, ASK, TAKE)):
                continue
            choice = decode(value).choice if action != TAKE else TAKE
            if choice not in NEVER and (not action.startswith(ASK) or choice == "log"):
                yield Offer(card.ts, action, value)
