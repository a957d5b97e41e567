"""What Slack would never send, rightly signed all the same: foreign values, foreign teams, forged channel messages.

Whoever could sign so holds the secret; even then a value is no right, and nothing in it reaches a database, a file or
an address unread. Nothing changes, and each attempt is one line in the log.
"""

from copy import deepcopy
from typing import Any

import pytest

from bot.demo.slack.fields import with_label
from bot.demo.slack.workspace import User
from tests.logged import UNSEEN, Log, logged
from tests.stories.overhearing import messages
from tests.stories.rehearsal import click, submission
from tests.stories.slack_text import labels, words
from tests.world import CHANNEL, STATION, SUPPORT, World

OTHER = "CT4G-20118"
OWN = "B0RELINK"
OUTSIDER = "U0OUTSIDER"
"""Somebody of another workspace who got into the support group."""
JUNK: tuple[Any, ...] = (
    "",
    " ",
    "null",
    "restart",
    "1:3",
    "1:3:restart:1",
    "0:3:restart",
    "-1:3:restart",
    "01:3:restart",
    "1:03:restart",
    "1:3:RESTART",
    "1:3:restart ",
    "1:3:restart\n",
    "1.0:3:restart",
    "1e3:3:restart",
    "\u0661:3:restart",
    "1:3:res\u0430tart",
    "9" * 40 + ":3:restart",
    "1:" + "9" * 40 + ":restart",
    "999999999:3:restart",
    "1:999999999:restart",
    "1:3:no-such-choice",
    "1:3:__class__",
    "1:3:../../etc/passwd",
    "1 OR 1=1:3:restart",
    "1:3:restart'; DROP TABLE incidents; --",
    "1); DELETE FROM moves; --",
    '{"incident": 1, "turn": 3, "choice": "restart"}',
    "<!channel>",
    "{{ 7 * 7 }}",
    "%s%n%x",
    "\u202e1:3:restart",
    "\U0001f525" * 200,
    "x" * 2048,
    "1:3:" + "a" * 2048,
    "1:" * 1000,
    None,
    17,
    3.5,
    True,
    [],
    ["1:3:restart"],
    {"incident": 1},
)
FOREIGN: tuple[dict[str, Any], ...] = (
    {"team": {"id": "T0OTHER"}, "user": {"id": SUPPORT, "team_id": "T0OTHER"}},
    {"user": {"id": SUPPORT, "team_id": "T0OTHER"}},
    {"user": {"id": OUTSIDER, "team_id": "T0DEMO"}},
    {"user": {"id": "U0NOBODY", "team_id": "T0DEMO"}},
    {"user": {"id": "'; DROP TABLE incidents; --", "team_id": "T0DEMO"}},
    {"user": {"id": "", "team_id": ""}},
)
ADDRESSES = (
    "http://127.0.0.1:1/steal",
    "http://169.254.169.254/latest/meta-data/",
    "https://hooks.slack.com.example.org/x",
    "https://hooks.slack.com@example.org/x",
    "file:///etc/passwd",
    "http://[::1",
    "gopher://x",
    "//example.org/x",
    *(one for one in JUNK if isinstance(one, str) and one.strip()),
)


def as_read(world: World) -> list[Any]:
    """Every message as people read it; a card that was drawn anew has other block ids and says the same."""
    return [(one.channel, one.text, words(one.blocks), labels(one.blocks)) for one in messages(world)]


async def nothing_came_of(world: World, log: Log, payload: Any, kind: str = "interact") -> None:
    """Deliver it: everything stands as it stood, and the log has one line more that is fit to print."""
    before = as_read(world)
    log.new()
    reply = await getattr(world.town.slack._deliverer, kind)(payload)
    await world.settle()
    lines = [line for line in log.new().splitlines() if "directory.unread" not in line]
    assert reply.status in {200, 400, 404}, (reply, payload)
    assert as_read(world) == before, payload
    assert len(lines) == 1, (lines, payload)
    assert len(lines[0]) < 1_000, lines
    assert not UNSEEN.search(lines[0])
    assert "Traceback" not in lines[0], lines


@pytest.fixture
async def two_open(world: World) -> World:
    """Two stations wait for the same decision, so that their turns are the same."""
    workspace = world.town.slack.workspace
    workspace.users[OUTSIDER] = User(OUTSIDER, "Outsider", "T0OTHER")
    workspace.groups["S0SUPPORT"].members.append(OUTSIDER)
    world.town.fleet.set_fault(OTHER, "modem hang")
    await world.silent_for_30_minutes()
    return world


@pytest.mark.parametrize("pair", ["sqlite-http"], indirect=True)
async def test_a_buttons_value_that_is_not_the_cards_does_nothing(two_open: World) -> None:
    world = two_open
    card = world.card()
    (found,) = with_label(card.blocks, "Restart station")
    (menu,) = with_label(card.blocks, "Add note")
    mine, others = (next(with_label(world.card(one).blocks, "Restart station")) for one in (STATION, OTHER))
    with logged() as log:
        for value in (others.element["value"], *JUNK):
            payload = click(world, card, found).payload | {"trigger_id": "1.1"}
            payload["actions"][0]["value"] = value
            await nothing_came_of(world, log, payload)
            payload = click(world, card, menu, "Add note").payload | {"trigger_id": "1.1"}
            payload["actions"][0]["selected_option"]["value"] = value
            await nothing_came_of(world, log, payload)
        for foreign in FOREIGN:
            await nothing_came_of(world, log, click(world, card, found).payload | foreign)
    assert mine.element["value"] != others.element["value"]
    assert world.restarts() == world.restarts(OTHER) == 0


@pytest.mark.parametrize("pair", ["sqlite-http"], indirect=True)
async def test_a_forms_private_metadata_that_is_not_ours_does_nothing(two_open: World) -> None:
    world = two_open
    await world.press(SUPPORT, "Skip: call support")
    skip = submission(world, SUPPORT, {"reason": "because"}).payload
    await world.press(SUPPORT, "Add note")
    note = submission(world, SUPPORT, {"note": "a note"}).payload
    with logged() as log:
        for sent in (skip, note):
            for value in JUNK:
                await nothing_came_of(world, log, changed(sent, private_metadata=value))
            for foreign in FOREIGN:
                await nothing_came_of(world, log, deepcopy(sent) | foreign)
        states: tuple[Any, ...] = (
            {"values": None},
            {"values": []},
            {"values": {"reason": {"value": 7}}},
        )
        for state in states:
            await nothing_came_of(world, log, changed(skip, state=state))
        for name in ("form:no-such", "form:", "form:" + "x" * 2000, "report:../x"):
            await nothing_came_of(world, log, changed(skip, callback_id=name))


@pytest.mark.parametrize("pair", ["sqlite-http"], indirect=True)
async def test_a_report_is_answered_to_slack_and_to_no_other_address(world: World) -> None:
    message = await world.town.slack.say(SUPPORT, CHANNEL, f"Is {STATION} dark?")
    await world.town.slack.use_shortcut(SUPPORT, "report_charger", channel=CHANNEL, ts=message.ts)
    await world.settle()
    report = submission(world, SUPPORT, {"serial": STATION}).payload
    with logged() as log:
        for url in ADDRESSES:
            await nothing_came_of(world, log, changed(report, private_metadata=url))
    assert len(world.cards()) == 1, "nothing but what was said"


def changed(payload: Any, **view: Any) -> Any:
    """The submission with something else in its view."""
    return deepcopy(payload) | {"view": deepcopy(payload["view"]) | view}


@pytest.mark.parametrize("pair", ["sqlite-http"], indirect=True)
async def test_no_message_in_the_channel_opens_or_moves_anything(world: World) -> None:
    slack = world.town.slack
    robot = User("U0ROBOT", "Alarm Robot", slack.workspace.team_id, is_bot=True)
    slack.workspace.users[robot.id] = robot
    slack.workspace.channels[CHANNEL].members.add(robot.id)
    said = slack._world.talk.post(CHANNEL, SUPPORT, f"CP-ERR-WIFI {STATION} raised, restart it <@U0RELINK>")
    before = world.cards()
    place = slack.workspace.channels[CHANNEL]
    message = slack._payloads.message("message", place, said)
    mention = slack._payloads.message("app_mention", place, said)
    edited = {"edited": {"user": SUPPORT, "ts": "1.2"}}
    spoofs: list[tuple[Any, dict[str, Any]]] = [
        *((message, more) for more in ({}, {"bot_id": "B0PORTAL", "app_id": "A0PORTAL"}, {"bot_id": OWN})),
        *(
            (message, {"subtype": kind} | edited)
            for kind in ("bot_message", "message_changed", "thread_broadcast")
        ),
        (message, {"subtype": "message_changed", "message": {"text": "CP-ERR-WIFI", "bot_id": "B0PORTAL"}}),
        *((mention, more) for more in ({"bot_id": "B0PORTAL"}, {"bot_id": OWN}, edited)),
        (mention, {"user": robot.id}),
    ]
    with logged() as log:
        for payload, more in spoofs:
            forged = deepcopy(payload)
            forged["event"] |= more
            log.new()
            await slack._deliverer._wire.send("events_api", forged)
            await world.settle()
            lines = log.new().splitlines()
            # What is said in the channel comes because we must hear ourselves, and is passed over without a word.
            assert len(lines) == (payload is mention), (lines, forged["event"])
    assert world.cards() == before
    assert world.rung() == []
    assert slack.thread(CHANNEL, said.ts) == []
