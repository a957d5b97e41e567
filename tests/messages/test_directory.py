"""Who somebody is, asked of a real Slack client as seldom as possible and never guessed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import MovableClock
from bot.demo.slack.server import SlackDouble
from bot.demo.slack.workspace import Workspace
from bot.errors import Refused
from bot.messages.directory import GROUP_AGE, STALE, USER_AGE, SlackDirectory
from bot.people import RoleTable
from bot.runbook.model import Role
from tests.messages.moods import Handler
from tests.messages.post_office import REAL_START, SCOPES, TOKEN

HOME = "T0DEMO"
SECOND = timedelta(seconds=1)
AUTH, USER, GROUP = "auth.test", "users.info", "usergroups.users.list"


@dataclass
class Desk:
    """A directory, the Slack it asks, and everything it asked."""

    directory: SlackDirectory
    workspace: Workspace
    real: MovableClock
    asked: list[str] = field(default_factory=list)
    down: bool = False
    gate: asyncio.Barrier | None = None
    """Slack answers when so many questions are asked."""

    async def roles(self, user: str, team: str = HOME) -> set[Role]:
        """What somebody may be right now."""
        return set((await self.directory.person(user, team)).roles)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """A workspace with a support group of one, a technician group, a guest named by id."""
    workspace = Workspace.of(
        people=[
            (id_, name, []) for id_, name in (("U0ONE", "Support 1"), ("U0TWO", "Two"), ("U0GUEST", "G"))
        ],
        groups=[("S0SUPPORT", "support", ["U0ONE"]), ("S0TECH", "tech", ["U0GUEST", "U0TWO"])],
        channels=[],
    )
    workspace.users["U0GUEST"].is_restricted = True
    double = SlackDouble(
        workspace, bot_token=TOKEN, signing_secret="not used here", scopes=SCOPES, strict_pace=False
    )
    real = MovableClock(REAL_START)
    table = RoleTable(support=("S0SUPPORT",), technician=("S0TECH", "U0GUEST"), lead=("U0LEAD",))
    outside = web.Application()
    one = Desk(SlackDirectory(AsyncWebClient(TOKEN), table, real), workspace, real)

    @web.middleware
    async def weather(request: web.Request, handler: Handler) -> web.StreamResponse:
        one.asked.append(request.path.rpartition("/")[2])
        if one.gate is not None:
            await one.gate.wait()
        if one.down:
            return web.json_response({"ok": False, "error": "fatal_error"}, status=503)
        return await handler(request)

    outside.middlewares.append(weather)
    double.mount(outside)
    async with TestServer(outside) as server:
        base = str(server.make_url("/api/"))
        one.directory.slack = AsyncWebClient(token=TOKEN, base_url=base, retry_handlers=[])
        yield one


async def test_roles_come_from_groups_and_the_name_from_slack(desk: Desk) -> None:
    person = await desk.directory.person("U0ONE", HOME)
    assert (person.user_id, person.name) == ("U0ONE", "Support 1")
    assert person.roles == {Role.SUPPORT}
    assert await desk.roles("U0TWO") == {Role.TECHNICIAN}


async def test_a_guest_has_no_role_by_a_group_and_technician_only_by_id(desk: Desk) -> None:
    desk.workspace.groups["S0SUPPORT"].members.append("U0GUEST")
    assert await desk.roles("U0GUEST") == {Role.TECHNICIAN}
    desk.workspace.users["U0TWO"].is_ultra_restricted = True
    assert await desk.roles("U0TWO") == set()


async def test_people_of_another_workspace_have_no_role_and_slack_is_not_asked(desk: Desk) -> None:
    assert await desk.roles("U0ONE", "T0ELSEWHERE") == set()
    assert desk.asked == [AUTH]


async def test_somebody_whose_account_lives_elsewhere_has_no_role_whatever_the_payload_says(
    desk: Desk,
) -> None:
    desk.workspace.users["U0ONE"].team_id = "T0ELSEWHERE"
    assert await desk.roles("U0ONE") == set()


@pytest.mark.parametrize("gone", ["deleted", "is_bot"])
async def test_who_left_and_what_is_no_person_has_no_role(desk: Desk, gone: str) -> None:
    setattr(desk.workspace.users["U0ONE"], gone, True)
    assert await desk.roles("U0ONE") == set()


async def test_a_change_of_a_group_counts_after_a_minute_at_most(desk: Desk) -> None:
    assert await desk.roles("U0ONE") == {Role.SUPPORT}
    desk.workspace.groups["S0SUPPORT"].members.clear()
    desk.real.move(GROUP_AGE - SECOND)
    assert await desk.roles("U0ONE") == {Role.SUPPORT}
    desk.real.move(SECOND)
    assert await desk.roles("U0ONE") == set()
    assert timedelta(seconds=60) == GROUP_AGE


async def test_who_was_removed_from_the_workspace_is_out_after_five_minutes(desk: Desk) -> None:
    await desk.roles("U0ONE")
    desk.workspace.users["U0ONE"].deleted = True
    desk.real.move(USER_AGE)
    assert await desk.roles("U0ONE") == set()


async def test_slack_is_asked_once_a_minute_whoever_clicks(desk: Desk) -> None:
    for _ in range(3):
        for user in ("U0ONE", "U0TWO", "U0GUEST"):
            await desk.roles(user)
    assert sorted(desk.asked) == sorted([AUTH, GROUP, GROUP, USER, USER, USER])


async def test_many_who_ask_at_once_are_one_question(desk: Desk) -> None:
    people = await asyncio.gather(*(desk.directory.person("U0ONE", HOME) for _ in range(50)))
    assert {person.roles for person in people} == {frozenset({Role.SUPPORT})}
    assert sorted(desk.asked) == sorted([AUTH, GROUP, GROUP, USER])


async def test_different_people_are_asked_for_at_the_same_time(desk: Desk) -> None:
    desk.gate = asyncio.Barrier(2)
    async with asyncio.timeout(5):
        found = await asyncio.gather(*(desk.directory.member(user) for user in ("U0ONE", "U0TWO")))
    assert [one.name for one in found if one] == ["Support 1", "Two"]


async def test_while_slack_is_down_its_last_answer_holds_for_an_hour(desk: Desk) -> None:
    await desk.roles("U0ONE")
    desk.down = True
    desk.real.move(STALE - SECOND)
    assert await desk.roles("U0ONE") == {Role.SUPPORT}
    desk.real.move(SECOND)
    with pytest.raises(Refused, match="Slack does not say who you are"):
        await desk.roles("U0ONE")


async def test_somebody_slack_never_told_about_is_refused_while_it_is_down(desk: Desk) -> None:
    await desk.roles("U0ONE")
    desk.down = True
    with pytest.raises(Refused):
        await desk.roles("U0TWO")


async def test_slack_back_again_is_believed_at_once(desk: Desk) -> None:
    await desk.roles("U0ONE")
    desk.down = True
    desk.real.move(STALE + SECOND)
    with pytest.raises(Refused):
        await desk.roles("U0ONE")
    desk.down = False
    desk.workspace.groups["S0SUPPORT"].members.clear()
    assert await desk.roles("U0ONE") == set()


async def test_without_slack_from_the_start_nobody_may_do_anything(desk: Desk) -> None:
    desk.down = True
    with pytest.raises(Refused):
        await desk.roles("U0ONE")


async def test_a_name_is_known_also_of_somebody_who_left_and_nothing_while_slack_is_silent(
    desk: Desk,
) -> None:
    desk.workspace.users["U0ONE"].deleted = True
    gone = await desk.directory.member("U0ONE")
    assert gone is not None
    assert (gone.name, gone.deleted) == ("Support 1", True)
    assert await desk.directory.member("U0NOBODY") is None
    desk.down = True
    assert await desk.directory.member("U0TWO") is None
