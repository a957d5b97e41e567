"""Incidents in a hurry: a few courses of each kind, gone through once, then only moved in time."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.demo.past.failures import Failure, Kind
from bot.demo.past.kinds import course_of

OF_EACH: Final = 24
"""So many courses of a kind tell enough apart."""
_SOME_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)

_Shape = tuple[Mapping[str, Any], Mapping[str, timedelta]]


class Shapes:
    """Rows of incidents for where nobody asks for their moves."""

    def __init__(self, runbook: str, chance: random.Random) -> None:
        self._runbook = runbook
        self._chance = chance
        self._made: dict[Kind, list[_Shape]] = {}

    def row(self, failure: Failure, number: int, station: int) -> dict[str, Any]:
        """The incident's row; `number` and `station` as for `course_of`."""
        shapes = self._made.get(failure.kind) or self._make(failure.kind)
        same, later = self._chance.choice(shapes)
        at = failure.silent_at
        times = {name: at + length for name, length in later.items()}
        return {**same, **times, "id": number, "station_id": station}

    def _make(self, kind: Kind) -> list[_Shape]:
        rows = [
            course_of(Failure(_SOME_TIME, 0, kind), 0, 0, self._runbook, self._chance).row
            for _ in range(OF_EACH)
        ]
        self._made[kind] = [
            (
                {name: value for name, value in row.items() if not isinstance(value, datetime)},
                {name: value - _SOME_TIME for name, value in row.items() if isinstance(value, datetime)},
            )
            for row in rows
        ]
        return self._made[kind]
