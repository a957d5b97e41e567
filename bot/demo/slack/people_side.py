"""What people do in their Slack client: press, fill in, type, open the Home tab."""

from collections.abc import Iterator, Mapping

from bot.demo.slack.acks import after_click, after_command, after_submission
from bot.demo.slack.delivery import Deliverer, Reply
from bot.demo.slack.fields import CannotDo, Found, action_of, state_of, with_action, with_label
from bot.demo.slack.payloads import Payloads
from bot.demo.slack.talk import Ephemeral, Message
from bot.demo.slack.typed import as_sent
from bot.demo.slack.view_book import View
from bot.demo.slack.workspace import Channel, Json
from bot.demo.slack.world import World


class PeopleSide:
    """The people. Every method raises CannotDo, with a sentence, for what their client would not offer."""

    def __init__(self, world: World, deliverer: Deliverer) -> None:
        self._world = world
        self._deliverer = deliverer
        self._payloads = Payloads(world)

    # Pressing

    async def click(
        self,
        user: str,
        channel: str,
        ts: str,
        action_id: str,
        value: str | None = None,
        *,
        option: object = None,
        block_id: str | None = None,
        confirm: bool = True,
        stale: list[Json] | None = None,
    ) -> Reply | None:
        """Act on an element of a message as it is now or, with `stale`, as an old client still shows it.

        `option` is the value or the label of a menu's entry; `confirm` is what the person answers to the
        confirm dialog: False sends nothing and gives None.
        """
        place = self._place(user, channel)
        message = self._message(user, channel, ts)
        blocks = message.blocks if stale is None else stale
        found = with_action(blocks, action_id, block_id=block_id, value=value)
        return await self._press(user, place, message, found, blocks=blocks, option=option, confirm=confirm)

    async def press(
        self,
        user: str,
        label: str,
        *,
        channel: str | None = None,
        ts: str | None = None,
        confirm: bool = True,
    ) -> Reply | None:
        """Press the one button, or choose the one menu entry, with this label that the person can see.

        `channel` and `ts` narrow the search; it must find exactly one.
        """
        self._person(user)
        found = [
            (place, message, each)
            for place, message in self._visible(user, channel)
            if ts in (None, _ts(message))
            for each in with_label(message.blocks, label)
        ]
        if len(found) != 1:
            raise CannotDo(f"{len(found) or 'No'} buttons show {label!r}.")
        place, message, each = found[0]
        return await self._press(user, place, message, each, confirm=confirm)

    async def _press(
        self,
        user: str,
        place: Channel,
        message: Message | Ephemeral,
        found: Found,
        *,
        confirm: bool,
        blocks: list[Json] | None = None,
        option: object = None,
    ) -> Reply | None:
        if not confirm:
            _decline(found)
            return None
        action = action_of(found, self._world.talk.new_ts(), option)
        shown = message.blocks if blocks is None else blocks
        payload = self._payloads.click_in_message(user, place, message, shown, action)
        reply = await self._deliverer.interact(payload)
        after_click(self._world, user, place.id, _name(found), reply)
        return reply

    async def click_in_view(
        self,
        user: str,
        view_id: str,
        action_id: str,
        value: str | None = None,
        *,
        option: object = None,
        block_id: str | None = None,
        confirm: bool = True,
    ) -> Reply | None:
        """Act on an element of a modal or of the Home tab."""
        view = self._view(user, view_id)
        found = with_action(view.body["blocks"], action_id, block_id=block_id, value=value)
        if not confirm:
            _decline(found)
            return None
        state, _ = state_of(view.body["blocks"], {})
        action = action_of(found, self._world.talk.new_ts(), option)
        reply = await self._deliverer.interact(self._payloads.click_in_view(view, state, action))
        after_click(self._world, user, self._world.workspace.open_im(user).id, _name(found), reply)
        return reply

    # Forms

    async def submit(
        self, user: str, view_id: str, values: Mapping[str, Mapping[str, object]]
    ) -> Reply | None:
        """Fill in the modal in front and send it: {block_id: {action_id: value or {"option": ..}}}.

        What the client itself refuses (an empty field, no number) shows beside the fields; nothing is sent.
        """
        view = self._front(user, view_id)
        if "submit" not in view.body:
            raise CannotDo("This form has no button to send it.")
        state, errors = state_of(view.body["blocks"], values)
        if errors:
            self._world.views.show_errors(view, errors)
            return None
        reply = await self._deliverer.interact(self._payloads.submission(view, state))
        after_submission(self._world, view, reply)
        return reply

    async def close_view(self, user: str, view_id: str) -> Reply | None:
        """Close the modal in front; the app hears of it only if the view asked for that."""
        view = self._front(user, view_id)
        self._world.views.close(view)
        if not view.body.get("notify_on_close"):
            return None
        return await self._deliverer.interact(self._payloads.closing(view))

    # Typing

    async def slash(self, user: str, channel: str, text: str) -> Reply:
        """Type a slash command: the whole line, or only what follows the app's own command."""
        place = self._place(user, channel)
        typed = text if text.startswith("/") else f"{self._world.command} {text}"
        command, _, rest = typed.partition(" ")
        if command != self._world.command or "commands" not in self._world.scopes:
            raise CannotDo(f"{command} is not a valid command.")
        sent = as_sent(self._world.workspace, rest.strip(), labelled=True)
        reply = await self._deliverer.command(self._payloads.command(user, place, command, sent))
        after_command(self._world, user, channel, command, reply)
        return reply

    async def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Message:
        """Type a message; "@Name" becomes a mention. The app hears it where it is in and has the scope."""
        place = self._place(user, channel)
        if not text.strip():
            raise CannotDo("Nothing was typed.")
        if thread_ts is not None and self._world.talk.find(channel, thread_ts) is None:
            raise CannotDo("This thread is gone.")
        sent = as_sent(self._world.workspace, text)
        message = self._world.talk.post(channel, user, sent, thread_ts=thread_ts)
        for kind in self._events_for(place, message):
            if self._hears(kind, place):
                await self._deliverer.event(self._payloads.message(kind, place, message))
        return message

    async def mention(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Message:
        """Type a message that starts with a mention of the bot."""
        return await self.say(user, channel, f"@{self._world.workspace.bot.name} {text}", thread_ts)

    def _subscribed(self, kind: str) -> bool:
        return self._world.events is None or kind in self._world.events

    def _hears(self, kind: str, place: Channel) -> bool:
        """Messages are subscribed to by the kind of place they stand in."""
        return self._subscribed(f"message.{place.scope_kind}" if kind == "message" else kind)

    def _events_for(self, place: Channel, message: Message) -> Iterator[str]:
        world = self._world
        if not world.is_in(place):
            return
        if f"{place.scope_kind}:history" in world.scopes:
            yield "message"
        mentioned = f"<@{world.workspace.bot_user_id}>" in message.text
        if mentioned and not place.is_im and "app_mentions:read" in world.scopes:
            yield "app_mention"

    # Elsewhere

    async def open_home(self, user: str, tab: str = "home") -> Reply | None:
        """Open the app's Home tab, or its `messages` tab; None where the app did not subscribe to that."""
        self._person(user)
        if not self._subscribed("app_home_opened"):
            return None
        return await self._deliverer.event(self._payloads.home_opened(user, tab))

    async def use_shortcut(
        self, user: str, callback_id: str, *, channel: str | None = None, ts: str | None = None
    ) -> Reply:
        """Use a shortcut of the composer or, with `channel` and `ts`, of a message."""
        if channel is None or ts is None:
            self._person(user)
            return await self._deliverer.interact(self._payloads.shortcut(user, callback_id))
        place = self._place(user, channel)
        message = self._message(user, channel, ts)
        if isinstance(message, Ephemeral):
            raise CannotDo("This message has no menu.")
        payload = self._payloads.message_shortcut(user, callback_id, place, message)
        reply = await self._deliverer.interact(payload)
        after_click(self._world, user, channel, callback_id, reply)
        return reply

    # Looking things up

    def _person(self, user: str) -> None:
        person = self._world.workspace.users.get(user)
        if person is None or person.is_bot or person.deleted:
            raise CannotDo(f"Nobody can act as {user}.")

    def _place(self, user: str, channel: str) -> Channel:
        self._person(user)
        place = self._world.workspace.channels.get(channel)
        if place is None or user not in place.members:
            raise CannotDo(f"{user} is not in {channel}.")
        if place.is_archived:
            raise CannotDo(f"{channel} is archived.")
        return place

    def _message(self, user: str, channel: str, ts: str) -> Message | Ephemeral:
        message = self._world.talk.find(channel, ts)
        if message is not None:
            return message
        whispered = self._world.talk.whispered(ts)
        if whispered is None or (whispered.user, whispered.channel) != (user, channel):
            raise CannotDo("This message is gone.")
        return whispered

    def _visible(self, user: str, channel: str | None) -> Iterator[tuple[Channel, Message | Ephemeral]]:
        for place in list(self._world.workspace.channels.values()):
            if user in place.members and channel in (None, place.id):
                for message in self._world.talk.everything(place.id):
                    yield place, message
                for whispered in self._world.talk.ephemerals(user):
                    if whispered.channel == place.id:
                        yield place, whispered

    def _view(self, user: str, view_id: str) -> View:
        self._person(user)
        view = self._world.views.find(view_id)
        if view is None or view.user != user:
            raise CannotDo("This form is no longer open.")
        return view

    def _front(self, user: str, view_id: str) -> View:
        view = self._view(user, view_id)
        if self._world.views.top(user) is not view:
            raise CannotDo("This form is not the one in front.")
        return view


def _decline(found: Found) -> None:
    """The person said no in the confirm dialog: nothing is sent."""
    if "confirm" not in found.element:
        raise CannotDo(f"{_name(found)} asks for no confirmation.")


def _name(found: Found) -> str:
    """What the person would call the thing they pressed."""
    label = found.element.get("text", {}).get("text", "The menu")
    return f'"{label}"'


def _ts(message: Message | Ephemeral) -> str:
    return message.id if isinstance(message, Ephemeral) else message.ts
