"""Is a person waited for at a step? `bot.knowledge` asks it of one incident, `bot.reports` of all open ones."""

from bot.runbook.model import Role, Since, Step

_THERE = frozenset({Role.TECHNICIAN, Role.ASSIGNED})


def waits_for_support(step: Step, *, promised: bool, visit: bool, rung: bool) -> bool:
    """Is somebody of the support desk needed now? A step that goes on by itself calls them when it needs them.

    So does one on which something was promised, or whose technician is the one who is waited for. `rung`: somebody
    was called for it already.
    """
    alone = step.automatic is not None and (not step.automatic.beside or promised or visit)
    if step.automatic is not None and step.automatic.since is Since.PROMISED:
        alone = promised  # before that somebody has to enter the day
    return Role.SUPPORT in step.by and (rung or not alone)


def waits_for_technician(step: Step, *, rung: bool) -> bool:
    """Is the technician needed now who stands at the station?"""
    alone = step.automatic is not None and not step.automatic.beside
    return bool(step.by & _THERE) and (rung or not alone)
