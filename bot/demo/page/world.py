"""What the page shows and moves beside Slack: clock, stations, outages, portal, stories and the traffic."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, timedelta
from typing import Any, Protocol

from aiohttp import web

from bot.clock import MovableClock
from bot.demo.page.guard import answer
from bot.demo.player import Play
from bot.demo.traffic import Call
from bot.errors import Refused

FARTHEST_JUMP_MIN = 7 * 24 * 60
"""The farthest the clock moves in one go, in minutes: a week. Our number; it only catches slips."""
CALLS_AT_ONCE = 100

Rows = Sequence[Mapping[str, object]]


class Fleet(Protocol):
    """The simulated stations. All that changes them raises Refused for what does not exist."""

    def stations(self) -> Rows:
        """Every station: `serial`, `name`, `site`, `area`, `carrier`, `generation`, `online`,
        `last_communication` (RFC 3339), `fault` (None when sound), `charging`, `faults` (what it can be given)."""
        ...

    def outages(self) -> Rows:
        """Every carrier of every area: `area`, `carrier`, `stations` (how many), `down`."""
        ...

    def set_fault(self, serial: str, fault: str | None) -> None:
        """Break one station, or mend it with None."""
        ...

    def set_session(self, serial: str, *, running: bool) -> None:
        """A car begins to charge, or leaves."""
        ...

    def set_outage(self, area: str, carrier: str, *, down: bool) -> None:
        """A carrier fails for an area, or is back."""
        ...


class Portal(Protocol):
    """The simulated portal."""

    reachable: bool


class Stage(Protocol):
    """Where stories are played."""

    @property
    def play(self) -> Play | None:
        """The story that plays or was played last."""
        ...

    def start(self, story_id: str) -> None:
        """Begin to play. Raises Refused."""
        ...

    async def stop(self) -> None:
        """End the story."""
        ...


class Traffic(Protocol):
    """What went between Relink and the outside."""

    def since(self, number: int) -> Sequence[Call]:
        """The calls after this one, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    """The parts. `wake` returns when what became due was looked at; `reset` asks for a fresh world and returns
    at once; `life` names this world, so that the page notices the next one."""

    fleet: Fleet
    portal: Portal
    clock: MovableClock
    stage: Stage
    traffic: Traffic
    wake: Callable[[], Awaitable[None]]
    reset: Callable[[], None]
    life: str

    def routes(self) -> list[web.RouteDef]:
        """Everything below `/demo/` that is not Slack's."""
        return [
            web.get("/demo/world", self._show),
            web.get("/demo/traffic", self._show_traffic),
            web.post("/demo/clock", self._move_clock),
            web.post("/demo/stations/{serial}/fault", self._set_fault),
            web.post("/demo/stations/{serial}/session", self._set_session),
            web.post("/demo/outages", self._set_outage),
            web.post("/demo/portal", self._set_portal),
            web.post("/demo/play", self._play),
            web.post("/demo/stop", self._stop),
            web.post("/demo/reset", self._reset),
        ]

    def _now(self) -> str:
        return self.clock.now().astimezone(UTC).isoformat()

    async def _show(self, _: web.Request) -> web.Response:
        play = self.stage.play
        return web.json_response(
            {
                "life": self.life,
                "clock": self._now(),
                "stations": [dict(one) for one in self.fleet.stations()],
                "outages": [dict(one) for one in self.fleet.outages()],
                "portal": {"reachable": self.portal.reachable},
                "play": asdict(play) if play else None,
            }
        )

    async def _show_traffic(self, request: web.Request) -> web.Response:
        """The newest calls after the number `after` (0 unless given), oldest first."""
        after = request.query.get("after", "0")
        if not after.isdecimal():
            return answer("`after` is the number of a call.", status=422)
        calls = self.traffic.since(int(after))[-CALLS_AT_ONCE:]
        return web.json_response({"calls": [asdict(call) for call in calls]})

    async def _move_clock(self, request: web.Request) -> web.Response:
        """Move the clock by `minutes` (whole, 1 to a week), then wait until the bot has looked."""
        minutes = (await _body(request)).get("minutes")
        # A JSON true is an int in Python.
        if type(minutes) is not int or not 0 < minutes <= FARTHEST_JUMP_MIN:
            return answer("The clock moves on by whole minutes, a week at most.", status=422)
        self.clock.move(timedelta(minutes=minutes))
        await self.wake()
        return answer(clock=self._now())

    async def _set_fault(self, request: web.Request) -> web.Response:
        """Give one station the `fault` of its list, or mend it with null."""
        fault = (await _body(request)).get("fault", "")
        if fault is not None and not isinstance(fault, str):
            return answer("A fault is a name or null.", status=422)
        return _tried(lambda: self.fleet.set_fault(request.match_info["serial"], fault))

    async def _set_session(self, request: web.Request) -> web.Response:
        """A car charges at one station (`running` true) or leaves it."""
        running = (await _body(request)).get("running")
        if not isinstance(running, bool):
            return answer("A session runs or does not: true or false.", status=422)
        return _tried(lambda: self.fleet.set_session(request.match_info["serial"], running=running))

    async def _set_outage(self, request: web.Request) -> web.Response:
        """A `carrier` is `down` (true, false) in an `area`."""
        match await _body(request):
            case {"area": str(area), "carrier": str(carrier), "down": bool(down)}:
                return _tried(lambda: self.fleet.set_outage(area, carrier, down=down))
        return answer("An outage is an area, a carrier, and down: true or false.", status=422)

    async def _set_portal(self, request: web.Request) -> web.Response:
        """The portal is `reachable`: true or false."""
        reachable = (await _body(request)).get("reachable")
        if not isinstance(reachable, bool):
            return answer("The portal is reachable or not: true or false.", status=422)
        self.portal.reachable = reachable
        return answer()

    async def _play(self, request: web.Request) -> web.Response:
        """Begin the `story` with this id."""
        story = str((await _body(request)).get("story"))
        return _tried(lambda: self.stage.start(story))

    async def _stop(self, _: web.Request) -> web.Response:
        await self.stage.stop()
        return answer()

    async def _reset(self, _: web.Request) -> web.Response:
        self.reset()
        return answer()


def _tried(change: Callable[[], None]) -> web.Response:
    """Do it, or say in a sentence why not."""
    try:
        change()
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
