"""Who somebody in Slack is: user, guest, groups. Remembered for a short while, because Slack allows few questions."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.errors import Refused
from bot.messages.outcomes import FAILURES
from bot.messages.text import clean
from bot.people import Membership, Person, RoleTable

GROUP_AGE = timedelta(seconds=60)
"""Slack allows 20 questions about groups a minute; a change of a group counts after at most this long."""
USER_AGE = timedelta(minutes=5)
STALE = timedelta(hours=1)
"""While Slack does not answer, what it said last holds this long; after that nobody may do anything."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Kept(Generic[T]):
    value: T
    at: datetime


@dataclass(slots=True)
class SlackDirectory:
    """The Directory that asks Slack. `home_team`, the workspace Relink is installed in, is asked for once."""

    slack: AsyncWebClient
    table: RoleTable
    real: Clock
    home_team: str | None = None
    _that_matter: Sequence[str] = field(init=False)
    """The user groups that give a role."""
    _groups: dict[str, _Kept[frozenset[str]]] = field(default_factory=dict)
    _users: dict[str, _Kept[Membership]] = field(default_factory=dict)
    _asking: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """Many who ask the same at once are one question; different ones do not wait for each other."""

    def __post_init__(self) -> None:
        self._that_matter = sorted(self.table.groups())

    async def person(self, user_id: str, team_id: str) -> Person:
        """This user with the roles of this moment. Raises Refused when Slack cannot say who they are."""
        home = await self._home()
        if team_id != home:
            return Person(user_id, frozenset())
        user = await self._user(user_id)
        groups = [name for name in self._that_matter if user_id in await self._members(name)]
        member = replace(user, groups=frozenset(groups))
        return Person(user_id, self.table.roles(member, home), user.name, member.guest)

    async def member(self, user_id: str) -> Membership | None:
        """What Slack says about a user of this workspace, their groups left out; None while it does not say."""
        try:
            return await self._user(user_id)
        except Refused:
            return None

    async def people(self, names: Sequence[str]) -> frozenset[str]:
        """The user ids behind these user groups and user ids. Raises Refused when Slack cannot say."""
        found: set[str] = set()
        for name in names:
            found |= await self._members(name) if name.startswith("S") else {name}
        return frozenset(found)

    async def _home(self) -> str:
        if self.home_team is not None:
            return self.home_team
        async with self._asking["home"]:
            if self.home_team is None:
                try:
                    answer = await self.slack.auth_test()
                except FAILURES as error:
                    return self._last(None, error)
                self.home_team = str(answer["team_id"])
            return self.home_team

    async def _user(self, user_id: str) -> Membership:
        if (kept := self._fresh(self._users.get(user_id), USER_AGE)) is not None:
            return kept
        async with self._asking[user_id]:
            if (kept := self._fresh(self._users.get(user_id), USER_AGE)) is not None:
                return kept
            try:
                answer = await self.slack.users_info(user=user_id)
            except FAILURES as error:
                return self._last(self._users.get(user_id), error)
            user = answer["user"]
            guest = bool(
                user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_stranger")
            )
            name = clean(str(user.get("real_name") or user.get("name") or user_id))[:100]
            # Nobody stands behind a bot: like somebody who left, it may do nothing and own nothing.
            gone = bool(user.get("deleted") or user.get("is_bot"))
            found = Membership(user_id, str(user["team_id"]), guest, gone, name, frozenset())
            self._users[user_id] = _Kept(found, self.real.now())
            return found

    async def _members(self, group: str) -> frozenset[str]:
        if (kept := self._fresh(self._groups.get(group), GROUP_AGE)) is not None:
            return kept
        async with self._asking[group]:
            if (kept := self._fresh(self._groups.get(group), GROUP_AGE)) is not None:
                return kept
            try:
                answer = await self.slack.usergroups_users_list(usergroup=group)
            except FAILURES as error:
                return self._last(self._groups.get(group), error)
            members = frozenset(str(user) for user in answer["users"])
            self._groups[group] = _Kept(members, self.real.now())
            return members

    def _fresh(self, kept: _Kept[T] | None, age: timedelta) -> T | None:
        return kept.value if kept is not None and self.real.now() - kept.at < age else None

    def _last(self, kept: _Kept[T] | None, error: BaseException) -> T:
        log.warning("directory.unread", trouble=type(error).__name__)
        if kept is not None and self.real.now() - kept.at < STALE:
            return kept.value
        raise Refused("Slack does not say who you are right now, so nothing was done. Try again in a minute.")
