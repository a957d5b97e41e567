"""Pairs of people who press the same button of the same card at the same moment, through all of Relink."""

import asyncio
from collections import Counter

from bot.demo.slack.fields import with_label
from bot.demo.slack.talk import Message
from tests.world import CHANNEL, OTHER_SUPPORT, SUPPORT, World

PAIR = (SUPPORT, OTHER_SUPPORT)
LABEL = "Cannot see"
AT_ONCE = 32
"""How many pairs press at the same time; of two thousand clicks at once half would be asked to try again."""


async def clash(world: World, serials: list[str]) -> Counter[str]:
    """A pair presses "Cannot see" on the card of each station; how often who was first.

    The world must be one by hand: there every alert without a last contact asks for it at once. Raises
    AssertionError unless of each pair one press counted and the other person was told who was first.
    """
    for serial in serials:
        await world.alert(serial)
    heard = {who: len(world.whispers(who)) for who in PAIR}
    cards = [world.card(serial) for serial in serials]
    for first in range(0, len(cards), AT_ONCE):
        some = cards[first : first + AT_ONCE]
        await asyncio.gather(*(_press(world, who, card) for card in some for who in PAIR))
    await world.settle()
    won: Counter[str] = Counter()
    for serial in serials:
        (line,) = [line for line in world.thread(serial) if line.startswith("Support ")]
        won["Support 1" if line.startswith("Support 1") else "Support 2"] += 1
    for who, told in zip(PAIR, (won["Support 2"], won["Support 1"]), strict=True):
        (other,) = {*PAIR} - {who}
        late = world.whispers(who)[heard[who] :]
        assert len(late) == told, late
        assert all(f"@{other} was first" in each for each in late), late
    return won


async def _press(world: World, who: str, card: Message) -> None:
    """Press what the card showed before anybody pressed."""
    (found,) = with_label(card.blocks, LABEL)
    action = found.element["action_id"]
    await world.town.slack.click(who, CHANNEL, card.ts, action, option=LABEL, stale=card.blocks)
