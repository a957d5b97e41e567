"""What a technician has of a visit: a direct message of their own, its card, its buttons, the lines under it."""

from dataclasses import dataclass

from bot.demo.slack.talk import Message
from tests.stories.slack_text import labels, plain, words
from tests.world import CHANNEL, Blocks, World


@dataclass(frozen=True)
class Direct:
    """The direct message between one person and Relink."""

    world: World
    who: str

    def all(self) -> list[Message]:
        """Everything in it that is no thread line; nothing before it was opened."""
        channel = self.world.town.slack.im(self.who)
        found = self.world.town.slack.messages(channel) if channel is not None else []
        return [message for message in found if message.thread_ts is None]

    def card(self) -> Message:
        """The one card of the one visit."""
        (card,) = self.all()
        return card

    def shown(self) -> str:
        """All words of the card."""
        return words(self.card().blocks)

    def state(self) -> str:
        """The card's second line."""
        return self.shown().splitlines()[1].strip("*")

    def buttons(self) -> list[str]:
        """The labels of its buttons, the menu's entries in brackets."""
        return labels(self.card().blocks)

    def lines(self) -> list[str]:
        """What was said under the card, oldest first."""
        card = self.card()
        return [words(line.blocks) for line in self.world.town.slack.thread(card.channel, card.ts)]

    def rung(self) -> list[str]:
        """What this person's phone showed when the direct message rang."""
        channel = self.world.town.slack.im(self.who)
        return [
            plain(push.text) for push in self.world.town.slack.pushes(self.who) if push.channel == channel
        ]

    async def press(self, label: str) -> None:
        """Press a button of the card."""
        card = self.card()
        await self.world.town.slack.press(self.who, label, channel=card.channel, ts=card.ts)
        await self.world.settle()

    async def press_late(self, label: str, old: Blocks) -> None:
        """Press a button of the card as it was, in a client that shows it so."""
        card = self.card()
        action = next(
            element
            for block in old
            for element in block.get("elements", [])
            if element.get("text", {}).get("text") == label
        )
        slack = self.world.town.slack
        await slack.click(self.who, card.channel, card.ts, action["action_id"], stale=old)
        await self.world.settle()


async def forged(world: World, who: str, label: str, theirs: Blocks) -> None:
    """Somebody sends, from the channel, the click on a button that only a technician's direct message has."""
    await world.press_late(who, label, theirs)


def in_channel(world: World) -> str:
    """Every word anybody can read in the channel: cards, threads, and what a notification shows."""
    said = [line for card in world.cards() for line in world.town.slack.thread(CHANNEL, card.ts)]
    return "\n".join(f"{one.text}\n{words(one.blocks)}" for one in [*world.cards(), *said])
