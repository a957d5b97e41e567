"""`drill`: a marked incident with a simulated station, to practise with."""

from bot.incidents import drills
from handlers.asked import Asked


async def drill(asked: Asked) -> None:
    """Begin a drill of the one who asks. Raises NotAllowed, or Refused while one of theirs is running."""
    person, deps = await asked.person(), asked.deps
    begun = await deps.db.write(drills.begin, person, deps.rules, deps.clock.now())
    deps.nudge()
    facts = {"label": begun.label, "reference": begun.reference}
    asked.later(asked.point("answers/drill.j2", facts, begun.incident))
