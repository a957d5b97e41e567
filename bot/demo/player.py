"""Plays a story of `plays.py` in the running demo, at a pace a person can follow."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import structlog

from bot.clock import MovableClock
from bot.demo.filling import texts, values_of
from bot.demo.fleet import Fleet
from bot.demo.plays import STORIES
from bot.demo.portal import PortalSimulator
from bot.demo.script import (
    Breaks,
    Carrier,
    Fills,
    Leaves,
    Looks,
    Mends,
    Passes,
    Portal,
    Presses,
    Scene,
    Story,
    Types,
)
from bot.demo.slack.fields import CannotDo, with_label
from bot.demo.slack.server import SlackDouble
from bot.demo.slack.talk import Message
from bot.demo.stories import ALERT_CHANNEL, TECHNICIAN_GROUP
from bot.errors import Refused

MINUTE = timedelta(minutes=1)
UTC = ZoneInfo("UTC")

Ended = Literal["", "done", "stopped", "stuck"]
T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """Real seconds: to read a scene's sentence and see what came of it, to see a finger point, for a minute of the
    demo, and at most for what a scene waits for (Slack takes one message a second)."""

    read: float = 3.2
    point: float = 1.4
    minute: float = 0.18
    patience: float = 30.0


@dataclass(frozen=True, slots=True)
class Play:
    """How far a story is. `at` counts scenes from 0; `ended` is empty while it plays.

    `who` acts now (a Slack user id); `pointing` is what they are about to press and whether a dialog asks first,
    `typing` what they fill in, `looking` the message they look at, `thread` the one whose thread they read.
    `changed` is the card (its ts) on which the scene's outcome is to be seen.
    """

    story: str
    serial: str
    at: int = 0
    says: str = ""
    ended: Ended = ""
    trouble: str | None = None
    who: str | None = None
    pointing: Mapping[str, str | bool] | None = None
    typing: Mapping[str, object] | None = None
    looking: Mapping[str, str] | None = None
    thread: str | None = None
    changed: str | None = None


class Player:
    """One story at a time. `wake` is awaited after everything that moves the world."""

    def __init__(
        self,
        slack: SlackDouble,
        fleet: Fleet,
        portal: PortalSimulator,
        clock: MovableClock,
        wake: Callable[[], Awaitable[None]],
        *,
        pace: Pace | None = None,
        stories: Sequence[Story] = STORIES,
        zone: ZoneInfo = UTC,
    ) -> None:
        self._slack = slack
        self._fleet = fleet
        self._portal = portal
        self._clock = clock
        self._wake = wake
        self._pace = pace or Pace()
        self._zone = zone
        self.stories = {story.id: story for story in stories}
        self._play = Play(story="", serial="")
        self._task: asyncio.Task[None] | None = None

    @property
    def play(self) -> Play | None:
        """The story that plays or was played last."""
        return self._play if self._play.story else None

    def start(self, story_id: str) -> None:
        """Begin to play. Raises Refused: no such story, one is playing, or no untouched station is left."""
        story = self.stories.get(story_id)
        if story is None:
            raise Refused("There is no such story.")
        if self._task is not None and not self._task.done():
            raise Refused("A story is playing. Stop it first.")
        self._play = Play(story.id, self._untouched())
        self._task = asyncio.create_task(self._run(story))

    async def stop(self) -> None:
        """End the story where it is; the world stays as it has become."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def finished(self) -> None:
        """Wait until the story has ended."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def _untouched(self) -> str:
        """A station in contact that nothing was said about: an old card would come between."""
        told = [message.text for message in self._slack.messages(ALERT_CHANNEL.id)]
        for row in self._fleet.stations():
            if row["online"] and not row["charging"] and not any(row["serial"] in text for text in told):
                return row["serial"]
        raise Refused("Every station has had its story. Reset the demo to begin anew.")

    def _now(self, **changes: Any) -> None:
        self._play = replace(self._play, **changes)

    async def _run(self, story: Story) -> None:
        ended: Ended = "stopped"
        trouble = None
        try:
            for at, scene in enumerate(story.scenes):
                await self._show(at, scene)
            ended = "done"
        except (CannotDo, Refused) as stuck:
            ended, trouble = "stuck", str(stuck)
            log.warning("story.stuck", story=story.id, why=trouble)
        finally:
            self._now(ended=ended, trouble=trouble, pointing=None, typing=None)

    async def _show(self, at: int, scene: Scene) -> None:
        serial = self._play.serial
        says = scene.says.format(serial=serial)
        self._now(at=at, says=says, looking=None, thread=None, changed=None)
        await self._act(scene, serial)
        await self._wake()
        if scene.shows:
            shows = await self._until(
                lambda: self._card_with(serial, scene.shows), f"the card to say “{scene.shows}”"
            )
            self._now(changed=shows.ts)
        await asyncio.sleep(self._pace.read)

    async def _act(self, scene: Scene, serial: str) -> None:
        match scene.act:
            case Passes(minutes):
                await self._pass(minutes)
            case Looks(who, thread, direct):
                await self._look(who.id, serial, thread=thread, direct=direct)
            case Types(who, text):
                self._now(who=who.id)
                await asyncio.sleep(self._pace.point)
                await self._type(who.id, text.format(serial=serial))
            case Presses(who, label):
                await self._press(who.id, label, serial)
            case Fills(who, answers):
                await self._fill(who.id, answers)
            case happens:
                self._befall(serial, happens)

    def _befall(self, serial: str, act: Breaks | Mends | Leaves | Carrier | Portal) -> None:
        """What happens without anybody."""
        match act:
            case Breaks(fault):
                self._fleet.set_fault(serial, fault)
            case Mends():
                self._fleet.set_fault(serial, None)
            case Leaves():
                self._fleet.set_session(serial, running=False)
            case Carrier(gone):
                self._fail_carrier(serial, gone=gone)
            case Portal(reachable):
                self._portal.reachable = reachable

    def _fail_carrier(self, serial: str, *, gone: bool) -> None:
        station = self._fleet.with_serial(serial).station
        self._fleet.set_outage(station.area or "", station.carrier or "", down=gone)

    async def _pass(self, minutes: int) -> None:
        for _ in range(minutes):
            self._clock.move(MINUTE)
            await self._wake()
            await asyncio.sleep(self._pace.minute)

    async def _type(self, who: str, text: str) -> None:
        if text.startswith("/"):
            await self._slack.slash(who, ALERT_CHANNEL.id, text)
        else:
            await self._slack.say(who, ALERT_CHANNEL.id, text)

    async def _look(self, who: str, serial: str, *, thread: bool, direct: bool) -> None:
        if direct:
            seen: Message | None = await self._until(lambda: self._direct(who, serial), "a direct message")
        else:
            seen = next(self._cards(serial), None)
        where = {"channel": seen.channel, "ts": seen.ts} if seen else None
        self._now(who=who, looking=where, thread=seen.ts if seen and thread else None)

    async def _press(self, who: str, label: str, serial: str) -> None:
        self._now(who=who)
        message = await self._until(lambda: self._with_button(who, label, serial), f"a button “{label}”")
        pointing = {"channel": message.channel, "ts": message.ts, "label": label, "asks": False}
        self._now(pointing=pointing)
        await asyncio.sleep(self._pace.point)
        if any("confirm" in found.element for found in with_label(message.blocks, label)):
            self._now(pointing=pointing | {"asks": True})
            await asyncio.sleep(self._pace.read)
        await self._slack.press(who, label, channel=message.channel, ts=message.ts)
        self._now(pointing=None)

    async def _fill(self, who: str, answers: Mapping[str, str]) -> None:
        self._now(who=who)
        view = await self._until(lambda: self._slack.open_view(who), "a form")
        values = values_of(view, answers, self._clock.now().astimezone(self._zone))
        await asyncio.sleep(self._pace.point)
        self._now(typing={"view": view.id, "values": values})
        await asyncio.sleep(self._pace.read)
        await self._slack.submit(who, view.id, values)
        if view.errors:
            raise CannotDo(" ".join(view.errors.values()))
        self._now(typing=None)

    # Waiting

    async def _until(self, ready: Callable[[], T | None], what: str) -> T:
        try:
            async with asyncio.timeout(self._pace.patience):
                while (found := ready()) is None:
                    await self._slack.changed(self._slack.seq)
        except TimeoutError:
            raise CannotDo(f"Waited in vain for {what}.") from None
        return found

    def _messages(self, who: str, serial: str) -> Iterator[Message]:
        """What this person sees of the station, wherever it stands."""
        for place in self._slack.workspace.channels.values():
            if who in place.members:
                yield from (each for each in self._slack.messages(place.id) if serial in each.text)

    def _direct(self, who: str, serial: str) -> Message | None:
        """What the bot wrote to this person alone about the station."""
        told = self._slack.messages(self._slack.workspace.ims.get(who, ""))
        return next((each for each in told if serial in each.text), None)

    def _with_button(self, who: str, label: str, serial: str) -> Message | None:
        messages = self._messages(who, serial)
        return next((each for each in messages if any(with_label(each.blocks, label))), None)

    def _card_with(self, serial: str, words: str) -> Message | None:
        directs = (self._direct(member, serial) for member in TECHNICIAN_GROUP.members)
        cards = [*self._cards(serial), *(card for card in directs if card is not None)]
        return next((card for card in cards if any(words in text for text in texts(card.blocks))), None)

    def _cards(self, serial: str) -> Iterator[Message]:
        messages = self._slack.messages(ALERT_CHANNEL.id)
        return (each for each in messages if serial in each.text and each.thread_ts is None)
