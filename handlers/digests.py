"""`digest`: the morning digest as it would be now, for the one who asks."""

from bot import mornings
from handlers.asked import Asked


async def tell_digest(asked: Asked) -> None:
    """`digest`: how everything stands. Anybody with a role may ask; the channel does not see it."""
    asked.later(_tell(asked))


async def _tell(asked: Asked) -> None:
    await asked.person()
    place = mornings.place_of(asked.deps, str(asked.body.get("channel_id", "")))
    await asked.say(mornings.TEMPLATE, await mornings.facts_now(asked.deps, place))
