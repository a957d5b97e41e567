"""One line that calls somebody, and what may be asked about it."""

from dataclasses import dataclass
from datetime import timedelta

from bot.portal.contract import Capabilities
from db.queries import IncidentNow, Moved
from tests.incidents.walk_book import Book, Row, Snapshot


@dataclass(frozen=True)
class Call:
    """One line that calls somebody, at the moment it came into being."""

    row: Row
    now: Snapshot
    book: Book
    abilities: Capabilities
    """What the portal can do now."""

    @property
    def incident(self) -> IncidentNow:
        """The incident as it stands now."""
        return self.now.incidents[self.row.incident]

    @property
    def moves(self) -> list[Moved]:
        """What was moved so far."""
        return self.now.moves[self.row.incident]

    @property
    def move(self) -> Moved | None:
        """The move that led to the turn it speaks of."""
        return self.moves[self.row.turn - 1] if self.row.turn > 0 else None

    @property
    def step(self) -> str:
        """The step it speaks of."""
        return self.now.step_at(self.row.incident, self.row.turn)

    def waited(self, **length: float) -> bool:
        """Has the step lasted that long?"""
        entered = self.now.entered(self.row.incident, self.row.turn)
        return self.row.created_at - entered >= timedelta(**length)

    def earlier(self, *rings: str) -> list[Row]:
        """The rings of these names on the same turn before this one."""
        lines = self.now.lines(self.row.incident)
        return [
            one for one in lines if one.id < self.row.id and one.turn == self.row.turn and one.ring in rings
        ]
