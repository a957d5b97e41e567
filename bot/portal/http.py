"""A portal over HTTP, as CONTRACTS describes it: our simulator, or a customer's own gateway.

What a command's end means, since a wrong word here restarts a station twice or waits for nothing:

| what happened                                  | outcome       | why                                    |
|------------------------------------------------|---------------|----------------------------------------|
| no connection could be made                    | `rejected`    | nothing was sent, so nothing happened  |
| sent, no answer in time                        | `timeout`     | it may have arrived                    |
| sent, connection broke, 5xx, 3xx, 408, garbage | `unknown`     | it may have arrived                    |
| 409 and the other 4xx                          | `rejected`    | the portal says it did nothing         |
| 501                                            | `unsupported` | the portal cannot                      |
| 2xx                                            | as answered   |                                        |
"""

import asyncio
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from bot.errors import PortalDown, PortalRefused
from bot.portal import wire
from bot.portal.contract import Alarm, Capabilities, Command, Nearby, Outcome, Signal, Station, Status
from bot.portal.exchange import Exchange, NoAnswerError, NothingSentError, Reply, Sleep, Timings

MOST_PAGES = 100
MOST_IDS = 200
"""Stations in one question about their status."""
REFUSALS: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "the portal does not accept Relink's token",
    HTTPStatus.FORBIDDEN: "the portal does not accept Relink's token for this",
    HTTPStatus.NOT_FOUND: "the portal does not know this station",
    HTTPStatus.CONFLICT: "another restart is running",
    HTTPStatus.TOO_MANY_REQUESTS: "the portal takes no more requests now",
}


class HttpPortal:
    """The `Portal` protocol over HTTP. Reads are repeated with back-off, commands never are.

    `client` may be handed in and then stays the caller's to close; `sleep` and `monotonic` (in seconds) are
    for tests. Raises ConfigWrong at once if the address or the token cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        token: SecretStr | str,
        *,
        client: httpx.AsyncClient | None = None,
        timings: Timings | None = None,
        sleep: Sleep = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        secret = SecretStr(token) if isinstance(token, str) else token
        self._timings = timings or Timings()
        self._exchange = Exchange(base_url, secret, client, self._timings, sleep)
        self._monotonic = monotonic
        self._known: Capabilities | None = None
        self._asked_at = -math.inf
        self._asking = asyncio.Lock()

    async def close(self) -> None:
        """Close the connections."""
        await self._exchange.close()

    async def capabilities(self) -> Capabilities:
        """What this portal can do, at most a minute old; while it is down, what it could do before.

        Raises PortalDown only if it never answered, PortalRefused.
        """
        async with self._asking:
            if self._known is None or self._monotonic() - self._asked_at >= self._timings.capabilities:
                await self._ask_capabilities()
            if self._known is None:
                raise PortalDown("The portal has not answered yet what it can do.")
            return self._known

    async def _ask_capabilities(self) -> None:
        try:
            self._known = wire.to_capabilities(await self._read("capabilities", "/capabilities"))
        except PortalDown:
            if self._known is None:
                raise
        self._asked_at = self._monotonic()

    async def station(self, id_or_serial: str) -> Station | None:
        """The station with this serial, else with this id; None if the portal knows neither.

        Raises PortalDown (also when it answers with another station), PortalRefused.
        """
        name = id_or_serial.strip()
        path = _path(name)
        found = [wire.to_station(item) for item in await self._items("stations", {"serial": name})]
        if not found:
            return await self._station_by_id(name, path)
        wanted = [station for station in found if station.serial.casefold() == name.casefold()]
        if len(wanted) != 1:
            wire.unusable(f"{len(wanted)} of {len(found)} stations have the serial asked for")
        return wanted[0]

    async def _station_by_id(self, station_id: str, path: str) -> Station | None:
        reply = await self._exchange.get(path, {})
        if reply.status == HTTPStatus.NOT_FOUND and reply.problem == "unknown_station":
            return None
        station = wire.to_station(reply.value("stations"))
        if station.id != station_id:
            wire.unusable("it is about another station")
        return station

    async def status(self, station_id: str) -> Status:
        """Connection and sessions of one station.

        Raises PortalDown (also when it answers with another station), PortalRefused (also if unknown there).
        """
        found = [wire.to_status(item) for item in await self._items("status", {"ids": station_id})]
        if not found:
            raise PortalRefused("The portal does not know this station.")
        if len(found) > 1 or found[0].id != station_id:
            wire.unusable("it is about another station")
        return found[0]

    async def statuses(self, station_ids: Sequence[str]) -> tuple[Status, ...]:
        """Connection and sessions of those stations the portal knows, 200 a call. Raises as `status`."""
        found: list[Status] = []
        for first in range(0, len(station_ids), MOST_IDS):
            asked = station_ids[first : first + MOST_IDS]
            some = [wire.to_status(item) for item in await self._items("status", {"ids": ",".join(asked)})]
            if not {one.id for one in some} <= set(asked):
                wire.unusable("it is about other stations")
            found += some
        return tuple(found)

    async def alarms(self, station_id: str) -> tuple[Alarm, ...]:
        """The active alarms of one station, picked from all active ones. Raises PortalDown, PortalRefused."""
        found = [wire.to_alarm(item) for item in await self._items("alarms", {"active": "true"})]
        return tuple(alarm for alarm in found if alarm.station_id == station_id and alarm.cleared_at is None)

    async def signal(self, station_id: str) -> Signal:
        """Signal strength of one station. Raises PortalDown, PortalRefused."""
        return wire.to_signal(await self._read("signal", _path(station_id) + "/signal"))

    async def nearby(self, station_id: str, radius_m: int) -> Nearby:
        """Other stations within `radius_m` metres. Raises PortalDown, PortalRefused."""
        path = _path(station_id) + "/nearby"
        return wire.to_nearby(await self._read("nearby", path, {"radius_m": str(radius_m)}), station_id)

    async def restart(self, station_id: str, *, key: str, expires_at: datetime) -> Command:
        """Restart once; never repeated, never raises for an outcome (see the table above)."""
        expiry = expires_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        body = {"type": "restart", "hard": True, "expires_at": expiry}
        return await self._command(station_id, body, key, self._timings.restart)

    async def get_configuration(
        self, station_id: str, *, keys: tuple[str, ...], key: str, deadline_ms: int
    ) -> Command:
        """Ask the station for settings; never repeated, never raises for an outcome (see the table above).

        Where the portal does not say how long the station took, it is our own measurement around the request.
        """
        body = {"type": "get_configuration", "keys": list(keys), "deadline_ms": deadline_ms}
        started = self._monotonic()
        command = await self._command(station_id, body, key, deadline_ms / 1000 + self._timings.margin)
        if command.outcome is not Outcome.ACCEPTED or command.round_trip_ms is not None:
            return command
        return replace(command, round_trip_ms=math.ceil((self._monotonic() - started) * 1000))

    async def _command(
        self, station_id: str, body: Mapping[str, object], key: str, patience: float
    ) -> Command:
        try:
            reply = await self._exchange.post(_path(station_id) + "/commands", body, key, patience)
            return _command(reply)
        except PortalRefused as refused:
            return Command(None, Outcome.REJECTED, detail=str(refused))
        except NothingSentError:
            return Command(None, Outcome.REJECTED, detail="the portal could not be reached, nothing was sent")
        except NoAnswerError as broken:
            outcome = Outcome.TIMEOUT if broken.late else Outcome.UNKNOWN
            return Command(None, outcome, detail=f"the portal gave no answer: {broken}")
        except PortalDown as down:
            return Command(None, Outcome.UNKNOWN, detail=str(down))

    async def _read(self, call: str, path: str, params: Mapping[str, str] | None = None) -> object:
        return (await self._exchange.get(path, params or {})).value(call)

    async def _items(self, call: str, params: Mapping[str, str]) -> list[object]:
        """The items of all pages. A portal that turns in circles or takes its time is down, not read for ever."""
        patience = self._timings.whole_list
        try:
            async with asyncio.timeout(patience):
                return await self._all_pages(call, params)
        except TimeoutError:
            raise PortalDown(f"The portal did not tell all {call} within {patience:g} seconds.") from None

    async def _all_pages(self, call: str, params: Mapping[str, str]) -> list[object]:
        query, cursors, last = dict(params), set[str](), list[object]()
        found: list[object] = []
        for _ in range(MOST_PAGES):
            page = wire.Record(call, await self._read(call, f"/{call}", query))
            items, cursor = page.items(), page.maybe_text("next")
            if cursor in cursors or (items and items == last):
                wire.unusable("the same page comes again and again")
            found += items
            if cursor is None:
                return found
            cursors.add(cursor)
            query["cursor"], last = cursor, items
        return wire.unusable(f"it has more than {MOST_PAGES} pages")


def _path(station_id: str) -> str:
    """The station's address. Dots would climb out of it, nothing would be the list. Raises PortalRefused."""
    if station_id in {"", ".", ".."}:
        raise PortalRefused("This is no station's id.")
    return "/stations/" + quote(station_id, safe="")


def _command(reply: Reply) -> Command:
    """What an answer to a command says. Raises PortalDown where it cannot be told."""
    if HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
        return wire.to_command(wire.decode(reply.body))
    if reply.status == HTTPStatus.NOT_IMPLEMENTED:
        return Command(None, Outcome.UNSUPPORTED, detail="the portal cannot do this by itself")
    client_error = HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR
    if client_error and reply.status != HTTPStatus.REQUEST_TIMEOUT:
        why = REFUSALS.get(reply.status) or f"the portal did not take it: {reply.problem or reply.status}"
        return Command(None, Outcome.REJECTED, detail=why)
    return wire.unusable(f"the command was answered with status {reply.status}")
