"""Who and what a Slack workspace consists of, before anybody says a word."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

Json = dict[str, Any]

BOT_USER = "U0RELINK"
HOME_DOMAIN = "slack.example"


@dataclass
class User:
    """Somebody with a Slack account; `roles` is shown on the demo's page and means nothing to Slack."""

    id: str
    name: str
    team_id: str
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    deleted: bool = False
    is_bot: bool = False
    roles: tuple[str, ...] = ()

    @property
    def username(self) -> str:
        """The short name that payloads carry beside the id."""
        return self.name.lower().replace(" ", ".")


@dataclass
class UserGroup:
    """A group that can be mentioned as `<!subteam^ID>`."""

    id: str
    handle: str
    members: list[str]
    disabled: bool = False


@dataclass
class Channel:
    """A channel, or a direct message between the bot and `im_with`."""

    id: str
    name: str
    members: set[str]
    is_private: bool = False
    is_archived: bool = False
    im_with: str | None = None

    @property
    def is_im(self) -> bool:
        """True for a direct message."""
        return self.im_with is not None

    @property
    def scope_kind(self) -> str:
        """How scopes call this kind: `channels`, `groups` or `im`."""
        if self.is_im:
            return "im"
        return "groups" if self.is_private else "channels"


@dataclass
class Workspace:
    """People, groups and channels. Tests change them in place: archive, remove, deactivate."""

    team_id: str
    users: dict[str, User]
    groups: dict[str, UserGroup]
    channels: dict[str, Channel]
    bot_user_id: str = BOT_USER
    bot_id: str = "B0RELINK"
    app_id: str = "A0RELINK"
    domain: str = "demo"
    ims: dict[str, str] = field(default_factory=dict)
    """User id to the id of the direct message with the bot, once it was opened."""

    @classmethod
    def of(
        cls,
        *,
        people: Iterable[tuple[str, str, Sequence[str]]],
        channels: Iterable[tuple[str, str, Sequence[str]]],
        groups: Iterable[tuple[str, str, Sequence[str]]] = (),
        bot_name: str = "Relink",
        team_id: str = "T0DEMO",
    ) -> Self:
        """From plain tuples: people (id, name, roles), channels and groups (id, name, members).

        The bot is a user of its own and a member of every channel; guests, strangers and deactivated people
        are made by changing the `User` afterwards.
        """
        users = {id_: User(id_, name, team_id, roles=tuple(roles)) for id_, name, roles in people}
        users[BOT_USER] = User(BOT_USER, bot_name, team_id, is_bot=True)
        return cls(
            team_id=team_id,
            users=users,
            groups={id_: UserGroup(id_, handle, list(ids)) for id_, handle, ids in groups},
            channels={id_: Channel(id_, name, {*ids, BOT_USER}) for id_, name, ids in channels},
        )

    @property
    def bot(self) -> User:
        """The bot's own user."""
        return self.users[self.bot_user_id]

    def open_im(self, user_id: str) -> Channel:
        """The direct message between this user and the bot, made if it is new."""
        if user_id not in self.ims:
            id_ = f"D{user_id.removeprefix('U')}"
            members = {user_id, self.bot_user_id}
            self.channels[id_] = Channel(id_, self.users[user_id].name, members, im_with=user_id)
            self.ims[user_id] = id_
        return self.channels[self.ims[user_id]]

    def is_shared_outside(self, channel: Channel) -> bool:
        """Whether people of other workspaces are in this channel."""
        return any(
            self.users[member].team_id != self.team_id for member in channel.members if member in self.users
        )
