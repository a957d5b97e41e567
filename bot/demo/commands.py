"""Commands to simulated stations: each idempotency key is carried out once and remembered for a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from bot.demo.fleet import Fleet
from bot.demo.problems import ProblemError
from bot.demo.station import HEARTBEAT, SimulatedStation
from bot.portal.contract import Command, Outcome, Setting

KEPT_FOR = timedelta(days=1)
SETTINGS = (
    Setting("HeartbeatInterval", str(HEARTBEAT.seconds), readonly=False),
    Setting("WebSocketPingInterval", "60", readonly=False),
    Setting("NumberOfConnectors", "2", readonly=True),
)


@dataclass(frozen=True, slots=True)
class Order:
    """A caller's wish: `restart` with an expiry, or `get_configuration` with keys and a deadline in ms."""

    key: str
    type: str
    expires_at: datetime | None = None
    keys: tuple[str, ...] = ()
    deadline_ms: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """An order that was carried out."""

    station_id: str
    order: Order
    command: Command
    at: datetime


class CommandDesk:
    """Takes orders for the fleet's stations and remembers what became of them."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._done: dict[str, Done] = {}
        self._count = 0

    def read(self, body: object, key: str | None) -> Order:
        """The order in a request's JSON. Raises ProblemError."""
        if not key:
            raise ProblemError(HTTPStatus.BAD_REQUEST, "idempotency_key_missing")
        if not isinstance(body, dict):
            raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_command")
        match body:
            case {"type": "restart", "expires_at": str(expires_at)}:
                return Order(key, "restart", expires_at=_expiry(expires_at))
            case {"type": "get_configuration", "keys": list(keys), "deadline_ms": int(deadline_ms)}:
                return Order(
                    key, "get_configuration", keys=tuple(str(it) for it in keys), deadline_ms=deadline_ms
                )
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_command")

    def carry_out(self, simulated: SimulatedStation, order: Order) -> Command:
        """Do it, or answer again what was done under this key. Raises ProblemError."""
        now = self._fleet.clock.now()
        self._forget(now)
        done = self._done.get(order.key)
        if done:
            if (done.station_id, done.order) != (simulated.station.id, order):
                raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency_key_reused")
            return done.command
        act = _restart if order.type == "restart" else _get_configuration
        self._count += 1
        command = act(f"command-{self._count}", simulated, order, now)
        self._done[order.key] = Done(simulated.station.id, order, command, now)
        return command

    def find(self, command_id: str) -> Command | None:
        """A command of the last day, None if there is none."""
        self._forget(self._fleet.clock.now())
        return next((done.command for done in self._done.values() if done.command.id == command_id), None)

    def _forget(self, now: datetime) -> None:
        self._done = {key: done for key, done in self._done.items() if now - done.at < KEPT_FOR}


def _restart(command_id: str, simulated: SimulatedStation, order: Order, now: datetime) -> Command:
    if simulated.restarting(now):
        raise ProblemError(HTTPStatus.CONFLICT, "restart_running")
    if order.expires_at and order.expires_at <= now:
        return Command(command_id, Outcome.REJECTED, detail="expired", sent_at=now, answered_at=now)
    return Command(command_id, simulated.restart(now), sent_at=now, answered_at=now)


def _get_configuration(command_id: str, simulated: SimulatedStation, order: Order, now: datetime) -> Command:
    if simulated.silence(now):
        return Command(command_id, Outcome.NOT_CONNECTED, sent_at=now, answered_at=now)
    if simulated.answers_in_ms > order.deadline_ms:
        return Command(command_id, Outcome.TIMEOUT, detail="no answer within the deadline", sent_at=now)
    known = {setting.key for setting in SETTINGS}
    return Command(
        command_id,
        Outcome.ACCEPTED,
        sent_at=now,
        answered_at=now,
        round_trip_ms=simulated.answers_in_ms,
        settings=tuple(setting for setting in SETTINGS if not order.keys or setting.key in order.keys),
        unknown_keys=tuple(key for key in order.keys if key not in known),
    )


def _expiry(given: str) -> datetime:
    try:
        expires_at = datetime.fromisoformat(given)
    except ValueError:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_expiry") from None
    if expires_at.tzinfo is None:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_expiry")
    return expires_at
