"""The payloads Slack sends, in Slack's shapes."""

from itertools import count

from bot.demo.slack.talk import Ephemeral, Message
from bot.demo.slack.view_book import View
from bot.demo.slack.workspace import Channel, Json
from bot.demo.slack.world import World


class Payloads:
    """Builds what the app receives."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._event_ids = count(1)

    def _base(self, kind: str, user: str) -> Json:
        workspace = self._world.workspace
        person = workspace.users[user]
        return {
            "type": kind,
            "team": {"id": workspace.team_id, "domain": workspace.domain},
            "user": {
                "id": user,
                "username": person.username,
                "name": person.username,
                "team_id": person.team_id,
            },
            "api_app_id": workspace.app_id,
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _trigger(self, user: str) -> Json:
        return {"trigger_id": self._world.triggers.issue(user)}

    @staticmethod
    def _place(channel: Channel) -> Json:
        return {"id": channel.id, "name": "directmessage" if channel.is_im else channel.name}

    def click_in_message(
        self, user: str, channel: Channel, message: Message | Ephemeral, blocks: list[Json], action: Json
    ) -> Json:
        """block_actions of a message; `blocks` are what the person's client shows, perhaps an old state."""
        ephemeral = isinstance(message, Ephemeral)
        ts = message.id if isinstance(message, Ephemeral) else message.ts
        container = {"type": "message", "message_ts": ts, "channel_id": channel.id, "is_ephemeral": ephemeral}
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        payload = self._base("block_actions", user) | self._trigger(user)
        payload |= {"container": container, "channel": self._place(channel), "state": {"values": {}}}
        if isinstance(message, Message):
            payload["message"] = self._world.talk.wire(message) | {"blocks": blocks}
        url = self._world.response_url(user, channel.id, ts)
        return payload | {"response_url": url, "actions": [action]}

    def click_in_view(self, view: View, state: Json, action: Json) -> Json:
        """block_actions of a modal or the Home tab: a view, no channel, no response URL."""
        body = self._world.views.wire(view, state)
        return (
            self._base("block_actions", view.user)
            | self._trigger(view.user)
            | {
                "container": {"type": "view", "view_id": view.id},
                "view": body,
                "state": body["state"],
                "actions": [action],
            }
        )

    def submission(self, view: View, state: Json) -> Json:
        """view_submission."""
        body = self._world.views.wire(view, state)
        payload = self._base("view_submission", view.user) | self._trigger(view.user)
        return payload | {"view": body, "response_urls": []}

    def closing(self, view: View) -> Json:
        """view_closed."""
        payload = self._base("view_closed", view.user)
        return payload | {"view": self._world.views.wire(view), "is_cleared": False}

    def shortcut(self, user: str, callback_id: str) -> Json:
        """A shortcut from the composer's menu."""
        return (
            self._base("shortcut", user)
            | self._trigger(user)
            | {"callback_id": callback_id, "action_ts": self._world.talk.new_ts()}
        )

    def message_shortcut(self, user: str, callback_id: str, channel: Channel, message: Message) -> Json:
        """A shortcut from a message's menu."""
        return (
            self._base("message_action", user)
            | self._trigger(user)
            | {
                "callback_id": callback_id,
                "action_ts": self._world.talk.new_ts(),
                "message_ts": message.ts,
                "message": self._world.talk.wire(message),
                "channel": self._place(channel),
                "response_url": self._world.response_url(user, channel.id, message.ts),
            }
        )

    def command(self, user: str, channel: Channel, command: str, text: str) -> Json:
        """The fields of a slash command's form."""
        workspace = self._world.workspace
        return self._trigger(user) | {
            "command": command,
            "text": text,
            "user_id": user,
            "user_name": workspace.users[user].username,
            "team_id": workspace.team_id,
            "team_domain": workspace.domain,
            "channel_id": channel.id,
            "channel_name": self._place(channel)["name"],
            "api_app_id": workspace.app_id,
            "is_enterprise_install": "false",
            "response_url": self._world.response_url(user, channel.id),
        }

    def _event(self, event: Json, *, shared: bool = False) -> Json:
        workspace = self._world.workspace
        return {
            "type": "event_callback",
            "team_id": workspace.team_id,
            "api_app_id": workspace.app_id,
            "event_id": f"Ev{next(self._event_ids):08d}",
            "event_time": int(self._world.clock()),
            "event": event,
            "is_ext_shared_channel": shared,
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": workspace.team_id,
                    "user_id": workspace.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
        }

    def message(self, kind: str, channel: Channel, message: Message) -> Json:
        """A `message` or `app_mention` event."""
        workspace = self._world.workspace
        event: Json = {
            "type": kind,
            "user": message.user,
            "text": message.text,
            "ts": message.ts,
            "event_ts": message.ts,
            "team": workspace.users[message.user].team_id,
            "channel": channel.id,
        }
        if kind == "message":
            event["channel_type"] = {"im": "im", "groups": "group"}.get(channel.scope_kind, "channel")
        if message.thread_ts:
            event["thread_ts"] = message.thread_ts
        if message.user == workspace.bot_user_id:
            event |= {"bot_id": workspace.bot_id, "app_id": workspace.app_id}
        return self._event(event, shared=workspace.is_shared_outside(channel))

    def edited(self, channel: Channel, message: Message) -> Json:
        """A `message` event that tells of an edit: the message is inside it."""
        ts = self._world.talk.new_ts()
        event = self.message("message", channel, message)["event"]
        names = ("channel", "channel_type")
        inside = {name: value for name, value in event.items() if name not in names}
        about = {"type": "message", "subtype": "message_changed", "hidden": True, "message": inside}
        return self._event(about | {name: event[name] for name in names} | {"ts": ts, "event_ts": ts})

    def home_opened(self, user: str, tab: str) -> Json:
        """An `app_home_opened` event; it shows the view only if one was published before."""
        ts = self._world.talk.new_ts()
        channel = self._world.workspace.open_im(user).id
        event: Json = {
            "type": "app_home_opened",
            "user": user,
            "channel": channel,
            "tab": tab,
            "event_ts": ts,
        }
        view = self._world.views.home(user)
        if view is not None and tab == "home":
            event["view"] = self._world.views.wire(view)
        return self._event(event)
