"""Sends the simulated fleet's alerts to the bot, signed, as a customer's alert source would."""

import asyncio
import hashlib
import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Protocol

import aiohttp
from standardwebhooks import Webhook

from bot.clock import Clock
from bot.demo.fleet import Fleet
from bot.demo.station import SimulatedStation
from bot.portal.contract import Alarm

PATIENCE = aiohttp.ClientTimeout(total=10)


class Told(Protocol):
    """Takes note of what was sent; `status` is None if there was no answer."""

    def __call__(self, *, status: int | None, request: object, answer: object) -> None:
        """Never raises."""
        ...


Occurrence = tuple[str, str]
"""An alarm's id and `raised` or `cleared`: each is sent until the bot has taken it, and then never again."""


class AlertFeed:
    """Posts what was raised and cleared since the last call to `url`, the bot's POST /alerts.

    `secret` is a Standard Webhooks secret (`whsec_` and base64). The alerts carry the demo's times, the
    signature real ones.
    """

    def __init__(self, fleet: Fleet, url: str, secret: str, clock: Clock, told: Told | None = None) -> None:
        self._fleet = fleet
        self._url = url
        self._webhook = Webhook(secret)
        self._clock = clock
        self._told = told
        self._sent: set[Occurrence] = set()
        self._sending = asyncio.Lock()

    async def send_due(self) -> int:
        """Send what is due in one request and say how many alerts the bot took.

        What it did not take waits for the next call; nothing is raised.
        """
        async with self._sending:
            due = self._due()
            if not due or not await self._post(list(due.values())):
                return 0
            self._sent.update(due)
            return len(due)

    def _due(self) -> dict[Occurrence, dict[str, object]]:
        now = self._clock.now()
        happened = [
            (when, (alarm.id, status), _alert(simulated, alarm, status))
            for simulated in self._fleet.all()
            for alarm in simulated.alarms(now)
            for status, when in (("raised", alarm.raised_at), ("cleared", alarm.cleared_at))
            if when is not None and (alarm.id, status) not in self._sent
        ]
        happened.sort(key=lambda entry: entry[:2])
        return {occurrence: alert for _, occurrence, alert in happened}

    async def _post(self, alerts: list[dict[str, object]]) -> bool:
        body = json.dumps({"alerts": alerts})
        message_id = "demo-" + hashlib.sha256(body.encode()).hexdigest()[:32]
        sent_at = datetime.now(UTC)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(sent_at.timestamp())),
            "webhook-signature": self._webhook.sign(message_id, sent_at, body),
        }
        status, said = None, ""
        try:
            async with (
                aiohttp.ClientSession(timeout=PATIENCE) as session,
                session.post(self._url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                status, said = answer.status, await answer.text()
        except (aiohttp.ClientError, TimeoutError):
            pass
        if self._told is not None:
            self._told(status=status, request=body, answer=said)
        return status == HTTPStatus.ACCEPTED


def _alert(simulated: SimulatedStation, alarm: Alarm, status: str) -> dict[str, object]:
    station = simulated.station
    cleared_at = alarm.cleared_at if status == "cleared" else None
    heard_until = cleared_at or alarm.raised_at
    return {
        "alert_id": alarm.id,
        "code": alarm.code,
        "status": status,
        "station": {
            "serial": station.serial,
            "id": station.id,
            "name": station.name,
            "site": station.site,
            "area": station.area,
            "carrier": station.carrier,
            "generation": station.generation,
            "latitude": station.latitude,
            "longitude": station.longitude,
        },
        "raised_at": alarm.raised_at.isoformat(),
        "cleared_at": cleared_at.isoformat() if cleared_at else None,
        "last_communication": simulated.last_communication(heard_until).isoformat(),
    }
