"""What a technician sees and does in the direct message of a visit."""

from bot.demo.slack.talk import Message
from tests.stories.slack_text import words
from tests.world import SUPPORT, TECHNICIAN, World

SIGNAL = {"bars": "3", "display": "Network Error", "wifi": "no"}
LOCKS = {
    "circuits": "2",
    "breaker_1": "14",
    "tag_1": "T-114",
    "breaker_2": "16",
    "tag_2": "T-115",
    "display": "dark",
    "car": "no",
    "glasses": "yes",
    "told": "yes",
}
ZERO = {"meter": "M-7", "before": "120", "l1_l2": "0", "l1_ground": "0", "l2_ground": "0", "after": "120"}
UNLOCK = {"clear": "yes", "others": "no", "tag_1": "T-114", "tag_2": "T-115", "breaker": "yes"}


def visit_card(world: World, who: str = TECHNICIAN) -> Message:
    """The technician's own card."""
    channel = world.town.slack.im(who)
    assert channel is not None, "no direct message was opened"
    (card,) = (message for message in world.town.slack.messages(channel) if message.thread_ts is None)
    return card


def told(world: World, who: str = TECHNICIAN) -> str:
    """All words of the technician's own card."""
    return words(visit_card(world, who).blocks)


async def press(world: World, label: str, who: str = TECHNICIAN) -> None:
    """The technician presses a button of their own card."""
    card = visit_card(world, who)
    await world.town.slack.press(who, label, channel=card.channel, ts=card.ts)
    await world.settle()


async def do(world: World, label: str, who: str = TECHNICIAN, **answers: str) -> None:
    """The technician presses a button that opens a form, and fills it in."""
    await press(world, label, who)
    await world.fill(who, **answers)


async def visit_needed(world: World, fault: str = "antenna off") -> None:
    """Nothing helped from afar: somebody has to go."""
    await world.silent_for_30_minutes(fault)
    await world.press(SUPPORT, "Restart station")
    if "call support" not in world.state():
        await world.later(minutes=3)
    await world.press(SUPPORT, "Enter answers")
    await world.fill(SUPPORT, active="yes", cap="no", carrier="no", defective="no")
    assert "visit needed" in world.state()


async def on_site(world: World, fault: str = "antenna off") -> None:
    """The technician was asked, accepted and stands at the station."""
    await visit_needed(world, fault)
    await world.press(SUPPORT, "Choose technician")
    await world.fill(SUPPORT, technician=TECHNICIAN)
    await press(world, "Accept")
    await press(world, "I am on site")


async def locked(world: World, fault: str = "antenna off") -> None:
    """Both breakers are locked, nothing is measured yet."""
    await on_site(world, fault)
    await do(world, "Enter what you see", **SIGNAL)
    await press(world, "Lock out")
    await do(world, "Enter lock-out", **LOCKS)


async def gate_open(world: World, fault: str = "antenna off") -> None:
    """0 V is proved on both circuits."""
    await locked(world, fault)
    for _ in range(2):
        await do(world, "Enter readings", **ZERO)
