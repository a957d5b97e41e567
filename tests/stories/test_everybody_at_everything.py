"""Every kind of person at every button, form, command, menu entry and Home button: who may, and nobody else.

The table is PRODUCT.md's "People" and the "who" of its steps in our own words, not the code's table. Nothing is done
in earnest: what would be done is undone at the end of its transaction, so everybody finds the same state.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import pytest

from bot.demo.slack.fields import Found, with_label
from bot.demo.slack.talk import Message
from bot.demo.slack.workspace import User
from tests.logged import Log, logged
from tests.stories.at_home import AtHome
from tests.stories.pairs import NewWorld
from tests.stories.rehearsal import Attempt, a_member, click, command, one_refusal, rehearsing, submission
from tests.stories.visiting import LOCKS, SIGNAL, TECH_2, do, offered, press, visit_card
from tests.world import CHANNEL, OTHER_SUPPORT, STATION, SUPPORT, TECHNICIAN, THE_LEAD, World

STRANGER, GUEST, NAMED, OUTSIDER, GONE, ROBOT = (
    "U0STRANGER",
    "U0GUEST",
    "U0NAMED",
    "U0OUTSIDER",
    "U0GONE",
    "U0ROBOT",
)
ASSIGNED = TECHNICIAN
"""The technician the visit was given to; TECH_2 is one as well, but not of this visit."""
EVERYBODY = (STRANGER, GUEST, NAMED, OUTSIDER, GONE, ROBOT, SUPPORT, TECH_2, ASSIGNED, THE_LEAD)

ANYBODY = frozenset(EVERYBODY)
DESK = frozenset({SUPPORT, THE_LEAD})
LEADS = frozenset({THE_LEAD})
STAFF = frozenset({SUPPORT, THE_LEAD, TECH_2, ASSIGNED})
READERS = STAFF | {NAMED}
"""A guest named as a technician reads, and acts on visits of their own only; here they have none."""
VISITOR = frozenset({ASSIGNED})
NOBODY: frozenset[str] = frozenset()

OTHER = "CT4G-20118"


@dataclass(frozen=True)
class Row:
    """Who may press this; what is typed into its form, and who may send that (the same people unless said)."""

    label: str
    who: frozenset[str]
    answers: dict[str, str] | None = None
    does: bool = True
    """False: in this state it is refused to everybody; to whom it is not theirs it still says that."""


NOTE = Row("Add note", STAFF, {"note": "the gate sticks"})
HELP = Row("Call for help", STAFF, {"help": "no key"})
HAND_OVER = Row("Hand over", DESK, {"to": OTHER_SUPPORT})
CLOSE = Row("More", DESK, {"what": "Close with reason", "reason": "scrapped"})
MUTE = Row("More", DESK, {"what": "Mute station until...", "reason": "works", "until": "2026-11-25"})
CORRECT = Row("Correct an answer", STAFF, does=False)
MENU = (NOTE, CORRECT, HAND_OVER, HELP, CLOSE, MUTE)
PARK = Row("Park until 07:00", DESK)

AT_RESTART = (
    Row("Restart station", DESK),
    Row("Skip: call support", DESK, {"reason": "no restart here"}),
    Row("Take", DESK),
    PARK,
    *MENU,
)
AT_CALL = (
    Row("Enter answers", DESK, {"active": "yes", "cap": "no", "carrier": "no", "defective": "no"}),
    Row("No answer, later", DESK),
    Row("Cannot call now", DESK),
    PARK,
)
ASKED_FOR_A_VISIT = (
    Row("Another technician", DESK, {"technician": TECH_2}),
    Row(
        "Enter visit results",
        DESK,
        {"result": "not put right", "fix": "coverage finding", "technician": TECH_2},
    ),
)
ASKED_TO_COME = (
    Row("Accept", VISITOR),
    Row("I come at...", VISITOR, {"at": "1795431600"}),
    Row("Cannot", VISITOR, {"reason": "ill"}),
)
ON_SITE = (
    Row("Breaker off and on", VISITOR),
    Row("Lock out", VISITOR),
    Row("Stop here, recommend", VISITOR, {"reason": "external antenna"}),
    Row("Enter it again", VISITOR, {name.replace("_", "-"): value for name, value in SIGNAL.items()}),
    Row("Stop here", VISITOR, {"reason": "storm"}),
    Row("No access", VISITOR, {"reason": "gate shut"}),
)
LOCKED_ON_SITE = (
    Row("Enter readings", VISITOR, does=False),
    Row("Not zero or in doubt", VISITOR),
    Row("Other source found", VISITOR),
    Row("Leave", VISITOR),
    Row("Stop", VISITOR),
)
LOCKED = (
    Row("Other technician there", DESK, {"technician": TECH_2}),
    Row("Lock was removed", LEADS),
)
PROVING = (
    Row("Open portal", ANYBODY, does=False),
    Row(
        "Enter test session",
        STAFF,
        {"authentication": "yes", "start": "yes", "energy": "yes", "end": "yes", "record": "yes"},
    ),
    Row("Waive: nobody on site", DESK),
    PARK,
)
LOGGING = (
    Row("Open portal", ANYBODY, does=False),
    Row("Log the repair", STAFF, {}),
    Row("Not yet", STAFF),
    PARK,
)
CLOSED = (Row("Full log", ANYBODY), Row("Reopen", DESK, {"reason": "down again"}))

COMMANDS = {
    "help": ANYBODY,
    "status CT4G-20117": READERS,
    "next CT4G-20117": READERS,
    "mine": READERS,
    "history CT4G-20117": READERS,
    "flagged": READERS,
    "digest": READERS,
    "open CT4G-20119": STAFF,
    "note CT4G-20117 the gate sticks": STAFF,
    "take CT4G-20117": DESK,
    "release CT4G-20117": DESK,
    f"handover CT4G-20117 <@{OTHER_SUPPORT}>": DESK,
    "export 30d": DESK,
    "drill": DESK,
}


@pytest.fixture
async def world(new_world: NewWorld) -> AsyncIterator[World]:
    """All kinds of people in one channel, some of them in groups that would give them a role."""
    named = {
        "support_group": f"S0SUPPORT,{OUTSIDER},{GUEST.replace('GUEST', 'NOBODY')}",
        "technician_group": f"S0TECH,{NAMED}",
    }
    async with new_world(**named) as one:
        workspace = one.town.slack.workspace
        for user in (
            User(STRANGER, "Stranger", workspace.team_id),
            User(GUEST, "Guest", workspace.team_id, is_restricted=True),
            User(NAMED, "Named Guest", workspace.team_id, is_restricted=True),
            User(OUTSIDER, "Outsider", "T0OTHER"),
            User(GONE, "Gone", workspace.team_id, deleted=True),
            User(ROBOT, "Robot", workspace.team_id, is_bot=True),
        ):
            workspace.users[user.id] = user
            workspace.channels[CHANNEL].members.add(user.id)
        for group in ("S0SUPPORT", "S0TECH", "S0LEAD"):
            workspace.groups[group].members += [GUEST, OUTSIDER, GONE, ROBOT]
        yield one


async def tried(world: World, log: Log, attempt: Attempt, row: Row) -> int:
    """Everybody sends it: exactly those may who should, and each refusal is one line. How many attempts it were."""
    for who in EVERYBODY:
        log.new()
        outcome = await attempt.by(world, who)
        where = (row.label, who, attempt.payload.get("type", ""), log.getvalue())
        if who in row.who:
            assert not one_refusal(log), where
            assert not row.does or outcome.done or outcome.opened, where
        else:
            assert one_refusal(log), where
            assert not outcome.done, where
            assert not outcome.opened, where
    return len(EVERYBODY)


async def at_card(
    world: World, log: Log, rows: Sequence[Row], message: Message, labels: Sequence[str], opener: str
) -> int:
    """Every button of this message, and the form behind it."""
    # The menu is the same on every card, so not every card is asked for it again.
    buttons = {label.strip("()") for label in labels if NOTE in rows or not label.startswith("(")}
    assert {row.label for row in rows} == buttons, "every button has its row"
    count = 0
    for row in rows:
        found: Found
        (found,) = with_label(message.blocks, row.label)
        pressed = click(world, message, found, row.label)
        count += await tried(world, log, pressed, row)
        if row.answers is not None:
            await world.town.slack.press(opener, row.label, channel=message.channel, ts=message.ts)
            await world.house.deps.tasks.drain()
            sent = submission(world, opener, row.answers)
            view = world.town.slack.open_view(opener)
            assert view is not None
            await world.town.slack.close_view(opener, view.id)
            count += await tried(world, log, sent, row)
    return count


async def on_card(world: World, log: Log, rows: Sequence[Row], serial: str = STATION) -> int:
    """The same for the card in the channel."""
    async with rehearsing(world):
        return await at_card(world, log, rows, world.card(serial), world.buttons(serial), THE_LEAD)


async def on_visit(world: World, log: Log, rows: Sequence[Row]) -> int:
    """The same for the technician's own card, of which everybody got hold."""
    async with rehearsing(world):
        return await at_card(world, log, rows, visit_card(world), offered(world), ASSIGNED)


@pytest.mark.parametrize("pair", ["sqlite-http"], indirect=True)
async def test_who_may_do_what(world: World) -> None:
    with logged() as log:
        await world.silent_for_30_minutes("antenna off")
        count = await on_card(world, log, AT_RESTART)
        count += await commands_and_home(world, log)

        await world.press(SUPPORT, "Restart station")
        count += await on_card(world, log, AT_CALL)
        await world.press(SUPPORT, "Enter answers")
        await world.fill(SUPPORT, active="yes", cap="no", carrier="no", defective="no")
        await world.press(SUPPORT, "Choose technician")
        await world.fill(SUPPORT, technician=ASSIGNED)
        count += await on_card(world, log, ASKED_FOR_A_VISIT)
        count += await on_visit(world, log, ASKED_TO_COME)

        await press(world, "Accept")
        await press(world, "I am on site")
        await do(world, "Enter what you see", **SIGNAL)
        count += await on_visit(world, log, ON_SITE)
        await press(world, "Lock out")
        await do(world, "Enter lock-out", **LOCKS)
        count += await on_visit(world, log, LOCKED_ON_SITE)
        count += await on_card(world, log, LOCKED)

        await world.silent_for_30_minutes("modem hang", OTHER)
        await world.press(SUPPORT, "Restart station", OTHER)
        await world.later(minutes=3)
        count += await on_card(world, log, PROVING, OTHER)
        await world.press(SUPPORT, "Waive: nobody on site", OTHER)
        count += await on_card(world, log, LOGGING, OTHER)
        await world.press(SUPPORT, "Log the repair", OTHER)
        await world.fill(SUPPORT)
        count += await on_card(world, log, CLOSED, OTHER)
    assert count >= 700, count


async def commands_and_home(world: World, log: Log) -> int:
    """What is typed, mentioned, reported from a message or pressed in Home."""
    slack, count = world.town.slack, 0
    place = slack.workspace.channels[CHANNEL]
    message = slack._world.talk.post(CHANNEL, SUPPORT, "Is CT4G-20117 dark?")
    async with rehearsing(world):
        for text, who in COMMANDS.items():
            row = Row(text, who, does=False)
            count += await tried(world, log, command(world, CHANNEL, text), row)
        mention = slack._payloads.message("app_mention", place, message)
        count += await tried(world, log, Attempt("event", mention), Row("mention", READERS, does=False))
        report = slack._payloads.message_shortcut(a_member(world), "report_charger", place, message)
        count += await tried(world, log, Attempt("interact", report), Row("report", STAFF))
        home = AtHome(world, SUPPORT)
        await home.open()
        view = home.view()
        assert view is not None
        for name, who in {"Report a station": STAFF, "Help": ANYBODY}.items():
            button = home.buttons()[name]
            action = {"type": "button", "block_id": "b", "action_ts": "1.1", **button}
            pressed = slack._payloads.click_in_view(view, {}, action)
            count += await tried(world, log, Attempt("interact", pressed), Row(name, who))
    for nobody in (STRANGER, GUEST, OUTSIDER):
        assert "CT4G" not in await AtHome(world, nobody).open()
    return count
