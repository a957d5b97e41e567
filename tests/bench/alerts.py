"""`POST /alerts`, one signed alert a request, held against the same use case called directly through the writer."""

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path

from bot import memory
from bot.incidents import intake
from bot.incidents.intake import AlertIn
from tests.bench.report import Line, ratio_line
from tests.bench.seed import alert, serials
from tests.bench.sending import signed_alert
from tests.bench.volley import IN_FLIGHT, Answer, Client, percentile
from tests.world import World, a_world

ENOUGH = 0.5


async def measure(folder: Path, client: Client, rounds: int, alerts: int) -> list[Line]:
    """So many alerts a round, directly and over HTTP in turns, and a round more to warm up.

    Every alert is of a station of its own and must open an incident.
    """
    limits, ours = [], []
    answers: list[Answer] = []
    async with a_world(folder) as world:
        memory.started_up()  # as `serve` does
        now, port = world.clock.now(), int(world.address.rpartition(":")[2])
        for number in range(rounds + 1):
            sent = [alert(serial, now) for serial in serials(alerts, f"HTTP-{number}")]
            given = [alert(serial, now) for serial in serials(alerts, f"DIRECT-{number}")]
            limits.append(await _directly(world, given))
            volley = await client.fire(port, [signed_alert(world.town.secrets.alerts, one) for one in sent])
            opened = [json.loads(answer.body)["results"][0]["outcome"] for answer in volley.answers]
            assert set(opened) == {"opened"}, f"alerts were answered with {set(opened)}"
            ours.append(volley.per_second)
            answers += volley.answers if number else []
    p99 = round(percentile(answers, 99), 1)
    return [ratio_line("alerts, of the direct call", ours[1:], limits[1:], at_least=ENOUGH, p99_ms=p99)]


async def _directly(world: World, alerts: Sequence[AlertIn]) -> float:
    """Alerts a second when `IN_FLIGHT` callers hand them to the writer one by one."""
    deps = world.house.deps
    left = iter(alerts)

    async def caller() -> None:
        for one in left:
            (result,) = await deps.db.write(intake.take, "direct", [one], deps.rules, deps.clock.now())
            assert result.outcome == "opened"

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(IN_FLIGHT)))
    return len(alerts) / (time.perf_counter() - started)
