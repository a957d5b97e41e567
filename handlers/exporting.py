"""`export 30d`: closed incidents and minutes without contact, as files to the one who asks."""

from bot import exports
from bot.errors import NotAllowed, Refused
from bot.reports.spans import HOW
from handlers.asked import Asked


async def export(asked: Asked) -> None:
    """`export` with a span: the files come as a direct message, the answer says so."""
    asked.later(_export(asked))


async def _export(asked: Asked) -> None:
    person = await asked.person()
    if not person.may_own:
        raise NotAllowed("Only support and leads may export.")
    if asked.typed.text:
        raise Refused(f"One span of time, please. {HOW}")
    sent = await exports.send(asked.deps, person, asked.typed.name)
    await asked.say("answers/exported.j2", {"since": sent.since, "incidents": sent.incidents})
