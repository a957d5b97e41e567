"""What a technician sees and does in the direct message of a visit."""

from bot.demo.slack.talk import Message
from bot.demo.slack.workspace import User
from tests.stories.slack_text import words
from tests.world import CHANNEL, SUPPORT, TECHNICIAN, World

TECH_2 = "U0TECH2"
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
OTHER_LOCKS = LOCKS | {"tag_1": "S-1", "tag_2": "S-2"}
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


async def power_on(world: World) -> None:
    """The panel is closed, the locks come off."""
    await press(world, "Panel is closed")
    await do(world, "Enter lock off", **UNLOCK)


def second_technician(world: World) -> None:
    """There is one more technician; say so before anybody asks Slack for the group."""
    workspace = world.town.slack.workspace
    workspace.users[TECH_2] = User(TECH_2, "Tech 2", workspace.team_id)
    workspace.channels[CHANNEL].members.add(TECH_2)
    workspace.groups["S0TECH"].members.append(TECH_2)


def offered(world: World, who: str = TECHNICIAN) -> list[str]:
    """The labels of the buttons of the technician's own card."""
    blocks = [block for block in visit_card(world, who).blocks if block["type"] == "actions"]
    return [
        each["text"]["text"] for block in blocks for each in block["elements"] if each["type"] == "button"
    ]


def errors(world: World, who: str = TECHNICIAN) -> dict[str, str]:
    """The sentences beside the fields of the form in front of somebody."""
    view = world.town.slack.open_view(who)
    return {} if view is None else view.errors
