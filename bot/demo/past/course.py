"""One made-up incident on its way through the procedure, written down as the rows the use cases would write."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from bot.demo.stories import SUPPORT_1, SUPPORT_2, TECH_1, TECH_2, DemoPerson

RELINK: Final = DemoPerson("relink", "")


@dataclass(slots=True)
class Course:
    """One incident on its way. `row` is its row of `incidents`, the lists are rows of the other tables."""

    row: dict[str, Any]
    at: datetime
    chance: random.Random
    moves: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    locks: list[dict[str, Any]] = field(default_factory=list)

    def some(self, least: float, most: float) -> float:
        """Some minutes between these."""
        return self.chance.uniform(least, most)

    def move(self, choice: str, to: str, after: float = 0.0, by: DemoPerson = RELINK) -> None:
        """So many minutes later somebody takes this choice."""
        self.pass_time(after)
        row = self.row
        self.moves.append(
            {
                "incident_id": row["id"],
                "turn": row["turn"],
                "step": row["step"],
                "choice": choice,
                "to_step": to,
                "actor": by.id,
                "actor_name": by.name or None,
                "at": self.at,
                "runbook": row["runbook"],
            }
        )
        row["turn"] += 1
        row["version"] += 1
        row["entered_at"] = self.at
        if by is not RELINK and row["first_person_at"] is None:
            row["first_person_at"] = self.at
        if by in {SUPPORT_1, SUPPORT_2} and row["owner"] is None:
            row["owner"] = by.id
        if by in {TECH_1, TECH_2}:
            row["spoke_at"] = self.at
        if to == "closed":
            row["closed_at"] = self.at
        else:
            row["origin_step"], row["step"] = row["step"], to

    def pass_time(self, minutes: float) -> None:
        """Whole seconds pass."""
        if minutes:
            self.at += timedelta(seconds=round(minutes * 60))

    def tell(self, **facts: Any) -> None:
        """The portal says so now; underscores stand as they are."""
        for name, value in facts.items():
            self._answer(name, value, "portal", None)

    def fill(self, form: str, by: DemoPerson, after: float = 0.0, /, **fields: str) -> None:
        """So many minutes later somebody fills in a form; underscores stand for dashes. The move follows at once."""
        self.pass_time(after)
        typed = {name.replace("_", "-"): value for name, value in fields.items()}
        self._answer(form, typed, "person", by.id)

    def _answer(self, name: str, value: Any, source: str, actor: str | None) -> None:
        self.answers.append(
            {
                "incident_id": self.row["id"],
                "turn": self.row["turn"],
                "name": name,
                "value": value,
                "source": source,
                "actor": actor,
                "as_of": self.at,
                "at": self.at,
            }
        )
