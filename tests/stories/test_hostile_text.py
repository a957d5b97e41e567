"""Words from outside through the whole house: shown letter by letter, or refused; never markup, a line or a formula.

Alerts, the portal's descriptions, people's names and everything people type are hostile at once. Then everything that
Slack was ever sent is looked at, every file, and the whole log.
"""

import csv
import io
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.demo.slack.workspace import Channel, User, UserGroup
from bot.messages.text import TOKEN, clean
from tests.hostile import (
    BYSTANDER,
    ENDLESS,
    MARKUP,
    OTHER_CHANNEL,
    OTHER_GROUP,
    UNSEEN_MARKS,
    UNSTORABLE,
    packed,
)
from tests.logged import UNSEEN, logged
from tests.stories.at_home import AtHome
from tests.stories.outside import send_alert
from tests.stories.overhearing import readable
from tests.stories.pairs import NewWorld, Pair
from tests.stories.test_export import files
from tests.stories.visiting import LOCKS, SIGNAL, ZERO, do, press, told
from tests.world import CHANNEL, STATION, SUPPORT, TECHNICIAN, THE_LEAD, World

BARE = " ".join(MARKUP)
NAMES = packed(MARKUP, 95)
"""All of it in pieces that fit into a name."""
OURS = ("https://slack.example/", "https://portal.example/", "https://www.openstreetmap.org/#map=")
FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r]")


@pytest.fixture
async def world(new_world: NewWorld) -> AsyncIterator[World]:
    """Everybody's name is hostile, and so is what the portal says of the station."""
    async with new_world() as one:
        workspace = one.town.slack.workspace
        workspace.users[BYSTANDER] = User(BYSTANDER, "Bystander", workspace.team_id)
        workspace.groups[OTHER_GROUP] = UserGroup(OTHER_GROUP, "else", [BYSTANDER])
        workspace.channels[OTHER_CHANNEL] = Channel(OTHER_CHANNEL, "else", {BYSTANDER})
        workspace.channels[CHANNEL].members.add(BYSTANDER)
        for number, who in enumerate((SUPPORT, TECHNICIAN, THE_LEAD)):
            workspace.users[who].name = f"{NAMES[number]}\u202e"
        simulated = one.town.fleet.with_serial(STATION)
        simulated.station = replace(
            simulated.station,
            name=NAMES[0],
            site=NAMES[1],
            area=NAMES[2],
            carrier=NAMES[3],
            radio_group=NAMES[4],
            address=" ".join([*NAMES[:2], *UNSEEN_MARKS]),
            access=" ".join(NAMES[2:5]),
            panel=f"{NAMES[0]} \u202e\x1b[31m",
            model=NAMES[1],
            portal_url=f"https://portal.example/{STATION}",
        )
        yield one


async def test_no_words_from_outside_are_more_than_words(world: World, pair: Pair) -> None:
    """On PostgreSQL, which is strict about lengths and bytes, only what is kept there."""
    with logged() as log:
        if not pair.socket_mode:
            await commands(world)
        await tell_everything(world)
        lines = log.new().splitlines()

    for line in lines:
        assert re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z (info|warning|error|critical|debug) ", line), line
        assert not UNSEEN.search(line)
        assert "Traceback" not in line, line
    traffic = world.town.slack.traffic
    said = [call.request if call.direction == "in" else call.answer for call in traffic]
    parts = list(parts_of([*said, *readable(world)]))
    assert len(parts) > 1_000
    for part in parts:
        harmless(part)
    assert world.town.slack.pushes(BYSTANDER) == []
    shown = "\n".join(part for part in parts if isinstance(part, str))
    for text in MARKUP:
        assert clean(text) in shown, f"{text} is shown as it was written"
    tables = [file.content or b"" for who in (SUPPORT, THE_LEAD) for file in files(world, who)]
    assert len(tables) == 2
    for row in (row for table in tables for row in rows_of(table)):
        for cell in row:
            assert not FORMULA.match(cell) or re.fullmatch(r"-?[\d.]+", cell), cell
            assert not UNSEEN.search(cell)


def rows_of(table: bytes) -> list[list[str]]:
    """A file as a spreadsheet reads it."""
    return list(csv.reader(io.StringIO(table.decode("utf-8-sig"), newline="")))


async def tell_everything(world: World) -> None:
    """A whole visit, in which everybody writes what they should not."""
    for number, text in enumerate(NAMES):
        station = {"serial": f"CT4G-3{number:04}", "name": text, "site": text, "area": text, "carrier": text}
        ((result),) = await send_alert(
            world.address,
            world.town.secrets.alerts,
            world.clock.now(),
            STATION,
            station=station,
            alert_id=text,
        )
        assert result["outcome"] == "opened"
    await world.silent_for_30_minutes("antenna off")
    await world.press(SUPPORT, "Take")
    await notes(world)
    await world.press(SUPPORT, "Call for help")
    await world.fill(SUPPORT, help=BARE[:300])
    await closing(world, "CT4G-30000")
    await visit(world)
    for who in (SUPPORT, THE_LEAD, TECHNICIAN):
        await AtHome(world, who).open()
    for text in (
        "digest",
        "flagged",
        "mine",
        f"status {STATION}",
        f"history {STATION}",
        "history CT4G-30000",
    ):
        await world.type(SUPPORT, text)
    await world.type(THE_LEAD, "export 30d")


async def notes(world: World) -> None:
    """Everything hostile as a note, by form and typed."""
    for text in (*packed(MARKUP, 300), *packed(UNSEEN_MARKS, 100)):
        await world.press(SUPPORT, "Add note")
        await world.fill(SUPPORT, note=f"see {text}")
    await world.type(SUPPORT, f"note {STATION} {BARE[:300]}")
    assert "At most" in await world.type(SUPPORT, f"note {STATION} {ENDLESS}")
    for text in UNSTORABLE:
        before = len(world.thread())
        await world.press(SUPPORT, "Add note")
        await world.fill(SUPPORT, note=text)
        view = world.town.slack.open_view(SUPPORT)
        assert view is not None, "it was not taken"
        await world.town.slack.close_view(SUPPORT, view.id)
        assert len(world.thread()) == before


async def commands(world: World) -> None:
    """Everything hostile where a word or a serial is expected."""
    for text in (*packed(MARKUP, 300), *packed(UNSEEN_MARKS, 60), ENDLESS):
        for command in ("", "status ", "open ", "note ", "export "):
            await world.type(SUPPORT, f"{command}{text}")
    for text in MARKUP[:4]:
        await world.town.slack.mention(SUPPORT, CHANNEL, f"{text} CT4G-9 {text}")
        await world.settle()


async def closing(world: World, serial: str) -> None:
    """A closing with a hostile reason, and the whole log in a window."""
    await world.press(SUPPORT, "More", serial)
    await world.fill(SUPPORT, what="Close with reason", reason=BARE[:300])
    await world.press(SUPPORT, "Log the repair", serial)
    await world.fill(SUPPORT, note=BARE[:200], follow_up=BARE[200:400])
    await world.press(THE_LEAD, "Full log", serial)


async def visit(world: World) -> None:
    """From the call to the cabinet and away from it."""
    await world.press(SUPPORT, "Restart station")
    await world.later(minutes=3)
    await world.press(SUPPORT, "Enter answers")
    answers = {"active": "yes", "cap": "no", "carrier": "no", "defective": "no"}
    await world.fill(SUPPORT, **answers, data_used=NAMES[0], case=BARE[300:600])
    await world.press(SUPPORT, "Choose technician")
    await world.fill(SUPPORT, technician=TECHNICIAN)
    await press(world, "Accept")
    await press(world, "I am on site")
    await do(world, "Enter what you see", **SIGNAL)
    await press(world, "Lock out")
    tags = {"tag_1": NAMES[0], "tag_2": NAMES[1], "breaker_1": NAMES[2], "breaker_2": NAMES[3]}
    await do(world, "Enter lock-out", **LOCKS | tags)
    await do(world, "Enter readings", **ZERO | {"meter": NAMES[4]})
    await do(world, "Enter readings", **ZERO)
    await press(world, "Panel is off")
    assert "SIM" in told(world)


def parts_of(value: Any, key: str = "") -> Iterator[Any]:
    """Every object and every string, however deep; JSON inside strings is opened."""
    if isinstance(value, str) and key in {"blocks", "view", "metadata"}:
        yield from parts_of(json.loads(value))
    elif isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield value
        for name, part in value.items():
            yield from parts_of(part, name)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from parts_of(part, key)


def harmless(part: Any) -> None:
    """Neither markup nor a mention nor an address that is not ours."""
    match part:
        case str():
            assert not UNSEEN.search(part), repr(part)
            assert len(part) <= 4_000
        case {"type": "mrkdwn", "text": text}:
            only_our_markup(text)
        case {"type": "plain_text", **rest}:
            assert rest.get("emoji") is False, part
        case {"type": "user", "user_id": who}:
            assert who in {SUPPORT, TECHNICIAN, THE_LEAD}, part
        case {"type": "usergroup", "usergroup_id": group}:
            assert group != OTHER_GROUP
        case {"type": "channel", "channel_id": channel}:
            assert channel != OTHER_CHANNEL
        case {"type": "broadcast"} | {"type": "emoji"}:
            raise AssertionError(part)
        case {"url": str(url)}:
            assert url.startswith(OURS), part
    if isinstance(part, dict) and isinstance(part.get("text"), str) and "type" not in part:
        only_our_markup(part["text"])


def only_our_markup(text: str) -> None:
    """Every angle bracket is one of ours, and mentions nobody who has nothing to do with it."""
    for token in TOKEN.finditer(text):
        assert token["user"] != BYSTANDER
        assert token["group"] != OTHER_GROUP
        assert token["channel"] != OTHER_CHANNEL
        assert not token["url"] or token["url"].startswith(OURS), token
    assert not {"<", ">"} & set(TOKEN.sub("", text)), text
