"""A courier with a real Slack client, the Slack double on a real port, and what a network does between them."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.clock import MovableClock
from bot.demo.slack.server import SlackDouble
from bot.demo.slack.talk import Message
from bot.demo.slack.workspace import Workspace
from bot.incidents import commands
from bot.messages import forms, outbox, queue
from bot.messages.courier import Courier
from bot.messages.drawing import Drawing, Drawn
from bot.messages.pace import Beat, Paces
from bot.messages.queue import Parcel
from bot.messages.weather import Weather
from bot.metrics import Metrics
from bot.portal.contract import Command, Outcome
from bot.portal.manual import ManualPortal
from bot.tasks import Tasks
from db.models import Incident, Outgoing
from db.writer import Database
from tests.incidents.desk import AUTO, NIGHT, RENDER, RULES, Desk
from tests.messages.moods import Handler, Mood
from tests.messages.rows import no_chart

TOKEN = "xoxb-nobody-may-see-this"
CHANNEL = RULES.channel
NO_PAUSE = Paces(Beat(timedelta(0)), Beat(timedelta(0)))
SCOPES = frozenset(
    {
        *("channels:history", "chat:write", "files:write", "im:history", "im:write"),
        *("usergroups:read", "users:read"),
    }
)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what does not depend on the kind of database."""
REAL_START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
"""Real time; the procedure's clock shows another one."""

POST, EDIT, EVERY = "chat.postMessage", "chat.update", "every method"


@dataclass
class RecordingPortal(ManualPortal):
    """A portal that takes restarts and writes down which; `stuck` makes one hang until it is set."""

    outcome: Outcome = Outcome.ACCEPTED
    restarted: list[str] = field(default_factory=list)
    stuck: asyncio.Event | None = None

    async def restart(self, station_id: str, *, key: str, expires_at: datetime) -> Command:
        """Take the restart."""
        self.restarted.append(key)
        if self.stuck is not None:
            await self.stuck.wait()
        return Command("c-1", self.outcome)


@dataclass
class PostOffice:
    """What a story of the courier can do and see."""

    desk: Desk
    slack: SlackDouble
    client: AsyncWebClient
    real: MovableClock
    portal: RecordingPortal
    moods: dict[str, list[Mood]] = field(default_factory=lambda: defaultdict(list))
    """What the next calls of a method get, one after the other."""
    always: dict[str, Mood] = field(default_factory=dict)
    """What every call of a method gets, or of any method under `EVERY`."""
    asked: list[str] = field(default_factory=list)
    """Every method that was called, in order."""
    home: str = CHANNEL
    """The alert channel of the settings."""
    metrics: Metrics = field(default_factory=Metrics)
    tasks: Tasks = field(default_factory=Tasks)

    @property
    def db(self) -> Database:
        """The database of the desk."""
        return self.desk.db

    def courier(self, paces: Paces = NO_PAUSE, **changes: Any) -> Courier:
        """A courier; several of them are several processes on one database."""
        given: dict[str, Any] = {
            "db": self.db,
            "slack": self.client,
            "portal": self.portal,
            "draw": self.draw,
            "chart": no_chart,
            "weather": Weather(
                self.db, self.client, self.metrics, self.home, ("S0LEAD",), self.clock, self.real
            ),
            "plain": lambda reference: RENDER.words(outbox.PLAIN, {"reference": reference}),
            "blank": partial(forms.blank, "The gate is shut."),
            "answered": partial(commands.answered, rules=RULES),
            "metrics": self.metrics,
            "spawn": self.tasks.spawn,
            "clock": self.clock,
            "real": self.real,
            "paces": paces,
        }
        return Courier(**(given | changes))

    @property
    def clock(self) -> MovableClock:
        """The procedure's clock, at the desk's time."""
        return MovableClock(self.desk.now)

    @property
    def drawing(self) -> Drawing:
        """What draws the messages."""
        groups = {"support": ("S0SUPPORT",), "lead": ("S0LEAD",)}
        return Drawing(self.db, RENDER, RULES.runbook, RULES.timings, groups, lambda: AUTO, self.clock)

    async def draw(self, parcel: Parcel) -> Drawn | None:
        """Draw as the real one does, at the time of now."""
        return await self.drawing(parcel)

    async def deliver(self, paces: Paces = NO_PAUSE) -> int:
        """Rounds of a courier, until also what is carried beside them is done."""
        tried = await self.courier(paces).run_due()
        await self.tasks.drain()
        return tried + await self.courier(paces).run_due()

    async def with_card(self) -> None:
        """One incident whose card is in the channel."""
        await self.desk.opened()
        await self.deliver()
        assert len(self.cards()) == 1
        self.asked.clear()

    async def claim(self) -> tuple[Parcel, ...]:
        """What a courier that dies right afterwards has claimed."""
        return await self.db.write(queue.claim, NO_PAUSE, self.real.now(), self.desk.now)

    def later(self, seconds: float) -> None:
        """Real time goes on."""
        self.real.move(timedelta(seconds=seconds))

    async def touch(self, incident: int = 1) -> None:
        """The card has something new to show."""
        await self.db.write(_touch, incident, self.desk.now)

    async def add_line(self, number: int, incident: int = 1) -> None:
        """One more line for the thread, with a number to know it by."""
        words = {"by": "Support 1", "note": f"line {number}"}
        key = f"{incident}:note:{number}"
        await self.db.write(outbox.add_line, incident, key, "lines/note.j2", words, self.desk.now)

    def calls(self, method: str) -> int:
        """How often a method was called."""
        return self.asked.count(method)

    def cards(self) -> list[Message]:
        """The cards in the channel."""
        return [message for message in self.slack.messages(CHANNEL) if message.thread_ts is None]

    def thread(self, card: int = 0) -> list[str]:
        """What stands in the thread of a card."""
        lines = self.slack.thread(CHANNEL, self.cards()[card].ts)
        return ["".join(_texts(line.blocks)) for line in lines]

    def direct(self, who: str) -> list[str]:
        """What stands in somebody's direct message."""
        im = self.slack.im(who)
        return [words_of(each) for each in self.slack.messages(im)] if im else []

    async def passes(self, minutes: int) -> None:
        """Both clocks go on, and a courier has its rounds."""
        for _ in range(minutes):
            self.later(60)
            self.desk.later(minutes=1)
            await self.deliver()

    async def ends(self, incident: int) -> None:
        """An incident is closed."""
        await self.db.write(_close, incident, self.desk.now)
        await self.touch(incident)

    def notes(self) -> list[str]:
        """The notes in the card's thread, by their last word."""
        return [line.rpartition(" ")[2] for line in self.thread()]

    async def row(self, key: str) -> dict[str, Any]:
        """A row of the outbox."""
        return await self.db.read(_row, key)


def _touch(session: Session, incident: int, now: datetime) -> None:
    changed = update(Incident).where(Incident.id == incident).values(version=Incident.version + 1)
    version = session.execute(changed.returning(Incident.version)).scalar_one()
    outbox.show_cards(session, incident, version, CHANNEL, None, now)


def _close(session: Session, incident: int, now: datetime) -> None:
    values = {"closed_at": now, "fix": "recovered by itself", "step": "log-repair"}
    session.execute(update(Incident).where(Incident.id == incident).values(values))


def _row(session: Session, key: str) -> dict[str, Any]:
    row = session.scalars(select(Outgoing).where(Outgoing.key == key)).one()
    return {column.key: getattr(row, column.key) for column in Outgoing.__table__.columns}


def words_of(message: Message) -> str:
    """All words of a message's blocks."""
    return "\n".join(_texts(message.blocks))


def _texts(part: Any) -> list[str]:
    match part:
        case list():
            return [text for each in part for text in _texts(each)]
        case {"text": str(text)}:
            return [text]
        case dict():
            return [text for each in part.values() for text in _texts(each)]
    return []


def _workspace() -> Workspace:
    named = {"U0SUPPORT1": "Support 1", "U0TECH1": "Tech 1", "U0LEAD": "Lead"}
    people: list[tuple[str, str, list[str]]] = [(id_, name, []) for id_, name in named.items()]
    groups = [("S0SUPPORT", "support", ["U0SUPPORT1"]), ("S0LEAD", "leads", ["U0LEAD"])]
    return Workspace.of(people=people, groups=groups, channels=[(CHANNEL, "alerts", list(named))])


@asynccontextmanager
async def a_post_office(
    db: Database, *, strict_pace: bool = False, patience: float = 10
) -> AsyncIterator[PostOffice]:
    """A post office; `patience` is how many seconds the client waits for an answer of Slack."""
    real = MovableClock(REAL_START)
    double = SlackDouble(
        _workspace(),
        bot_token=TOKEN,
        signing_secret="not used here",
        scopes=SCOPES,
        strict_pace=strict_pace,
        clock=lambda: real.now().timestamp(),
    )
    desk = Desk(db, now=NIGHT, real=REAL_START)
    outside = web.Application()
    timeout = aiohttp.ClientTimeout(total=patience)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        office = PostOffice(desk, double, AsyncWebClient(TOKEN), real, RecordingPortal())

        @web.middleware
        async def weather(request: web.Request, handler: Handler) -> web.StreamResponse:
            method = request.path.rpartition("/")[2]
            office.asked.append(method)
            moods = office.moods[method]
            lasting = office.always.get(method) or office.always.get(EVERY)
            mood = moods.pop(0) if moods else lasting
            return await (mood(request, handler) if mood else handler(request))

        outside.middlewares.append(weather)
        double.mount(outside)
        async with TestServer(outside) as server:
            double.public_url = str(server.make_url("")).rstrip("/")
            office.client = AsyncWebClient(
                token=TOKEN, base_url=str(server.make_url("/api/")), session=session, retry_handlers=[]
            )
            yield office
