"""What the page shows and moves beside Slack: the demo's clock and the simulated stations."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any, Protocol

from aiohttp import web

from bot.clock import MovableClock
from bot.demo.page.guard import answer
from bot.errors import Refused

Wake = Callable[[], Awaitable[None]]

FARTHEST_JUMP_MIN = 7 * 24 * 60
"""The farthest the clock moves in one go, in minutes: a week. Our number; it only catches slips."""


class Fleet(Protocol):
    """The simulated stations."""

    def stations(self) -> Sequence[Mapping[str, object]]:
        """Every station: `serial`, `name`, `site`, `area`, `carrier`, `generation`, `online`,
        `last_communication` (RFC 3339), `fault` (None when sound) and `faults` (what it can be given)."""
        ...

    def set_fault(self, serial: str, fault: str | None) -> None:
        """Break one station, or mend it with None. Raises Refused for an unknown serial or fault."""
        ...


class World:
    """The page's routes about clock and stations."""

    def __init__(self, fleet: Fleet, clock: MovableClock, wake: Wake) -> None:
        self._fleet = fleet
        self._clock = clock
        self._wake = wake

    def routes(self) -> list[web.RouteDef]:
        """`/demo/world`, `/demo/clock` and `/demo/stations/{serial}/fault`."""
        return [
            web.get("/demo/world", self._show),
            web.post("/demo/clock", self._move_clock),
            web.post("/demo/stations/{serial}/fault", self._set_fault),
        ]

    def _now(self) -> str:
        return self._clock.now().astimezone(UTC).isoformat()

    async def _show(self, _: web.Request) -> web.Response:
        return web.json_response(
            {"clock": self._now(), "stations": [dict(one) for one in self._fleet.stations()]}
        )

    async def _move_clock(self, request: web.Request) -> web.Response:
        """Move the clock by `minutes` (whole, 1 to a week), then wait until the bot has looked."""
        minutes = (await _body(request)).get("minutes")
        # A JSON true is an int in Python.
        if type(minutes) is not int or not 0 < minutes <= FARTHEST_JUMP_MIN:
            return answer("The clock moves on by whole minutes, a week at most.", status=422)
        self._clock.move(timedelta(minutes=minutes))
        await self._wake()
        return answer(clock=self._now())

    async def _set_fault(self, request: web.Request) -> web.Response:
        """Give one station the `fault` of its list, or mend it with null."""
        fault = (await _body(request)).get("fault", "")
        if fault is not None and not isinstance(fault, str):
            return answer("A fault is a name or null.", status=422)
        try:
            self._fleet.set_fault(request.match_info["serial"], fault)
        except Refused as refused:
            return answer(refused.sentence, status=422)
        return answer()


async def _body(request: web.Request) -> dict[str, Any]:
    """The JSON object of the request; anything else counts as an empty one."""
    try:
        body = await request.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return body if isinstance(body, dict) else {}
