"""What a drill may not do: nothing real is touched, and nobody is sent to a station that does not exist."""

from typing import Final

from bot.errors import Refused
from bot.incidents.rules import Rules
from bot.runbook.model import CLOSED, Phase
from bot.runbook.moves import Taken
from db.queries import IncidentNow

NO_VISIT: Final = (
    'This is a drill: nobody is sent to a station, and no cabinet is opened. End it with "Close with reason".'
)
VISIT_FORMS: Final = frozenset({"visit", "paper"})
"""By these a technician is asked to go, and the results of a visit come back."""


def refuse_form(incident: IncidentNow, form: str | None) -> None:
    """Raise Refused for a form that has to do with a visit."""
    if incident.drill and form in VISIT_FORMS:
        raise Refused(NO_VISIT)


def refuse_move(incident: IncidentNow, taken: Taken, rules: Rules) -> None:
    """Raise Refused for a move that gives a visit to somebody, leads on site or opens a gate."""
    if not incident.drill:
        return
    on_site = taken.to != CLOSED and rules.runbook.steps[taken.to].phase is Phase.ON_SITE
    if on_site or taken.gates_after or taken.sets.get("visit", "none") != "none":
        raise Refused(NO_VISIT)


def must_be_real(incident: IncidentNow, sentence: str) -> None:
    """Raise Refused with what cannot be done in a drill."""
    if incident.drill:
        raise Refused(f"This is a drill. {sentence}")
