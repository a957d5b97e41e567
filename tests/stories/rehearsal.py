"""Asking who may do what without doing it: every unit of work runs in its transaction and is undone at its end."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from bot.demo.slack.fields import Found, action_of, state_of
from bot.demo.slack.talk import Message
from bot.demo.slack.workspace import Json
from bot.errors import Refused
from db.writer import Database
from tests.logged import Log
from tests.world import World

NO = "kind=NotAllowed"
_TOKENS = count()


class Passed(Refused):
    """The unit came to its end: nobody would have stopped it."""


@dataclass
class Rehearsing:
    """Stands in for the database of the handlers; what it wrote is undone."""

    real: Database
    passed: int = 0
    """How many units came to their end."""

    async def write(self, unit: Callable[..., Any], *args: Any) -> Any:
        """Run the unit, and then nothing of it happened."""

        def rehearsed(session: Session) -> None:
            unit(session, *args)
            session.flush()
            self.passed += 1
            raise Passed("It would have been done.")

        return await self.real.write(rehearsed)

    async def read(self, query: Callable[..., Any], *args: Any) -> Any:
        """As ever."""
        return await self.real.read(query, *args)


@asynccontextmanager
async def rehearsing(world: World) -> AsyncIterator[Rehearsing]:
    """Until the block ends, nothing that comes in from Slack changes anything."""
    deps, real = world.house.deps, world.house.deps.db
    stage = Rehearsing(real)
    object.__setattr__(deps, "db", stage)
    try:
        yield stage
    finally:
        object.__setattr__(deps, "db", real)


@dataclass(frozen=True)
class Attempt:
    """Something somebody could send: the kind of delivery and its payload."""

    kind: str
    payload: Json

    async def by(self, world: World, who: str) -> "Outcome":
        """Send it as this person, signed by Slack as everything is."""
        slack, stage = world.town.slack, world.house.deps.db
        assert isinstance(stage, Rehearsing)
        team = slack.workspace.users[who].team_id
        payload = deepcopy(self.payload) | {"token": str(next(_TOKENS))}
        if self.kind == "event":
            payload["event"] |= {"user": who, "user_team": team, "team": team}
        elif self.kind == "command":
            payload |= {"user_id": who, "team_id": team, "trigger_id": slack._world.triggers.issue(who)}
        else:
            payload["user"] |= {"id": who, "team_id": team}
            payload["trigger_id"] = slack._world.triggers.issue(who)
        send: Callable[[Json], Any] = getattr(slack._deliverer, self.kind)
        before = stage.passed
        await send(payload)
        await world.house.deps.tasks.drain()
        view = slack.open_view(who)
        if view is not None:
            slack._world.views.close(view)
        opened = view is not None and view.body["title"]["text"] != "Not done"
        return Outcome(done=stage.passed > before, opened=opened)


@dataclass(frozen=True)
class Outcome:
    """What came of it: whether it would have been done, and whether a form or a page was opened."""

    done: bool
    opened: bool


def click(world: World, message: Message, found: Found, option: object = None) -> Attempt:
    """Press this element of this message."""
    slack = world.town.slack
    place = slack.workspace.channels[message.channel]
    action = action_of(found, "1.1", option)
    payload = slack._payloads.click_in_message(a_member(world), place, message, message.blocks, action)
    return Attempt("interact", payload)


def submission(world: World, who: str, answers: dict[str, str]) -> Attempt:
    """Send the form that is open in front of this person, filled in so."""
    slack = world.town.slack
    view = slack.open_view(who)
    assert view is not None, "no form is open"
    elements = {block["block_id"]: block["element"] for block in view.body["blocks"]}
    values = {
        name: {"value": {"option": answer} if "options" in elements[name] else answer}
        for name, answer in answers.items()
    }
    state, errors = state_of(view.body["blocks"], values)
    assert errors == {}, errors
    return Attempt("interact", slack._payloads.submission(view, state))


def command(world: World, channel: str, text: str) -> Attempt:
    """Type this."""
    slack = world.town.slack
    place = slack.workspace.channels[channel]
    return Attempt("command", slack._payloads.command(a_member(world), place, "/charger", text))


def a_member(world: World) -> str:
    """Somebody to build a payload with; it is sent as somebody else."""
    return next(user for user, person in world.town.slack.workspace.users.items() if not person.is_bot)


def one_refusal(log: Log) -> bool:
    """Was the one thing logged since the last look that somebody may not do this?

    In a rehearsal nobody is there to be told so.
    """
    lines = [line for line in log.new().splitlines() if "person.not_told" not in line]
    return len(lines) == 1 and NO in lines[0]
