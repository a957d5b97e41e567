"""Taking a choice, as support with nothing special about the station."""

from bot.runbook.model import Gate, Role, Runbook
from bot.runbook.moves import Taken, move

SUPPORT = frozenset({Role.SUPPORT})
TECHNICIAN = frozenset({Role.TECHNICIAN})
LEAD = frozenset({Role.LEAD})
NONE: frozenset[Gate] = frozenset()
LOCKED = frozenset({Gate.LOCK_ON})

FIRST = {
    "restart": "auto",
    "budget": "free",
    "session": "none",
    "promised": "no",
    "visit": "none",
    "hazard": "no",
}


def taken(
    runbook: Runbook,
    step: str,
    choice: str,
    roles: frozenset[Role] | None = SUPPORT,
    *,
    facts: dict[str, str] = FIRST,
    gates: frozenset[Gate] = NONE,
    origin: str | None = None,
    through_form: bool = False,
    earlier: str | None = None,
) -> Taken:
    """Take a choice, as support with nothing special about the station unless said otherwise."""
    return move(
        runbook,
        step,
        choice,
        facts=facts,
        gates=gates,
        roles=roles,
        origin=origin,
        through_form=through_form,
        earlier=earlier,
    )
