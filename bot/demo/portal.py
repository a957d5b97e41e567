"""The portal simulator: CONTRACTS' portal over HTTP in front of a simulated fleet.

An aiohttp application, run alone or mounted: `add_subapp("/portal", simulator.app())`, then PORTAL_URL ends
with /portal. `simulator.mood` makes it misbehave as a whole; faults of single stations belong to the fleet.
"""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus

from aiohttp import web

from bot.demo.commands import CommandDesk
from bot.demo.fleet import Fleet
from bot.demo.problems import ProblemError, problem_response
from bot.demo.station import SimulatedStation
from bot.portal.contract import Capabilities, Capability

PAGE = 200
MOST_IDS = 200
SLOW_SECONDS = 60.0
EVERYTHING = Capabilities(
    status=Capability.AUTO,
    alarms=Capability.AUTO,
    restart=Capability.AUTO,
    get_configuration=Capability.AUTO,
    signal=Capability.AUTO,
    nearby=Capability.AUTO,
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Mood(StrEnum):
    """How the whole portal behaves."""

    WELL = "well"
    DOWN = "down"
    """503; nothing takes effect."""
    UNAUTHORISED = "unauthorised"
    """401; nothing takes effect."""
    SLOW = "slow"
    """Everything takes effect, the answer stays away until the mood changes (or a minute has passed)."""
    GARBAGE = "garbage"
    """Everything takes effect, the answer is no JSON."""
    LOSES_ANSWERS = "loses answers"
    """Everything takes effect, the connection drops instead of an answer."""


class PortalSimulator:
    """Serves `fleet` to whoever has `token`. `capabilities` may be changed at any time."""

    def __init__(self, fleet: Fleet, token: str, *, page: int = PAGE) -> None:
        self._fleet = fleet
        self._token = token
        self._page = page
        self._desk = CommandDesk(fleet)
        self._mood = Mood.WELL
        self._mood_changed = asyncio.Event()
        self.capabilities = EVERYTHING

    @property
    def mood(self) -> Mood:
        """How the whole portal behaves now."""
        return self._mood

    @mood.setter
    def mood(self, mood: Mood) -> None:
        self._mood = mood
        self._mood_changed.set()
        self._mood_changed = asyncio.Event()

    @property
    def reachable(self) -> bool:
        """Does the portal answer at all?"""
        return self._mood is not Mood.DOWN

    @reachable.setter
    def reachable(self, reachable: bool) -> None:
        self.mood = Mood.WELL if reachable else Mood.DOWN

    def restarts(self, serial: str) -> int:
        """How often this station really restarted. Raises Refused for an unknown serial."""
        return self._fleet.restarts(serial)

    def app(self) -> web.Application:
        """The application; its paths begin with /v1."""
        app = web.Application(middlewares=[self._moodily, problems_as_answers, self._for_the_known])
        app.add_routes(
            [
                web.get("/v1/capabilities", self._capabilities),
                web.get("/v1/stations", self._stations),
                web.get("/v1/stations/{id}", self._station),
                web.get("/v1/status", self._status),
                web.get("/v1/alarms", self._alarms),
                web.post("/v1/stations/{id}/commands", self._command),
                web.get("/v1/commands/{id}", self._old_command),
                web.get("/v1/stations/{id}/signal", self._signal),
                web.get("/v1/stations/{id}/nearby", self._nearby),
            ]
        )
        app.on_shutdown.append(self._let_go)
        return app

    async def _let_go(self, _: web.Application) -> None:
        self.mood = Mood.WELL

    @web.middleware
    async def _moodily(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self._mood is Mood.DOWN:
            return problem_response(ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "down"))
        if self._mood is Mood.UNAUTHORISED:
            return problem_response(ProblemError(HTTPStatus.UNAUTHORIZED, "unauthorised"))
        answer = await handler(request)
        if self._mood is Mood.SLOW:
            await self._dawdle()
        elif self._mood is Mood.GARBAGE:
            return web.Response(text="<html>Have you tried logging in?</html>", content_type="text/html")
        elif self._mood is Mood.LOSES_ANSWERS and request.transport:
            request.transport.abort()
        return answer

    async def _dawdle(self) -> None:
        try:
            await asyncio.wait_for(self._mood_changed.wait(), SLOW_SECONDS)
        except TimeoutError:
            return

    @web.middleware
    async def _for_the_known(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            raise ProblemError(HTTPStatus.UNAUTHORIZED, "unauthorised")
        return await handler(request)

    async def _capabilities(self, _: web.Request) -> web.Response:
        return _answer(asdict(self.capabilities) | {"clock": self._fleet.clock.now()})

    async def _stations(self, request: web.Request) -> web.Response:
        serial, area = request.query.get("serial", "").casefold(), request.query.get("area")
        found = [
            simulated.station
            for simulated in self._fleet.all()
            if (not serial or simulated.station.serial.casefold() == serial)
            and (not area or simulated.station.area == area)
        ]
        return self._paged(request, [asdict(station) for station in found])

    async def _station(self, request: web.Request) -> web.Response:
        return _answer(asdict(self._asked(request).station))

    async def _status(self, request: web.Request) -> web.Response:
        self._can("status")
        ids = [station_id for station_id in request.query.get("ids", "").split(",") if station_id]
        if not ids or len(ids) > MOST_IDS:
            raise ProblemError(HTTPStatus.BAD_REQUEST, "ids_out_of_range")
        now = self._fleet.clock.now()
        known = [simulated for station_id in ids if (simulated := self._fleet.with_id(station_id))]
        return _answer({"items": [asdict(simulated.status(now)) for simulated in known], "next": None})

    async def _alarms(self, request: web.Request) -> web.Response:
        self._can("alarms")
        since, only_active = _since(request), request.query.get("active") == "true"
        now = self._fleet.clock.now()
        alarms = [
            asdict(alarm)
            for simulated in self._fleet.all()
            for alarm in simulated.alarms(now)
            if not (only_active and alarm.cleared_at)
            and (since is None or (alarm.cleared_at or alarm.raised_at) >= since)
        ]
        return self._paged(request, alarms)

    async def _signal(self, request: web.Request) -> web.Response:
        self._can("signal")
        return _answer(asdict(self._asked(request).signal(self._fleet.clock.now())))

    async def _nearby(self, request: web.Request) -> web.Response:
        self._can("nearby")
        radius = request.query.get("radius_m", "")
        if not radius.isdecimal():
            raise ProblemError(HTTPStatus.BAD_REQUEST, "bad_radius")
        found = self._fleet.nearby(self._asked(request), float(radius))
        return _answer({"items": [asdict(neighbour) for neighbour in found], "next": None, "complete": True})

    async def _command(self, request: web.Request) -> web.Response:
        simulated = self._asked(request)
        try:
            body = await request.json()
        except ValueError:
            raise ProblemError(HTTPStatus.BAD_REQUEST, "not_json") from None
        order = self._desk.read(body, request.headers.get("Idempotency-Key"))
        self._can(order.type)
        command = self._desk.carry_out(simulated, order)
        status = HTTPStatus.ACCEPTED if order.type == "restart" else HTTPStatus.OK
        return _answer(asdict(command), status)

    async def _old_command(self, request: web.Request) -> web.Response:
        command = self._desk.find(request.match_info["id"])
        if command is None:
            raise ProblemError(HTTPStatus.NOT_FOUND, "unknown_command")
        return _answer(asdict(command))

    def _can(self, capability: str) -> None:
        if getattr(self.capabilities, capability) is not Capability.AUTO:
            raise ProblemError(HTTPStatus.NOT_IMPLEMENTED, "unsupported")

    def _asked(self, request: web.Request) -> SimulatedStation:
        simulated = self._fleet.with_id(request.match_info["id"])
        if simulated is None:
            raise ProblemError(HTTPStatus.NOT_FOUND, "unknown_station")
        return simulated

    def _paged(self, request: web.Request, items: list[dict[str, object]]) -> web.Response:
        """One page; the cursor is the place where it begins."""
        cursor = request.query.get("cursor", "0")
        if not cursor.isdecimal():
            raise ProblemError(HTTPStatus.BAD_REQUEST, "bad_cursor")
        begin = int(cursor)
        end = begin + self._page
        return _answer({"items": items[begin:end], "next": str(end) if end < len(items) else None})


@web.middleware
async def problems_as_answers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns our own problems and aiohttp's (no such path, method, too large) into problem documents."""
    try:
        return await handler(request)
    except ProblemError as problem:
        return problem_response(problem)
    except web.HTTPException as error:
        code = HTTPStatus(error.status).phrase.lower().replace(" ", "_")
        return problem_response(ProblemError(HTTPStatus(error.status), code))


def _since(request: web.Request) -> datetime | None:
    given = request.query.get("since")
    if not given:
        return None
    try:
        since = datetime.fromisoformat(given)
    except ValueError:
        raise ProblemError(HTTPStatus.BAD_REQUEST, "bad_since") from None
    if since.tzinfo is None:
        raise ProblemError(HTTPStatus.BAD_REQUEST, "bad_since")
    return since


def _answer(value: dict[str, object], status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    return web.json_response(value, status=status, dumps=lambda it: json.dumps(it, default=_time))


def _time(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} has no place in an answer")
    return value.isoformat().replace("+00:00", "Z")
