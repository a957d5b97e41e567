"""Everything that was ever said in Slack, and everything a person could read there now."""

from typing import Any

from tests.world import CHANNEL, World


def heard(world: World, since: int = 0) -> list[Any]:
    """Every request to Slack and from Slack with its answer, from the exchange with this number on; every push."""
    calls = world.town.slack.traffic[since:]
    return [part for call in calls for part in (call.request, call.answer)] + pushed(world)


def pushed(world: World) -> list[Any]:
    """What phones showed, and the `text` of every message: what a notification, a search, a watch shows of it."""
    return [push.text for push in world.town.slack.pushes()] + [one.text for one in messages(world)]


def sent(world: World, since: int) -> list[Any]:
    """What Relink sent to Slack from the exchange with this number on."""
    return [call.request for call in world.town.slack.traffic[since:] if call.direction == "in"]


def readable(world: World) -> list[Any]:
    """Every message as it stands now, what only one person was told, and the forms in front of people."""
    slack = world.town.slack
    people = list(slack.workspace.users)
    whispers = [part for who in people for one in slack.ephemerals(who) for part in (one.text, one.blocks)]
    views = [view.body for who in people if (view := slack.open_view(who)) is not None]
    return [part for one in messages(world) for part in (one.text, one.blocks)] + whispers + views


def messages(world: World) -> list[Any]:
    """All messages in all channels, thread lines too."""
    slack = world.town.slack
    top = [one for channel in (CHANNEL, *slack.workspace.ims.values()) for one in slack.messages(channel)]
    return top + [line for one in top if one.thread_ts is None for line in slack.thread(one.channel, one.ts)]


def standing(world: World) -> tuple[Any, ...]:
    """How things stand, for "nothing changed"."""
    return tuple((one.channel, one.text, str(one.blocks)) for one in messages(world))
