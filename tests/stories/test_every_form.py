"""Every form there is: what cannot be is refused with a sentence on its field, and everything typed stays."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from bot.demo.slack.view_book import View
from bot.portal.contract import Capability
from tests.incidents.desk import RULES
from tests.stories.direct import Direct
from tests.stories.test_remote_path import called, undelivered
from tests.stories.visiting import (
    LOCKS,
    SIGNAL,
    UNLOCK,
    ZERO,
    do,
    gate_open,
    locked,
    on_site,
    power_on,
    press,
)
from tests.world import SUPPORT, TECHNICIAN, THE_LEAD, World

Way = Callable[[World], Awaitable[None]]
Typed = Mapping[str, str | int]

LONG_AGO, YESTERDAY = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp()), "2026-11-21"
NEXT_YEAR, FAR_AHEAD = int(datetime(2027, 12, 1, tzinfo=UTC).timestamp()), "2028-01-01"
NOTHING_WRONG = {"active": "yes", "cap": "no", "carrier": "no", "defective": "no"}
MUTE = {"what": "Mute station until...", "reason": "dug up"}
TESTED = {"authentication": "yes", "start": "yes", "energy": "yes", "end": "yes", "record": "yes"}


async def at_restart(world: World) -> None:
    await world.silent_for_30_minutes()


async def at_test_session(world: World) -> None:
    await at_restart(world)
    await world.press(SUPPORT, "Restart station")
    await world.later(minutes=3)


async def at_log(world: World) -> None:
    await at_test_session(world)
    await world.press(SUPPORT, "Waive: nobody on site")


async def at_sim(world: World) -> None:
    await undelivered(world)
    await called(world, defective="yes")


async def at_visit(world: World) -> None:
    await undelivered(world)
    await called(world)


async def with_visit(world: World) -> None:
    await at_visit(world)
    await world.press(SUPPORT, "Choose technician")
    await world.fill(SUPPORT, technician=TECHNICIAN)


async def answered(world: World) -> None:
    await undelivered(world)
    await world.press(SUPPORT, "No answer, later")


async def at_locks(world: World) -> None:
    await on_site(world)
    await do(world, "Enter what you see", **SIGNAL)
    await press(world, "Lock out")


async def at_unlock(world: World) -> None:
    await gate_open(world)
    await press(world, "Stop")
    await press(world, "Panel is closed")


async def at_part(world: World) -> None:
    await gate_open(world)
    for label in ("Panel is off", "Fine", "Part needed"):
        await press(world, label)
    await power_on(world)


@dataclass(frozen=True)
class Bad:
    """A form, how one gets to it, what is typed into it, and which fields are refused."""

    form: str
    way: Way
    button: str
    typed: Typed
    refused: set[str]
    who: str = SUPPORT
    by_hand: bool = False
    dm: bool = False

    def __str__(self) -> str:
        return f"{self.form}-{self.button}-{'-'.join(sorted(self.refused))}".replace(" ", "_")


MINE: Final[dict[str, Any]] = {"who": TECHNICIAN, "dm": True}
BAD = (
    Bad("reason", at_restart, "Skip: call support", {"reason": " \u200b "}, {"reason"}),
    Bad("reason", at_restart, "Skip: call support", {"reason": "x" * 301}, {"reason"}),
    Bad("sim-status", undelivered, "Enter answers", {"active": "yes", "case": "7"}, {"cap", "carrier", "defective"}),
    Bad("sim-status", undelivered, "Enter answers", {**NOTHING_WRONG, "case": "y" * 301}, {"case"}),
    Bad("sim-order", at_sim, "Shipped, due on...", {"eta": YESTERDAY, "shipment": "S-1"}, {"eta"}),
    Bad("sim-order", at_sim, "Shipped, due on...", {"eta": "2026-13-45", "shipment": "S-1"}, {"eta"}),
    Bad("sim-order", at_sim, "Shipped, due on...", {"shipment": "S-1"}, {"eta"}),
    Bad("sent-at", at_restart, "I sent it earlier", {"at": NEXT_YEAR}, {"at"}, by_hand=True),
    Bad("sent-at", at_restart, "I sent it earlier", {"at": LONG_AGO}, {"at"}, by_hand=True),
    Bad("visit", at_visit, "Choose technician", {"technician": THE_LEAD}, {"technician"}),
    Bad("visit", at_visit, "Choose technician", {}, {"technician"}),
    Bad("plan", with_visit, "I come at...", {"at": LONG_AGO}, {"at"}, who=TECHNICIAN, dm=True),
    Bad("plan", with_visit, "I come at...", {"at": NEXT_YEAR}, {"at"}, who=TECHNICIAN, dm=True),
    Bad("reason", with_visit, "Cannot", {"reason": "  "}, {"reason"}, who=TECHNICIAN, dm=True),
    Bad("paper", at_visit, "Enter visit results", {"technician": "Tech 1", "notes": "all shut"}, {"result", "fix"}),
    Bad("test-session", at_test_session, "Enter test session", {**TESTED, "end": "no"}, {"cause"}),
    Bad("test-session", at_test_session, "Enter test session", {"start": "yes", "cause": "connection"},
        {"authentication", "energy", "end", "record"}),
    Bad("signal-check", on_site, "Enter what you see", {"bars": "3"}, {"display", "wifi"}, **MINE),
    Bad("lock-out", at_locks, "Enter lock-out", {**LOCKS, "tag_1": " "}, {"tag-1"}, **MINE),
    Bad("lock-out", at_locks, "Enter lock-out", {**LOCKS, "tag_2": LOCKS["tag_1"]}, {"tag-2"}, **MINE),
    Bad("readings", locked, "Enter readings", {**ZERO, "l1_l2": "1001", "after": "2000"}, {"l1-l2", "after"}, **MINE),
    Bad("readings", locked, "Enter readings", {**ZERO, "meter": "m" * 101}, {"meter"}, **MINE),
    Bad("cabinet", gate_open, "Enter all answers", {"sim": "fine"}, {"antenna"}, **MINE),
    Bad("unlock", at_unlock, "Enter lock off", {**UNLOCK, "tag_1": "T-115"}, {"tag-1"}, **MINE),
    Bad("unlock", at_unlock, "Enter lock off", {**UNLOCK, "others": "yes"}, {"others"}, **MINE),
    Bad("lock-removed", locked, "Lock was removed", {"reason": " ", "panel": "yes"}, {"reason", "power"},
        who=THE_LEAD),
    Bad("case", at_part, "Part is there: new visit", {"part": "\u200b", "case": "c" * 101}, {"part", "case"}),
    Bad("repair-log", at_log, "Log the repair", {"note": "z" * 501, "follow-up": "Lead"}, {"note"}),
    Bad("note", at_restart, "Add note", {"note": "  "}, {"note"}),
    Bad("note", at_restart, "Add note", {"note": "n" * 501}, {"note"}),
    Bad("help", at_restart, "Call for help", {"help": "\u200b"}, {"help"}),
    Bad("help", with_visit, "Call for help", {"help": "h" * 301}, {"help"}, who=TECHNICIAN, dm=True),
    Bad("hand-over", at_restart, "Hand over", {"to": TECHNICIAN}, {"to"}),
    Bad("correct", answered, "Correct an answer", {"right": "it was another station"}, {"answer"}),
    Bad("correct", answered, "Correct an answer", {"answer": "03:29 call support: No answer, later"}, {"right"}),
    Bad("more", at_restart, "More", {"what": "Close with reason"}, {"reason"}),
    Bad("more", at_restart, "More", {"what": MUTE["what"]}, {"reason", "until"}),
    Bad("more", at_restart, "More", {**MUTE, "until": YESTERDAY}, {"until"}),
    Bad("more", at_restart, "More", {**MUTE, "until": FAR_AHEAD}, {"until"}),
    Bad("more", at_restart, "More", {"reason": "dug up"}, {"what"}),
)  # fmt: skip


def test_no_form_is_forgotten() -> None:
    menu = {"note", "help", "hand-over", "correct", "more"}
    assert {bad.form for bad in BAD} == set(RULES.runbook.forms) | menu


@pytest.mark.parametrize("bad", BAD, ids=str)
async def test_bad_values_are_refused_on_their_field_and_what_was_typed_stays(world: World, bad: Bad) -> None:
    if bad.by_hand:
        portal = world.town.portal
        portal.capabilities = replace(portal.capabilities, restart=Capability.MANUAL)
        await world.patience(61)
    await bad.way(world)
    await (Direct(world, bad.who) if bad.dm else _Card(world, bad.who)).press(bad.button)
    before = world.card().blocks, world.thread(), world.rung()
    view = world.town.slack.open_view(bad.who)
    assert view is not None
    checks_nothing(view)

    await world.fill(bad.who, **{name.replace("-", "_"): value for name, value in bad.typed.items()})

    refused = world.wrong(bad.who)
    assert set(refused) == bad.refused
    assert all(sentence[0].isupper() and sentence.endswith((".", "?")) for sentence in refused.values()), (
        refused
    )
    still = world.town.slack.open_view(bad.who)
    assert still is not None
    assert still.id == view.id, "the same form, still open with all that was typed"
    assert still.body == view.body
    assert (world.card().blocks, world.thread(), world.rung()) == before


def checks_nothing(view: View) -> None:
    """From now on the client sends whatever is typed: an old one does, and so does whoever makes up requests."""
    for block in view.body["blocks"]:
        block["optional"] = True
        block["element"].pop("max_length", None)


@dataclass(frozen=True)
class _Card:
    """The card in the channel, pressed by one person."""

    world: World
    who: str

    async def press(self, label: str) -> None:
        await self.world.press(self.who, label)


async def test_values_no_client_offers_are_refused_in_the_same_way(world: World) -> None:
    await undelivered(world)
    await world.press(SUPPORT, "Enter answers")
    view = world.town.slack.open_view(SUPPORT)
    assert view is not None
    for block in view.body["blocks"]:
        if block["block_id"] == "active":
            block["element"]["options"].append(
                {"text": {"type": "plain_text", "text": "maybe"}, "value": "maybe"}
            )

    await world.fill(SUPPORT, **{**NOTHING_WRONG, "active": "maybe"})

    assert world.wrong(SUPPORT) == {"active": "Please choose one of the answers."}
