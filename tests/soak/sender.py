"""An alarm service as a real one: every request has an id of its own and is sent until it was taken."""

import hashlib
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import aiohttp
from standardwebhooks import Webhook

from bot.demo.station import SimulatedStation
from bot.portal.contract import Alarm
from tests.soak.ledger import Ledger, Occurrence
from tests.stories.killable import Killable

PATIENCE = aiohttp.ClientTimeout(total=5)
TWICE = 0.2
"""How many of the requests that were taken are sent once more, as after an answer that was lost."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One request that waits to be taken."""

    id: str
    body: str
    occurrences: tuple[Occurrence, ...]


class Sender:
    """Writes a request for what was raised or cleared since it last looked, and sends what waits."""

    def __init__(self, world: Killable, ledger: Ledger, chance: random.Random) -> None:
        self._world = world
        self._ledger = ledger
        self._chance = chance
        self._written: set[Occurrence] = set()
        self.waiting: list[Letter] = []

    def look(self) -> None:
        """Write down what happened."""
        now = self._world.clock.now()
        alerts = {
            (alarm.id, status): _alert(simulated, alarm, status)
            for simulated in self._world.town.fleet.all()
            for alarm in simulated.alarms(now)
            for status, when in (("raised", alarm.raised_at), ("cleared", alarm.cleared_at))
            if when is not None and (alarm.id, status) not in self._written
        }
        if alerts:
            body = json.dumps({"alerts": list(alerts.values())})
            name = hashlib.sha256(body.encode()).hexdigest()[:32]
            self.waiting.append(Letter(name, body, tuple(alerts)))
            self._written.update(alerts)

    async def send(self) -> None:
        """Send every request that waits, once; what is not taken goes on waiting."""
        for letter in list(self.waiting):
            if not await self._send(letter):
                return
            if self._chance.random() < TWICE:
                await self._send(letter)
            self.waiting.remove(letter)

    async def _send(self, letter: Letter) -> bool:
        sent_at = datetime.now(UTC)
        signature = Webhook(self._world.town.secrets.alerts).sign(letter.id, sent_at, letter.body)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": letter.id,
            "webhook-timestamp": str(int(sent_at.timestamp())),
            "webhook-signature": signature,
        }
        try:
            async with (
                aiohttp.ClientSession(timeout=PATIENCE) as session,
                session.post(f"{self._world.address}/alerts", data=letter.body, headers=headers) as answer,
            ):
                taken = answer.status == HTTPStatus.ACCEPTED
                results: list[dict[str, Any]] = (await answer.json())["results"] if taken else []
        except (aiohttp.ClientError, TimeoutError):
            taken, results = False, []
        if not taken:
            self._ledger.unanswered_alerts += 1
        for occurrence, result in zip(letter.occurrences, results, strict=False):
            self._ledger.alerts.setdefault(occurrence, result)
        return taken


def _alert(simulated: SimulatedStation, alarm: Alarm, status: str) -> dict[str, Any]:
    cleared_at = alarm.cleared_at if status == "cleared" else None
    heard = simulated.last_communication(cleared_at or alarm.raised_at)
    return {
        "alert_id": alarm.id,
        "code": alarm.code,
        "status": status,
        "station": {"serial": simulated.station.serial, "id": simulated.station.id},
        "raised_at": alarm.raised_at.isoformat(),
        "cleared_at": cleared_at.isoformat() if cleared_at else None,
        "last_communication": heard.isoformat(),
    }
